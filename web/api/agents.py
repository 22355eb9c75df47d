"""``/api/v1/agents``: who of the colleagues does what, one's own state, and the reasons and rules for it.

The states are those of the push topics ``agents`` and ``agent``, with the same keys.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.agents.model import LONGEST_WRAP, MOST_QUEUES, MOST_REASONS, QueueWrap, Reason, Rules
from web.api.operation import Asked, Operation
from web.api.schema import ref, whole_list

QueueName = Annotated[str, Meta(min_length=1, max_length=100)]
ReasonId = Annotated[str, Meta(min_length=1, max_length=40)]
Extension = Annotated[float, Meta(gt=0, le=LONGEST_WRAP)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``queues``: their names; all that are mine, if left out. Of those that are not named I am out."""

    queues: Annotated[tuple[QueueName, ...], Meta(max_length=MOST_QUEUES)] | None = None


class GoReady(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``all``: back from every pause, not only from the last one."""

    all: bool = False


class GoPaused(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``reason``: the id of one of ``/pause-reasons``."""

    reason: ReasonId


class MoreTime(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``seconds``: as the rule of the queue has it, if left out; never more than that."""

    seconds: Extension | None = None


class RulesWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rules as they shall be. A reason that is left out goes out of use. ``version``: the one that was read."""

    reasons: Annotated[tuple[Reason, ...], Meta(max_length=MOST_REASONS)]
    wraps: Annotated[tuple[QueueWrap, ...], Meta(max_length=MOST_QUEUES)]
    missed_limit: Annotated[int, Meta(ge=0, le=20)] = 1
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


async def _all(asked: Asked) -> dict[str, Any]:
    reach = asked.services.crm.reach
    found = await asked.services.crm.agents.all(asked.actor)
    return {"items": [one | {"team_names": [n for _, n in reach.teams_of(one["id"])]} for one in found], "next": None}


async def _me(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.me(asked.actor)


async def _sign_in(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.sign_in(asked.actor, asked.body(SignIn).queues)


async def _sign_out(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.sign_out(asked.actor)


async def _ready(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.ready(asked.actor, all_of_them=asked.body(GoReady).all)


async def _pause(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.pause(asked.actor, asked.body(GoPaused).reason)


async def _done(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.wrap_up_done(asked.actor)


async def _extend(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.agents.extend(asked.actor, asked.body(MoreTime).seconds)


async def _reasons(asked: Asked) -> dict[str, Any]:
    return {"items": await asked.services.crm.agent_rules.reasons(asked.actor), "next": None}


async def _rules(asked: Asked) -> Rules:
    return await asked.services.crm.agent_rules.get(asked.actor)


async def _write_rules(asked: Asked) -> Rules:
    given = msgspec.structs.asdict(asked.body(RulesWriting))
    return await asked.services.crm.agent_rules.put(asked.actor, Rules(**given))


_MOMENT = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_YES = {"type": "boolean"}
_STATE = {"enum": ["off", "ready", "pause", "wrap", "ring", "dial", "talk", "hold", "cons"]}
_REASON = {
    "type": "object",
    "required": ["id", "label"],
    "properties": {"id": _TEXT, "label": _TEXT, "fa": _TEXT, "en": _TEXT},
}
"""``label`` as it was when he chose it; ``fa`` and ``en`` its names by now, where it is one of the rules."""


def _object(required: tuple[str, ...], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_PAUSE = _object(("reason", "since"), reason=_REASON, since=_MOMENT)
_QUEUE = _object(
    ("pbx", "queue", "in", "paused", "static"), pbx=_TEXT, queue=_TEXT, paused=_YES, static=_YES, **{"in": _YES}
)
_WRAP = _object(
    ("call", "since", "mandatory", "extended", "extensions", "extend_seconds"),
    call=_TEXT,
    queue=_TEXT,
    since=_MOMENT,
    until=_MOMENT,
    mandatory=_YES,
    extended={"type": "integer"},
    extensions={"type": "integer"},
    extend_seconds={"type": "number"},
)
_DIFFERS = _object(("pbx", "queue", "we", "pbx_says"), pbx=_TEXT, queue=_TEXT, we=_TEXT, pbx_says=_TEXT, why=_TEXT)
OWN: dict[str, Any] = _object(
    ("state", "own", "pauses", "queues"),
    state=_STATE | {"description": "What the phone does, else my own state"},
    own={"enum": ["off", "ready", "pause", "wrap"], "description": "My own state, whatever the phone does"},
    since=_MOMENT,
    reason=_REASON,
    pauses=_list(_PAUSE),
    queues=_list(_QUEUE),
    wrap=_WRAP,
    phone=_object(
        (), ext=_TEXT, kind={"enum": ["softphone", "desk", "unknown"]}, endpoint=_TEXT, pbx=_TEXT, reachable=_YES
    ),
    differs=_list(_DIFFERS),
    missed=_object(("call", "at"), call=_TEXT, at=_MOMENT),
)
"""What is not known, or does not hold, is left out."""
COLLEAGUE: dict[str, Any] = _object(
    ("id", "name", "state", "teams", "team_names"),
    id=_TEXT,
    name=_TEXT,
    ext=_TEXT,
    state=_STATE,
    since=_MOMENT,
    reason=_REASON,
    reachable=_YES,
    teams=_list(_TEXT),
    team_names=_list(_TEXT),
    calls={"type": "integer", "description": "Talks of today"},
)

USE = "desk.use"
EITHER = "desk.use|results.manage"
AGENTS: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/agents", "listAgents", "The colleagues who take calls, and what each does",
              whole_list(COLLEAGUE), _all, permission="agents.view"),
    Operation("GET", "/api/v1/agents/me", "getOwnState", "My own state", OWN, _me, permission=USE),
    Operation("POST", "/api/v1/agents/me/sign-in", "signInToQueues", "Sign in to queues", OWN, _sign_in,
              body=SignIn, permission=USE, problems=(400, 409)),
    Operation("POST", "/api/v1/agents/me/sign-out", "signOutOfQueues", "Out of all queues", OWN, _sign_out,
              permission=USE, problems=(400, 409)),
    Operation("POST", "/api/v1/agents/me/ready", "goReady", "Back from a pause or from wrap-up", OWN, _ready,
              body=GoReady, permission=USE, problems=(400, 409)),
    Operation("POST", "/api/v1/agents/me/pause", "goPaused", "Pause for a reason", OWN, _pause,
              body=GoPaused, permission=USE, problems=(400, 404, 409)),
    Operation("POST", "/api/v1/agents/me/wrap-up-done", "endWrapUp", "My wrap-up is done", OWN, _done,
              permission=USE, problems=(400, 409)),
    Operation("POST", "/api/v1/agents/me/extend", "extendWrapUp", "More time for my wrap-up", OWN, _extend,
              body=MoreTime, permission=USE, problems=(400, 409)),
    Operation("GET", "/api/v1/pause-reasons", "listPauseReasons", "The reasons that a pause can have",
              whole_list(ref(Reason)), _reasons, permission=EITHER),
    Operation("GET", "/api/v1/agent-rules", "getAgentRules", "Reasons of pauses, wrap-up by queue, missed calls",
              ref(Rules), _rules, permission=EITHER),
    Operation("PUT", "/api/v1/agent-rules", "putAgentRules", "Write all of these rules", ref(Rules), _write_rules,
              body=RulesWriting, permission="results.manage", problems=(400, 409)),
)  # fmt: skip
