"""Commands wired into the product: they hear of calls and phones, give orders to the PBXs, and tell how these go on.

``cti dialplan`` is here too. Neighbours: ``cti.control`` does the work, ``product`` begins and ends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ami_listener import dialplan
from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.versions import REORDERS_SINCE, known_since
from crm_core.users.desks import PeopleAtPhones
from cti.app.monitoring import Monitoring
from cti.app.profiles import profile_of
from cti.control import book, dials
from cti.control.book import LiveBook
from cti.control.devices import BY_NAME, Consulting, Doing, Reach, capabilities
from cti.control.dialling import Dialling, Number
from cti.control.dials import Dials
from cti.control.keeping import Keeping
from cti.control.parts import Parts
from cti.control.phonebook import Phonebook
from cti.control.phones import PhoneAt
from cti.control.recordings import Recordings
from cti.control.service import Commands, mend
from cti.control.steering import Steering
from cti.kernel.actor import Actor, system
from cti.kernel.errors import ConfigurationError
from cti.kernel.replacing import replace_file
from cti.kernel.settings import Settings
from cti.live.events import CallChanged, CallEnded, EndpointChanged, LiveCall, RecordingPaused
from cti.live.profile import Profile
from cti.live.record import rfc3339
from cti.live.tracker import Tracker

if TYPE_CHECKING:
    from cti.app.product import Product
    from screenpop.rules import View

CONTACTS = system("dialling")


class Control:
    """``commands`` is what pages and API ask; ``phonebook`` knows what stands at each phone."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._dialling = dialling_of(product.settings)
        self.book = LiveBook()
        self.questions: dict[str, AmiPbx] = {}
        self.phonebook = Phonebook(
            product.clock, self.questions, self._dialling.phones, browser=product.crm.softphones.is_one
        )
        self.dials = Dials(product.bus.publish)
        parts = Parts(product.pbxs, self.book, self._tracker, self._phones, self.phonebook, self._dialling.keep_seconds)
        self.commands = Commands(
            parts,
            self.dials,
            Recordings(product.clock, product.bus.publish),
            product.clock,
            self._profile,
            self._dialling,
            self._reach,
        )
        self.commands.not_to_be_called = self._not_to_be_called
        self.steering = Steering(parts, product.crm.reach, self._phones_of, self._note, product.clock)
        self.monitoring = Monitoring(product, self.commands)
        self.keeping = Keeping(parts, product.crm.softphones.is_one, product.clock, self._dialling.gone_seconds)

    async def begin(self) -> None:
        """The PBXs are known: go on by itself."""
        product = self._product
        self.questions.update({x.url.name: AmiPbx(x.connection) for x in product.listeners})
        bus = product.bus
        bus.subscribe("live calls", book.KINDS, self.book.take, on_gap=lambda _: self._load())
        bus.subscribe("dials", dials.KINDS, self.dials.take)
        bus.subscribe("conferences", (CallChanged, CallEnded), self.commands.tend)
        bus.subscribe("phonebook", EndpointChanged, self.phonebook.take)
        bus.subscribe("paused recordings", RecordingPaused, self._paused)
        bus.subscribe("phones", PeopleAtPhones, self._know)
        self._load()
        await self.monitoring.begin()
        product.tasks.start("phonebook", self.phonebook.run)
        product.tasks.start("recordings", self._mend)
        product.tasks.start("keeping", self.keeping.run)
        self.steering.reorders, self.steering.reordered = self._reorders, self._reordered
        product.feed.pops.writer.can = self.can
        product.feed.pops.writer.device = self.phonebook.kind

    async def end(self) -> None:
        """Nothing stays silent, or half done, that only this process would end."""
        await self.monitoring.end()
        await self.commands.recordings.stop_all()

    def can(self, view: View, call: LiveCall, _device: str) -> Mapping[str, Any]:
        """What the one who sees this card can do with the call: verb -> True, or why not."""
        record = call.record
        consulting: Consulting = ""
        consult = call.consult
        if consult is not None and consult.by == view.leg.uniqueid:
            consulting = "ring" if not consult.answered else "swapped" if consult.waits == consult.target else "talk"
        doing: Doing = "off" if view.over else view.doing
        found = capabilities(
            self.phonebook.make(record.pbx, view.leg.endpoint),
            doing,
            self._reach(record.pbx),
            placed=view.placed and view.dial != ("my_phone", ""),
            consulting=consulting,
            recorded=bool(record.recordings),
            conference=record.conference is not None,
        )
        return cast(Mapping[str, Any], found)

    async def _paused(self, event: RecordingPaused) -> None:
        """Cards show it, and what was silent from when to when is written down for good."""
        until = None if event.over else rfc3339(event.until)
        paused = None if event.over else "paused"
        self._product.feed.of_call(event.call, recording=paused, recording_until=until)
        if not event.over:
            return
        crm, place = self._product.crm, self._product.places.of(event.user)
        who = Actor(event.user, place.name if place is not None else event.user)
        detail = {"since": rfc3339(event.since), "until": rfc3339(event.until)}
        async with crm.database.transaction() as tx:
            await crm.audit.note(tx, who, "paused", "call", event.call, detail)

    def _know(self, people: PeopleAtPhones) -> None:
        """What stands where people work is asked before it rings there."""
        for place in people.places:
            for phone in place.phones:
                self.phonebook.make(phone.pbx, phone.endpoint)

    def _load(self) -> None:
        self.book.load([call for x in self._product.listeners for call in x.tracker.snapshot()])

    async def _mend(self) -> None:
        for listener in self._product.listeners:
            while listener.connection.state.phase != "up" or not listener.asked:
                await self._product.clock.sleep(1.0)
        await mend(self.commands)
        await self.monitoring.spying.clear()

    def _tracker(self, pbx: str) -> Tracker | None:
        return next((x.tracker for x in self._product.listeners if x.url.name == pbx), None)

    def _profile(self, pbx: str) -> Profile:
        found = next((x.profile for x in self._product.listeners if x.url.name == pbx), None)
        return found or profile_of(self._product.settings, pbx)

    def _phones(self, actor: Actor) -> tuple[PhoneAt, ...]:
        return self._phones_of(actor.id)

    def _phones_of(self, user: str) -> tuple[PhoneAt, ...]:
        place = self._product.places.of(user)
        return place.phones if place is not None else ()

    def _reorders(self, pbx: str) -> bool:
        versions = {x.url.name: x.connection.state.version for x in self._product.listeners}
        return known_since(versions.get(pbx, ""), REORDERS_SINCE) is True

    def _reordered(self, pbx: str) -> None:
        for listener in self._product.listeners:
            if listener.url.name == pbx:
                listener.doubt("callers stand in another order")

    async def _note(self, actor: Actor, action: str, call: str, more: Mapping[str, Any]) -> None:
        await self._product.crm.audit.did(actor, action, "call", call, {k: v for k, v in more.items() if v})

    def _reach(self, pbx: str) -> Reach:
        permitted = self._acting(pbx)
        known = bool(permitted)
        return Reach(
            not known or "PJSIPNotify" in permitted,
            not known or "MixMonitor" in permitted,
            self.phonebook.included(pbx),
        )

    def _acting(self, pbx: str) -> frozenset[str]:
        """What the login that acts may send; empty while that is not known."""
        connections: list[PbxConnection] = [*self._product.actors, *(x.connection for x in self._product.listeners)]
        return next((one.state.permitted for one in connections if one.url.name == pbx), frozenset())

    async def _not_to_be_called(self, actor: Actor, number: Number, contact: str) -> str:
        crm = self._product.crm
        found = await crm.lookup.who(CONTACTS, number.e164) if number.e164 else ()
        ids = {match.id for match in found if match.sure} | ({contact} if contact else set())
        parties = (await crm.contacts.get_many(CONTACTS, ids)).values()
        return next((party.name for party in parties if party.do_not_call), "")


