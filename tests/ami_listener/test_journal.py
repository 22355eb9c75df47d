import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ami_listener import journal
from ami_listener.journal import JournalDamaged, JournalReader, JournalWriter, files_of
from ami_listener.protocol import AmiReader
from cti.kernel.clock import ManualClock
from tests.ami_listener import streams
from tests.ami_listener.fake_ami import until

BLOCK = b"Event: Newchannel\r\nUniqueid: 1.1\r\n\r\n"


def numbered(number: int) -> bytes:
    return f"Event: Newchannel\r\nUniqueid: {number}\r\n\r\n".encode()


def uniqueids(folder: Path) -> list[int]:
    data = b"".join(entry.data for entry in JournalReader(folder))
    return [int(message.headers["Uniqueid"]) for message in AmiReader(expect_greeting=False).feed(data)]


def test_a_stream_comes_back_with_its_times_and_connections(tmp_path: Path) -> None:
    whole = streams.recorded("queue_answered")
    writer = JournalWriter(tmp_path, keep_digits=True)
    for connection in (1, 2):
        writer.begin(1000.0 * connection)
        for start in range(0, len(whole), 700):
            writer.write(whole[start : start + 700], 1000.0 * connection + start)
    writer.close()
    entries = list(JournalReader(tmp_path))
    assert {entry.connection for entry in entries} == {1, 2}
    for connection in (1, 2):
        mine = [entry for entry in entries if entry.connection == connection]
        received = b"".join(entry.data for entry in mine)
        assert received == whole
        assert [entry.at for entry in mine] == sorted(entry.at for entry in mine)
        assert all(entry.data.endswith(b"\r\n\r\n") for entry in mine)


def test_digits_are_not_written_unless_allowed(tmp_path: Path) -> None:
    whole = streams.recorded("dtmf_ivr")
    for keep in (False, True):
        writer = JournalWriter(tmp_path / str(keep), keep_digits=keep)
        writer.write(whole, 1.0)
        writer.close()
        data = b"".join(entry.data for entry in JournalReader(tmp_path / str(keep)))
        assert (b"\r\nDigit: 5\r\n" in data) is keep
        assert len(data) == len(whole)


def test_it_compresses(tmp_path: Path) -> None:
    whole = streams.recorded("burst_50_concurrent")
    writer = JournalWriter(tmp_path)
    writer.write(whole, 1.0)
    writer.close()
    assert sum(path.stat().st_size for path in files_of(tmp_path)) < len(whole) / 8


