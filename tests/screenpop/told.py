"""What everybody was told of calls played through the tracker: facts or recorded bytes in, cards by user out.

``u201`` works at extension 201, and so on; the same for every phone of ours unless said otherwise.
"""

from __future__ import annotations

from typing import Any

from ami_listener.protocol import AmiReader
from ami_listener.translate import Translator
from ami_listener.wanted import ONLY, SKIP
from crm_core.users.places import Place, Places
from cti.live.profile import Profile
from cti.live.tracker import Tracker
from screenpop.cards import Writer
from screenpop.pops import Pops
from screenpop.rules import OVER

Json = dict[str, Any]
EXTENSIONS = tuple(str(n) for n in range(200, 260))


def places(*people: Place) -> Places:
    made = Places()
    made.take(people or [Place(f"u{ext}", f"Name {ext}", (ext,)) for ext in EXTENSIONS])
    return made


class Told:
    """``pops`` and all that came of it: ``cards`` by user, in order."""

    def __init__(self, who: Places | None = None) -> None:
        at = who or places()
        names = {ext: place.name for place in at.all() for ext in place.extensions}
        self.pops = Pops(
            at, Writer(lambda n, raw: raw or n or "", lambda _pbx, end: names.get(end.partition("/")[2]), at)
        )
        self.cards: dict[str, list[Json]] = {}

    def hear(self, *events: object) -> Told:
        for event in events:
            self.pops.take(event)
        for user, card in self.pops.flush():
            self.cards.setdefault(user, []).append(card)
        return self

    def of(self, tracker: Tracker) -> Told:
        """All that the tracker has to say by now."""
        return self.hear(*tracker.take())

    def states(self, user: str) -> list[str]:
        """``ringing/ring answered/talk …``: each that was told, those that follow each other once."""
        found: list[str] = []
        for card in self.cards.get(user, []):
            words = " ".join(filter(None, (f"{card['state']}/{card['doing']}", card.get("result"))))
            if words not in found[-1:]:
                found.append(words)
        return found

    def last(self, user: str) -> Json:
        return self.cards[user][-1]

    def open(self) -> dict[str, list[Json]]:
        """The cards that are not over, by user."""
        found = {user: self.pops.snapshot(user)["pops"] for user in self.cards}
        return {user: cards for user, cards in found.items() if cards}

    def check(self) -> None:
        """What the page has by its events is what a page that comes now would get."""
        for user, cards in self.cards.items():
            held: dict[str, Json] = {}
            for card in cards:
                held[card["pop"]] = card
            mine = [card for card in held.values() if card["state"] not in OVER]
            snapshot = self.pops.snapshot(user)["pops"]
            assert sorted(mine, key=lambda c: c["pop"]) == sorted(snapshot, key=lambda c: c["pop"]), user


def played(stream: bytes, profile: Profile, told: Told | None = None, step: int = 400) -> Told:
    """The bytes of a PBX, read in pieces of ``step``."""
    found = told or Told()
    reader, translator, tracker = AmiReader(SKIP, ONLY, expect_greeting=False), Translator(), Tracker("main", profile)
    for at in range(0, len(stream), step):
        for fact in translator.facts(reader.feed(stream[at : at + step]), None):
            tracker.apply(fact)
        found.of(tracker).check()
    return found
