"""The recorded PBX rebuilt in the simulator, and people who do exactly what a test says.

Dialplan, queues and phones are those of ``tests/fixtures/ami/README.md``'s recordings.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from ami_listener.simulator.apps import APPS
from ami_listener.simulator.behaviour import Response, Talk
from ami_listener.simulator.channel import RING, Channel
from ami_listener.simulator.demo import our_contexts
from ami_listener.simulator.devices import Device
from ami_listener.simulator.dialplan import Dialplan, Step, run
from ami_listener.simulator.life import hang, start
from ami_listener.simulator.pbx import Pbx
from ami_listener.simulator.queues import Queue
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.transfers import do
from ami_listener.simulator.truth import SimCall

T = TypeVar("T")
EPOCH = 1_800_000_000.0
FOREVER = Talk(100_000.0, "near")
QUEUE_5000 = [
    Step("NoOp", "queue call"),
    Step("Answer"),
    Step("Set", "CHANNEL(language)=en"),
    Step("Set", "__CTI_DID=${EXTEN}"),
    Step("MixMonitor", "${UNIQUEID}.wav,b"),
    Step("Queue", "support,,,,30"),
    Step("Hangup"),
]
CONTEXTS = {
    "from-pstn": {
        "5000": QUEUE_5000,
        "5001": [Step("Dial", "PJSIP/201,20"), Step("Hangup")],
        "5002": [Step("Answer"), Step("Queue", "slow,,,,4"), Step("PlayTones", "busy")],
        "5003": [Step("Dial", "PJSIP/209,3"), Step("Hangup", "19")],
        "5004": [Step("Answer"), Step("Read", "DIGITS,,1,,1,5"), Step("Goto", "from-pstn,5000,1")],
        "5005": [Step("Answer"), Step("ConfBridge", "room1"), Step("Hangup")],
        "5006": [Step("Dial", "PJSIP/201&PJSIP/202&PJSIP/203,20"), Step("Hangup")],
        "5010": [Step("Dial", "PJSIP/201,3"), Step("VoiceMail", "201@default,u"), Step("Hangup")],
        "5011": [Step("Dial", "PJSIP/201,20,tTkK"), Step("Hangup")],
        "5012": [Step("Answer"), Step("MixMonitor", "${UNIQUEID}.wav,b"), Step("Queue", "sales,tT,,,30")],
        "5013": [Step("Answer"), Step("Queue", "second,tT,,,30")],
    },
    "internal": {
        "_2XX": [Step("Dial", "PJSIP/${EXTEN},20"), Step("Hangup")],
        "_0X.": [Step("Dial", "PJSIP/${EXTEN}@trunk,30"), Step("Hangup")],
        "_7XX": [Step("ParkedCall", "default,${EXTEN}")],
        "6001": [Step("Answer"), Step("ConfBridge", "room1")],
        "h": [Step("NoOp")],
    },
}


CONTEXTS |= our_contexts(CONTEXTS["internal"])


class Scripted:
    """``responses``: per device, what it does each time it is rung (the last one ever after); ``talk``: per
    pair of devices; ``stays``: seconds in voicemail or a conference, per device."""

    def __init__(
        self,
        responses: dict[str, list[Response]] | None = None,
        talks: dict[tuple[str, str], list[Talk]] | None = None,
        pressed: tuple[str, float] | None = None,
        stays: dict[str, float] | None = None,
    ) -> None:
        self._responses, self._talks = responses or {}, talks or {}
        self._pressed, self._stays = pressed, stays or {}

    def responds(self, leg: Channel, caller: Channel | None) -> Response:
        return self._next(self._responses.get(leg.endpoint, [Response("answer", 0.9, 0.001)]))

    def talks(self, near: Channel, far: Channel) -> Talk:
        return self._next(self._talks.get((near.endpoint, far.endpoint), [FOREVER]))

    def digit(self, channel: Channel) -> tuple[str, float] | None:
        return self._pressed

    def speaks(self, channel: Channel) -> float:
        return self._stays.get(channel.endpoint, 5.0)

    @staticmethod
    def _next(plans: list[T]) -> T:
        return plans.pop(0) if len(plans) > 1 else plans[0]


class Lab:
    """The recorded PBX with people who follow a script."""

    def __init__(self, people: Scripted | None = None) -> None:
        self.schedule = Schedule(EPOCH)
        self.truth: list[SimCall] = []
        self.pbx = Pbx(
            self.schedule,
            people or Scripted(),
            Dialplan(CONTEXTS, APPS),
            random.Random(1),
            books_to_file=True,
            finished=self.truth.append,
        )
        self.pbx.do = do
        self.pbx.add_device(Device("PJSIP/trunk", "", "", outside=True))
        for exten, title in (("201", "Agent 201"), ("202", "Agent 202"), ("203", "Agent 203"), ("209", "Never")):
            self.pbx.add_device(Device(f"PJSIP/{exten}", exten, title))
        self._queue("support", "rrmemory", 10.0, "201", "202", "203")
        self._queue("sales", "linear", 3.0, "201", "202")
        self._queue("second", "ringall", 10.0, "203")
        self._queue("slow", "ringall", 2.0, "209")
        self._stream: list[str] = []

    def _queue(self, name: str, strategy: str, ring_seconds: float, *extens: str) -> None:
        self.pbx.add_queue(Queue(name, strategy, ring_seconds), [self.pbx.devices[f"PJSIP/{e}"] for e in extens])

    def phone(self, exten: str) -> Device:
        return self.pbx.devices[f"PJSIP/{exten}"]

    def call_in(self, did: str, number: str = "09121000101", name: str = "", gives_up: float = 1e9) -> Channel:
        channel = self.pbx.create(self.phone("trunk"), RING, "from-pstn", did)
        channel.num, channel.cid_name, channel.ani, channel.dnid = number, name or number, number, did
        self.pbx.open_call(channel, "inbound", did)
        return self._begin(channel, gives_up)

    def call_from(self, exten: str, number: str, gives_up: float = 1e9) -> Channel:
        channel = self.pbx.create(self.phone(exten), RING, "internal", number)
        channel.ani, channel.dnid = exten, number
        outside = self.pbx.dialplan.leads_outside("internal", number)
        self.pbx.open_call(channel, "outbound" if outside else "internal", number)
        return self._begin(channel, gives_up)

    def _begin(self, channel: Channel, gives_up: float) -> Channel:
        self.pbx.announce(channel)
        self.pbx.set_variable(channel, "SIPDOMAIN", "127.0.0.1")
        self.schedule.call_in(gives_up, lambda: hang(self.pbx, channel))
        start(self.pbx, channel, run(self.pbx, channel))
        return channel

    def run(self, seconds: float = 200.0) -> None:
        self.schedule.run_until(self.schedule.now + seconds)

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        self.schedule.call_in(seconds, action)

    def live(self, device: str) -> Channel:
        """The newest channel of a device."""
        return list(self.phone(device).channels.values())[-1]

    @property
    def stream(self) -> bytes:
        """All that AMI said so far, after a greeting."""
        self._stream += [text for _, text in self.pbx.wire.drain()]
        return ("Asterisk Call Manager/11.0.0\r\n" + "".join(self._stream)).encode()
