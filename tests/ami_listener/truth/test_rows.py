"""Whatever the names and the forms of the columns, the row says the same."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ami_listener.truth.rows import CdrRow, CelRow, Moments, Rows, cdr_row, cel_row

TEHRAN = ZoneInfo("Asia/Tehran")
AT = 1_795_330_230.25  # 2026-11-22 10:20:30.25 in Tehran


@pytest.mark.parametrize(
    "value",
    [
        "1795330230.250000", "2026-11-22 10:20:30.25", "2026-11-22T06:50:30.25Z", 1_795_330_230.25,
        Decimal("1795330230.25"),
        dt.datetime(2026, 11, 22, 10, 20, 30, 250_000), dt.datetime(2026, 11, 22, 6, 50, 30, 250_000, dt.UTC),
    ],
    ids=str,
)  # fmt: skip
def test_a_moment_in_any_form(value: Any) -> None:
    assert Moments(TEHRAN).read(value) == AT
    assert Moments(TEHRAN, ahead=90.0).read(value) == AT - 90


@pytest.mark.parametrize("value", [None, "", 0, "0.000000", "0000-00-00"[:0]])
def test_no_moment_at_all(value: Any) -> None:
    assert Moments(TEHRAN).read(value) is None


def test_a_moment_as_the_pbx_would_write_it() -> None:
    assert Moments(TEHRAN, ahead=30.0).local(AT - 30) == dt.datetime(2026, 11, 22, 10, 20, 30, 250_000)


def test_a_moment_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        Moments(TEHRAN).read("yesterday")


def test_cel_of_any_table() -> None:
    given = {
        "eventtype": "AST_CEL_CHAN_START",
        "eventtime": str(AT),
        "channame": "PJSIP/1-1",
        "uniqueid": 1.5,
        "cid_num": None,
    }
    assert cel_row(given, Moments(TEHRAN)) == CelRow("CHAN_START", AT, "PJSIP/1-1", "1.5", "1.5")
    assert cel_row({**given, "eventtime": ""}, Moments(TEHRAN)) is None
    assert cel_row({**given, "uniqueid": ""}, Moments(TEHRAN)) is None
    for name in ("", "x" * 9000):
        assert cel_row({**given, "channame": name}, Moments(TEHRAN)) is None


def test_cdr_that_tells_its_end_by_durations() -> None:
    given = {"calldate": AT, "duration": "30", "billsec": 20, "disposition": "ANSWERED", "channel": "PJSIP/1-1",
             "uniqueid": "1.1", "dst": "400", "did": "02188880400", "clid": "x"}  # fmt: skip
    row = cdr_row(given, Moments(TEHRAN))
    assert row is not None
    assert (row.start, row.answer, row.end, row.billsec) == (AT, AT + 10, AT + 30, 20)
    assert (row.dst, row.name) == ("02188880400", "")
    failed = cdr_row({**given, "disposition": "NO_ANSWER", "duration": "?", "billsec": None}, Moments(TEHRAN))
    assert failed is not None
    assert (failed.answer, failed.end, failed.disposition) == (None, AT, "NO ANSWER")
    assert cdr_row({"channel": "PJSIP/1-1"}, Moments(TEHRAN)) is None
    assert cdr_row({**given, "channel": ""}, Moments(TEHRAN)) is None
    unclear = cdr_row({**given, "dstchannel": "x" * 9000}, Moments(TEHRAN))
    assert unclear is not None
    assert unclear.dstchannel == ""


def test_fractions_are_noticed() -> None:
    assert Rows((), ()).fine is False
    assert Rows([CelRow("X", 5.0, "", "1", "1")], ()).fine is False
    assert Rows([CelRow("X", 5.0, "", "1", "1"), CelRow("X", 5.5, "", "1", "1")], ()).fine is True
    assert Rows((), [CdrRow(5.5, 6.0, "", "1")]).fine is True
