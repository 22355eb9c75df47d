"""What rules of figures cannot be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cti.kernel.errors import InvalidError
from cti.live.figures import FigureRules, QueueRule, Threshold
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

ALL, VIP = QueueRule(queue="*"), QueueRule(queue="vip", threshold_seconds=10.0, service_level="cisco_positive")


@pytest.mark.parametrize(
    "wrong",
    [
        {"queues": (VIP,)},
        {"queues": (ALL, VIP, VIP)},
        {"queues": (ALL, QueueRule(queue="a\nb"))},
        {"queues": (ALL, *(QueueRule(queue=f"q{n}") for n in range(500)))},
        {"talk": Threshold(60.0, 30.0)},
        {"queues": (QueueRule(queue="*", wait=Threshold(60.0, 59.0)),)},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
async def test_what_cannot_be_is_refused(crm: Crm, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        await crm.figure_rules.put(SYSTEM, msgspec.structs.replace(FigureRules(), **wrong))
    assert (await crm.figure_rules.get(SYSTEM)).version == 0
