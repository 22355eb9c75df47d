// What is wrong now, atop every page of who sees the live page: the worst first, with "I'll take it". From the topic
// alerts:all. A new one sounds where sound is on, and is a notification where no tab of ours is looked at.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { clock, mark } from "./parts";
import { push } from "./push";
import { bell } from "./sound";
import { digits, duration, word } from "./words";

interface Alert {
  id: string;
  kind: string;
  level: "warn" | "bad";
  value: number;
  limit: number;
  raised_at: string;
  pbx?: string;
  queue?: string;
  name?: string;
  number?: string;
  call?: string;
  taken_by?: string;
  taken_name?: string;
}

const TIMED = new Set(["wait", "talk"]);

class Alerts extends LitElement {
  private alerts: Alert[] = [];
  private known: Set<string> | null = null;
  private all = false;
  private why = "";
  private stop = () => {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("alerts:all", (data) => this.take(Object.values((data as { alerts: Record<string, Alert> }).alerts)));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private take(alerts: Alert[]): void {
    const before = this.known;
    this.known = new Set(alerts.map((alert) => alert.id));
    this.alerts = alerts.sort((a, b) => weight(a) - weight(b) || a.raised_at.localeCompare(b.raised_at));
    // What was open when the page came is no news.
    for (const alert of before ? alerts : []) if (!before!.has(alert.id)) bell.alert(alert.id, says(alert));
    this.requestUpdate();
  }

  private async mine(alert: Alert): Promise<void> {
    const answer = await ask("POST", `/api/v1/alerts/${encodeURIComponent(alert.id)}/take`);
    this.why = answer.ok ? "" : answer.why;
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    const shown = this.all ? this.alerts : this.alerts.slice(0, 1);
    if (!shown.length) return nothing;
    const more = this.alerts.length - 1;
    return html`<section class="alerts" aria-label=${word("alerts")}>
      ${shown.map((alert, n) => this.one(alert, n === 0 ? more : 0))}
      ${this.why ? html`<p class="ban s-bad" role="alert">${this.why}</p>` : nothing}
    </section>`;
  }

  private one(alert: Alert, more: number): TemplateResult {
    const tint = alert.level === "bad" ? "bad" : "ring";
    return html`<div class="ban s-${tint}" role=${alert.level === "bad" ? "alert" : "status"} data-alert=${alert.id}>
      ${mark(tint)}
      <b class="b cut">${alert.call ? html`<a href="/calls/${encodeURIComponent(alert.call)}">${says(alert)}</a>` : says(alert)}</b>
      ${TIMED.has(alert.kind) ? html`<span class="not-s">${word("alert_over_wait", { limit: duration(alert.limit) })}</span>` : nothing}
      ${clock(alert.raised_at, "q")}
      <span class="end row g3">
        ${more ? html`<button class="btn sm" type="button" aria-expanded=${this.all} @click=${() => this.fold()}>${this.all ? word("alert_fewer") : word("alert_more", { count: digits(more) })}</button>` : nothing}
        ${alert.taken_by
          ? html`<span class="tag">${word("alert_taken", { name: alert.taken_name ?? "" })}</span>`
          : html`<button class="btn sm" type="button" @click=${() => void this.mine(alert)}>${word("alert_take")}</button>`}
      </span>
    </div>`;
  }

  private fold(): void {
    this.all = !this.all;
    this.requestUpdate();
  }
}

/** What nobody has taken first, the bad before the warnings. */
function weight(alert: Alert): number {
  return (alert.taken_by ? 2 : 0) + (alert.level === "bad" ? 0 : 1);
}

function says(alert: Alert): string {
  const values = {
    queue: apart(alert.queue ?? ""),
    name: apart(alert.name ?? alert.pbx ?? ""),
    number: apart(digits(alert.number ?? word("withheld"))),
    value: apart(digits(Math.round(alert.value))),
  };
  return word(`alert_${alert.kind}`, values);
}

/** Isolated (FSI, PDI): a Latin name in a Persian sentence, or the other way round, leaves the order of the rest alone. */
function apart(text: string): string {
  return `\u2068${text}\u2069`;
}

customElements.define("tamas-alerts", Alerts);
