"""The past played again: the board as it was, in a process of its own, from the journals and the agents' events.

``archive`` asks the log what must be known of a moment, ``worker`` is the process, ``board`` its board, ``process``
starts it and speaks ``frames`` with it, ``wiring`` joins it to the product.
"""
