"""What stands at which phone, asked of the PBX when somebody first wants to know, and kept for a while.

``make`` answers at once from what is known and remembers what to ask; ``run`` asks. Neighbours: ``devices`` says what
each make can be told, ``port.Questions`` is whom we ask.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping

from cti.control.contexts import DIAL
from cti.control.devices import BY_NAME, SOFTPHONE, UNKNOWN, Make, kind_of, make_of
from cti.control.phones import DeviceKind
from cti.control.port import PbxRefusedError, PbxSilentError, PbxUnreachableError, Questions
from cti.kernel.clock import Clock
from cti.live.events import EndpointChanged

log = logging.getLogger(__name__)

GOOD_SECONDS = 600.0
"""A phone may be exchanged; a registration in between is heard of at once."""
AGAIN_SECONDS = 60.0
"""Whether the include is there is asked again this often while it is not."""
MOST = 20_000
NO_ANSWER = (PbxRefusedError, PbxSilentError, PbxUnreachableError)
Phone = tuple[str, str]
"""A PBX's name, and an endpoint there."""


class Phonebook:
    """``named``: patterns of endpoints (``PJSIP/2..``) whose make an administrator names; ``browser``: is this
    endpoint (PBX, name) a phone of ours in the browser?"""

    def __init__(
        self,
        clock: Clock,
        questions: Mapping[str, Questions],
        named: Mapping[str, str] | None = None,
        found: Callable[[Phone], None] = lambda _phone: None,
        browser: Callable[[str, str], bool] = lambda _pbx, _endpoint: False,
    ) -> None:
        self._clock = clock
        self._questions = questions
        self._named = [(re.compile(pattern), BY_NAME[name]) for pattern, name in (named or {}).items()]
        self._found = found
        self._browser = browser
        self._makes: dict[Phone, tuple[Make, float]] = {}
        self._wanted: dict[Phone, None] = {}
        self._news = asyncio.Event()
        self._include: dict[tuple[str, str], tuple[bool, float]] = {}

    def kind(self, pbx: str, endpoint: str) -> DeviceKind:
        return kind_of(self.make(pbx, endpoint))

    def make(self, pbx: str, endpoint: str) -> Make:
        """What is known to stand there; ``UNKNOWN`` until the PBX has told."""
        if self._browser(pbx, endpoint):
            return SOFTPHONE
        for pattern, make in self._named:
            if pattern.fullmatch(endpoint):
                return make
        known = self._makes.get((pbx, endpoint))
        if known is None or known[1] < self._clock.monotonic():
            self._want((pbx, endpoint))
        return known[0] if known is not None else UNKNOWN

    def take(self, event: EndpointChanged) -> None:
        """Somebody registered there, perhaps with another device."""
        phone = (event.pbx, event.endpoint.name)
        if phone in self._makes and event.endpoint.reachable:
            self._want(phone)

    async def include(self, pbx: str, context: str = DIAL) -> bool | None:
        """Whether that PBX has our contexts (that one: the include may be of an earlier version); None where it does
        not tell."""
        known = self._include.get((pbx, context))
        if known is not None and known[1] > self._clock.monotonic():
            return known[0]
        try:
            there = await self._questions[pbx].has_context(context)
        except (*NO_ANSWER, KeyError) as error:
            log.debug("PBX %s: whether it has our contexts is not known: %s", pbx, error)
            return None
        if there is not None:
            self._include[pbx, context] = (there, self._clock.monotonic() + (GOOD_SECONDS if there else AGAIN_SECONDS))
        return there

    def included(self, pbx: str) -> bool | None:
        """The same, as last heard."""
        known = self._include.get((pbx, DIAL))
        return known[0] if known is not None else None

    async def run(self) -> None:
        """Ask what is wanted, for as long as the product runs."""
        while True:
            for pbx in self._questions:
                await self.include(pbx)
            await self.ask()
            self._news.clear()
            try:
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def ask(self) -> None:
        """Ask all that is wanted now."""
        while self._wanted:
            phone = next(iter(self._wanted))
            del self._wanted[phone]
            await self._look(phone)

    async def _look(self, phone: Phone) -> None:
        pbx, endpoint = phone
        questions = self._questions.get(pbx)
        if questions is None:
            return
        try:
            make = make_of(await questions.device(endpoint))
        except NO_ANSWER as error:
            log.debug("PBX %s: what stands at %s is not known: %s", pbx, endpoint, error)
            make = UNKNOWN
        before = self._makes.get(phone)
        if len(self._makes) >= MOST:
            self._makes.clear()
        self._makes[phone] = (make, self._clock.monotonic() + GOOD_SECONDS)
        if before is None or before[0] is not make:
            self._found(phone)

    def _want(self, phone: Phone) -> None:
        if len(self._wanted) < MOST:
            self._wanted[phone] = None
            self._news.set()
