"""The product's board has its agents and its figures: what a user says of himself is on it within a second."""

from __future__ import annotations

from pathlib import Path

from cti.app.accounts import DEMO
from cti.kernel.actor import system
from tests.live import running_product, until


async def test_users_and_figures_are_on_the_board(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running, running.push("board:all") as push:
        product = running.product
        logins = {draft.login for draft in DEMO if draft.role == "agent"}
        users = {user.id for user in await product.crm.users.directory(system("test")) if user.login in logins}

        def cells() -> dict[str, dict[str, object]]:
            product.feed.board.patch()
            found = product.feed.board.whole()["agents"].values()
            return {str(cell["user"]): cell for cell in found if "user" in cell}

        await until(lambda: push.of("board:all"))
        await until(lambda: users <= cells().keys())
        whole = product.feed.board.whole()
        assert whole["rules"]["talk"]["bad"] == product.crm.figure_rules.now.talk.bad
        assert all({"offered", "target", "wait_bad"} <= row.keys() for row in whole["queues"].values())
        assert all("calls" in cell for cell in cells().values())
        some = sorted(users)[0]
        agent = product.crm.agents.floor.agent(some)
        await until(lambda: agent.on)
        agent.pause(product.clock.now(), "lunch", "Lunch")
        product.crm.agents.floor.changed(some)
        await until(lambda: some in {event.get("user", some) for event in cells().values() if event["mark"] == "pause"})
