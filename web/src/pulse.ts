// What the bar of every page says of now: calls, who waits and how long, today. From the topic board:all.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { type Board, clock } from "./parts";
import { push } from "./push";
import { digits, word } from "./words";

const GLANCE_MS = 500;

class Pulse extends LitElement {
  private board: Board | null = null;
  private stop = () => {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("board:all", (data) => {
      this.board = data as Board;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  /** A glance: twice a second is enough, however busy the board is. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated) await new Promise((done) => setTimeout(done, GLANCE_MS));
    super.scheduleUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.board) return nothing;
    const { calls, links, today } = this.board;
    const waiting = Object.values(calls).filter((call) => call.state === "queued");
    const longest = waiting.map((call) => call.since).sort()[0];
    const down = Object.values(links).some((link) => !link.up);
    const figure = (n: number, text: string) => html`<span class="row g3"><b class="num">${digits(n)}</b> <span class="q">${text}</span></span>`;
    return html`${down ? html`<a class="tag s-bad" href="/">${word("link_down_short")}</a>` : nothing}
      ${figure(Object.keys(calls).length, word("calls_now_count"))} ${figure(waiting.length, word("waiting_count"))}
      ${longest ? html`<span class="row g3">${clock(longest, "b", 60)} <span class="q">${word("longest_count")}</span></span>` : nothing}
      ${figure(today.calls ?? 0, word("today"))} ${figure(today.missed ?? 0, word("missed"))}`;
  }
}

customElements.define("tamas-pulse", Pulse);
