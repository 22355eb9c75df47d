"""``/api/v1/calls/{id}/monitor`` and ``/api/v1/monitors``: hear a call of one's teams, with a phone or in the browser.

What becomes of it is pushed to who listens (topic ``messages``, ``kind: monitor``).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cti.control.monitor import Monitor
from cti.control.port import SpyMode
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import Monitoring, MonitorState, ref, whole_list

PLACE = (("id", "The call's id"),)
LISTEN = "monitor.listen"
PROBLEMS = (400, 404, 409, 422, 503)


class Listening(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``listen``: nobody hears me; ``whisper``: the agent alone; ``barge``: everybody. Speaking needs a phone.
    ``with``: left out, listening is in the browser where PBXs bring the sound here, and else with my phone."""

    mode: SpyMode = "listen"
    by: Literal["browser", "phone", ""] = msgspec.field(name="with", default="")


async def _start(asked: Asked) -> Monitoring:
    body = asked.body(Listening)
    spying = asked.services.spying
    browser = body.by == "browser" or (body.by == "" and body.mode == "listen" and spying.ears is not None)
    found = await spying.start(asked.actor, asked.place("id"), body.mode, browser=browser)
    if browser:
        return Monitoring(found.id, found.agent, audio=f"/listen/{found.id}")
    return Monitoring(found.id, found.agent, uniqueid=found.uniqueid)


async def _stop(asked: Asked) -> None:
    await asked.services.spying.stop(asked.actor, asked.place("id"))


async def _mine(asked: Asked) -> dict[str, Any]:
    spying = asked.services.spying
    mine = [_told(one, False) for one in spying.running(asked.actor)]
    heard = spying.heard(asked.actor) if spying.told else ()
    return {"items": [*mine, *(_told(one, True) for one in heard)], "next": None}


def _told(monitor: Monitor, of_me: bool) -> MonitorState:
    return MonitorState(
        monitor.id,
        monitor.call,
        monitor.mode,
        "browser" if monitor.browser else "phone",
        monitor.extension,
        monitor.agent,
        monitor.state,
        rfc3339(monitor.heard_at or monitor.since) or "",
        monitor.by,
        of_me,
    )


MONITORING: tuple[Operation, ...] = (
    Operation("POST", "/api/v1/calls/{id}/monitor", "monitorCall", "Hear a call of one's teams, or speak in it",
              ref(Monitoring), _start, body=Listening, permission=LISTEN, places=PLACE,
              problems=PROBLEMS, status=202),
    Operation("GET", "/api/v1/monitors", "listMonitors", "What I hear now, and who hears me where I am told",
              whole_list(ref(MonitorState)), _mine, permission="monitor.listen|desk.use"),
    Operation("DELETE", "/api/v1/monitors/{id}", "stopMonitor", "Listen no more", None, _stop,
              permission=LISTEN, places=(("id", "Of the monitor"),), problems=(404, 503)),
)  # fmt: skip
