"""Topics, permissions, snapshots, sequence numbers and a bounded queue per client: sans-I/O.

``feed`` publishes into it, ``web.push`` carries it over WebSocket. A message is encoded and framed
once and the same bytes go to every client of its topic. A topic may look different to different people: each such look
is a channel of its own, which the client knows by the topic's name alone. ``seq`` counts per topic, without gaps; a
client that falls behind is cut: its queue is thrown away, and when its line is free again it gets a
snapshot of each of its topics instead of the past.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

MAX_TOPICS = 64
"""Topics that one client may hold; more are refused."""
SLICE = 50
"""Clients that are told the time at once."""
QUEUE_BYTES = 512 * 1024
"""What may wait for one client before it is cut."""


class Hello(msgspec.Struct, frozen=True):
    """What a client says: the topics it wants from now on, and the last ``seq`` that it saw of each."""

    topics: list[str]
    type: str = "hello"
    token: str | None = None
    after: dict[str, int] = {}


class Client:
    """One connected screen. ``wake`` is called when something waits for it; ``actor`` is who watches."""

    __slots__ = ("actor", "cut", "queue", "size", "topics", "wake")

    def __init__(self, wake: Callable[[], None], actor: object) -> None:
        self.wake = wake
        self.actor = actor
        self.topics: dict[str, str] = {}  # topic -> the channel that this client gets it on
        self.queue: deque[bytes] = deque()
        self.size = 0
        self.cut = False


class _Channel:
    __slots__ = ("clients", "seq", "snapshot", "topic")

    def __init__(self, topic: str, seq: int) -> None:
        self.topic = topic
        self.seq = seq
        self.clients: set[Client] = set()
        self.snapshot: bytes | None = None  # framed, valid for this seq


def _nothing() -> None:
    return


class Hub:
    """``snapshot(channel)`` gives a channel's whole state, None if there is none; it may publish first what
    is still untold. ``allowed(actor, topic)`` decides who may watch, ``channel(actor, topic)`` which look of it he gets
    (by default there is one, called like the topic). ``frame`` wraps an encoded message
    for the wire. Numbers begin at ``first_seq``, by default a random one: a browser that comes back to a
    restarted product must not take its old number for the present one.
    """

    def __init__(
        self,
        snapshot: Callable[[str], Any],
        allowed: Callable[[object, str], bool],
        frame: Callable[[bytes], bytes] = bytes,
        first_seq: int | None = None,
        queue_bytes: int = QUEUE_BYTES,
        channel: Callable[[object, str], str] = lambda _actor, topic: topic,
    ) -> None:
        self._snapshot = snapshot
        self._allowed = allowed
        self._channel = channel
        self._frame = frame
        self._floor = secrets.randbits(40) if first_seq is None else first_seq
        self._queue_bytes = queue_bytes
        self._channels: dict[str, _Channel] = {}
        self._encode = msgspec.json.Encoder().encode
        self._hello = msgspec.json.Decoder(Hello).decode
        self.clients: set[Client] = set()
        self.settle: Callable[[], None] = _nothing
        """Called when a burst is over: what waits is better written now than after whatever else has to be done."""
        self.published = 0
        self.cuts = 0

    def join(self, wake: Callable[[], None], actor: object = None) -> Client:
        client = Client(wake, actor)
        self.clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        self.clients.discard(client)
        for name in tuple(client.topics):
            self._drop(client, name)

    def become(self, client: Client, actor: object) -> None:
        """From now on ``actor`` watches (the same user with other rights): what he may no longer see ends, what waits
        for him is thrown away, and the rest begins anew."""
        topics = tuple(client.topics)
        self.watch(client, ())
        client.queue.clear()
        client.size, client.cut, client.actor = 0, False, actor
        self.watch(client, topics)

    def watched(self, channel: str) -> bool:
        return channel in self._channels

    def watching(self, prefix: str) -> bool:
        """True if somebody watches a channel whose name begins so."""
        return any(name.startswith(prefix) for name in self._channels)

    def receive(self, client: Client, message: str | bytes) -> None:
        """A message of a client; one that cannot be read is answered, never raised."""
        try:
            hello = self._hello(message)
        except (msgspec.DecodeError, UnicodeError):
            self._tell(client, {"type": "error", "reason": "unreadable"})
            return
        if hello.type != "hello":
            self._tell(client, {"type": "error", "reason": "unknown type"})
            return
        self.watch(client, hello.topics, hello.after)

    def watch(self, client: Client, topics: Iterable[str], after: dict[str, int] | None = None) -> None:
        """From now on ``client`` watches exactly ``topics``; each that it does not have yet starts with a
        snapshot, unless ``after`` says that it is up to date."""
        wanted = list(dict.fromkeys(topics))
        for name in client.topics.keys() - set(wanted):
            self._drop(client, name)
        for name in wanted:
            if name not in client.topics:
                self._add(client, name, (after or {}).get(name))

    def publish(self, channel: str, data: Any) -> None:
        """Tell everybody on ``channel``; costs nothing where nobody is."""
        known = self._channels.get(channel)
        if known is None:
            return
        known.seq += 1
        known.snapshot = None
        self.published += 1
        frame = self._message("event", known.topic, known.seq, data)
        for client in known.clients:
            self._push(client, frame)

    def beat(self, at: str, only: Client | None = None) -> None:
        """Tell every client (or one that just came) the time, so that it knows how fresh its picture is."""
        for _ in self.beats(at, (only,) if only else None):
            pass

    def beats(self, at: str, only: Iterable[Client] | None = None) -> Iterator[None]:
        """The same, some clients at a time: thousands at once would hold up whatever rings in that moment."""
        frame = self._frame(self._encode({"type": "beat", "at": at}))
        for number, client in enumerate(tuple(self.clients if only is None else only), 1):
            if only is not None or client in self.clients:
                self._push(client, frame)
            if number % SLICE == 0:
                yield

    def take(self, client: Client) -> bytes:
        """All that waits for ``client``, to be written now; snapshots if it was cut."""
        if client.cut:
            frames = [self._snapshot_frame(client.topics[name]) for name in sorted(client.topics)]
            client.cut = False
            return b"".join(frames)
        data = b"".join(client.queue)
        client.queue.clear()
        client.size = 0
        return data

    def _add(self, client: Client, name: str, after: int | None) -> None:
        if len(client.topics) >= MAX_TOPICS or not self._allowed(client.actor, name):
            self._tell(client, {"type": "error", "topic": name, "reason": "forbidden"})
            return
        key = self._channel(client.actor, name)
        channel = self._channels.get(key)
        if channel is None:
            self._floor += 1
            channel = self._channels[key] = _Channel(name, self._floor)
        frame = self._snapshot_frame(key)  # may publish: take it before this client listens
        if after != channel.seq:
            self._push(client, frame)
        client.topics[name] = key
        channel.clients.add(client)

    def _drop(self, client: Client, name: str) -> None:
        key = client.topics.pop(name)
        channel = self._channels[key]
        channel.clients.discard(client)
        if not channel.clients:
            # Nobody counts any more: whoever comes back must not take an old number for the present one.
            self._floor = max(self._floor, channel.seq)
            del self._channels[key]

    def _snapshot_frame(self, key: str) -> bytes:
        data = self._snapshot(key)
        channel = self._channels[key]
        if channel.snapshot is None:
            channel.snapshot = self._message("snapshot", channel.topic, channel.seq, data)
        return channel.snapshot

    def _message(self, kind: str, topic: str, seq: int, data: Any) -> bytes:
        return self._frame(self._encode({"type": kind, "topic": topic, "seq": seq, "data": data}))

    def _tell(self, client: Client, message: dict[str, Any]) -> None:
        self._push(client, self._frame(self._encode(message)))

    def _push(self, client: Client, frame: bytes) -> None:
        if client.cut:
            return
        if client.size + len(frame) > self._queue_bytes and client.queue:
            client.queue.clear()
            client.size = 0
            client.cut = True
            self.cuts += 1
            return
        self._queue(client, frame)

    def _queue(self, client: Client, frame: bytes) -> None:
        first = not client.queue
        client.queue.append(frame)
        client.size += len(frame)
        if first:
            client.wake()
