"""``cti import contacts`` and ``cti export``, as commands."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from crm_core.exchange.vcard_file import COLUMNS
from tests.crm import new_url
from tests.crm_core.exchange.files import dirty_xlsx, many


async def cti(tmp_path: Path, *words: str) -> tuple[int, str]:
    if not (tmp_path / "tamas.sqlite").exists():
        new_url("sqlite", tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path / 'tamas.sqlite'}"
    environment = {**os.environ, "CTI_DATA": str(tmp_path / "data"), "CTI_DATABASE_URL": url}
    command = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cti",
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await command.communicate()
    return command.returncode or 0, out.decode()


async def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = many(tmp_path / "list.csv", 12)
    code, out = await cti(tmp_path, "import", "contacts", str(path), "--dry-run")
    assert (code, "12 created" in out) == (0, True), out
    assert list((tmp_path / "data" / "imports").iterdir()) == []
    code, out = await cti(tmp_path, "export", "contacts", "--output", str(tmp_path / "out.csv"))
    assert "0 contacts" in out


async def test_rows_to_mend_stand_in_a_file_beside(tmp_path: Path) -> None:
    path = dirty_xlsx(tmp_path / "list.xlsx")
    code, out = await cti(
        tmp_path, "import", "contacts", str(path), "--mapping", "توضیحات=", "--tag", "x", "--policy", "fill"
    )
    assert code == 1
    assert "done: 3 made" in out
    text = (tmp_path / "list-to-mend.csv").read_text("utf-8-sig")
    assert "lost its digits" in text


async def test_exports(tmp_path: Path) -> None:
    await cti(tmp_path, "import", "contacts", str(many(tmp_path / "list.csv", 3)))
    for kind, begins in (("csv", b"\xef\xbb\xbfPerson"), ("xlsx", b"PK"), ("vcard", b"BEGIN:VCARD")):
        code, out = await cti(tmp_path, "export", "contacts", "--format", kind, "--output", str(tmp_path / "out"))
        assert (code, "6 contacts" in out) == (0, True), out
        assert (tmp_path / "out").read_bytes().startswith(begins)
    code, out = await cti(tmp_path, "export", "calls", "--calendar", "jalali", "--output", str(tmp_path / "calls"))
    assert (code, "0 calls" in out) == (0, True), out


@pytest.mark.parametrize("words", [("--mapping", "none=name"), ("--area-code", "x"), ("--mapping", "{")])
async def test_what_cannot_be_is_a_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out = await cti(tmp_path, "import", "contacts", str(many(tmp_path / "list.csv", 2)), *words)
    assert code != 0
    assert "Traceback" not in out
    assert out.count("Error") == 1


async def test_a_vcard_file_again_goes_nowhere_new(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text("BEGIN:VCARD\nFN:Ali\nTEL;CELL:09121234567\nEND:VCARD\n")
    for made in ("1 made", "0 made"):
        code, out = await cti(tmp_path, "import", "contacts", str(tmp_path / "a.vcf"))
        assert (code, made in out) == (0, True), out
    assert all(column in out for column in COLUMNS[:3])
