"""The rules of the figures as somebody has made them: formulas, targets and thresholds of each queue.

What happened is kept as facts, so other rules count the past anew. Neighbours: ``cti.live.figures`` says what the
rules mean, ``cti.live.today`` goes by them, ``web.pages.figures`` shows them.
"""

from __future__ import annotations

from crm_core.figures.model import figure_rules
from crm_core.rules import RuleStore
from cti.kernel.errors import N_, InvalidError
from cti.live.figures import ANY_QUEUE, FigureRules, Threshold

ROW = "figures"
MOST_QUEUES = 500


class FiguresRules(RuleStore[FigureRules]):
    """Seen with live.view or figures.manage, written with figures.manage."""

    table, row, first = figure_rules, ROW, FigureRules()
    view, manage = ("live.view", "figures.manage"), "figures.manage"

    def check(self, rules: FigureRules) -> None:
        names = [one.queue for one in rules.queues]
        if len(set(names)) < len(names):
            raise InvalidError(N_("A queue stands there twice."))
        if len(names) > MOST_QUEUES:
            raise InvalidError(N_("There are too many of them."))
        if ANY_QUEUE not in names:
            raise InvalidError(N_("There has to be a rule for all other queues."))
        if any(ord(letter) < 32 for name in names for letter in name):
            raise InvalidError(N_("A queue's name is one line of text."))
        limits: tuple[Threshold, ...] = (rules.talk, rules.pause, *(one.wait for one in rules.queues))
        if any(one.warn > one.bad for one in limits):
            raise InvalidError(N_("What is bad has to be longer than what is a warning."))