def dialling_of(settings: Settings) -> Dialling:
    """``[dialling]`` of the settings. Raises ``ConfigurationError``."""
    try:
        found = msgspec.convert(settings.dialling, Dialling)
        for pattern in found.phones:
            re.compile(pattern)
    except (msgspec.ValidationError, re.error) as error:
        raise ConfigurationError(f"[dialling]: {error}") from error
    if unknown := sorted(set(found.phones.values()) - set(BY_NAME)):
        raise ConfigurationError(f"[dialling.phones]: {unknown[0]} is no make; known are {', '.join(BY_NAME)}")
    return found


def dialplan_text(settings: Settings, pbx: str, context: str = "") -> str:
    """The include for one PBX, by its profile."""
    profile = profile_of(settings, pbx).settings
    return dialplan.text(profile.preset, context or profile.dial_context)


def write_dialplan(settings: Settings, pbx: str, file: Path | None, context: str = "") -> str:
    """``cti dialplan``: the text to print; into ``file`` it is written whole or not at all. OSError if it cannot be."""
    text = dialplan_text(settings, pbx, context)
    if file is None:
        return text.rstrip("\n")
    replace_file(file, text.encode(), 0o644)
    included = dialplan.INCLUDED_BY[profile_of(settings, pbx).settings.preset]
    return (
        f"{file} is written. Once, by hand, at the end of {included}:  #include {file.name}\n"
        'then:  asterisk -rx "dialplan reload"'
    )
