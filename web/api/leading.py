"""``/api/v1/calls/{id}/…`` of somebody who leads: end, take over, put first and move the calls of his teams.

What becomes of it is pushed with the call.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cti.control.steering import ACT, Taking
from web.api.operation import Asked, Operation
from web.api.schema import ref

Name = Annotated[str, Meta(max_length=127)]
PLACE = (("id", "The call's id"),)
PROBLEMS = (400, 404, 409, 422, 503)


class Moving(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Either to another ``queue`` (its name), or to an ``agent`` (the id of a user)."""

    queue: Name = ""
    agent: Name = ""


async def _end(asked: Asked) -> None:
    await asked.services.steering.end(asked.actor, asked.place("id"))


async def _take_over(asked: Asked) -> Taking:
    return await asked.services.steering.take_over(asked.actor, asked.place("id"))


async def _front(asked: Asked) -> None:
    await asked.services.steering.front(asked.actor, asked.place("id"))


async def _move(asked: Asked) -> None:
    body = asked.body(Moving)
    await asked.services.steering.move(asked.actor, asked.place("id"), queue=body.queue, agent=body.agent)


def _act(verb: str, name: str, summary: str, run: Any, **more: Any) -> Operation:
    more = {"answers": None} | more
    return Operation("POST", f"/api/v1/calls/{{id}}/{verb}", name, summary, run=run, permission=ACT, places=PLACE,
                     problems=PROBLEMS, **more)  # fmt: skip


LEADING: tuple[Operation, ...] = (
    _act("end", "endCall", "Hang up everybody in a call of one's teams", _end),
    _act("takeover", "takeCallOver", "Take a call of one's teams over: one's own phone rings", _take_over,
         answers=ref(Taking), status=202),
    _act("front", "putFirst", "Put who waits before all others in his queue", _front),
    _act("move", "moveCaller", "Send who waits to another queue, or to an agent", _move, body=Moving),
)  # fmt: skip
