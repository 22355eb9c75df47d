"""What the PBXs shall hold of an agent; and of a phone that passes from one to another."""

from __future__ import annotations

from crm_core.agents.driver import Driver
from crm_core.agents.wishes import Wishes
from cti.kernel.clock import ManualClock
from cti.live.agents import Agent, Membership, Part, WrapRule
from tests.crm_core.agents.floors import PHONE, T, member, queue

SALES = Membership("main", "sales", PHONE, "hint:201@ext-local")
KEY = SALES.key


class Shop:
    """Two agents, of whom `owners` work at the phone."""

    def __init__(self, *owners: str) -> None:
        self.owners = owners
        self.driver = Driver(ManualClock(), lambda _: None)
        self.agents = {user: Agent(user) for user in ("u1", "u2")}
        self.wishes = Wishes(self.driver, self.agents, lambda _pbx, _interface: self.owners, lambda user: user, "en")
        self.driver.link("main", True)

    def sign_in(self, user: str) -> Agent:
        self.agents[user].sign_in(T, (SALES,))
        self.wishes.make(self.agents[user])
        return self.agents[user]

    def wished(self) -> tuple[bool, bool, str]:
        wish = self.driver._wishes[KEY]
        return wish.inside, wish.paused, wish.reason


def test_what_is_wished_follows_the_state() -> None:
    shop = Shop("u1")
    one = shop.sign_in("u1")
    assert shop.wished() == (True, False, "")
    wish = shop.driver._wishes[KEY]
    assert (wish.name, wish.state_interface) == ("u1", "hint:201@ext-local")
    one.pause(T, "lunch", "Lunch")
    shop.wishes.make(one)
    assert shop.wished() == (True, True, "Lunch")
    one.join(Part("c1", "main", "talk", T, "sales", True), T, WrapRule())
    shop.wishes.make(one)
    assert shop.wished() == (True, True, "Wrap-up")
    one.sign_out(T)
    shop.wishes.make(one)
    assert shop.wished() == (False, True, "Signed out")
    assert shop.wishes.users([("main", PHONE)]) == {"u1"}


def test_the_phone_is_his_who_works_there_and_is_signed_in() -> None:
    shop = Shop("u1")
    one = shop.sign_in("u1")
    shop.owners = ("u2",)
    one.sign_out(T)
    shop.wishes.make(one)
    assert shop.wished()[0] is False, "nobody is signed in there"
    shop.sign_in("u2")
    shop.wishes.make(one)
    assert shop.wished()[0] is True
    assert shop.wishes.phones("u1") == set()
    assert shop.wishes.users([("main", PHONE)]) == {"u2"}


def test_what_is_no_wish_any_more_is_left_alone() -> None:
    shop = Shop("u1")
    one = shop.sign_in("u1")
    one.memberships.clear()
    shop.wishes.make(one)
    shop.driver.holds(queue("sales", member(paused=True)))
    assert not shop.driver.pending(KEY)
    assert shop.wishes.users([("main", PHONE)]) == set()
