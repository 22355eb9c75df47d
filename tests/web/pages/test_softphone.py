"""The pages of softphones: what an administrator says, and that no page holds a secret."""

from __future__ import annotations

from tests.crm_core.users import pbxs
from tests.web.conftest import Stage

SECRET = "phone-secret-9"


async def test_a_phone_is_chosen_given_a_secret_and_taken_out_again(on_stage: Stage) -> None:
    await pbxs.tell(on_stage.services.crm.directory)
    page = await on_stage.page("/admin/softphones?lang=en")
    assert "No phone is used in the browser yet" in page and "main PJSIP/201" in page and "PJSIP/trunk" not in page
    form = {"phone": "main PJSIP/201", "extension": "", "login": "", "from": "typed", "secret": SECRET}
    assert (await on_stage.send("POST", "/admin/softphones", data=form))[0] == 303
    page = await on_stage.page("/admin/softphones?lang=en")
    assert "Secret typed in" in page and SECRET not in page
    assert on_stage.services.crm.softphones.is_one("main", "PJSIP/201")
    assert (await on_stage.send("POST", "/admin/softphones/remove", data={"phone": "main PJSIP/201"}))[0] == 303
    assert not on_stage.services.crm.softphones.is_one("main", "PJSIP/201")


async def test_what_is_refused_is_said_and_what_was_typed_stays_but_for_the_secret(on_stage: Stage) -> None:
    form = {"phone": "main nothing", "extension": "20 1", "login": "sara", "from": "typed", "secret": SECRET}
    status, page = await on_stage.send("POST", "/admin/softphones", data=form)
    assert status == 422 and 'value="20 1"' in page and 'value="sara"' in page and SECRET not in page


async def test_new_secrets_for_those_made_here(on_stage: Stage) -> None:
    softphones = on_stage.services.crm.softphones
    form = {"phone": "main PJSIP/201", "from": "made"}
    assert (await on_stage.send("POST", "/admin/softphones", data=form))[0] == 303
    (before,) = await softphones.ours(on_stage.actor, "main")
    assert "Secret made here" in await on_stage.page("/admin/softphones?lang=en")
    assert (await on_stage.send("POST", "/admin/softphones/rotate", data={"pbx": "main"}))[0] == 303
    (after,) = await softphones.ours(on_stage.actor, "main")
    assert before.secret != after.secret and after.extension == "201"


async def test_ones_own_panel_or_why_there_is_none(on_stage: Stage) -> None:
    sara = await on_stage.as_role("agent", extensions=("210",))
    assert "None of your phones is in the browser" in await sara.page("/phone?lang=en")
    await on_stage.services.crm.softphones.put(on_stage.actor, "main", "PJSIP/210", "210", secret=SECRET)
    page = await sara.page("/phone?lang=en")
    assert "CTI_PBX_SIP_URL" in page and 'name="softphone"' not in page
    on_stage.services.sip["main"] = "ws://192.0.2.1/ws"  # type: ignore[index]
    page = await sara.page("/phone?lang=en")
    assert "<tamas-phone" in page and 'name="softphone"' in page and SECRET not in page
    reza = await on_stage.as_role("agent", extensions=("211",))
    assert 'name="softphone"' not in await reza.page("/phone?lang=en")
