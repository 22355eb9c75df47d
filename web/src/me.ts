// My own state in the bar of every page: what it is and since when, and a menu to change it: ready, a pause with its
// reason, in and out of queues. Where the PBX says otherwise than we do, both are shown.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { become, say } from "./controls";
import { clock, icon, mark } from "./parts";
import { mine, type Own } from "./pops";
import { softphone } from "./softphone";
import { bell } from "./sound";
import { digits, word } from "./words";

const NAMES: Record<string, () => string> = {
  off: () => word("off"),
  ready: () => word("ready"),
  pause: () => word("pause"),
  wrap: () => word("wrap"),
  ring: () => word("ring"),
  dial: () => word("calling"),
  talk: () => word("talk"),
  hold: () => word("hold"),
  cons: () => word("cons"),
  in: () => word("queue_in"),
  out: () => word("queue_out"),
  paused: () => word("pause"),
};

/** The word of a state. */
export function stateName(state: string): string {
  return NAMES[state]?.() ?? state;
}

export function stateMark(state: string): string {
  return state === "dial" ? "ring" : state;
}

class Me extends LitElement {
  private stops: (() => void)[] = [];
  private reasons: Named[] | null = null;
  private open = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [mine, bell, softphone].map((one) => one.watch(() => this.requestUpdate()));
    document.addEventListener("click", this.outside);
    document.addEventListener("keydown", this.key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
    document.removeEventListener("click", this.outside);
    document.removeEventListener("keydown", this.key);
  }

  private outside = (event: Event): void => {
    if (this.open && !event.composedPath().includes(this)) this.show(false);
  };

