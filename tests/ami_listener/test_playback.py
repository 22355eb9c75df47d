"""The past of a PBX from its journal: the state at a moment, then what happened at its time."""

from __future__ import annotations

from pathlib import Path

from ami_listener.journal import files_of
from ami_listener.past import rewind
from ami_listener.playback import SILENT_SECONDS, Playback, Source
from cti.live.events import CallEnded, CallStarted, PbxLinkChanged
from cti.live.profile import Profile, read_profiles
from tests.ami_listener.streams import FIXTURES, recorded
from tests.ami_listener.test_past import Written

STREAM = recorded("did_answered")
OTHER = recorded("internal_call")
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
FULLY = b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"
BEGAN = 1_795_311_007.0


def profile() -> Profile:
    return Profile(read_profiles((FIXTURES / "profile.toml").read_text("utf-8"))["main"])


def blocks(stream: bytes) -> list[bytes]:
    return [block + b"\r\n\r\n" for block in stream.split(b"\r\n\r\n") if block]


def written_at(folder: Path, *connections: bytes) -> Written:
    """Each connection's blocks a second apart, a minute between connections."""
    written = Written(folder)
    written.clock.step(BEGAN - written.clock.now())
    for number, stream in enumerate(connections):
        if number:
            written.clock.step(60.0)
            written.journal.begin(written.clock.now())
        written.seconds(*blocks(stream))
    return written


def played(folder: Path, begin: float, since: float = BEGAN) -> Playback:
    return Playback([Source("main", folder, profile(), since)], begin)


def seen(playback: Playback) -> list[tuple[str, str]]:
    return [(call.record.id, call.state) for call in playback.calls()]


def test_at_the_moment_the_call_is_up_and_then_it_ends(tmp_path: Path) -> None:
    written = written_at(tmp_path, FULLY + STREAM)
    total = len(blocks(FULLY + STREAM))
    before = STREAM[: STREAM.index(b"Event: HangupRequest")]
    playback = played(tmp_path, BEGAN + len(blocks(FULLY + before)) - 0.5)
    assert playback.read(60.0)[0] is True
    assert [state for _, state in seen(playback)] == ["talking"]
    assert [link.up for link in playback.links()] == [True]
    assert not [e for e in playback.events(playback.begin + 0.1, 60.0) if isinstance(e, CallEnded)]
    events = playback.events(written.clock.now(), 60.0)
    assert [e.record.outcome for e in events if isinstance(e, CallEnded)] == ["answered"]
    assert seen(playback) == [] and playback.at == written.clock.now() == BEGAN + total


def test_nothing_of_the_future_is_told(tmp_path: Path) -> None:
    written_at(tmp_path, FULLY + STREAM)
    playback = played(tmp_path, BEGAN + 0.5)
    assert playback.read(60.0)[0] and seen(playback) == []
    steps = [playback.events(BEGAN + n, 60.0) for n in range(1, 6)]
    assert [type(e) for step in steps for e in step][:1] == [CallStarted]


def test_between_two_connections_the_link_is_down(tmp_path: Path) -> None:
    talking = STREAM[: STREAM.index(b"Event: HangupRequest")]
    written_at(tmp_path, FULLY + talking, GREETING + FULLY + OTHER)
    last = BEGAN + len(blocks(FULLY + talking)) - 1
    playback = played(tmp_path, last + 30.0)
    assert playback.read(60.0)[0]
    (link,) = playback.links()
    assert (link.up, link.at) == (False, last)
    assert [e.up for e in playback.events(last + 90.0, 60.0) if isinstance(e, PbxLinkChanged)] == [True]


def test_where_the_journal_has_a_gap_nobody_listened(tmp_path: Path) -> None:
    talking = STREAM[: STREAM.index(b"Event: HangupRequest")]
    written = written_at(tmp_path, FULLY + talking)
    last = written.clock.now() - 1
    for _ in range(3):  # files of their own: the one in the middle goes
        written.journal.close()
        written.clock.step(20.0)
        written.seconds(*blocks(FULLY))
    files_of(tmp_path)[1].unlink()
    playback = played(tmp_path, last + 30.0)
    assert playback.read(60.0)[0]
    assert [(link.up, link.at) for link in playback.links()] == [(False, last)]
    assert [e.up for e in playback.events(written.clock.now(), 60.0) if isinstance(e, PbxLinkChanged)] == [True]


def test_a_journal_that_ends_is_a_link_that_is_down_until_it_goes_on(tmp_path: Path) -> None:
    written = written_at(tmp_path, FULLY)
    playback = played(tmp_path, BEGAN + 2 * SILENT_SECONDS)
    playback.read(60.0)
    assert [link.up for link in playback.links()] == [False]
    written.clock.step(2 * SILENT_SECONDS)
    written.seconds(*blocks(STREAM[: STREAM.index(b"Event: HangupRequest")]))
    events = playback.events(written.clock.now(), 60.0)
    assert [e.up for e in events if isinstance(e, PbxLinkChanged)] == [True]
    assert len(seen(playback)) == 1


def test_it_stops_in_time_and_goes_on_where_it_was(tmp_path: Path) -> None:
    written = written_at(tmp_path, FULLY + STREAM + OTHER)
    now = [0.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    playback = Playback([Source("main", tmp_path, profile(), BEGAN)], written.clock.now(), clock)
    goes = 0
    while not playback.read(0.5)[0]:
        goes += 1
        assert 0.0 < playback.progress < 1.0
    assert goes >= 2 and playback.progress == 1.0


def test_several_pbxs_in_the_order_of_time(tmp_path: Path) -> None:
    a, b = written_at(tmp_path / "a", FULLY + STREAM), written_at(tmp_path / "b", FULLY + OTHER)
    sources = [Source(name, tmp_path / name, profile(), BEGAN) for name in ("a", "b")]
    playback = Playback(sources, BEGAN)
    playback.read(60.0)
    ended = [e for e in playback.events(max(a.clock.now(), b.clock.now()), 60.0) if isinstance(e, CallEnded)]
    assert {e.record.pbx for e in ended} == {"a", "b"}


def test_a_pbx_whose_journal_begins_later_comes_when_it_does(tmp_path: Path) -> None:
    a = written_at(tmp_path / "a", FULLY + STREAM)
    b = Written(tmp_path / "b")
    b.clock.step(a.clock.now() + 60.0 - b.clock.now())
    b.seconds(*blocks(FULLY))
    at = BEGAN + 5.0
    sources = [Source(name, tmp_path / name, profile(), rewind(tmp_path / name, at)) for name in ("a", "b")]
    playback = Playback(sources, at)
    assert playback.read(60.0)[0]
    assert [link.pbx for link in playback.links()] == ["a"]
    events = playback.events(b.clock.now(), 60.0)
    links = [(e.pbx, e.up) for e in events if isinstance(e, PbxLinkChanged)]
    assert links == [("a", False), ("b", True)], "the one had ended by then"
