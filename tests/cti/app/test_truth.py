"""The PBX's own records and the log: where they are, how far back, and what a comparison comes to."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ami_listener.simulator.server import Simulator
from call_log.search import CallSearch
from cti.app.storage import open_database
from cti.app.truth import AGAIN_SECONDS, FIRST_SECONDS, Reconciler, addresses, reconcile_once, since_of, source_zone
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from cti.live.events import CallEnded, PbxLinkChanged
from cti.live.record import CallRecord
from tests.call_log import calls as written
from tests.cti.app.stage import books, profile_of, silent, url_of
from tests.live import Running, records_of, running_product, settings_of, until

ZONE = ZoneInfo("Asia/Tehran")
NOW = 1_795_000_000.0


@pytest.fixture
async def kept(tmp_path: Path) -> Simulator:
    """A PBX that ended its calls two hours ago; their books are in ``cdr``."""
    return await books(tmp_path / "cdr")


def site(folder: Path, simulator: Simulator, **chosen: str) -> Settings:
    """An installation beside these books, without a link to any PBX."""
    cdr = str(folder / "cdr")
    return settings_of(folder, profile_of(simulator), **{"cdr_url": cdr, "cdr_timezone": "UTC", **chosen})


async def logged(settings: Settings) -> list[CallRecord]:
    database = await open_database(settings)
    try:
        return await records_of(CallSearch(database))
    finally:
        await database.close()


# --- where, how far back, in which zone


@pytest.mark.parametrize(
    ("cdr_url", "names", "found"),
    [
        ("", ("main",), {}),
        ("/var/log/asterisk", ("main",), {"main": "/var/log/asterisk"}),
        ("main=/cdr", ("main",), {"main": "/cdr"}),
        ("mysql+aiomysql://u:p@h/db?charset=utf8", ("main",), {"main": "mysql+aiomysql://u:p@h/db?charset=utf8"}),
        ("b=/b a=postgresql+asyncpg://h/x?y=z", ("a", "b"), {"a": "postgresql+asyncpg://h/x?y=z", "b": "/b"}),
        ("a=/only", ("a", "b"), {"a": "/only"}),
    ],
)
def test_whose_records_are_where(tmp_path: Path, cdr_url: str, names: tuple[str, ...], found: dict[str, str]) -> None:
    assert addresses(settings_of(tmp_path, cdr_url=cdr_url), names) == found


@pytest.mark.parametrize("cdr_url", ["/cdr", "c=/cdr a=/a", "/a /b"])
def test_records_that_could_be_anybodys(tmp_path: Path, cdr_url: str) -> None:
    with pytest.raises(ConfigurationError, match="NAME one of a, b"):
        addresses(settings_of(tmp_path, cdr_url=cdr_url), ("a", "b"))


@pytest.mark.parametrize(("text", "ago"), [("30m", 1800.0), ("6h", 21600.0), (" 2 d ", 172800.0), ("0m", 0.0)])
def test_a_span_is_counted_back_from_now(text: str, ago: float) -> None:
    assert since_of(text, NOW, ZONE) == NOW - ago


def test_a_date_begins_at_the_sites_midnight() -> None:
    assert since_of("2026-11-22", NOW, ZONE) == dt.datetime(2026, 11, 21, 20, 30, tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize("text", ["", "yesterday", "6", "h", "-1h", "2026-13-01", "1401/09/01"])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(ConfigurationError, match="30m, 6h, 2d or a date"):
        since_of(text, NOW, ZONE)


def test_the_sources_zone_is_the_sites_unless_told(tmp_path: Path) -> None:
    assert source_zone(settings_of(tmp_path)).key == "Asia/Tehran"
    assert source_zone(settings_of(tmp_path, cdr_timezone="UTC")).key == "UTC"


# --- cti reconcile


async def test_what_the_log_lacks_is_added_once(tmp_path: Path, kept: Simulator) -> None:
    settings = site(tmp_path, kept)
    first = await reconcile_once(settings, "1d")
    calls = len(kept.truth)
    assert first[0].startswith(f"main: the PBX has {calls} calls, 0 agree; {calls} missing")
    assert len(first) == calls + 1
    records = await logged(settings)
    assert {r.linkedid for r in records} == {c.linkedid for c in kept.truth}
    for record in records:
        (call,) = [c for c in kept.truth if c.linkedid == record.linkedid]
        assert record.started_at == pytest.approx(call.started_at, abs=0.1)
        assert record.outcome == call.outcome
    again = await reconcile_once(settings, "1d")
    assert again[0].startswith(f"main: the PBX has {calls} calls, {calls} agree; 0 missing")


async def test_older_calls_than_asked_for_are_left_alone(tmp_path: Path, kept: Simulator) -> None:
    (line,) = await reconcile_once(site(tmp_path, kept), "30m")
    assert "has 0 calls" in line


async def test_each_pbx_has_its_own_line(tmp_path: Path, kept: Simulator) -> None:
    urls = "ami://u:s@127.0.0.1:1/?name=a ami://u:s@127.0.0.1:2/?name=b"
    settings = site(tmp_path, kept, pbx_url=urls, cdr_url=f"a={tmp_path / 'cdr'} b={tmp_path / 'cdr'}")
    heads = [line[:2] for line in await reconcile_once(settings, "1d") if not line.startswith(" ")]
    assert heads == ["a:", "b:"]


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"cdr_url": ""}, "CTI_CDR_URL is not set"),
        ({"cdr_url": "/no/such/folder"}, "no folder /no/such/folder"),
        ({"cdr_url": "a=/x b=/y"}, "say whose it is"),
    ],
)
async def test_what_cannot_be_compared_says_why(tmp_path: Path, chosen: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        await reconcile_once(settings_of(tmp_path, **chosen), "1d")


# --- while the product runs


def reconciler(running: Running) -> Reconciler:
    (found,) = running.product.reconcilers
    return found


async def test_the_log_becomes_equal_soon_after_connecting(tmp_path: Path, kept: Simulator) -> None:
    async with silent() as pbx:
        cdr = str(tmp_path / "cdr")
        async with running_product(
            tmp_path, profile_of(pbx), pbx_url=url_of(pbx), cdr_url=cdr, cdr_timezone="UTC"
        ) as running:
            await running.connected()
            report = await until(lambda: reconciler(running).last, FIRST_SECONDS + 10.0)
            assert report.count("missing") == report.truth_calls == len(kept.truth)
            records = await running.records()
            assert len(records) == len(kept.truth)
            assert all([await running.product.ledger.confirmed_at(record.id) for record in records])
            again = await reconciler(running).compare()
            assert again is not None
            assert again.differences == ()
            status, page = await running.get("/truth")
            assert status == 200
            assert page


async def test_records_that_cannot_be_read_for_a_while(tmp_path: Path, kept: Simulator) -> None:
    async with silent() as pbx:
        cdr = str(tmp_path / "cdr")
        async with running_product(
            tmp_path, profile_of(pbx), pbx_url=url_of(pbx), cdr_url=cdr, cdr_timezone="UTC"
        ) as running:
            one = reconciler(running)
            shutil.move(tmp_path / "cdr", tmp_path / "away")
            assert await one.compare() is None
            assert one.error
            assert "no folder" in one.error
            findings = [f for f in await running.product.doctor.examine() if "CDR" in f.title]
            assert [f.level for f in findings] == ["bad"]
            shutil.move(tmp_path / "away", tmp_path / "cdr")
            assert await one.compare() is not None
            assert one.error is None
            assert len(await running.records()) == len(kept.truth)


async def test_without_a_source_nothing_is_made_up(tmp_path: Path) -> None:
    async with silent() as pbx, running_product(tmp_path, pbx_url=url_of(pbx)) as running:
        await running.connected()
        one = reconciler(running)
        assert not one.has_source
        report = await one.compare()
        assert report is not None
        assert (report.truth_calls, report.differences) == (0, ())
        assert await running.records() == []


async def test_when_the_truth_is_asked(tmp_path: Path) -> None:
    """After a link is up, soon and once more; after a call whose end was not seen; not for another PBX's news."""
    clock = ManualClock()
    async with silent() as pbx, running_product(tmp_path, pbx_url=url_of(pbx), clock=clock) as running:
        one = Reconciler(running.product, "main", None)
        lost = written.record(1, outcome="lost")
        for event in (
            PbxLinkChanged("other", 1.0, True, ""),
            PbxLinkChanged("main", 1.0, False, "gone"),
            CallEnded(1.0, written.record(2)),
        ):
            one.take(event)
        assert one._due == []
        one.take(PbxLinkChanged("main", 2.0, True, ""))
        assert one._due == [FIRST_SECONDS, AGAIN_SECONDS]
        one.take(CallEnded(3.0, lost))
        assert one._due == [FIRST_SECONDS, AGAIN_SECONDS]
        clock.advance(60.0)
        one.take(CallEnded(3.0, lost))
        assert one._due[-1] == 60.0 + AGAIN_SECONDS
