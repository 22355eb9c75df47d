"""``cti replay``: files of AMI bytes (plain, gzip, our journal) to call records, one JSON object a line.

Needs no database and no PBX; the same input gives the same output. Neighbour: ``ami_listener.replay`` does the work.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ami_listener import journal
from ami_listener.replay import Replay, Times
from cti.app.profiles import profile_from
from cti.kernel.errors import ConfigurationError
from cti.live.record import TIME_FIELDS, to_json

CHUNK = 1 << 16
GZIP_MAGIC = b"\x1f\x8b"


class DamageError(Exception):
    """A file is damaged; the text names the byte offset in its (uncompressed) content."""


def times_from(path: Path) -> Times:
    """Arrival times from CSV with ``byte_offset`` and ``epoch`` (or ``offset_s``, seconds since any moment)."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            raise ValueError("it has no rows")
        column = "epoch" if "epoch" in rows[0] else "offset_s"
        return Times([int(row["byte_offset"]) for row in rows], [float(row[column]) for row in rows])
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, csv.Error) as error:  # TypeError: a row that ends early
        raise ConfigurationError(f"{path}: not a CSV with byte_offset and offset_s or epoch: {error}") from error


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a plain or gzip file. Raises ``DamageError`` where a compressed one is broken."""
    with path.open("rb") as file:
        if file.read(2) != GZIP_MAGIC:
            file.seek(0)
            yield from iter(lambda: file.read(CHUNK), b"")
            return
    given = 0
    with gzip.open(path) as unpacked:
        try:
            while data := unpacked.read1(CHUNK):
                given += len(data)
                yield data
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DamageError(f"{path}: the gzip data is broken after byte {given} of its content: {error}") from error


def replay_files(files: Sequence[Path], profile: Path | None, times: Path | None) -> tuple[list[bytes], list[str]]:
    """JSON lines of the records in order of start, and what was wrong (errors first), as sentences.

    The files are one stream in the order given. What comes after damage is not read.
    """
    name, known = profile_from(profile)
    run = Replay(known, name, times_from(times) if times else None)
    problem = _feed(run, files)
    records = run.finish()
    if problem is None and run.error is not None:
        problem = f"{files[-1] if len(files) == 1 else 'the stream'}: {run.error}"
    problems = [problem] if problem else []
    timeless = run.translator.timeless
    return [msgspec.json.encode(_timeless(to_json(r)) if timeless else to_json(r)) for r in records], problems


def warnings_of(lines: Sequence[bytes]) -> list[str]:
    """What a reader of these records should know."""
    if lines and b'"started_at":null' in lines[0]:
        return ["the PBX sent no Timestamp (timestampevents=yes in manager.conf) and no --times: all times are null"]
    return []


def _feed(run: Replay, files: Sequence[Path]) -> str | None:
    for path in files:
        try:
            if path.is_dir() and not journal.files_of(path):
                return f"{path}: there is no journal in this folder"
            if path.is_dir() or journal.is_journal(path):
                for entry in journal.JournalReader(path):
                    run.feed(entry.data, entry.at)
            else:
                for chunk in chunks_of(path):
                    run.feed(chunk)
        except DamageError as error:
            return str(error)
        except journal.JournalDamaged as error:
            return f"{path}: the journal is damaged at byte {error.offset}: {error}"
        except OSError as error:
            return f"{path}: cannot be read: {error.strerror}"
        if run.error is not None:
            return None
    return None


def _timeless(value: Any, key: str = "") -> Any:
    """The record with every time and duration null: nothing is known of them."""
    if isinstance(value, dict):
        return {k: _timeless(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_timeless(v, key) for v in value]
    return None if key in TIME_FIELDS or key.endswith("seconds") else value
