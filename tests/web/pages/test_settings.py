"""The settings list what opens to whom; the page without a server says nothing of anybody."""

from __future__ import annotations

from tests.web.conftest import Stage
from web.pages import PAGES


async def test_each_sees_what_opens_to_him(on_stage: Stage) -> None:
    whole = await on_stage.page("/settings")
    places = [page.path for page in PAGES if page.hint]
    assert len(places) >= 3
    assert all(f'href="{path}"' in whole for path in places)
    agent = await (await on_stage.as_role("agent")).page("/settings")
    assert not any(f'href="{path}"' in agent for path in places if path.startswith("/admin"))
    assert 'href="/me"' in agent


async def test_the_page_for_a_server_that_is_away_is_kept_and_nobodys(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/offline") as response:
        assert response.headers["Cache-Control"].startswith("public")
        assert "مدیر سامانه" not in await response.text()
    assert (await (await on_stage.as_nobody()).go("/offline"))[0] == 200
