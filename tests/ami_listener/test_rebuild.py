"""After a kill: what the journal's tail tells, how far back it is read, and what damage costs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from ami_listener.journal import JournalWriter, files_of
from ami_listener.listener import PbxListener
from ami_listener.rebuild import LONGEST_SECONDS, MARGIN_SECONDS, QUIET_SECONDS, _begin, rebuild
from ami_listener.replay import replay
from ami_listener.url import PbxUrl
from cti.kernel.clock import ManualClock
from cti.live.events import CallEnded, Event
from cti.live.profile import Profile, read_profiles
from cti.live.record import CallRecord
from tests.ami_listener.streams import FIXTURES, recorded

STREAM = recorded("did_answered")
BEGAN, ENDED = 1795311007.14, 1795311014.16
NOW = ENDED + 30.0
TALKING = STREAM[: STREAM.index(b"Event: HangupRequest")]
OTHER = recorded("internal_call")
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def profile() -> Profile:
    return Profile(read_profiles((FIXTURES / "profile.toml").read_text("utf-8"))["main"])


class Site:
    """A journal, and the product that finds it after a start at ``NOW``."""

    def __init__(self, folder: Path, file_bytes: int = 64 << 20) -> None:
        self.folder = folder
        self.clock = ManualClock(NOW)
        self.file_bytes = file_bytes

    def keep(self, *connections: tuple[bytes, float]) -> None:
        """What came on each connection, all of it at one moment."""
        clock = ManualClock(connections[0][1])
        journal = JournalWriter(self.folder, keep_digits=True, clock=clock, file_bytes=self.file_bytes)
        for data, at in connections:
            clock.step(at - clock.now())
            journal.begin(at)
            for start in range(0, len(data), 4096):
                journal.write(data[start : start + 4096], at)
                journal.flush()
        journal.close()

    async def start(
        self, unfinished: Sequence[CallRecord] = (), newest: float | None = None, ahead: float = 0.0
    ) -> tuple[PbxListener, list[Event], int]:
        heard: list[Event] = []
        listener = PbxListener(PbxUrl.parse("ami://u:s@127.0.0.1/?name=main"), profile(), heard.append, self.clock)
        listener.translator.clock_offset = ahead
        return listener, heard, await rebuild(listener, self.folder, unfinished, newest)


def ended(heard: Sequence[Event]) -> list[CallRecord]:
    return [event.record for event in heard if isinstance(event, CallEnded)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "journal")


async def test_a_call_that_was_up_is_known_again(site: Site) -> None:
    site.keep((TALKING, BEGAN + 3))
    listener, heard, read = await site.start()
    (call,) = listener.tracker.snapshot()
    assert call.state == "talking"
    assert (call.record.started_at, call.record.answered_at) == (
        pytest.approx(BEGAN, abs=0.01),
        pytest.approx(BEGAN + 1.01, abs=0.01),
    )
    assert ended(heard) == []
    assert read == len(TALKING)


async def test_a_call_that_ended_is_told_again_as_it_was(site: Site) -> None:
    site.keep((STREAM, ENDED))
    listener, heard, _ = await site.start()
    (record,) = replay([STREAM], profile())
    assert ended(heard) == [record]
    assert listener.tracker.snapshot() == []


async def test_between_two_connections_nobody_listened(site: Site) -> None:
    """The call was up when the first link was lost, and its end came on the second: what was not seen is not known."""
    site.keep((TALKING, BEGAN + 3), (GREETING + STREAM[len(TALKING) :], ENDED))
    _, heard, _ = await site.start()
    (record,) = ended(heard)
    assert record.outcome == "lost"
    assert record.ended_at == pytest.approx(ENDED, abs=0.01)


async def test_what_was_up_when_the_product_was_stopped_is_in_doubt(site: Site) -> None:
    site.keep((TALKING, BEGAN + 3))
    listener, _, _ = await site.start()
    assert listener.tracker.board.gap is not None
    assert [call.lost for call in listener.tracker.board.calls.values()] == [True]


async def test_an_empty_journal(site: Site) -> None:
    site.folder.mkdir()
    listener, heard, read = await site.start()
    assert (read, heard, listener.tracker.board.gap) == (0, [], None)


async def test_times_of_a_clock_that_is_off_are_set_right(site: Site) -> None:
    site.keep((TALKING, BEGAN + 3 - 90.0))
    listener, _, _ = await site.start(ahead=90.0)
    assert listener.tracker.snapshot()[0].record.started_at == pytest.approx(BEGAN - 90.0, abs=0.01)


async def test_a_damaged_file_is_a_gap_and_the_next_one_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(tmp_path / "journal", file_bytes=2000)
    site.keep((TALKING, BEGAN + 3), (GREETING + OTHER, ENDED))
    files = files_of(site.folder)
    assert len(files) > 4
    damaged = bytearray(files[0].read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    files[0].write_bytes(damaged)
    with caplog.at_level(logging.WARNING):
        _, heard, _ = await site.start()
    assert "damaged" in caplog.text
    (wanted,) = replay([OTHER], profile())
    assert [record for record in ended(heard) if record.id == wanted.id] == [wanted]


async def test_a_connection_that_ends_in_nonsense_does_not_hide_the_next(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.keep((TALKING + b"Event: x" * (1 << 19), BEGAN + 3), (GREETING + OTHER, ENDED))
    with caplog.at_level(logging.WARNING):
        listener, heard, _ = await site.start()
    assert "nonsense" in caplog.text
    (wanted,) = replay([OTHER], profile())
    assert ended(heard) == [wanted]
    assert [call.record.started_at for call in listener.tracker.snapshot()] == [pytest.approx(BEGAN, abs=0.01)]


# --- how far back


def unfinished(started_at: float | None) -> CallRecord:
    (record,) = replay([STREAM], profile())
    return msgspec.structs.replace(record, started_at=started_at, provisional=True)


@pytest.mark.parametrize(
    ("starts", "newest", "begin"),
    [
        ([], None, NOW - QUIET_SECONDS),
        ([], NOW - 5.0, NOW - QUIET_SECONDS),
        ([], NOW - 7200.0, NOW - 7200.0),  # the database took nothing for two hours
        ([NOW - 3600.0, NOW - 10.0], NOW - 5.0, NOW - 3600.0),
        ([NOW - 10.0, None], NOW - 5.0, NOW - QUIET_SECONDS),
        ([NOW - 9 * LONGEST_SECONDS], NOW, NOW - LONGEST_SECONDS),
        ([], NOW - 9 * LONGEST_SECONDS, NOW - LONGEST_SECONDS),
    ],
)
def test_the_journal_is_read_from_where_the_log_is_not_sure(
    starts: list[float | None], newest: float | None, begin: float
) -> None:
    assert _begin(NOW, [unfinished(at) for at in starts], newest) == begin - MARGIN_SECONDS


async def test_what_is_older_is_not_read(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal", file_bytes=2000)
    site.keep((STREAM, NOW - 5000.0), (GREETING + OTHER, NOW - 10.0))
    _, heard, read = await site.start()
    (wanted,) = replay([OTHER], profile())
    assert ended(heard) == [wanted]
    assert read == len(GREETING + OTHER)
    _, heard, read = await site.start([unfinished(NOW - 5000.0)])
    assert len(ended(heard)) == 2
    assert read == len(STREAM) + len(GREETING + OTHER)


async def test_a_long_tail_leaves_the_loop_to_others(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal")
    site.keep(*((GREETING + STREAM, ENDED) for _ in range(60)))
    longest, last = 0.0, time.monotonic()

    async def watch() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    last = time.monotonic()
    await site.start()
    watching.cancel()
    assert longest < 0.5
