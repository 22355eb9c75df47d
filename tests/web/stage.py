"""The web application on a stage: real pages, hub and board, with the sample's day behind them.

``SampleLog`` and ``SampleTruth`` answer from lists what the database answers in the product; the real
ones are tested in ``tests/call_log`` and wired in ``cti.app``.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from call_log.query import CallFilter, CallTotals, Difference, Figures, Missed, Page, Scope, TruthDay
from call_log.service import Calls, Truths
from crm_core.results.part import CallPart
from cti.app.figures import Today
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock, SystemClock
from cti.kernel.errors import InvalidError
from cti.live.numbers import latin_digits
from cti.live.record import CallRecord
from screenpop.board import Board, contribution
from screenpop.feed import Feed
from tests.crm import quick_crm
from tests.web import sample
from web.format import phone
from web.push import text_frame
from web.services import Finding, PbxSetup, Services

LISTENER = """[tamas]
secret = CHANGE-ME
deny = 0.0.0.0/0.0.0.0
permit = 192.0.2.10/255.255.255.255
read = call,agent,dialplan,reporting
write = reporting
writetimeout = 5000
eventfilter = !Event: RTCP*
eventfilter = !Event: VarSet
"""
ACTIONS = """[tamas-actions]
secret = CHANGE-ME-TOO
deny = 0.0.0.0/0.0.0.0
permit = 192.0.2.10/255.255.255.255
read = none
write = call,originate,agent
"""
PROFILE = """[pbx.main]
preset = "plain"
extensions = '^2\\d\\d$'
trunks = '^trunk$'
area_code = "021"
"""
SETTINGS = """CTI_PBX_URL='ami://tamas:CHANGE-ME@192.0.2.5:5038/?name=main'
CTI_PBX_ACTIONS_URL='ami://tamas-actions:CHANGE-ME-TOO@192.0.2.5:5038/?name=main'
CTI_CDR_URL='/var/log/asterisk/cdr-csv?tz=Asia/Tehran'
"""


class SampleLog:
    def __init__(self, records: Iterable[CallRecord], merged: Mapping[str, str] | None = None) -> None:
        self.records = sorted(records, key=lambda r: (r.started_at or 0, r.id), reverse=True)
        self.merged = dict(merged or {})

    async def page(self, wanted: CallFilter, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]:
        if cursor is not None and not cursor.isdigit():
            raise InvalidError("cursor: not one of ours")
        start = int(cursor or 0)
        found = [r for r in self.records if matches(r, wanted)]
        more = str(start + limit) if len(found) > start + limit else None
        return Page(tuple(found[start : start + limit]), more)

    async def totals(self, wanted: CallFilter) -> CallTotals:
        found = [r for r in self.records if matches(r, wanted)]
        waits = [r.wait_seconds or 0 for r in found if r.direction == "inbound" and r.outcome == "answered"]
        return CallTotals(
            calls=len(found),
            inbound=sum(r.direction == "inbound" for r in found),
            answered=sum(r.outcome == "answered" for r in found),
            abandoned=sum(r.outcome == "abandoned" for r in found),
            talk_seconds=sum(r.talk_seconds for r in found),
            wait_seconds=sum(waits) / len(waits) if waits else None,
        )

    async def handled(self, call_id: str) -> tuple[frozenset[str], frozenset[str]] | None:
        record = await self.get(call_id)
        if record is None:
            return None
        return frozenset(), frozenset(leg.extension for leg in record.legs if leg.extension)

    async def figures(self, scope: Scope, start: float, end: float) -> Figures:
        mine = [
            leg.talk_seconds
            for record in self.records
            for leg in record.legs
            if start <= (record.started_at or 0.0) < end and leg.extension in scope.phones and not leg.outside
        ]
        return Figures(len(mine), sum(x > 0 for x in mine), sum(mine), max(mine, default=0.0))

    async def unreturned(self, scope: Scope, queues: Sequence[str], start: float) -> list[Missed]:
        return [
            Missed(record, 1)
            for record in self.records
            if record.outcome == "abandoned" and record.queue in queues and (record.started_at or 0.0) >= start
        ]

    async def get(self, call_id: str) -> CallRecord | None:
        wanted = self.merged.get(call_id, call_id)
        return next((r for r in self.records if r.id == wanted), None)


class SampleParts:
    """Who had a part in the sample's calls, in the log or live: whoever has their phones now."""

    def __init__(self, log: SampleLog, board: Board) -> None:
        self._log, self._board = log, board

    async def part(self, call_id: str) -> CallPart | None:
        live = self._board.live(call_id)
        record = live.record if live is not None else await self._log.get(call_id)
        if record is None:
            return None
        return CallPart(record, frozenset(), frozenset(leg.extension for leg in record.legs if leg.extension))


