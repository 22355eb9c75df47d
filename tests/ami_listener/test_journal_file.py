from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from ami_listener import journal_file
from ami_listener.journal_file import JournalDamaged, JournalEntry

PACKER, UNPACKER = zstandard.ZstdCompressor(), zstandard.ZstdDecompressor()


def packed(number: int, size: int = 200) -> bytes:
    records = [journal_file.record(number + part / 10, bytes([65 + part]) * size, torn=part == 2) for part in range(3)]
    return journal_file.chunk(PACKER, number, number + 0.2, b"".join(records))


def read(path: Path, *, newest: bool = True) -> list[JournalEntry]:
    found = journal_file.chunks(path, newest=newest)
    return [entry for one in found for entry in journal_file.entries(one, UNPACKER, path)]


@pytest.fixture
def whole() -> list[bytes]:
    return [packed(number) for number in (1, 2, 3)]


def written(folder: Path, data: bytes) -> Path:
    path = folder / "00000001-20261122T061500Z.journal"
    path.write_bytes(data)
    return path


def test_what_was_written_is_read(tmp_path: Path, whole: list[bytes]) -> None:
    entries = read(written(tmp_path, b"".join(whole)), newest=False)
    assert len(entries) == 9
    assert entries[0] == JournalEntry(1.0, 1, b"A" * 200)
    assert entries[5] == JournalEntry(2.2, 2, b"C" * 200, torn=True)


def test_killed_at_any_byte_the_chunks_before_it_are_read(tmp_path: Path, whole: list[bytes]) -> None:
    data = b"".join(whole)
    everything = read(written(tmp_path, data))
    ends = [0, len(whole[0]), len(whole[0] + whole[1]), len(data)]
    for cut in range(len(data) + 1):
        path = written(tmp_path, data[:cut])
        complete = sum(end <= cut for end in ends) - 1
        assert read(path) == everything[: 3 * complete]
        if cut not in ends:
            with pytest.raises(JournalDamaged) as caught:
                read(path, newest=False)
            assert caught.value.offset == ends[complete]


def test_any_changed_byte_is_damage_where_it_is_never_wrong_data(tmp_path: Path, whole: list[bytes]) -> None:
    data = b"".join(whole)
    everything = read(written(tmp_path, data))
    last = len(whole[0] + whole[1])
    for place in range(len(data)):
        path = written(tmp_path, data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        begin = max(end for end in (0, len(whole[0]), last) if end <= place)
        try:
            entries = read(path)
        except JournalDamaged as error:
            assert error.offset == begin
        else:
            # The last frame may have been half on the disk when the machine went down, or a byte is unused.
            assert entries == everything[: len(entries)]
            assert len(entries) >= 6


@pytest.mark.parametrize("zeros", [1, 31, 32, 4096])
def test_zeros_at_the_end_are_a_torn_tail_too(tmp_path: Path, whole: list[bytes], zeros: int) -> None:
    assert len(read(written(tmp_path, b"".join(whole) + bytes(zeros)))) == 9


def test_zeros_in_the_middle_are_damage(tmp_path: Path, whole: list[bytes]) -> None:
    with pytest.raises(JournalDamaged, match="damaged header"):
        read(written(tmp_path, whole[0] + bytes(64) + whole[1]))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_noise_is_no_journal(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), noise)
    try:
        assert read(path) == []
    except JournalDamaged:
        assert noise


def test_a_small_file_cannot_claim_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = journal_file.chunk(PACKER, 1, 1.0, journal_file.record(1.0, bytes(20 << 20)))
    with pytest.raises(JournalDamaged, match="too large"):
        read(written(tmp_path, bomb))
    lying = journal_file.chunk(PACKER, 1, 1.0, journal_file.record(1.0, bytes(1 << 20)))
    monkeypatch.setattr(zstandard, "frame_content_size", lambda frame: 5)
    with pytest.raises(JournalDamaged, match="not of the size"):
        read(written(tmp_path, lying))


def test_a_record_beyond_its_chunk_is_damage(tmp_path: Path) -> None:
    broken = journal_file.chunk(PACKER, 1, 1.0, journal_file.record(1.0, b"abc")[:-1])
    with pytest.raises(JournalDamaged, match="longer than its chunk"):
        read(written(tmp_path, broken))
    broken = journal_file.chunk(PACKER, 1, 1.0, b"short")
    with pytest.raises(JournalDamaged, match="cannot be unpacked"):
        read(written(tmp_path, broken))


def test_names_carry_number_and_time(tmp_path: Path) -> None:
    path = tmp_path / journal_file.name_of(42, 1795328100.5)
    assert path.name == "00000042-20261122T061500Z.journal"
    assert (journal_file.number_of(path), journal_file.started(path)) == (42, 1795328100.0)
    other = tmp_path / "notes.txt"
    assert (journal_file.number_of(other), journal_file.started(other)) == (0, 0.0)


def test_files_are_found_in_order_and_told_from_others(tmp_path: Path, whole: list[bytes]) -> None:
    assert journal_file.files_of(tmp_path / "missing") == []
    assert not journal_file.is_journal(tmp_path)
    for name in ("00000010-20261122T061500Z.journal", "00000009-20261123T061500Z.journal", "x.journal"):
        (tmp_path / name).write_bytes(whole[0])
    assert [journal_file.number_of(path) for path in journal_file.files_of(tmp_path)] == [9, 10]
    assert journal_file.is_journal(tmp_path)
    assert journal_file.is_journal(tmp_path / "x.journal")
    (tmp_path / "raw").write_bytes(b"Asterisk Call Manager/11.0.0\r\n")
    assert not journal_file.is_journal(tmp_path / "raw")
