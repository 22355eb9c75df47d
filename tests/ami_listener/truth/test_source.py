"""A period asked for gives the calls that did anything in it, and says what it cannot judge."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from contextlib import aclosing
from pathlib import Path

import pytest

from ami_listener.truth import csvfiles, source
from ami_listener.truth.source import FROM_CDR, FROM_CEL, TruthReading, TruthSource, open_truth
from cti.kernel.errors import ConfigurationError, UnavailableError
from cti.live.profile import Profile
from tests.ami_listener.truth.tables import MARIADB, POSTGRESQL, fill
from tests.ami_listener.truth.traces import FIXTURES, SCENARIOS, expected, name_of, profile_of
from tests.databases import mariadb, postgres

RESYNC = FIXTURES / "asterisk-22" / "resync_snapshot"  # three calls that overlap
CALLS = expected(RESYNC)
IDS = [f"main-{call['linkedid']}" for call in CALLS]


async def urls(tmp_path: Path) -> list[str]:
    """The same three calls wherever a PBX may keep them."""
    shutil.copytree(RESYNC, tmp_path / "log")
    maria, postgresql = mariadb().new_url(), postgres().new_url()
    await fill(maria, MARIADB, [RESYNC], dt.UTC)
    await fill(postgresql, POSTGRESQL, [RESYNC], dt.UTC)
    return [str(tmp_path / "log"), f"file://{tmp_path / 'log'}", maria, postgresql]


async def test_whole_calls_of_any_period_from_any_source(tmp_path: Path, profile: Profile) -> None:
    first_ends = CALLS[1]["ended_at"]  # the second call is the first to end
    for url in await urls(tmp_path):
        truth = open_truth(url, profile=profile, pbx="main", zone=dt.UTC)
        early = await truth.read(CALLS[0]["started_at"] - 5, CALLS[0]["started_at"] + 1)
        if "://" in url and "file" not in url:
            assert [r.id for r in early.records] == IDS[:1]  # a table can be asked for the rest of the call
        else:
            assert (early.records, early.unfinished) == ((), frozenset((IDS[0], CALLS[0]["linkedid"])))
        late = await truth.read(first_ends - 1, first_ends + 30)
        assert sorted(r.id for r in late.records) == sorted(IDS)
        assert late.unfinished == frozenset()
        assert late.precision == (1.0 if "mysql" in url else 0.0)
        assert late.knows == FROM_CEL
        assert late.covers is not None
        assert late.covers[0] == pytest.approx(CALLS[0]["started_at"], abs=1)
        assert (await truth.read(first_ends + 60, first_ends + 90)).records == ()
        await truth.close()


async def in_parts(truth: TruthSource, since: float, until: float) -> list[TruthReading]:
    async with aclosing(truth.parts(since, until)) as parts:
        return [reading async for reading in parts]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that cut the recorded calls, which last seconds."""
    monkeypatch.setattr(source, "PART_SECONDS", 2.0)
    monkeypatch.setattr(source, "LATE_SECONDS", 0.5)
    monkeypatch.setattr(csvfiles, "_AHEAD_SECONDS", 0.5)
    monkeypatch.setattr(source, "LEAD_SECONDS", 30.0)


def same(parts: list[TruthReading], whole: TruthReading) -> None:
    told = [r for reading in parts for r in reading.records]
    assert sorted(told, key=lambda r: r.id) == sorted(whole.records, key=lambda r: r.id)
    assert {i for reading in parts for i in reading.unfinished} == whole.unfinished
    assert {reading.knows for reading in parts if reading.records} <= {whole.knows}


@pytest.mark.parametrize("cel", [True, False])
@pytest.mark.parametrize("folder", SCENARIOS, ids=name_of)
@pytest.mark.usefixtures("small_parts")
async def test_parts_tell_each_call_once_and_whole(folder: Path, cel: bool, tmp_path: Path) -> None:
    for name in ("cel.csv", "cdr.csv") if cel else ("cdr.csv",):
        shutil.copy(folder / name, tmp_path)
    truth = open_truth(str(tmp_path), profile=profile_of(folder), pbx="main", zone=dt.UTC)
    calls = expected(folder)
    since, until = calls[0]["started_at"] - 3, max(c["ended_at"] for c in calls) + 10
    middle = (since + until) / 2
    for begin, end in ((since, until), (middle, until), (since, middle)):
        same(await in_parts(truth, begin, end), await truth.read(begin, end))


