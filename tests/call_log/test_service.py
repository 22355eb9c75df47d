"""Each sees his calls and no others, and numbers only whole if he may."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest

from call_log.ledger import Ledger
from call_log.model import Entry
from call_log.query import CallFilter, Difference, Scope
from call_log.search import CallSearch
from call_log.service import Calls, Log, Truth, Truths
from call_log.store import CallStore
from cti.app.calls import CallLog
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from cti.live.masking import mask_in
from cti.live.record import Caller, CallRecord, Number
from tests.call_log.calls import DAY, leg, record
from web.format import phone


def agent(*permissions: str, extensions: tuple[str, ...] = ("201",), teams: tuple[str, ...] = ()) -> Actor:
    return Actor("u1", "Elham", "user", "agent", frozenset(permissions), frozenset(extensions), frozenset(teams))


def of(extension: str, n: int, **changes: Any) -> CallRecord:
    return record(n, legs=(leg(f"{n}.1", f"PJSIP/{extension}", extension=extension),), **changes)


MINE, TEAMMATES, OTHERS = of("201", 1), of("202", 2), of("301", 3)
OWN = agent("calls.view", "numbers.view")
TEAM = agent("calls.view_team", "numbers.view", teams=("sales",))
ALL = agent("calls.view_all", "numbers.view", extensions=())
UNSIGHTED = agent("calls.view_all")


@pytest.fixture
async def calls(database: Database, store: CallStore) -> Calls:
    await store.save([Entry(r, DAY) for r in (MINE, TEAMMATES, OTHERS)])

    async def mates(actor: Actor) -> Scope:
        return Scope(("u2",), ("202",)) if "sales" in actor.teams else Scope()

    return Calls(CallLog(CallSearch(database), store), lambda n, raw: phone(n, raw, "IR"), mates)


async def seen(calls: Calls, actor: Actor, **wanted: Any) -> list[CallRecord]:
    return list((await calls.page(actor, CallFilter(**wanted))).items)


@pytest.mark.parametrize(
    ("actor", "visible"),
    [
        (OWN, [MINE]),
        (TEAM, [TEAMMATES, MINE]),
        (ALL, [OTHERS, TEAMMATES, MINE]),
        (agent("calls.view", "numbers.view", extensions=()), []),
        (agent("calls.view", "numbers.view", extensions=("20", "01", "PJSIP")), []),
    ],
)
async def test_each_sees_his_calls(calls: Calls, actor: Actor, visible: list[CallRecord]) -> None:
    assert await seen(calls, actor) == visible
    assert (await calls.totals(actor, CallFilter())).calls == len(visible)
    for one in (MINE, TEAMMATES, OTHERS):
        if one in visible:
            assert await calls.get(actor, one.id) == one == await calls.shown(actor, one)
        else:
            with pytest.raises(NotFoundError):
                await calls.get(actor, one.id)
            assert await calls.shown(actor, one) is None


async def test_a_filter_does_not_widen(calls: Calls) -> None:
    assert await seen(calls, OWN, agent="301") == [] == await seen(calls, OWN, agents=("301",))
    assert await seen(calls, TEAM, agent="202") == [TEAMMATES] == await seen(calls, TEAM, agents=("202", "301"))


async def test_who_takes_a_phone_over_has_not_had_its_calls(calls: Calls, database: Database, store: CallStore) -> None:
    """201 is Elham's until noon, then Sina's; what rang there while nobody knew who worked is of who has it now."""
    async with database.transaction() as tx:
        await tx.execute("UPDATE call_agent_since SET at = 0")
    hers, his, unknown = (of("201", n) for n in (21, 22, 23))
    await store.save([Entry(hers, DAY, people={"21.1": ("u1",)}), Entry(his, DAY, people={"22.1": ("u9",)})])
    await store.save([Entry(unknown, DAY)])
    elham_at_202 = agent("calls.view", "numbers.view", extensions=("202",))
    sina = msgspec.structs.replace(OWN, id="u9")
    assert await seen(calls, elham_at_202) == [hers, TEAMMATES]
    assert await seen(calls, sina) == [unknown, his, MINE]
    assert await seen(calls, sina, number=his.caller.raw) == [his]
    assert (await calls.totals(sina, CallFilter())).calls == 3
    assert await calls.get(elham_at_202, hers.id) == hers
    with pytest.raises(NotFoundError):
        await calls.get(sina, hers.id)
    assert await calls.shown(elham_at_202, his) is None
    assert (await calls.own(msgspec.structs.replace(ALL, id="u1"), CallFilter())).items == (hers,)
    mate = msgspec.structs.replace(TEAM, id="u5", extensions=frozenset())
    assert await seen(calls, mate) == [TEAMMATES]


async def test_what_is_known_of_a_call_outlives_its_repair(calls: Calls, database: Database, store: CallStore) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE call_agent_since SET at = 0")
    one = of("201", 31)
    await store.save([Entry(one, DAY, people={"31.1": ("u9",)})])
    mended = msgspec.structs.replace(one, talk_seconds=9.0)
    await store.save([Entry(mended, DAY + 5, "repair", {"31.1": ("u1",)})])
    assert await store.handled(one.id) == (frozenset({"u9"}), frozenset())
    nobodys = of("201", 32)
    await store.save([Entry(nobodys, DAY, people={"32.1": ()})])
    assert await store.handled(nobodys.id) == (frozenset(), frozenset())
    assert await calls.shown(OWN, nobodys) is None


async def test_two_calls_become_one_with_those_of_both(database: Database, store: CallStore) -> None:
    gone, into = of("202", 42), of("201", 41)
    await store.save([Entry(gone, DAY, people={"42.1": ("u2",)}), Entry(into, DAY, people={"41.1": ("u1",)})])
    both = msgspec.structs.replace(into, legs=(*into.legs, *gone.legs))
    await store.save([Entry(both, DAY + 1)], merges=[(gone.id, into.id)])
    handled = await store.handled(into.id)
    assert handled is not None and handled[0] == {"u1", "u2"}
    async with database.read() as reader:
        assert await reader.fetch("SELECT DISTINCT call_id FROM call_agent") == [(into.id,)]


async def test_a_call_from_before_it_was_written_down_is_of_who_has_the_phone(calls: Calls, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE call_agent_since SET at = ?", 2 * DAY)
        await tx.execute("DELETE FROM call_tag WHERE tag LIKE 'phone %' OR tag LIKE 'user %'")
    assert await seen(calls, OWN) == [MINE]
    assert await calls.get(OWN, MINE.id) == MINE


async def test_who_may_not_see_calls_is_told(calls: Calls) -> None:
    for actor, error in ((NOBODY, UnauthenticatedError), (agent("live.view"), ForbiddenError)):
        for asked in (
            calls.page(actor, CallFilter()),
            calls.totals(actor, CallFilter()),
            calls.get(actor, MINE.id),
            calls.shown(actor, MINE),
        ):
            with pytest.raises(error):
                await asked


@pytest.mark.parametrize("call_id", ["", "main-none", "x" * 10_000, "a\0b", "../..", "' OR 1=1 --"])
async def test_what_is_not_there_is_not_found(calls: Calls, call_id: str) -> None:
    with pytest.raises(NotFoundError):
        await calls.get(ALL, call_id)


async def test_a_merged_call_is_found_by_who_may_see_the_survivor(calls: Calls, store: CallStore) -> None:
    await store.save([], merges=[("main-gone", MINE.id)])
    assert await calls.get(OWN, "main-gone") == MINE
    with pytest.raises(NotFoundError):
        await calls.get(agent("calls.view", extensions=("301",)), "main-gone")


async def test_masked(calls: Calls, store: CallStore) -> None:
    inbound = of("201", 7, caller=Caller("+989123456789", "09123456789", "علی 09123456789"), digits="0012345678")
    outbound = msgspec.structs.replace(
        of("201", 8),
        direction="outbound",
        caller=Caller(None, "201", None),
        dialled=Number("+982188776655", "902188776655"),
        legs=(leg("8.1", "PJSIP/201"), leg("8.2", "Local/02188776655@out", extension="02188776655", outside=True)),
        recordings=("out-02188776655-201.wav",),
    )
    withheld = of("201", 9, caller=Caller(None, None, "anonymous"))
    await store.save([Entry(r, DAY) for r in (inbound, outbound, withheld)])
    got = await calls.get(UNSIGHTED, inbound.id)
    assert got.caller == Caller(None, "0912 ••• 6789", "علی 0912•••6789")
    assert got.dialled == inbound.dialled and got.legs == inbound.legs and got.linkedid == inbound.linkedid
    got = await calls.get(UNSIGHTED, outbound.id)
    assert got.dialled == Number(None, "021 8••• 6655") and got.caller.raw == "201"
    assert "8877" not in msgspec.json.encode(got).decode()
    assert (await calls.get(UNSIGHTED, withheld.id)).caller == withheld.caller
    assert [r.caller.number for r in await seen(calls, UNSIGHTED)] == [None] * 6
    assert await calls.shown(UNSIGHTED, inbound) == await calls.get(UNSIGHTED, inbound.id)


async def test_masked_numbers_are_found_by_the_whole_number_only(calls: Calls, store: CallStore) -> None:
    secret = of("201", 7, caller=Caller("+989123456789", "09123456789", None))
    await store.save([Entry(secret, DAY)])
    assert len(await seen(calls, UNSIGHTED, number="09123456789")) == 1
    for part in ("0912345678", "6789", "09123"):
        assert await seen(calls, UNSIGHTED, number=part) == []
        assert (await calls.totals(UNSIGHTED, CallFilter(number=part))).calls == 0
    assert await seen(calls, ALL, number="6789") == [secret]


async def test_export_is_every_call_that_he_may_see(calls: Calls, store: CallStore) -> None:
    await store.save([Entry(of("201" if n % 2 else "301", n), DAY) for n in range(100, 1300)])
    with pytest.raises(ForbiddenError, match=r"calls\.export"):
        await calls.export(OWN, CallFilter())
    exporter = agent("calls.view", "calls.export")
    found = [r async for batch in await calls.export(exporter, CallFilter()) for r in batch]
    assert len(found) == 601 and len({r.id for r in found}) == 601
    assert all(r.legs[0].extension == "201" and r.caller.number is None for r in found)


class OneDifference:
    def __init__(self, difference: Difference) -> None:
        self.difference = difference

    async def days(self, pbx: str, newest: str, count: int = 31) -> list[Any]:
        return []

    async def day_differences(self, pbx: str, day: str) -> list[Difference]:
        return [self.difference]

    async def differences_of(self, call_id: str) -> list[Difference]:
        return [self.difference]

    async def confirmed_at(self, call_id: str) -> float | None:
        return 5.0


async def test_the_truth_is_for_who_may_look_into_it() -> None:
    caller = {"number": "+989123456789", "raw": "09123456789", "name": None}
    fields: dict[str, tuple[Any, Any]] = {"caller": (caller, None), "linkedids": (["1795308697.0"], [])}
    truths = Truths(OneDifference(Difference("c", "main", "wrong", fields, True, 5.0)))
    for asked in (truths.days(OWN, "main", "2026-11-22"), truths.day_differences(OWN, "main", "2026-11-22")):
        with pytest.raises(ForbiddenError, match=r"truth\.view"):
            await asked
    assert await truths.differences_of(OWN, "c") == ()
    assert await truths.confirmed_at(OWN, "c") == 5.0
    (masked,) = await truths.day_differences(agent("truth.view"), "main", "2026-11-22")
    hidden = {"number": None, "raw": mask_in("09123456789"), "name": None}
    assert masked.fields == {"caller": (hidden, None), "linkedids": (["1795308697.0"], [])}
    (whole,) = await truths.differences_of(agent("truth.view", "numbers.view"), "c")
    assert whole.fields == fields


def parameters(method: object) -> list[str]:
    return [p for p in inspect.signature(method).parameters if p != "self"]  # type: ignore[arg-type]


def test_the_logs_own_parts_answer_what_is_asked() -> None:
    assert parameters(CallSearch.page)[:3] == parameters(Log.page)
    assert parameters(CallSearch.totals) == parameters(Log.totals)
    assert parameters(CallStore.get) == parameters(Log.get)
    for name in ("days", "day_differences", "differences_of", "confirmed_at"):
        assert parameters(getattr(Ledger, name)) == parameters(getattr(Truth, name))
