"""`cti watch`: each card told once, over lost connections too; a command gets it without a shell."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from crm_core.users.account import UserDraft
from cti.app.tls import authority_of, make_tls
from cti.app.watching import (
    Commands,
    Told,
    environment_of,
    line_of,
    push_url,
    run,
    trust,
    watch,
)
from cti.kernel.backoff import Backoff
from cti.kernel.errors import ConfigurationError, UnauthenticatedError
from cti.kernel.settings import Settings
from tests.cti.app.stage import profile_of, silent, url_of
from tests.cti.live.desk import Desk
from tests.live import TESTER, Running, running_product, until
from tests.proxy import Proxy

CARD: dict[str, Any] = {
    "pop": "c:u", "call": "c", "state": "ringing", "direction": "inbound", "since": "2026-11-22T00:00:00.000Z",
    "other": {"name": "Maryam", "number": "0912 111 2233", "raw": "09121112233", "contact": "p1"},
    "caller": {"number": "+989121112233", "raw": "09121112233"}, "queue": "support", "mine": {"ext": "201"},
}  # fmt: skip


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def states(cards: list[dict[str, Any]]) -> list[str]:
    return [card["state"] for card in cards]


def new(told: list[tuple[dict[str, Any], bool]]) -> list[tuple[str, bool]]:
    return [(card["state"], begins) for card, begins in told]


def test_each_state_is_told_once() -> None:
    told = Told()
    assert new(told.snapshot([CARD])) == [("ringing", True)]
    assert told.event(CARD | {"matches": []}) == []
    assert told.snapshot([CARD]) == []
    assert new(told.event(CARD | {"state": "answered"})) == [("answered", False)]
    assert new(told.snapshot([])) == [("ended", False)], "it ended while nobody listened"
    assert told.snapshot([]) == []
    assert new(told.event(CARD)) == [("ringing", True)], "the queue rings once more"


def test_a_line() -> None:
    assert line_of(CARD) == "2026-11-22T00:00:00.000Z  ringing  inbound  Maryam 0912 111 2233  queue support"
    over = CARD | {"state": "elsewhere", "other": {}, "by": {"name": "Sina"}}
    assert line_of(over).endswith("inbound  withheld  queue support  by Sina")
    assert "\x1b" not in line_of(CARD | {"other": {"name": "\x1b[2Jgone\n"}}), "a name writes nothing to the terminal"


def test_the_environment_of_a_command() -> None:
    told = environment_of(CARD)
    assert (told["TAMAS_NUMBER"], told["TAMAS_NAME"], told["TAMAS_EXTENSION"]) == ("+989121112233", "Maryam", "201")
    assert told["TAMAS_RESULT"] == ""
    assert "\0" not in environment_of(CARD | {"queue": "a\0b"})["TAMAS_QUEUE"]
    out = environment_of(CARD | {"direction": "outbound", "dialled": {"number": "+982188776655"}})
    assert out["TAMAS_NUMBER"] == "+982188776655"


@pytest.mark.parametrize(
    ("url", "push"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/push"),
        ("https://crm.example/", "wss://crm.example/push"),
        ("https://crm.example/tamas/", "wss://crm.example/tamas/push"),
    ],
)
def test_the_address(url: str, push: str) -> None:
    assert push_url(url) == push


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "", "http://"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ConfigurationError):
        push_url(url)


def test_who_vouches_for_the_server(tmp_path: Path) -> None:
    assert trust("ws://x/push", None, False) is None
    strict, loose = trust("wss://x/push", None, False), trust("wss://x/push", None, True)
    assert strict is not None and strict.check_hostname
    assert loose is not None and not loose.check_hostname
    with pytest.raises(ConfigurationError, match="cannot be used"):
        trust("wss://x/push", tmp_path / "none.pem", False)


# --- commands


async def test_a_command_gets_the_card_and_no_shell_reads_it(tmp_path: Path) -> None:
    hostile = CARD | {"other": {"name": f"$(touch {tmp_path}/a); `touch {tmp_path}/b` '\"", "number": "1"}}
    script = tmp_path / "script.py"
    script.write_text(
        "import json, os, sys\n"
        "card = json.load(sys.stdin)\n"
        f"open({str(tmp_path / 'out')!r}, 'a').write(json.dumps([card['pop'], os.environ['TAMAS_NAME'], sys.argv[1:],"
        " 'CTI_TOKEN' in os.environ]))\n"
    )
    commands = Commands(f"{sys.executable} {script} 'two words' $HOME")
    commands(hostile)
    await commands.finish()
    told = json.loads((tmp_path / "out").read_text())
    assert told == ["c:u", hostile["other"]["name"], ["two words", "$HOME"], False]
    assert files(tmp_path) == {"script.py", "out"}


async def test_a_command_that_fails_or_is_not_there_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    for command in ("/nowhere/at/all", "false"):
        commands = Commands(command)
        commands(CARD)
        await commands.finish()
    assert "cannot be run" in caplog.text and "ended with 1" in caplog.text


@pytest.mark.parametrize("command", ["", "  ", "'open"])
def test_what_is_no_command(command: str) -> None:
    with pytest.raises(ConfigurationError, match="--exec"):
        Commands(command)


# --- against the product


@asynccontextmanager
async def agent_at(folder: Path, role: str = "agent", **settings: Any) -> AsyncIterator[tuple[Running, str]]:
    """A running product with a user at extension 201, and a token of his."""
    async with silent(agents=0) as simulator:
        where = url_of(simulator)
        async with running_product(folder, profile_of(simulator), pbx_url=where, **settings) as running:
            crm = running.product.crm
            async with crm.access.changing() as tx:
                draft = UserDraft(login="sina", name="Sina", role=role, extensions=("201",))
                user = await crm.users.put(tx, TESTER, draft)
            await crm.desks.tell()
            await running.product.bus.drain()
            assert running.product.places.of(user.id) is not None
            yield running, (await crm.tokens.create(TESTER, "watch", user_id=user.id)).secret


@asynccontextmanager
async def watching(url: str, token: str, **more: Any) -> AsyncIterator[list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    task = asyncio.create_task(watch(url, token, told.append, backoff=Backoff(0.05, 0.1), **more))
    try:
        yield told
    finally:
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def publish(running: Running, desk: Desk) -> None:
    for event in desk.tracker.take():
        running.product.bus.publish(event)


async def test_calls_are_told_over_a_lost_connection_and_none_twice(tmp_path: Path) -> None:
    async with agent_at(tmp_path) as (running, token):
        host, port = running.url.removeprefix("http://").split(":")
        async with (
            Proxy.running(host, int(port)) as proxy,
            watching(f"http://127.0.0.1:{proxy.port}", token) as told,
        ):
            desk = Desk().born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201")
            publish(running, desk)
            await until(lambda: len(told) == 1)
            proxy.cut()
            await until(lambda: proxy.connections == 2 and proxy.open == 1)
            desk.wait(1).talk("1.0", "1.1")
            publish(running, desk)
            await until(lambda: len(told) == 2)
            proxy.cut()
            desk.wait(1).gone("1.0", "1.1")
            publish(running, desk)
            await until(lambda: len(told) == 3)
            assert states(told) == ["ringing", "answered", "ended"]
            assert {card["call"] for card in told} == {"main-1.0"}


async def test_a_token_that_is_good_for_nothing(tmp_path: Path) -> None:
    async with agent_at(tmp_path, role="manager") as (running, _token):
        with pytest.raises(UnauthenticatedError, match="cti token create"):
            await watch(running.url, "tamas_nothing", print)


async def test_a_token_without_the_right(tmp_path: Path) -> None:
    async with agent_at(tmp_path) as (running, _token):
        crm = running.product.crm
        user = await crm.users.by_login(TESTER, "sina")
        narrow = await crm.tokens.create(TESTER, "narrow", user_id=user.id, scopes=("calls.view",))
        with pytest.raises(UnauthenticatedError, match=r"desk\.use"):
            await watch(running.url, narrow.secret, print)


async def test_over_https_with_the_authority_that_cti_tls_made(tmp_path: Path) -> None:
    make_tls(Settings(data=str(tmp_path)), ["localhost"], time.time())
    async with agent_at(tmp_path) as (running, token):
        assert running.url.startswith("https://")
        url = running.url.replace("127.0.0.1", "localhost")
        authority = authority_of(Settings(data=str(tmp_path))).public
        async with watching(url, token, context=trust(push_url(url), authority, False)) as told:
            desk = Desk().born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201")
            await until(lambda: running.product.feed.hub.watching("pops "))
            publish(running, desk)
            await until(lambda: len(told) == 1)


async def test_the_command_runs_once_a_call(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = tmp_path / "script.py"
    script.write_text(f"import os\nopen({str(out)!r}, 'a').write(os.environ['TAMAS_CALL'] + '\\n')\n")
    async with agent_at(tmp_path / "data") as (running, token):
        task = asyncio.create_task(run(running.url, token, command=f"{sys.executable} {script}"))
        desk = Desk().born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201")
        await until(lambda: running.product.feed.hub.watching("pops "))
        for answer in (False, True):
            if answer:
                desk.wait(1).talk("1.0", "1.1")
            publish(running, desk)
            await until(lambda: out.exists() and out.read_text() == "main-1.0\n")
        desk.gone("1.0", "1.1").born("2.0", "trunk", linkedid="2.0", number="02188776655")
        desk.dial("2.0", "2.1", "201", linkedid="2.0").talk("2.0", "2.1", bridge="c")  # answers by itself, at once
        publish(running, desk)
        await until(lambda: out.read_text() == "main-1.0\nmain-2.0\n")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_token_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="CTI_TOKEN"):
        await run("http://127.0.0.1:1", "")


async def test_printed_as_text_or_json(tmp_path: Path) -> None:
    async with agent_at(tmp_path) as (running, token):
        desk = Desk().born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201")
        publish(running, desk)
        await running.product.bus.drain()
        for as_json in (False, True):
            said: list[str] = []
            task = asyncio.create_task(run(running.url, token, as_json=as_json, say=said.append))
            await until(lambda said=said: said)  # type: ignore[misc]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert ("ringing  inbound" in said[0]) is not as_json
            assert not as_json or json.loads(said[0])["state"] == "ringing"
