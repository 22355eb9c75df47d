"""By what two are the same."""

from __future__ import annotations

from crm_core.contacts.model import Party, PartyMail, PartyNumber
from crm_core.exchange.keys import keys_of

ALI = Party(
    id="1", kind="person", name="علی‌رضا نوری", national_id="0084575948", company_name="پارس",
    mails=(PartyMail("A@b.ir"),),
    numbers=(PartyNumber("0912", "mobile", "+989121234567", "+989121234567"), PartyNumber("021", "work",
        "+982188664523", "+982188664523")),
)  # fmt: skip


def test_the_surest_first_and_a_fixed_number_only_with_the_name() -> None:
    assert keys_of(ALI) == ["pi0084575948", "pn+989121234567", "pw+982188664523/علیرضانوری", "pma@b.ir"]


def test_what_was_chosen() -> None:
    assert keys_of(ALI, ("mail",)) == ["pma@b.ir"]
    assert keys_of(ALI, ("name",)) == ["paعلیرضانوری/پارس"]
    assert keys_of(ALI, ()) == []


def test_companies_of_one_name_are_one() -> None:
    assert keys_of(Party(id="1", kind="company", name="پارس گستر")) == keys_of(
        Party(id="2", kind="company", name="پارس‌گستر")
    )
