// <tamas-transfer>: to whom a call is handed: a colleague by name and what he does now, a queue, or a number; at once
// or after asking him. At the side of the desktop, and as a sheet on other pages and small screens.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { can, isBusy, run, say } from "./controls";
import { labelOf, stateMark, stateName } from "./me";
import { icon, mark, num } from "./parts";
import { mine, type Pop, type Reason } from "./pops";
import { push } from "./push";
import { digits, word } from "./words";

interface Colleague {
  id: string;
  name: string;
  ext?: string;
  state: string;
  since?: string;
  reason?: Reason;
  reachable?: boolean;
  team_names?: string[];
  /** Talked today. */
  calls?: number;
}

type Kind = "people" | "queues" | "number";
const MOST = 40;
const ORDER = ["ready", "wrap", "pause", "ring", "dial", "hold", "cons", "talk", "off"];

/** As the server folds what is searched. */
function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/[\u200c\s]+/g, " ").trim();
}

function latin(text: string): string {
  return text.replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0)).replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660));
}

class Transfer extends LitElement {
  static override properties = { call: {} };
  declare call: string;
  private people: Colleague[] = [];
  private kind: Kind = "people";
  private text = "";
  private at = 0;
  private stops: (() => void)[] = [];

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
    this.stops = [mine.watch(() => this.requestUpdate()), push.watch("agents", (data) => this.news(data as Record<string, Partial<Colleague>>))];
    void this.updateComplete.then(() => this.querySelector("input")?.focus());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
  }

  /** The queues: those that are called by a number are dialled, others are entered by their name. */
  private queues(): string[] {
    const all = this.dataset.queues?.split("\n") ?? (mine.own?.queues ?? []).map((one) => one.queue);
    return [...new Set(all)].filter(Boolean);
  }

  private async load(): Promise<void> {
    const answer = await ask("GET", "/api/v1/agents");
    if (answer.ok) this.people = (answer.data as { items: Colleague[] }).items;
    this.requestUpdate();
  }

  private news(states: Record<string, Partial<Colleague>>): void {
    this.people = this.people.map((one) => (states[one.id] ? { ...one, ...states[one.id] } : one));
    this.requestUpdate();
  }

  private get pop(): Pop | undefined {
    return mine.live.find((pop) => pop.call === this.call);
  }

  private get found(): { to: string; label: string; colleague?: Colleague }[] {
    const wanted = folded(this.text);
    if (this.kind === "number") return [];
    if (this.kind === "queues") {
      return this.queues().filter((name) => name.includes(wanted)).map((name) => ({ to: name, label: name }));
    }
    const digits = latin(wanted);
    const fits = (one: Colleague) => folded(one.name).split(" ").some((part) => part.startsWith(wanted)) || folded(one.name).includes(wanted) || (one.ext ?? "").startsWith(digits);
    return this.people
      .filter((one) => one.ext && one.ext !== this.pop?.mine?.ext && (!wanted || fits(one)))
      .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, "fa"))
      .slice(0, MOST)
      .map((one) => ({ to: one.ext!, label: one.name, colleague: one }));
  }

  private close(): void {
    mine.transfer(null);
  }

  private async hand(to: string, kind: "blind" | "attended"): Promise<void> {
    const pop = this.pop;
    if (!pop || !to) return;
    const verb = kind === "blind" ? "transfer" : "consult";
    const may = can(pop, verb);
    if (may !== true) return say(may ?? "");
    const named = this.kind === "queues" && !/^\d+$/.test(to);
    if (await run(verb, pop, named ? { queue: to } : { to })) this.close();
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const found = this.found;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(1, found.length);
      this.requestUpdate();
    } else if (event.key === "Enter") {
      const to = this.kind === "number" || !found[this.at] ? latin(this.text).trim() : found[this.at]!.to;
      void this.hand(to, event.shiftKey || this.kind === "queues" ? "blind" : "attended");
    } else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private turn(kind: Kind): void {
    this.kind = kind;
    this.at = 0;
    this.requestUpdate();
    this.querySelector("input")?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const pop = this.pop;
    if (!pop) return nothing;
    const found = this.found;
    const kinds: [Kind, string][] = [["people", word("people")], ["number", word("number")]];
    if (this.queues().length) kinds.splice(1, 0, ["queues", word("queues")]);
    const placeholder = this.kind === "number" ? word("number") : this.kind === "queues" ? word("queue") : word("transfer_find");
    return html`<section class="sec transfer" aria-label=${word("transfer")}>
      <div class="sech"><h2>${word("transfer")}</h2><button class="btn t sm end" type="button" @click=${() => this.close()}>${word("close")}<kbd aria-hidden="true">Esc</kbd></button></div>
      <label class="in">${icon("search", "s14 q")}<input type="text" autocomplete="off" spellcheck="false" maxlength="40" role="combobox" aria-expanded="true" aria-controls="transfer-list" aria-autocomplete="list"
        aria-activedescendant=${found[this.at] ? `to-${this.at}` : nothing} aria-label=${placeholder} placeholder=${placeholder} .value=${this.text}
        @input=${(event: Event) => ((this.text = (event.target as HTMLInputElement).value), (this.at = 0), this.requestUpdate())} @keydown=${(event: KeyboardEvent) => this.key(event)}></label>
      <div class="seg" role="group" aria-label=${word("transfer_to")}>${kinds.map(([kind, label]) => html`<button type="button" aria-current=${this.kind === kind ? "true" : "false"} @click=${() => this.turn(kind)}>${label}</button>`)}</div>
      ${this.kind === "number" || (!found.length && /\d/.test(latin(this.text)))
        ? this.doings(pop, latin(this.text).trim())
        : html`<ul class="to" id="transfer-list" role="listbox" aria-label=${word("transfer_to")}>${found.map((one, n) => this.row(pop, one, n))}</ul>
          ${found.length ? nothing : html`<p class="q pad0">${word("nothing_found")}</p>`}`}
      <p class="hint row g3">${icon("sticky-note", "s14")}${word("transfer_notes")}</p>
    </section>`;
  }

  private row(pop: Pop, one: { to: string; label: string; colleague?: Colleague }, n: number): TemplateResult {
    const who = one.colleague;
    const on = n === this.at;
    const look = () => {
      this.at = n;
      this.requestUpdate();
    };
    return html`<li id=${`to-${n}`} role="option" aria-selected=${on ? "true" : "false"} class=${on ? "on" : ""} @click=${look} @dblclick=${() => void this.hand(one.to, this.kind === "queues" ? "blind" : "attended")}>
      <span class="row g4"><span class="col f1"><b class="md cut"><bdi>${one.label}</bdi></b>${who ? this.about(who) : nothing}</span>
      ${who ? html`<span class="st s-${stateMark(who.state)}">${mark(stateMark(who.state))}${stateName(who.state)}</span>${num(who.ext ?? "")}` : nothing}</span>
      ${on ? this.doings(pop, one.to) : nothing}</li>`;
  }

  /** Where he belongs, what holds him, and how much he had today. */
  private about(who: Colleague): TemplateResult {
    const parts = [
      ...(who.team_names ?? []).map((name) => html`<bdi>${name}</bdi>`),
      ...(who.reason ? [html`<bdi>${labelOf(who.reason)}</bdi>`] : []),
      ...(who.reachable === false ? [html`<span class="crit">${word("phone_unreachable")}</span>`] : []),
      ...(who.calls === undefined ? [] : [word("calls_today", { n: digits(who.calls) })]),
    ];
    return html`<span class="q x2 cut">${parts.map((part, n) => html`${n ? " · " : ""}${part}`)}</span>`;
  }

  private doings(pop: Pop, to: string): TemplateResult {
    const doing = (verb: string, kind: "blind" | "attended", label: string, key: string, cls: string) => {
      const may = can(pop, verb);
      const why = may === true ? "" : (may ?? word("not_now"));
      return html`<button class="btn sm ${cls}" type="button" aria-disabled=${why || !to ? "true" : nothing} title=${why || nothing}
        @click=${() => (why ? say(why) : void this.hand(to, kind))}>${isBusy(pop, verb) ? html`<span class="spin"></span>` : nothing}${label}<kbd aria-hidden="true">${key}</kbd></button>`;
    };
    const asks = this.kind !== "queues";
    return html`<span class="row g3 doings2">${asks ? doing("consult", "attended", word("transfer_ask"), "Enter", "p") : nothing}${doing("transfer", "blind", word("transfer_now"), "Shift Enter", "")}</span>`;
  }
}

customElements.define("tamas-transfer", Transfer);
