"""Recording on and off, and its pause while a card number is spoken: silence is recorded, and it resumes by itself.

A pause is told as an event, so that the gap is known for what it is. Neighbours: ``service`` is the door,
``cti.live.events`` has ``RecordingPaused``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from cti.control.parts import Part
from cti.control.port import Pbx, PbxRefusedError, PbxRightError, PbxSilentError, PbxUnreachableError
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError
from cti.live.events import RecordingPaused
from cti.live.parties import Party

log = logging.getLogger(__name__)

PAUSE_SECONDS, LONGEST_PAUSE = 120.0, 900.0
AGAIN_SECONDS = 2.0
NOT_RECORDED = N_("This call is not being recorded.")
RECORDED = N_("This call is being recorded already.")


class Recordings:
    """``publish`` takes each ``RecordingPaused``."""

    def __init__(self, clock: Clock, publish: Callable[[RecordingPaused], None]) -> None:
        self._clock, self._publish = clock, publish
        self._resuming: dict[str, asyncio.Task[None]] = {}
        self._paused: dict[str, tuple[Part, float, str]] = {}
        self._ours: dict[str, str] = {}

    def state(self, call_id: str) -> str:
        """``paused``, ``on`` where we started it, else empty: the record tells of what the PBX records."""
        if call_id in self._paused:
            return "paused"
        return "on" if call_id in self._ours else ""

    async def start(self, part: Part) -> None:
        if part.call.record.id in self._ours:
            raise ConflictError(RECORDED)
        stamp = int(self._clock.now())
        await part.pbx.record(part.me.channel, f"tamas-{stamp}-{_plain(part.me.uniqueid)}.wav")
        self._ours[part.call.record.id] = part.me.channel

    async def stop(self, part: Part) -> None:
        """Only what was started here: the PBX's own recordings are the house's rule, and may be paused at most."""
        channel = self._ours.pop(part.call.record.id, None)
        if channel is None:
            raise ConflictError(NOT_RECORDED)
        await part.pbx.stop_recording(channel)

    async def pause(self, part: Part, user: str, seconds: float = PAUSE_SECONDS) -> float:
        """Silence from now on; gives when it resumes by itself (epoch seconds)."""
        call_id = part.call.record.id
        if not await _mute(part.pbx, (part.me, *part.others), True):
            raise ConflictError(NOT_RECORDED)
        now, seconds = self._clock.now(), min(max(seconds, 1.0), LONGEST_PAUSE)
        self._end_timer(call_id)
        since = self._paused[call_id][1] if call_id in self._paused else now
        self._paused[call_id] = (part, since, user)
        self._resuming[call_id] = asyncio.create_task(self._later(call_id, seconds), name=f"recording {call_id}")
        self._publish(RecordingPaused(part.name, now, call_id, user, since, now + seconds))
        return now + seconds

    async def resume(self, call_id: str) -> None:
        """Sound again. Nothing is done for a call that is not paused."""
        known = self._paused.get(call_id)
        if known is None:
            return
        await _mute(known[0].pbx, (known[0].me, *known[0].others), False)
        if self._paused.pop(call_id, None) is not None:  # it may have ended meanwhile
            self._end_timer(call_id)
            self._tell_end(call_id, *known)

    def ended(self, call_id: str) -> None:
        """The call is over, and with it what was known of it."""
        self._end_timer(call_id)
        self._ours.pop(call_id, None)
        known = self._paused.pop(call_id, None)
        if known is not None:
            self._tell_end(call_id, *known)

    async def resume_all(self, pbx: Pbx, parties: Iterable[Party]) -> None:
        """After a start: what the process before had paused and could not resume."""
        await _mute(pbx, parties, False)

    async def stop_all(self) -> None:
        """The product stops: nothing stays silent that nobody would switch on again."""
        for call_id in tuple(self._paused):
            try:
                await self.resume(call_id)
            except (PbxRefusedError, PbxSilentError, PbxUnreachableError) as error:
                log.warning("the recording of %s stays paused: %s", call_id, error)

    def _tell_end(self, call_id: str, part: Part, since: float, user: str) -> None:
        now = self._clock.now()
        self._publish(RecordingPaused(part.name, now, call_id, user, since, now, over=True))

    async def _later(self, call_id: str, seconds: float) -> None:
        """Resume it then, however often that takes: silence that nobody asked for is a lost recording."""
        await self._clock.sleep(seconds)
        while call_id in self._paused:
            try:
                await self.resume(call_id)
            except (PbxRefusedError, PbxSilentError, PbxUnreachableError) as error:
                log.warning("the recording of %s could not be resumed yet: %s", call_id, error)
                await self._clock.sleep(AGAIN_SECONDS)

    def _end_timer(self, call_id: str) -> None:
        timer = self._resuming.pop(call_id, None)
        if timer is not None and timer is not asyncio.current_task():
            timer.cancel()


async def _mute(pbx: Pbx, parties: Iterable[Party], muted: bool) -> bool:
    """Whichever channel the recorder sits on; the others refuse. False if all did."""
    done = False
    for party in parties:
        try:
            await pbx.mute_recording(party.channel, muted)
            done = True
        except PbxRightError:
            raise
        except PbxRefusedError as error:
            log.debug("no recorder on %s: %s", party.channel, error)
    return done


def _plain(uniqueid: str) -> str:
    return "".join(char if char.isalnum() or char in ".-" else "_" for char in uniqueid)[:80]
