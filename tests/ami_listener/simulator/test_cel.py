from __future__ import annotations

import csv
import io

from ami_listener.simulator.cel import HEADER, Cel, csv_line, day_and_time
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.wire import Wire
from tests.ami_listener.simulator.scenarios import PLAYED
from tests.ami_listener.simulator.test_channel import channel


def test_fields_are_quoted_as_asterisk_quotes() -> None:
    assert csv_line("a", 'say "hi"', "") == '"a","say ""hi""",""'


def test_times_are_utc() -> None:
    assert day_and_time("1795310984.983198") == "2026-11-22 01:29:44"


def test_a_row_says_who_where_and_with_whom() -> None:
    rows = list(csv.DictReader(io.StringIO("\n".join([HEADER, *PLAYED["did_answered"]().pbx.cel.rows]))))
    enter = [row for row in rows if row["eventtype"] == "BRIDGE_ENTER"]
    assert [row["peer"].rpartition("-")[0] for row in enter] == ["", "PJSIP/201"]
    assert '"bridge_technology":"simple_bridge"' in enter[0]["extra"]
    assert {row["linkedid"] for row in rows} == {rows[0]["uniqueid"]}
    hangup = next(row for row in rows if row["eventtype"] == "HANGUP" and "trunk" in row["channame"])
    assert '"hangupcause":16' in hangup["extra"] and '"dialstatus":"ANSWER"' in hangup["extra"]
    assert [row["eventtime"] for row in rows] == sorted(row["eventtime"] for row in rows)


def test_the_dialplan_is_the_source_of_a_hang_up_that_nobody_asked_for() -> None:
    rows = list(csv.DictReader(io.StringIO("\n".join([HEADER, *PLAYED["did_noanswer"]().pbx.cel.rows]))))
    hangup = next(row for row in rows if row["eventtype"] == "HANGUP" and "trunk" in row["channame"])
    assert '"hangupsource":"dialplan/builtin"' in hangup["extra"]


def test_nothing_is_kept_or_sent_unless_wanted() -> None:
    wire = Wire(Schedule(1.8e9))
    Cel(wire, to_file=False, to_ami=False).put("CHAN_START", channel())
    assert wire.drain() == []
    told = Cel(wire, to_file=False, to_ami=True)
    told.put("CHAN_START", channel())
    assert told.rows == [] and [kind.name for kind, _ in wire.drain()] == ["CEL"]
