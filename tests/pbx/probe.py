"""The lab's own AMI client: sends actions, waits for events, keeps every byte and when it came.

It shares nothing with the product's reader, so that the two cannot be wrong together.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Message = dict[str, str]


@dataclass
class Recording:
    """What one or more connections received, in the terms of the trace folders: offsets count from `zero`."""

    zero: float = field(default_factory=time.monotonic)
    raw: bytearray = field(default_factory=bytearray)
    times: list[tuple[float, int, int, int]] = field(default_factory=list)
    actions: list[tuple[float, int, str, dict[str, str]]] = field(default_factory=list)

    def log(self, kind: str, **what: str) -> None:
        self.actions.append((time.monotonic() - self.zero, len(self.raw), kind, what))

    def received(self, data: bytes, connection: int) -> None:
        self.times.append((time.monotonic() - self.zero, len(self.raw), len(data), connection))
        self.raw += data


class Probe:
    """One AMI session. Use as an async context manager: it logs in with every event on."""

    def __init__(self, ami: tuple[str, int], user: str, secret: str, recording: Recording | None = None) -> None:
        self._ami, self._user, self._secret = ami, user, secret
        self.recording = recording or Recording()
        self.messages: list[Message] = []
        self._rest = b""
        self._number = 0
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Probe":
        self._reader, self._writer = await asyncio.open_connection(*self._ami, limit=2**20)
        self.recording.log("connect", connection="1")
        self._tasks.append(asyncio.create_task(self._read()))
        answer = await self.send("Login", Username=self._user, Secret=self._secret, Events="on")
        if answer.get("Response") != "Success":
            raise PermissionError(answer.get("Message", "login refused"))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.recording.log("closed by the driver", connection="1")
        for task in self._tasks:
            task.cancel()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        while data := await self._reader.read(65536):
            self.recording.received(data, 1)
            *blocks, self._rest = (self._rest + data).split(b"\r\n\r\n")
            self.messages += [parse(block) for block in blocks]
            self._news.set()

    async def send(self, action: str, **headers: str) -> Message:
        """The PBX's response to the action; its events come by themselves."""
        self._number += 1
        action_id = f"cap-{self._number}"
        logged = {key: value for key, value in headers.items() if key != "Secret"}
        self.recording.log("action", Action=action, ActionID=action_id, **logged)
        lines = [f"Action: {action}", f"ActionID: {action_id}", *(f"{key}: {one}" for key, one in headers.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return await self.wait(lambda one: one.get("ActionID") == action_id and "Response" in one, 0)

    async def wait(self, wanted: Callable[[Message], bool], since: int | None = None, seconds: float = 30) -> Message:
        """The first message, from number `since` on (default: from now on), that is wanted. TimeoutError if none."""
        position = len(self.messages) if since is None else since
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                for message in self.messages[position:]:
                    position += 1
                    if wanted(message):
                        return message
                await self._news.wait()

    def live_channels(self) -> dict[str, str]:
        """uniqueid -> name of the channels that began and have not ended since this session started."""
        live: dict[str, str] = {}
        for message in self.messages:
            if message.get("Event") == "Newchannel":
                live[message["Uniqueid"]] = message["Channel"]
            elif message.get("Event") == "Hangup":
                live.pop(message["Uniqueid"], None)
            elif message.get("Event") == "Rename":
                live[message["Uniqueid"]] = message["Newname"]
        return live


def parse(block: bytes) -> Message:
    """One AMI block; of a repeated key the last value."""
    lines = block.decode("utf-8", "replace").split("\r\n")
    return {key: value.lstrip() for key, _, value in (line.partition(":") for line in lines) if key}


def actions_log(recording: Recording) -> str:
    """The actions in the format of a trace's actions.log."""
    return "".join(
        f"{at:.6f}\t{size}\t{kind}\t{json.dumps(what, ensure_ascii=False)}\n"
        for at, size, kind, what in recording.actions
    )
