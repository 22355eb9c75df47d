"""The port's own rules, and the contract that every PBX behind it keeps: the one in memory, and AMI's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.link import Limits
from ami_listener.url import PbxUrl
from cti.control.fake import FakePbx
from cti.control.port import Member, Originate, Pbx, PbxRefusedError, PbxUnreachableError, Spy, Target
from cti.kernel.errors import InvalidError
from tests.ami_listener.fake_ami import FakeAmi, Headers, Session, error, success, until

CHANNEL, OTHER, GONE = "PJSIP/trunk-0000002a", "PJSIP/201-0000002b", "PJSIP/202-0000ffff"
TARGET = Target("202", "internal")
MEMBER = Member("support", "PJSIP/203", name="علی", state_interface="hint:203@ext-local")


class Provider:
    """A PBX that has two channels and a queue ``support`` with PJSIP/201 in it; ``accepted`` names what it took."""

    def __init__(self, pbx: Pbx, accepted: Callable[[], list[str]], cut: Callable[[], Awaitable[None]]) -> None:
        self.pbx, self.accepted, self.cut = pbx, accepted, cut


def in_memory() -> Provider:
    fake = FakePbx({CHANNEL, OTHER}, {"support": {"PJSIP/201"}})

    async def cut() -> None:
        fake.reachable = False

    return Provider(fake, lambda: [command.name for command in fake.commands], cut)


NAMES = {
    "Originate": "originate", "Hangup": "hangup", "Redirect": "redirect", "BlindTransfer": "blind_transfer",
    "Atxfer": "attended_transfer", "CancelAtxfer": "cancel_attended_transfer", "Park": "park",
    "PJSIPNotify": "notify", "PlayDTMF": "play_digit", "MixMonitor": "record",
    "StopMixMonitor": "stop_recording", "MixMonitorMute": "mute_recording", "QueueAdd": "add_member",
    "QueueRemove": "remove_member", "QueuePause": "pause_member", "Setvar": "set_variable",
    "QueueChangePriorityCaller": "put_first",
}  # fmt: skip


def asterisk(members: dict[str, set[str]], accepted: list[str]) -> Callable[[Session, Headers], bytes]:
    """Answers as Asterisk 22 does to these actions."""

    def problem(request: Headers) -> str:
        action, queue = request["Action"], request.get("Queue", "")
        named = {value for name, value in request.items() if name in ("Channel", "Channel1", "ExtraChannel", "Caller")}
        if action != "Originate" and not named <= {CHANNEL, OTHER}:
            return "No such channel"
        if action == "QueueChangePriorityCaller" and queue not in members:
            return "Queue not found"
        if action in ("QueueAdd", "QueueRemove", "QueuePause"):
            known = members.get(queue, set()) if queue else set().union(*members.values())
            if action == "QueueAdd" and request["Interface"] in known:
                return "Unable to add interface: Already there"
            if queue and queue not in members:
                return "Unable to add interface to queue: No such queue"
            if action != "QueueAdd" and request["Interface"] not in known:
                return "Interface not found"
        return ""

    def reply(session: Session, request: Headers) -> bytes:
        if said := problem(request):
            return error(request, said)
        spying, two = request.get("Application") == "ChanSpy", "ExtraChannel" in request
        accepted.append("spy" if spying else "redirect_two" if two else NAMES[request["Action"]])
        return success(request, ("Message", "done"))

    return reply


@pytest.fixture(params=["memory", "ami"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    if request.param == "memory":
        yield in_memory()
        return
    accepted: list[str] = []
    server = FakeAmi()
    reply = asterisk({"support": {"PJSIP/201"}}, accepted)
    server.replies = dict.fromkeys(NAMES, reply)
    async with server.running():
        url = PbxUrl.parse(server.url())
        connection = PbxConnection(
            url, on_link=lambda state: None, classes=(), limits=Limits(retry_first=9, retry_cap=9)
        )
        task = asyncio.create_task(connection.run())
        await until(lambda: connection.state.phase == "up")

        async def cut() -> None:
            server.session.cut()
            await until(lambda: connection.state.phase == "down")

        yield Provider(AmiPbx(connection), lambda: accepted, cut)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


Command = Callable[[Pbx], Awaitable[None]]

COMMANDS: dict[str, Command] = {
    "originate": lambda pbx: pbx.originate(Originate("PJSIP/201", Target("09121112233", "internal"), "tamas-1")),
    "hangup": lambda pbx: pbx.hangup(CHANNEL),
    "redirect": lambda pbx: pbx.redirect(CHANNEL, TARGET),
    "redirect_two": lambda pbx: pbx.redirect_two(OTHER, TARGET, CHANNEL, Target("s", "tamas-hold")),
    "notify": lambda pbx: pbx.notify(OTHER, "hold"),
    "play_digit": lambda pbx: pbx.play_digit(CHANNEL, "#"),
    "record": lambda pbx: pbx.record(CHANNEL, "main-1.0.wav"),
    "stop_recording": lambda pbx: pbx.stop_recording(CHANNEL),
    "mute_recording": lambda pbx: pbx.mute_recording(CHANNEL, True),
    "blind_transfer": lambda pbx: pbx.blind_transfer(CHANNEL, TARGET),
    "attended_transfer": lambda pbx: pbx.attended_transfer(CHANNEL, TARGET),
    "cancel_attended_transfer": lambda pbx: pbx.cancel_attended_transfer(CHANNEL),
    "park": lambda pbx: pbx.park(CHANNEL, OTHER, 20),
    "add_member": lambda pbx: pbx.add_member(MEMBER, paused=True),
    "remove_member": lambda pbx: pbx.remove_member("support", "PJSIP/201"),
    "pause_member": lambda pbx: pbx.pause_member("PJSIP/201", True, queue="support", reason="ناهار"),
    "put_first": lambda pbx: pbx.put_first("support", CHANNEL, 7),
    "set_variable": lambda pbx: pbx.set_variable(CHANNEL, "CTI_NOTE", "x"),
    "spy": lambda pbx: pbx.spy(Spy("PJSIP/203", "main-1.0", "whisper", "tamas-2")),
}


def test_every_command_of_the_port_is_in_the_contract() -> None:
    methods = {name for name in vars(Pbx) if not name.startswith("_")}
    assert methods == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_is_accepted(provider: Provider, name: str) -> None:
    assert await COMMANDS[name](provider.pbx) is None
    assert provider.accepted() == [name]


@pytest.mark.parametrize("name", COMMANDS)
async def test_without_a_link_nothing_is_done(provider: Provider, name: str) -> None:
    await provider.cut()
    with pytest.raises(PbxUnreachableError):
        await COMMANDS[name](provider.pbx)
    assert provider.accepted() == []


@pytest.mark.parametrize(
    "command",
    [
        lambda pbx: pbx.hangup(GONE),
        lambda pbx: pbx.redirect(GONE, TARGET),
        lambda pbx: pbx.redirect_two(OTHER, TARGET, GONE, TARGET),
        lambda pbx: pbx.notify(GONE, "talk"),
        lambda pbx: pbx.play_digit(GONE, "1"),
        lambda pbx: pbx.mute_recording(GONE, False),
        lambda pbx: pbx.blind_transfer(GONE, TARGET),
        lambda pbx: pbx.park(GONE, OTHER),
        lambda pbx: pbx.set_variable(GONE, "A", "b"),
        lambda pbx: pbx.add_member(Member("nowhere", "PJSIP/203")),
        lambda pbx: pbx.add_member(Member("support", "PJSIP/201")),
        lambda pbx: pbx.remove_member("support", "PJSIP/299"),
        lambda pbx: pbx.pause_member("PJSIP/299", True),
        lambda pbx: pbx.put_first("support", GONE, 1),
        lambda pbx: pbx.put_first("nowhere", CHANNEL, 1),
    ],
)
async def test_what_the_pbx_refuses_is_raised(provider: Provider, command: Command) -> None:
    with pytest.raises(PbxRefusedError):
        await command(provider.pbx)
    assert provider.accepted() == []


@pytest.mark.parametrize(
    "command",
    [
        lambda pbx: pbx.hangup("/^PJSIP/"),  # Asterisk takes this for a pattern: every call of the house
        lambda pbx: pbx.hangup("PJSIP/201-1\r\nAction: Command"),
        lambda pbx: pbx.hangup(CHANNEL, cause=0),
        lambda pbx: pbx.redirect("PJSIP/201&PJSIP/202", TARGET),
        lambda pbx: pbx.redirect_two(CHANNEL, TARGET, "PJSIP/201&PJSIP/202", TARGET),
        lambda pbx: pbx.play_digit(CHANNEL, "12"),
        lambda pbx: pbx.record(CHANNEL, "../../etc/cron.d/x.wav"),
        lambda pbx: pbx.record(CHANNEL, "a.wav,b,rm -rf /"),
        lambda pbx: pbx.spy(Spy("PJSIP/203", "main-1.0,qB", "listen", "tamas-2")),
        lambda pbx: pbx.spy(Spy("PJSIP/203&PJSIP/204", "main-1.0", "listen", "tamas-2")),
        lambda pbx: pbx.spy(Spy("WebSocket/other/c(ulaw)", "main-1.0", "listen", "tamas-2")),
        lambda pbx: pbx.spy(Spy("PJSIP/203", "main-1.0", "listen", "a b")),
        lambda pbx: pbx.set_variable(CHANNEL, "SHELL(rm -rf /)", "x"),
        lambda pbx: pbx.remove_member("support\r\n", "PJSIP/201"),
        lambda pbx: pbx.pause_member("PJSIP/201,PJSIP/202", True),
        lambda pbx: pbx.put_first("support", CHANNEL, 0),
        lambda pbx: pbx.put_first("support,x", CHANNEL, 1),
    ],
)
async def test_what_no_pbx_should_be_told_is_not_sent(provider: Provider, command: Command) -> None:
    with pytest.raises(InvalidError):
        await command(provider.pbx)
    assert provider.accepted() == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Target("202\r\n", "internal"),
        lambda: Target("20${EVIL}", "internal"),
        lambda: Target("202", "internal,1"),
        lambda: Target("202", "internal", 0),
        lambda: Target("", "internal"),
        lambda: Originate("PJSIP/201&PJSIP/202", TARGET, "1"),
        lambda: Originate("300&Zap/1", TARGET, "1"),
        lambda: Originate("PJSIP/201", TARGET, "1", ring_seconds=0),
        lambda: Originate("PJSIP/201", TARGET, "1", caller_name='a" <1>'),
        lambda: Originate("PJSIP/201", TARGET, "1", caller_name="a\r\nb"),
        lambda: Originate("PJSIP/201", TARGET, "1", caller_number="1>x"),
        lambda: Originate("PJSIP/201", TARGET, "1", variables={"FILE(/etc/passwd)": "x"}),
        lambda: Originate("PJSIP/201", TARGET, "1", variables={"A": "x,SHELL(id)=y"}),
        lambda: Originate("PJSIP/201", TARGET, ""),
        lambda: Member("a queue", "PJSIP/201"),
        lambda: Member("support", "PJSIP/201", penalty=-1),
        lambda: Member("support", "PJSIP/201", state_interface="a,b"),
        lambda: Member("support", "PJSIP/201", name="x" * 81),
    ],
)
def test_values_are_checked_when_they_are_made(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidError):
        make()


@pytest.mark.parametrize("endpoint", ["PJSIP/201", "SIP/trunk_1", "Local/201@from-queue/n", "IAX2/a:b@host", "DAHDI/1"])
def test_phones_of_every_kind_are_allowed(endpoint: str) -> None:
    assert Originate(endpoint, TARGET, "1", variables={"_CTI": "کلیک-1"}).endpoint == endpoint
