// Clocks that tick by themselves: <t-clock since="2026-11-22T07:06:00.000Z"></t-clock> shows how long since, and
// <t-fresh> how old the page's picture is. One timer for all of them.

import { push } from "./push";
import { digits, duration, tenths, word } from "./words";

const TICK_MS = 500;
/** Older than this, the picture is no longer called live (the server speaks every second). */
export const STALE_SECONDS = 3;
const ticking = new Set<{ tick(): void }>();
setInterval(() => ticking.forEach((clock) => clock.tick()), TICK_MS);

/** What time it is where this element stands, in epoch milliseconds: inside `[data-past]` that of the past. */
export function timeOf(element: Element): () => number {
  return element.closest("[data-past]") ? () => past.now() : () => push.now();
}

/** The time that a playback shows; whoever plays it says so. */
export const past = { now: (): number => push.now() };

abstract class Ticking extends HTMLElement {
  connectedCallback(): void {
    ticking.add(this);
    this.tick();
  }
  disconnectedCallback(): void {
    ticking.delete(this);
  }
  abstract tick(): void;
  /** Write only what changed, so that an idle clock costs no layout. */
  protected show(text: string): void {
    if (this.textContent !== text) this.textContent = text;
  }
}

class Clock extends Ticking {
  static observedAttributes = ["since", "until"];
  private played = false;
  override connectedCallback(): void {
    this.played = this.closest("[data-past]") !== null;
    super.connectedCallback();
  }
  attributeChangedCallback(): void {
    this.tick();
  }
  tick(): void {
    const now = this.played ? past.now() : push.now();
    const until = this.getAttribute("until");
    if (until) return this.show(duration(Math.ceil((Date.parse(until) - now) / 1000)));
    const since = Date.parse(this.getAttribute("since") ?? "");
    const seconds = (now - since) / 1000;
    if (Number.isNaN(since)) return this.show("–");
    this.show(duration(seconds));
    const limit = Number(this.getAttribute("limit") ?? Infinity);
    const warn = Number(this.getAttribute("warn") ?? limit / 2);
    this.classList.toggle("crit", seconds > limit);
    this.classList.toggle("warn", seconds > warn && seconds <= limit);
  }
}

class Fresh extends Ticking {
  tick(): void {
    const age = push.age();
    const stale = age > STALE_SECONDS;
    const state = age === Infinity ? "off" : stale ? "warn" : "ready";
    if (this.dataset.state !== state) {
      this.dataset.state = state;
      document.documentElement.classList.toggle("stale", stale && age !== Infinity);
    }
    if (age === Infinity) this.show(word("connecting"));
    else if (stale) this.show(word("behind", { seconds: digits(Math.floor(age)) }));
    else this.show(word("fresh", { seconds: tenths(age) }));
  }
}

customElements.define("t-clock", Clock);
customElements.define("t-fresh", Fresh);
