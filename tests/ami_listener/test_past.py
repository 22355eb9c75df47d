"""Reading a journal from a moment on, while it grows; from when on it has to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ami_listener import past
from ami_listener.journal import JournalWriter, files_of
from ami_listener.past import LISTING_SECONDS, Following, rewind, span
from cti.kernel.clock import ManualClock

T = 1_795_000_000.0
LIST = b"Event: QueueStatusComplete\r\nListItems: 0\r\n\r\n"


def block(n: int) -> bytes:
    return b"Event: Newstate\r\nNumber: %d\r\n\r\n" % n


class Written:
    """A journal in whose files something arrives each second."""

    def __init__(self, folder: Path, file_bytes: int = 64 << 20) -> None:
        self.clock = ManualClock(T)
        self.folder = folder
        self.journal = JournalWriter(folder, clock=self.clock, file_bytes=file_bytes)
        self.journal.begin(T)

    def seconds(self, *blocks: bytes) -> None:
        for data in blocks:
            self.journal.write(data, self.clock.now())
            self.journal.flush()
            self.clock.step(1.0)


def numbers(following: Following) -> list[int]:
    found = []
    while following.peek() is not None:
        found.append(int(following.take().data.split(b"Number: ")[1].split()[0]))
    return found


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path / "main", file_bytes=400)


def test_entries_come_from_the_moment_on_over_several_files(written: Written) -> None:
    written.seconds(*map(block, range(40)))
    assert len(files_of(written.folder)) > 3
    assert numbers(Following(written.folder, 0.0)) == list(range(40))
    assert numbers(Following(written.folder, T + 25)) == list(range(25, 40))


def test_what_is_written_later_is_read_later(written: Written) -> None:
    following = Following(written.folder, T)
    assert following.peek() is None
    written.seconds(*map(block, range(7)))
    assert numbers(following) == list(range(7))
    assert following.peek() is None
    written.seconds(*map(block, range(7, 30)))
    assert numbers(following) == list(range(7, 30))


def test_damage_costs_the_rest_of_its_file(written: Written, caplog: pytest.LogCaptureFixture) -> None:
    written.seconds(*map(block, range(40)))
    files = files_of(written.folder)
    damaged = bytearray(files[1].read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    files[1].write_bytes(damaged)
    found = numbers(Following(written.folder, 0.0))
    assert found[0] == 0 and found[-1] == 39 and 30 < len(found) < 40
    assert "damaged" in caplog.text


@pytest.mark.parametrize("what", ["damaged", "removed"])
def test_where_something_is_missing_there_is_a_gap(written: Written, what: str) -> None:
    written.seconds(*map(block, range(40)))
    files = files_of(written.folder)
    following = Following(written.folder, 0.0)
    assert following.peek() is not None and not following.gap
    if what == "removed":
        files[1].unlink()
        files[2].unlink()
    else:
        files[1].write_bytes(b"nothing of a journal" + files[1].read_bytes())
    gaps, before = [], -1
    while following.peek() is not None:
        gap = following.gap
        number = int(following.take().data.split(b"Number: ")[1].split()[0])
        gaps.append((gap, number - before))
        before = number
    assert [after for gap, after in gaps if gap] == [after for _, after in gaps if after > 1] != []


def test_the_span_of_a_journal(written: Written) -> None:
    assert span(written.folder) is None
    written.seconds(*map(block, range(40)))
    assert span(written.folder) == (T, T + 39)


def test_one_begins_at_a_list_before_the_oldest_call(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "CHEAP_BYTES", 0)
    for n in range(6):
        written.seconds(LIST, *map(block, range(100 * n, 100 * n + 99)))
    assert rewind(written.folder, T + 550) == T + 500 - LISTING_SECONDS
    assert rewind(written.folder, T + 550, oldest=T + 330) == T + 300 - LISTING_SECONDS
    assert rewind(written.folder, T + 550, oldest=T + 305) == T + 200 - LISTING_SECONDS


def test_what_is_cheap_is_read_though_nobody_must(written: Written) -> None:
    for n in range(6):
        written.seconds(LIST, *map(block, range(100 * n, 100 * n + 99)))
    assert rewind(written.folder, T + 550) == T - LISTING_SECONDS


def test_one_begins_a_day_back_where_there_is_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "LONGEST_SECONDS", 100.0)
    written = Written(tmp_path / "main", file_bytes=400)
    written.seconds(*map(block, range(600)))
    assert T + 450 - LISTING_SECONDS - 2 <= rewind(written.folder, T + 550) <= T + 450
    written.clock.step(1000.0)
    written.seconds(*map(block, range(600, 610)))
    assert T + 599 - LISTING_SECONDS - 2 <= rewind(written.folder, T + 1500) <= T + 599, "when the last was heard"


def test_without_any_list_one_begins_at_the_beginning(written: Written) -> None:
    written.seconds(*map(block, range(40)))
    assert rewind(written.folder, T + 30) <= T
    assert rewind(written.folder / "nothing", T + 30) <= T + 30
