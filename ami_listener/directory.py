"""What the PBX has, asked for: endpoints of every technology, their names and addresses, mailboxes.

Asterisk has no one list of all that: device states and hints are there for every login that may ask at all, the
lists of a technology where that technology is loaded and the login may ask for them. Each is asked for only
if the PBX offers it to this login, so that nothing is refused, and nothing of it is in the PBX's security log.

Field names: the manager documentation of res_pjsip, chan_sip, chan_iax2, app_voicemail and main/devicestate.c.
Neighbours: ``listener`` asks after each connect and in each round; ``discover`` teaches the profile the hints.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from ami_listener.discover import is_device
from ami_listener.fields import Headers, device_state, number, text
from ami_listener.protocol import Message
from cti.control.port import PbxRefusedError, PbxSilentError, PbxUnreachableError
from cti.live.events import QueueChanged
from cti.live.inventory import DeviceState, DirectoryListed, ListedEndpoint, Listing, Mailbox

log = logging.getLogger(__name__)

Ask = Callable[[str], Awaitable[list[Message]]]
Item = ListedEndpoint | Mailbox
NO_ANSWER = (PbxRefusedError, PbxSilentError, PbxUnreachableError)
NO_ADDRESS = frozenset(("", "-none-", "(null)", "(Unspecified)", "0.0.0.0"))


class Question(NamedTuple):
    """``item``: the events that the answer consists of, ``read`` what one of them says (None: nothing of use).
    ``gives``: what is not known where it is not answered; empty where nothing is missed."""

    action: str
    item: str
    read: Callable[[Headers], Item | None]
    gives: Listing | None = None


def _device(h: Headers) -> Item | None:
    name = number(h, "Device")
    return ListedEndpoint(name, device_state(h.get("State", ""))) if is_device(name) else None


def _pjsip(h: Headers) -> Item | None:
    name = number(h, "ObjectName")
    if not name:
        return None
    # Contacts: "201/sip:201@192.0.2.7:5060;transport=udp," and more after commas
    address = h.get("Contacts", "").partition(",")[0].partition("@")[2].partition(";")[0]
    return ListedEndpoint(f"PJSIP/{name}", device_state(h.get("DeviceState", "")), address=address)


def _peer(h: Headers) -> Item | None:
    name, technology = number(h, "ObjectName"), number(h, "Channeltype")
    if not name or not technology:
        return None
    address = number(h, "IPaddress")
    titled = text(h, "Description")
    return ListedEndpoint(f"{technology}/{name}", _peer_state(h), None, titled, _address(address, number(h, "IPport")))


def _peer_state(h: Headers) -> DeviceState:
    """chan_sip and chan_iax2 measure how far a peer is ("OK (5 ms)") only where they are told to qualify it."""
    status = h.get("Status", "")
    if status.startswith(("OK", "LAGGED")):
        return "idle"
    if status.startswith(("UNREACHABLE", "UNKNOWN")):
        return "unreachable"
    return "unreachable" if number(h, "IPaddress") in NO_ADDRESS else "unknown"


def _address(host: str, port: str) -> str:
    if host in NO_ADDRESS:
        return ""
    return f"{host}:{port}" if port not in ("", "0") else host


def _mailbox(h: Headers) -> Item | None:
    box = number(h, "VoiceMailbox")
    if not box:
        return None
    new, old = (_count(h.get(name, "")) for name in ("NewMessageCount", "OldMessageCount"))
    return Mailbox(box, number(h, "VMContext") or "default", text(h, "Fullname"), new, old)


def _count(text_: str) -> int | None:
    return int(text_) if text_.isascii() and text_.isdecimal() and len(text_) < 7 else None


QUESTIONS: tuple[Question, ...] = (
    Question("PJSIPShowEndpoints", "EndpointList", _pjsip, "addresses"),
    Question("SIPpeers", "PeerEntry", _peer),
    Question("IAXpeerlist", "PeerEntry", _peer),
    Question("DeviceStateList", "DeviceStateChange", _device, "registration"),
    Question("VoicemailUsersList", "VoicemailUserEntry", _mailbox, "mailboxes"),
)
"""The first to say something of an endpoint is believed; the device states know every technology but no address."""


async def read_directory(
    ask: Ask,
    permitted: frozenset[str],
    at: float,
    told: Iterable[tuple[str, str]],
    queues: Sequence[QueueChanged],
) -> DirectoryListed:
    """All that the PBX tells this login. ``told``: device and extension of each hint; ``queues`` as they are, whose
    members are endpoints with a name."""
    found: list[Item] = []
    silent: list[Listing] = []
    for question in QUESTIONS:
        items = await _asked(ask, question) if question.action in permitted else None
        if items is not None:
            found += items
        elif question.gives is not None:
            silent.append(question.gives)
    found += [ListedEndpoint(device, extension=extension) for device, extension in told]
    found += _members(queues)
    boxes = tuple(item for item in found if isinstance(item, Mailbox))
    endpoints = tuple(item for item in found if isinstance(item, ListedEndpoint))
    return DirectoryListed(at, endpoints, boxes, tuple(queue.queue for queue in queues), tuple(silent))


async def _asked(ask: Ask, question: Question) -> list[Item] | None:
    """None where the PBX does not answer. A refusal is an empty list: that is how it says that it has none."""
    try:
        messages = await ask(question.action)
    except PbxRefusedError:
        return []
    except NO_ANSWER as error:
        log.debug("no answer to %s: %s", question.action, error)
        return None
    read = (question.read(m.headers) for m in messages if m.event == question.item)
    return [item for item in read if item is not None]


def _members(queues: Iterable[QueueChanged]) -> list[Item]:
    return [
        ListedEndpoint(member.interface, title="" if member.name == member.interface else member.name)
        for queue in queues
        for member in queue.members
        if is_device(member.interface)
    ]
