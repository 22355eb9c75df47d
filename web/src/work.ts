// <tamas-work>: the desktop. The card of the call that is looked at is painted from the push at once; what is known of
// the caller, his timeline and what is open with him come after it as fragments of the server. Each call keeps its own
// columns while it is shown, so that turning to another loses nothing.

import htmx from "htmx.org/dist/htmx.esm.js";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { face, markOf, sentence, vip } from "./bar";
import { become, dial } from "./controls";
import { clock, icon, mark, tel } from "./parts";
import { type Match, mine, over, type Pop, ringing, talked } from "./pops";
import { Party } from "./party";
import type { Result } from "./result";
import { bell } from "./sound";
import { digits, word } from "./words";

/** Matches come a moment after the ring: what hangs on them is asked for after it. */
const SETTLE_MS = 60;
const KINDS: Record<string, () => string> = { mobile: () => word("kind_mobile"), work: () => word("kind_work"), home: () => word("kind_home") };

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  if (!/\p{L}/u.test(name)) return "#";
  const letters = words.length > 1 ? [words[0]![0]!, words.at(-1)![0]!] : [words[0]![0] ?? ""];
  return letters.join(/[^\x00-\x7F]/.test(name) ? "\u200c" : "").toUpperCase();
}

class Work extends LitElement {
  private stops: (() => void)[] = [];
  private party = new Party((pop, id, name) => this.chosen(pop, id, name));
  private timers = new Map<string, number>();
  private number = "";
  private wrapOf: string | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [mine.watch(() => this.requestUpdate()), bell.watch(() => this.requestUpdate())];
    document.addEventListener("tamas-ask-dial", this.asked);
    document.addEventListener("tamas-wrapped", this.wrapped);
    this.addEventListener("tamas-result", this.said);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
    document.removeEventListener("tamas-ask-dial", this.asked);
    document.removeEventListener("tamas-wrapped", this.wrapped);
  }

  private asked = (event: Event): void => {
    this.number = (event as CustomEvent<string>).detail;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>(".dialbox input")?.focus());
  };

  /** Save what is chosen, then be ready; where nothing is chosen the form says what it lacks. */
  private wrapped = (event: Event): void => {
    const pause = (event as CustomEvent<{ pause?: boolean } | null>).detail?.pause;
    void this.finish(Boolean(pause));
  };

  private async finish(pause: boolean): Promise<void> {
    const form = this.querySelector<Result>("tamas-result");
    const chosen = form?.querySelector<HTMLInputElement>("input[name=disposition]:checked");
    if (form && chosen && !(await form.save())) return;
    if (form && !chosen && mine.own?.wrap?.mandatory) {
      form.querySelector("form")?.requestSubmit();
      form.querySelector<HTMLInputElement>("input[name=disposition]")?.focus();
      return;
    }
    if (form) mine.closeCall(form.getAttribute("call") ?? "");
    if (mine.own?.wrap && !(await become("wrap-up-done"))) return;
    if (pause) document.querySelector<HTMLElement & { enter(): void }>("tamas-me")?.enter();
  }

  private said = (event: Event): void => {
    const call = (event as CustomEvent<{ call: string }>).detail.call;
    setTimeout(() => mine.closeCall(call), 1200);
  };

  private chosen(pop: Pop, id: string, name: string): void {
    mine.choose(pop.call, { id, name });
  }

  // ---- who

  private partyOf(pop: Pop): string | undefined {
    return mine.chosen.get(pop.call)?.id ?? pop.other.contact;
  }

  /** The nth match, by its key. */
  pick(n: number): boolean {
    const pop = mine.current;
    const match = pop?.matches[n - 1];
    if (!pop || !match || pop.matches.length < 2) return false;
    mine.choose(pop.call, match);
    return true;
  }

  create(): boolean {
    const pop = mine.current;
    if (!pop || pop.direction === "internal" || !this.party.mayEdit) return false;
    this.party.create(pop);
    return true;
  }

  attach(): boolean {
    const pop = mine.current;
    if (!pop || pop.direction === "internal" || !this.party.mayEdit) return false;
    void this.party.attach(pop);
    return true;
  }

  notes(): boolean {
    const note = this.querySelector<HTMLElement>(".cols:not([hidden]) tamas-callnote");
    note?.focus();
    return note !== null;
  }

  // ---- drawing

  protected override render(): TemplateResult {
    const current = mine.current;
    const wrap = mine.own?.wrap;
    const shown = mine.shown;
    const alone = !current && wrap;
    this.wrapOf = wrap?.call ?? null;
    return html`${this.permission()}
      ${repeat(shown, (pop) => pop.pop, (pop) => this.card(pop, pop !== current))}
      ${alone ? this.wrapped_(wrap.call) : nothing}
      <div class="idle" ?hidden=${Boolean(current || alone)}>${this.idle()}</div>`;
  }

  private permission(): TemplateResult | typeof nothing {
    if (bell.asked && !bell.blocked) return nothing;
    if (bell.blocked) return html`<div class="ban s-ring ask-bell">${icon("bell")}<span class="f1">${word("bell_blocked")}</span></div>`;
    return html`<div class="ban s-talk ask-bell">${icon("bell")}<span class="f1">${word("bell_ask")}</span>
      <button class="btn sm p" type="button" @click=${() => void bell.turn(true)}>${word("bell_on")}</button>
      <button class="btn sm" type="button" @click=${() => void bell.turn(false)}>${word("bell_off")}</button></div>`;
  }

  private idle(): TemplateResult {
    const dials = this.dataset.dials === "1";
    return html`<section class="pane s ready-card" aria-label=${word("my_call")}>
      <div class="sec"><h1>${mine.own?.state === "ready" ? word("idle_ready") : word("idle")}</h1><p class="m">${mine.own && !mine.own.phone ? html`<a class="l" href="/desk">${word("no_phone")}</a>` : word("idle_hint")}</p></div>
      ${dials
        ? html`<form class="sec dialbox" @submit=${(event: Event) => this.call(event)}><div class="sech"><h2>${word("dial_number")}</h2></div>
            <div class="row g3"><label class="in f1">${icon("phone", "s14 q")}<input type="tel" dir="ltr" autocomplete="off" maxlength="40" aria-label=${word("number")} .value=${this.number} @input=${(event: Event) => (this.number = (event.target as HTMLInputElement).value)}></label>
            <button class="btn a">${word("call_verb")}</button></div>
            <p class="hint row g3 tel-hint">${icon("link", "s14")}<button class="l" type="button" @click=${() => document.dispatchEvent(new CustomEvent("tamas-handle-tel"))}>${word("handle_tel")}</button></p></form>`
        : nothing}
      <div class="sec keys-hint">${[["F8", word("answer")], ["F9", word("hang_up")], ["F7", word("transfer")], ["Alt N", word("notes")], ["S", word("my_state")], ["?", word("all_keys")]].map(([key, text]) => html`<span class="row g3 x2"><kbd>${key}</kbd><span class="q">${text}</span></span>`)}</div>
    </section><section class="pane col day-slot" aria-label=${word("my_day")} data-slot="day"></section>`;
  }

  private call(event: Event): void {
    event.preventDefault();
    const number = this.number.trim();
    if (!number) return;
    void dial(number).then((good) => {
      if (good) this.number = "";
      this.requestUpdate();
    });
  }

  private card(pop: Pop, hidden: boolean): TemplateResult {
    const form = this.formOf(pop);
    const state = ringing(pop) || pop.doing === "dial" || pop.doing === "ring" ? "ring" : over(pop) ? "over" : "talk";
    return html`<div class="cols ${form ? "wrapup" : ""}" ?hidden=${hidden} data-call=${pop.call} data-pop=${pop.pop}>
      <section class="pane s card-pop ${state}" aria-label=${word("who")}>${this.hero(pop)}
        <div data-slot="why"></div>${this.belongs(pop)}${this.came(pop)}<div data-slot="facts"></div></section>
      <section class="pane col mid" aria-label=${form ? word("say_result") : word("timeline")}>
        ${form ? html`<div class="form-slot" data-slot="form"></div>` : nothing}
        <div class="col tl-slot f1" data-slot="timeline" ?hidden=${form}></div></section>
      <aside class="pane s side" aria-label=${word("notes")}>
        ${mine.transferring === pop.call ? html`<tamas-transfer .call=${pop.call} data-queues=${this.dataset.queues ?? ""}></tamas-transfer>` : nothing}
        ${form ? nothing : html`<div class="sec notes"><div class="sech"><h2>${word("notes_of_call")}</h2><span class="end not-s" aria-hidden="true"><kbd>Alt N</kbd></span></div><tamas-callnote call=${pop.call}></tamas-callnote></div>`}
        <div data-slot="side"></div></aside>
    </div>`;
  }

  /** A wrap-up whose card is not here any more: after a reload. */
  private wrapped_(call: string): TemplateResult {
    return html`<div class="cols wrapup alone" data-call=${call}><section class="pane s card-pop over" aria-label=${word("who")}><div data-slot="why"></div><div data-slot="facts"></div></section>
      <section class="pane col mid" aria-label=${word("say_result")}><div class="form-slot" data-slot="form"></div></section>
      <aside class="pane s side"><div data-slot="side"></div></aside></div>`;
  }

  private formOf(pop: Pop): boolean {
    return talked(pop) || this.wrapOf === pop.call;
  }

  private hero(pop: Pop): TemplateResult {
    const { name, tier, company } = face(pop);
    const match = pop.matches.find((one) => one.id === this.partyOf(pop));
    const known = this.partyOf(pop);
    const kind = match ? (match.label || KINDS[match.number_kind]?.()) : "";
    const number = pop.other.number;
    const star = tier === "vip";
    return html`<div class="hero row t">
      <span class="av lg ${star ? "vip" : ""}" aria-hidden="true">${initials(name)}</span>
      <div class="col f1"><span class="row g3 w">${known ? html`<a class="nm" href="/contacts/${encodeURIComponent(known)}"><bdi>${name}</bdi></a>` : html`<span class="nm"><bdi>${name}</bdi></span>`}${star ? vip() : nothing}</span>
        ${(company ?? match?.company) ? html`<bdi class="m">${company ?? match?.company}</bdi>` : nothing}
        ${number && number !== name ? html`<span class="row g3">${tel(number)}<span class="q x2">${kind}</span></span>` : known || pop.direction === "internal" ? nothing : html`<span class="q">${word("nobody_known")}</span>`}
        ${ringing(pop) ? nothing : html`<span class="st s-${over(pop) ? "off" : markOf(pop)} doing">${mark(markOf(pop))}${sentence(pop)}${over(pop) ? nothing : clock(pop.since)}</span>`}
        ${pop.open && /^https?:/.test(pop.open) ? html`<a class="btn sm open" href=${pop.open} target="_blank" rel="noopener noreferrer">${icon("arrow-up-right", "s14 flip")}${pop.open_title || word("open_outside")}</a>` : nothing}
      </div></div>`;
  }

  private belongs(pop: Pop): TemplateResult | typeof nothing {
    if (pop.direction === "internal") return nothing;
    const chosen = this.partyOf(pop);
    const edits = this.party.mayEdit && (pop.other.raw || pop.other.number);
    if (pop.matches.length < 2 && chosen) return nothing;
    const several = pop.matches.length > 1;
    return html`<div class="sec who-sec">
      ${several ? html`<div class="sech"><h2>${word("belongs_to")}</h2><span class="q x2">${word("matches", { count: digits(pop.matches.length) })}</span></div>
        <div role="radiogroup" aria-label=${word("belongs_to")}>${pop.matches.slice(0, 9).map((match, n) => this.match(pop, match, n, chosen))}</div>` : nothing}
      ${edits
        ? html`<div class="row g3 w"><button class="btn ${chosen ? "t" : "p"} sm" type="button" @click=${() => this.create()}>${icon("user-plus", "s14")}${word("new_contact")}<kbd aria-hidden="true">N</kbd></button>
            <button class="btn ${chosen ? "t" : ""} sm" type="button" @click=${() => this.attach()}>${icon("link", "s14")}${word("attach_contact")}<kbd aria-hidden="true">A</kbd></button></div>`
        : nothing}</div>`;
  }

  private match(pop: Pop, match: Match, n: number, chosen: string | undefined): TemplateResult {
    const on = match.id === chosen;
    const under = [match.company, match.label || KINDS[match.number_kind]?.(), match.sure ? "" : word("maybe")].filter(Boolean).join(" · ");
    return html`<button class="match ${on ? "on" : ""}" type="button" role="radio" aria-checked=${on ? "true" : "false"} @click=${() => mine.choose(pop.call, match)}>
      <span class="radio ${on ? "on" : ""}"></span><span class="row g3"><bdi class="cut md">${match.name}</bdi>${match.tier === "vip" ? vip() : nothing}</span><kbd aria-hidden="true">${n + 1}</kbd>
      <span></span><bdi class="q x2 cut">${under}</bdi></button>`;
  }

  private came(pop: Pop): TemplateResult | typeof nothing {
    const rows: [string, TemplateResult][] = [];
    if (pop.line) rows.push([word("line"), tel(pop.line)]);
    if (pop.digits) rows.push([word("menu"), html`<span class="ivr">${[...pop.digits].map((one) => html`<kbd>${digits(one)}</kbd>`)}</span>`]);
    if (pop.queue) rows.push([word("queue"), html`<bdi>${pop.queue}</bdi>`]);
    if (pop.waiting_since && ringing(pop)) rows.push([word("waits"), clock(pop.waiting_since)]);
    if (pop.consulted_by) rows.push([word("asks"), html`<bdi>${pop.consulted_by.name ?? digits(pop.consulted_by.ext ?? "")}</bdi>`]);
    if (pop.mine?.ext) rows.push([word("my_phone_short"), html`<bdi class="num">${digits(pop.mine.ext)}</bdi>`]);
    if (!rows.length) return nothing;
    return html`<div class="sec"><div class="sech"><h2>${word("came")}</h2></div><dl class="dl">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;
  }

  // ---- what comes from the server

  protected override updated(): void {
    if (!mine.current && !this.wrapOf) void this.fill(this.querySelector('[data-slot="day"]'), this.dataset.day ?? "");
    for (const cols of this.querySelectorAll<HTMLElement>(".cols[data-call]")) this.later(cols);
  }

  private later(cols: HTMLElement): void {
    const pop = mine.pops.find((one) => one.pop === cols.dataset.pop);
    const call = cols.dataset.call!;
    const party = pop ? this.partyOf(pop) : "";
    const key = pop?.other.key ?? "";
    const form = cols.querySelector<HTMLElement>('[data-slot="form"]');
    if (form) void this.fill(form, `/work/result/${encodeURIComponent(call)}`);
    const wanted = `${call} ${party} ${key}`;
    if (cols.dataset.asked === wanted) return;
    cols.dataset.asked = wanted;
    clearTimeout(this.timers.get(call));
    this.timers.set(call, window.setTimeout(() => void this.bring(cols, call, party ?? "", key), SETTLE_MS));
  }

  private async bring(cols: HTMLElement, call: string, party: string, key: string): Promise<void> {
    const timeline = party ? `/timeline/party/${encodeURIComponent(party)}` : key && this.dataset.numbers === "1" ? `/timeline/number/${encodeURIComponent(key)}` : "";
    const slot = cols.querySelector<HTMLElement>('[data-slot="timeline"]');
    if (slot && timeline) void this.fill(slot, timeline);
    else if (slot) slot.innerHTML = `<div class="empty"><h3>${word("no_timeline")}</h3></div>`;
    const parts = await fragment(`/work/call/${encodeURIComponent(call)}${party ? `?party=${encodeURIComponent(party)}` : ""}`);
    if (parts === null) return;
    const made = document.createElement("template");
    made.innerHTML = parts;
    for (const part of made.content.querySelectorAll<HTMLElement>("[data-part]")) {
      const place = cols.querySelector<HTMLElement>(`[data-slot="${part.dataset.part}"]`);
      if (!place) continue;
      place.replaceChildren(...part.childNodes);
      htmx.process(place);
    }
    const found = made.content.querySelector<HTMLElement>("[data-name]");
    const pop = mine.pops.find((one) => one.call === call);
    if (found && party && pop && (mine.chosen.has(call) || !pop.other.contact)) {
      const { id, name, company, tier } = found.dataset;
      if (mine.chosen.get(call)?.company !== company) mine.choose(call, { id: id!, name: name!, company, tier });
    }
  }

  /** Once for each address; what is there already stays. */
  private async fill(slot: HTMLElement | null, url: string): Promise<void> {
    if (!slot || !url || slot.dataset.url === url) return;
    slot.dataset.url = url;
    slot.innerHTML = '<div class="skrow" aria-hidden="true"><span class="sk"></span><span class="sk"></span><span class="sk"></span></div>';
    const text = await fragment(url);
    if (slot.dataset.url !== url) return;
    if (text === null) {
      slot.innerHTML = `<div class="empty"><p>${word("not_loaded")}</p></div>`;
      setTimeout(() => delete slot.dataset.url, 5000);
      return;
    }
    slot.innerHTML = text;
    htmx.process(slot);
  }
}

async function fragment(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Tamas-Script": "1" } });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

customElements.define("tamas-work", Work);

export type { Work };
