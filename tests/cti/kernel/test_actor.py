"""Who may do what."""

from __future__ import annotations

import pytest

from cti.kernel.actor import NOBODY, PERMISSIONS, Actor, system
from cti.kernel.errors import ForbiddenError, UnauthenticatedError


def test_names_are_said_once() -> None:
    assert len(set(PERMISSIONS)) == len(PERMISSIONS)


def test_nobody_is_told_to_sign_in() -> None:
    with pytest.raises(UnauthenticatedError):
        NOBODY.require()


def test_who_lacks_a_permission_is_told_its_name() -> None:
    agent = Actor(id="1", name="Elham", permissions=frozenset({"calls.view"}))
    agent.require("calls.view")
    with pytest.raises(ForbiddenError, match=r"calls\.export"):
        agent.require("calls.view", "calls.export")


def test_one_of_several_is_enough() -> None:
    agent = Actor(id="1", name="Elham", permissions=frozenset({"calls.view_team"}))
    agent.require_any("calls.view_all", "calls.view_team")
    with pytest.raises(ForbiddenError):
        agent.require_any("audit.view", "roles.manage")


def test_the_product_itself_may_everything() -> None:
    system("import").require(*PERMISSIONS)
