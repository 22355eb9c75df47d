"""The webhook against a real server that fails first: signed, in order, tried again, never redirected."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from crm_core.alerts.webhook import SIGNATURE, Webhook
from cti.kernel.clock import SystemClock
from cti.kernel.errors import ConfigurationError
from cti.live.alarms import Alert, Subject
from tests.live import until

ALERT = Alert(
    id="a1", rule="w", kind="wait", level="bad", subject=Subject(queue="sales"), limit=60, value=61, raised_at=1.8e9
)


async def test_tried_again_signed_in_order_and_not_redirected() -> None:
    answers, heard, strayed = [500, 302, 204, 204], [], []

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        good = "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(request.headers[SIGNATURE], good)
        heard.append(json.loads(body))
        return web.Response(status=answers.pop(0), headers={"Location": "/elsewhere"})

    async def elsewhere(request: web.Request) -> web.Response:
        strayed.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    app.router.add_route("*", "/elsewhere", elsewhere)
    async with TestServer(app) as server:
        sender = Webhook.of({"webhook": str(server.make_url("/hook")), "secret": "hush"}, SystemClock())
        task = asyncio.create_task(sender.run())
        sender.take([ALERT, msgspec.structs.replace(ALERT, cleared_at=1.8e9 + 5)])
        await until(lambda: len(heard) == 4, 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [one["state"] for one in heard] == ["open", "open", "open", "over"]
    assert heard[0]["raised_at"] == "2027-01-15T08:00:00.000Z"
    assert not strayed


@pytest.mark.parametrize(
    "table", [{"webhook": "file:///etc/passwd", "secret": "x"}, {"webhook": "http://a/"}, {"hook": "http://a/"}]
)
def test_what_cannot_be(table: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        Webhook.of(table, SystemClock())


async def test_without_an_address_nothing_is_kept() -> None:
    sender = Webhook.of({}, SystemClock())
    sender.take([ALERT])
    assert not sender.url
