"""Whatever the log lost or got wrong, afterwards it says what the truth says, and says what differed."""

from __future__ import annotations

import csv
import datetime as dt
import tracemalloc
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ami_listener.truth import source
from ami_listener.truth.source import TruthSource, open_truth
from call_log.ledger import Ledger
from call_log.model import CHILDREN, Entry, encode_record
from call_log.query import DIFFERENCE_KINDS, CallFilter, DifferenceKind
from call_log.reconcile import ReconcileReport, reconcile
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.live.events import CallLogged
from cti.live.profile import Profile, read_profiles
from cti.live.record import CallRecord, Segment
from tests.call_log.calls import DAY, leg, provisional, record

ALL = frozenset(("answered", "outcome", "talk_seconds", "legs", "ended_at"))
NOON = DAY + 43_200.0


class Told(msgspec.Struct):
    """A truth whose every word the test decides."""

    records: Sequence[CallRecord]
    unfinished: Collection[str] = ()
    precision: float = 0.0
    knows: Collection[str] = ALL
    covers: tuple[float, float] | None = (DAY - 86_400, DAY + 86_400)
    until: float = NOON
    asked: list[tuple[float, float]] = []

    async def parts(self, since: float, until: float) -> AsyncGenerator[Told]:
        self.asked.append((since, until))
        yield self


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, dt.UTC)


class Log:
    """The log of a test, and one comparison after another at noon."""

    def __init__(self, store: CallStore, ledger: Ledger) -> None:
        self.store, self.ledger = store, ledger
        self.clock = ManualClock(NOON)

    async def put(self, *records: CallRecord, at: float = DAY + 100) -> None:
        await self.store.save([Entry(r, at) for r in records])

    async def compare(self, truth: Told | None, live: Collection[str] | None = ()) -> ReconcileReport:
        return await reconcile(self.store, self.ledger, truth, "main", DAY, NOON, self.clock, live=live)

    async def settled(self, truth: Told | None) -> None:
        """The same again finds nothing new."""
        report = await self.compare(truth)
        assert [d for d in report.differences if d.repaired] == []

    async def records(self) -> list[CallRecord]:
        return [s.record for s in await self.store.between("main", DAY, NOON)]


@pytest.fixture
def log(store: CallStore, ledger: Ledger) -> Log:
    return Log(store, ledger)


def kinds(report: ReconcileReport) -> list[tuple[str, DifferenceKind, bool]]:
    return sorted((d.call, d.kind, d.repaired) for d in report.differences)


async def test_the_missing_are_added_and_told(log: Log, told: list[object]) -> None:
    calls = [record(n) for n in range(5)]
    await log.put(*calls[:3])
    told.clear()
    report = await log.compare(Told(calls))
    assert kinds(report) == [(calls[3].id, "missing", True), (calls[4].id, "missing", True)]
    assert await log.records() == calls
    assert told == [CallLogged(calls[3]), CallLogged(calls[4])]
    await log.settled(Told(calls))
    day = await log.ledger.day("main", "2026-11-22")
    assert (day.pbx_calls, day.our_calls, day.differences, day.found) == (5, 5, 0, 2)
    assert day.checked_at == NOON


async def test_the_wrong_are_repaired_and_keep_what_only_we_know(log: Log) -> None:
    segments = (Segment("talk", DAY, DAY + 1),)
    ours = record(1, talk_seconds=70.0, legs=(leg("17953056101", talk_seconds=70.0, segments=segments),))
    rung = leg("17953056102", "PJSIP/202", result="noanswer", talk_seconds=0.0)
    truth = record(
        1,
        caller=msgspec.structs.replace(ours.caller, name=None),
        hold_seconds=0.0,
        digits=None,
        recordings=(),
        hung_up_by=None,
        queue_waits=(),
        legs=(leg("17953056101", hold_seconds=0.0), rung),
    )
    await log.put(ours)
    report = await log.compare(Told([truth]))
    assert kinds(report) == [(ours.id, "wrong", True)]
    assert report.differences[0].fields == {
        "talk_seconds": (70.0, 7.25),
        "legs PJSIP/201 talk_seconds": (70.0, 7.25),
        "legs PJSIP/202": (None, "noanswer"),
    }
    (mended,) = await log.records()
    assert mended.talk_seconds == 7.25
    assert [x.endpoint for x in mended.legs] == ["PJSIP/201", "PJSIP/202"]
    assert mended.legs[0].hold_seconds == 0.5
    assert (mended.caller, mended.digits, mended.hold_seconds) == (ours.caller, "1", 0.5)
    assert (mended.recordings, mended.queue_waits, mended.hung_up_by) == (ours.recordings, ours.queue_waits, "caller")
    await log.settled(Told([truth]))


