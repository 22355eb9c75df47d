"""The form of people: to the form and back nothing changes, and whatever is sent can be shown again."""

from __future__ import annotations

from functools import partial

from msgspec import UNSET
from multidict import MultiDict, MultiDictProxy

from crm_core.contacts.draft import revised
from crm_core.contacts.model import Party, PartyAddress, PartyLink, PartyMail, PartyNumber
from crm_core.fields.model import Choice, FieldDef
from cti.live.numbers import e164
from web.people_forms import ROWS, Typed, draft_of, of_form, of_party, of_query, split, with_row

DEFS = (
    FieldDef(id="1", kind="person", name="credit", type="money"),
    FieldDef(id="2", kind="person", name="which", type="choices", choices=(Choice("a"), Choice("b"))),
)
MARYAM = Party(
    id="p",
    kind="person",
    name="مریم رستگار",
    first_name="مریم",
    last_name="رستگار",
    company_id="c",
    company_name="البرز",
    tier="vip",
    do_not_call=True,
    birth_date="1982-01-04",
    numbers=(PartyNumber("09123456789", "mobile", "+989123456789", "+989123456789", "", "اصلی"),),
    mails=(PartyMail("a@b.example", "work"),),
    addresses=(PartyAddress("x", "home", "تهران"),),
    links=(PartyLink("@m", "telegram"),),
    roles=("customer", "مربی"),
    tags=("دارو", "حمل سرد"),
    version=3,
)


def sent(typed: Typed) -> MultiDictProxy[str]:
    """The form as a browser sends it."""
    form: MultiDict[str] = MultiDict(typed.texts)
    for name in typed.checks:
        form.add(name, "on")
    for name, rows in typed.rows.items():
        form.add("part", name)
        for row in rows:
            for one, value in row.items():
                form.add(f"{name}.{one}", value)
    for role in typed.roles:
        form.add("role", role)
    form.extend({"other_roles": typed.other_roles, "tags": typed.tags, "version": str(typed.version)})
    return MultiDictProxy(form)


def test_to_the_form_and_back() -> None:
    typed = of_party(MARYAM, whole=True)
    again = of_form(sent(typed), ())
    assert again == typed
    assert revised(MARYAM, draft_of(again, "person"), partial(e164, region="IR")) == MARYAM


def test_somebody_without_parts_of_a_name() -> None:
    typed = of_party(Party(id="p", kind="person", name="Vahid"), whole=True)
    assert (typed.texts["first_name"], typed.texts["last_name"]) == ("", "Vahid")


def test_numbers_that_may_not_be_seen_are_not_written() -> None:
    typed = of_party(MARYAM, whole=False)
    assert typed.rows["numbers"] == []
    assert draft_of(typed, "person").numbers is UNSET


def test_a_new_one_from_a_number() -> None:
    typed = of_query({"number": "0912", "company_name": "البرز", "first_name": "x" * 1000})
    assert [row["raw"] for row in typed.rows["numbers"]] == ["0912"]
    assert (typed.texts["company_name"], len(typed.texts["first_name"])) == ("البرز", 200)


def test_a_new_one_from_a_name() -> None:
    texts = of_query({"name": "مریم رستگار پور"}).texts
    assert (texts["first_name"], texts["last_name"]) == ("مریم", "رستگار پور")


def test_custom_fields() -> None:
    form = MultiDictProxy(
        MultiDict([("field_credit", "۵"), ("field_which", "a"), ("field_which", ""), ("field_no", "x")])
    )
    assert of_form(form, DEFS).fields == {"credit": "۵", "which": ["a"]}


def test_rows_of_different_lengths_and_far_too_many() -> None:
    form = MultiDict([("numbers.raw", "1")] * 5_000 + [("numbers.kind", "work")])
    typed = of_form(MultiDictProxy(form), ())
    assert len(typed.rows["numbers"]) == 60
    assert typed.rows["numbers"][0]["kind"] == "work"
    assert typed.rows["numbers"][1] == {"raw": "1", "kind": "", "extension": "", "label": ""}


def test_a_version_that_is_none() -> None:
    for text in ("", "x", "-1", "9" * 50, "۱"):
        assert of_form(MultiDictProxy(MultiDict({"version": text})), ()).version is None


def test_one_row_more() -> None:
    typed = of_query({})
    for name in ROWS:
        assert len(with_row(typed, name).rows[name]) == 1
    assert with_row(typed, "nothing") is typed


def test_split() -> None:
    assert split("دارو، حمل سرد; a,b\nc ,,") == ["دارو", "حمل سرد", "a", "b", "c"]
