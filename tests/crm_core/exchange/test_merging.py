"""What a file says, laid over a contact."""

from __future__ import annotations

from typing import Any

import msgspec

from crm_core.contacts.model import Party, PartyMail, PartyNumber
from crm_core.exchange.merging import laid_over


def person(**fields: Any) -> Party:
    return Party(**{"id": "1", "kind": "person", "name": "علی رضایی", **fields})


OLD = person(
    position="مدیر", tags=("الف",), numbers=(PartyNumber("0912", "mobile", None, "0912"),), fields={"a": 1},
    company_name="پارس", company_id="c",
)  # fmt: skip
NEW = person(
    id="", name="علي رضايي", first_name="علي", position="فروشنده", tier="vip", tags=("الف", "ب"),
    mails=(PartyMail("a@b.ir"),),
    numbers=(PartyNumber("0912", "other", None, "0912"), PartyNumber("021", "work", None, "021")), fields={"a": 2,
        "b": 3},
    company_name="البرز", do_not_call=True,
)  # fmt: skip


def test_fill() -> None:
    after = laid_over(OLD, NEW, overwrite=False)
    assert (after.name, after.position, after.tier, after.company_name, after.company_id) == (
        "علی رضایی",
        "مدیر",
        "vip",
        "پارس",
        "c",
    )
    assert [n.raw for n in after.numbers] == ["0912", "021"]
    assert after.numbers[0].kind == "mobile"
    assert (after.tags, after.fields, after.do_not_call) == (("الف", "ب"), {"a": 1, "b": 3}, True)


def test_overwrite() -> None:
    after = laid_over(OLD, NEW, overwrite=True)
    assert (after.name, after.position, after.company_name, after.company_id) == ("علي رضايي", "فروشنده", "البرز", None)
    assert after.fields == {"a": 2, "b": 3}
    assert len(after.numbers) == 2


def test_what_the_file_leaves_empty_stays() -> None:
    for overwrite in (False, True):
        assert laid_over(OLD, person(id=""), overwrite=overwrite) == OLD


def test_whoever_must_not_be_called_is_not_called_after_an_import() -> None:
    silent = msgspec.structs.replace(OLD, do_not_call=True)
    assert laid_over(silent, person(), overwrite=True).do_not_call
