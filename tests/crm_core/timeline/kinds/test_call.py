"""A call between colleagues or with somebody who withheld his number is nobody's; an outbound one is whom we called."""

from __future__ import annotations

from crm_core.timeline.kinds.call import facts_of, key_of
from cti.live.record import Number
from tests.crm_core.timeline.people import MOBILE, call


def test_call() -> None:
    one = call(1)
    assert key_of(one) == MOBILE
    assert key_of(call(1, None)) is None
    assert key_of(call(1, direction="internal")) is None
    out = call(1, direction="outbound", dialled=Number("+982188712340", "02188712340"))
    assert key_of(out) == "+982188712340"
    facts = facts_of(out)
    assert (facts.number, facts.agents, facts.recordings) == ("+982188712340", (("PJSIP/201", "201"),), 1)
