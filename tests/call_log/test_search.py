"""Every field narrows, every number is found in any form, and pages neither repeat nor skip."""

from __future__ import annotations

import msgspec
import pytest

from call_log.model import Entry
from call_log.query import CallFilter
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.kernel.errors import InvalidError
from cti.live.record import Caller, CallRecord, Number
from tests.call_log.calls import DAY, leg, provisional, record


@pytest.fixture
def search(database: Database) -> CallSearch:
    return CallSearch(database)


async def found(search: CallSearch, **wanted: object) -> list[CallRecord]:
    return list((await search.page(CallFilter(**wanted), limit=500)).items)  # type: ignore[arg-type]


async def put(store: CallStore, *records: CallRecord) -> None:
    await store.save([Entry(r, DAY) for r in records])


@pytest.mark.parametrize(
    "typed",
    [
        "09121234567", "+989121234567", "00989121234567", "9121234567", "۰۹۱۲۱۲۳۴۵۶۷", "0912 123 45 67",
        "(0912)123-4567", "34567", "0912123", "+98 912 123",
    ],
)  # fmt: skip
async def test_a_number_is_found_in_any_form(store: CallStore, search: CallSearch, typed: str) -> None:
    wanted = record(1, caller=Caller("+989121234567", "09121234567", None))
    await put(store, wanted, record(2), record(3, caller=Caller(None, None, None)))
    assert await found(search, number=typed) == [wanted]


async def test_the_dialled_number_is_found_too(store: CallStore, search: CallSearch) -> None:
    wanted = record(1, direction="outbound", dialled=Number("+982188776655", "902188776655"))
    await put(store, wanted, record(2))
    for typed in ("88776655", "02188776655", "902188776655", "+982188"):
        assert await found(search, number=typed) == [wanted]


@pytest.mark.parametrize("typed", ["", "12", "abc", "0098", "%", "_"])
async def test_too_few_digits_are_refused(search: CallSearch, typed: str) -> None:
    with pytest.raises(InvalidError):
        await search.page(CallFilter(number=typed))


async def test_each_field_narrows(store: CallStore, search: CallSearch) -> None:
    one = record(1)
    other = record(
        2,
        pbx="second",
        direction="outbound",
        outcome="busy",
        queue="sales",
        queue_waits=(),
        talk_seconds=0.0,
        legs=(leg("a", "PJSIP/99202", extension="202"), leg("b", "PJSIP/trunk", extension=None, outside=True)),
    )
    await put(store, one, other)
    for wanted in (
        {"pbx": "second"}, {"direction": "outbound"}, {"outcome": "busy"}, {"queue": "sales"}, {"agent": "202"},
        {"agent": "PJSIP/99202"}, {"start": DAY + 15}, {"agent": "202", "queue": "sales", "outcome": "busy"},
    ):  # fmt: skip
        assert await found(search, **wanted) == [other], wanted
    for wanted in ({"min_seconds": 7.25}, {"end": DAY + 15}, {"agent": "201"}):
        assert await found(search, **wanted) == [one], wanted
    for nothing in ({"agent": "trunk"}, {"agent": "PJSIP/trunk"}, {"queue": "none"}, {"agent": "' OR 1=1 --"}):
        assert await found(search, **nothing) == [], nothing


async def test_a_queue_visited_on_the_way_is_found(store: CallStore, search: CallSearch) -> None:
    waits = record(1).queue_waits
    moved = record(1, queue_waits=(*waits, msgspec.structs.replace(waits[0], queue="second")))
    await put(store, moved)
    assert await found(search, queue="second") == [moved]
    assert await found(search, queue="support") == [moved]


async def test_monitoring_is_no_call_unless_asked_for(store: CallStore, search: CallSearch) -> None:
    spying = record(1, kind="monitoring")
    await put(store, spying, record(2))
    assert spying not in await found(search)
    assert await found(search, kind="monitoring") == [spying]
    assert len(await found(search, kind=None)) == 2
    assert await search.count(CallFilter()) == 1
    assert await search.count(CallFilter(kind=None)) == 2


async def test_calls_still_up_can_be_told_apart(store: CallStore, search: CallSearch) -> None:
    up = provisional(record(1))
    await put(store, up, record(2))
    assert await found(search, provisional=True) == [up]
    assert await found(search, provisional=False) == [record(2)]


