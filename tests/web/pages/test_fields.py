"""Fields are defined on a page; what is refused comes back as it was typed, with the reason."""

from __future__ import annotations

import pytest

from crm_core.fields.model import Choice
from tests.web.conftest import Stage
from web.pages.fields import read_choices

GOLD = {
    "kind": "person",
    "type": "choice",
    "name": "level",
    "fa": "سطح",
    "en": "Level",
    "choices": "gold | طلایی | Gold\nbronze",
}


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("gold | طلایی | Gold", (Choice("gold", "طلایی", "Gold"),)),
        ("آبی\n\n  قرمز ", (Choice("آبی", "آبی"), Choice("قرمز", "قرمز"))),
        (" | x", ()),
        ("a|b|c|d", (Choice("a", "b", "c"),)),
    ],
)
def test_choices_are_typed_a_line_each(text: str, choices: tuple[Choice, ...]) -> None:
    assert read_choices(text) == choices


async def test_a_field_is_added_changed_and_moved(on_stage: Stage) -> None:
    assert (await on_stage.send("POST", "/admin/fields", data=GOLD))[0] == 303
    await on_stage.send("POST", "/admin/fields", data=GOLD | {"name": "second", "fa": "دوم"})
    first, second = await on_stage.services.crm.fields.defined("person")
    assert (first.name, [one.value for one in first.choices]) == ("level", ["gold", "bronze"])
    text = await on_stage.page("/admin/fields")
    assert text.index("سطح") < text.index("دوم")
    assert "gold | طلایی | Gold" in text
    await on_stage.send("POST", f"/admin/fields/{second.id}/move", data={"to": "up"})
    assert [one.name for one in await on_stage.services.crm.fields.defined("person")] == ["second", "level"]
    change = {"fa": "رتبه", "choices": "gold", "required": "on"}
    assert (await on_stage.send("POST", f"/admin/fields/{first.id}", data=change))[0] == 303
    assert [one.name for one in await on_stage.services.crm.fields.defined("person")] == ["second"]  # not «in use»


@pytest.mark.parametrize(
    ("wrong", "_why"),
    [
        ({"name": "Level!"}, "حرف‌های کوچک"),
        ({"choices": ""}, "گزینه"),
        ({"fa": "", "en": ""}, "نامی خواندنی"),
        ({"kind": "planet"}, "برگزینید"),
        ({"type": "<b>"}, "برگزینید"),
    ],
)
async def test_what_is_refused_comes_back_as_typed(on_stage: Stage, wrong: dict[str, str], _why: str) -> None:
    status, text = await on_stage.send("POST", "/admin/fields", data=GOLD | {"hint": "<i>مهم</i>"} | wrong)
    assert status == 422
    assert 'role="alert"' in text
    assert "&lt;i&gt;مهم&lt;/i&gt;" in text
    assert "<i>مهم" not in text
    assert await on_stage.services.crm.fields.defined("person") == ()


async def test_an_agent_may_not(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/admin/fields"))[0] == 403
    assert (await agent.send("POST", "/admin/fields", data=GOLD))[0] == 403