def matches(record: CallRecord, wanted: CallFilter) -> bool:
    at = record.started_at or 0.0
    digits = latin_digits(wanted.number or "").lstrip("0")
    agents = {(leg.extension, leg.endpoint) for leg in record.legs}
    return (
        (wanted.start is None or at >= wanted.start)
        and (wanted.end is None or at < wanted.end)
        and (wanted.ids is None or record.id in wanted.ids)
        and wanted.outcome in (None, record.outcome)
        and wanted.direction in (None, record.direction)
        and wanted.queue in (None, record.queue)
        and (not digits or any(_fits(digits, raw, wanted.whole) for raw in (record.caller.raw, record.dialled.raw)))
        and (wanted.agents is None or any(agent in pair for agent in wanted.agents for pair in agents))
        and (wanted.scope is None or any(phone in pair for phone in wanted.scope.phones for pair in agents))
        and (wanted.agent is None or any(wanted.agent in pair for pair in agents))
        and record.talk_seconds >= (wanted.min_seconds or 0)
    )


def _fits(digits: str, raw: str | None, whole: bool) -> bool:
    return (raw or "").lstrip("0") == digits if whole else digits in (raw or "")


class SampleTruth:
    def __init__(self, log: SampleLog, differences: Sequence[Difference] = ()) -> None:
        self._log, self._differences = log, differences

    async def days(self, pbx: str, newest: str, count: int = 31) -> list[TruthDay]:
        first = dt.date.fromisoformat(newest)
        return [self._day(pbx, (first - dt.timedelta(days=n)).isoformat()) for n in range(count)]

    async def day_differences(self, pbx: str, day: str) -> list[Difference]:
        return [d for d in self._differences if d.pbx == pbx and local_day(d.started_at or 0) == day]

    async def differences_of(self, call_id: str) -> list[Difference]:
        return [d for d in self._differences if d.call == call_id]

    async def confirmed_at(self, call_id: str) -> float | None:
        return next((r.ended_at for r in self._log.records if r.id == call_id and not r.provisional), None)

    def _day(self, pbx: str, day: str) -> TruthDay:
        ours = sum(local_day(r.started_at or 0) == day for r in self._log.records)
        found = [d for d in self._differences if local_day(d.started_at or 0) == day]
        standing = sum(not d.repaired for d in found)
        return TruthDay(day, pbx, ours + standing, ours, standing, len(found), sample.NOW - 240)


def local_day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, sample.ZONE).date().isoformat()


def differences(log: SampleLog) -> list[Difference]:
    """One that was repaired, one that stands; both of the day before."""
    repaired, standing = (r for r in log.records if r.linkedid.endswith((".53", ".55")))
    return [
        Difference(repaired.id, "main", "wrong", {"talk_seconds": (80.0, 87.0)}, True, sample.NOW, repaired.started_at),
        Difference(
            standing.id, "main", "lost", {"outcome": (None, "answered")}, False, sample.NOW, standing.started_at
        ),
    ]


FINDINGS = (
    Finding("ok", "The PBX takes our login", "", {}),
    Finding("warn", "The clocks differ by %(seconds)s s", "Let both run NTP.", {"seconds": "2.4"}),
    Finding("bad", "Queue events do not arrive", "Add «agent» to read= of the login.", {}),
)


class RunningClock(SystemClock):
    """The sample's morning, going on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> float:
        return sample.NOW + time.monotonic() - self._began


async def ready() -> dict[str, str | None]:
    return {"database": None, "pbx main": None}


async def doctor() -> Sequence[Finding]:
    return FINDINGS


def calls(log: SampleLog, team: frozenset[str] = frozenset()) -> Calls:
    """What a user may see of the sample's log; ``team``: the phones of everybody's teams."""

    async def mates(_actor: Actor) -> Scope:
        return Scope((), tuple(team))

    return Calls(log, lambda number, raw: phone(number, raw, "IR"), mates)


def services(records: Iterable[CallRecord] | None = None, **changes: object) -> Services:
    """Services with the sample's log and nothing live yet; ``go_live`` adds the calls now."""
    log = SampleLog(sample.log() if records is None else records)
    board = Board(lambda number, raw: phone(number, raw, "IR"), local_day)
    crm = quick_crm(clock := ManualClock(sample.NOW), calls=SampleParts(log, board))
    day = Today(crm.database, clock, ZoneInfo("Asia/Tehran"), lambda: crm.figure_rules.now)
    whole = Services(
        calls=calls(log),
        truth=Truths(SampleTruth(log, differences(log) if records is None else ())),
        feed=Feed(board, frame=text_frame),
        crm=crm,
        figures=day.service(crm.reach),
        clock=clock,
        doctor=doctor,
        setups=lambda: (PbxSetup("main", True, LISTENER, ACTIONS, SETTINGS, PROFILE),),
        readiness=ready,
        metrics=lambda: b"tamas_calls 1\n",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def go_live(feed: Feed) -> None:
    """The sample's calls, queues and links are up now, and today's counters stand as its log says."""
    feed.load(sample.live_calls(), sample.queues(), sample.links())
    totals: dict[str, int] = {}
    for record in sample.log():
        if local_day(record.started_at or 0) == local_day(sample.NOW):
            for key, value in contribution(record).items():
                totals[key] = totals.get(key, 0) + value
    feed.board.start_day(sample.NOW, totals)