@pytest.mark.parametrize(
    ("precision", "apart", "differ"), [(0.0, 0.09, False), (0.0, 0.12, True), (1.0, 0.95, False), (1.0, 1.2, True)]
)
async def test_talk_may_differ_by_as_much_as_the_truth_is_exact(
    log: Log, precision: float, apart: float, differ: bool
) -> None:
    await log.put(record(1))
    report = await log.compare(Told([record(1, talk_seconds=7.25 + apart)], precision=precision))
    assert bool(report.differences) == differ
    assert (await log.records())[0].talk_seconds == (7.25 + apart if differ else 7.25)


async def test_an_end_that_we_missed_is_learnt(log: Log) -> None:
    await log.put(provisional(record(1)))
    report = await log.compare(Told([record(1)]))
    assert kinds(report) == [(record(1).id, "wrong", True)]
    assert await log.records() == [record(1)]
    await log.settled(Told([record(1)]))


async def test_an_end_that_nobody_knows_is_a_loss_told_as_such(log: Log) -> None:
    ours = provisional(record(1), legs=(leg("x", ended_at=None, result=None),))
    await log.put(ours, at=DAY + 500)
    report = await log.compare(Told([], unfinished=[ours.linkedid]))
    assert kinds(report) == [(ours.id, "lost", True)]
    (lost,) = await log.records()
    assert (lost.outcome, lost.provisional, lost.ended_at) == ("lost", False, DAY + 500)
    assert lost.legs[0].ended_at == DAY + 500
    assert lost.duration_seconds == pytest.approx(DAY + 500 - (lost.started_at or 0))
    await log.settled(Told([]))
    assert (await log.ledger.differences_of(ours.id))[0].kind == "lost"


async def test_a_loss_is_made_good_when_the_truth_turns_up(log: Log) -> None:
    await log.put(provisional(record(1)))
    await log.compare(None)
    assert (await log.records())[0].outcome == "lost"
    await log.compare(Told([record(1)]))
    assert await log.records() == [record(1)]


async def test_what_the_tracker_gave_up_is_counted_once_or_made_whole(log: Log) -> None:
    gap, known = record(1, outcome="lost"), record(2, outcome="lost", talk_seconds=1.0)
    await log.put(gap, known)
    report = await log.compare(Told([record(2)]))
    assert kinds(report) == [(gap.id, "lost", True), (known.id, "wrong", True)]
    assert await log.records() == [gap, record(2)]
    for truth in (Told([record(2)]), None):
        assert (await log.compare(truth)).differences == ()
    assert [d.kind for d in await log.ledger.differences_of(gap.id)] == ["lost"]


async def test_cdr_alone_makes_a_lost_call_whole(log: Log) -> None:
    await log.put(record(1, outcome="lost"))
    report = await log.compare(Told([record(1)], precision=1.0, knows=frozenset(("answered",))))
    assert report.differences[0].fields == {"outcome": ("lost", "answered")}
    assert await log.records() == [record(1)]


async def test_calls_still_up_are_left_alone(log: Log) -> None:
    up = provisional(record(1))
    await log.put(up)
    for truth in (None, Told([]), Told([], unfinished=[up.id])):
        report = await log.compare(truth, live={up.id})
        assert (report.differences, report.waiting) == ((), 1)
    for truth in (None, Told([])):
        assert (await log.compare(truth, live=None)).differences == ()
    assert await log.records() == [up]


async def test_what_ended_a_moment_ago_may_still_be_on_its_way(log: Log) -> None:
    fresh = record(1, at=NOON - 10)
    report = await log.compare(Told([fresh]))
    assert (report.differences, report.waiting) == ((), 1)
    await log.put(record(2, at=NOON - 9))
    assert (await log.compare(Told([]))).differences == ()


async def test_a_ghost_is_ended_by_the_truth(log: Log) -> None:
    await log.put(provisional(record(1)))
    report = await log.compare(Told([record(1)]), live={record(1).id})
    assert kinds(report) == [(record(1).id, "wrong", True)]


async def test_what_the_truth_lacks_is_shown_and_kept_until_it_catches_up(log: Log) -> None:
    await log.put(record(1), record(2))
    for _ in range(2):
        report = await log.compare(Told([record(1)]))
        assert kinds(report) == [(record(2).id, "extra", False)]
    day = await log.ledger.day("main", "2026-11-22")
    assert (day.pbx_calls, day.our_calls, day.differences) == (1, 2, 1)
    await log.compare(None)
    assert (await log.ledger.day("main", "2026-11-22")).differences == 1
    assert (await log.compare(Told([record(1), record(2)]))).differences == ()
    day = await log.ledger.day("main", "2026-11-22")
    assert (day.pbx_calls, day.our_calls, day.differences, day.found) == (2, 2, 0, 1)


