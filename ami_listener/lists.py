"""Answers that come as lists of events, gathered until they are complete: what is up on the PBX now.

They are read off the stream like any event, whoever asked (``resync`` does after each connect), so that
a journal or a trace that holds the answers replays as it was lived. Lists are told apart by ActionID.

Neighbours: ``translate`` hands the messages over; ``cti.live.resync`` uses the facts.
"""

from __future__ import annotations

from ami_listener.channel_names import channel_name
from ami_listener.fields import STATES, Headers, member, number, text
from ami_listener.protocol import Message
from cti.live import pbx
from cti.live.linkedids import created
from cti.live.pbx import Fact

MAX_OPEN = 64
"""Lists being gathered at once; one that never ends must not keep memory for ever."""


class Lists:
    """Open lists by ActionID. ``take`` gives the facts of a list at its end."""

    ITEMS = frozenset(("CoreShowChannel", "QueueParams", "QueueMember", "QueueEntry"))
    ENDS = frozenset(("CoreShowChannelsComplete", "QueueStatusComplete"))
    # Items and ends of other listings: read by whoever asked, no facts of ours.
    OTHERS = frozenset(
        (
            "Status", "StatusComplete", "BridgeListItem", "BridgeListComplete", "BridgeInfoChannel",
            "BridgeInfoComplete", "QueueSummary", "QueueSummaryComplete", "ExtensionStateListComplete",
            "DeviceStateListComplete", "ParkedCallsComplete", "EndpointList", "EndpointListComplete",
            "EndpointDetail", "EndpointDetailComplete", "AorDetail", "AuthDetail", "TransportDetail",
            "IdentifyDetail", "ContactStatusDetail", "PeerEntry", "PeerlistComplete", "ConfbridgeList",
            "ConfbridgeListComplete", "ConfbridgeListRooms", "ConfbridgeListRoomsComplete",
        )
    )  # fmt: skip
    EVENTS = ITEMS | ENDS | OTHERS

    def __init__(self) -> None:
        self._open: dict[str, list[Message]] = {}

    def take(self, message: Message, at: float) -> list[Fact]:
        """Gather an item, or turn a finished list into its fact."""
        event = message.event
        if event in self.ITEMS:
            self._gather(message)
            return []
        if event not in self.ENDS:
            return []
        items = self._open.pop(message.headers.get("ActionID", ""), [])
        if message.headers.get("EventList", "Complete").lower() == "cancelled":
            return []
        if event == "CoreShowChannelsComplete":
            channels = tuple(_channel(m.headers) for m in items)
            # A stream that begins with a list has told no time yet; the youngest channel is older than the list.
            return [pbx.ChannelsListed(at or max((c.created or 0.0 for c in channels), default=0.0), channels)]
        return [_queues(items, at)]

    def _gather(self, message: Message) -> None:
        action = message.headers.get("ActionID", "")
        if action not in self._open and len(self._open) >= MAX_OPEN:
            self._open.pop(next(iter(self._open)))
        self._open.setdefault(action, []).append(message)


def _channel(h: Headers) -> pbx.ListedChannel:
    return pbx.ListedChannel(
        uid=h["Uniqueid"],
        linkedid=h["Linkedid"],
        chan=channel_name(h["Channel"]),
        state=STATES.get(h.get("ChannelState", ""), "other"),
        number=number(h, "CallerIDNum"),
        name=text(h, "CallerIDName"),
        exten=h.get("Exten", ""),
        bridge=h.get("BridgeId") or None,
        app=h.get("Application", ""),
        data=h.get("ApplicationData", ""),
        created=created(h["Uniqueid"]),
    )


def _queues(items: list[Message], at: float) -> pbx.QueuesListed:
    waiting = [
        pbx.WaitingCaller(m.headers["Uniqueid"], m.headers["Queue"], at - float(m.headers.get("Wait", "0")))
        for m in items
        if m.event == "QueueEntry"
    ]
    return pbx.QueuesListed(
        at,
        tuple(m.headers["Queue"] for m in items if m.event == "QueueParams"),
        tuple(member(m.headers, at) for m in items if m.event == "QueueMember"),
        tuple(waiting),
    )
