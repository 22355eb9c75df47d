// The banner that every page shows while the link to a PBX is down, or our own to the server: what happened, what
// still works. From the topic `status`; the live page has its own for the PBX.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { clock, icon } from "./parts";
import { push } from "./push";
import { duration, word } from "./words";

type Links = Record<string, { up: boolean; since: string }>;

/** A server that has not been heard for this long is said to be away. */
const AWAY_SECONDS = 6;
/** So long it is said that a link is back. */
const BACK_MS = 60_000;

class Status extends LitElement {
  private links: Links = {};
  private stop = () => {};
  private timer = 0;
  private away = false;
  private began = performance.now();
  /** Links that came back while this page was open, and for how long each had been away (ms). */
  private back: Record<string, number> = {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("status", (data) => {
      this.told((data as { links: Links }).links ?? {});
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

  private told(links: Links): void {
    for (const [name, link] of Object.entries(links)) {
      const before = this.links[name];
      if (!link.up) delete this.back[name];
      else if (before && !before.up) {
        this.back[name] = Date.parse(link.since) - Date.parse(before.since);
        window.setTimeout(() => this.forget(name), BACK_MS);
      }
    }
    this.links = links;
    this.requestUpdate();
  }

  private forget(name: string): void {
    delete this.back[name];
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.away) return html`<div class="ban s-ring" role="status">${icon("unplug")}<span>${word("server_away")}</span></div>`;
    const down = this.dataset.own ? [] : Object.entries(this.links).filter(([, link]) => !link.up);
    const back = Object.entries(this.back);
    return html`${back.map(
      ([name, away]) =>
        html`<div class="ban s-ready" role="status">${icon("plug")}<span><b>${word("link_back")}</b> ${word("link_away", { time: duration(away / 1000) })}</span><span class="end row g3"><bdi>${name}</bdi><button class="btn t sq sm" type="button" aria-label=${word("close")} @click=${() => this.forget(name)}>${icon("x")}</button></span></div>`,
    )}${down.map(
      ([name, link]) =>
        html`<div class="ban s-bad" role="status">${icon("unplug")}<span><b>${word("link_down")}</b> ${word("link_goes_on")}</span><span class="end q"><bdi>${name}</bdi> · ${clock(link.since)}</span></div>`,
    )}`;
  }
}

customElements.define("tamas-status", Status);
