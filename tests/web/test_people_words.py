"""Every kind has its word, and whoever looks after somebody has a name."""

from __future__ import annotations

from crm_core.contacts import model
from crm_core.users.account import UserRef
from web import people_words as words
from web.people_words import Colleagues


def test_every_kind_has_a_word() -> None:
    assert tuple(words.NUMBERS) == model.NUMBER_KINDS
    assert tuple(words.MAILS) == model.MAIL_KINDS
    assert tuple(words.ADDRESSES) == model.ADDRESS_KINDS
    assert tuple(words.LINKS) == model.LINK_KINDS
    assert tuple(words.ROLES) == model.ROLES
    assert tuple(words.TIERS) == model.TIERS


def test_names_of_colleagues() -> None:
    user = UserRef(id="u1", login="elham", name="", role="agent", teams=(), extensions=(), active=True)
    found = Colleagues({"u1": user}, {})
    assert (found.user("u1"), found.user("gone"), found.user(None)) == ("elham", "gone", "")
    assert (found.team(None), found.team("gone")) == ("", "gone")
