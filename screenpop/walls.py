"""What a wallboard shows, told to the screens that look at it (topic ``wallboard:ID``): exactly that and no more.

Plain JSON that is changed by merge patches, made anew each second for the boards that somebody looks at: figures go
on by the clock, without an event. Times are RFC 3339; what is not known, or has nothing to divide, is not in it. No
caller and no number is ever in it; on a nameless board no name of anybody either.

Neighbours: ``board`` and ``cti.live.today`` have the truth, ``crm_core.wallboards`` says what is chosen, ``feed`` has
the topics, ``web/src/wall.ts`` draws it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from crm_core.wallboards.model import Shown, Wallboard
from cti.live.figures import FigureRules
from cti.live.record import rfc3339
from cti.live.today import FiguresToday
from screenpop.board import Board
from screenpop.changes import patch
from screenpop.feed import WALLBOARD, Feed
from screenpop.presenter import present, shown

Key = tuple[str, str]
"""PBX, queue."""
DAY = ("offered", "answered", "abandoned", "abandon_rate", "asa", "aht", "longest_wait")
BUSY = frozenset(("ring", "dial", "talk", "hold", "cons"))

Own = Callable[[], Mapping[str, dict[str, Any]]]
"""What our users say of themselves (``Agents.colleague``), by PBX/peer of the phone where each works."""


class _Now:
    """What boards are made of, asked once for all that need it."""

    def __init__(self, live: Board, figures: FiguresToday, own: Mapping[str, dict[str, Any]]) -> None:
        self.live, self.own = live, own
        self.day = cache(figures.day)
        self.cells = cache(lambda queues: live.cells(queues or None))
        self.queue = cache(lambda key: (live.queue(*key) or {}, figures.queue(*key)))


class Walls:
    """``turn`` has to be called each second. ``board_of`` gives a wallboard by its id, None where there is none."""

    def __init__(
        self,
        feed: Feed,
        board_of: Callable[[str], Wallboard | None],
        figures: FiguresToday,
        rules: Callable[[], FigureRules],
        own: Own,
    ) -> None:
        self._feed, self._board_of, self._figures, self._rules, self._own = feed, board_of, figures, rules, own
        self._told: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, str] = {}  # of phones, in place of what would name them
        feed.wall_snapshot = self.snapshot

    def snapshot(self, topic: str) -> dict[str, Any] | None:
        """All that the board of this topic shows."""
        board = self._board_of(topic.removeprefix(WALLBOARD))
        if board is None:
            return None
        if topic not in self._told:
            self._told[topic] = self._made(board, _Now(self._feed.board, self._figures, self._own()))
        return self._told[topic]

    def turn(self) -> None:
        """Tell what changed on the boards that somebody looks at."""
        for _ in self.turns():
            pass

    def turns(self) -> Iterator[None]:
        """The same, a board at each step: who rings meanwhile does not wait for all of them."""
        for topic in [topic for topic in self._told if not self._feed.hub.watched(topic)]:
            del self._told[topic]
        now = _Now(self._feed.board, self._figures, self._own() if self._told else {})
        for topic in tuple(self._told):
            board = self._board_of(topic.removeprefix(WALLBOARD))
            if board is not None and topic in self._told:
                made = self._made(board, now)
                if change := patch(self._told[topic], made):
                    self._told[topic] = made
                    self._feed.hub.publish(topic, change)
            yield

    def _made(self, board: Wallboard, now: _Now) -> dict[str, Any]:
        wanted, live, rules = board.shown, now.live, self._rules()
        keys = chosen(live, wanted)
        rows = {f"{pbx}/{name}": self._queue(now, wanted, (pbx, name), rules) for pbx, name in keys}
        people = self._people(now, wanted)
        waiting = [row["since"] for row in rows.values() if "since" in row]
        return present(
            name=wanted.name,
            kind=wanted.kind,
            look=look(wanted),
            nameless=wanted.nameless,
            down=sorted(pbx for pbx, link in live.links().items() if not link["up"]) or None,
            waiting=sum(row["waiting"] for row in rows.values()),
            since=min(waiting, default=None),
            wait=_wait(wanted, rules, keys),
            states=dict(Counter(_counted_as(one["mark"]) for one in people.values())),
            order=list(rows) if wanted.kind == "queues" else None,
            queues=rows if wanted.kind == "queues" else None,
            agents=people if wanted.kind == "agents" else None,
            alert=worst(rows),
            **(_figures(now, wanted, keys, rules) if wanted.kind != "agents" else {}),
        )

    def _queue(self, now: _Now, wanted: Shown, key: Key, rules: FigureRules) -> dict[str, Any]:
        pbx, name = key
        row, figures = now.queue(key)
        target, _ = aim(wanted, rules, (key,))
        many = len(now.live.links()) > 1
        return present(
            name=shown(name),
            pbx=pbx if many else None,
            waiting=row.get("waiting", 0),
            since=rfc3339(row.get("longest_since")),
            ready=row.get("ready", 0),
            sl=figures["service_level"],
            offered=figures["offered"],
            target=target,
            wait=_wait(wanted, rules, (key,)),
        )

    def _people(self, now: _Now, wanted: Shown) -> dict[str, dict[str, Any]]:
        """Who is in the queues of the board: a user as he says himself, another as his queues and phone say."""
        found: dict[str, dict[str, Any]] = {}
        for key, cell in now.cells(frozenset(wanted.queues)).items():
            mine = now.own.get(key)
            found[self._number(key)] = _person(wanted, cell, None if mine is None or mine["state"] == "off" else mine)
        return found

    def _number(self, key: str) -> str:
        """Always the same for a phone, and says nothing of it."""
        return self._numbers.setdefault(key, f"a{len(self._numbers) + 1}")


def _figures(now: _Now, wanted: Shown, keys: tuple[Key, ...], rules: FigureRules) -> dict[str, Any]:
    """Those of the day, of all queues of the board in one."""
    day, (target, seconds) = now.day(keys), aim(wanted, rules, keys)
    whole = wanted.kind == "day"
    return present(
        sl=day["service_level"],
        target=target,
        seconds=seconds,
        curve=[[rfc3339(one["start"]), one["service_level"]] for one in day["intervals"]],
        day={name: day[name] for name in (DAY if whole else ("answered",)) if day[name] is not None},
        bars=[[rfc3339(x["start"]), x["answered"], x["abandoned"]] for x in day["intervals"]] if whole else None,
    )


def look(wanted: Shown) -> str:
    """What a page is made for: a screen whose board has another look by now loads it anew."""
    return f"{wanted.kind} {wanted.language} {wanted.theme}"


def chosen(live: Board, wanted: Shown) -> tuple[Key, ...]:
    """The queues of a board in its order, on each PBX that has one; all of them where none is chosen."""
    keys = live.queue_keys()
    if not wanted.queues:
        return keys
    return tuple(key for name in wanted.queues for key in keys if key[1] == name)


def aim(wanted: Shown, rules: FigureRules, keys: Sequence[Key]) -> tuple[float | None, float | None]:
    """The target (percent) and within how many seconds; None where these queues have several."""
    ruled = [rules.queue(name) for _, name in keys] or [rules.queue("")]
    targets, seconds = {one.target_percent for one in ruled}, {one.threshold_seconds for one in ruled}
    target = float(wanted.target) if wanted.target is not None else targets.pop() if len(targets) == 1 else None
    return target, seconds.pop() if len(seconds) == 1 else None


def _wait(wanted: Shown, rules: FigureRules, keys: Sequence[Key]) -> list[float]:
    """From how many seconds a wait is long, and bad: of the strictest of these queues."""
    ruled = [rules.queue(name).wait for _, name in keys] or [rules.queue("").wait]
    bad = float(min(one.bad for one in ruled) if wanted.wait_bad is None else wanted.wait_bad)
    warn = float(min(one.warn for one in ruled) if wanted.wait_warn is None else wanted.wait_warn)
    return [min(warn, bad), bad]


def worst(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The queue where most callers wait and nobody is ready."""
    alone = [row for row in rows.values() if row["waiting"] and not row["ready"]]
    if not alone:
        return None
    most = max(alone, key=lambda row: (row["waiting"], row["name"]))
    return present(queue=most["name"], waiting=most["waiting"], since=most.get("since"))


def _person(wanted: Shown, cell: Mapping[str, Any], mine: Mapping[str, Any] | None) -> dict[str, Any]:
    own = mine or {}
    state = own.get("state", cell["mark"])
    named = {} if wanted.nameless else {"name": own.get("name") or cell.get("name") or cell.get("ext")}
    return present(
        mark="ring" if state == "dial" else state,
        since=own.get("since") or cell.get("since"),
        queue=cell.get("queue") if state in BUSY else None,
        reason=_reason(wanted, own.get("reason"), cell.get("reason")) if state == "pause" else None,
        **named,
    )


def _reason(wanted: Shown, ours: Mapping[str, str] | None, cell: Mapping[str, str] | str | None) -> str | None:
    """Why somebody is paused, in the board's language; what was written at the PBX may name somebody."""
    written = cell if isinstance(cell, str) else None
    ours = ours or (cell if not isinstance(cell, str) else None)
    if ours is not None and wanted.language in ours:
        return shown(ours[wanted.language])
    return None if wanted.nameless else shown((ours or {}).get("label") or written)


def _counted_as(mark: str) -> str:
    return "talk" if mark in ("hold", "cons") else mark
