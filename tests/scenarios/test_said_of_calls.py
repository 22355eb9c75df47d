"""From the PBX's bytes to who had which call: notes while it rings and talks, a result when it is over."""

from __future__ import annotations

from pathlib import Path

from call_log.query import CallFilter, Scope
from crm_core.results.notes import NoteDraft
from crm_core.results.service import ResultDraft
from cti.kernel.actor import PERMISSIONS, Actor
from cti.live.events import LiveCall
from tests.live import Running, running_product, until

RIGHTS = frozenset(PERMISSIONS) - {"calls.view_all", "calls.view_team"}


def talking(running: Running) -> tuple[LiveCall, Actor] | None:
    """A call in which somebody of ours talks now, and he."""
    product = running.product
    for call in running.live():
        for leg in call.legs:
            for user in (
                product.places.at(call.record.pbx, leg.endpoint, leg.extension) if leg.state == "talking" else ()
            ):
                place = product.places.of(user)
                assert place is not None
                return call, Actor(user, place.name, permissions=RIGHTS, extensions=frozenset(place.extensions))
    return None


async def test_what_an_agent_types_and_says_of_his_call(tmp_path: Path) -> None:
    async with running_product(tmp_path, demo_calls_per_second=6.0) as running:
        await running.connected()
        crm, calls = running.product.crm, running.product.calls
        await until(lambda: running.product.places.told, 10.0)
        call, agent = await until(lambda: talking(running), 30.0)
        call_id = call.record.id
        await crm.results.write_note(agent, call_id, NoteDraft(text="while talking"))

        async def over() -> bool:
            record = await calls.get(call_id)
            return record is not None and not record.provisional

        await until(over, 60.0)
        await crm.results.save(agent, call_id, ResultDraft(disposition="resolved"))
        said = await crm.results.of_call(agent, call_id)
        assert said.result is not None
        assert [note.text for note in said.notes] == ["while talking"]
        handled = await calls.handled(said.call)
        assert handled is not None and agent.id in handled[0]
        stranger = Actor("nobody", "Nobody", permissions=RIGHTS, extensions=frozenset({"999"}))
        assert (await running.product.calls.page(CallFilter(scope=None))).items
        figures = await calls.figures(scope_of(agent), 0.0, running.product.clock.now() + 60.0)
        assert figures.answered >= 1 and figures.talk_seconds > 0
        assert await calls.unreturned(scope_of(stranger), (), 0.0) == []


def scope_of(actor: Actor) -> Scope:
    return Scope((actor.id,), ())
