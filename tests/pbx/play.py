"""Plays one flow on one Asterisk and returns what the PBX said and wrote of it."""

import asyncio
import fnmatch
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from tests.pbx.asterisk import CDR_HEADER, CEL_HEADER, SECRETS, Asterisk
from tests.pbx.moves import Act, Call, Flow, Move, Refer, Until, Wait
from tests.pbx.phones import Phones
from tests.pbx.probe import Message, Probe, Recording
from tests.pbx.scenario import Step, answer, refer_with_replaces, ring, talk

# What a phone does that the flow says nothing of.
IGNORES: tuple[Step, ...] = (ring(),)
ANSWERS: tuple[Step, ...] = (ring(1), answer(), talk())
LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class LabResult:
    """Of one flow: copies of the rows Asterisk wrote, all AMI bytes, and the wall clock before and after."""

    flow: Flow
    folder: Path
    recording: Recording
    t0: float
    t1: float

    @property
    def cel(self) -> Path:
        return self.folder / "cel.csv"

    @property
    def cdr(self) -> Path:
        return self.folder / "cdr.csv"

    @property
    def ami(self) -> bytes:
        return bytes(self.recording.raw)


async def play(asterisk: Asterisk, flow: Flow, folder: Path | None = None) -> LabResult:
    """Plays it and waits until the PBX has no channel left. TimeoutError if it does not come to its end."""
    folder = folder or Path(tempfile.mkdtemp(prefix=f"{flow.name}-", dir=asterisk.folder))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {path: size(path) for path in (asterisk.cel, asterisk.cdr, asterisk.queue_log)}
    recording, t0 = Recording(), time.time()
    with ExitStack() as stack:
        phones = Phones(asterisk, asterisk.folder / "sipp" / flow.name)
        stack.callback(phones.close)
        async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], recording) as probe:
            async with asyncio.timeout(LIMIT_SECONDS):
                await Stage(asterisk, flow, phones, probe).perform()
    copies = {asterisk.cel: CEL_HEADER, asterisk.cdr: CDR_HEADER, asterisk.queue_log: ""}
    for path, header in copies.items():
        if rows := tail(path, sizes[path]):
            (folder / path.name).write_bytes(header.encode() + rows)
    return LabResult(flow, folder, recording, t0, time.time())


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def tail(path: Path, start: int) -> bytes:
    return path.read_bytes()[start:] if path.exists() else b""


class Stage:
    """The players of one flow."""

    def __init__(self, asterisk: Asterisk, flow: Flow, phones: Phones, probe: Probe) -> None:
        self._asterisk, self._flow, self._phones, self._probe = asterisk, flow, phones, probe
        self._callers: list[Callable[[], int | None]] = []
        self._position = 0

    async def perform(self) -> None:
        await self._seat_phones()
        self._position = len(self._probe.messages)
        for move in self._flow.moves:
            await self._make(move)
        await self._curtain()

    async def _seat_phones(self) -> None:
        names = [name for name in self._asterisk.phones if name not in self._flow.phones]
        quiet = {name: ANSWERS if name.startswith("trunk") else IGNORES for name in names}
        for name, steps in {**quiet, **self._flow.phones}.items():
            await self._phones.listen(name, *self._addressed(steps))

    def _addressed(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """`{sip}` in a step is the PBX's address."""
        return tuple(replace(step, value=step.value.replace("{sip}", self._asterisk.sip)) for step in steps)

    async def _make(self, move: Move) -> None:
        match move:
            case Call():
                self._probe.recording.log("sip call", **{"from": move.who, "to": move.number})
                process = self._phones.call(move.caller, move.number, *self._addressed(move.steps))
                self._callers.append(process.poll)
            case Wait():
                await asyncio.sleep(move.seconds)
            case Until():
                await self._until(move)
            case Act():
                headers = {key: self._filled(value) for key, value in move.headers.items()}
                await self._probe.send(move.action, **headers)
            case Refer():
                await self._refer(move)

    async def _until(self, move: Until) -> None:
        found = await self._probe.wait(lambda one: matches(one, move), self._position, move.seconds)
        self._position = self._probe.messages.index(found, self._position) + 1

    def _filled(self, text: str) -> str:
        return re.sub(r"\{(first )?([^}]+)\}", lambda found: self._channel(found[2], bool(found[1])), text)

    def _channel(self, prefix: str, oldest: bool = False) -> str:
        names = [name for name in self._probe.live_channels().values() if name.startswith(prefix + "-")]
        if not names:
            raise LookupError(f"no live channel of {prefix}")
        return names[0 if oldest else -1]

    async def _refer(self, move: Refer) -> None:
        """Speaks in the dialog of the phone's oldest call, whose names AMI tells."""
        first = await self._dialog(self._channel(move.phone, oldest=True))
        uri = f"<sip:{move.to}@{self._asterisk.sip}>"
        if move.replaces:
            other = await self._dialog(self._channel(move.phone))
            replaced = f"{other['call-id']};to-tag={other['local_tag']};from-tag={other['remote_tag']}"
            uri = f"<sip:{move.to}@{self._asterisk.sip}?Replaces={quote(replaced)}>"
        self._probe.recording.log("refer", phone=move.phone, to=uri)
        self._phones.refer(first["call-id"], refer_with_replaces(first, self._asterisk.sip, uri))

    async def _dialog(self, channel: str) -> dict[str, str]:
        names = ("call-id", "local_tag", "remote_tag", "local_uri", "remote_uri", "target_uri")
        answers = [
            await self._probe.send("Getvar", Channel=channel, Variable=f"CHANNEL(pjsip,{name})") for name in names
        ]
        return dict(zip(names, (one["Value"] for one in answers), strict=True))

    async def _curtain(self) -> None:
        """All callers have hung up and no channel is left; then a moment for the last records."""
        while any(running() is None for running in self._callers) or self._probe.live_channels():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)


def matches(message: Message, wanted: Until) -> bool:
    return message.get("Event") == wanted.event and all(
        fnmatch.fnmatchcase(message.get(key, ""), pattern) for key, pattern in wanted.fields.items()
    )
