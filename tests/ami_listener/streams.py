"""Recorded AMI streams as bytes, for the tests of this package."""

from __future__ import annotations

import gzip
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "ami"


def folders() -> list[Path]:
    return sorted(path.parent for path in FIXTURES.glob("*/*/expect.json"))


def raw(folder: Path) -> bytes:
    plain = folder / "ami.raw"
    return plain.read_bytes() if plain.exists() else gzip.decompress((folder / "ami.raw.gz").read_bytes())


def recorded(name: str, asterisk: int = 22) -> bytes:
    return raw(FIXTURES / f"asterisk-{asterisk}" / name)
