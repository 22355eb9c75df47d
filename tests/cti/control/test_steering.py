"""Commands on others' calls: whose they are is asked first, the channel is found here, and nobody is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cti.control import contexts
from cti.control.phones import PhoneAt
from cti.control.port import Target
from cti.control.steering import Steering, Taking
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RefusedError
from cti.live.events import LiveCall
from tests.cti.control.office import CALL, SARA, SARAS, TRUNK, Office, agent

LEAD = agent("203", "supervisor", frozenset({"desk.use", "live.act"}))
KEPT, JOINED = Target("s", contexts.KEEP), Target("s", contexts.TALK)


class Everything:
    """Reaches what is not ``out``."""

    def __init__(self) -> None:
        self.out: set[str] = set()

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        if call.record.id in self.out:
            raise ForbiddenError("not yours")

    def require_user(self, actor: Actor, user_id: str) -> None:
        if user_id in self.out:
            raise ForbiddenError("not yours")

    def name(self, user_id: str) -> str:
        return user_id


class Lead:
    """Somebody who leads, beside an office; ``noted`` is what he did."""

    def __init__(self) -> None:
        self.office, self.reach, self.noted = Office(), Everything(), list[tuple[str, str, Mapping[str, Any]]]()
        self.phones = {"u202": (PhoneAt("main", "PJSIP/202", "202", True),)}
        self.steering = Steering(
            self.office.commands.parts, self.reach, lambda user: self.phones.get(user, ()), self._note,
            self.office.clock,
        )  # fmt: skip

    async def _note(self, actor: Actor, action: str, call: str, more: Mapping[str, Any]) -> None:
        self.noted.append((action, call, more))

    def waiting(self) -> Lead:
        """A caller waits in ``support``; there is a queue ``sales``, too. 201 rings."""
        desk = self.office.desk
        desk.born("1.0", "trunk", number="09121112233", exten="5000").state("1.0", "up").joins_queue("1.0")
        desk.board.queues.waiting("sales", 0)
        desk.dial("1.0", "1.1", "201", "5000")
        self.office.pbx.queues = {"support": set(), "sales": set()}
        self.office.tell()
        return self

    def talking(self) -> Lead:
        self.office.in_call()
        return self


async def test_a_call_is_ended_with_everybody_in_it() -> None:
    lead = Lead().talking()
    await lead.steering.end(LEAD, CALL)
    assert [c.arguments["channel"] for c in lead.office.pbx.commands] == [TRUNK, SARAS]
    assert lead.noted == [("ended", CALL, {})]


async def test_who_is_gone_already_is_no_error_but_a_call_that_is_gone_is() -> None:
    lead = Lead().talking()
    lead.office.pbx.channels.discard(SARAS)
    await lead.steering.end(LEAD, CALL)
    with pytest.raises(NotFoundError):
        await lead.steering.end(LEAD, "main-9.9")
    lead.office.pbx.channels.clear()
    with pytest.raises(ConflictError):
        await lead.steering.end(LEAD, CALL)
    assert len(lead.noted) == 1


@pytest.mark.parametrize("command", ["end", "take_over", "front", "move"])
async def test_others_calls_and_those_who_may_not_are_refused(command: str) -> None:
    lead = Lead().waiting()
    more = {"queue": "sales"} if command == "move" else {}
    with pytest.raises(ForbiddenError):
        await getattr(lead.steering, command)(SARA, CALL, **more)
    lead.reach.out.add(CALL)
    with pytest.raises(ForbiddenError, match="not yours"):
        await getattr(lead.steering, command)(LEAD, CALL, **more)
    assert lead.office.pbx.commands == [] and lead.noted == []


async def test_a_talk_is_taken_over_once_my_phone_is_up() -> None:
    lead = Lead().talking()
    taking = await lead.steering.take_over(LEAD, CALL)
    (order,) = (c.arguments["call"] for c in lead.office.pbx.commands)
    assert (order.endpoint, order.target, order.variables) == ("PJSIP/203", JOINED, {contexts.WITH: TRUNK})
    assert taking == Taking(CALL, order.uniqueid) and order.caller_number == "09121112233"
    assert lead.noted == [("took-over", CALL, {"phone": "203"})]


async def test_who_waits_is_taken_over_by_being_sent_to_my_phone() -> None:
    lead = Lead().waiting()
    assert await lead.steering.take_over(LEAD, CALL) == Taking(CALL)
    assert lead.office.last("redirect") == {"channel": TRUNK, "target": KEPT}
    told = lead.office.variables(TRUNK)
    assert (told[contexts.PHONE], told[contexts.QUEUE]) == ("PJSIP/203", "support")


async def test_nothing_is_taken_over_without_a_phone_or_from_oneself() -> None:
    lead = Lead().talking()
    with pytest.raises(RefusedError, match="no phone"):
        await lead.steering.take_over(agent("299", permissions=LEAD.permissions), CALL)
    lead.office.phones["203"] = PhoneAt("main", "PJSIP/203", "203", False)
    with pytest.raises(RefusedError, match="not registered"):
        await lead.steering.take_over(LEAD, CALL)
    with pytest.raises(ConflictError, match="yourself"):
        await lead.steering.take_over(agent("201", permissions=LEAD.permissions), CALL)
    assert lead.office.pbx.commands == []


async def test_who_waits_is_put_first_and_the_last_one_is_first_of_all() -> None:
    lead = Lead().waiting()
    await lead.steering.front(LEAD, CALL)
    said = lead.office.last("put_first")
    assert (said["queue"], said["channel"]) == ("support", TRUNK) and said["priority"] > 0
    lead.office.clock.advance(5)
    await lead.steering.front(LEAD, CALL)
    assert lead.office.last("put_first")["priority"] == said["priority"] + 5


async def test_a_pbx_that_knows_no_priorities_lets_him_enter_again_before_all() -> None:
    lead = Lead().waiting()
    lead.steering.reorders = lambda _pbx: False
    await lead.steering.front(LEAD, CALL)
    assert lead.office.last("redirect") == {"channel": TRUNK, "target": Target("support", contexts.INTO_QUEUE)}
    assert int(lead.office.variables(TRUNK)["QUEUE_PRIO"]) > 0
    assert "put_first" not in lead.office.said


async def test_who_talks_does_not_wait() -> None:
    lead = Lead().talking()
    with pytest.raises(ConflictError, match=r"does not wait"):
        await lead.steering.front(LEAD, CALL)
    with pytest.raises(ConflictError, match=r"does not wait"):
        await lead.steering.move(LEAD, CALL, agent="u202")


async def test_who_waits_is_moved_to_another_queue_and_would_come_back() -> None:
    lead = Lead().waiting()
    await lead.steering.move(LEAD, CALL, queue="sales")
    assert lead.office.last("redirect") == {"channel": TRUNK, "target": Target("sales", contexts.INTO_QUEUE)}
    told = lead.office.variables(TRUNK)
    assert (told[contexts.QUEUE], told[contexts.PHONE]) == ("support", "")
    assert lead.noted == [("moved", CALL, {"from": "support", "queue": "sales", "user": ""})]


async def test_who_waits_is_moved_to_an_agent_and_would_come_back() -> None:
    lead = Lead().waiting()
    await lead.steering.move(LEAD, CALL, agent="u202")
    assert lead.office.last("redirect") == {"channel": TRUNK, "target": KEPT}
    told = lead.office.variables(TRUNK)
    assert (told[contexts.PHONE], told[contexts.QUEUE]) == ("PJSIP/202", "support")


async def test_where_nobody_can_be_sent() -> None:
    lead = Lead().waiting()
    for where in ({}, {"queue": "sales", "agent": "u202"}):
        with pytest.raises(InvalidError):
            await lead.steering.move(LEAD, CALL, **where)
    with pytest.raises(NotFoundError, match="nowhere"):
        await lead.steering.move(LEAD, CALL, queue="nowhere")
    with pytest.raises(ConflictError, match="already"):
        await lead.steering.move(LEAD, CALL, queue="support")
    with pytest.raises(RefusedError, match="u204 works at no phone"):
        await lead.steering.move(LEAD, CALL, agent="u204")
    lead.reach.out.add("u202")
    with pytest.raises(ForbiddenError):
        await lead.steering.move(LEAD, CALL, agent="u202")
    lead.reach.out.clear()
    lead.office.pbx.contexts.discard(contexts.INTO_QUEUE)  # an include of an earlier version
    with pytest.raises(RefusedError):
        await lead.steering.move(LEAD, CALL, queue="sales")
    assert lead.office.pbx.commands == [] and lead.noted == []
