"""Files to JSON lines: the same as the replay gives, and what damage and missing times come to."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ami_listener.journal import JournalWriter, files_of
from ami_listener.replay import replay
from cti.app.replaying import replay_files, times_from, warnings_of
from cti.kernel.errors import ConfigurationError
from cti.live.record import TIME_FIELDS, to_json
from tests.scenarios import recorded

SCENARIO = "asterisk-22/queue_answered"
MANY = "asterisk-16/burst_50_concurrent"
PROFILE = recorded.FIXTURES / "profile.toml"


def file_of(scenario: str) -> Path:
    plain = recorded.FIXTURES / scenario / "ami.raw"
    return plain if plain.exists() else plain.with_suffix(".raw.gz")


def wanted(stream: bytes) -> list[dict[str, Any]]:
    return [to_json(record) for record in replay([stream], recorded.profile())]


def shown(lines: list[bytes]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in lines]


def replayed(*files: Path, times: Path | None = None) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    lines, problems = replay_files(files, PROFILE, times)
    return shown(lines), problems, warnings_of(lines)


def cut_of(scenario: str, share: float) -> bytes:
    """The stream up to somewhere inside a block."""
    stream = recorded.raw(scenario)
    end = stream.index(b"\r\n\r\n", int(len(stream) * share))
    return stream[: end - 7]


def times_in(value: Any, key: str = "") -> list[Any]:
    """Every time and duration of a record."""
    if isinstance(value, dict):
        return [time for k, v in value.items() for time in times_in(v, k)]
    if isinstance(value, list):
        return [time for v in value for time in times_in(v, key)]
    return [value] if key in TIME_FIELDS or key.endswith("seconds") else []


@pytest.mark.parametrize("scenario", [SCENARIO, "asterisk-16/attended_transfer", "asterisk-16/dtmf_ivr", MANY])
def test_a_recorded_file_gives_what_the_replay_gives(scenario: str) -> None:
    lines, problems, warnings = replayed(file_of(scenario))
    assert lines == wanted(recorded.raw(scenario))
    assert lines
    assert not problems
    assert not warnings


def test_gzip_and_plain_are_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "any.name"
    packed.write_bytes(gzip.compress(recorded.raw(SCENARIO)))
    assert replayed(packed)[0] == wanted(recorded.raw(SCENARIO))


def test_several_files_are_one_stream(tmp_path: Path) -> None:
    stream = recorded.raw(SCENARIO)
    first, second = tmp_path / "1.raw", tmp_path / "2.raw.gz"
    first.write_bytes(stream[:5001])
    second.write_bytes(gzip.compress(stream[5001:]))
    assert replayed(first, second) == (wanted(stream), [], [])


def test_without_a_profile_the_pbx_is_main_and_plain() -> None:
    lines, _ = replay_files([file_of(SCENARIO)], None, None)
    assert shown(lines) == [to_json(record) for record in replay([recorded.raw(SCENARIO)])]
    assert {line["pbx"] for line in shown(lines)} == {"main"}


# --- damage


def test_gzip_cut_short_gives_the_calls_before(tmp_path: Path) -> None:
    stream = recorded.raw(MANY)
    packed = gzip.compress(stream)
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[: len(packed) * 9 // 10])
    lines, problems, _ = replayed(path)
    (problem,) = problems
    offset = int(re.search(r"gzip data is broken after byte (\d+)", problem)[1])  # type: ignore[index]
    assert str(path) in problem
    assert lines == wanted(stream[:offset])
    assert lines


def test_gzip_with_a_wrong_byte(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(recorded.raw(MANY)))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "wrong.gz"
    path.write_bytes(packed)
    _, problems, _ = replayed(path)
    assert re.search(r"broken after byte \d+|at byte \d+", problems[0])


def test_an_end_inside_a_block_gives_the_calls_before(tmp_path: Path) -> None:
    stream = cut_of(MANY, 0.95)
    path = tmp_path / "cut.raw"
    path.write_bytes(stream)
    lines, problems, _ = replayed(path)
    assert lines == wanted(stream)
    assert [line["id"] for line in lines if not line["provisional"]]
    assert re.search(r"cut\.raw: .*at byte \d+", problems[0])


def test_a_block_without_end_is_damage(tmp_path: Path) -> None:
    stream = recorded.raw(SCENARIO)
    path = tmp_path / "endless.raw"
    path.write_bytes(stream + b"Event: Newchannel\r\n" + b"X: " + b"y" * (20 << 20))
    lines, problems, _ = replayed(path)
    assert lines == wanted(stream)
    assert f"at byte {len(stream)}" in problems[0]


def test_nothing_is_read_after_damage(tmp_path: Path) -> None:
    packed = gzip.compress(cut_of(MANY, 0.5))
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[:-20])
    alone, together = replayed(path), replayed(path, file_of(SCENARIO))
    assert together[0] == alone[0]
    assert together[1] == alone[1]


# --- the journal


def journal(folder: Path, stream: bytes, at: Callable[[int], float]) -> Path:
    writer = JournalWriter(folder, keep_digits=True)
    writer.begin(at(0))
    place = 0
    for block in recorded.blocks(stream):
        place += len(block)
        writer.write(block, at(place - 1))
        if place > len(stream) // 2:
            writer.flush()
    writer.close()
    return folder


def test_a_journal_replays(tmp_path: Path) -> None:
    folder = journal(tmp_path / "main", recorded.raw(SCENARIO), lambda _: 1.0)
    assert replayed(folder) == (wanted(recorded.raw(SCENARIO)), [], [])
    assert replayed(*files_of(folder))[0] == wanted(recorded.raw(SCENARIO))


def test_a_journal_knows_when_a_pbx_without_times_said_it(tmp_path: Path) -> None:
    stream, times = recorded.without_timestamps(SCENARIO)
    lines, problems, warnings = replayed(journal(tmp_path, stream, lambda place: times.at(place) or 0.0))
    assert not problems
    assert not warnings
    assert_about(lines, wanted(recorded.raw(SCENARIO)))


def test_a_damaged_journal_names_the_byte(tmp_path: Path) -> None:
    folder = journal(tmp_path / "main", recorded.raw(MANY), lambda _: 1.0)
    (path,) = files_of(folder)
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 4] ^= 0xFF
    path.write_bytes(data)
    _, problems, _ = replayed(folder)
    assert re.search(r"the journal is damaged at byte \d+", problems[0])


def test_a_folder_without_a_journal_is_told(tmp_path: Path) -> None:
    lines, problems, _ = replayed(tmp_path)
    assert not lines
    assert problems == [f"{tmp_path}: there is no journal in this folder"]


# --- times


def test_no_times_at_all_are_null_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "ami.raw"
    path.write_bytes(recorded.without_timestamps(SCENARIO)[0])
    lines, problems, warnings = replayed(path)
    assert not problems
    assert "no Timestamp" in warnings[0]
    found = times_in(lines)
    assert len(found) > 10
    assert set(found) == {None}
    known = wanted(recorded.raw(SCENARIO))
    assert [line["id"] for line in lines] == [line["id"] for line in known]
    assert [line["outcome"] for line in lines] == [line["outcome"] for line in known]


def test_arrival_times_take_the_place_of_timestamps(tmp_path: Path) -> None:
    stream, times = recorded.without_timestamps(SCENARIO)
    path, arrivals = tmp_path / "ami.raw", tmp_path / "times.csv"
    path.write_bytes(stream)
    offsets, place = ["byte_offset,epoch"], 0
    for block in recorded.blocks(stream):
        offsets.append(f"{place},{times.at(place)}")
        place += len(block)
    arrivals.write_text("\n".join(offsets) + "\n", "utf-8")
    lines, problems, warnings = replayed(path, times=arrivals)
    assert not problems
    assert not warnings
    assert_about(lines, wanted(recorded.raw(SCENARIO)))


def assert_about(lines: list[dict[str, Any]], known: list[dict[str, Any]]) -> None:
    """The same calls at the same times, to what the network adds."""
    assert [line["id"] for line in lines] == [line["id"] for line in known]
    for line, other in zip(lines, known, strict=True):
        assert line["started_at"][:15] == other["started_at"][:15]
        for key in ("wait_seconds", "talk_seconds", "duration_seconds"):
            assert line[key] == pytest.approx(other[key], abs=0.1)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "byte_offset,offset_s\n0,x\n", "byte_offset,offset_s\n0\n"])
def test_times_that_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "times.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"times\.csv: not a CSV with byte_offset"):
        times_from(path)


def test_recorded_times_are_read() -> None:
    times = times_from(recorded.FIXTURES / SCENARIO / "ami-times.csv")
    assert times.at(0) == 0.596505
    assert times.at(10**9) is not None
