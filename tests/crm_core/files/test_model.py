"""A file is its row."""

from __future__ import annotations

import msgspec

from crm_core.files.model import File, file


def test_a_file_has_the_columns_of_its_table() -> None:
    assert [field.name for field in msgspec.structs.fields(File)] == list(file.columns.keys())
