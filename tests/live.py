"""The whole product for a test: inside this process (`running_product`), or as a process that can be killed.

Both take the settings of `cti.kernel.settings` by name, keep everything in the folder they are given and serve their
pages on a free port of loopback. `until` waits for a condition: no test sleeps and hopes.
"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

from call_log.query import CallFilter
from call_log.search import CallSearch
from crm_core.users.account import User, UserDraft
from cti.app.crm import open_crm
from cti.app.product import Product
from cti.kernel.actor import system
from cti.kernel.clock import Clock, SystemClock
from cti.kernel.db import Database
from cti.kernel.errors import NotFoundError
from cti.kernel.settings import Settings
from cti.live.events import LiveCall
from cti.live.record import CallRecord
from web.services import Crm

START_SECONDS = 20.0
TESTER = system("test")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)


async def until(
    condition: Callable[[], Any] | Callable[[], Awaitable[Any]], seconds: float = 10.0, what: object = ""
) -> Any:
    """The first true answer of `condition`; AssertionError with `what` (a text, or a function that makes one)."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what() if callable(what) else what}")
        await asyncio.sleep(0.02)


def settings_of(folder: Path, profile: Path | str = "", **chosen: Any) -> Settings:
    """Settings of an installation in `folder`. `profile`: TOML (or a file of it) with the `[pbx.NAME]` tables."""
    text = profile.read_text("utf-8") if isinstance(profile, Path) else profile
    defaults: dict[str, Any] = {"data": str(folder), "http": "127.0.0.1:0", "pbx": tomllib.loads(text).get("pbx", {})}
    return Settings(**{**defaults, **chosen})


class Running:
    """A running product; `product` has all its parts."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.token = ""
        """An API token of an administrator; `get` sends it."""

    @property
    def url(self) -> str:
        assert self.product.web is not None
        return self.product.web.url

    def live(self) -> list[LiveCall]:
        """The calls that are up, of all PBXs, as the board has them."""
        return [call for listener in self.product.listeners for call in listener.tracker.snapshot()]

    async def records(self) -> list[CallRecord]:
        """Every record in the log, oldest first."""
        return await records_of(CallSearch(self.product.database))

    async def connected(self, seconds: float = 15.0) -> None:
        """Return when every PBX is up and has been asked how things stand."""
        await until(lambda: all(x.connection.state.phase == "up" for x in self.product.listeners), seconds, self.states)
        await until(lambda: all(x.asked for x in self.product.listeners), seconds, "the PBX was not asked")

    def states(self) -> str:
        return "; ".join(str(x.connection.state) for x in self.product.listeners)

    async def quiet(self, seconds: float = 15.0) -> None:
        """Return when no call is up and all that was heard is in the log."""
        await until(lambda: not self.live(), seconds, lambda: f"still up: {[c.record.id for c in self.live()]}")
        await self.product.bus.drain()
        await self.product.recorder.flush()

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body (JSON where it is) of a page, asked by an administrator."""
        return await asyncio.to_thread(fetch, self.url + path, self.token)

    def push(self, *topics: str) -> Push:
        """A socket of an administrator's."""
        return Push(self.url, *topics, token=self.token)

    async def cookie(self, role: str = "administrator") -> str:
        """The session cookie (`tamas_session`) of somebody with this role, for a browser."""
        return await session_of(self.product.crm, role)


async def session_of(crm: Crm, role: str = "administrator") -> str:
    """The secret of a session of somebody with this role, who is made if there is none."""
    return await crm.sessions.open((await somebody(crm, role)).id)


async def token_of(crm: Crm, role: str = "administrator") -> str:
    """An API token of somebody with this role, who is made if there is none."""
    return (await crm.tokens.create(TESTER, "test", user_id=(await somebody(crm, role)).id)).secret


async def beside(settings: Settings, question: Callable[[Crm], Awaitable[str]]) -> str:
    """Something asked of a product's database from outside its process."""
    database = await Database.open(settings.database, readers=1)
    try:
        return await question(open_crm(settings, database, SystemClock()))
    finally:
        await database.close()


async def administrator(settings: Settings) -> str:
    """An API token of an administrator of a product that runs in another process."""
    return await beside(settings, token_of)


async def somebody(crm: Crm, role: str) -> User:
    """The test's own user of this role: nobody needs his password."""
    login = f"test-{role}"
    try:
        return await crm.users.by_login(TESTER, login)
    except NotFoundError:
        async with crm.access.changing() as tx:
            return await crm.users.put(tx, TESTER, UserDraft(login=login, name=login, role=role))


async def records_of(search: CallSearch) -> list[CallRecord]:
    """Every record in the log, oldest first."""
    found: list[CallRecord] = []
    cursor: str | None = None
    while True:
        page = await search.page(CallFilter(kind=None), cursor, 200)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found[::-1]


