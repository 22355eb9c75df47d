"""Agents at their phones beside a PBX in memory, whose calls are told as facts: for tests of commands."""

from __future__ import annotations

from typing import Any

from cti.control.book import LiveBook
from cti.control.contexts import CONTEXTS, DIAL
from cti.control.dialling import Dialling
from cti.control.dials import Dials
from cti.control.fake import FakePbx
from cti.control.parts import Parts
from cti.control.phonebook import Phonebook
from cti.control.phones import PhoneAt
from cti.control.recordings import Recordings
from cti.control.service import Commands
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.live.events import DialStep, OrderEnded, RecordingPaused
from tests.cti.live.desk import Desk

CALL = "main-1.0"
AGENT = frozenset({"desk.use", "calls.dial"})
TRUNK, SARAS, REZAS = "PJSIP/trunk-1", "PJSIP/201-1", "PJSIP/202-1"


def agent(extension: str, role: str = "agent", permissions: frozenset[str] = AGENT) -> Actor:
    return Actor(f"u{extension}", extension, role=role, permissions=permissions, extensions=frozenset({extension}))


SARA, REZA = agent("201"), agent("202")


class Office:
    """``desk`` tells what happens on the PBX ``main``; ``said`` is what it was commanded."""

    def __init__(self, **dialling: Any) -> None:
        self.desk = Desk()
        self.pbx = FakePbx({TRUNK, SARAS, REZAS, "PJSIP/203-1"})
        self.pbx.contexts.update(CONTEXTS)
        self.clock = ManualClock(self.desk.at)
        self.book = LiveBook()
        self.steps: list[DialStep] = []
        self.pauses: list[RecordingPaused] = []
        self.dials = Dials(self.steps.append)
        self.recordings = Recordings(self.clock, self.pauses.append)
        self.phones = {
            extension: PhoneAt("main", f"PJSIP/{extension}", extension, True) for extension in ("201", "202", "203")
        }
        self.phonebook = Phonebook(self.clock, {"main": self.pbx}, dialling.get("phones"))
        self.dialling = Dialling(**dialling)
        parts = Parts(
            {"main": self.pbx}, self.book, lambda name: self.desk.tracker if name == "main" else None, self._at,
            self.phonebook, self.dialling.keep_seconds,
        )  # fmt: skip
        self.commands = Commands(
            parts, self.dials, self.recordings, self.clock, lambda _pbx: self.desk.board.profile, self.dialling
        )

    def _at(self, actor: Actor) -> tuple[PhoneAt, ...]:
        return tuple(phone for name, phone in self.phones.items() if name in actor.extensions)

    def tell(self) -> Office:
        """What happened so far reaches everybody."""
        for event in self.desk.tracker.take():
            self.book.take(event)
            self.dials.take(event)
        return self

    def order(self, order: str, *, ok: bool = False, reason: int = 0) -> None:
        """The PBX's word on a first leg."""
        self.dials.take(OrderEnded("main", self.desk.at, order, None, ok, reason))

    def in_call(self) -> Office:
        """A caller and 201 talk."""
        self.desk.call_in()
        return self.tell()

    def consulting(self, *, answered: bool = True) -> Office:
        """201 asks 202 while the caller waits."""
        self.in_call().desk.leave("b", "1.1", errand="consult").leave("b", "1.0", errand="hold")
        self.desk.dial("1.1", "1.2", "202", "202", errand="consult").wait(1)
        if answered:
            self.desk.state("1.2", "up").enter("c", "1.2", "1.1")
        return self.tell()

    @property
    def said(self) -> list[str]:
        """Commands in order, without the variables."""
        return [command.name for command in self.pbx.commands if command.name != "set_variable"]

    def last(self, name: str) -> dict[str, Any]:
        return next(command.arguments for command in reversed(self.pbx.commands) if command.name == name)

    def variables(self, channel: str) -> dict[str, str]:
        """Those that a channel was given."""
        given = [c.arguments for c in self.pbx.commands if c.name == "set_variable"]
        return {one["name"]: one["value"] for one in given if one["channel"] == channel}


__all__ = ["CALL", "DIAL", "REZA", "REZAS", "SARA", "SARAS", "TRUNK", "Office", "agent"]
