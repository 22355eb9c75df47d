"""What a file holds, counted while it is read: the profile that is shown before anything is written. Pure.

Counting is bounded: past so many different values or keys it stops and says "at least".

Neighbours: ``worker`` counts, ``checking`` adds what is known of contacts that there are already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from crm_core.exchange.convert import Fault, Plan, Prepared
from crm_core.exchange.rows import Row

MOST_DISTINCT = 100_000
MOST_KEYS = 2_000_000
EXAMPLES = 8


class Column(msgspec.Struct, frozen=True):
    """``distinct``: different values; None where they are too many to count. ``common``: the most frequent values of
    a column with few, with their counts."""

    header: str
    filled: int
    distinct: int | None
    faults: int
    common: tuple[tuple[str, int], ...] = ()


class Example(msgspec.Struct, frozen=True):
    """A row to look at: what is wrong with ``value``, or which row or contact it is the same as."""

    row: int
    value: str = ""
    column: int = -1
    text: str = ""
    values: dict[str, str | int] = {}
    other: str = ""


class Profile(msgspec.Struct, frozen=True):
    """``rows`` that hold something; ``good`` of them can be imported. ``numbers`` by what they are: mobile, fixed,
    abroad, unknown (kept as written). ``reasons``: what is wrong, and how often. ``twins``: rows of somebody who is in
    the file already. ``matches``: rows of somebody who is among the contacts; of these and the rest, what would
    become, by outcome."""

    rows: int
    good: int
    columns: tuple[Column, ...]
    numbers: dict[str, int]
    reasons: tuple[tuple[str, int], ...]
    faults: tuple[Example, ...]
    twins: int
    twin_examples: tuple[Example, ...]
    matches: int = 0
    match_examples: tuple[Example, ...] = ()
    outcomes: dict[str, int] = {}
    complete: bool = True
    """False: more keys than can be held; there may be more twins."""


class Profiler:
    """``see`` each row, then ``profile``."""

    def __init__(self, plan: Plan, headers: Sequence[str]) -> None:
        self._headers = headers
        width = max(len(headers), len(plan.mapping))
        self._values: list[Counter[str] | None] = [Counter() for _ in range(width)]
        self._filled = [0] * width
        self._column_faults: Counter[int] = Counter()
        self._reasons: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._faults: list[Example] = []
        self._twins: list[Example] = []
        self._first: dict[int, int] = {}
        self.rows = self.good = self.twins = 0

    def see(self, row: Row, made: Prepared) -> int:
        """Count the row; the number of the row of which it is a twin, or 0."""
        self.rows += 1
        for n, text in enumerate(row.cells[: len(self._filled)]):
            if text:
                self._filled[n] += 1
                self._count(n, text)
        for fault in made.faults:
            self._fault(row, fault)
        if made.party is None:
            return 0
        self.good += 1
        for number in made.party.numbers:
            self._numbers[_sort(number.e164)] += 1
        return self._twin(row.number, made)

    def _count(self, column: int, text: str) -> None:
        counter = self._values[column]
        if counter is not None:
            counter[text[:60]] += 1
            if len(counter) > MOST_DISTINCT:
                self._values[column] = None

    def _fault(self, row: Row, fault: Fault) -> None:
        self._column_faults[fault.column] += 1
        self._reasons[fault.text] += 1
        alike = sum(one.text == fault.text for one in self._faults)
        if alike < EXAMPLES:
            value = row.cells[fault.column] if 0 <= fault.column < len(row.cells) else ""
            self._faults.append(Example(row.number, value[:80], fault.column, fault.text, fault.values))

    def _twin(self, number: int, made: Prepared) -> int:
        assert made.party is not None
        keys = list(map(hash, made.keys))
        first = next((self._first[key] for key in keys if key in self._first), 0)
        if len(self._first) < MOST_KEYS:
            for key in keys:
                self._first.setdefault(key, first or number)
        if first:
            self.twins += 1
            if len(self._twins) < EXAMPLES:
                self._twins.append(Example(number, made.party.name[:80], other=str(first)))
        return first

    def profile(self) -> Profile:
        columns = tuple(self._column(n) for n in range(len(self._filled)))
        return Profile(
            rows=self.rows,
            good=self.good,
            columns=columns,
            numbers=dict(self._numbers),
            reasons=tuple(self._reasons.most_common(20)),
            faults=tuple(self._faults[:40]),
            twins=self.twins,
            twin_examples=tuple(self._twins),
            complete=len(self._first) < MOST_KEYS,
        )

    def _column(self, n: int) -> Column:
        counter = self._values[n]
        few = counter is not None and 0 < len(counter) <= 50 and self._filled[n] > len(counter)
        return Column(
            header=self._headers[n] if n < len(self._headers) else "",
            filled=self._filled[n],
            distinct=None if counter is None else len(counter),
            faults=self._column_faults[n],
            common=tuple(counter.most_common(5)) if few and counter is not None else (),
        )


def _sort(e164: str | None) -> str:
    if e164 is None:
        return "unknown"
    return "mobile" if e164.startswith("+989") else "fixed" if e164.startswith("+98") else "abroad"
