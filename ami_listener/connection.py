"""One supervised connection to one PBX: connect, log in, read, notice death, try again. For ever.

Bytes go to the journal and through ``protocol`` to whoever listens, in order, each chunk with its
arrival time. Actions go out through ``wire`` and get the PBX's answer or an error, never silence:
an action fails when its time is up or the link breaks, and is never sent a second time, because a
call placed minutes late is worse than one not placed.

The callbacks are called in the task of ``run``; one that raises is logged and counted and neither
ends the connection nor keeps the others from being called. Neighbours: ``login`` is the dialogue after
connecting, ``link`` what is told of all this, ``actions`` the commands in the product's words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import NoReturn

from ami_listener.encode import Header
from ami_listener.link import LASTING, Fault, Limits, LinkBrokenError, LinkCounts, LinkState, Phase
from ami_listener.login import LoginRefusedError, Session, log_in, open_session
from ami_listener.pbxclock import PbxClock
from ami_listener.protocol import AmiReader, Message, NotAmiError, ProtocolError
from ami_listener.url import PbxUrl
from ami_listener.wanted import ONLY, READ_CLASSES, SKIP
from ami_listener.wire import AmiManager, AmiWire, Answer, Kind, Request, connect
from cti.control.port import PbxRefusedError, PbxRightError, PbxSilentError, PbxUnreachableError
from cti.kernel.backoff import Backoff
from cti.kernel.clock import Clock, SystemClock

log = logging.getLogger(__name__)

Headers = Mapping[str, Header]


class PbxConnection:
    """``run`` keeps it up; ``action`` and ``listing`` ask something of the PBX.

    ``on_bytes(data, at)``: every byte, before it is parsed. ``on_messages(messages, at)``: what those
    bytes completed, answers to actions among them. ``on_link(state)``: comes before the first message of
    a connection, and after the last. ``on_doubt(reason)``: something was seen that does not add up, so
    that the PBX should be asked how things stand. ``classes`` empty is a connection that only acts.
    """

    def __init__(
        self,
        url: PbxUrl,
        *,
        on_link: Callable[[LinkState], None],
        on_bytes: Callable[[bytes, float], None] = lambda data, at: None,
        on_messages: Callable[[list[Message], float], None] = lambda messages, at: None,
        on_doubt: Callable[[str], None] = lambda reason: None,
        classes: tuple[str, ...] = READ_CLASSES,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.url = url
        self.clock = clock or SystemClock()
        self.limits = limits or Limits()
        self.counts = LinkCounts()
        self.pbx_clock = PbxClock()
        self.state = LinkState(url.name, self.clock.now(), "connecting", "not tried yet", 0)
        self._on_link, self._on_bytes, self._on_messages, self._on_doubt = on_link, on_bytes, on_messages, on_doubt
        self._classes = classes
        self._filtering = bool(classes)
        self._backoff = Backoff(self.limits.retry_first, self.limits.retry_cap)
        self._manager = AmiManager(encoding="utf8")
        self._wire: AmiWire | None = None
        self._reader = AmiReader()
        self._greeted = asyncio.Event()
        self._held: list[tuple[list[Message], float]] = []
        self._retry = asyncio.Event()
        self._answered_at = 0.0
        self._up_at: float | None = None

    # --- asking

    async def action(self, name: str, headers: Headers | None = None, *, timeout: float | None = None) -> Message:
        """Send an action and give the PBX's answer to it.

        Raises ``PbxRefusedError`` (``PbxRightError``) if it said no, ``PbxUnreachableError`` if nothing
        was sent, ``PbxSilentError`` if no answer came, ``UnsafeValueError`` for what may not be sent.
        """
        self._must_be_up()
        response = await self._send(name, headers or {}, timeout=timeout)
        _raise_if_refused(name, response)
        return response

    async def listing(
        self, name: str, headers: Headers | None = None, *, timeout: float | None = None
    ) -> list[Message]:
        """Send an action that is answered by a list of events; gives the events, the closing one last."""
        self._must_be_up()
        answers = await self._ask(name, headers or {}, "list", timeout or self.limits.listing)
        _raise_if_refused(name, answers[0].ours)
        return [answer.ours for answer in answers[1:]]

    @property
    def depth(self) -> int:
        """Bytes received and not read yet."""
        return self._wire.depth if self._wire is not None else 0

    def retry_now(self) -> None:
        """Do not wait any longer before the next try: somebody mended something."""
        self._retry.set()

    # --- staying connected

    async def run(self) -> NoReturn:
        """Connect and stay connected until cancelled."""
        while True:
            fault, reason = await self._connection()
            if self._up_at is not None and self.clock.monotonic() - self._up_at >= self.limits.retry_cap:
                self._backoff.reset()
            lasting = fault in LASTING
            delay = self.limits.retry_lasting if lasting else self._backoff.next()
            self._tell("refused" if lasting else "down", reason, fault=fault, retry_in=delay)
            await self._pause(delay)

    async def _connection(self) -> tuple[Fault, str]:
        """One connection, from connecting to its end; why it ended."""
        self.counts.connections += 1
        self._tell("connecting", f"connecting to {self.url.host} port {self.url.port}")
        self._reader, self._greeted, self._held, self._up_at = AmiReader(SKIP, ONLY), asyncio.Event(), [], None
        try:
            wire = self._wire = await connect(self.url, self.clock, self.limits.connect)
            self._manager.attach(wire)
            await self._converse(wire)
        except LinkBrokenError as error:
            return error.fault, str(error)
        except BaseException as error:
            self._tell("down", f"the listener was stopped ({type(error).__name__})", fault="stopped")
            raise
        finally:
            self._drop()
        raise AssertionError("a connection ends with a reason")

    async def _converse(self, wire: AmiWire) -> None:
        """Read, log in and ping, all at once, until one of them finds the link broken.

        Not a task group: before Python 3.13 one forgets a cancellation that meets an error inside it (gh-116720),
        and whoever stops the listener at the moment in which the link breaks would wait for ever.
        """
        reading = asyncio.create_task(self._read(wire), name=f"{self.url.name}:read")
        asking = asyncio.create_task(self._log_in_and_watch(wire), name=f"{self.url.name}:watch")
        try:
            await asyncio.wait((reading, asking), return_when=asyncio.FIRST_EXCEPTION)
        finally:
            reading.cancel()
            asking.cancel()
            results = await asyncio.gather(reading, asking, return_exceptions=True)
        raise _telling([error for error in results if isinstance(error, Exception)])

    async def _log_in_and_watch(self, wire: AmiWire) -> None:
        await self._log_in()
        await self._watch(wire)

    async def _log_in(self) -> None:
        try:
            async with asyncio.timeout(self.limits.login):
                await self._greeted.wait()
                await log_in(self._send, self.url, self._classes)
                session = await open_session(self._send, filtered=self._filtering)
                await self._ping()  # so that the PBX's clock is known before its first event is told
        except TimeoutError:
            if not self._greeted.is_set():
                raise LinkBrokenError(
                    "not_ami", "it accepts connections but does not greet as a manager port"
                ) from None
            raise LinkBrokenError("timeout", f"no answer to the login in {self.limits.login:g} s") from None
        except LoginRefusedError as error:
            if error.refusal == "filter":
                self._filtering = False
            raise LinkBrokenError(error.refusal, str(error)) from error
        except (PbxSilentError, PbxUnreachableError) as error:
            raise LinkBrokenError("timeout", f"no answer to the login: {error}") from error
        self._up(session)

    def _up(self, session: Session) -> None:
        self._up_at = self._answered_at = self.clock.monotonic()
        self._tell("up", f"logged in as {self.url.user}", session=session)
        held, self._held = self._held, []
        for messages, at in held:
            self._deliver(messages, at)

    # --- reading

    async def _read(self, wire: AmiWire) -> None:
        """Take chunks as they come, until there are no more."""
        while (chunk := await wire.chunk()) is not None:
            self._count(wire)
            self._call(self._on_bytes, chunk.data, chunk.at)
            for start in range(0, len(chunk.data), self.limits.slice_bytes):
                self._take(wire, chunk.data[start : start + self.limits.slice_bytes], chunk.at)
                await asyncio.sleep(0)
        raise LinkBrokenError("closed", "the PBX or the network closed the connection")

    def _take(self, wire: AmiWire, data: bytes, at: float) -> None:
        reader = self._reader
        strays, framed = reader.strays, reader.framed
        try:
            messages = reader.feed(data)
        except NotAmiError as error:
            raise LinkBrokenError("not_ami", str(error)) from error
        except ProtocolError as error:
            raise LinkBrokenError("flooded", str(error)) from error
        if reader.version is not None:
            self._greeted.set()
        self.counts.blocks += reader.framed - framed
        self.counts.strays += reader.strays - strays
        for message in messages:
            wire.match(message, at)
        if self.state.phase == "up":
            self._deliver(messages, at)
        else:
            self._held.append((messages, at))
        if reader.strays > strays:
            self._doubt("a block without Event or Response in front: some value holds a line break")

    def _deliver(self, messages: list[Message], at: float) -> None:
        if messages:
            self.counts.messages += len(messages)
            self._call(self._on_messages, messages, at)

    # --- noticing death

    async def _watch(self, wire: AmiWire) -> None:
        """Ping all the time. A ping with no answer on a link from which nothing else comes is its end."""
        while True:
            asked = self.clock.monotonic()
            await self._ping()
            if wire.closed:
                return  # the reader tells
            now = self.clock.monotonic()
            heard = wire.paused or wire.depth or wire.received_at >= asked
            if not heard or now - self._answered_at > self.limits.stale:
                raise LinkBrokenError("silent", f"nothing heard from the PBX for {now - wire.received_at:.1f} s")
            await self.clock.sleep(max(0.0, self.limits.ping_every - (now - asked)))

    async def _ping(self) -> None:
        sent = self.clock.now()
        try:
            (answer,) = await self._ask("Ping", {}, "single", self.limits.ping_answer)
        except (PbxSilentError, PbxUnreachableError):
            return
        self._answered_at = self.clock.monotonic()
        stamp = answer.ours.headers.get("Timestamp", "")
        try:
            self.pbx_clock.add(sent, answer.at, float(stamp))
        except ValueError:
            log.debug("PBX %s: no time stamp in the answer to Ping: %r", self.url.name, stamp)

    # --- the parts of these

    def _must_be_up(self) -> None:
        if self.state.phase != "up":
            raise PbxUnreachableError(f"there is no link to the PBX {self.url.name}: {self.state.reason}")

    async def _send(self, name: str, headers: Headers, *, timeout: float | None = None) -> Message:
        (answer,) = await self._ask(name, headers, "single", timeout or self.limits.action)
        return answer.ours

    async def _ask(self, name: str, headers: Headers, kind: Kind, seconds: float) -> list[Answer]:
        wire = self._wire
        if wire is None or wire.closed:
            raise PbxUnreachableError(f"there is no link to the PBX {self.url.name}")
        request = Request({"Action": name, **headers}, kind)
        future: asyncio.Future[list[Answer]] = self._manager.send_action(request)
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            self.counts.timeouts += 1
            raise PbxSilentError(f"the PBX {self.url.name} did not answer {name} in {seconds:g} s") from None
        finally:
            wire.forget(request)

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            self._count(wire)
            wire.close()
            wire.abort()

    def _count(self, wire: AmiWire) -> None:
        counts = self.counts
        counts.depth = wire.depth
        counts.depth_max = max(counts.depth_max, wire.depth)
        counts.bytes, wire.received = counts.bytes + wire.received, 0
        counts.pauses, wire.pauses = counts.pauses + wire.pauses, 0

    async def _pause(self, seconds: float) -> None:
        self._retry.clear()
        sleep = asyncio.ensure_future(self.clock.sleep(seconds))
        poke = asyncio.ensure_future(self._retry.wait())
        try:
            await asyncio.wait({sleep, poke}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            poke.cancel()

    def _tell(
        self,
        phase: Phase,
        reason: str,
        *,
        fault: Fault | None = None,
        retry_in: float | None = None,
        session: Session | None = None,
    ) -> None:
        session = session or Session("", frozenset(), False)
        self.state = LinkState(
            self.url.name, self.clock.now(), phase, reason, self.counts.connections, fault, retry_in,
            session.version, session.permitted, session.filtered,
        )  # fmt: skip
        level = logging.ERROR if phase == "refused" else logging.WARNING if phase == "down" else logging.INFO
        log.log(level, "PBX %s: %s (%s)", self.url.name, phase, reason)
        self._call(self._on_link, self.state)

    def _doubt(self, reason: str) -> None:
        log.warning("PBX %s: %s", self.url.name, reason)
        self._call(self._on_doubt, reason)

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            callback(*arguments)
        except Exception:
            self.counts.callback_failures += 1
            log.exception("PBX %s: a listener failed", self.url.name)
            if callback is not self._on_doubt:
                self._doubt("a listener failed on what the PBX sent")


def _raise_if_refused(name: str, response: Message) -> None:
    if response.event or response.headers.get("Response") in ("Success", "Follows", "Goodbye"):
        return
    said = response.headers.get("Message", "").strip() or "no reason given"
    if said == "Permission denied":
        raise PbxRightError(f"our login on the PBX may not send {name} (manager.conf: write)")
    raise PbxRefusedError(said)


def _telling(errors: list[Exception]) -> Exception:
    """The error that says most: one of our own, or, of several reasons, not that the connection was closed, which
    often only follows from another."""
    return min(errors, key=lambda error: isinstance(error, LinkBrokenError) + (getattr(error, "fault", "") == "closed"))
