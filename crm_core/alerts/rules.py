"""The rules of alerts as somebody has made them.

Neighbours: ``cti.live.alarms`` says what a rule means, ``service`` goes by them, ``web.pages.alerts`` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from crm_core.alerts.model import alert_rules
from crm_core.rules import RuleStore
from cti.kernel.errors import N_, InvalidError
from cti.live.alarms import RULES, AlertRule

MOST_RULES = 100


class AlertRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules. ``version``: the one that was read."""

    rules: Annotated[tuple[AlertRule, ...], Meta(max_length=MOST_RULES)] = RULES
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class AlertsRules(RuleStore[AlertRules]):
    """Seen with live.view or alerts.manage, written with alerts.manage."""

    table, row, first = alert_rules, "alerts", AlertRules()
    view, manage = ("live.view", "alerts.manage"), "alerts.manage"

    def active(self) -> tuple[AlertRule, ...]:
        """Those that are judged (for the product's own use)."""
        return tuple(rule for rule in self.now.rules if rule.active)

    def check(self, rules: AlertRules) -> None:
        ids = [one.id for one in rules.rules]
        if len(set(ids)) < len(ids):
            raise InvalidError(N_("Two rules have the same id."))
        if any((one.quiet_from is None) != (one.quiet_to is None) for one in rules.rules):
            raise InvalidError(N_("Quiet hours need a beginning and an end."))
        if _trembling(rules.rules):
            raise InvalidError(N_("The limit at which an alert is over has to lie on the good side of the other."))


def _trembling(rules: Iterable[AlertRule]) -> bool:
    return any(
        one.clear_limit is not None and one.over(one.clear_limit) and one.clear_limit != one.limit for one in rules
    )
