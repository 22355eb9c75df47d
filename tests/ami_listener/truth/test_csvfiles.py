"""The forms that Asterisk writes, found and read without being told; any period of a long file at once."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ami_listener.truth.csvfiles import begins, find_files, read_folder
from tests.ami_listener.truth.traces import FIXTURES

TRACE = FIXTURES / "asterisk-22" / "queue_answered"
CDR_MASTER = (
    '"","09121234567","5000","from-pstn","""Ali"" <09121234567>","PJSIP/trunk-1","PJSIP/201-2","Queue","support,,,,30",'
    '"2026-11-22 10:20:30","2026-11-22 10:20:31","2026-11-22 10:21:00",30,29,"ANSWERED","DOCUMENTATION",'
    '"1795330230.1",""\n'
)
CDR_CUSTOM = (
    '"""Ali"" <09121234567>","09121234567","5000","from-pstn","PJSIP/trunk-1","PJSIP/201-2","Queue","support,,,,30",'
    '"2026-11-22 10:20:30","","2026-11-22 10:21:00",30,0,"NO ANSWER","DOCUMENTATION","","1795330230.1","","7"\n'
)
CEL_CUSTOM = (
    '"CHAN_START","2026-11-22 10:20:30.123456","Ali","09121234567","","","","5000","from-pstn","PJSIP/trunk-1",'
    '"","","3","","1795330230.1","1795330230.1","","","",""\n'
)
AT = dt.datetime(2026, 11, 22, 10, 20, 30, tzinfo=ZoneInfo("Asia/Tehran")).timestamp()


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_files_with_a_header() -> None:
    rows = read_folder(TRACE, dt.UTC, 0, 1e12)
    assert (len(rows.cel), len(rows.cdr)) == (13, 1)
    assert rows.fine
    assert (rows.cel[0].type, rows.cel[0].at, rows.cel[0].exten) == ("CHAN_START", 1795310984.983198, "5000")
    assert (rows.cdr[0].app, rows.cdr[0].disposition, rows.cdr[0].name) == ("Queue", "ANSWERED", "09121000101")


def test_asterisks_own_forms_in_the_folders_of_its_log(tmp_path: Path) -> None:
    put(tmp_path, "cdr-csv/Master.csv", CDR_MASTER)
    put(tmp_path, "cdr-custom/Master.csv", CDR_CUSTOM)
    put(tmp_path, "cel-custom/Master.csv", CEL_CUSTOM)
    put(tmp_path, "notes.csv", "what,ever\n1,2\n")
    put(tmp_path, "empty.csv", "")
    assert [(f.kind, f.header) for f in find_files(tmp_path)] == [("cdr", False), ("cdr", False), ("cel", False)]
    rows = read_folder(tmp_path, ZoneInfo("Asia/Tehran"), 0, 1e12)
    master, custom = rows.cdr
    assert (master.start, master.answer, master.end, master.billsec) == (AT, AT + 1, AT + 30, 29)
    assert (master.name, master.dst, master.uniqueid) == ("Ali", "5000", "1795330230.1")
    assert (custom.answer, custom.disposition) == (None, "NO ANSWER")
    assert [(r.at, r.name, r.linkedid) for r in rows.cel] == [(AT + 0.123456, "Ali", "1795330230.1")]


def test_a_line_that_is_still_being_written_waits(tmp_path: Path) -> None:
    whole = (TRACE / "cel.csv").read_text()
    put(tmp_path, "cel.csv", whole[:-40])
    assert len(read_folder(tmp_path, dt.UTC, 0, 1e12).cel) == 12


def test_damaged_lines_do_not_hide_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = (TRACE / "cel.csv").read_text().splitlines(keepends=True)
    damaged = [
        *lines[:3],
        "\x00\xff garbage\n",
        '"a stray "quote\n',
        f'"{"x" * 200_000}"\n',
        ",,,,\n",
        "\n",
        '"ANSWER","not a time","","","","","","","","9.9"\n',
        *lines[3:],
    ]
    put(tmp_path, "cel.csv", "".join(damaged))
    assert len(read_folder(tmp_path, dt.UTC, 0, 1e12).cel) == 13
    assert "5 lines cannot be read" in caplog.text


def test_the_period_decides_and_the_pbx_clock_is_set_right() -> None:
    first, last = 1795310984.983198, 1795310991.995514
    assert len(read_folder(TRACE, dt.UTC, first, last).cel) == 10
    assert read_folder(TRACE, dt.UTC, last + 1, 1e12).cel == []
    ahead = read_folder(TRACE, dt.UTC, first - 90, last - 90, ahead=90.0)
    assert len(ahead.cel) == 10
    assert ahead.cel[0].at == pytest.approx(first - 90)


def test_a_long_file_is_not_read_from_its_beginning(tmp_path: Path) -> None:
    start, lines = 1_700_000_000, 100_000
    head = "eventtype,eventtime,cid_num,cid_name,exten,context,channame,appname,appdata,uniqueid,linkedid,peer,extra\n"
    row = '"ANSWER","{0}.5","09121234567","","5000","from-pstn","PJSIP/trunk-{1:08x}","","","{0}.{1}","{0}.{1}","",""\n'
    put(tmp_path, "cel.csv", head + "".join(row.format(start + n, n) for n in range(lines)))
    began = time.process_time()
    rows = read_folder(tmp_path, dt.UTC, start + lines - 600, 1e12)
    took = time.process_time() - began
    assert len(rows.cel) == 600
    began = time.process_time()
    assert len(read_folder(tmp_path, dt.UTC, start, start + lines).cel) == lines
    assert took < (time.process_time() - began) / 5
    assert len(read_folder(tmp_path, dt.UTC, start + 50_000, start + 50_500).cel) == 500


def test_when_the_files_begin(tmp_path: Path) -> None:
    assert begins(TRACE, dt.UTC) == 1795310984.983198
    assert begins(tmp_path, dt.UTC) is None
    shutil.copy(TRACE / "cel.csv", tmp_path)
    put(tmp_path, "cdr-csv/Master.csv", CDR_MASTER)
    assert begins(tmp_path, ZoneInfo("Asia/Tehran")) == 1795310984.983198
