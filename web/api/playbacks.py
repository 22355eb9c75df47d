"""``/api/v1/playbacks``: the live page as it was. What is shown then comes by push, on the topic ``playback:ID``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cti.live.record import rfc3339
from screenpop.playbacks import SPEEDS, VIEW
from web.api.operation import Asked, Operation

Moment = Annotated[dt.datetime, Meta(tz=True)]
Speed = Annotated[float, Meta(ge=SPEEDS[0], le=SPEEDS[-1])]


class PlaybackBegin(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``at``: where to begin. ``speed``: 1, 2, 5, 10, 30 or 60 times. ``playing``: go on from there, or stand."""

    at: Moment
    speed: Speed = 1.0
    playing: bool = True


class PlaybackChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. ``at``: jump there."""

    at: Moment | None = None
    speed: Speed | None = None
    playing: bool | None = None


async def _range(asked: Asked) -> dict[str, Any]:
    found = await asked.services.playbacks.range(asked.actor)
    start, end = found or (None, None)
    return {"from": rfc3339(start), "to": rfc3339(end)}


async def _begin(asked: Asked) -> dict[str, Any]:
    wanted = asked.body(PlaybackBegin)
    at = wanted.at.timestamp()
    return await asked.services.playbacks.start(asked.actor, at, wanted.speed, playing=wanted.playing)


async def _change(asked: Asked) -> dict[str, Any]:
    wanted = asked.body(PlaybackChange)
    at = None if wanted.at is None else wanted.at.timestamp()
    return await asked.services.playbacks.change(
        asked.actor, asked.place("id"), at=at, speed=wanted.speed, playing=wanted.playing
    )


async def _end(asked: Asked) -> None:
    await asked.services.playbacks.end(asked.actor, asked.place("id"))


_MOMENT = {"type": "string", "format": "date-time"}
_RANGE = {
    "type": "object",
    "required": ["from", "to"],
    "properties": {name: {"type": ["string", "null"], "format": "date-time"} for name in ("from", "to")},
}
_FIELDS: dict[str, Any] = {
    "id": {"type": "string"},
    "topic": {"type": "string"},
    "at": _MOMENT,
    "from": _MOMENT,
    "to": _MOMENT,
    "speed": {"type": "number"},
    "playing": {"type": "boolean"},
    "state": {"enum": ["reading", "ready", "now", "failed"]},
    "progress": {"type": "number", "minimum": 0, "maximum": 1},
}
_PLAYBACK = {"type": "object", "required": list(_FIELDS), "properties": _FIELDS}
_ID = (("id", "The playback's id"),)

PATH = "/api/v1/playbacks"
PLAYBACKS: tuple[Operation, ...] = (
    Operation("GET", f"{PATH}/range", "getPlaybackRange", "From when to when the past can be played", _RANGE, _range,
              permission=VIEW, tag="playbacks"),
    Operation("POST", PATH, "startPlayback", "Play the past, in place of what I play now", _PLAYBACK, _begin,
              body=PlaybackBegin, permission=VIEW, problems=(400, 409), status=201, tag="playbacks"),
    Operation("PATCH", f"{PATH}/{{id}}", "changePlayback", "Jump, change the speed, stop or go on", _PLAYBACK, _change,
              body=PlaybackChange, permission=VIEW, places=_ID, problems=(400, 404), tag="playbacks"),
    Operation("DELETE", f"{PATH}/{{id}}", "endPlayback", "End a playback of mine", None, _end, permission=VIEW,
              places=_ID, problems=(404,), tag="playbacks"),
)  # fmt: skip
