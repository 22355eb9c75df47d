"""Orders survive the way to the reading process."""

from __future__ import annotations

from crm_core.exchange.convert import Plan
from crm_core.exchange.frames import Failed, Order, decode_frame, decode_order, encode
from crm_core.exchange.rows import Choices, Limits
from crm_core.fields.model import Choice, FieldDef


def test_an_order() -> None:
    field = FieldDef(id="1", kind="person", name="a", type="choice", choices=(Choice("x", "ی"),))
    plan = Plan(mapping=("name", ""), fields=(field,), tags=("ب",), match_by=("mail",))
    order = Order(task="read", path="/a b/پ", choices=Choices(header=0), limits=Limits(), plan=plan, after=3)
    assert decode_order(encode(order)) == order


def test_a_failure() -> None:
    assert decode_frame(encode(Failed("x %(count)s", {"count": 3}))) == Failed("x %(count)s", {"count": 3})