def test_the_remains_of_a_block_are_kept_apart(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.begin(1.0)
    writer.write(BLOCK + b"Event: Hangup\r\nUni", 1.0)
    writer.begin(2.0)
    writer.write(BLOCK + b"Event: DTMFEnd\r\nDigit: 7", 3.0)
    writer.close()
    assert b"".join(entry.data for entry in JournalReader(tmp_path)) == BLOCK + BLOCK
    torn = [(entry.connection, entry.data) for entry in JournalReader(tmp_path, torn=True) if entry.torn]
    assert torn == [(1, b"Event: Hangup\r\nUni"), (2, b"Event: DTMFEnd\r\nDigit: X")]


def test_connections_and_files_are_numbered_on_after_a_restart(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        writer = JournalWriter(tmp_path)
        writer.begin(1.0)
        assert writer.connection == expected
        writer.write(numbered(expected), 1.0)
        writer.close()
    assert uniqueids(tmp_path) == [1, 2, 3]
    assert [journal.number_of(path) for path in files_of(tmp_path)] == [1, 2, 3]


def test_reading_can_begin_late(tmp_path: Path) -> None:
    clock = ManualClock(now=1000.0)
    writer = JournalWriter(tmp_path, file_bytes=200, clock=clock)
    for number in range(50):
        writer.write(numbered(number) * 5, clock.now())
        writer.flush()
        clock.advance(100)
    writer.close()
    assert len(files_of(tmp_path)) > 5
    times = [entry.at for entry in JournalReader(tmp_path, since=4000.0)]
    assert times[0] <= 4000.0 + 100
    assert times[-1] == 5900.0
    assert times[0] >= 4000.0
    assert len(list(JournalReader(tmp_path))) == 50
    assert list(JournalReader(tmp_path / "missing")) == []
    assert len(list(JournalReader(files_of(tmp_path)[0]))) < 50


# --- kills


def test_a_torn_tail_is_not_read_and_is_cut_off_at_the_next_start(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    for number in range(3):
        writer.write(numbered(number), 1.0)
        writer.flush()
    writer.close()
    (path,) = files_of(tmp_path)
    os.truncate(path, path.stat().st_size - 7)
    assert uniqueids(tmp_path) == [0, 1]
    writer = JournalWriter(tmp_path)
    writer.write(numbered(9), 2.0)
    writer.close()
    assert uniqueids(tmp_path) == [0, 1, 9]


def test_damage_in_the_middle_is_told_with_its_place(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    sizes = []
    for number in range(3):
        writer.write(numbered(number), 1.0)
        writer.flush()
        sizes.append(files_of(tmp_path)[0].stat().st_size)
    writer.close()
    (path,) = files_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[sizes[1] - 3] ^= 1
    path.write_bytes(data)
    read = []
    with pytest.raises(JournalDamaged) as caught:
        read += list(JournalReader(tmp_path))
    assert caught.value.offset == sizes[0]
    assert caught.value.path == path
    # Writing goes on all the same, in a new file.
    writer = JournalWriter(tmp_path)
    writer.write(numbered(9), 2.0)
    writer.close()
    assert len(files_of(tmp_path)) == 2


WRITER = """
import asyncio, sys
from pathlib import Path
from ami_listener.journal import JournalWriter

async def main():
    writer = JournalWriter(Path(sys.argv[1]), file_bytes=20_000)
    writer.begin(0.0)
    number = 0
    while True:
        for _ in range(50):
            data = b"Event: Newchannel\\r\\nUniqueid: %d\\r\\n\\r\\n" % number
            cut = number % len(data)
            writer.write(data[:cut], float(number))
            writer.write(data[cut:], float(number))
            number += 1
        writer.flush()
        print(number, flush=True)
        await asyncio.sleep(0)

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 7, 40, 111])
def test_killed_in_the_middle_of_writing_nothing_flushed_is_lost(tmp_path: Path, lines: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    flushed = 0
    for _ in range(lines):
        flushed = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    flushed = int(rest[-1]) if rest else flushed
    found = uniqueids(tmp_path)
    assert found == list(range(len(found)))
    assert len(found) >= flushed
    writer = JournalWriter(tmp_path)
    writer.begin(1.0)
    assert writer.connection == 2
    writer.write(numbered(len(found)), 1.0)
    writer.close()
    assert uniqueids(tmp_path) == list(range(len(found) + 1))


# --- time and space


async def test_it_is_written_soon_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "FLUSH_SECONDS", 0.02)
    writer = JournalWriter(tmp_path)
    writer.write(BLOCK, 1.0)
    assert files_of(tmp_path) == []
    await until(lambda: list(JournalReader(tmp_path)))
    assert writer.written == len(BLOCK)
    writer.close()


async def test_a_large_amount_does_not_wait(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.write(BLOCK * 3000, 1.0)
    assert list(JournalReader(tmp_path))
    writer.close()


async def test_the_sync_to_disk_does_not_hold_the_loop(tmp_path: Path) -> None:
    clock = ManualClock()
    writer = JournalWriter(tmp_path, clock=clock)
    for _ in range(3):
        clock.advance(6)
        writer.write(BLOCK, 1.0)
        writer.flush()
        await asyncio.sleep(0)
    writer.close()
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    assert len(list(JournalReader(tmp_path))) == 3


def test_old_files_and_too_many_bytes_go_oldest_first(tmp_path: Path) -> None:
    clock = ManualClock(now=time.time())
    writer = JournalWriter(tmp_path, file_bytes=50, clock=clock)
    for number in range(10):
        writer.write(numbered(number), clock.now())
        writer.flush()
    writer.close()
    files = files_of(tmp_path)
    assert len(files) == 10
    for path in files[:4]:
        os.utime(path, (clock.now() - 40 * 86400,) * 2)
    writer = JournalWriter(tmp_path, file_bytes=50, clock=clock)
    writer.write(numbered(10), clock.now())
    writer.close()
    assert uniqueids(tmp_path) == [4, 5, 6, 7, 8, 9, 10]
    room = 3 * files[5].stat().st_size / 1e6
    writer = JournalWriter(tmp_path, file_bytes=50, clock=clock, megabytes=room)
    writer.write(numbered(11), clock.now())
    writer.close()
    assert uniqueids(tmp_path)[-1] == 11
    assert len(files_of(tmp_path)) <= 4


def test_a_journal_that_never_rotates_is_still_cleared_every_hour(tmp_path: Path) -> None:
    clock = ManualClock(now=time.time())
    for number in range(2):
        writer = JournalWriter(tmp_path, clock=clock)
        writer.write(numbered(number), clock.now())
        writer.flush()
        if number == 0:
            writer.close()
    clock.advance(31 * 86400)
    os.utime(files_of(tmp_path)[1], (clock.now(),) * 2)
    writer.write(numbered(2), clock.now())
    writer.close()
    assert uniqueids(tmp_path) == [1, 2]


def test_what_the_disk_does_not_take_is_counted_and_writing_goes_on(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.write(numbered(0), 1.0)
    writer.flush()
    size = files_of(tmp_path)[0].stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
    try:
        for number in (1, 2):
            writer.write(numbered(number), 1.0)
            writer.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert writer.lost == len(numbered(1) + numbered(2))
    assert writer.error
    writer.write(numbered(3), 1.0)
    writer.close()
    assert writer.error == ""
    assert uniqueids(tmp_path) == [0, 3]


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "journal" / "main"
    writer = JournalWriter(folder)
    writer.write(BLOCK, 1.0)
    writer.close()
    assert folder.stat().st_mode & 0o077 == 0
    assert files_of(folder)[0].stat().st_mode & 0o077 == 0


def test_damage_can_be_passed_over(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path, file_bytes=1)
    for number in range(3):
        journal.begin(float(number + 1))
        journal.write(b"Event: Test%d\r\n\r\n" % number, float(number + 1))
        journal.flush()
    journal.close()
    first, second, _ = files_of(tmp_path)
    data = bytearray(second.read_bytes())
    data[-3] ^= 0xFF
    second.write_bytes(data)
    told: list[JournalDamaged] = []
    found = [entry.data for entry in JournalReader(tmp_path, on_damage=told.append)]
    assert found == [b"Event: Test0\r\n\r\n", b"Event: Test2\r\n\r\n"]
    assert [error.path for error in told] == [second]
    with pytest.raises(JournalDamaged):
        list(JournalReader(tmp_path))
    assert first.exists()
