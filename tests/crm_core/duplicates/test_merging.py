"""What becomes of each field when several are made one, and one several again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm_core.contacts.model import Party, PartyAddress, PartyLink, PartyMail, PartyNumber
from crm_core.duplicates.merging import GROUPS, differing, merged, unmerged
from cti.kernel.errors import InvalidError

ONE = Party(
    id="one", kind="person", name="علی رضایی", first_name="علی", last_name="رضایی",
    company_id="c1", company_name="پارس",
    tier="", source="تلفن", source_at=20.0, numbers=(PartyNumber("0912", key="+989121112233", label="شخصی"),),
    mails=(PartyMail("a@x.example"),), tags=("الف", "ب"), roles=("customer",), fields={"size": "بزرگ", "own": 1},
)  # fmt: skip
OTHER = Party(
    id="other", kind="person", name="علیرضا رضایی", first_name="علیرضا", last_name="رضایی", position="مدیر", tier="vip",
    source="وب", source_at=10.0, do_not_call=True, birth_date="1990-01-01",
    numbers=(PartyNumber("+98912", key="+989121112233"), PartyNumber("021", key="+982188664523")),
    mails=(PartyMail("A@X.example"), PartyMail("b@x.example")), tags=("ب", "پ"), roles=("partner",),
    addresses=(PartyAddress("تهران"),), links=(PartyLink("x.example"),), fields={"size": "کوچک", "his": ["الف"]},
)  # fmt: skip


def test_nothing_is_lost() -> None:
    after = merged(ONE, [OTHER], {})
    assert (after.id, after.name, after.company_name, after.position) == ("one", "علی رضایی", "پارس", "مدیر")
    assert (after.tier, after.birth_date, after.do_not_call, after.do_not_sms) == ("vip", "1990-01-01", True, False)
    assert (after.source, after.source_at) == ("وب", 10.0), "the first touch is the older one"
    assert [(one.key, one.label) for one in after.numbers] == [("+989121112233", "شخصی"), ("+982188664523", "")]
    assert [one.address for one in after.mails] == ["a@x.example", "b@x.example"]
    assert (after.tags, after.roles) == (("الف", "ب", "پ"), ("customer", "partner"))
    assert (after.addresses, after.links) == (OTHER.addresses, OTHER.links)
    assert after.fields == {"size": "بزرگ", "own": 1, "his": ["الف"]}


def test_choices_win_field_by_field() -> None:
    after = merged(ONE, [OTHER], {"name": "other", "fields.size": "other", "source": "one", "company": "other"})
    assert (after.name, after.first_name, after.last_name) == ("علیرضا رضایی", "علیرضا", "رضایی")
    assert (after.fields["size"], after.source, after.company_id) == ("کوچک", "تلفن", None)


@pytest.mark.parametrize("choices", [{"name": "stranger"}, {"numbers": "one"}, {"fields.none": "one"}, {"id": "other"}])
def test_choices_that_cannot_be(choices: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        merged(ONE, [OTHER], choices)


def test_what_there_is_to_choose() -> None:
    assert differing([ONE, OTHER]) == ["name", "source", "fields.size"]
    assert differing([ONE, ONE]) == []


def test_every_writable_value_of_a_party_has_its_rule() -> None:
    ruled = {field for fields in GROUPS.values() for field in fields}
    ruled |= {"do_not_call", "do_not_sms", "numbers", "mails", "addresses", "links", "roles", "tags", "fields"}
    own = {"id", "kind", "created_at", "created_by", "changed_at", "changed_by", "version", "deleted_at", "merged_into"}
    assert ruled | own == set(Party.__struct_fields__)


def test_undone_at_once_it_is_what_it_was() -> None:
    after = merged(ONE, [OTHER], {"name": "other", "fields.size": "other"})
    assert unmerged(ONE, after, after) == ONE


def change(party: Party, **values: Any) -> Party:
    return msgspec.structs.replace(party, **values)


def test_what_was_changed_since_stays() -> None:
    after = merged(ONE, [OTHER], {})
    added = PartyNumber("3", key="+989350000000")
    now = change(
        after, name="نام تازه", numbers=(*after.numbers, added), tags=("الف", "پ", "نو"), tier="gold",
        fields={**after.fields, "size": "متوسط", "new": 2},
    )  # fmt: skip
    back = unmerged(ONE, after, now)
    assert (back.name, back.tier, back.position, back.do_not_call) == ("نام تازه", "gold", "", False)
    assert [one.key for one in back.numbers] == ["+989121112233", "+989350000000"]
    assert back.tags == ("الف", "نو")
    assert back.fields == {"size": "متوسط", "own": 1, "new": 2}
