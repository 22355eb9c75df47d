"""The include for the PBX's dialplan: contexts of our own that calls from the screen go through.

A whole file for ``/etc/asterisk``, which nobody edits by hand, and one ``#include`` line that somebody adds. Users'
own contexts are only called (``Goto``, ``Dial`` of a Local channel), never changed. What each context does is in
``docs/dialplan.md``; ``cti.control.service`` sends channels into them, by the names of ``cti.control.contexts``.

Applications and functions: those of Asterisk 13 to 23. A number comes as an extension, and is passed on only if it
consists of dialling characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cti.control.contexts import CONFERENCE, CONSULT, DIAL, ECHO, HOLD, INTO_QUEUE, KEEP, TALK, TRANSFER
from cti.kernel.errors import N_, InvalidError
from cti.live.profile import Preset

FILE = "extensions_tamas.conf"
OUT: dict[Preset, str] = {"plain": "internal", "freepbx": "from-internal", "issabel": "from-internal"}
"""The context in which phones dial; ``plain`` has to say which one is his."""
INCLUDED_BY: dict[Preset, str] = {
    "plain": "extensions.conf",
    "freepbx": "extensions_custom.conf",
    "issabel": "extensions_custom.conf",
}
"""The file that the distribution leaves to its owner."""
_BACK: dict[Preset, str] = {
    "plain": "Queue(${TAMAS_QUEUE})",
    "freepbx": "Goto(<out>,${TAMAS_QUEUE},1)",  # there a queue's name is its number, and dialling it sets all it needs
    "issabel": "Goto(<out>,${TAMAS_QUEUE},1)",
}
_INTO: dict[Preset, str] = {
    "plain": "Queue(${EXTEN})",
    "freepbx": "GotoIf($[${DIALPLAN_EXISTS(<out>,${EXTEN},1)}]?<out>,${EXTEN},1)",
    "issabel": "GotoIf($[${DIALPLAN_EXISTS(<out>,${EXTEN},1)}]?<out>,${EXTEN},1)",
}
_CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,79}").fullmatch


_PLACE = re.compile(r"<([a-z]+)>")


_INCLUDE = r"""; Tamas: contexts for calls from the screen. Written by "cti dialplan"; your own files stay as they are.
; What to add once, by hand, at the end of <included>:
;
;     #include <file>
;
; then: asterisk -rx "dialplan reload". Phones here dial in the context "<out>".

