"""Answers that come as lists of events, gathered until they are complete: what is up on the PBX now.

They are read off the stream like any event, whoever asked (``resync`` does after each connect), so that
a journal or a trace that holds the answers replays as it was lived. Lists are told apart by ActionID.

Neighbours: ``translate`` hands the messages over; ``cti.live.resync`` uses the facts.
"""

from __future__ import annotations

from collections import Counter

from ami_listener.channel_names import channel_name
from ami_listener.fields import STATES, Headers, member, named, number, text, whole
from ami_listener.protocol import Message
from cti.live import pbx
from cti.live.linkedids import created
from cti.live.pbx import Fact

MAX_OPEN = 64
"""Lists being gathered at once; one that never ends must not keep memory for ever."""
MAX_ITEMS = 100_000
"""Items of one list: more than any PBX has channels or queue members."""


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
            "ConfbridgeListComplete", "ConfbridgeListRooms", "ConfbridgeListRoomsComplete", "VoicemailUserEntry",
            "VoicemailUserEntryComplete", "ListDialplan", "ShowDialPlanComplete",
        )
    )  # fmt: skip
    EVENTS = ITEMS | ENDS | OTHERS

    def __init__(self, malformed: Counter[str]) -> None:
        self._open: dict[str, list[Message]] = {}
        self._malformed = malformed

    def take(self, message: Message, at: float, ahead: float = 0.0) -> list[Fact]:
        """Open a list, gather an item, or turn a finished list into its fact. ``ahead``: of the PBX's clock."""
        event, headers = message.event, message.headers
        action = headers.get("ActionID", "")
        if event in self.ITEMS:
            return self._gather(action, message, at)
        if event in self.ENDS:
            return [self._ended(event, action, self._open.pop(action, []), headers, at, ahead)]
        if event in self.OTHERS:
            if event.endswith("Complete"):
                self._open.pop(action, None)
        elif not event and headers.get("EventList", "").lower() == "start":
            return self._begin(action, at)
        return []

    def _begin(self, action: str, at: float) -> list[Fact]:
        if len(self._open) >= MAX_OPEN:
            self._open.pop(next(iter(self._open)))
        self._open[action] = []
        return [pbx.ListBegan(at, action)]

    def _gather(self, action: str, message: Message, at: float) -> list[Fact]:
        began = self._begin(action, at) if action not in self._open else []
        items = self._open[action]
        if len(items) < MAX_ITEMS:
            items.append(message)
        return began

    def _ended(self, event: str, action: str, items: list[Message], headers: Headers, at: float, ahead: float) -> Fact:
        told = whole(headers, "ListItems", len(items))
        if headers.get("EventList", "Complete").lower() != "complete" or told != len(items):
            self._malformed[event] += 1
            return pbx.ListBroken(at, action)
        try:
            if event == "CoreShowChannelsComplete":
                return _channels(items, at, ahead, action)
            return _queues(items, at, action)
        except (KeyError, ValueError):
            self._malformed[event] += 1
            return pbx.ListBroken(at, action)


def _channels(items: list[Message], at: float, ahead: float, action: str) -> pbx.ChannelsListed:
    channels = tuple(_channel(m.headers, ahead) for m in items)
    # A stream that begins with a list has told no time yet; the youngest channel is older than the list.
    return pbx.ChannelsListed(at or max((c.created or 0.0 for c in channels), default=0.0), channels, action)


def _channel(h: Headers, ahead: float) -> pbx.ListedChannel:
    born = created(h["Uniqueid"])
    return pbx.ListedChannel(
        uid=named(h, "Uniqueid"),
        linkedid=named(h, "Linkedid"),
        chan=channel_name(h["Channel"]),
        state=STATES.get(h["ChannelState"], "other"),
        number=number(h, "CallerIDNum"),
        name=text(h, "CallerIDName"),
        exten=h.get("Exten", ""),
        bridge=h.get("BridgeId") or None,
        app=h.get("Application", ""),
        data=h.get("ApplicationData", ""),
        created=None if born is None else born - ahead,
    )


def _queues(items: list[Message], at: float, action: str) -> pbx.QueuesListed:
    return pbx.QueuesListed(
        at,
        tuple(named(m.headers, "Queue") for m in items if m.event == "QueueParams"),
        tuple(member(m.headers, at) for m in items if m.event == "QueueMember"),
        tuple(_waiting(m.headers, at) for m in items if m.event == "QueueEntry"),
        action,
    )


def _waiting(h: Headers, at: float) -> pbx.WaitingCaller:
    return pbx.WaitingCaller(named(h, "Uniqueid"), named(h, "Queue"), at - whole(h, "Wait"), whole(h, "Position"))
