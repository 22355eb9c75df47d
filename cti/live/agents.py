"""One agent: signed in or not, ready, paused and why, in wrap-up; and what his phone does, shown over it.

Pure: what happened goes in with its time, ``noted`` is what is to be kept of it, and ``paused`` and ``memberships``
are what the PBX shall hold. How his own state may change is the table ``TRANSITIONS``. From the moment a queue's call
is answered a wrap-up is owed and the agent is paused, so that no next call can slip in between talk and wrap-up.

Neighbours: ``crm_core.agents`` feeds it, keeps it over restarts and makes the PBX equal to it; ``call`` has the calls.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Own = Literal["off", "ready", "pause", "wrap"]
Doing = Literal["off", "ring", "dial", "talk", "hold", "cons"]
"""Of a phone; ``off``: nothing."""
Shown = Literal["off", "ready", "pause", "wrap", "ring", "dial", "talk", "hold", "cons"]
Stimulus = Literal["sign_in", "sign_out", "pause", "resume", "wrap", "wrap_over"]
NoteKind = Literal["sign_in", "sign_out", "ready", "pause", "resume", "wrap", "wrap_over", "extend", "missed"]

TRANSITIONS: dict[tuple[Own, Stimulus], Own | Literal["beneath"]] = {
    ("off", "sign_in"): "ready",
    ("ready", "sign_in"): "ready",  # to other queues
    ("ready", "sign_out"): "off",
    ("ready", "pause"): "pause",
    ("ready", "wrap"): "wrap",
    ("pause", "sign_in"): "pause",
    ("pause", "sign_out"): "off",
    ("pause", "pause"): "pause",  # one more on the stack
    ("pause", "resume"): "beneath",
    ("pause", "wrap"): "wrap",
    ("wrap", "sign_in"): "wrap",
    ("wrap", "sign_out"): "off",
    ("wrap", "pause"): "wrap",  # beneath it, for afterwards
    ("wrap", "wrap"): "wrap",  # of another call
    ("wrap", "wrap_over"): "beneath",
}
"""What an agent can do, or what can happen to him, in each state; ``beneath``: the pause below, else ready."""

OVER: tuple[Doing, ...] = ("talk", "cons", "hold", "dial", "ring")
"""Of several calls the one that is shown: the first of these."""
MISSED, FOREIGN = "missed", "pbx"
"""Reasons of our own making: away because of a missed call; paused by somebody else at the PBX."""
SATISFIED_KEPT = 50


class WrapRule(msgspec.Struct, frozen=True, gc=False):
    """The wrap-up after a call. ``seconds``: None without an end, 0 none at all. ``mandatory``: a result has to be
    saved, or the time to run out. Each extension adds ``extend_seconds``, at most ``extensions`` times."""

    seconds: float | None = 30.0
    mandatory: bool = False
    extend_seconds: float = 30.0
    extensions: int = 2


NO_WRAP = WrapRule(0.0)


class Pause(msgspec.Struct, frozen=True, gc=False):
    """``reason`` is its id, ``label`` how it was called then; ``by``: the id of who did it, if not himself."""

    reason: str
    label: str
    since: float
    by: str = ""


class Owed(msgspec.Struct, frozen=True, gc=False):
    """A call that is being talked on, after which a wrap-up follows."""

    call: str
    pbx: str
    queue: str
    rule: WrapRule


class Wrap(msgspec.Struct, frozen=True, gc=False):
    """A wrap-up; ``until`` is None where it has no end of its own."""

    call: str
    queue: str
    since: float
    until: float | None
    rule: WrapRule
    extended: int = 0


class Missed(msgspec.Struct, frozen=True, gc=False):
    """The call whose ring was missed, so that he is away."""

    call: str
    at: float


class Membership(msgspec.Struct, frozen=True, gc=False):
    """A queue that we have a hand in: ``on`` while he is signed in to it, else he is kept out of it."""

    pbx: str
    queue: str
    interface: str
    state_interface: str = ""
    on: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        return self.pbx, self.queue, self.interface


class Kept(msgspec.Struct, frozen=True):
    """An agent as he is written down."""

    on: bool = False
    since: float = 0.0
    pauses: tuple[Pause, ...] = ()
    owed: tuple[Owed, ...] = ()
    wrap: Wrap | None = None
    missed: Missed | None = None
    missed_in_row: int = 0
    memberships: tuple[Membership, ...] = ()


class Part(msgspec.Struct, frozen=True, gc=False):
    """An agent's part in a call now. ``talked``: he has answered it, or it was answered to him."""

    call: str
    pbx: str
    doing: Doing
    since: float
    queue: str | None = None
    talked: bool = False


