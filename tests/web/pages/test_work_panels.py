"""What modules add at the side of a call: for who may see it, and no empty boxes."""

from __future__ import annotations

from crm_core.tasks.model import TaskDraft
from cti.kernel.actor import PERMISSIONS
from tests.web.conftest import Stage
from tests.web.pages.test_work import maryam, path, services
from web.pages.work_panels import PANELS

__all__ = ["services"]


def test_each_has_a_name_of_its_own_and_a_permission_that_is_one() -> None:
    names = [panel.name for panel in PANELS]
    assert len(set(names)) == len(names)
    assert all(panel.permission in PERMISSIONS and panel.title for panel in PANELS)


async def test_who_may_not_see_tasks_has_no_panel_of_them(on_stage: Stage) -> None:
    party = await maryam(on_stage)
    await on_stage.services.crm.tasks.create(on_stage.actor, TaskDraft(title="Send the offer", party=party.id))
    role = await on_stage.services.crm.roles.create(on_stage.actor, "no tasks", ("desk.use", "contacts.view"))
    asked = await on_stage.as_role(role.id, extensions=("204",))
    text = await asked.page(path())
    assert "Alborz" in text and "Send the offer" not in text and "Open tasks" not in text
