"""Our logins on a real Asterisk: the printed sections of manager.conf do what they say, in both styles of filters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ami_listener import manager_conf
from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.link import Limits, LinkState
from ami_listener.protocol import AmiReader, Message
from ami_listener.url import PbxUrl
from ami_listener.wanted import ONLY, SKIP, WANTED
from cti.control.port import Originate, PbxRefusedError, PbxRightError, Target
from tests.pbx import flows
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.play import play

pytestmark = pytest.mark.pbx
NAMES = {event.name for event in WANTED}
FLOW = next(flow for flow in flows.FLOWS if flow.name == "queue_answered")


class Login:
    """A connection and all that came over it."""

    def __init__(self, url: str, **options) -> None:
        self.data = bytearray()
        self.states: list[LinkState] = []
        self.connection = PbxConnection(
            PbxUrl.parse(url), on_link=self.states.append, on_bytes=lambda data, at: self.data.extend(data), **options
        )

    def events(self, skip: frozenset[str] = frozenset(), only: dict | None = None) -> list[Message]:
        messages = AmiReader(skip, only).feed(bytes(self.data))
        # What answers our own questions is never filtered.
        return [message for message in messages if message.event and "ActionID" not in message.headers]

    async def until(self, phase: str) -> LinkState:
        async with asyncio.timeout(10):
            while self.connection.state.phase != phase:  # noqa: ASYNC110 - a state has no event
                await asyncio.sleep(0.01)
        return self.connection.state


@asynccontextmanager
async def logged_in(url: str, phase: str = "up", **options) -> AsyncIterator[Login]:
    login = Login(url, **options)
    task = asyncio.create_task(login.connection.run())
    try:
        await login.until(phase)
        yield login
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def paste(asterisk: Asterisk, *sections: str) -> None:
    """Add sections to manager.conf, as an administrator would, and reload."""
    path = asterisk.folder / "etc/manager.conf"
    text = path.read_text("utf-8")
    added = [section.partition(manager_conf.general_section())[2] or section for section in sections]
    path.write_text(text + "\n" + "\n".join(added), "utf-8")
    async with logged_in(asterisk.ami_url("recorder"), classes=()) as login:
        await login.connection.action("Reload", {"Module": "manager"})


def fingerprints(messages: list[Message]) -> list[tuple[str, str | None, str | None]]:
    return sorted((m.event, m.headers.get("Timestamp", ""), m.headers.get("Uniqueid", "")) for m in messages)


@pytest.mark.parametrize(("user", "version"), [("printed", "22.10.1"), ("older", "16.28.0")])
async def test_the_printed_filters_send_what_is_wanted_and_nothing_else(
    asterisk: Asterisk, user: str, version: str
) -> None:
    await paste(asterisk, manager_conf.listener_section(user, "s3cret", version))
    url = f"ami://{user}:s3cret@{asterisk.ip}:{asterisk.ports['AMI_PORT']}/"
    async with logged_in(url) as filtered, unfiltered(asterisk.ami_url("recorder")) as whole:
        assert not filtered.connection.state.filtered  # not by the session: the section did it
        assert filtered.connection.state.version.startswith("22.")
        assert manager_conf.missing("listener", filtered.connection.state.permitted) == ()
        await play(asterisk, FLOW)
        await asyncio.sleep(0.3)
    got = filtered.events()
    # Sent once at the login to this session alone, before filters are looked at.
    got = [message for message in got if message.event != "FullyBooted"]
    wanted = [m for m in whole.events(SKIP, ONLY) if m.event in NAMES and m.event != "FullyBooted"]
    assert fingerprints(got) == fingerprints(wanted)
    assert {"Newchannel", "Hangup", "BridgeEnter", "QueueCallerJoin", "VarSet", "Newexten"} <= {m.event for m in got}
    assert len(filtered.data) < len(whole.data) / 2


@asynccontextmanager
async def unfiltered(url: str) -> AsyncIterator[Login]:
    """The recorder hears all: its login may set filters, and is told not to."""
    login = Login(url, classes=("all",))
    login.connection._filtering = False
    task = asyncio.create_task(login.connection.run())
    try:
        await login.until("up")
        yield login
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_login_that_may_filters_its_own_session(asterisk: Asterisk) -> None:
    async with logged_in(asterisk.ami_url("recorder")) as login:
        assert login.connection.state.filtered
        await play(asterisk, FLOW)
        names = {message.event for message in login.events()}
    assert names <= NAMES
    assert {"Newchannel", "Hangup", "QueueCallerJoin"} <= names


async def test_the_pbxs_clock_is_ours_on_the_same_machine(asterisk: Asterisk) -> None:
    async with logged_in(asterisk.ami_url(), limits=Limits(ping_every=0.05)) as login:
        async with asyncio.timeout(5):
            while len(login.connection.pbx_clock._samples) < 5:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.01)
        assert abs(login.connection.pbx_clock.offset) < 0.02
        assert len(await login.connection.listing("QueueStatus")) > 3
        assert (await login.connection.listing("CoreShowChannels"))[-1].event == "CoreShowChannelsComplete"


async def test_a_wrong_secret_is_told_as_such(asterisk: Asterisk) -> None:
    url = asterisk.ami_url().replace(SECRETS["listener"], "wrong")
    async with logged_in(url, phase="refused") as login:
        assert login.connection.state.fault == "wrong_secret"


async def test_the_printed_login_that_acts_can_act_and_no_more(asterisk: Asterisk) -> None:
    await paste(asterisk, manager_conf.actions_section("acts", "s3cret"))
    url = f"ami://acts:s3cret@{asterisk.ip}:{asterisk.ports['AMI_PORT']}/"
    async with logged_in(url, classes=()) as login:
        assert manager_conf.missing("actions", login.connection.state.permitted) == ()
        pbx = AmiPbx(login.connection)
        with pytest.raises(PbxRefusedError, match="No such channel"):
            await pbx.hangup("PJSIP/201-0000ffff")
        await pbx.originate(Originate("PJSIP/209", Target("202", "internal"), "tamas-test-1", 1, "علی", "201"))
        await pbx.pause_member("PJSIP/201", True, queue="sales", reason="ناهار")
        await pbx.pause_member("PJSIP/201", False, queue="sales")
        with pytest.raises(PbxRefusedError):
            await pbx.remove_member("sales", "PJSIP/299")
        for action in ("Command", "UpdateConfig", "ModuleLoad", "CoreShowChannels"):
            with pytest.raises(PbxRightError):
                await login.connection.action(action, {"Command": "core show uptime"})
        assert login.events() == []


async def test_a_restart_of_asterisk_is_seen_and_survived(asterisk: Asterisk) -> None:
    async with logged_in(asterisk.ami_url()) as login:
        await asterisk.restart()
        state = await login.until("up")
        assert state.connection >= 2
        assert "Shutdown" in [message.event for message in AmiReader().feed(bytes(login.data))]
