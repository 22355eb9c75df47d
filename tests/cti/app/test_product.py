"""The product as a whole, in this process: up with all its parts, down with nothing left, and up again."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing, suppress
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from ami_listener.journal import files_of
from crm_core.users.account import UserDraft
from cti.app.product import Product
from cti.kernel.actor import system
from cti.kernel.errors import ConfigurationError
from tests.ami_listener.simulator.oracle import differences
from tests.cti.app.stage import LIVELY, profile_of, silent, simulated, url_of
from tests.live import ProductProcess, running_product, settings_of, until


def open_files(folder: Path) -> list[str]:
    """Files of ``folder`` that this process holds open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing's own
            found.append(str(descriptor.readlink()))
    return [path for path in found if path.startswith(str(folder))]


class Residue:
    """What a product that stopped must not leave: tasks, open files, threads that keep the process up."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tasks, self._threads = folder, asyncio.all_tasks(), set(threading.enumerate())

    async def none(self) -> None:
        await until(lambda: not self.left(), 5.0, self.left)

    def left(self) -> list[object]:
        threads = [t for t in threading.enumerate() if t not in self._threads and not t.name.startswith("asyncio_")]
        tasks = asyncio.all_tasks() - self._tasks - {asyncio.current_task()}
        return [*tasks, *open_files(self._folder), *threads]


@pytest.fixture
async def residue(tmp_path: Path) -> Residue:
    return Residue(tmp_path)


async def test_with_no_pbx_the_demo_plays(tmp_path: Path, residue: Residue) -> None:
    async with running_product(tmp_path, demo_calls_per_second=6.0) as running:
        await running.connected()
        status, body = await running.get("/readyz")
        assert status == 200
        assert body == {
            "ready": True,
            "checks": {"bus": "ok", "database": "ok", "call log": "ok", "pbx demo": "ok"},
        }
        await until(running.live)
        assert (await running.get("/"))[0] == 200
        assert open_files(tmp_path)
    for name in ("tamas.db", "journal/demo", "demo/cel.csv"):
        assert (tmp_path / name).exists()
    await residue.none()


async def test_each_call_of_a_pbx_is_in_the_log_once_and_over_the_api(tmp_path: Path, residue: Residue) -> None:
    async with simulated(calls=40, **LIVELY) as pbx:
        async with (
            running_product(tmp_path, profile_of(pbx), pbx_url=url_of(pbx)) as running,
            running.push("board:all") as push,
        ):
            await running.connected()
            await until(lambda: pbx.simulation.done, 30.0)
            await running.quiet()
            missed = [c for c in pbx.truth if c.started_at < running.product.listeners[0].connection.state.at]
            records = await running.records()
            assert differences([c for c in pbx.truth if c not in missed], _without(records, missed)) == []
            status, page = await running.get("/api/v1/calls?limit=200")
            assert status == 200
            assert {item["id"] for item in page["items"]} == {r.id for r in records if r.kind == "call"}
            assert push.of("board:all")[0]["type"] == "snapshot"
            assert len(push.of("board:all")) > 5
        assert files_of(tmp_path / "journal" / "main")
    await residue.none()


def _without(records: list[Any], calls: list[Any]) -> list[Any]:
    """The records, but those of calls that were up before anybody listened."""
    early = {linkedid for call in calls for linkedid in (call.linkedid, *call.linkedids)}
    return [record for record in records if not early & set(record.linkedids)]


async def test_a_second_start_goes_on_with_the_calls_that_were_up(tmp_path: Path, residue: Residue) -> None:
    async with simulated(calls=60, **{**LIVELY, "talk_seconds": 1.0}) as pbx:
        url = url_of(pbx)
        async with running_product(tmp_path, profile_of(pbx), pbx_url=url) as running:
            await running.connected()
            await until(lambda: len(running.live()) > 3)
            talking = {call.record.id for call in running.live()}
            board = running.product.feed.board
            ended = len([r for r in await running.records() if not r.provisional])
        async with running_product(tmp_path, profile_of(pbx), pbx_url=url) as running:
            rebuilt = {call.record.id for call in running.live()}
            assert talking & rebuilt
            assert running.product.feed.board is not board
            await running.connected()
            await until(lambda: pbx.simulation.done, 40.0)
            await running.quiet()
            records = await running.records()
            ids = [r.id for r in records]
            assert talking <= set(ids)
            assert len(ids) == len(set(ids))
            assert not [r.id for r in records if r.provisional]
            told = [i for r in records for i in r.linkedids]
            assert len(told) == len(set(told))
            assert len(records) > ended
    await residue.none()


async def test_two_pbxs_and_a_login_that_acts(tmp_path: Path, residue: Residue) -> None:
    async with silent() as one, silent() as two:
        urls = f"{url_of(one, 'one')} {url_of(two, 'two')}"
        async with running_product(tmp_path, pbx_url=urls, pbx_actions_url=url_of(one, "one")) as running:
            await running.connected()
            await until(lambda: running.product.actors[0].state.phase == "up")
            assert len(one.clients) == 2
            await two.stop()
            await until(lambda: running.product.listeners[1].connection.state.phase != "up")
            status, body = await running.get("/readyz")
            assert status == 503
            assert not body["ready"]
            assert body["checks"]["pbx one"] == "ok"
            assert body["checks"]["pbx two"] != "ok"
    await residue.none()


async def test_a_pbx_that_is_not_there_does_not_keep_the_product_down(tmp_path: Path, residue: Residue) -> None:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"ami://u:s@127.0.0.1:{free.getsockname()[1]}/?name=main"
        async with running_product(tmp_path, pbx_url=url) as running:
            await until(lambda: running.product.listeners[0].connection.state.phase == "down")
            status, body = await running.get("/readyz")
            assert (status, body["checks"]["database"]) == (503, "ok")
            assert (await running.get("/healthz"))[0] == 200
            assert (await running.get("/"))[0] == 200
    await residue.none()


async def test_without_a_journal_none_is_written(tmp_path: Path) -> None:
    async with silent() as pbx, running_product(tmp_path, pbx_url=url_of(pbx), journal=False) as running:
        await running.connected()
    assert not (tmp_path / "journal").exists()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"pbx_url": "sip://u:s@h/"}, "must begin with ami://"),
    ({"pbx_url": "ami://h:5038/"}, "no user and secret"),
    ({"pbx_url": "ami://u:s@a/ ami://u:s@b/"}, "named main"),
    ({"pbx_url": "ami://u:s@127.0.0.1:1/", "pbx": {"main": {"trunks": "["}}}, "regular expression"),
    ({"pbx_actions_url": "nonsense"}, "ami://"),
    ({"cdr_url": "/no/such/folder", "pbx_url": "ami://u:s@127.0.0.1:1/"}, "no folder"),
    ({"cdr_url": "/a /b"}, "say whose it is"),
    ({"http": "0.0.0.0:0"}, "without TLS"),
    ({"database_url": "mysql://h/x"}, "database URL"),
]


@pytest.mark.parametrize(("chosen", "says"), BAD)
async def test_what_cannot_be_is_an_error_and_nothing_stays_up(
    tmp_path: Path, residue: Residue, chosen: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        await Product.start(settings_of(tmp_path, **chosen))
    await residue.none()


async def test_a_port_that_is_taken(tmp_path: Path, residue: Residue) -> None:
    with closing(socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        http = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=f"CTI_HTTP: {http} cannot be used"):
            await Product.start(settings_of(tmp_path, http=http))
    await residue.none()


async def test_as_a_process_it_says_where_it_is_and_ends_at_once_when_told(tmp_path: Path) -> None:
    async with silent() as pbx, ProductProcess(tmp_path, profile_of(pbx), pbx_url=url_of(pbx)) as product:
        await until(product.ready, 15.0, product.log)
        assert f"connect your PBX:  {product.url}/connect" in product.log()
        assert "demo" not in product.log().split("Tamas is running")[1].split("connect")[0]
        assert await product.stop() == 0
        assert "stopping…" in product.log()
        assert "Traceback" not in product.log()
        assert await product.records() == []


async def test_what_the_pbx_has_is_known_and_users_names_stand_at_their_phones(tmp_path: Path) -> None:
    async with running_product(tmp_path, demo_calls_per_second=0.1) as running:
        await running.connected()
        crm, actor = running.product.crm, system("test")
        await until(lambda: crm.directory.offer(actor), what="an offer")
        await until(lambda: _extensions(running.product), 15.0, "the extensions of the demo")
        (seen,) = await crm.directory.seen(actor)
        assert {"sales", "support"} <= {queue.name for queue in seen.queues} and seen.mailboxes
        extension = (await crm.directory.extensions())[0].extension
        draft = UserDraft(login="new", name="Somebody New", role="agent", extensions=(extension,))
        for owner in (u for u in await crm.users.directory(actor) if extension in u.extensions):
            await crm.users.change(actor, owner.id, UserDraft(extensions=()))
        await crm.users.create(actor, draft, "a pass phrase 17")
        board = running.product.feed.board
        await until(lambda: board.name_of(seen.pbx, extension) == "Somebody New", 15.0, "the name on the board")


async def _extensions(product: Product) -> bool:
    return len(await product.crm.directory.extensions()) > 5
