"""The PBX's own truth: its call detail records (CDR) and channel event log (CEL), read as calls.

Written by Asterisk itself, whether or not we were connected, so it can tell what we missed. A way of its
own from rows to records, apart from the live tracker's: each is a check on the other.

``csvfiles`` and ``database`` read rows, ``channels`` makes channels of them, ``talks`` says who heard whom,
``moves`` finds queues and transfers, ``calls`` puts the record together, ``source`` answers for a period.
"""
