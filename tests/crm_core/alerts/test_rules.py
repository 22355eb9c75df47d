"""What rules of alerts cannot be, and which of them are judged."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.alerts.rules import AlertRules
from cti.kernel.errors import InvalidError
from cti.live.alarms import AlertRule
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

TWO_WAIT = AlertRule(id="two", kind="waiting", limit=2, clear_after=0)


@pytest.mark.parametrize(
    "rules",
    [
        (TWO_WAIT, TWO_WAIT),
        (msgspec.structs.replace(TWO_WAIT, quiet_from=3),),
        (msgspec.structs.replace(TWO_WAIT, clear_limit=3.0),),
    ],
)
async def test_what_cannot_be(crm: Crm, rules: tuple[AlertRule, ...]) -> None:
    with pytest.raises(InvalidError):
        await crm.alert_rules.put(SYSTEM, AlertRules(rules=rules))


async def test_one_that_is_out_of_use_is_not_judged(crm: Crm) -> None:
    idle = msgspec.structs.replace(TWO_WAIT, id="idle", active=False)
    await crm.alert_rules.put(SYSTEM, AlertRules(rules=(TWO_WAIT, idle)))
    assert crm.alert_rules.active() == (TWO_WAIT,)
