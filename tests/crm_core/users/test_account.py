"""What may be written of a user is what a struct says, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.users.account import Preferences, UserDraft


def test_what_is_not_given_stays() -> None:
    draft = msgspec.json.decode(b'{"name":"Sara"}', type=UserDraft)
    assert draft.name == "Sara" and draft.login is msgspec.UNSET


@pytest.mark.parametrize(
    "text",
    [
        '{"password":"x"}',
        '{"active":true}',
        '{"language":"de"}',
        '{"theme":null}',
        '{"extensions":[""]}',
        f'{{"login":"{"x" * 65}"}}',
        f'{{"teams":{["x"] * 101}}}'.replace("'", '"'),
    ],
)
def test_what_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=UserDraft)


def test_preferences_touch_nothing_else() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"role":"administrator"}', type=Preferences)
