// A board on a wall: drawn from its topic, full screen, for weeks without a hand on it. It comes back by itself after
// a lost line, and loads itself anew when the product or the board's look is another one.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { push } from "./push";
import { agentsBoard, alertBar, dayBoard, header, queuesBoard, type Wall } from "./wallparts";
import { word } from "./words";

const root = document.documentElement;
const TICK_MS = 1000;
/** A link that was taken back is asked again so often: it may have been a mistake. */
const AGAIN_MS = 300_000;

class WallBoard extends LitElement {
  private wall: Wall | null = null;
  private over = false;
  private lost = false;
  private renewing = false;

  /** In the page's own tree, so that the one stylesheet holds. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    push.path = `${location.pathname}/push`;
    push.signedOut = () => {
      this.over = true;
      this.wall = null; // nothing stays on a screen that may not show it any more
      setTimeout(() => void this.renew(true), AGAIN_MS);
      this.requestUpdate();
    };
    push.watch(this.getAttribute("topic")!, (data) => {
      this.wall = data as Wall | null;
      if (this.wall && this.wall.look !== root.dataset.look) void this.renew(true);
      this.requestUpdate();
    });
    setInterval(() => this.tick(), TICK_MS);
  }

  protected override shouldUpdate(): boolean {
    return this.wall !== null || this.over;
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    if (!this.hasUpdated) this.replaceChildren(); // the server's placeholder
    super.update(changed);
  }

  private tick(): void {
    const stale = push.age() > 5;
    if (this.lost && !stale) void this.renew(false); // the line is back: perhaps as a newer product
    this.lost = stale;
    this.requestUpdate();
  }

  /** Load the page anew, if it can be had: a screen must not end on a browser's own error page. */
  private async renew(anyway: boolean): Promise<void> {
    if (this.renewing) return; // a board of another look says so each second
    this.renewing = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const text = await answer.text();
      if (answer.ok && (anyway || !text.includes(`data-build="${root.dataset.build}"`))) location.reload();
      else if (anyway && this.over) setTimeout(() => void this.renew(true), AGAIN_MS);
    } catch {
      if (anyway) setTimeout(() => void this.renew(true), TICK_MS * 10);
    } finally {
      this.renewing = false;
    }
  }

  protected override render(): TemplateResult {
    const wall = this.wall;
    if (!wall) return html`<main class="wall"><p class="wait">${word("wall_over")}</p></main>`;
    const body = { queues: queuesBoard, agents: agentsBoard, day: dayBoard }[wall.kind];
    return html`<main class="wall ${wall.kind} ${this.lost ? "lost" : ""}" data-waiting=${wall.waiting}>
      ${header(wall, this.lost)}${body(wall)}${alertBar(wall) ?? nothing}
    </main>`;
  }
}

customElements.define("tamas-wall", WallBoard);
