"""The steps of the migrations end in the tables that the model describes; numbers are found in every form."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from call_log import model
from cti.kernel.db import Database
from cti.live.record import Caller, Number
from tests.call_log.calls import record


async def test_the_migrations_make_what_the_model_describes(database: Database) -> None:
    def compare(connection: Connection) -> None:
        there = inspect(connection)
        for name, table in model.metadata.tables.items():
            columns = {c["name"]: c for c in there.get_columns(name)}
            assert set(columns) == set(table.columns.keys()), name
            for column in table.columns:
                assert bool(columns[column.name]["nullable"]) == bool(column.nullable), f"{name}.{column.name}"
            assert there.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
            indexes = {i["name"]: list(i["column_names"]) for i in there.get_indexes(name)}
            assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}, name

    async with database.transaction() as tx:
        await tx.connection.run_sync(compare)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("+98 (912) 1", "989121"), ("00989", "989"), ("۰۹۱۲", "912"), ("٠٢١", "21"), ("", ""), ("abc", ""), ("0", "")],
)
def test_digits_that_matter(typed: str, digits: str) -> None:
    assert model.significant_digits(typed) == digits


def test_every_form_of_the_parties_numbers() -> None:
    forms = model.searchable_numbers(
        record(caller=Caller("+989121234567", "09121234567", None), dialled=Number(None, "5000"))
    )
    assert forms == {"989121234567", "9121234567", "5000"}
    assert model.searchable_numbers(record(caller=Caller(None, None, None), dialled=Number("+x", None))) == set()


def test_rows_have_the_columns_of_their_tables() -> None:
    entry = model.Entry(record(1), 0.0)
    assert len(model.call_row(entry)) == len(model.call.columns) - 1
    for name, rows in model.child_rows(record(1)).items():
        assert rows, name
        assert {len(row) for row in rows} == {len(model.metadata.tables[name].columns)}


def test_standing_says_which_record_outdoes_which() -> None:
    up = model.Entry(record(1, provisional=True), 0.0, "repair").standing
    lost = model.Entry(record(1, outcome="lost"), 0.0, "repair").standing
    others = [model.Entry(record(1), 0.0, s).standing for s in ("truth", "live", "repair")]
    assert [up, lost, *others] == sorted({up, lost, *others})


def test_keys_are_short_and_hold_no_nul() -> None:
    assert model.key(None) is None
    assert model.key("a\0b") == "ab"
    assert len(model.key("x" * 9000) or "") == 200
    assert not re.search("\0", model.call_row(model.Entry(record(queue="\0"), 0.0))[5])
