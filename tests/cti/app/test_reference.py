"""The printed pages of ``docs/`` are what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cti.app.reference import settings_page
from cti.kernel.settings import HELP, Settings

ROOT = Path(__file__).parents[3]
FIELDS = msgspec.structs.fields(Settings)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_setting_has_its_line(field: msgspec.structs.FieldInfo) -> None:
    (line,) = [x for x in settings_page().splitlines() if x.startswith(f"| `CTI_{field.name.upper()}` |")]
    assert HELP[field.name] in line.replace("\\|", "|")
    assert line.count("|") - line.count("\\|") == 4
    if field.default not in ("", msgspec.NODEFAULT):
        assert f"| `{field.default}` |" in line


def test_the_page_in_docs_is_this_one() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_page()


def test_it_prints_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "cti.app.reference"], capture_output=True, text=True, check=True)
    assert done.stdout == settings_page()
