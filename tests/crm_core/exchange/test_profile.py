"""The data counted."""

from __future__ import annotations

from crm_core.exchange import profile
from crm_core.exchange.convert import Converter, Plan
from crm_core.exchange.profile import Profiler
from crm_core.exchange.rows import Row

PLAN = Plan(mapping=("name", "number", "tags"))


def profiled(*rows: tuple[str, ...]) -> profile.Profile:
    profiler, converter = Profiler(PLAN, ("نام", "تلفن", "گروه")), Converter(PLAN)
    for n, cells in enumerate(rows, 2):
        row = Row(n, cells)
        profiler.see(row, converter.row(row))
    return profiler.profile()


def test_counts() -> None:
    found = profiled(
        ("علی", "09121234567", "الف"), ("مریم", "02188664523", "الف"), ("علی ر", "+989121234567", "ب"), ("", "x", ""),
        ("John", "+49301234567", "الف"), ("کوتاه", "110", ""),
    )  # fmt: skip
    assert (found.rows, found.good, found.twins) == (6, 5, 1)
    assert found.numbers == {"mobile": 2, "fixed": 1, "abroad": 1, "unknown": 1}
    assert (found.twin_examples[0].row, found.twin_examples[0].other) == (4, "2")
    tags = found.columns[2]
    assert (tags.filled, tags.distinct, tags.common[0]) == (4, 2, ("الف", 3))
    assert {example.column for example in found.faults} == {0, 1}
    assert sum(count for _, count in found.reasons) == 2


def test_counting_is_bounded() -> None:
    found = profiled(*((f"نام {n}", f"0912{n:07}", "x") for n in range(300)))
    assert found.columns[0].distinct == 300
    assert found.columns[0].common == ()
    assert found.complete
    many = profiled(*((f"نام {n}", "نه", "x") for n in range(100)))
    assert len(many.faults) == profile.EXAMPLES
