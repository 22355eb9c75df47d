"""What can be asked of a PBX: the port that commands go through, whatever PBX is behind it.

``ami_listener.actions`` answers it over AMI, ``fake`` answers it in memory; one contract suite holds
both. A command that returns says only that the PBX accepted it: what then happens comes back as facts.
A channel is named as the PBX names it (``PJSIP/201-0000002a``).

Every command may raise, by what the caller can do about it::

    InvalidError             (kernel) a value that no PBX would take: nothing was sent
    PbxRefusedError          the PBX said no: no such channel, no such queue …
    └── PbxRightError        our login on the PBX may not do this
    PbxUnreachableError      no link to the PBX: nothing was done
    PbxSilentError           no answer in time, or the link broke meanwhile: it may or may not have been done
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from cti.kernel.errors import InvalidError, RefusedError, UnavailableError

SpyMode = Literal["listen", "whisper", "barge"]
Notice = Literal["talk", "hold"]
"""What a desk phone can be told (NOTIFY of SIP): to take the call that rings or is held, or to hold it."""
AutoAnswer = Literal["", "call-info", "alert-info"]
"""The header that makes a phone answer by itself: of one kind of device the one, of another the other."""

_ENDPOINT = re.compile(r"[A-Za-z][A-Za-z0-9_]*/[A-Za-z0-9_.@+:-]+(/n)?").fullmatch
_STATE_INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9_]*[/:][A-Za-z0-9_.@+-]+").fullmatch
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9_]*/[^\s,&|;()'\"\x00-\x1f]+").fullmatch
_CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,79}").fullmatch
_EXTEN = re.compile(r"[A-Za-z0-9+*#_.-]{1,79}").fullmatch
_QUEUE = re.compile(r"[A-Za-z0-9_.@-]{1,127}").fullmatch
_VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,79}").fullmatch
_DIGIT = re.compile(r"[0-9A-D*#]").fullmatch
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}\.(wav|WAV|gsm|ogg|opus|ulaw|alaw)").fullmatch
_NAME_LIMIT = 80
SOCKET_CLIENT = "tamas"
SOCKET = f"WebSocket/{SOCKET_CLIENT}/c(ulaw)"
"""What is rung where somebody listens without a phone: the PBX opens a socket to us (an entry of that name in its
``websocket_client.conf`` says where we are) and sends the sound as mu-law."""


class PbxRefusedError(RefusedError):
    """The PBX said no; the message is what it said."""


class PbxRightError(PbxRefusedError):
    """Our login on the PBX lacks the right: an administrator has to grant it there."""


class PbxUnreachableError(UnavailableError):
    """There is no link to the PBX. Nothing was sent."""


class PbxSilentError(UnavailableError):
    """It was sent, and no answer came. Never repeated by itself: it may have been done."""


class Target(msgspec.Struct, frozen=True):
    """A place in the dialplan."""

    exten: str
    context: str
    priority: int = 1

    def __post_init__(self) -> None:
        allow("extension", self.exten, bool(_EXTEN(self.exten)))
        allow_context(self.context)
        allow("priority", str(self.priority), self.priority > 0)


class Originate(msgspec.Struct, frozen=True):
    """Ring ``endpoint`` (``PJSIP/201``); when it answers, send it to ``target``.

    ``uniqueid`` is the id that its channel shall have, so that its facts are known as this command's.
    ``ring_seconds``: how long it rings. ``caller_name`` and ``caller_number`` are what it is shown. ``answers``: how
    it is told to answer by itself.
    """

    endpoint: str
    target: Target
    uniqueid: str
    ring_seconds: int = 30
    caller_name: str = ""
    caller_number: str = ""
    variables: Mapping[str, str] = {}
    answers: AutoAnswer = ""

    def __post_init__(self) -> None:
        allow_endpoint(self.endpoint)
        allow_uniqueid(self.uniqueid)
        allow("ring time", str(self.ring_seconds), 0 < self.ring_seconds <= 600)
        allow("caller name", self.caller_name, len(self.caller_name) <= _NAME_LIMIT and '"' not in self.caller_name)
        allow("caller number", self.caller_number, self.caller_number == "" or bool(_EXTEN(self.caller_number)))
        for name, value in self.variables.items():
            allow_variable(name)
            # Asterisk splits several variables at commas, and takes quotes and backslashes as syntax.
            allow("variable's value", value, not set(value) & set(',"\\'))


class Spy(msgspec.Struct, frozen=True):
    """Let whoever is at ``endpoint`` hear the channel whose unique id is ``spied``: no other, whatever becomes of it.

    ``uniqueid`` is the id that the listener's own channel shall have, ``caller_number`` what his phone shows.
    """

    endpoint: str
    spied: str
    mode: SpyMode
    uniqueid: str
    caller_number: str = ""
    answers: AutoAnswer = ""

    def __post_init__(self) -> None:
        allow("phone", self.endpoint, self.endpoint == SOCKET or bool(_ENDPOINT(self.endpoint)))
        allow("unique id", self.spied, bool(_QUEUE(self.spied)))
        allow_uniqueid(self.uniqueid)
        allow("caller number", self.caller_number, self.caller_number == "" or bool(_EXTEN(self.caller_number)))


class Member(msgspec.Struct, frozen=True):
    """A phone as a member of a queue. ``state_interface``: whose state tells whether it is free."""

    queue: str
    interface: str
    name: str = ""
    state_interface: str = ""
    penalty: int = 0

    def __post_init__(self) -> None:
        allow("queue", self.queue, bool(_QUEUE(self.queue)))
        allow_endpoint(self.interface)
        if self.state_interface:
            allow("state interface", self.state_interface, bool(_STATE_INTERFACE(self.state_interface)))
        allow("member name", self.name, len(self.name) <= _NAME_LIMIT)
        allow("penalty", str(self.penalty), self.penalty >= 0)


class Pbx(Protocol):
    """One PBX, as one that takes commands."""

    async def originate(self, call: Originate) -> None:
        """Start a call. Returns when the PBX has taken it on, before anything rings."""

    async def hangup(self, channel: str, cause: int = 16) -> None:
        """Hang up one channel, with a Q.850 cause."""

    async def redirect(self, channel: str, target: Target) -> None:
        """Send one channel elsewhere, as it is; whoever it talked with goes on in the dialplan."""

    async def redirect_two(self, first: str, to: Target, second: str, second_to: Target) -> None:
        """Send two channels that talk with each other elsewhere at one moment, so that neither ends with the other."""

    async def notify(self, channel: str, notice: Notice) -> None:
        """Tell the phone behind ``channel`` what to do with this call. Whether it does is up to the phone."""

    async def play_digit(self, channel: str, digit: str) -> None:
        """Let whoever is behind ``channel`` hear a key (DTMF)."""

    async def record(self, channel: str, file: str) -> None:
        """Record what ``channel`` says and hears; ``file`` is a name without folder."""

    async def stop_recording(self, channel: str) -> None:
        """End the recordings that run on ``channel``."""

    async def mute_recording(self, channel: str, muted: bool) -> None:
        """Let silence be recorded on ``channel`` for a while."""

    async def blind_transfer(self, channel: str, target: Target) -> None:
        """Send whoever talks with ``channel`` to ``target``; ``channel`` is out of the call."""

    async def attended_transfer(self, channel: str, target: Target) -> None:
        """Let ``channel`` consult ``target`` while the other party waits; hanging up completes it."""

    async def cancel_attended_transfer(self, channel: str) -> None:
        """Take the waiting party back."""

    async def park(self, channel: str, announce_to: str, seconds: int | None = None) -> None:
        """Park ``channel``; ``announce_to`` is told the slot and gets the call back after ``seconds``."""

    async def add_member(self, member: Member, paused: bool = False) -> None:
        """Put a phone into a queue."""

    async def remove_member(self, queue: str, interface: str) -> None:
        """Take a phone out of a queue."""

    async def pause_member(self, interface: str, paused: bool, *, queue: str = "", reason: str = "") -> None:
        """Pause or unpause a phone in ``queue``, or in all of its queues."""

    async def put_first(self, queue: str, channel: str, priority: int) -> None:
        """Put a caller who waits in ``queue`` before all of a lower priority, at once (Asterisk 18 and newer)."""

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        """Set a variable of a channel."""

    async def spy(self, order: Spy) -> None:
        """Ring a supervisor, who then hears one channel for as long as it is there: silently, to its ear, or to all."""


class Device(msgspec.Struct, frozen=True, gc=False):
    """What the PBX knows of the phone at an endpoint: ``webrtc``, and the ``agent`` that its registration names."""

    webrtc: bool = False
    agent: str = ""


class Questions(Protocol):
    """One PBX, as one that can be asked. May raise what commands raise."""

    async def device(self, endpoint: str) -> Device | None:
        """What stands at an endpoint; None where the PBX does not tell."""

    async def has_context(self, context: str) -> bool | None:
        """Whether the dialplan has that context; None where the PBX does not tell."""


def allow(what: str, value: str, good: bool) -> None:
    """Raise ``InvalidError`` unless ``good`` and free of line breaks."""
    if not good or any(char in value for char in "\r\n\0"):
        raise InvalidError(f"{value[:60]!r} cannot be a {what}")


def allow_channel(channel: str) -> None:
    """A channel's name: no pattern, no list, and nothing that would end an argument of an application."""
    allow("channel", channel, bool(_CHANNEL(channel)))


def allow_endpoint(endpoint: str) -> None:
    """Technology and name of one phone: never several, never a dial string with options."""
    allow("phone", endpoint, bool(_ENDPOINT(endpoint)))


def allow_queue(queue: str) -> None:
    allow("queue", queue, bool(_QUEUE(queue)))


def allow_uniqueid(uniqueid: str) -> None:
    allow("unique id", uniqueid, bool(_QUEUE(uniqueid)))


def allow_context(context: str) -> None:
    allow("context", context, bool(_CONTEXT(context)))


def allow_digit(digit: str) -> None:
    allow("key", digit, bool(_DIGIT(digit)))


def allow_file(file: str) -> None:
    """A name in the PBX's own folder of recordings: no path, no option, no command to run afterwards."""
    allow("file of a recording", file, bool(_FILE(file)))


def allow_variable(name: str) -> None:
    """A plain variable: functions such as FILE() and SHELL() would let a caller of the API run programs."""
    allow("variable", name, bool(_VARIABLE(name)))