  private key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && this.open) {
      this.show(false);
      this.querySelector<HTMLElement>(".me")?.focus();
    }
  };

  /** Open the menu with the keyboard in it. */
  enter(): void {
    this.show(true);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".states button")?.focus());
  }

  /** The nth choice of the menu. */
  pick(n: number): void {
    this.querySelectorAll<HTMLButtonElement>(".states button")[n - 1]?.click();
  }

  get opened(): boolean {
    return this.open;
  }

  private show(open: boolean): void {
    this.open = open;
    this.requestUpdate();
    if (open && !this.reasons) void this.load();
  }

  private async load(): Promise<void> {
    const answer = await ask("GET", "/api/v1/pause-reasons");
    if (answer.ok) this.reasons = (answer.data as { items: (Named & { active?: boolean })[] }).items.filter((one) => one.active !== false);
    this.requestUpdate();
  }

  private async choose(verb: string, body: object = {}): Promise<void> {
    this.show(false);
    await become(verb, body);
  }

  protected override render(): TemplateResult | typeof nothing {
    const own = mine.own;
    if (!own?.state) return nothing;
    const name = own.reason ? labelOf(own.reason) : stateName(own.state);
    const differs = own.differs?.length;
    return html`<button class="me ${differs ? "differs" : ""}" type="button" aria-expanded=${this.open ? "true" : "false"} aria-haspopup="true"
        @click=${() => this.show(!this.open)}>${mark(stateMark(own.state))}<span class="st s-${stateMark(own.state)} cut"><span class="vh">${word("my_state")}</span> ${name}</span>
        ${own.since ? clock(own.since, "b") : nothing}${differs ? mark("warn") : nothing}${icon("chevron-down", "s14")}</button>
      ${this.open ? this.menu(own) : nothing}`;
  }

  private menu(own: Own): TemplateResult {
    return html`<div class="pop me-menu col">
      ${this.differs(own)}${this.missed(own)}
      <div class="states col" role="group" aria-label=${word("my_state")}>
        <button type="button" aria-pressed=${own.own === "ready" ? "true" : "false"} @click=${() => void this.choose(own.wrap ? "wrap-up-done" : own.own === "off" ? "sign-in" : "ready")}>${mark("ready")}<span class="f1">${own.own === "off" ? word("sign_in_all") : word("ready")}</span>${this.number(1)}</button>
        ${this.reasons?.map((one, n) => html`<button type="button" aria-pressed=${own.reason?.id === one.id ? "true" : "false"} @click=${() => void this.choose("pause", { reason: one.id })}>${mark("pause")}<bdi class="f1">${labelOf(one)}</bdi>${this.number(n + 2)}</button>`) ??
        html`<span class="sk" aria-hidden="true"></span>`}
        ${own.own === "off" ? nothing : html`<button type="button" @click=${() => void this.choose("sign-out")}>${mark("off")}${word("sign_out_all")}</button>`}
      </div>
      ${this.stack(own)}${this.queues(own)}${this.sound()}
      ${this.softphone()}${own.phone ? html`<p class="q x2 row g3">${icon("headset", "s14")}${word("my_phone", { ext: digits(own.phone.ext ?? "") })}${!own.phone.endpoint ? html` · <span class="crit">${word("phone_unknown")}</span>` : own.phone.reachable === false ? html` · <span class="crit">${word("phone_unreachable")}</span>` : nothing}</p>` : html`<p class="q x2 row g3">${icon("headset", "s14")}<a class="l" href="/desk">${word("no_phone")}</a></p>`}
    </div>`;
  }

  private number(n: number): TemplateResult | typeof nothing {
    return n < 10 ? html`<kbd aria-hidden="true">S ${n}</kbd>` : nothing;
  }

  /** Pauses within pauses: what one comes back to. */
  private stack(own: Own): TemplateResult | typeof nothing {
    const below = (own.pauses ?? []).slice(0, -1).reverse();
    if (!below.length) return nothing;
    return html`<p class="q x2">${word("before_that")} ${below.map((one, n) => html`${n ? "، " : ""}<bdi>${labelOf(one.reason)}</bdi>`)}</p>`;
  }

  private queues(own: Own): TemplateResult | typeof nothing {
    const queues = own.queues ?? [];
    if (!queues.length) return nothing;
    const inside = queues.filter((one) => one.in).map((one) => one.queue);
    const change = (name: string, on: boolean) => {
      const next = on ? [...inside, name] : inside.filter((one) => one !== name);
      void become(next.length ? "sign-in" : "sign-out", next.length ? { queues: next } : {});
    };
    return html`<fieldset class="in-queues col"><legend class="lbl">${word("my_queues")}</legend>${queues.map(
      (one) => html`<label class="row g3"><input type="checkbox" .checked=${one.in} @change=${(event: Event) => change(one.queue, (event.target as HTMLInputElement).checked)}><bdi class="f1 cut">${one.queue}</bdi><span class="q x2">${one.in ? (one.paused ? word("pause") : word("queue_in")) : word("queue_out")}</span></label>`,
    )}</fieldset>`;
  }

  private sound(): TemplateResult {
    return html`<fieldset class="col in-queues"><legend class="lbl">${word("sound")}</legend>
      <label class="row g3"><input type="checkbox" .checked=${bell.on} @change=${(event: Event) => void bell.turn((event.target as HTMLInputElement).checked)}><span class="f1">${word("sound_on")}</span></label>
      ${bell.on ? html`<label class="row g3">${icon("volume-2", "s14")}<span class="vh">${word("volume")}</span><input class="f1" type="range" min="0" max="100" .value=${String(bell.volume)} @change=${(event: Event) => bell.set(Number((event.target as HTMLInputElement).value))}></label>` : nothing}</fieldset>`;
  }

  /** The phone in the browser: its state, and a call in which one hears oneself. */
  private softphone(): TemplateResult | typeof nothing {
    const { status } = softphone.state;
    if (status === "off") return nothing;
    const may = status === "ready" && (softphone.echo || !softphone.state.calls.length);
    return html`<fieldset class="col in-queues"><legend class="lbl">${word("phone")}</legend>
      <div class="row g3 w"><span class="q x2 f1">${word(`phone_${status}`)}</span>
      <button type="button" class="btn sm echo" aria-disabled=${may ? nothing : "true"} @click=${() => (may ? void softphone.test().then(say) : undefined)}>${icon(softphone.echo ? "phone-off" : "headphones", "s14")}${word(softphone.echo ? "phone_echo_stop" : "phone_echo")}</button></div></fieldset>`;
  }

  private differs(own: Own): TemplateResult | typeof nothing {
    if (!own.differs?.length) return nothing;
    return html`<div class="ban s-ring">${mark("warn")}<span>${own.differs.map((one) => html`<span class="col">${word("differs", { queue: one.queue, we: stateName(one.we), pbx: stateName(one.pbx_says) })}</span>`)}</span></div>`;
  }

  private missed(own: Own): TemplateResult | typeof nothing {
    if (!own.missed) return nothing;
    return html`<div class="ban s-bad">${icon("phone-missed")}<span>${word("away_missed")}</span></div>`;
  }
}

type Named = { id: string; fa?: string; en?: string; label?: string };

/** A reason in the reader's language. */
export function labelOf(reason: Named): string {
  const [first, second] = document.documentElement.lang === "fa" ? [reason.fa, reason.en] : [reason.en, reason.fa];
  return first || second || reason.label || reason.id;
}

customElements.define("tamas-me", Me);

export type { Me };
