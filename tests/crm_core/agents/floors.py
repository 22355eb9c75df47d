"""An agent at phone 201 of the PBX `main`, with calls and queues of plain structs."""

from __future__ import annotations

from crm_core.agents.floor import Floor
from crm_core.agents.model import QueueWrap, Rules
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.control.fake import FakePbx
from cti.control.phones import PhoneAt
from cti.kernel.clock import ManualClock
from cti.live.events import LegState, LiveCall, LiveLeg, PbxLinkChanged, QueueChanged, QueueMember
from cti.live.record import Caller, CallRecord, Leg, LegResult, Number, QueueWait

T = 1_795_000_000.0
PHONE = "PJSIP/201"
USER = "u1"


def place(user: str = USER, extension: str = "201", pbx: str = "main") -> Place:
    return Place(user, user, (extension,), (PhoneAt(pbx, f"PJSIP/{extension}", extension, True),))


def leg(
    state: LegState, *, answered: bool = False, result: LegResult | None = None, extension: str = "201", uid: str = "2"
) -> tuple[Leg, LiveLeg]:
    """One phone of ours that was rung, as the record and the live view have it."""
    name = f"PJSIP/{extension}"
    at = T if answered else None
    end = T if state == "ended" else None
    return (
        Leg(uid, "callee", name, extension, T, at, end, result or ("answered" if answered else None), 1, 0, 0, 0),
        LiveLeg(uid, f"{name}-1", name, extension, state, T),
    )


def call(
    *legs: tuple[Leg, LiveLeg], id: str = "main-1", queue: str | None = "sales", direction: str = "inbound"
) -> LiveCall:
    record = CallRecord(
        id=id, pbx="main", kind="call", linkedid="1", linkedids=("1",), direction=direction,  # type: ignore[arg-type]
        caller=Caller("+989121112233", "09121112233", None), dialled=Number(None, "5000"), queue=queue,
        queue_waits=(QueueWait(queue, None, False, T),) if queue else (), started_at=T, answered_at=None, ended_at=None,
        wait_seconds=0.0, talk_seconds=0.0, hold_seconds=0.0, duration_seconds=None, outcome=None, hung_up_by=None,
        legs=tuple(one for one, _ in legs), transfers=(), recordings=(), digits=None, conference=None, provisional=True,
    )  # fmt: skip
    return LiveCall(record, "talking", T, tuple(live for _, live in legs))


def member(
    interface: str = PHONE, *, paused: bool = False, reason: str | None = None, dynamic: bool = False
) -> QueueMember:
    return QueueMember(interface, interface, 1, paused, reason, False, dynamic)


def queue(name: str, *members: QueueMember) -> QueueChanged:
    return QueueChanged("main", T, name, 0, members)


def floor(clock: ManualClock, **rules: object) -> Floor:
    """With one agent at his phone, a PBX that is up, and the queues sales (he is a static member) and support."""
    kept = Rules(wraps=(QueueWrap(queue="*"),), **rules)  # type: ignore[arg-type]
    made = Floor(clock, lambda: kept, lambda user: user, "en")
    made.presets = {"main": "plain"}
    made.driver.pbxs = {"main": FakePbx(queues={"sales": {PHONE}, "support": set()})}
    for event in (
        PbxLinkChanged("main", T, True, ""),
        PeopleAtPhones({}, (place(),)),
        queue("sales", member()),
        queue("support"),
    ):
        made.take(event)
    return made