@pytest.mark.parametrize("covers", [None, (DAY + 8_000, DAY + 86_400)])
async def test_what_the_truth_cannot_know_is_no_difference(log: Log, covers: tuple[float, float] | None) -> None:
    await log.put(record(1), record(2, kind="monitoring"))
    assert (await log.compare(Told([], covers=covers))).differences == ()


async def test_two_of_ours_that_are_one_call_become_one(log: Log, store: CallStore) -> None:
    a, b = record(1), record(2)
    truth = record(1, linkedids=(a.linkedid, b.linkedid), talk_seconds=20.0)
    await log.put(a, b)
    report = await log.compare(Told([truth]))
    assert kinds(report) == [(a.id, "wrong", True), (b.id, "extra", True)]
    assert [r.talk_seconds for r in await log.records()] == [20.0]
    assert await store.get(b.id) == await store.get(a.id)
    await log.settled(Told([truth]))


async def test_the_older_id_stays_whoever_knows_it(log: Log, store: CallStore) -> None:
    older, younger = record(1), record(2)
    await log.put(record(2))
    truth = record(1, linkedids=(older.linkedid, younger.linkedid))
    await log.compare(Told([truth]))
    assert [r.id for r in await log.records()] == [older.id]
    assert await store.get(younger.id) is not None
    in_part = record(2, linkedids=(younger.linkedid,), talk_seconds=3.0)  # a truth that lacks the first rows
    await log.compare(Told([in_part]))
    assert [(r.id, r.talk_seconds) for r in await log.records()] == [(older.id, 3.0)]
    await log.settled(Told([in_part]))


async def test_cdr_alone_tells_only_that_and_when(log: Log) -> None:
    coarse = frozenset(("answered",))
    await log.put(record(1), provisional(record(2)), record(3, outcome="noanswer", answered_at=None))
    truth = Told([record(n, talk_seconds=99.0, legs=()) for n in range(4)], precision=1.0, knows=coarse)
    report = await log.compare(truth)
    assert [d.kind for d in report.differences] == ["missing", "wrong", "wrong"]
    _, one, two, three = await log.records()
    assert one == record(1)
    assert (two.provisional, two.outcome) == (False, "answered")
    assert (three.outcome, three.answered_at) == ("answered", record(3).answered_at)
    await log.settled(truth)


async def test_of_monitoring_only_its_end_is_compared(log: Log) -> None:
    ours = record(1, kind="monitoring", talk_seconds=0.0, legs=())
    await log.put(ours)
    assert (await log.compare(Told([record(1)]))).differences == ()
    await log.compare(Told([record(1, kind="monitoring", ended_at=DAY + 50)]))
    (after,) = await log.records()
    assert (after.kind, after.ended_at, after.legs) == ("monitoring", DAY + 50, ())


async def test_the_period_reaches_back_to_what_was_left_open(log: Log) -> None:
    left = provisional(record(0, at=DAY - 5_000))
    await log.put(left, at=DAY - 4_000)
    truth = Told([record(0, at=DAY - 5_000)], asked=[])
    report = await log.compare(truth)
    assert truth.asked[0][0] == left.started_at
    assert kinds(report) == [(left.id, "wrong", True)]


async def test_the_report_can_be_read(log: Log) -> None:
    await log.put(record(1, talk_seconds=3.0), record(2))
    lines = (await log.compare(Told([record(0), record(1)]))).lines()
    assert lines[0] == "main: the PBX has 2 calls, 0 agree; 1 missing, 1 wrong, 0 lost, 1 extra"
    assert f"  {record(0).id}: missing, repaired" in lines
    assert f"  {record(1).id}: wrong, repaired: talk_seconds 3.0 → 7.25" in lines
    assert f"  {record(2).id}: extra, kept as it is" in lines


# A call of the log, damaged in one of these ways or not at all.
_DAMAGE = st.sampled_from(["none", "dropped", "talk", "outcome", "legs", "open", "split", "late"])


def damaged(truth: CallRecord, how: str) -> list[CallRecord]:
    changes: dict[str, dict[str, Any]] = {
        "talk": {"talk_seconds": 1.0},
        "outcome": {"outcome": "busy"},
        "legs": {"legs": ()},
        "late": {"ended_at": (truth.ended_at or 0.0) + 30},
    }
    if how == "dropped":
        return []
    if how == "open":
        return [provisional(truth)]
    if how == "split":
        part = msgspec.structs.replace(truth, linkedids=truth.linkedids[:1])
        rest = record(500 + int(truth.linkedid.rpartition(".")[2]), linkedids=truth.linkedids[1:])
        return [part, rest]
    return [msgspec.structs.replace(truth, **changes.get(how, {}))]


