"""Every channel, bridge and call of one PBX, and which of them belong together.

A call is the transitive closure over linkedid and uniqueid: a fact that shows a channel under another
call's linkedid makes the two one; the older id stays. This module only keeps the books; what facts mean
is in ``life``, ``talk``, ``moves`` and ``resync``.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from cti.live import events, pbx
from cti.live.call import Bridge, Call, Channel, ChannelKind, Stimulus
from cti.live.directory import DirectoryBook
from cti.live.errands import SPIES
from cti.live.linkedids import older
from cti.live.profile import Profile
from cti.live.queues import QueueBook
from cti.live.steady import SteadyTime

GRACE_SECONDS = 5.0
"""An ended call can still be amended by late facts for this long (OriginateResponse after Hangup, for one)."""
MOST_CHANNELS = 100_000
"""Channels kept at once; beyond it the one heard of first is given up. No Asterisk carries a tenth of it."""
MOST_LINKEDIDS = 1000
"""Linkedids of one call; each stands for a call that became part of it."""

Handler = Callable[["Board", Any], None]
"""What a fact does to the books; each module has its own table of them."""


class Suspect:
    """A channel of which a list says something else than we believe: ``item`` what it says, None that it is gone.

    What is still on its way to us may explain it; the list is believed only if nothing is heard of the channel after
    the fact ``seen_no``, until ``due`` (None: the time has not begun to run), ``grace`` seconds later."""

    __slots__ = ("due", "grace", "item", "seen_no")

    def __init__(self, seen_no: int, item: pbx.ListedChannel | None, grace: float) -> None:
        self.seen_no = seen_no
        self.item = item
        self.grace = grace
        self.due: float | None = None


class Board:
    """The books of one PBX. ``pbx`` is its name and keeps the unique ids of several apart."""

    def __init__(self, pbx_name: str, profile: Profile) -> None:
        self.pbx = pbx_name
        self.profile = profile
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, Call] = {}
        self.bridges: dict[str, Bridge] = {}
        self.queues = QueueBook(pbx_name, self._call_id)
        self.directory = DirectoryBook(pbx_name, profile)
        self.oddities: Counter[str] = Counter()
        self.suspects: dict[str, Suspect] = {}
        self.settle_at = float("inf")
        self.time = SteadyTime()
        self.facts = 0
        self.lists: OrderedDict[str, int] = OrderedDict()
        self.gone: OrderedDict[str, None] = OrderedDict()
        self.gap: float | None = None
        self.gap_no = 0  # the last fact before it
        self.listed = False
        self.list_broken = False
        self.resync_wanted: str | None = None
        self.dirty: dict[str, Call] = {}
        self.finished: dict[str, Call] = {}
        self.merges: list[events.CallMerged] = []
        self.orders: list[events.OrderEnded | events.SpyChanged] = []
        self._by_linkedid: dict[str, Call] = {}
        self._pairs: dict[str, Channel] = {}
        self._ended: OrderedDict[str, Call] = OrderedDict()

    @property
    def now(self) -> float:
        """The latest time that a fact told, epoch seconds."""
        return self.time.now

    def channel(self, uid: str, linkedid: str, chan: pbx.ChannelName, at: float) -> Channel:
        """The channel, made known if it was not, with its linkedid brought up to date."""
        channel = self.channels.get(uid)
        if channel is None:
            channel = self._add(uid, linkedid, chan, at)
            if uid.startswith(SPIES):
                self.mark_spy(channel)
        elif channel.linkedid != linkedid and channel.ended_at is None:
            self.relink(channel, linkedid)
        channel.seen_at = at
        channel.seen_no = self.facts
        return channel

    def living(self, uid: str, linkedid: str, chan: pbx.ChannelName, at: float) -> Channel | None:
        """As ``channel``, but None (and odd) if it has ended: nothing more can happen to it."""
        known = self.channels.get(uid)
        if known is not None and known.ended_at is not None:
            self.odd("word of an ended channel")
            return None
        return self.channel(uid, linkedid, chan, at)

    def known(self, uid: str, linkedid: str, at: float) -> Channel | None:
        """The channel if it is up, with its linkedid brought up to date. What comes when a channel goes, or after it
        (NewCallerid does), must not call one into being."""
        channel = self.channels.get(uid)
        if channel is None or channel.ended_at is not None:
            return None
        if channel.linkedid != linkedid:
            self.relink(channel, linkedid)
        channel.seen_at = at
        channel.seen_no = self.facts
        return channel

    def _add(self, uid: str, linkedid: str, chan: pbx.ChannelName, at: float) -> Channel:
        if len(self.channels) >= MOST_CHANNELS:
            self._give_up_one()
        channel = Channel(uid, linkedid, chan, self.kind(chan), at)
        channel.unseen = self.listed or self.gap is not None  # until its birth is told
        self.channels[uid] = channel
        if chan.pair:
            self._pair(channel, chan.pair)
        call = self._by_linkedid.get(linkedid)
        if call is None:
            call = self._new_call(linkedid, at)
        channel.call = call
        call.channels.append(channel)
        call.live += 1
        self.touch(call)
        return channel

    def _give_up_one(self) -> None:
        """Make room: too many channels for them to be true. The PBX is asked what there is."""
        self.odd("more channels than can be")
        self.resync_wanted = "more channels than can be"
        oldest = next(iter(self.channels.values())).call
        if oldest is not None:
            self._ended.pop(oldest.id, None)
            for book in (self.dirty, self.finished):
                book.pop(oldest.id, None)
            self._drop(oldest)

    def kind(self, chan: pbx.ChannelName) -> ChannelKind:
        """``phone``, ``trunk``, ``local`` or ``other``."""
        if chan.pair or chan.name.startswith("Local/"):
            return "local"
        return "other" if chan.technical else self.profile.kind(chan.endpoint)

    def _pair(self, channel: Channel, pair: str) -> None:
        other = self._pairs.pop(pair, None)
        if other is None or other.ended_at is not None or other.chan.name == channel.chan.name:
            self._pairs[pair] = channel
        else:
            channel.pair, other.pair = other, channel

    def _new_call(self, linkedid: str, at: float) -> Call:
        call = Call(f"{self.pbx}-{linkedid}", linkedid, at)
        self.calls[call.id] = call
        self._by_linkedid[linkedid] = call
        return call

    def _call_id(self, uid: str) -> str | None:
        channel = self.channels.get(uid)
        return channel.call.id if channel is not None and channel.call is not None else None

    def call_of(self, linkedid: str) -> Call | None:
        """The call that this linkedid belongs to, if it is known."""
        return self._by_linkedid.get(linkedid)

    def mark_spy(self, channel: Channel) -> None:
        """A supervisor listens on this channel: its call is no conversation of its own."""
        channel.spy = True
        if channel.call is not None:
            channel.call.spied = True
            self.touch(channel.call)

    def touch(self, call: Call | None) -> None:
        """Something in ``call`` changed: it will be told."""
        if call is None:
            return
        if call.live:
            self.dirty[call.id] = call
        else:
            self.finished[call.id] = call

    def odd(self, what: str) -> None:
        """Count what should not be; metrics show it."""
        self.oddities[what] += 1

    def move(
        self, channel: Channel, stimulus: Stimulus, at: float, joined: bool = False, outside: bool = False
    ) -> None:
        """Change a channel's state, counting what the table does not know."""
        before = channel.state
        if not channel.move(stimulus, at, joined, outside):
            self.odd(f"{before}+{stimulus}")
        self.touch(channel.call)

    # --- two calls become one

    def relink(self, channel: Channel, linkedid: str) -> None:
        """The channel goes under another linkedid: its call and that of the linkedid are one."""
        channel.linkedid = linkedid
        own = channel.call
        other = self._by_linkedid.get(linkedid)
        if own is None or other is own:
            return
        if other is None:
            self._also_known_as(own, linkedid)
        else:
            self.merge(own, other)

    def _also_known_as(self, call: Call, linkedid: str) -> None:
        if len(call.linkedids) >= MOST_LINKEDIDS:
            self.odd("more linkedids than a call can have")
            return
        call.linkedids.append(linkedid)
        self._by_linkedid[linkedid] = call

    def merge(self, a: Call, b: Call) -> Call:
        """Two calls are one: the older id stays, everything of the younger moves."""
        into, gone = (a, b) if older(a.linkedid, b.linkedid) else (b, a)
        for linkedid in gone.linkedids:
            self._by_linkedid[linkedid] = into
        for channel in gone.channels:
            channel.call = into
        into.absorb(gone)
        for book in (self.calls, self.dirty, self.finished, self._ended):
            book.pop(gone.id, None)
        if gone.told:
            self.merges.append(events.CallMerged(self.now, gone.id, into.id))
        self.touch(into)
        return into

    # --- the end

    def unpair(self, channel: Channel) -> None:
        """A Local half is gone: its name may come again after a restart."""
        if channel.chan.pair and self._pairs.get(channel.chan.pair) is channel:
            del self._pairs[channel.chan.pair]

    def finish(self, call: Call, at: float) -> None:
        """The last channel of ``call`` is gone."""
        call.ended_at = max((c.ended_at or at for c in call.channels if c.party), default=at)
        call.over_at = self.now
        self.dirty.pop(call.id, None)
        self.finished[call.id] = call
        self._ended[call.id] = call

    def forget(self) -> None:
        """Drop ended calls that no late fact can amend any more."""
        while self._ended:
            call = next(iter(self._ended.values()))
            if not call.live and 0.0 <= self.now - call.over_at < GRACE_SECONDS:
                return
            self._ended.popitem(last=False)
            if not call.live:
                self._drop(call)

    def _drop(self, call: Call) -> None:
        for linkedid in call.linkedids:
            if self._by_linkedid.get(linkedid) is call:
                del self._by_linkedid[linkedid]
        for channel in call.channels:
            if self.channels.get(channel.uid) is channel:
                del self.channels[channel.uid]
            self.suspects.pop(channel.uid, None)
            self.unpair(channel)
            channel.let_go()
        self.calls.pop(call.id, None)
