"""``/api/v1/calls``: calling by a click, and commands on calls of one's own. That something was accepted says only that
the PBX took it on; what becomes of it is pushed (topic ``pops``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cti.control.recordings import LONGEST_PAUSE, PAUSE_SECONDS
from cti.control.service import Commands, Dialled
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import Paused, ref

To = Annotated[str, Meta(min_length=1, max_length=64, description="A number or extension, in any form")]
Short = Annotated[str, Meta(max_length=128)]


class Dialling(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``queue``: on whose behalf (it decides which number the called see); ``phone``: which extension of one's own
    rings; ``anyway``: also somebody who is not to be called, for who may."""

    to: To
    contact: Short = ""
    queue: Short = ""
    phone: Short = ""
    anyway: bool = False


class Transferring(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Either to a number (``to``) or to a ``queue`` by its name. ``attended``: ask there first, then complete, swap,
    cancel or join; a queue is not asked."""

    to: Annotated[str, Meta(max_length=64, description="A number or extension, in any form")] = ""
    queue: Short = ""
    kind: Literal["blind", "attended"] = "blind"


class Keys(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    keys: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[0-9A-D*#]+$")]


class Switch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    on: bool = True


class Pause(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``seconds``: after which it resumes by itself."""

    on: bool = True
    seconds: Annotated[float, Meta(ge=1, le=LONGEST_PAUSE)] = PAUSE_SECONDS


def _commands(asked: Asked) -> Commands:
    return asked.services.commands


async def _dial(asked: Asked) -> Dialled:
    body = asked.body(Dialling)
    return await _commands(asked).dial(
        asked.actor, body.to, queue=body.queue, contact=body.contact, phone=body.phone, anyway=body.anyway
    )


async def _fetch(asked: Asked) -> Dialled:
    return await _commands(asked).fetch(asked.actor, asked.place("id"))


async def _transfer(asked: Asked) -> None:
    body = asked.body(Transferring)
    if body.queue and not body.to and body.kind == "blind":
        await _commands(asked).to_queue(asked.actor, asked.place("id"), body.queue)
    else:
        await _commands(asked).transfer(asked.actor, asked.place("id"), body.to, attended=body.kind == "attended")


async def _dtmf(asked: Asked) -> None:
    await _commands(asked).dtmf(asked.actor, asked.place("id"), asked.body(Keys).keys)


async def _record(asked: Asked) -> None:
    await _commands(asked).record(asked.actor, asked.place("id"), asked.body(Switch).on)


async def _pause(asked: Asked) -> Paused:
    body = asked.body(Pause)
    until = await _commands(asked).pause_recording(asked.actor, asked.place("id"), body.on, body.seconds)
    return Paused(rfc3339(until))


USE = "desk.use"
PLACE = (("id", "The call's id"),)
PROBLEMS = (400, 404, 409, 422, 503)


def _plain(verb: str, name: str, summary: str, command: Callable[[Commands, Any, str], Awaitable[None]]) -> Operation:
    async def run(asked: Asked) -> None:
        await command(_commands(asked), asked.actor, asked.place("id"))

    return Operation("POST", f"/api/v1/calls/{{id}}/{verb}", name, summary, None, run,
                     permission=USE, places=PLACE, problems=PROBLEMS)  # fmt: skip


CONTROL: tuple[Operation, ...] = (
    Operation("POST", "/api/v1/calls", "dial", "Call a number: one's own phone rings first", ref(Dialled), _dial,
              body=Dialling, permission="calls.dial", problems=PROBLEMS, status=202),
    _plain("answer", "answerCall", "Take the call that rings at one's phone", Commands.answer),
    _plain("hangup", "hangUpCall", "Hang up, or reject what rings", Commands.hangup),
    _plain("hold", "holdCall", "Put the call on hold", Commands.hold),
    _plain("unhold", "unholdCall", "Take the call back from hold", Commands.unhold),
    Operation("POST", "/api/v1/calls/{id}/transfer", "transferCall", "Hand the call over, at once or after asking",
              None, _transfer, body=Transferring, permission=USE, places=PLACE, problems=PROBLEMS),
    _plain("complete", "completeTransfer", "Join the caller with whom one asked, and leave", Commands.complete),
    _plain("swap", "swapCalls", "Talk with the one who waits, and let the other wait", Commands.swap),
    _plain("cancel", "cancelTransfer", "Back to the caller, and let go of whom one asked", Commands.cancel),
    _plain("join", "joinCalls", "All three talk with each other", Commands.join),
    _plain("park", "parkCall", "Put the call into the parking lot", Commands.park),
    Operation("POST", "/api/v1/calls/{id}/fetch", "fetchCall", "Take a parked call back", ref(Dialled), _fetch,
              permission=USE, places=PLACE, problems=PROBLEMS, status=202),
    Operation("POST", "/api/v1/calls/{id}/dtmf", "pressKeys", "Let the other side hear keys", None, _dtmf,
              body=Keys, permission=USE, places=PLACE, problems=PROBLEMS),
    Operation("POST", "/api/v1/calls/{id}/record", "recordCall", "Record the call, or stop", None, _record,
              body=Switch, permission=USE, places=PLACE, problems=PROBLEMS),
    Operation("POST", "/api/v1/calls/{id}/pause-recording", "pauseRecording",
              "Record silence while a card number is spoken, or sound again", ref(Paused), _pause,
              body=Pause, permission=USE, places=PLACE, problems=PROBLEMS),
)  # fmt: skip
