"""What the PBX has, and what is different."""

from __future__ import annotations

from tests.crm_core.users import pbxs, people
from tests.web.conftest import Stage
from web.pages.pbx import KINDS, figures, ordered


async def test_before_a_pbx_was_read_the_page_says_what_to_do(on_stage: Stage) -> None:
    assert "No PBX has told anything yet" in await on_stage.page("/admin/pbx?lang=en")


async def test_phones_queues_and_differences(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    await pbxs.tell(crm.directory)
    await people.make(crm, "sara", name="Sara M.", extensions=("201", "999"), queues=("nowhere",))
    text = await on_stage.page("/admin/pbx?lang=en")
    for said in ("Sara M.", "PJSIP/99201", "192.0.2.7:5060", "Not reachable", "2 members"):
        assert said in text, said
    for kind in ("extension_unknown", "queue_unknown", "extension_free", "member_nobody"):
        assert KINDS[kind].says in text, kind  # type: ignore[index]
    fragment = await on_stage.page("/admin/pbx", **{"HX-Request": "true"})
    assert fragment.lstrip().startswith('<div id="pbx"')


async def test_what_the_login_is_not_told_is_said(on_stage: Stage) -> None:
    directory = on_stage.services.crm.directory
    import msgspec

    await directory.take(msgspec.structs.replace(pbxs.read(), silent=("addresses",)))
    text = await on_stage.page("/admin/pbx?lang=en")
    assert "where phones are registered from" in text and "SIPpeers" not in text


async def test_figures_count_phones_not_trunks(on_stage: Stage) -> None:
    directory = on_stage.services.crm.directory
    await pbxs.tell(directory)
    (seen,) = await directory.known()
    assert figures(seen) == (5, 1, 2, 1, 2, 1)
    assert [e.name for e in ordered(seen.endpoints)][-2:] == ["PJSIP/1001", "PJSIP/trunk"]


async def test_names_from_the_pbx_are_only_names(on_stage: Stage) -> None:
    evil = pbxs.queue("<b>q</b>", pbxs.member("PJSIP/201", "<script>alert(1)</script>"))
    await on_stage.services.crm.directory.take(pbxs.read())
    await on_stage.services.crm.directory.take(evil)
    assert "<script>alert" not in await on_stage.page("/admin/pbx")


async def test_it_is_for_who_administers(on_stage: Stage) -> None:
    assert (await (await on_stage.as_role("supervisor")).go("/admin/pbx"))[0] == 403
