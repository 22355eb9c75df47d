// The banner that every page shows while the link to a PBX is down, or our own to the server: what happened, what
// still works. From the topic `status`; the live page has its own for the PBX.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { clock, icon } from "./parts";
import { push } from "./push";
import { word } from "./words";

type Links = Record<string, { up: boolean; since: string }>;

/** A server that has not been heard for this long is said to be away. */
const AWAY_SECONDS = 6;

class Status extends LitElement {
  private links: Links = {};
  private stop = () => {};
  private timer = 0;
  private away = false;
  private began = performance.now();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("status", (data) => {
      this.links = (data as { links: Links }).links ?? {};
      this.requestUpdate();
    });
    this.timer = window.setInterval(() => {
      const heard = Number.isFinite(push.heard) ? push.age() : (performance.now() - this.began) / 1000;
      if (heard > AWAY_SECONDS !== this.away) {
        this.away = !this.away;
        this.requestUpdate();
      }
    }, 500);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    clearInterval(this.timer);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.away) return html`<div class="ban s-ring" role="status">${icon("unplug")}<span>${word("server_away")}</span></div>`;
    if (this.dataset.own) return nothing;
    const down = Object.entries(this.links).filter(([, link]) => !link.up);
    return html`${down.map(
      ([name, link]) =>
        html`<div class="ban s-bad" role="status">${icon("unplug")}<span><b>${word("link_down")}</b> ${word("link_goes_on")}</span><span class="end q"><bdi>${name}</bdi> · ${clock(link.since)}</span></div>`,
    )}`;
  }
}

customElements.define("tamas-status", Status);
