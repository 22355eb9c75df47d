// What is wrong now, atop every page of who sees the live page: the worst first, with how things stand there and "I'll
// take it". A new one sounds where sound is on, and is a notification where no tab of ours is looked at.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { clock, icon, mark } from "./parts";
import { mine } from "./pops";
import { push } from "./push";
import { teams, topics } from "./scope";
import { bell } from "./sound";
import { digits, duration, word } from "./words";

interface Alert {
  id: string;
  kind: string;
  level: "warn" | "bad";
  value: number;
  limit: number;
  minutes?: number;
  raised_at: string;
  pbx?: string;
  queue?: string;
  name?: string;
  number?: string;
  call?: string;
  taken_by?: string;
  taken_name?: string;
  // How things stand there: since when the first waits, the queue's members, who is in the call, why a link is down.
  waiting?: number;
  since?: string;
  ready?: number;
  busy?: number;
  pause?: number;
  off?: number;
  who?: string;
  agents?: string[];
  reason?: string;
}

type Told = Record<string, Alert>;
const COUNTS = ["waiting", "ready", "busy", "pause", "off"] as const;

class Alerts extends LitElement {
  private told = new Map<string, Told>();
  private alerts: Alert[] = [];
  /** Those that are no news: by topic, since what was open when the page came is none. */
  private known = new Set<string>();
  private all = false;
  private why = "";
  private stops: (() => void)[] = [];

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const house = teams === null ? [] : ["alerts:house"];
    this.stops = [...topics("alerts"), ...house].map((topic) => push.watch(topic, (data) => this.take(topic, (data as { alerts: Told }).alerts)));
    this.stops.push(bell.watch(() => this.requestUpdate()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
  }

  private take(topic: string, told: Told): void {
    const news = this.told.has(topic) ? Object.values(told).filter((alert) => !this.known.has(alert.id)) : [];
    this.told.set(topic, told);
    const all = new Map([...this.told.values()].flatMap((some) => Object.entries(some)));
    this.known = new Set(all.keys());
    this.alerts = [...all.values()].sort((a, b) => weight(a) - weight(b) || a.raised_at.localeCompare(b.raised_at));
    for (const alert of news) bell.alert(alert.id, says(alert));
    this.requestUpdate();
  }

  private async see(alert: Alert): Promise<void> {
    const answer = await ask("POST", `/api/v1/alerts/${encodeURIComponent(alert.id)}/take`);
    this.say(answer.ok ? "" : answer.why);
  }

  protected override render(): TemplateResult | typeof nothing {
    const shown = this.all ? this.alerts : this.alerts.slice(0, 1);
    if (!shown.length) return nothing;
    const more = this.alerts.length - 1;
    return html`<section class="alerts" aria-label=${word("alerts")}>
      ${shown.map((alert, n) => this.one(alert, n === 0 ? this.first(more) : nothing))}
      ${this.why ? html`<p class="ban s-bad" role="alert">${this.why}</p>` : nothing}
    </section>`;
  }

  /** What concerns all of them: whether it sounds (who takes calls has that beside his state), and the others. */
  private first(more: number): TemplateResult {
    return html`${mine.on ? nothing : html`<button class="btn sm sq" type="button" data-bell aria-pressed=${bell.on} title=${word("sound_on")} aria-label=${word("sound_on")} @click=${() => void bell.turn(!bell.on)}>${icon(bell.on ? "bell" : "bell-off", "s14")}</button>`}
      ${more ? html`<button class="btn sm" type="button" aria-expanded=${this.all} @click=${() => this.fold()}>${this.all ? word("alert_fewer") : word("alert_more", { count: digits(more) })}</button>` : nothing}`;
  }

  private one(alert: Alert, more: TemplateResult | typeof nothing): TemplateResult {
    const tint = alert.level === "bad" ? "bad" : "ring";
    // Only the headline is read out by itself: what stands behind it changes each second.
    return html`<div class="ban s-${tint}" data-alert=${alert.id}>
      ${mark(tint)}
      <b class="b cut" role=${alert.level === "bad" ? "alert" : "status"}>${alert.call ? html`<a href="/calls/${encodeURIComponent(alert.call)}">${says(alert)}</a>` : says(alert)}</b>
      <span class="facts cut not-s">${facts(alert)}</span>
      ${clock((alert.kind === "wait" && alert.since) || alert.raised_at, "q")}
      <span class="end row g3">
        ${more}
        ${alert.taken_by ? html`<span class="tag">${word("alert_taken", { name: apart(alert.taken_name ?? "") })}</span>` : this.taking(alert)}
      </span>
    </div>`;
  }

  private taking(alert: Alert): TemplateResult {
    const may = this.dataset.act === "1";
    const run = () => (may ? void this.see(alert) : this.say(word("why_no_permission")));
    return html`<button class="btn sm" type="button" data-take aria-disabled=${may ? nothing : "true"} title=${may ? nothing : word("why_no_permission")} @click=${run}>${word("alert_take")}</button>`;
  }

  private say(why: string): void {
    this.why = why;
    this.requestUpdate();
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
  const [agent] = alert.agents ?? [];
  if (alert.kind === "talk" && agent) return word("alert_talk_of", { name: apart(agent) });
  const values = {
    queue: apart(alert.queue ?? ""),
    name: apart(alert.name ?? alert.pbx ?? ""),
    number: apart(digits(alert.number ?? word("withheld"))),
    value: apart(digits(Math.round(alert.value))),
  };
  return word(`alert_${alert.kind}`, values);
}

/** How things stand, a fact after the other. */
function facts(alert: Alert): string {
  const counts = COUNTS.filter((one) => alert[one] !== undefined && !said(alert, one) && (alert[one] || one === "ready"));
  const people = [...(alert.agents ?? []).slice(1), ...(alert.who ? [alert.who] : [])].map(apart);
  return [
    limit(alert),
    ...counts.map((one) => word(`alert_fact_${one}`, { n: digits(alert[one]!) })),
    people.join(" – "),
    alert.call && alert.queue ? apart(alert.queue) : "",
    alert.reason ? apart(alert.reason) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Says the headline so already? It has the most that there were; what is now may be less. */
function said(alert: Alert, count: (typeof COUNTS)[number]): boolean {
  return alert.kind === "waiting" ? count === "waiting" && alert.waiting === alert.value : alert.kind === "nobody_ready" && count === "ready";
}

function limit(alert: Alert): string {
  const values = { limit: digits(alert.limit), minutes: digits(alert.minutes ?? 0) };
  if (alert.kind === "wait" || alert.kind === "talk") return word("alert_limit", { limit: duration(alert.limit) });
  if (alert.kind === "waiting") return word("alert_limit", values);
  return alert.kind === "service_level" || alert.kind === "repeat" ? word(`alert_limit_${alert.kind}`, values) : "";
}

/** Isolated (FSI, PDI): a Latin name in a Persian sentence, or the other way round, leaves the order of the rest alone. */
function apart(text: string): string {
  return `\u2068${text}\u2069`;
}

customElements.define("tamas-alerts", Alerts);
