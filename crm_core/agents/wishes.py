"""What the PBXs shall hold of each agent, by phone: made of his state, handed to the driver.

A phone may pass from one to another: its wishes are those of who works there and is signed in. Neighbours: ``floor``
has the agents and says when one has changed, ``driver`` makes the PBXs equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from crm_core.agents.driver import Driver, Phone, Wish
from crm_core.agents.model import our_label
from cti.live.agents import Agent, Membership

Owners = Callable[[str, str], tuple[str, ...]]
"""(PBX, interface) -> the users whose phone a member rings."""


class Wishes:
    """``name_of``: what a queue calls a member. ``language``: of the reasons that a PBX is told."""

    def __init__(
        self, driver: Driver, agents: Mapping[str, Agent], owners: Owners, name_of: Callable[[str], str], language: str
    ) -> None:
        self._driver, self.agents, self._owners = driver, agents, owners
        self._name_of, self._language = name_of, language
        self._phones: dict[str, set[Phone]] = {}  # user -> the phones that he has wishes for
        self._users: dict[Phone, set[str]] = {}

    def phones(self, user: str) -> Collection[Phone]:
        """The phones for which he has wishes."""
        return self._phones.get(user, ())

    def users(self, phones: Collection[Phone]) -> set[str]:
        """Who has wishes for one of these phones."""
        return {user for phone in phones for user in self._users.get(phone, ())}

    def make(self, agent: Agent) -> None:
        """His state is another: hand over what the PBXs shall hold now."""
        before = self._phones.get(agent.user, set())
        wishes: dict[Phone, list[Wish]] = {phone: [] for phone in before}
        for one in agent.memberships.values():
            wishes.setdefault((one.pbx, one.interface), []).append(self._wish(agent, one))
        mine = {phone: made for phone, made in wishes.items() if not self._taken(agent.user, phone)}
        for phone, made in mine.items():
            self._driver.wish(phone, made)
        now = self._phones[agent.user] = {phone for phone, made in mine.items() if made}
        for phone in before - now:
            self._users[phone].discard(agent.user)
        for phone in now:
            self._users.setdefault(phone, set()).add(agent.user)

    def _taken(self, user: str, phone: Phone) -> bool:
        """Somebody else works there now and is signed in: what becomes of that phone is his."""
        owners = self._owners(*phone)
        return user not in owners and any((other := self.agents.get(owner)) and other.on for owner in owners)

    def _wish(self, agent: Agent, one: Membership) -> Wish:
        inside = one.on and agent.on
        return Wish(
            pbx=one.pbx,
            queue=one.queue,
            interface=one.interface,
            inside=inside,
            paused=not inside or agent.paused,
            reason=self._reason(agent) if inside else our_label("signed-out", self._language),
            name=self._name_of(agent.user),
            state_interface=one.state_interface,
        )

    def _reason(self, agent: Agent) -> str:
        if agent.wrapping:
            return our_label("wrap-up", self._language)
        return agent.pauses[-1].label if agent.pauses else ""