async def test_pages_neither_repeat_nor_skip_while_calls_come_in(store: CallStore, search: CallSearch) -> None:
    same_moment = [record(n, at=DAY + 500.5) for n in range(7)]
    await put(store, *(record(n) for n in range(20)), *same_moment)
    seen: list[CallRecord] = []
    cursor = None
    for late in range(1000, 1100):
        page = await search.page(CallFilter(), cursor, limit=4)
        seen += page.items
        await put(store, record(late))
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 27
    assert seen == sorted(seen, key=lambda r: (r.started_at, r.id), reverse=True)
    assert len({r.id for r in seen}) == 27


@pytest.mark.parametrize("cursor", ["x", "%%%", "aGVsbG8", "é"])
async def test_a_foreign_cursor_is_refused(search: CallSearch, cursor: str) -> None:
    with pytest.raises(InvalidError):
        await search.page(CallFilter(), cursor)


async def test_the_surviving_id_of_a_merged_call(store: CallStore, search: CallSearch) -> None:
    await store.save([Entry(record(1), DAY)], merges=[("main-gone", record(1).id)])
    assert await search.resolve("main-gone") == record(1).id
    assert await search.resolve(record(1).id) == record(1).id


def of(agent: str, n: int) -> CallRecord:
    return record(n, legs=(leg(f"{n}.1", f"PJSIP/{agent}", extension=agent),))


async def test_calls_of_any_of_some_agents(store: CallStore, search: CallSearch) -> None:
    both = record(90, legs=(leg("a", "PJSIP/201", extension="201"), leg("b", "PJSIP/202", extension="202")))
    ours = [of("201" if n % 2 else "202", n) for n in range(20)]
    await put(store, *ours, both, *(of("203", n) for n in range(30, 50)))
    expected = [r.id for r in sorted([*ours, both], key=lambda r: (r.started_at, r.id), reverse=True)]
    team = ("201", "202", "201", "nobody")
    seen, cursor = [], None
    while True:
        page = await search.page(CallFilter(agents=team), cursor, limit=4)
        seen += [r.id for r in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == expected
    assert (await search.totals(CallFilter(agents=team))).calls == 21
    assert [r.id for r in await found(search, agents=("202",), agent="201")] == [both.id]
    assert [r.id for r in await found(search, agents=("201", "202"), agent="201", queue="support")] == [
        r for r in expected if r == both.id or int(r.rpartition(".")[2]) % 2
    ]
    assert await found(search, agents=("203", "204"), agent="201") == []
    assert await found(search, agents=()) == []
    assert (await search.totals(CallFilter(agents=()))).calls == 0
    many = tuple(str(n) for n in range(1000, 1600))
    assert [r.id for r in await found(search, agents=(*many, *team))] == expected
    start = ours[5].started_at
    assert {r.id for r in await found(search, agents=team, end=start)} == {r.id for r in ours[:5]}


async def test_a_whole_number_is_not_found_by_a_part_of_it(store: CallStore, search: CallSearch) -> None:
    wanted = record(1, caller=Caller("+989121234567", "09121234567", None))
    await put(store, wanted)
    for typed in ("09121234567", "+98 912 123 4567", "۹۱۲۱۲۳۴۵۶۷"):
        assert await found(search, number=typed, whole=True) == [wanted]
    for typed in ("0912123456", "234567", "+98912"):
        assert await found(search, number=typed, whole=True) == []
    assert await found(search, number="09121234567", whole=True, agents=("201",)) == [wanted]
    assert await found(search, number="09121234567", whole=True, agents=("202", "203")) == []


async def test_hostile_fields_find_nothing(search: CallSearch) -> None:
    for hostile in ("\0", "' OR 1=1 --", "x" * 10_000):
        for name in ("agent", "queue", "pbx"):
            assert await found(search, **{name: hostile}) == []
        assert await found(search, agents=(hostile, "201")) == []


async def test_what_many_calls_have_is_met_on_the_way_back(
    store: CallStore, search: CallSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [record(n, caller=Caller(f"+98912000{n:04}", f"0912000{n:04}", None)) for n in range(20)]
    others = [record(100 + n, caller=Caller(f"+98935000{n:04}", f"0935000{n:04}", None)) for n in range(5)]
    await put(store, *records, *others)
    rare = await found(search, number="0912", direction="inbound")
    monkeypatch.setattr("call_log.search.FEW", 3)
    assert await found(search, number="0912", direction="inbound") == rare == records[::-1]
    first = await search.page(CallFilter(number="0912"), limit=7)
    rest = await search.page(CallFilter(number="0912"), first.next, limit=500)
    assert [*first.items, *rest.items] == rare
    assert await found(search, number="9120000012") == [records[12]]
