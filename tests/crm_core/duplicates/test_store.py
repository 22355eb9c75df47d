"""Who shares something is found by the shared value, suggestions are kept and paged, snapshots go when they are old."""

from __future__ import annotations

from crm_core.contacts import store as parties
from crm_core.contacts.model import Party, PartyMail, PartyNumber
from crm_core.duplicates import store
from crm_core.duplicates.model import Merge, Reason, Snapshot, Suggestion
from cti.kernel.db import Database

MOBILE = "+989121112233"


def person(n: int, name: str = "", *numbers: str, **values: object) -> Party:
    numbers_ = tuple(PartyNumber(raw=key, key=key) for key in numbers)
    return Party(id=f"p{n}", kind="person", name=name or f"نام {n}", numbers=numbers_, **values)  # type: ignore[arg-type]


def company(n: int, name: str, **values: object) -> Party:
    return Party(id=f"c{n}", kind="company", name=name, **values)  # type: ignore[arg-type]


PEOPLE = (
    person(1, "", MOBILE), person(2, "", MOBILE), person(3, "", "+982188664523"),
    person(4, mails=(PartyMail("A@x.example"),)), person(5, mails=(PartyMail("a@X.example"),)),
    person(6, national_id="77"), person(7, national_id="77"),
    person(8, "علی‌رضا", company_id="c1"), person(9, "عليرضا", company_id="c1"), person(10, "علیرضا", company_id="c2"),
    person(11, "سارا", birth_date="1990-01-01"), person(12, "سارا", birth_date="1990-01-01"), person(13, "سارا"),
    company(1, "شرکت پارس"), company(2, "پارس"), company(3, "البرز"),
    person(14, "", MOBILE, deleted_at=1.0),
)  # fmt: skip
PAIRS = {("p1", "p2"), ("p4", "p5"), ("p6", "p7"), ("p8", "p9"), ("p11", "p12"), ("c1", "c2")}


async def fill(database: Database, people: tuple[Party, ...] = PEOPLE) -> None:
    async with database.transaction() as tx:
        await parties.insert(tx, people, lambda _party: ())


async def test_who_shares_something(database: Database) -> None:
    await fill(database)
    async with database.read() as reader:
        assert await store.sharing(reader, PEOPLE) == PAIRS
        assert await store.sharing(reader, [PEOPLE[0]]) == {("p1", "p2")}
        assert await store.sharing(reader, [PEOPLE[2]]) == set()
        assert await store.sharers(reader) == sorted({one for pair in PAIRS for one in pair})


async def test_what_everybody_shares_says_nothing(database: Database) -> None:
    many = tuple(person(n, "", "+982188664523") for n in range(store.MOST_SHARING + 1))
    await fill(database, many)
    async with database.read() as reader:
        assert await store.sharing(reader, many[:1]) == set()
        assert await store.sharers(reader) == []


def suggestion(one: str, other: str, score: int) -> Suggestion:
    return Suggestion(one, other, "person", score, (Reason("number", MOBILE),), 1.0)


async def test_suggestions_are_kept_replaced_and_paged(database: Database) -> None:
    made = [suggestion(f"a{n}", f"b{n}", 50 + n % 3) for n in range(10)]
    async with database.transaction() as tx:
        await store.replace_pairs(tx, [], made)
        await store.replace_pairs(tx, [], made[:1])  # twice is once
    async with database.read() as reader:
        first = await store.page(reader, None, 4)
        rest = await store.page(reader, (first[-1].score, first[-1].one, first[-1].other), 100)
        assert sorted([*first, *rest], key=lambda s: s.one) == made
        assert [s.score for s in (*first, *rest)] == sorted((s.score for s in made), reverse=True)
        assert await store.count(reader, 100) == 10
        assert await store.count(reader, 3) == 3
        assert await store.of(reader, "b3") == [made[3]] == await store.of(reader, "a3")
    async with database.transaction() as tx:
        await store.replace_pairs(tx, ["a3", "b4"], [])
        assert await store.count(tx, 100) == 8


async def test_what_was_dismissed_is_not_suggested_again(database: Database) -> None:
    async with database.transaction() as tx:
        await store.replace_pairs(tx, [], [suggestion("a", "b", 60)])
        await store.dismiss(tx, "a", "b", "u1", 1.0)
        await store.dismiss(tx, "a", "b", "u1", 2.0)
        await store.replace_pairs(tx, ["a"], [suggestion("a", "b", 60), suggestion("a", "c", 60)])
        assert [one.other for one in await store.page(tx, None, 10)] == ["c"]


async def test_marks_and_what_changed_since(database: Database) -> None:
    await fill(database, (person(1, changed_at=1.0), person(2, changed_at=5.0), person(3, changed_at=3.0)))
    async with database.transaction() as tx:
        assert await store.mark(tx, "looked") is None
        await store.set_mark(tx, "looked", 2.0)
        await store.set_mark(tx, "looked", 3.0)
        assert await store.mark(tx, "looked") == 3.0
        assert await store.changed_since(tx, 3.0, 10) == ["p3", "p2"]


async def test_merges(database: Database) -> None:
    snapshot = Snapshot(person(1), (person(2),), person(1, "هر دو"))
    async with database.transaction() as tx:
        for n, at in ((1, 10.0), (2, 20.0)):
            await store.add_merge(tx, Merge(f"m{n}", "p1", at, "u1", snapshot))
        last = await store.last_merge(tx, "p1")
        assert last == Merge("m2", "p1", 20.0, "u1", snapshot)
        await store.mark_undone(tx, "m2", 30.0)
        last = await store.last_merge(tx, "p1")
        assert last is not None
        assert last.id == "m1"
        await store.forget_merges(tx, 15.0)
        assert await store.last_merge(tx, "p1") is None


async def test_people_move_with_their_company(database: Database) -> None:
    await fill(
        database, (company(1, "پارس"), company(2, "پارس تک"), person(1, company_id="c1"), person(2, company_id="c2"))
    )
    async with database.transaction() as tx:
        assert await store.move_people(tx, company(2, "پارس تک"), ["c1"]) == {"c1": ("p1",)}
        assert await tx.fetch("SELECT company_id, company_name FROM party WHERE id = 'p1'") == [("c2", "پارس تک")]
        await store.set_company(tx, company(1, "پارس"), ["p1"], only="c2")
        await store.set_company(tx, company(1, "پارس"), ["p2"], only="c9")
        assert await tx.fetch("SELECT id, company_id FROM party WHERE kind = 'person' ORDER BY id") == [
            ("p1", "c1"),
            ("p2", "c2"),
        ]