def two_part(number: int) -> CallRecord:
    made = record(number)
    return msgspec.structs.replace(made, linkedids=(made.linkedid, f"{int(DAY) + 9000}.{number}"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(harm=st.lists(_DAMAGE, min_size=1, max_size=12))
async def test_any_damage_is_made_good_once(log: Log, harm: list[str]) -> None:
    async with log.store.database.transaction() as tx:
        for table in ("call", "call_alias", "difference", *(t.name for t in CHILDREN)):
            await tx.execute(f"DELETE FROM {table}")
    truth = [two_part(n) for n in range(len(harm))]
    await log.put(*(r for t, how in zip(truth, harm, strict=True) for r in damaged(t, how)))
    report = await log.compare(Told(truth))
    assert {d.call for d in report.differences if d.kind != "extra"} <= {t.id for t in truth}
    assert len({d.call for d in report.differences}) == sum(how != "none" for how in harm)
    assert await log.records() == truth
    assert (await log.compare(Told(truth))).differences == ()
    day = await log.ledger.day("main", "2026-11-22")
    assert (day.pbx_calls, day.our_calls, day.differences) == (len(truth), len(truth), 0)


FIXTURES = Path(__file__).parents[1] / "fixtures" / "ami"


async def test_a_burst_of_which_half_was_missed(store: CallStore, ledger: Ledger, database: Database) -> None:
    """The CEL of a real Asterisk, fifty calls within a second, against a log that lost and mangled some."""
    profile = Profile(read_profiles((FIXTURES / "profile.toml").read_text())["main"])
    truth = open_truth(str(FIXTURES / "asterisk-22" / "burst_50_concurrent"), profile=profile, pbx="main", zone=dt.UTC)
    since, until = 1795311190.0, 1795311300.0
    whole = (await truth.read(since, until)).records
    assert len(whole) == 50
    kept = [
        msgspec.structs.replace(r, talk_seconds=r.talk_seconds + (0.5 if n % 5 == 0 else 0))
        for n, r in enumerate(whole)
    ]
    await store.save([Entry(r, r.ended_at or 0.0) for r in kept[:30]])
    await store.save([Entry(provisional(r), r.started_at or 0.0) for r in kept[30:35]])
    clock = ManualClock(until)
    report = await reconcile(store, ledger, truth, "main", since, until, clock, live=())
    assert [report.count(kind) for kind in DIFFERENCE_KINDS] == [15, 11, 0, 0]
    found = await CallSearch(database).page(CallFilter(), limit=100)
    assert {r.id: r.talk_seconds for r in found.items} == {r.id: r.talk_seconds for r in whole}
    report = await reconcile(store, ledger, truth, "main", since, until, clock, live=())
    assert (report.differences, report.confirmed) == ((), 50)


async def test_without_a_truth_a_busy_day_is_not_read_whole(log: Log) -> None:
    calls = [record(n) for n in range(600)]
    await log.put(*calls, record(600, outcome="lost"))
    tracemalloc.start()
    report = await log.compare(None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(d.kind, d.call) for d in report.differences] == [("lost", record(600).id)]
    assert most < len(calls) * len(encode_record(calls[0])) / 2, f"{most / 1e6:.1f} MB held at once"


# --- in parts

PROFILE = Profile(read_profiles((FIXTURES / "profile.toml").read_text())["main"])
HOURS = 8


BRIDGED = '{{"bridge_id":"b{}","bridge_technology":"simple_bridge"}}'
HUNG_UP = '{"hangupcause":16,"hangupsource":"","dialstatus":""}'


def told_of(number: int, at: float, lasts: float, *, consulted: bool = False) -> Iterator[list[Any]]:
    """The rows that CEL has of a call between two phones. ``consulted``: the first then hands it to a third."""
    first, second, third = (f"{int(at)}.{number * 10 + n}" for n in range(3))

    def row(type_: str, after: float, phone: int, uid: str, told: str = "") -> list[Any]:
        linked = uid if uid == third else first
        named = [phone, "", "202", "internal", f"PJSIP/{phone}-{uid.rpartition('.')[2]}", "", "", uid, linked, "", told]
        return [type_, f"{at + after:.6f}", *named]

    yield row("CHAN_START", 0.013, 201, first)
    yield row("CHAN_START", 0.021, 202, second)
    for n, uid in enumerate((second, first)):
        yield row("ANSWER", 1.1 + n / 100, 202 - n, uid)
    for n, uid in enumerate((second, first)):
        yield row("BRIDGE_ENTER", 1.2 + n / 100, 202 - n, uid, BRIDGED.format(number))
    if consulted:
        yield row("CHAN_START", lasts / 2, 203, third)
        yield row("ATTENDEDTRANSFER", lasts / 2 + 1, 202, second, f'{{"channel2_uniqueid":"{third}"}}')
        yield row("HANGUP", lasts, 203, third, HUNG_UP)
        yield row("CHAN_END", lasts, 203, third)
    for n, uid in enumerate((second, first)):
        yield row("HANGUP", lasts + n / 100, 202 - n, uid, HUNG_UP)
        yield row("CHAN_END", lasts + n / 100, 202 - n, uid)


def pbx_folder(folder: Path, every: float) -> None:
    """Eight hours before noon: short calls, some of minutes and hours, some handed on, one that is still up."""
    rows: list[list[Any]] = []
    for number in range(int(HOURS * 3600 / every)):
        lasts = 18_000.0 if number % 97 == 5 else 900.0 if number % 7 == 3 else 8.5
        rows += told_of(number, NOON - HOURS * 3600 + every * number, lasts, consulted=number % 4 == 3)
    rows = sorted((row for row in rows if float(row[1]) < NOON), key=lambda row: float(row[1]))
    names = "eventtype,eventtime,cid_num,cid_name,exten,context,channame,appname,appdata,uniqueid,linkedid,peer,extra"
    with (folder / "cel.csv").open("w", newline="") as out:
        csv.writer(out).writerows([names.split(","), *rows])


def harmed(truth: Sequence[CallRecord]) -> Iterator[CallRecord]:
    ways = ("none", "dropped", "none", "talk", "open", "none", "legs", "late")
    for n, call in enumerate(truth):
        yield from damaged(call, ways[n % len(ways)])
        if n % 11 == 0:
            yield record(100_000 + n, at=call.started_at)
    for n in range(0, len(truth), 13):
        yield record(200_000 + n, at=truth[n].started_at, outcome="lost")


async def found_in(log: Log, truth: TruthSource, calls: Sequence[CallRecord]) -> tuple[Any, ...]:
    """All that a comparison of this log leaves behind, the log emptied first."""
    async with log.store.database.transaction() as tx:
        for table in ("call", "call_alias", "difference", "truth_day", *(t.name for t in CHILDREN)):
            await tx.execute(f"DELETE FROM {table}")
    since = NOON - HOURS * 3600 - 60
    await log.put(*calls)
    report = await reconcile(log.store, log.ledger, truth, "main", since, NOON, log.clock, live=())
    ledger = await log.ledger.differences("main", 0, NOON)
    stored = sorted(await log.store.between("main", 0, NOON), key=lambda s: s.record.id)
    found = sorted(report.differences, key=lambda d: (d.call, d.kind))
    counts = (report.truth_calls, report.confirmed, report.waiting)
    return counts, found, ledger, stored, await log.ledger.day("main", "2026-11-22")


async def test_in_parts_is_found_what_is_found_in_one_piece(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx_folder(tmp_path, 120.0)
    truth = open_truth(str(tmp_path), profile=PROFILE, pbx="main", zone=dt.UTC)
    calls = list(harmed((await truth.read(NOON - HOURS * 3600, NOON)).records))
    monkeypatch.setattr(source, "PART_SECONDS", 1e9)
    whole = await found_in(log, truth, calls)
    assert {d.kind for d in whole[1]} == {*DIFFERENCE_KINDS}
    assert whole[0][0] > 200
    for seconds in (1800.0, 400.0):
        monkeypatch.setattr(source, "PART_SECONDS", seconds)
        assert await found_in(log, truth, calls) == whole


async def test_of_a_busy_day_a_part_is_held_at_once(log: Log, tmp_path: Path) -> None:
    pbx_folder(tmp_path, 15.0)
    truth = open_truth(str(tmp_path), profile=PROFILE, pbx="main", zone=dt.UTC)
    since = NOON - HOURS * 3600 - 60
    await log.put(*(await truth.read(since, NOON)).records)
    tracemalloc.start()
    report = await reconcile(log.store, log.ledger, truth, "main", since, NOON, log.clock, live=())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.truth_calls > HOURS * 200
    assert (report.confirmed + report.waiting, report.differences) == (report.truth_calls, ())
    assert most < report.truth_calls * 5_000, f"{most / 1e6:.1f} MB for {report.truth_calls} calls"