@pytest.mark.usefixtures("small_parts")
async def test_parts_of_any_source_are_the_whole(tmp_path: Path, profile: Profile) -> None:
    since, until = CALLS[0]["started_at"] - 5, max(c["ended_at"] for c in CALLS) + 20
    for url in await urls(tmp_path):
        truth = open_truth(url, profile=profile, pbx="main", zone=dt.UTC)
        parts = await in_parts(truth, since, until)
        same(parts, await truth.read(since, until))
        assert sum(bool(p.records) for p in parts) > 1
        same(
            await in_parts(truth, CALLS[1]["started_at"] + 1, until - 25),
            await truth.read(CALLS[1]["started_at"] + 1, until - 25),
        )
        await truth.close()


async def test_cdr_alone_claims_little(tmp_path: Path, profile: Profile) -> None:
    shutil.copy(RESYNC / "cdr.csv", tmp_path)
    truth = open_truth(str(tmp_path), profile=profile, pbx="main", zone=dt.UTC)
    reading = await truth.read(CALLS[0]["started_at"], CALLS[0]["started_at"] + 60)
    assert sorted(r.id for r in reading.records) == sorted(IDS)
    assert reading.knows == FROM_CDR


async def test_cel_without_extra_does_not_claim_to_know_who_hung_up(tmp_path: Path, profile: Profile) -> None:
    with (RESYNC / "cel.csv").open(newline="") as lines, (tmp_path / "cel.csv").open("w", newline="") as out:
        csv.writer(out).writerows(row[:12] for row in csv.reader(lines))
    truth = open_truth(str(tmp_path), profile=profile, pbx="main", zone=dt.UTC)
    reading = await truth.read(CALLS[0]["started_at"], CALLS[0]["started_at"] + 60)
    assert reading.knows == FROM_CEL - {"outcome"}
    assert sorted(r.id for r in reading.records) == sorted(IDS)


async def test_a_clock_that_is_ahead_is_set_right(tmp_path: Path, profile: Profile) -> None:
    """The PBX's clock is 90 s ahead: its rows of now carry times of a minute and a half from now."""
    postgresql = postgres().new_url()
    await fill(postgresql, POSTGRESQL, [RESYNC], dt.UTC)
    now = CALLS[0]["started_at"] - 90
    for url in (str(RESYNC), postgresql):
        truth = open_truth(url, profile=profile, pbx="main", zone=dt.UTC, ahead=lambda at: 90.0)
        reading = await truth.read(now - 1, now + 30)
        assert sorted(r.id for r in reading.records) == sorted(IDS)
        assert min(r.started_at or 0 for r in reading.records) == pytest.approx(now, abs=0.1)
        assert reading.covers is not None
        assert reading.covers[0] == pytest.approx(now, abs=0.1)
        await truth.close()


async def test_nothing_kept_covers_nothing(tmp_path: Path, profile: Profile) -> None:
    reading = await open_truth(str(tmp_path), profile=profile, pbx="main", zone=dt.UTC).read(0, 1e9)
    assert (reading.records, reading.covers) == ((), None)


async def test_what_cannot_be_asked_says_so(tmp_path: Path, profile: Profile) -> None:
    truth = open_truth("mysql://root@127.0.0.1:1/x", profile=profile, pbx="main", zone=dt.UTC)
    with pytest.raises(UnavailableError):
        await truth.read(0, 1)
    await truth.close()
    for url in (str(tmp_path / "none"), "oracle://x"):
        with pytest.raises(ConfigurationError):
            open_truth(url, profile=profile, pbx="main", zone=dt.UTC)
