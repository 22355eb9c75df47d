"""``/api/v1/agents/{id}/…``: the states of others at the word of somebody who leads them; and messages to them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.agents.messages import LONGEST, MOST_TO, SEND, USE, Message, Sent
from crm_core.agents.supervising import MANAGE
from web.api.agents import OWN, GoPaused, SignIn
from web.api.operation import Asked, Operation
from web.api.schema import as_json, ref, whole_list

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=MOST_TO)]


class Writing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """To ``users`` and to everybody in ``teams`` (ids)."""

    users: Ids = ()
    teams: Ids = ()
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST)]


async def _pause(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.supervising.pause(asked.actor, asked.place("id"), asked.body(GoPaused).reason)


async def _ready(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.supervising.ready(asked.actor, asked.place("id"))


async def _sign_in(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.supervising.sign_in(asked.actor, asked.place("id"), asked.body(SignIn).queues)


async def _sign_out(asked: Asked) -> dict[str, Any]:
    return await asked.services.crm.supervising.sign_out(asked.actor, asked.place("id"))


async def _send(asked: Asked) -> Sent:
    body = asked.body(Writing)
    return await asked.services.crm.messages.send(asked.actor, body.users, body.teams, body.text)


async def _unread(asked: Asked) -> dict[str, Any]:
    return {"items": [as_json(one) for one in await asked.services.crm.messages.unread(asked.actor)], "next": None}


async def _sent(asked: Asked) -> dict[str, Any]:
    return {"items": [as_json(one) for one in await asked.services.crm.messages.sent(asked.actor)], "next": None}


async def _read(asked: Asked) -> None:
    await asked.services.crm.messages.read(asked.actor, asked.place("id"))


USER, MESSAGE = (("id", "The user's id"),), (("id", "The message's id"),)
PROBLEMS = (400, 404, 409)


def _change(verb: str, name: str, summary: str, run: Any, **more: Any) -> Operation:
    return Operation("POST", f"/api/v1/agents/{{id}}/{verb}", name, summary, OWN, run, permission=MANAGE, places=USER,
                     problems=PROBLEMS, **more)  # fmt: skip


SUPERVISING: tuple[Operation, ...] = (
    _change("pause", "pauseAgent", "Pause somebody of one's teams, for a reason", _pause, body=GoPaused),
    _change("ready", "makeAgentReady", "Let somebody be ready: out of pauses and wrap-up", _ready),
    _change("sign-in", "signAgentIn", "Sign somebody in to queues of his", _sign_in, body=SignIn),
    _change("sign-out", "signAgentOut", "Sign somebody out of all queues", _sign_out),
    Operation("POST", "/api/v1/agents/messages", "writeToAgents", "Write to agents or whole teams", ref(Sent), _send,
              body=Writing, permission=SEND, status=201),
    Operation("GET", "/api/v1/agents/messages", "listUnreadMessages", "What I was written and have not read",
              whole_list(ref(Message)), _unread, permission=USE),
    Operation("GET", "/api/v1/agents/messages/sent", "listSentMessages", "What I wrote last, and who has read it",
              whole_list(ref(Sent)), _sent, permission=SEND),
    Operation("POST", "/api/v1/agents/messages/{id}/read", "readMessage", "I have read it", None, _read,
              permission=USE, places=MESSAGE, problems=(400, 404)),
)  # fmt: skip
