"""The one search box: people, companies and texts that answer to what somebody typed.

Each group is asked on its own and stops when it has enough. Who lacks ``numbers.view`` gets numbers masked and finds
them by the whole number only. Calls are no part of the CRM: the page asks the call log for them beside this.

Neighbours: ``crm_core.contacts.finding`` finds, ``highlight`` shows why, ``web.pages.search`` draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crm_core.contacts import store
from crm_core.contacts.finding import Asked, find, match, national_digits
from crm_core.contacts.masking import masked
from crm_core.contacts.model import Party, PartyKind, PartyNumber
from crm_core.search.highlight import Part, excerpt, marked
from crm_core.search.texts import Text, newest
from cti.kernel.actor import Actor
from cti.kernel.db import Database, Reader
from cti.kernel.persian import fold, words
from cti.live.masking import mask_in

TEXT_KINDS = ("note", "call_note")
"""The kinds of texts that everybody who sees contacts may read."""
MOST = 50


class PartyHit(msgspec.Struct, frozen=True):
    """A person or company. ``title``: its name in parts, those that were asked for marked. ``number``: the one that
    was asked for, else the first. ``detail``: what else was asked for (a mail, a tag, a company), in parts."""

    party: Party
    title: tuple[Part, ...]
    number: PartyNumber | None = None
    detail: tuple[Part, ...] = ()


class TextHit(msgspec.Struct, frozen=True):
    """A text and whom it is about, if that is somebody known."""

    text: Text
    excerpt: tuple[Part, ...]
    party: Party | None = None


class Results(msgspec.Struct, frozen=True):
    """What was found, each group with the likeliest first. ``digits``: if a number was asked for (see ``Asked``)."""

    asked: str
    digits: tuple[str, ...] = ()
    people: tuple[PartyHit, ...] = ()
    companies: tuple[PartyHit, ...] = ()
    texts: tuple[TextHit, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.people or self.companies or self.texts)


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, actor: Actor, text: str, limit: int = 8) -> Results:
        """At most ``limit`` of each group; nothing for an empty text."""
        actor.require("contacts.view")
        asked = Asked.of(text)
        if asked.empty:
            return Results(text.strip())
        limit = max(1, min(limit, MOST))
        async with self._database.read() as reader:
            people = await self._parties(reader, actor, text, asked, "person", limit)
            companies = await self._parties(reader, actor, text, asked, "company", limit)
            texts = await self._texts(reader, actor, asked, limit)
        return Results(text.strip(), asked.digits, people, companies, texts)

    async def _parties(
        self, reader: Reader, actor: Actor, text: str, asked: Asked, kind: PartyKind, limit: int
    ) -> tuple[PartyHit, ...]:
        ids = await find(reader, text, limit, kind, whole=not actor.may("numbers.view"))
        found = {one.id: one for one in await store.get_many(reader, ids)}
        return tuple(_hit(found[one], masked(found[one], actor), asked) for one in ids if one in found)

    async def _texts(self, reader: Reader, actor: Actor, asked: Asked, limit: int) -> tuple[TextHit, ...]:
        if not asked.worded or (asked.digits and not actor.may("numbers.view")):
            return ()
        found = await newest(reader, match(reader, asked.words, prefix=True), TEXT_KINDS, limit)
        about = await _about(reader, found)
        return tuple(
            TextHit(one, excerpt(_seen(one.text, actor), asked.words), masked(party, actor) if party else None)
            for one in found
            if (party := about.get(one.party_id)) or (one.call_id and not one.party_id)
        )


def _seen(text: str, actor: Actor) -> str:
    return text if actor.may("numbers.view") else mask_in(text)


async def _about(reader: Reader, texts: Sequence[Text]) -> dict[str, Party]:
    """Whom the texts are about now: those that were merged are somebody else, those that were deleted nobody."""
    ids = list(dict.fromkeys(text.party_id for text in texts if text.party_id))
    found = {one.id: one for one in await store.get_many(reader, ids)}
    for one in list(found.values()):
        if one.merged_into is not None:
            survivor = await store.get(reader, await store.survivor(reader, one.id))
            found[one.id] = survivor or one
    return {party_id: one for party_id, one in found.items() if one.live}


def _hit(party: Party, shown: Party, asked: Asked) -> PartyHit:
    at = next((n for n, one in enumerate(party.numbers) if _answers(one, asked.digits)), None)
    title = marked(shown.name, asked.words)
    number = shown.numbers[at or 0] if shown.numbers else None
    by_name = any(on for _, on in title) or at is not None
    return PartyHit(shown, title, number, () if by_name else _detail(shown, asked))


def _answers(number: PartyNumber, digits: Sequence[str]) -> bool:
    own = national_digits(number.key or "")
    return any(some in own for some in digits)


def _detail(party: Party, asked: Asked) -> tuple[Part, ...]:
    """What else than the name or a number answers."""
    for mail in party.mails:
        if asked.mail and fold(mail.address).startswith(asked.mail):
            return ((mail.address, True),)
    others = [party.company_name, party.position, *party.tags, *(mail.address for mail in party.mails)]
    for text in (*others, party.national_id, party.economic_code):
        if any(word.startswith(tuple(asked.words)) for word in words(text)):
            return marked(text, asked.words)
    return ()
