"""The vocabulary of flows: what happens in one, as data. `tests.pbx.play` performs it, `tests.pbx.flows` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.pbx.scenario import Caller, Step


@dataclass(frozen=True)
class Call:
    """Someone dials `number`; `who` is an outside number or an extension of ours."""

    who: str
    number: str
    steps: tuple[Step, ...]
    name: str = ""
    headers: tuple[str, ...] = ()

    @property
    def caller(self) -> Caller:
        return Caller(self.who, self.name, self.headers)


@dataclass(frozen=True)
class Until:
    """Goes on when AMI has said this event (values are file-name patterns), counted from the last one waited for."""

    event: str
    fields: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 20.0


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Act:
    """An AMI action. `{PJSIP/201}` in a value is that phone's newest live channel, `{first PJSIP/201}` its oldest."""

    action: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Refer:
    """The phone's REFER in its oldest call; with `replaces` it joins its newest call to it (attended transfer)."""

    phone: str
    to: str
    replaces: bool = True


Move = Call | Until | Wait | Act | Refer


@dataclass(frozen=True)
class Expected:
    """What a person watching would say of one call.

    talked: the phones (or trunk lines) that talked with the caller or the called, in order; results: how each phone
    that was rung ended; a `*` endpoint stands for whichever phone the queue chose.
    """

    direction: str
    outcome: str
    talked: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    transfers: tuple[str, ...] = ()
    hung_up_by: str = "caller"
    kind: str = "call"


@dataclass(frozen=True)
class Flow:
    """One flow: how the phones behave that are called, what is driven in order, and what is true of it afterwards."""

    name: str
    what: str
    phones: Mapping[str, tuple[Step, ...]]
    moves: tuple[Move, ...]
    calls: tuple[Expected, ...]


def until(event: str, seconds: float = 20.0, **fields: str) -> Until:
    return Until(event, fields, seconds)


def act(action: str, **headers: str) -> Act:
    return Act(action, headers)
