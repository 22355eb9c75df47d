"""Rules of all kinds over the API: whatever is sent is refused in words or can be read again; what was there stays."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.web.conftest import Stage

PATHS = ("/api/v1/agent-rules", "/api/v1/figures/rules", "/api/v1/alert-rules")
NO_BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"\xff\xfe",
    b'{"version": 1e400}',
    b'{"version": NaN}',
    b'{"version": -1}',
    b'{"version": "0"}',
    b'{"version": 99999999999999999999999999}',
    b'{"unheard_of": 1}',
    b"[" * 100_000,
    b'{"reasons": ' + b'{"a": ' * 5000 + b"1" + b"}" * 5005,
)
NAMES = ("\0", "a\nb", "\u202e" * 3, "x" * 100_000, "", " ", "'; DROP TABLE agent_rules; --", "<script>", "ي" * 100)


def named(path: str, name: str) -> dict[str, Any]:
    """Rules in which something is called so."""
    if "agent" in path:
        return {"reasons": [{"id": "tea", "fa": name, "en": name}], "wraps": [{"queue": name}]}
    if "figures" in path:
        return {"queues": [{"queue": "*"}, {"queue": name}]}
    return {"rules": [{"id": "two", "kind": "waiting", "limit": 2, "queues": [name]}]}


async def put(on_stage: Stage, path: str, body: bytes) -> int:
    headers = {"Content-Type": "application/json"}
    async with on_stage.http.put(on_stage.url + path, data=body, headers=headers) as response:
        assert response.status == 200 or "detail" in await response.json()
        return response.status


async def version(on_stage: Stage, path: str) -> int:
    status, text = await on_stage.go(path)
    assert status == 200, text
    found: int = msgspec.json.decode(text)["version"]
    return found


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_no_body_is_refused(on_stage: Stage, path: str) -> None:
    for body in NO_BODIES:
        assert await put(on_stage, path, body) == 400, body[:60]
    assert await version(on_stage, path) == 0


@pytest.mark.parametrize("path", PATHS)
async def test_any_name_is_kept_as_it_is_or_refused(on_stage: Stage, path: str) -> None:
    page = "/admin/" + {"agent": "pauses", "figur": "figures", "alert": "alerts"}[path.rpartition("v1/")[2][:5]]
    for name in NAMES:
        before = await version(on_stage, path)
        status = await put(on_stage, path, msgspec.json.encode(named(path, name) | {"version": before}))
        assert status in (200, 400), (name[:20], status)
        assert await version(on_stage, path) == before + (status == 200), name[:20]
        assert "<script></" not in await on_stage.page(page), "a name is text"
    lone = msgspec.json.encode(named(path, "LONE")).replace(b"LONE", rb"\ud800")
    assert await put(on_stage, path, lone) in (400, 409)
