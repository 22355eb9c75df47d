// What the bar of every page says of now: calls, who waits and how long, today. Of all calls or of those of one's teams.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { clock } from "./parts";
import { push } from "./push";
import { digits, word } from "./words";

interface Now {
  calls: number;
  waiting: number;
  longest_since?: string;
  today_calls?: number;
  today_missed?: number;
  /** The link to a PBX is. */
  down?: boolean;
}

class Pulse extends LitElement {
  private now: Now | null = null;
  private stop = () => {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("pulse", (data) => {
      this.now = data as Now;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.now) return nothing;
    const { calls, waiting, longest_since, today_calls, today_missed, down } = this.now;
    const figure = (n: number | undefined, text: string) => (n === undefined ? nothing : html`<span class="row g3"><b class="num">${digits(n)}</b> <span class="q">${text}</span></span>`);
    return html`${down ? html`<a class="tag s-bad" href="/">${word("link_down_short")}</a>` : nothing}
      ${figure(calls, word("calls_now_count"))} ${figure(waiting, word("waiting_count"))}
      ${longest_since ? html`<span class="row g3">${clock(longest_since, "b", 60)} <span class="q">${word("longest_count")}</span></span>` : nothing}
      ${figure(today_calls, word("today"))} ${figure(today_missed, word("missed"))}`;
  }
}

customElements.define("tamas-pulse", Pulse);