class Noted(msgspec.Struct, frozen=True):
    """Something that happened to an agent's own state, to be kept for ever. ``by``: who did it, where not himself."""

    user: str
    at: float
    kind: NoteKind
    reason: str = ""
    call: str = ""
    queue: str = ""
    by: str = ""


class AgentChanged(msgspec.Struct, frozen=True):
    """An agent's state as shown is another (or something that is told with it). ``since``: epoch seconds."""

    user: str
    at: float
    state: Shown
    since: float
    reason: Pause | None = None
    call: str | None = None


class Agent:
    """``kept`` is what he was before a restart. Commands answer False where the table knows no way."""

    def __init__(self, user: str, kept: Kept | None = None) -> None:
        kept = kept or Kept()
        self.user = user
        self.on = kept.on
        self.since = kept.since
        self.pauses: list[Pause] = list(kept.pauses)
        self.owed: dict[str, Owed] = {one.call: one for one in kept.owed}
        self.wrap = kept.wrap
        self.missed = kept.missed
        self.missed_in_row = kept.missed_in_row
        self.memberships: dict[tuple[str, str, str], Membership] = {one.key: one for one in kept.memberships}
        self.parts: dict[str, Part] = {}
        self.noted: list[Noted] = []
        self._satisfied: dict[str, None] = {}  # calls whose result was saved while they lasted

    # --- read

    @property
    def own(self) -> Own:
        """His own state, whatever the phone does."""
        if not self.on:
            return "off"
        return "wrap" if self.wrap is not None else "pause" if self.pauses else "ready"

    @property
    def part(self) -> Part | None:
        """What the phone does, if anything."""
        return min(self.parts.values(), key=lambda part: OVER.index(part.doing), default=None)

    @property
    def shown(self) -> tuple[Shown, float]:
        """State and since when: the phone's over his own."""
        part = self.part
        return (self.own, self.since) if part is None or part.doing == "off" else (part.doing, part.since)

    @property
    def paused(self) -> bool:
        """Shall his queues leave him alone?"""
        return self.own in ("pause", "wrap") or bool(self.owed)

    @property
    def wrapping(self) -> bool:
        """The reason of the pause is the call that is talked on, or was."""
        return self.wrap is not None or bool(self.owed)

    @property
    def due(self) -> float | None:
        """When ``tick`` has something to do."""
        return None if self.wrap is None else self.wrap.until

    def kept(self) -> Kept:
        return Kept(
            on=self.on,
            since=self.since,
            pauses=tuple(self.pauses),
            owed=tuple(self.owed.values()),
            wrap=self.wrap,
            missed=self.missed,
            missed_in_row=self.missed_in_row,
            memberships=tuple(self.memberships.values()),
        )

    # --- commands

    def sign_in(self, at: float, memberships: tuple[Membership, ...], by: str = "") -> bool:
        """To these queues (``on``) and no others; may be none (a phone that only direct calls reach)."""
        if not self._may("sign_in"):
            return False
        left = {key: msgspec.structs.replace(one, on=False) for key, one in self.memberships.items()}
        self.memberships = left | {one.key: one for one in memberships}
        if not self.on:
            self.on, self.since = True, at
            self.pauses.clear()
            self._forget_missed()
        for queue in [one.queue for one in memberships if one.on] or [""]:
            self._note(at, "sign_in", queue=queue, by=by)
        return True

    def sign_out(self, at: float, by: str = "") -> bool:
        """Out of all queues; pauses and wrap-up end with it."""
        if not self._may("sign_out"):
            return False
        self._note(at, "sign_out", by=by)
        self.on, self.since, self.wrap = False, at, None
        self.pauses.clear()
        self.owed.clear()
        self._forget_missed()
        self.memberships = {key: msgspec.structs.replace(one, on=False) for key, one in self.memberships.items()}
        return True

    def pause(self, at: float, reason: str, label: str, by: str = "") -> bool:
        """One more reason on the stack; the same one again changes nothing. During wrap-up it is for afterwards."""
        if not self._may("pause"):
            return False
        if any(one.reason == reason for one in self.pauses):
            return True
        self.pauses.append(Pause(reason, label, at, by))
        if self.wrap is None:
            self.since = at
        self._note(at, "pause", reason=reason, by=by)
        return True

    def resume(self, at: float, *, all_of_them: bool = False, by: str = "") -> bool:
        """Back from the last pause; ready if it was the only one."""
        if not self._may("resume"):
            return False
        for _ in range(len(self.pauses) if all_of_them else 1):
            gone = self.pauses.pop()
            self._note(at, "resume", reason=gone.reason, by=by)
            if gone.reason == MISSED:
                self._forget_missed()
        self.since = self.pauses[-1].since if self.pauses else at
        if not self.pauses:
            self._note(at, "ready", by=by)
        return True

    def lift(self, at: float, reason: str, by: str = "") -> bool:
        """One pause is over, wherever it stands on the stack; False if he has none of this reason."""
        gone = next((one for one in self.pauses if one.reason == reason), None)
        if gone is None:
            return False
        if self.own == "pause" and self.pauses[-1] is gone:
            return self.resume(at, by=by)
        self.pauses.remove(gone)
        self._note(at, "resume", reason=reason, by=by)
        return True

    def finish(self, at: float, call: str = "", by: str = "") -> bool:
        """The wrap-up (of this call, if one is named) is done."""
        if self.wrap is None or (call and self.wrap.call != call):
            return False
        self._wrap_over(at, by)
        return True

    def extend(self, at: float, seconds: float | None = None) -> bool:
        """More time for the wrap-up, by the rule's step or ``seconds`` (no more than that); False if it has none left
        to give, or has no end anyway."""
        wrap = self.wrap
        if wrap is None or wrap.until is None or wrap.extended >= wrap.rule.extensions:
            return False
        more = min(seconds or wrap.rule.extend_seconds, wrap.rule.extend_seconds)
        self.wrap = msgspec.structs.replace(wrap, until=wrap.until + more, extended=wrap.extended + 1)
        self._note(at, "extend", call=wrap.call, queue=wrap.queue)
        return True

    def saved(self, at: float, call: str) -> None:
        """The result of a call was saved: its wrap-up is done, or not needed once it is over."""
        if self.finish(at, call):
            return
        if call in self.owed:
            self._satisfied[call] = None
            while len(self._satisfied) > SATISFIED_KEPT:
                del self._satisfied[next(iter(self._satisfied))]

    # --- what the phone does

    def join(self, part: Part, at: float, rule: WrapRule) -> None:
        """He has a part in a call, or it changed. ``rule``: the wrap-up of its queue."""
        self.parts[part.call] = part
        if not part.talked:
            return
        if part.queue is not None:
            self.missed_in_row = 0
        if self.on and rule.seconds != 0.0 and part.call not in self.owed:
            self.owed[part.call] = Owed(part.call, part.pbx, part.queue or "", rule)
            if self.wrap is not None and self.wrap.call == part.call:
                self._wrap_over(at)  # he is back in it

    def leave(self, call: str, at: float) -> None:
        """He has no part in the call any more."""
        self.parts.pop(call, None)
        owed = self.owed.pop(call, None)
        if call in self._satisfied:
            del self._satisfied[call]
            return
        if owed is None or not self._may("wrap"):
            return
        if self.wrap is not None:
            self._wrap_over(at)
        until = None if owed.rule.seconds is None else at + owed.rule.seconds
        self.wrap = Wrap(call, owed.queue, at, until, owed.rule)
        self.since = at
        self._note(at, "wrap", call=call, queue=owed.queue)

    def merged(self, gone: str, into: str) -> None:
        """Two calls became one."""
        if (part := self.parts.pop(gone, None)) is not None:
            self.parts.setdefault(into, msgspec.structs.replace(part, call=into))
        if (owed := self.owed.pop(gone, None)) is not None:
            self.owed.setdefault(into, msgspec.structs.replace(owed, call=into))
        if self.wrap is not None and self.wrap.call == gone:
            self.wrap = msgspec.structs.replace(self.wrap, call=into)
        if gone in self._satisfied:
            del self._satisfied[gone]
            self._satisfied[into] = None

    def miss(self, call: str, at: float, limit: int, label: str, queue: str) -> None:
        """A queue's call rang at him in vain; after ``limit`` in a row (0: never) he is away."""
        if not self.on:
            return
        self.missed_in_row += 1
        self._note(at, "missed", call=call, queue=queue)
        if limit and self.missed_in_row >= limit and not self.paused:
            self.missed = Missed(call, at)
            self.pause(at, MISSED, label)

    def tick(self, at: float) -> bool:
        """Time has passed; True if that ended something."""
        if self.due is None or at < self.due:
            return False
        self._wrap_over(at)
        return True

    # --- parts

    def _may(self, stimulus: Stimulus) -> bool:
        return (self.own, stimulus) in TRANSITIONS

    def _wrap_over(self, at: float, by: str = "") -> None:
        assert self.wrap is not None
        self._note(at, "wrap_over", call=self.wrap.call, queue=self.wrap.queue, by=by)
        self.wrap = None
        self.since = self.pauses[-1].since if self.pauses else at
        if not self.pauses:
            self._note(at, "ready")

    def _forget_missed(self) -> None:
        self.missed, self.missed_in_row = None, 0

    def _note(self, at: float, kind: NoteKind, reason: str = "", call: str = "", queue: str = "", by: str = "") -> None:
        self.noted.append(Noted(self.user, at, kind, reason, call, queue, by))
