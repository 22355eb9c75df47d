"""What the live page costs the browser: 1,000 live calls, 500 agents, 300 changes of calls a second.

The board is fed directly, so that the page alone is measured: the main thread's share of the time and its longest task
(Chromium's own), from the push's arrival at the socket to the page that shows it, and what the tab's heap grows by.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import msgspec
from playwright.async_api import CDPSession, Page, async_playwright

from cti.live.events import CallChanged, CallEnded, CallStarted, LiveCall, QueueChanged, QueueMember
from screenpop.feed import Feed
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.web import sample, stage
from tests.web.conftest import staged

CALLS, AGENTS, RATE, SECONDS, CHANGES = 1000, 500, 300, 20.0, 100_000
WATCH = """
window.late = []; window.longest = 0; window.sent = {};
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
}).observe({ type: "longtask", buffered: false });
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", (m) => {
      const found = /"marker":"(\\d+)"/.exec(m.data) || /marker-(\\d+)/.exec(m.data);
      if (found) window.sent[found[1]] = performance.now();
    });
  }
};
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const shown = document.querySelector('.callrow[data-call$=".marker"] .nm');
  const n = /marker-(\\d+)/.exec(shown?.textContent ?? "")?.[1];
  if (n && window.sent[n]) {
    window.late.push(performance.now() - window.sent[n]);
    delete window.sent[n];
  }
}).observe(document, { subtree: true, childList: true, characterData: true }));
"""


def members() -> tuple[QueueMember, ...]:
    return tuple(
        QueueMember(f"PJSIP/{n}", f"Agent {n}", 2 if n % 2 else 1, False, None, bool(n % 2), True)
        for n in range(3000, 3000 + AGENTS)
    )


def call(n: int, age: float) -> LiveCall:
    phone = str(3000 + n % AGENTS)
    number = (None, f"0912{n:07}")
    if n % 20 == 0:
        return sample.live_call(str(n), age, number, "queued", age, queue="support")
    return sample.live_call(str(n), age, number, "talking", age, "support", ((phone, "talking"),), spoke=1.0)


def marker(n: int) -> LiveCall:
    """One that waits longest of all, so that it stands on top."""
    made = sample.live_call("marker", 9999, (f"marker-{n}", "09120000000"), "queued", 9999, queue="support")
    return msgspec.structs.replace(made, record=msgspec.structs.replace(made.record, id="main-0.marker"))


def changes(count: int, live: int = CALLS) -> Iterator[CallStarted | CallChanged | CallEnded]:
    """Calls change, end, and others come: as many are up all the time."""
    up = [call(n, 30.0 + n % 600) for n in range(live)]
    for n in range(count):
        at = n * 7919 % live
        old = up[at]
        if n % 3 == 0:
            yield CallEnded(sample.NOW, old.record)
            up[at] = call(live + n, 1.0)
            yield CallStarted(sample.NOW, up[at])
        else:
            state = "held" if old.state == "talking" else "talking"
            up[at] = msgspec.structs.replace(old, state=state, since=sample.NOW - n % 50)
            yield CallChanged(sample.NOW, up[at])


def begin(feed: Feed, live: int = CALLS) -> None:
    queue = QueueChanged(sample.PBX, sample.NOW, "support", live // 20, members())
    feed.load([marker(0), *(call(n, 30.0 + n % 600) for n in range(live))], [queue], sample.links())


async def heap(page: Page, devtools: CDPSession) -> float:
    """Megabytes that are in use after a collection."""
    await devtools.send("HeapProfiler.collectGarbage")
    return float((await devtools.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6


async def busy(devtools: CDPSession) -> float:
    """Seconds of the main thread's work so far."""
    found = await devtools.send("Performance.getMetrics")
    return float(next(one["value"] for one in found["metrics"] if one["name"] == "TaskDuration"))


async def churn(feed: Feed, page: Page, count: int, rate: float) -> None:
    """``count`` changes, ``rate`` a second; every 50th marks itself."""
    began = time.monotonic()
    for told, event in enumerate(changes(count), 1):
        feed.tell([event])
        if told % 50 == 0:
            feed.tell([CallChanged(sample.NOW, marker(told))])
        if (ahead := told / rate - (time.monotonic() - began)) > 0.01:
            await asyncio.sleep(ahead)
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 200)))")


async def settled(page: Page) -> None:
    """Nothing that has ended lingers any more."""
    await page.wait_for_selector(".callrow.ended", state="detached")


async def measure() -> None:
    services = stage.services(clock=stage.RunningClock())
    begin(services.feed)
    async with staged(services) as shown, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        name, _, value = shown.cookie.partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": shown.url}])
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(f"{shown.url}/?lang=en")
        await page.locator(".callrow").first.wait_for()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        await churn(services.feed, page, int(2 * RATE), RATE)  # warm
        await page.evaluate("window.late = []; window.longest = 0")
        before, began = await busy(devtools), time.monotonic()
        await churn(services.feed, page, int(RATE * SECONDS), RATE)
        share = 100 * (await busy(devtools) - before) / (time.monotonic() - began)
        late = sorted(await page.evaluate("window.late"))
        longest = await page.evaluate("window.longest")
        row = f"live page, {CALLS} calls, {AGENTS} agents, {RATE} changes/s: main thread, longest task"
        print(f"{row:86} {share:.0f} %, {longest:.0f} ms")
        p95 = f"{late[len(late) * 95 // 100]:.0f} ms" if late else "n/a"
        print(f"{'  from the socket to the page, p95':86} {p95} ({len(late)} marked)", flush=True)
        await settled(page)
        first = await heap(page, devtools)
        await churn(services.feed, page, CHANGES, 3000.0)
        await settled(page)
        print(f"{f'  heap of the tab, before and after {CHANGES:,} more changes':86} "
              f"{first:.1f}, {await heap(page, devtools):.1f} MB", flush=True)  # fmt: skip
        await browser.close()


def main() -> None:
    print("monitor: the live page in Chromium")
    asyncio.run(measure())


if __name__ == "__main__":
    main()
