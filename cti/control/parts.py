"""Somebody's own part in a call that is up: found on the server, from an id and who asks, never from a channel that a
client names. Commands work on these.

Neighbours: ``book`` finds the call, the tracker of its PBX says who is in it, ``service`` and ``consulting`` command.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec

from cti.control import contexts
from cti.control.book import LiveBook
from cti.control.devices import REASONS
from cti.control.phonebook import Phonebook
from cti.control.phones import PhoneAt
from cti.control.port import Pbx, PbxRefusedError, PbxRightError
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError, RefusedError, UnavailableError
from cti.live.events import LiveCall, LiveConsult
from cti.live.parties import Party
from cti.live.tracker import Tracker

OVER = N_("This call is over.")
NOT_YOURS = N_("This is not a call of yours.")
CHANGED = N_("The call changed in that moment. Look again. (The PBX says: %(said)s)")
ALONE = N_("There is nobody with you in this call yet.")
SEVERAL = N_("There are several with you in this call.")
NO_QUEUE = N_("There is no queue «%(queue)s» on this PBX.")


class Part(msgspec.Struct, frozen=True):
    """``me``: the channel of the actor's own phone; ``others``: who else is up in the call.
    ``keep_seconds``: how long whoever is lost to him waits for his phone."""

    call: LiveCall
    pbx: Pbx
    me: Party
    others: tuple[Party, ...]
    keep_seconds: int
    consult: LiveConsult | None = None

    @property
    def name(self) -> str:
        return self.call.record.pbx

    @property
    def extension(self) -> str:
        return self.me.extension or ""

    def with_me(self) -> Party:
        """The one who talks with me. Raises ``ConflictError`` if there is none, or several."""
        mates = [one for one in self.others if one.uniqueid in self.me.mates]
        if len(mates) != 1:
            raise ConflictError(SEVERAL if mates else ALONE)
        return mates[0]

    def party(self, uniqueid: str | None) -> Party | None:
        return next((one for one in self.others if one.uniqueid == uniqueid), None)


class Parts:
    """``phones``: at which phones somebody works now; ``tracker``: by the name of a PBX."""

    def __init__(
        self,
        pbxs: Mapping[str, Pbx],
        book: LiveBook,
        tracker: Callable[[str], Tracker | None],
        phones: Callable[[Actor], tuple[PhoneAt, ...]],
        phonebook: Phonebook,
        keep_seconds: int = 30,
    ) -> None:
        self.pbxs, self.book, self.tracker, self.phones, self.phonebook = pbxs, book, tracker, phones, phonebook
        self.keep_seconds = keep_seconds

    def of(self, actor: Actor, call_id: str) -> Part:
        """The actor's part in a call. Raises ``NotFoundError`` where it is over, ``ForbiddenError`` where it is
        others'."""
        actor.require("desk.use")
        call = self.call(call_id)
        tracker = self.tracker(call.record.pbx)
        parties = tracker.parties(call.record.id) if tracker is not None else ()
        if tracker is None or not parties:
            raise NotFoundError(OVER)
        own = [one for one in parties if self.is_of(actor, call.record.pbx, one)]
        if not own:
            raise ForbiddenError(NOT_YOURS)
        me = max(own, key=lambda one: (one.answered, bool(one.mates), one.created_at))
        others = tuple(one for one in parties if one is not me)
        return Part(call, self.pbx(call.record.pbx), me, others, self.keep_seconds, tracker.consult(call.record.id))

    def call(self, call_id: str) -> LiveCall:
        """A call as it is now. Raises ``NotFoundError`` where it is over."""
        told = self.book.get(call_id)
        tracker = self.tracker(told.record.pbx) if told is not None else None
        now = tracker.live(told.record.id) if told is not None and tracker is not None else None
        if now is None:
            raise NotFoundError(OVER)
        return now

    def pbx(self, name: str) -> Pbx:
        """Raises ``UnavailableError`` for a PBX that is none of ours any more."""
        found = self.pbxs.get(name)
        if found is None:
            raise UnavailableError(N_("There is no PBX of that name."))
        return found

    def is_of(self, actor: Actor, pbx: str, party: Party) -> bool:
        """Whether a party is one of the actor's phones. Where the PBX has not told its phones, extensions decide."""
        if party.outside:
            return False
        phones = self.phones(actor)
        if any(phone.pbx == pbx and phone.endpoint == party.endpoint for phone in phones):
            return True
        known = {phone.extension for phone in phones if phone.pbx == pbx}
        return party.extension in actor.extensions - known

    async def need_include(self, pbx: str, context: str = contexts.DIAL) -> None:
        """Raises ``RefusedError`` where the PBX lacks our contexts: a channel that is sent there would be lost."""
        if await self.phonebook.include(pbx, context) is False:
            raise RefusedError(REASONS["no_include"])

    async def need_queue(self, pbx: str, queue: str) -> None:
        """Raises ``NotFoundError`` where the PBX has no such queue, ``RefusedError`` where nobody can be sent into
        one by its name."""
        tracker = self.tracker(pbx)
        if tracker is None or queue not in {one.queue for one in tracker.queues()}:
            raise NotFoundError(NO_QUEUE, queue=queue[:60])
        await self.need_include(pbx, contexts.INTO_QUEUE)


@asynccontextmanager
async def told_plainly() -> AsyncIterator[None]:
    """What a PBX refuses, as something that a person can act on."""
    try:
        yield
    except PbxRightError as error:
        raise RefusedError(REASONS["no_right"]) from error
    except PbxRefusedError as error:
        raise ConflictError(CHANGED, said=str(error)) from error


async def prepare_to_wait(part: Part, party: Party) -> None:
    """Whatever goes wrong from here, ``party`` comes back to this phone, and then to the queue."""
    record = part.call.record
    told = {contexts.BY: part.me.channel, contexts.PHONE: part.me.endpoint, contexts.SECONDS: str(part.keep_seconds)}
    if record.queue:
        told[contexts.QUEUE] = record.queue
    for name, value in told.items():
        await part.pbx.set_variable(party.channel, name, value)
