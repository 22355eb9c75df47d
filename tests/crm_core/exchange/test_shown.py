"""An import as programs see it."""

from __future__ import annotations

import msgspec

from crm_core.exchange.convert import Fault
from crm_core.exchange.shown import sentence, shown
from tests.crm_core.exchange.test_store import an_import


def test_without_what_is_only_ours() -> None:
    seen = shown(an_import("1"))
    assert (seen.problem, seen.columns, seen.format) == ("x", (), "csv")
    assert not {"file", "digest", "origin", "looked"} & set(msgspec.to_builtins(seen))


def test_sentences() -> None:
    assert sentence(Fault(0, "%(n)s rows", {"n": 3})) == "3 rows"
    assert sentence(Fault(0, "100 %", {})) == "100 %"
