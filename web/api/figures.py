"""``/api/v1/figures``: service levels, waits and times of queues and agents, and the rules by which they are counted.

The keys are those of ``cti.live.today``: percent to a tenth, seconds, and null where there is nothing to divide.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cti.live.figures import (
    OCCUPANCY_FORMULAS,
    SERVICE_LEVEL_FORMULAS,
    FigureRules,
    Minutes,
    OccupancyName,
    QueueRule,
    Threshold,
)
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import ref

Moment = Annotated[dt.datetime, Meta(tz=True)]


class FigureQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``from`` and ``to``: today, if left out; at most 31 days."""

    from_: Annotated[Moment, Meta(description="The period begins")] | None = msgspec.field(default=None, name="from")
    to: Annotated[Moment, Meta(description="The period ends; this moment is no part of it")] | None = None
    interval: Annotated[Minutes, Meta(description="Minutes; as the rules have it, if left out")] | None = None
    queue: Annotated[str, Meta(max_length=100, description="Only this queue")] = ""
    agent: Annotated[str, Meta(max_length=64, description="Only this user; intervals are then his")] = ""


class FigureRulesWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rules as they shall be. ``version``: the one that was read."""

    queues: Annotated[tuple[QueueRule, ...], Meta(min_length=1, max_length=500)]
    occupancy: OccupancyName = "available"
    interval_minutes: Minutes = 30
    now_minutes: Annotated[int, Meta(ge=5, le=240)] = 30
    talk: Threshold = Threshold(600.0, 1200.0)
    pause: Threshold = Threshold(900.0, 1800.0)
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


async def _period(asked: Asked) -> dict[str, Any]:
    query: FigureQuery = asked.query
    found = await asked.services.figures.period(
        asked.actor,
        query.from_.timestamp() if query.from_ is not None else None,
        query.to.timestamp() if query.to is not None else None,
        minutes=query.interval,
        queue=query.queue,
        agent=query.agent,
    )
    for row in (found, *found["intervals"]):
        row |= {name: rfc3339(row[name]) for name in ("from", "to", "start") if name in row}
    return found


async def _rules(asked: Asked) -> FigureRules:
    return await asked.services.crm.figure_rules.get(asked.actor)


async def _write_rules(asked: Asked) -> FigureRules:
    body = asked.body(FigureRulesWriting)
    given = {name: getattr(body, name) for name in body.__struct_fields__}
    return await asked.services.crm.figure_rules.put(asked.actor, FigureRules(**given))


async def _formulas(asked: Asked) -> dict[str, Any]:
    asked.actor.require_any("live.view", "figures.manage")
    listed = (("service_level", SERVICE_LEVEL_FORMULAS), ("occupancy", OCCUPANCY_FORMULAS))
    return {
        kind: [{"name": name, "formula": one.says, "source": one.source} for name, (one, _) in formulas.items()]
        for kind, formulas in listed
    }


_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
_SECONDS: dict[str, Any] = {"type": "number", "minimum": 0}
_OR_NULL: dict[str, Any] = {"type": ["number", "null"]}
_TEXT: dict[str, Any] = {"type": "string"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_QUEUE: dict[str, Any] = {
    **dict.fromkeys(("offered", "answered", "answered_in", "abandoned", "short_abandoned", "moved", "waiting"), _WHOLE),
    **dict.fromkeys(("service_level", "abandon_rate", "asa", "aht", "acw"), _OR_NULL),
    **dict.fromkeys(("longest_wait", "talk_seconds", "hold_seconds", "wrap_seconds"), _SECONDS),
}
_AGENT: dict[str, Any] = {
    "calls": _WHOLE,
    **dict.fromkeys(("talk_seconds", "wrap_seconds", "ready_seconds", "pause_seconds", "signed_in_seconds"), _SECONDS),
    "pauses": {"type": "object", "additionalProperties": _SECONDS, "description": "Seconds by reason"},
    "occupancy": _OR_NULL,
    "aht": _OR_NULL,
}
PERIOD = _object(
    {
        "from": _MOMENT,
        "to": _MOMENT,
        "interval_minutes": {"enum": [15, 30, 60]},
        "total": _object(_QUEUE),
        "queues": _list(_object({"pbx": _TEXT, "queue": _TEXT} | _QUEUE)),
        "agents": _list(_object({"agent": _TEXT} | _AGENT)),
        "intervals": _list({"anyOf": [_object({"start": _MOMENT} | _QUEUE), _object({"start": _MOMENT} | _AGENT)]}),
    }
)
_FORMULA = _object({"name": _TEXT, "formula": _TEXT, "source": _TEXT})

SEE, MANAGE = "live.view", "figures.manage"
EITHER = f"{SEE}|{MANAGE}"
FIGURES: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/figures", "getFigures", "Figures of queues and agents in a period, by interval",
              PERIOD, _period, query=FigureQuery, permission=SEE),
    Operation("GET", "/api/v1/figures/formulas", "listFormulas", "The formulas that there are to choose from",
              _object({"service_level": _list(_FORMULA), "occupancy": _list(_FORMULA)}), _formulas, permission=EITHER),
    Operation("GET", "/api/v1/figures/rules", "getFigureRules", "How figures are counted: formulas and targets",
              ref(FigureRules), _rules, permission=EITHER),
    Operation("PUT", "/api/v1/figures/rules", "putFigureRules", "Write all of these rules", ref(FigureRules),
              _write_rules, body=FigureRulesWriting, permission=MANAGE, problems=(400, 409)),
)  # fmt: skip
