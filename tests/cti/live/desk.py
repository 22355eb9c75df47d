"""Facts said briefly, for tests of single modules: a tracker, a clock, and one method a fact."""

from __future__ import annotations

from cti.live import pbx
from cti.live.call import Call, Channel
from cti.live.errands import Errand
from cti.live.pbx import ChannelName, ChannelState, ListedChannel
from cti.live.profile import Profile, ProfileSettings
from cti.live.record import CallRecord
from cti.live.tracker import Tracker

T0 = 1_800_000_000.0
SETTINGS = ProfileSettings(extensions=r"^2\d\d$", trunks="^trunk", area_code="021")


def chan(device: str) -> ChannelName:
    """``trunk`` or ``201``, a Local half as ``q;1``, an announcer as ``CBAnn``."""
    if ";" in device:
        name = f"Local/{device}"
        return ChannelName(name, "Local/q", "q", f"Local/{device[:-2]}", False)
    return ChannelName(f"PJSIP/{device}-1", f"PJSIP/{device}", device, None, device.startswith("CB"))


class Desk:
    """Channels are named by their unique id, whose linkedid is ``1.0`` unless said otherwise."""

    def __init__(self, settings: ProfileSettings = SETTINGS) -> None:
        self.tracker = Tracker("main", Profile(settings))
        self.at = T0
        self._names: dict[str, tuple[ChannelName, str]] = {}

    @property
    def board(self):  # type: ignore[no-untyped-def]
        return self.tracker.board

    def wait(self, seconds: float) -> Desk:
        self.at += seconds
        return self

    def say(self, fact: pbx.Fact) -> Desk:
        self.tracker.apply(fact)
        return self

    def _of(self, uid: str) -> tuple[str, str, ChannelName]:
        name, linkedid = self._names[uid]
        return uid, linkedid, name

    def born(self, uid: str, device: str, state: ChannelState = "ring", linkedid: str = "1.0", number: str = "",
             exten: str = "s", name: str = "") -> Desk:  # fmt: skip
        self._names[uid] = (chan(device), linkedid)
        return self.say(pbx.ChannelCreated(self.at, uid, linkedid, chan(device), state, number, name, exten))

    def dial(self, source: str | None, uid: str, device: str, exten: str = "", linkedid: str = "1.0",
             errand: Errand = "") -> Desk:  # fmt: skip
        self.born(uid, device, "down", linkedid)
        return self.say(pbx.DialStarted(self.at, source, exten, *self._of(uid), device, errand))

    def dialled(self, uid: str, status: str, forward: str = "") -> Desk:
        return self.say(pbx.DialEnded(self.at, None, uid, status, forward))

    def state(self, uid: str, state: ChannelState) -> Desk:
        return self.say(pbx.ChannelStateChanged(self.at, *self._of(uid), state))

    def enter(self, bridge: str, *uids: str, holding: bool = False, swap: str | None = None,
              errand: Errand = "") -> Desk:  # fmt: skip
        for uid in uids:
            self.say(pbx.BridgeEntered(self.at, *self._of(uid), bridge, holding, swap, errand))
        return self

    def leave(self, bridge: str, *uids: str, exten: str = "", errand: Errand = "") -> Desk:
        for uid in uids:
            self.say(pbx.BridgeLeft(self.at, *self._of(uid), bridge, exten, errand))
        return self

    def talk(self, *uids: str, bridge: str = "b") -> Desk:
        for uid in uids:
            self.state(uid, "up")
        return self.enter(bridge, *uids)

    def asked(self, uid: str, by_device: bool = True) -> Desk:
        return self.say(pbx.HangupAsked(self.at, *self._of(uid), by_device))

    def gone(self, *uids: str, cause: int = 16) -> Desk:
        for uid in uids:
            self.say(pbx.ChannelHungUp(self.at, *self._of(uid), cause))
        return self

    def hold(self, uid: str) -> Desk:
        return self.say(pbx.HoldStarted(self.at, *self._of(uid)))

    def unhold(self, uid: str) -> Desk:
        return self.say(pbx.HoldEnded(self.at, *self._of(uid)))

    def joins_queue(self, uid: str, queue: str = "support", exten: str = "") -> Desk:
        return self.say(pbx.QueueJoined(self.at, *self._of(uid), queue, 1, exten))

    def listed(self, *uids: str, bridge: str | None = None, state: ChannelState = "up") -> Desk:
        items = tuple(ListedChannel(*self._of(uid), state, "", "", "", bridge, "", "", None) for uid in uids)
        return self.say(pbx.ChannelsListed(self.at, items))

    def call_in(self, exten: str = "5001", seconds: float = 10.0) -> Desk:
        """``1.0`` called in, 201 (``1.1``) answered after 2 s; they talk."""
        self.born("1.0", "trunk", number="09121112233", exten=exten)
        self.dial("1.0", "1.1", "201", exten).wait(2)
        return self.talk("1.0", "1.1").wait(seconds)

    def channel(self, uid: str) -> Channel:
        found: Channel = self.board.channels[uid]
        return found

    def call(self, linkedid: str = "1.0") -> Call:
        found = self.board.call_of(linkedid)
        assert found is not None
        return found  # type: ignore[no-any-return]

    def ended(self) -> CallRecord:
        """The one call that has ended."""
        (record,) = self.tracker.take_records()
        return record
