"""The form of a user: what stands in it, what it offers, what it becomes."""

from __future__ import annotations

import pytest
from multidict import MultiDict, MultiDictProxy

from cti.kernel.errors import InvalidError
from tests.crm_core.users import pbxs, people
from tests.crm_core.users.people import SYSTEM
from tests.web.conftest import Stage
from web.typed import Typed
from web.user_forms import Filled, choices, draft_of, empty, of_user, typed_in


def form(*pairs: tuple[str, str]) -> Typed:
    return Typed(MultiDictProxy(MultiDict(pairs)))


SENT = form(("login", "sara"), ("name", "سارا"), ("role", "agent"), ("extensions", "201"), ("extensions", "202"))


def test_what_was_typed_becomes_a_draft_and_comes_back_as_it_was() -> None:
    draft, filled = draft_of(SENT), typed_in(SENT)
    assert (draft.login, draft.extensions, draft.queues) == ("sara", ("201", "202"), ())
    assert filled == Filled(login="sara", name="سارا", role="agent", extensions=("201", "202"))


def test_too_much_is_refused_before_any_service_sees_it() -> None:
    with pytest.raises(InvalidError):
        draft_of(form(*[("queues", str(n)) for n in range(500)]))


async def test_what_there_is_to_choose(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    assert (await choices(crm, SYSTEM, empty()))["silent"]
    await pbxs.tell(crm.directory)
    user = await people.make(crm, "sara", extensions=("201", "999"), queues=("gone",))
    offered = await choices(crm, SYSTEM, of_user(user))
    assert not offered["silent"]
    assert offered["extensions"][0] == ("201", "201", "Sara")
    assert offered["extensions"][-1] == ("999", "999", "")
    assert [value for value, _, _ in offered["queues"]] == ["sales", "support", "gone"]