@asynccontextmanager
async def running_product(
    folder: Path, profile: Path | str = "", *, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """The product in this process; stopped at the end."""
    product = await Product.start(settings_of(folder, profile, **settings), clock)
    try:
        running = Running(product)
        running.token = await token_of(product.crm)
        yield running
    finally:
        await product.stop()


def fetch(url: str, token: str = "") -> tuple[int, Any]:
    """Status and body of a page; also where it is an error."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            status, body, kind = response.status, response.read(), response.headers.get_content_type()
    except urllib.error.HTTPError as error:
        status, body, kind = error.code, error.read(), error.headers.get_content_type()
    return status, json.loads(body) if kind.endswith("json") else body.decode("utf-8")


class ProductProcess:
    """`python -m cti run` with settings of its own: may be killed and started again on what it left."""

    def __init__(self, folder: Path, profile: Path | str = "", **settings: Any) -> None:
        self.folder = folder
        self.settings = settings_of(folder / "data", profile, **settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.url = ""
        self.token = ""
        """An API token of an administrator; `get` and `push` send it. Kept over restarts."""
        folder.mkdir(parents=True, exist_ok=True)
        chosen = {"data": str(folder / "data"), "http": "127.0.0.1:0", **settings}
        text = profile.read_text("utf-8") if isinstance(profile, Path) else profile
        self._config = folder / "cti.toml"
        self._config.write_text(f"{_toml(chosen)}\n{text}", "utf-8")

    async def __aenter__(self) -> ProductProcess:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.kill()

    async def start(self) -> None:
        """Run it, and return when its pages answer."""
        self.launch()
        await until(self._serving, START_SECONDS, self.log)
        if not self.token:
            self.token = await administrator(self.settings)

    async def cookie(self, role: str = "administrator") -> str:
        """The session cookie (`tamas_session`) of somebody with this role, for a browser."""
        return await beside(self.settings, lambda crm: session_of(crm, role))

    def push(self, *topics: str) -> Push:
        """A socket of an administrator's."""
        return Push(self.url, *topics, token=self.token)

    def launch(self) -> None:
        """Run it; whether it comes up is not waited for."""
        self.starts += 1
        self.url = ""
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cti", "run"],
                env={**_clean_environment(), "CTI_CONFIG": str(self._config)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_us,
            )

    def kill(self) -> None:
        """`kill -9`: no goodbye to the PBX, the database or the journal."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def stop(self) -> int:
        """As Ctrl-C does; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        process, self.process = self.process, None
        return await asyncio.to_thread(process.wait, 30)

    def log(self) -> str:
        """What its last run printed and logged."""
        return self._output.read_text("utf-8", "replace")

    @property
    def _output(self) -> Path:
        return self.folder / f"run-{self.starts}.log"

    async def _serving(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log()}"
        found = re.search(r"Tamas is running: +(http://\S+)/\n", self.log())
        if found is None:
            return False
        self.url = found[1]
        return (await self.get("/healthz"))[0] == 200

    # --- asking it

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body of one of its pages, asked by an administrator."""
        return await asyncio.to_thread(fetch, self.url + path, self.token)

    async def ready(self) -> bool:
        """True if the database, the bus and every PBX are there."""
        return (await self.get("/readyz"))[0] == 200

    async def calls(self, **wanted: Any) -> list[dict[str, Any]]:
        """All calls of `/api/v1/calls`, newest first."""
        query = "&".join(f"{key}={value}" for key, value in {"limit": 200, **wanted}.items())
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            status, page = await self.get(f"/api/v1/calls?{query}{after}")
            assert status == 200, page
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&cursor={page['next']}"

    async def records(self) -> list[CallRecord]:
        """Every record in its database, oldest first; also while it does not run."""
        database = await Database.open(self.settings.database, readers=1)
        try:
            return await records_of(CallSearch(database))
        finally:
            await database.close()


class Push:
    """A browser's socket: what came over `/push` of these topics, told to the bearer of `token`. An async context
    manager."""

    def __init__(self, url: str, *topics: str, token: str = "") -> None:
        self._url, self._topics, self._token = url, topics, token
        self.messages: list[dict[str, Any]] = []
        self.times: list[float] = []
        """When each message came, epoch seconds."""

    async def __aenter__(self) -> Push:
        self._socket = await websockets.connect(self._url.replace("http", "ws", 1) + "/push", max_size=None)
        await self._socket.send(json.dumps({"type": "hello", "topics": self._topics, "token": self._token}))
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            self.times.append(time.time())
            self.messages.append(json.loads(message))

    def of(self, topic: str) -> list[dict[str, Any]]:
        """Snapshots and events of one topic, in order; their `seq` has no gap."""
        found = [message for message in self.messages if message.get("topic") == topic]
        for before, after in itertools.pairwise(found):
            assert after["type"] == "snapshot" or after["seq"] == before["seq"] + 1, (before["seq"], after["seq"])
        return found


def _die_with_us() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _clean_environment() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("CTI_")}


def _toml(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
