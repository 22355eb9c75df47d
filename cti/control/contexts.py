"""The names of our own contexts in the PBX's dialplan, and of the variables that they read.

What they do is in the include that ``cti dialplan`` writes; commands send channels into them.
Neighbours: ``service`` and ``consulting`` use them, ``ami_listener.dialplan`` writes them.
"""

from __future__ import annotations

DIAL = "tamas-dial"
TRANSFER = "tamas-transfer"
HOLD = "tamas-hold"
KEEP = "tamas-keep"
CONSULT = "tamas-consult"
TALK = "tamas-talk"
CONFERENCE = "tamas-conference"
ECHO = "tamas-echo"
INTO_QUEUE = "tamas-queue"
"""The extension is the queue's name."""
CONTEXTS = (DIAL, TRANSFER, HOLD, KEEP, CONSULT, TALK, CONFERENCE, INTO_QUEUE, ECHO)
START = "s"
ROOM = "tamas-"
"""What the names of our conferences begin with."""

CALLER = "TAMAS_CALLER"
"""The extension of whoever calls."""
SHOWN = "TAMAS_SHOWN"
"""The number that the called party is shown, where it is not that of the phone."""
BY = "TAMAS_BY"
PHONE = "TAMAS_PHONE"
SECONDS = "TAMAS_SECONDS"
QUEUE = "TAMAS_QUEUE"
CONSULTING = "TAMAS_CONSULT"
WITH = "TAMAS_WITH"
WAITS = "TAMAS_WAITS"
DONE = "TAMAS_DONE"
