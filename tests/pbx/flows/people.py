"""Who calls whom in the flows, and the few ways of doing so that most of them share."""

from tests.pbx.moves import Call, act, until
from tests.pbx.scenario import Step, answer, bye, dial, ring, talk

MOBILE = "09121000101"
OTHER_MOBILE = "09121000102"
FAR = "09121112233"
FORWARDED = "09123334455"


def picks_up(after: float = 0.7, *then: Step) -> tuple[Step, ...]:
    """A phone that answers after a while, then does what is told, else stays until the other hangs up."""
    return (ring(after), answer(), *(then or (talk(),)))


def calls(number: str, *then: Step, who: str = MOBILE, name: str = "") -> Call:
    """Someone calls, and once answered does what is told, else talks for 3 s and hangs up."""
    return Call(who, number, (dial(), *(then or (talk(3), bye()))), name)


ORIGINATE = {
    "Context": "internal",
    "Priority": "1",
    "Timeout": "15000",
    "Async": "true",
    "CallerID": '"Agent 201" <201>',
}
CLICK = act("Originate", Channel="PJSIP/201", Exten=FAR, Variable="CTI_CLICK=c0ffee-1", **ORIGINATE)
TALKS_TO_201 = until("BridgeEnter", Channel="PJSIP/201-*")
INBOUND = "inbound"
OUTBOUND = "outbound"
INTERNAL = "internal"
