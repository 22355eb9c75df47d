"""``/api/v1/alerts``: what is wrong now and was lately, who takes it; ``/api/v1/alert-rules``: when it is said.

Who may not see every call is told what concerns his teams. The open ones are pushed: ``screenpop.alerts``.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.alerts.rules import MOST_RULES, AlertRules
from crm_core.alerts.service import MOST_TOLD
from cti.live.alarms import Alert, AlertRule
from web.api.operation import Asked, Operation
from web.api.schema import as_json, ref, whole_list


class AlertQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``open``: only those that are not over. ``limit``: how many of the newest."""

    open: bool = False
    limit: Annotated[int, Meta(ge=1, le=MOST_TOLD)] = 50


class AlertRulesWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rules as they shall be. ``version``: the one that was read."""

    rules: Annotated[tuple[AlertRule, ...], Meta(max_length=MOST_RULES)]
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


async def _all(asked: Asked) -> dict[str, Any]:
    alerts, wanted = asked.services.crm.alerts, asked.query
    found = alerts.open(asked.actor) if wanted.open else await alerts.history(asked.actor, wanted.limit)
    return {"items": [as_json(one) for one in found[: wanted.limit]], "next": None}


async def _take(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.alerts.take(asked.actor, asked.place("id")))


async def _rules(asked: Asked) -> AlertRules:
    return await asked.services.crm.alert_rules.get(asked.actor)


async def _put(asked: Asked) -> AlertRules:
    body = asked.body(AlertRulesWriting)
    return await asked.services.crm.alert_rules.put(asked.actor, AlertRules(rules=body.rules, version=body.version))


SEE, ACT, MANAGE = "live.view", "live.act", "alerts.manage"
ALERTS: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/alerts", "listAlerts", "The newest alerts, or those that are open",
              whole_list(ref(Alert)), _all, query=AlertQuery, permission=SEE),
    Operation("POST", "/api/v1/alerts/{id}/take", "takeAlert", "I see to an open alert", ref(Alert), _take,
              permission=ACT, places=(("id", "The alert's id"),), problems=(400, 404, 409)),
    Operation("GET", "/api/v1/alert-rules", "getAlertRules", "Of what is warned, and when", ref(AlertRules), _rules,
              permission=f"{SEE}|{MANAGE}"),
    Operation("PUT", "/api/v1/alert-rules", "putAlertRules", "Write all of these rules", ref(AlertRules), _put,
              body=AlertRulesWriting, permission=MANAGE, problems=(400, 409)),
)  # fmt: skip
