"""A small floor where anything may happen: four users at phones, two queues, calls, in whatever order."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from crm_core.contacts.callers import CallersKnown, KnownCaller
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallLogged,
    CallMerged,
    CallStarted,
    LegState,
    LiveCall,
    PbxLinkChanged,
    QueueChanged,
    QueueMember,
)
from cti.live.figures import FigureRules, Threshold
from screenpop.board import Board
from screenpop.figured import Figured
from screenpop.seats import AgentNow
from tests.crm_core.agents.floors import T, call, leg

USERS = ("u1", "u2", "u3", "u4")
QUEUES = ("sales", "support")
TEAMS = {"t1": "One", "t2": "Two", "t3": "Three"}
LEGS: tuple[LegState, ...] = ("ringing", "talking", "held", "consulting", "ended")
OWN = ("off", "ready", "pause", "wrap")


class Day:
    """Figures that are what a test says."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.rules = FigureRules()

    def queue(self, pbx: str, name: str) -> dict[str, Any]:
        count = self.counts.get(f"{pbx}/{name}", 0)
        counted = dict.fromkeys(("offered", "answered", "abandoned"), count)
        return counted | {"abandon_rate": None if count == 0 else 10.0, "service_level": 80.0, "sl_now": 70.0}

    def agent(self, user: str) -> dict[str, Any]:
        return {"calls": self.counts.get(user, 0), "talk_seconds": 60 * self.counts.get(user, 0)}

    def phone(self, pbx: str, extension: str) -> dict[str, Any]:
        return self.agent(f"{pbx}/{extension}")


def people(dice: random.Random, users: tuple[str, ...] = USERS) -> PeopleAtPhones:
    """Who works where; at times two at one phone, or one at a phone that no PBX tells of."""
    places, mates = [], []
    for number, user in enumerate(users):
        ext = str(201 + (number if dice.random() < 0.8 else dice.randrange(4)))
        phones = (PhoneAt("main", f"PJSIP/{ext}", ext, True),) if dice.random() < 0.8 else ()
        if dice.random() < 0.9:
            places.append(Place(user, user.upper(), (ext,), phones))
        teams = tuple(team for team in TEAMS if dice.random() < 0.4)
        mates.append(Mate(user, user.upper(), teams, tuple(queue for queue in QUEUES if dice.random() < 0.3)))
    teams_now = tuple((team, name) for team, name in TEAMS.items() if dice.random() < 0.9)
    return PeopleAtPhones({"201": "Sara"} if dice.random() < 0.5 else {}, tuple(places), tuple(mates), teams_now)


class Chaos:
    """``step`` makes something happen to a board."""

    def __init__(self, seed: int) -> None:
        self.dice, self.day, self.now = random.Random(seed), Day(), T
        self.calls: dict[str, LiveCall] = {}
        self.members: dict[str, dict[str, QueueMember]] = {queue: {} for queue in QUEUES}
        self.board = Board(lambda number, raw: raw or number or "", lambda _at: "2026-11-22")
        self.board.figured = Figured(self.day, lambda: self.day.rules)
        self.board.apply(people(self.dice))
        self.board.apply(PbxLinkChanged("main", T, True, ""))

    def events(self) -> list[Any]:
        self.now += self.dice.choice((0.1, 1.0, 3.0))
        ways = (self.start, self.change, self.change, self.end, self.merge, self.queue, self.queue, self.own, self.own)
        return self.dice.choice((*ways, self.own, self.know, self.log, self.move))()

    def step(self) -> list[Any]:
        made = self.events()
        for event in made:
            self.board.apply(event)
        if self.dice.random() < 0.3:
            self.board.turn(self.now)
        return made

    def live(self, call_id: str) -> LiveCall:
        dice = self.dice
        exts = dice.sample(("201", "202", "203", "204", "299"), dice.randrange(3))
        legs = [leg(dice.choice(LEGS), answered=dice.random() < 0.5, extension=e, uid=f"{call_id}.{e}") for e in exts]
        direction = dice.choice(("inbound", "inbound", "outbound", "internal"))
        made = call(*legs, id=call_id, queue=dice.choice((*QUEUES, None)), direction=direction)
        state = dice.choice(("queued", "ringing", "talking"))
        return msgspec.structs.replace(made, state=state, since=self.now)

    def start(self) -> list[Any]:
        call_id = f"main-{self.dice.randrange(8)}"
        self.calls[call_id] = self.live(call_id)
        return [CallStarted(self.now, self.calls[call_id])]

    def change(self) -> list[Any]:
        if not self.calls:
            return self.start()
        call_id = self.dice.choice(sorted(self.calls))
        self.calls[call_id] = self.live(call_id)
        return [CallChanged(self.now, self.calls[call_id])]

    def end(self) -> list[Any]:
        if not self.calls:
            return []
        return [CallEnded(self.now, self.calls.pop(self.dice.choice(sorted(self.calls))).record)]

    def merge(self) -> list[Any]:
        if len(self.calls) < 2:
            return []
        gone, into = self.dice.sample(sorted(self.calls), 2)
        del self.calls[gone]
        return [CallMerged(self.now, gone, into)]

    def queue(self) -> list[Any]:
        name = self.dice.choice(QUEUES)
        held, ext = self.members[name], self.dice.choice(("201", "202", "203", "204", "299"))
        if ext in held and self.dice.random() < 0.3:
            del held[ext]
            return [QueueChanged("main", self.now, name, 0, tuple(held.values()))]
        paused = self.dice.random() < 0.4
        one = QueueMember(f"PJSIP/{ext}", f"M{ext}", self.dice.choice((1, 2, 5, 6)), paused, "x", False, True)
        held[ext] = one
        return [QueueChanged("main", self.now, name, self.dice.randrange(3), tuple(held.values()), (one,))]

    def own(self) -> list[Any]:
        user = self.dice.choice(USERS)
        place = self.board.staff.seats.place(user)
        there = self.dice.random() < 0.9 and place is not None
        phone = place.phones[0] if place is not None and place.phones else None
        return [
            AgentNow(
                user, user.upper(), self.dice.choice(OWN), self.now,  # type: ignore[arg-type]
                {"id": "lunch", "label": "Lunch", "fa": "ناهار", "en": "Lunch"}, self.now + 30,
                self.dice.choice((True, False, None)),
                phone.pbx if phone else "", phone.endpoint if phone else "",
                place.extensions[0] if place is not None else "", there,
            )
        ]  # fmt: skip

    def know(self) -> list[Any]:
        known = KnownCaller("p1", "مریم", "vip", 0)
        return [CallersKnown({call_id: self.dice.choice((known, None)) for call_id in self.calls})]

    def log(self) -> list[Any]:
        for who in (*USERS, "main/299", "main/sales", "main/support"):
            if self.dice.random() < 0.3:
                self.day.counts[who] = self.day.counts.get(who, 0) + 1
        if self.dice.random() < 0.2:
            self.day.rules = FigureRules(talk=Threshold(1.0, self.dice.choice((2.0, 3.0))))
        return [CallLogged(self.live("main-log").record)]

    def move(self) -> list[Any]:
        return [people(self.dice)] if self.dice.random() < 0.5 else []
