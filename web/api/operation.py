"""One operation of the API: what it takes, what it answers, and how it is run.

The description (``openapi``) is made from the same values that serve, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No query parameters."""


@dataclass(frozen=True)
class Operation:
    """``query`` is a msgspec struct of the query parameters, ``answers`` the schema of the answer's JSON.

    ``path`` has aiohttp's ``{name}`` places, which are OpenAPI's too; ``places`` says what they mean.
    """

    method: str
    path: str
    name: str
    summary: str
    query: type[msgspec.Struct]
    answers: dict[str, Any]
    run: Callable[[web.Request, Any], Awaitable[Any]]
    places: tuple[tuple[str, str], ...] = ()
    problems: tuple[int, ...] = (400,)

    def route(self) -> web.RouteDef:
        return web.route(self.method, self.path, self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        query = msgspec.convert(dict(request.query), self.query, strict=False)
        answer = await self.run(request, query)
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json", charset="utf-8")
