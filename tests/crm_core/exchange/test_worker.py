"""What the reading process says, without the process."""

from __future__ import annotations

from pathlib import Path

from crm_core.exchange.convert import Plan
from crm_core.exchange.frames import Batch, Ended, Failed, Looked, Order, decode_frame, encode
from crm_core.exchange.rows import Choices, Limits
from crm_core.exchange.worker import frames_of
from tests.crm_core.exchange.files import dirty_xlsx, many


def order(path: Path, **more: object) -> Order:
    return Order(**{"task": "look", "path": str(path), "choices": Choices(), "limits": Limits(), **more})  # type: ignore[arg-type]


def test_look(tmp_path: Path) -> None:
    (looked,) = frames_of(order(dirty_xlsx(tmp_path / "f")))
    assert isinstance(looked, Looked)
    assert looked.mapping == (
        "",
        "name",
        "number:mobile",
        "number:work",
        "company_name",
        "mail",
        "national_id",
        "birth_date",
        "note",
    )
    assert decode_frame(encode(looked)) == looked


def test_rows_after_one_in_batches(tmp_path: Path) -> None:
    path = many(tmp_path / "f", 25)
    frames = list(
        frames_of(order(path, task="read", plan=Plan(mapping=("first_name", "last_name")), after=6, batch=10))
    )
    batches = [frame for frame in frames if isinstance(frame, Batch)]
    assert [len(batch.rows) for batch in batches] == [10, 10]
    assert (batches[0].rows[0].row, batches[-1].last) == (7, 26)
    assert frames[-1] == Ended(25)
    assert all(decode_frame(encode(frame)) == frame for frame in frames)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"%PDF")
    (failed,) = frames_of(order(tmp_path / "f"))
    assert isinstance(failed, Failed)


def test_profile(tmp_path: Path) -> None:
    plan = Plan(mapping=("first_name", "last_name", "number"))
    *_, ended = frames_of(order(many(tmp_path / "f", 5), task="profile", plan=plan))
    assert isinstance(ended, Ended)
    assert ended.profile is not None
    assert (ended.profile.rows, ended.profile.good) == (5, 5)
