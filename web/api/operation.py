"""One operation of the API: who may, what it takes, what it answers, and how it is run.

The description (``openapi``) is made from the same values that serve, so the two cannot differ. A write may
carry an ``Idempotency-Key``: the same key of the same actor is run once, and answered alike ever after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, get_origin, get_type_hints

import msgspec
from aiohttp import web

from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError
from web.page import SERVICES, SIGNED_IN, actor_of, opens, refusal
from web.services import Services

KEY_LENGTH = 200
WRITES = ("POST", "PUT", "PATCH", "DELETE")
NO_CONTENT = 204

B = TypeVar("B", bound=msgspec.Struct)


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No query parameters."""


@dataclass(frozen=True)
class Asked:
    """One request: who asks, and what, already checked."""

    request: web.Request
    actor: Actor
    query: Any
    _body: Any = None

    @property
    def services(self) -> Services:
        return self.request.app[SERVICES]

    def place(self, name: str) -> str:
        """The part of the path that stands at ``{name}``."""
        return self.request.match_info[name]

    def body(self, kind: type[B]) -> B:
        """The body, which the operation declares to be a ``kind``."""
        assert isinstance(self._body, kind)
        return self._body


@dataclass(frozen=True)
class Operation:
    """``query`` is a msgspec struct of the query parameters, ``body`` that of the JSON body, ``answers`` the schema of
    the answer's JSON (None: no content). ``permission``: what its service will ask for; several of which one is enough
    are separated by a bar.

    ``sends``: the media type of a body that is no JSON; ``run`` then reads it from ``request.content``, and there is no
    Idempotency-Key for it. ``gives``: that of an answer that is no JSON; ``run`` then answers with the response itself.

    ``path`` has aiohttp's ``{name}`` places, which are OpenAPI's too; ``places`` says what they mean. ``problems``:
    the statuses besides 401, 403 and 429 (always possible) that it may answer with.
    """

    method: str
    path: str
    name: str
    summary: str
    answers: dict[str, Any] | None
    run: Callable[[Asked], Awaitable[Any]]
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    permission: str = SIGNED_IN
    places: tuple[tuple[str, str], ...] = ()
    problems: tuple[int, ...] = (400,)
    tag: str = ""
    status: int = field(default=200)
    sends: str = ""
    gives: str = ""

    def route(self) -> web.RouteDef:
        return web.route(self.method, self.path, self._serve)

    @property
    def writes(self) -> bool:
        return self.method in WRITES

    @property
    def keyed(self) -> bool:
        """It may carry an Idempotency-Key."""
        return self.writes and not self.sends

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        actor = actor_of(request)
        if not opens(self.permission, actor):
            raise refusal(self.permission, actor)
        query = msgspec.convert(_query(request, self.query), self.query, strict=False)
        text = await request.read() if self.body is not None else b""
        body = None if self.body is None else _body(text, self.body)
        asked = Asked(request, actor, query, body)
        if self.gives:
            given: web.StreamResponse = await self.run(asked)
            return given
        key = request.headers.get("Idempotency-Key")
        if key is None or not self.keyed:
            return _answer(*await self._run(asked))
        if not 0 < len(key) <= KEY_LENGTH:
            raise InvalidError(f"Idempotency-Key: 1 to {KEY_LENGTH} characters.")
        print_ = hashlib.sha256(b"\0".join((request.path_qs.encode(), self.method.encode(), text))).hexdigest()
        return _answer(*await asked.services.crm.replies.once(actor, key, print_, lambda: self._run(asked)))

    async def _run(self, asked: Asked) -> tuple[int, bytes]:
        answer = await self.run(asked)
        if self.answers is None:
            return NO_CONTENT, b""
        return self.status, msgspec.json.encode(answer)


def _body(text: bytes, kind: type[B]) -> B:
    try:
        return msgspec.json.decode(text or b"{}", type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:  # ours, if it came from within; his, if it came with the request
        raise InvalidError(f"The body is no JSON: {error}") from error


def _answer(status: int, body: bytes) -> web.Response:
    if status == NO_CONTENT:
        return web.Response(status=status)
    kept_nowhere = {"Cache-Control": "no-store"}
    return web.Response(
        body=body, status=status, content_type="application/json", charset="utf-8", headers=kept_nowhere
    )


@cache
def _lists(query: type[msgspec.Struct]) -> frozenset[str]:
    """The parameters that may be given several times."""
    return frozenset(name for name, hint in get_type_hints(query).items() if get_origin(hint) is tuple)


def _query(request: web.Request, query: type[msgspec.Struct]) -> dict[str, Any]:
    lists = _lists(query)
    return {name: request.query.getall(name) if name in lists else value for name, value in request.query.items()}
