"""How late an agent sees who rings: from the bytes that ring his phone to the card painted in Chromium.

As ``bench_pops`` (a PBX, the product and this process, 1,000 agents' phones, a million contacts), but one of the agents
works in a real browser, at a few phones, so that it rings there every other second. The page notes when a card was
painted: the first frame after it stood in the page (with a call in front it is a line in the bar, made in the same
frame). Both ends read the same machine's clock.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path
from secrets import token_urlsafe

from playwright.async_api import Page, async_playwright

from ami_listener.simulator.options import extension
from crm_core.users.access import secret_hash
from crm_core.users.account import UserDraft
from crm_core.users.model import session, user_account, user_work
from cti.kernel.ids import derived_id
from tests.bench import crowd
from tests.bench.bench_pops import PEOPLE, SECONDS, WARM_UP
from tests.bench.bench_product import Process, Relay, product
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.live import TESTER, beside, settings_of
from web.auth import COOKIE
from web.services import Crm

RATE, AGENTS, PHONES = 100.0, 1000, 4

NOTE = """
window.painted = [];
addEventListener("DOMContentLoaded", () => {
  const seen = new Set();
  const look = () => {
    for (const card of document.querySelectorAll(".cols[data-call]")) {
      const call = card.dataset.call;
      if (seen.has(call) || !card.querySelector(".card-pop.ring .hero")) continue;
      seen.add(call);
      requestAnimationFrame(() =>
        setTimeout(() => window.painted.push([call, performance.timeOrigin + performance.now()])));
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
});
"""


class Rings(Relay):
    """When the first dial of each call to one of ``phones`` passed (epoch seconds), by the call's id."""

    phones: frozenset[str] = frozenset()

    def _note(self, data: bytes, now: float) -> None:
        at = time.time()
        *blocks, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for block in blocks:
            if block.startswith(b"Event: DialBegin"):
                phone = _value(block, b"DestChannel").partition("/")[2].rpartition("-")[0]
                if phone in self.phones:
                    self.seen.setdefault(derived_id("main", _value(block, b"DestLinkedid")), at)


def _value(block: bytes, name: bytes) -> str:
    return block.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0].decode()


async def staff(crm: Crm) -> str:
    """One agent with a browser and ``PHONES`` phones, the others with one each; the secret of his session."""
    secret, now = token_urlsafe(32), time.time()
    mine = tuple(extension(n, AGENTS) for n in range(PHONES))
    async with crm.access.changing() as tx:
        draft = UserDraft(login="agent", name="Agent", role="agent", extensions=mine)
        first = await crm.users.put(tx, TESTER, draft)
        row = await tx.one("SELECT * FROM user_account WHERE id = ?", first.id)
        assert row is not None
        others = [f"agent{n}" for n in range(PHONES, AGENTS)]
        await tx.insert(user_account, [(user, user, user, *row[3:]) for user in others])
        await tx.insert(user_work, [(user, "extension", 0, extension(int(user[5:]), AGENTS)) for user in others])
        await tx.insert(session, [(secret_hash(secret), first.id, "in", now, now, "127.0.0.1", "bench", None)])
    return json.dumps([secret, mine])


async def measure() -> None:
    filled = await crowd.on_sqlite(PEOPLE, 1)
    await filled.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(crowd.folder() / f"people-{PEOPLE}-1-0.sqlite", folder / "tamas.db")
        secret, phones = json.loads(await beside(settings_of(folder), staff))
        simulator = await Process.start(
            "tests.bench.simulated", str(RATE), str(int(RATE * (SECONDS + 2 * WARM_UP))), str(AGENTS)
        )
        where = await simulator.said()
        relay = Rings(where["port"])
        relay.phones = frozenset(phones)
        port = await relay.start()
        async with product(folder, {**where, "port": port}, RATE, AGENTS) as (_, url), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            await context.add_cookies([{"name": COOKIE, "value": secret, "url": url}])
            page = await context.new_page()
            await page.add_init_script(NOTE)
            await page.goto(f"{url}/work")
            await page.wait_for_load_state("load")
            await _rings(simulator, relay, page)
            await browser.close()
        await simulator.stop()


async def _rings(simulator: Process, relay: Rings, page: Page) -> None:
    begun = time.time()
    simulator.tell()
    await simulator.said()
    painted: list[tuple[str, float]] = await page.evaluate("window.painted")
    late = sorted(at / 1000 - relay.seen[call] for call, at in painted if relay.seen.get(call, 0.0) > begun + WARM_UP)
    row = f"bytes that ring to the card painted in Chromium, {RATE:.0f} calls/s, {PEOPLE:,} contacts"
    figures = (
        [f"p{p} {1000 * late[min(len(late) - 1, len(late) * p // 100)]:.0f}" for p in (50, 95)] if late else ["n/a"]
    )
    print(f"{row:86} {', '.join(figures)} ms ({len(late)} cards)", flush=True)


def main() -> None:
    print("paint: the simulated PBX, the whole product on SQLite, one agent in Chromium")
    asyncio.run(measure())


if __name__ == "__main__":
    main()
