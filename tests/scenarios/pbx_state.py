"""What a PBX would answer at any moment of a recorded stream: channels, bridges, queue entries.

An oracle beside the product: it knows nothing of calls, only which channels are up. It writes the answers to
CoreShowChannels and QueueStatus as Asterisk does, for the tests in which the link was lost for a while.
"""

from __future__ import annotations

from tests.scenarios.recorded import blocks, event_of, header

_CHANNEL_EVENTS = frozenset((b"Newchannel", b"Newstate", b"NewCallerid", b"Newexten", b"BridgeEnter", b"BridgeLeave"))
_KEPT = (b"Channel", b"ChannelState", b"ChannelStateDesc", b"CallerIDNum", b"CallerIDName", b"Context", b"Exten",
         b"Priority", b"Uniqueid", b"Linkedid")  # fmt: skip
GREETING = (
    b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: l\r\nMessage: Authentication accepted\r\n\r\n"
)


class PbxState:
    """Fed blocks of a stream; ``answers`` is what the PBX would list now."""

    def __init__(self) -> None:
        self.channels: dict[bytes, dict[bytes, bytes]] = {}
        self.gone: set[bytes] = set()
        self.waiting: dict[bytes, tuple[bytes, float]] = {}
        self.now = 0.0

    def take(self, block: bytes) -> None:
        event = event_of(block)
        stamp = header(block, b"Timestamp")
        if stamp:
            self.now = max(self.now, float(stamp))
        uid = header(block, b"Uniqueid")
        if event in _CHANNEL_EVENTS:
            self._channel(event, block, uid)
        elif event == b"Rename":
            self.channels[uid][b"Channel"] = header(block, b"Newname")
        elif event == b"CoreShowChannel":
            self._channel(event, block, uid)  # up before the recording began
            for key in (b"BridgeId", b"Application", b"ApplicationData"):
                self.channels[uid][key] = header(block, key)
        elif event == b"Hangup":
            self.gone.add(uid)
            self.channels.pop(uid, None)
            self.waiting.pop(uid, None)
        elif event == b"QueueCallerJoin":
            self.waiting[uid] = (header(block, b"Queue"), self.now)
        elif event == b"QueueCallerLeave":
            self.waiting.pop(uid, None)

    def _channel(self, event: bytes, block: bytes, uid: bytes) -> None:
        if uid in self.gone:
            return  # Asterisk still tells things of a channel after its Hangup
        channel = self.channels.setdefault(uid, {b"BridgeId": b"", b"Application": b"", b"ApplicationData": b""})
        channel.update({key: header(block, key) for key in _KEPT})
        swapped = header(block, b"SwapUniqueid")
        if event == b"Newexten":
            channel[b"Application"] = header(block, b"Application")
            channel[b"ApplicationData"] = header(block, b"AppData")
        elif event == b"BridgeEnter":
            channel[b"BridgeId"] = header(block, b"BridgeUniqueid")
            if swapped in self.channels:
                self.channels[swapped][b"BridgeId"] = b""
        elif event == b"BridgeLeave":
            channel[b"BridgeId"] = b""

    def answers(self) -> bytes:
        """A new connection's greeting, log-in and the lists that are asked for after it."""
        stamp = b"Timestamp: %.6f\r\n" % self.now
        parts = [GREETING, b"Event: FullyBooted\r\nPrivilege: system,all\r\n" + stamp + b"Status: Fully Booted\r\n\r\n"]
        parts.append(b"Response: Success\r\nActionID: c\r\nEventList: start\r\nMessage: Channels will follow\r\n\r\n")
        for channel in self.channels.values():
            body = b"".join(b"%b: %b\r\n" % item for item in channel.items())
            parts.append(b"Event: CoreShowChannel\r\nActionID: c\r\n" + body + b"Duration: 00:00:01\r\n\r\n")
        parts.append(
            b"Event: CoreShowChannelsComplete\r\nActionID: c\r\nEventList: Complete\r\nListItems: %d\r\n\r\n"
            % len(self.channels)
        )
        for uid, (queue, joined) in self.waiting.items():
            parts.append(
                b"Event: QueueEntry\r\nQueue: %b\r\nPosition: 1\r\nUniqueid: %b\r\nWait: %d\r\nActionID: q\r\n\r\n"
                % (queue, uid, int(self.now - joined))
            )
        parts.append(
            b"Event: QueueStatusComplete\r\nActionID: q\r\nEventList: Complete\r\nListItems: %d\r\n\r\n"
            % len(self.waiting)
        )
        return b"".join(parts)


def with_gap(stream: bytes, lost_at: int, back_at: int) -> bytes:
    """The stream with blocks ``lost_at`` to ``back_at`` never received, and the PBX's answers after it."""
    parts = blocks(stream)
    state = PbxState()
    for part in parts[:back_at]:
        state.take(part)
    return b"".join(parts[:lost_at]) + state.answers() + b"".join(parts[back_at:])