; A call by a click: one's own phone is up, and the extension is whom to call.
[<dial>]
exten => _[0-9+*#]!,1,GotoIf($["${FILTER(0-9+*#,${EXTEN})}" != "${EXTEN}"]?wrong)
 same => n,Set(CALLERID(name)=)
 same => n,Set(CALLERID(num)=${FILTER(0-9+,${TAMAS_CALLER})})
 same => n,ExecIf($["${TAMAS_SHOWN}" != ""]?Set(<shown>=${FILTER(0-9+,${TAMAS_SHOWN})}))
 same => n,GotoIf($[${DIALPLAN_EXISTS(<out>,${EXTEN},1)}]?<out>,${EXTEN},1)
 same => n(wrong),Hangup(1)

; A caller who is handed over: to the extension, or back to whom he talked with where there is no such number.
[<transfer>]
exten => _[0-9+*#]!,1,GotoIf($["${FILTER(0-9+*#,${EXTEN})}" != "${EXTEN}"]?<keep>,s,1)
 same => n,GotoIf($[${DIALPLAN_EXISTS(<out>,${EXTEN},1)}]?<out>,${EXTEN},1)
 same => n,Goto(<keep>,s,1)

; A party that waits with music while TAMAS_BY (a channel) talks with somebody else; when that one is gone, it is kept.
[<hold>]
exten => s,1,Answer()
 same => n,StartMusicOnHold()
 same => n(wait),Wait(1)
 same => n,GotoIf($["${IMPORT(${TAMAS_BY},TAMAS_CONSULT)}" != ""]?wait)
 same => n,StopMusicOnHold()
 same => n,Goto(<keep>,s,1)

; Nobody is lost: music, TAMAS_PHONE rung for TAMAS_SECONDS, then TAMAS_QUEUE, which the call came from.
[<keep>]
exten => s,1,GotoIf($["${TAMAS_PHONE}" = ""]?queue)
 same => n,Answer()
 same => n,Set(TAMAS_UNTIL=$[${EPOCH} + ${IF($["${TAMAS_SECONDS}" = ""]?30:${TAMAS_SECONDS})}])
 same => n,StartMusicOnHold()
 same => n(ring),GotoIf($[${EPOCH} >= ${TAMAS_UNTIL}]?queue)
 same => n,Dial(${TAMAS_PHONE},$[${TAMAS_UNTIL} - ${EPOCH}],m)
 same => n,GotoIf($["${DIALSTATUS}" = "ANSWER"]?over)
 same => n,StartMusicOnHold()
 same => n,Wait(1)
 same => n,Goto(ring)
 same => n(queue),StopMusicOnHold()
 same => n,GotoIf($["${TAMAS_QUEUE}" = ""]?over)
 same => n,<back>
 same => n(over),Hangup()

; Who consults: calls the extension. When that one is gone or did not answer, back to TAMAS_WAITS.
[<consult>]
exten => _[0-9+*#]!,1,GotoIf($["${FILTER(0-9+*#,${EXTEN})}" != "${EXTEN}"]?back)
 same => n,Set(CALLERID(name)=)
 same => n,Set(CALLERID(num)=${FILTER(0-9+,${TAMAS_CALLER})})
 same => n,GotoIf($[${DIALPLAN_EXISTS(<out>,${EXTEN},1)}]?dial)
 same => n,PlayTones(congestion)
 same => n,Wait(1)
 same => n,Goto(back)
 same => n(dial),Dial(Local/${EXTEN}@<out>/n,60)
 same => n,GotoIf($["${TAMAS_DONE}" != ""]?over)
 same => n,GotoIf($["${DIALSTATUS}" = "ANSWER"]?back)
 same => n,PlayTones(busy)
 same => n,Wait(1)
 same => n(back),StopPlayTones()
 same => n,Goto(<talk>,s,back)
 same => n(over),Hangup()

; Joins with TAMAS_WITH (a channel); after that with TAMAS_WAITS. A caller whose other party was gone is kept.
[<talk>]
exten => s,1,Bridge(${TAMAS_WITH},x)
 same => n,GotoIf($["${TAMAS_DONE}" != ""]?over)
 same => n,GotoIf($["${BRIDGERESULT}" != "SUCCESS" & "${TAMAS_PHONE}" != ""]?<keep>,s,1)
 same => n(back),GotoIf($["${TAMAS_WAITS}" = ""]?over)
 same => n,Bridge(${TAMAS_WAITS},x)
 same => n(over),Hangup()

; Three talk: the extension names the room.
[<conference>]
exten => _X!,1,Answer()
 same => n,Set(CONFBRIDGE(user,quiet)=yes)
 same => n,Set(CONFBRIDGE(user,announce_only_user)=no)
 same => n,Set(CONFBRIDGE(user,music_on_hold_when_empty)=yes)
 same => n,ConfBridge(tamas-${EXTEN})
 same => n,Hangup()

; A queue by its name: the extension. Who cannot enter it, or is let go by it, is kept. (h: who has hung up.)
[<queue>]
exten => h,1,Hangup()
exten => _[0-9A-Za-z_]!,1,GotoIf($["${FILTER(0-9A-Za-z_.@\x2D,${EXTEN})}" != "${EXTEN}"]?<keep>,s,1)
 same => n,<into>
 same => n,Goto(<keep>,s,1)

; One hears oneself: the test of microphone and speaker.
[<echo>]
exten => s,1,Answer()
 same => n,Set(TIMEOUT(absolute)=300)
 same => n,Wait(0.5)
 same => n,Echo()
 same => n,Hangup()
"""


def text(preset: Preset = "plain", context: str = "") -> str:
    """The file. ``context``: in which phones dial; empty: the preset's. Raises ``InvalidError``."""
    out = context or OUT[preset]
    if not _CONTEXT(out):
        raise InvalidError(N_("%(name)s cannot be the name of a context."), name=out)
    names = {
        "dial": DIAL, "transfer": TRANSFER, "hold": HOLD, "keep": KEEP, "consult": CONSULT, "talk": TALK,
        "conference": CONFERENCE, "echo": ECHO, "queue": INTO_QUEUE, "out": out, "file": FILE,
        "included": INCLUDED_BY[preset],
        "shown": "CALLERID(num)" if preset == "plain" else "__TRUNKCIDOVERRIDE",
    }  # fmt: skip
    return _filled(_INCLUDE, names | {"back": _filled(_BACK[preset], names), "into": _filled(_INTO[preset], names)})


def _filled(template: str, names: Mapping[str, str]) -> str:
    """``<name>`` is ours to fill; ``${NAME}`` and ``$[ ]`` are Asterisk's."""
    return _PLACE.sub(lambda place: names[place[1]], template)
