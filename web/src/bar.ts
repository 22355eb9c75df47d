// The call bar of every page: what my phone does now and what I can do about it. Its height never changes, so that
// nothing moves when it rings; a refusal is said in a line beneath it.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { anyway, become, can, isBusy, refusal, run, say } from "./controls";
import { clock, icon, mark } from "./parts";
import { called, mine, over, type Own, type Pop, ringing, talked } from "./pops";
import { softphone } from "./softphone";
import { digits, word } from "./words";

const KEYPAD = "123456789*0#";
const CHIPS = 3;

/** What a card says beneath its name. */
export function sentence(pop: Pop): string {
  const by = pop.by?.name ?? pop.by?.number ?? pop.by?.ext ?? "";
  if (pop.state === "elsewhere") return by ? word("answered_by", { name: by }) : word("answered_elsewhere");
  if (pop.state === "ended") return ending(pop);
  if (pop.dial && pop.doing !== "talk" && pop.doing !== "hold" && pop.doing !== "cons") return step(pop.dial.step);
  switch (pop.doing) {
    case "ring":
      if (pop.consulted_by) return word("asks_you", { name: pop.consulted_by.name ?? pop.consulted_by.ext ?? "" });
      return pop.queue ? word("rings_from", { queue: pop.queue }) : word("rings_you");
    case "dial":
      return word("dial_they_ring");
    case "hold":
      return word("hold");
    case "cons":
      return word("cons");
    case "park":
      return word("state_parked");
    default:
      return pop.consulted_by ? word("asked_by", { name: pop.consulted_by.name ?? pop.consulted_by.ext ?? "" }) : (pop.queue ?? word("talk"));
  }
}

const STEPS: Record<string, () => string> = {
  my_phone: () => word("dial_my_phone"),
  dialling: () => word("dial_dialling"),
  they_ring: () => word("dial_they_ring"),
  talking: () => word("talk"),
  busy: () => word("dial_busy"),
  noanswer: () => word("dial_noanswer"),
  refused: () => word("dial_refused"),
  failed: () => word("dial_failed"),
  over: () => word("state_ended"),
};

function step(name: string): string {
  return STEPS[name]?.() ?? word("talk");
}

const ENDINGS: Record<string, () => string> = {
  answered: () => word("state_ended"),
  missed: () => word("end_missed"),
  busy: () => word("dial_busy"),
  noanswer: () => word("dial_noanswer"),
  refused: () => word("dial_refused"),
  failed: () => word("dial_failed"),
  cancelled: () => word("end_cancelled"),
};

function ending(pop: Pop): string {
  if (pop.result === "noanswer" && !pop.dial && pop.direction === "inbound") return word("end_missed");
  if (pop.dial?.reason === "my_phone") return word("dial_my_phone_not");
  if (pop.dial?.reason) return word(pop.dial.reason);
  return ENDINGS[pop.result ?? ""]?.() ?? word("state_ended");
}

const MARK: Record<string, string> = { ring: "ring", dial: "ring", talk: "talk", hold: "hold", cons: "cons", park: "hold", off: "ended" };

export function markOf(pop: Pop): string {
  if (pop.state === "ended" && pop.result !== "answered") return "bad";
  return MARK[pop.doing] ?? "off";
}

export function vip(): TemplateResult {
  return html`<span class="vip">${icon("star", "s14")}${word("vip")}</span>`;
}

/** The face that the agent chose for a call, where several have its number. */
export function face(pop: Pop): { name: string; tier?: string; company?: string } {
  const chosen = mine.chosen.get(pop.call);
  if (chosen) return chosen;
  const match = pop.matches.find((one) => one.id === pop.other.contact);
  return { name: called(pop), tier: pop.other.tier, company: match?.company };
}

class Bar extends LitElement {
  private stops: (() => void)[] = [];
  private keypad = false;


  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [mine.watch(() => this.requestUpdate()), softphone.watch(() => this.requestUpdate())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
  }

  protected override render(): TemplateResult | typeof nothing {
    const pop = mine.current;
    const wrap = mine.own?.wrap;
    const rings = mine.live.filter(ringing);
    let content: TemplateResult | typeof nothing = nothing;
    let state = "idle";
    if (pop && !(wrap && over(pop))) {
      state = over(pop) ? "off" : ringing(pop) || pop.doing === "dial" || pop.doing === "ring" ? "ring" : "talk";
      content = html`${this.others(pop)}${pop.consult ? this.legs(pop) : this.who(pop)}${this.acts(pop)}`;
    } else if (wrap) {
      state = "wrap";
      content = this.wrap(wrap);
    }
    if (this.dataset.s !== state) this.dataset.s = state;
    document.documentElement.classList.toggle("has-call", state !== "idle");
    document.documentElement.classList.toggle("consulting", Boolean(pop?.consult && !over(pop)));
    return html`<div class="call" data-s=${state} role="region" aria-label=${word("my_call")}>${content}</div>
      ${this.refused()}${this.transferSheet()}
      <p class="vh" aria-live="assertive">${rings.length ? this.announced(rings[0]!) : ""}</p>
      <p class="vh" aria-live="polite">${pop && !ringing(pop) ? `${face(pop).name}: ${sentence(pop)}` : ""}</p>`;
  }

  private announced(pop: Pop): string {
    return `${face(pop).name}, ${sentence(pop)}`;
  }

  /** On the desk it stands at the side; elsewhere beneath the bar. */
  private transferSheet(): TemplateResult | typeof nothing {
    if (!mine.transferring || document.querySelector("tamas-work")) return nothing;
    return html`<div class="transfer-pop"><tamas-transfer .call=${mine.transferring}></tamas-transfer></div>`;
  }

  private refused(): TemplateResult | typeof nothing {
    const why = refusal();
    if (!why) return nothing;
    const again = anyway();
    return html`<p class="ban s-bad refusal" role="alert">${icon("triangle-alert")}<span class="f1">${why}</span>
      ${again ? html`<button class="btn sm" type="button" @click=${again}>${word("call_anyway")}</button>` : nothing}
      <button class="btn t sq sm" type="button" aria-label=${word("close")} @click=${() => say("")}>${icon("x")}</button></p>`;
  }

  /** The other calls at once: a click looks at one. */
  private others(current: Pop): TemplateResult | typeof nothing {
    const others = mine.shown.filter((pop) => pop !== current && !over(pop));
    if (!others.length) return nothing;
    return html`<span class="chips">${repeat(others.slice(0, CHIPS), (pop) => pop.pop, (pop) => html`
      <button class="leg ${pop.doing}" type="button" @click=${() => mine.look(pop.pop)} title=${sentence(pop)}>
        ${mark(markOf(pop))}<span class="col"><b class="cut"><bdi>${face(pop).name}</bdi></b>
        <small>${sentence(pop)} ${clock(pop.since)}</small></span></button>`)}
      ${others.length > CHIPS ? html`<span class="tag">+${digits(others.length - CHIPS)}</span>` : nothing}</span>`;
  }

  private who(pop: Pop): TemplateResult {
    const { name, tier } = face(pop);
    const dot = over(pop) ? "off" : ringing(pop) || pop.doing === "dial" || pop.doing === "ring" ? "ring" : pop.doing === "hold" ? "hold" : "talk";
    const image = pop.doing === "hold" ? "pause" : pop.direction === "outbound" ? "phone-outgoing" : over(pop) ? "phone-off" : "phone";
    return html`<span class="ringdot ${dot}">${icon(image)}</span>
      <a class="who" href="/work" title=${word("to_desk")}><span class="row g3"><b class="cut"><bdi>${name}</bdi></b>${tier === "vip" ? vip() : nothing}</span>
        <span class="cut">${sentence(pop)}${pop.recording === "on" ? html` · ${word("recorded")}` : nothing}</span></a>
      ${over(pop) ? nothing : clock(pop.since, "clock end")}`;
  }

  /** The two of a consultation: who waits, who is asked, each with its clock. */
  private legs(pop: Pop): TemplateResult {
    const { name } = face(pop);
    const consult = pop.consult!;
    const swapped = consult.doing === "hold";
    const asked = consult.name ?? consult.to ?? "";
    return html`<span class="legs">
      <span class="leg ${swapped ? "talk" : "hold"}">${mark(swapped ? "talk" : "hold")}<span class="col"><b class="cut"><bdi>${name}</bdi></b><small>${swapped ? word("talk") : word("hold")} ${clock(pop.since)}</small></span></span>
      <span class="leg ${swapped ? "hold" : "cons"}">${mark(swapped ? "hold" : consult.doing === "ring" ? "ring" : "cons")}<span class="col"><b class="cut"><bdi>${consult.name ? asked : digits(asked)}</bdi></b><small>${consult.doing === "ring" ? word("ring") : swapped ? word("hold") : word("cons")} ${clock(consult.since)}</small></span></span>
    </span>`;
  }

  private acts(pop: Pop): TemplateResult {
    if (over(pop)) return this.overActs(pop);
    if (ringing(pop)) {
      return html`<span class="cacts">${this.button(pop, "hangup", "", word("decline"), "F9", "lg")}${this.button(pop, "answer", "phone", word("answer"), "F8", "a lg")}</span>`;
    }
    if (pop.doing === "dial" || pop.doing === "ring") {
      return html`<span class="cacts one">${this.button(pop, "hangup", "phone-off", word("hang_up"), "F9", "h lg")}</span>`;
    }
    if (pop.doing === "park") {
      return html`<span class="cacts one">${this.button(pop, "fetch", "rotate-ccw", word("fetch_back"), "", "p lg")}</span>`;
    }
    if (pop.consult && ["complete", "cancel", "swap"].some((verb) => can(pop, verb) !== undefined)) {
      return html`${this.controls(pop)}<span class="sep"></span><span class="cacts grid4">
        ${this.button(pop, "swap", "arrow-left-right", word("swap"))}${this.button(pop, "join", "users", word("join_all"))}
        ${this.button(pop, "cancel", "", word("cancel"), "Esc")}${this.button(pop, "complete", "corner-up-right", word("complete"), "F7", "p")}</span>`;
    }
    return html`${this.controls(pop)}<span class="sep"></span><span class="cacts one">${this.button(pop, "hangup", "phone-off", word("hang_up"), "F9", "h lg")}</span>`;
  }

  private overActs(pop: Pop): TemplateResult {
    if (!talked(pop)) return html`<span class="end"></span>`;
    return html`<span class="cacts end two"><a class="btn" href="/work">${icon("pencil")}${word("say_result")}</a>
      <button class="btn t sq" type="button" aria-label=${word("close")} title=${word("close")} @click=${() => mine.close(pop.pop)}>${icon("x")}</button></span>`;
  }

  /** A verb with its name; what the device cannot do stands there with its reason. */
  private button(pop: Pop, verb: string, image: string, label: string, key = "", cls = ""): TemplateResult | typeof nothing {
    const may = can(pop, verb);
    if (may === undefined) return nothing;
    const busy = isBusy(pop, verb);
    const why = may === true ? "" : may;
    return html`<button class="btn ${cls} ${busy ? "busy" : ""}" type="button" data-verb=${verb} aria-keyshortcuts=${key || nothing}
      aria-disabled=${why ? "true" : nothing} title=${why || nothing} aria-describedby=${nothing}
      @click=${() => (why ? say(why) : void run(verb, pop))}>
      ${busy ? html`<span class="spin"></span>` : image ? icon(image, image === "corner-up-right" ? "flip" : "") : nothing}${label}${key ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}</button>`;
  }

  private controls(pop: Pop): TemplateResult {
    const here = softphone.callOf(pop);
    const held = pop.doing === "hold";
    const paused = pop.recording === "paused";
    return html`<span class="ctls" role="group" aria-label=${word("controls")}>
      ${this.control(pop, "mute", here?.muted ? "mic-off" : "mic", here?.muted ? word("unmute") : word("mute"), "M", Boolean(here?.muted), here?.muted ? "unmute" : "mute")}
      ${held ? this.control(pop, "unhold", "play", word("unhold"), "H", true) : this.control(pop, "hold", "pause", word("hold_verb"), "H")}
      ${this.pad(pop)}
      ${(pop.recording === "on" || paused) && can(pop, "pause_recording") !== undefined
        ? this.control(pop, "pause_recording", paused ? "circle-dot" : "circle-pause", paused ? word("recording_paused") : word("pause_recording"), "", paused)
        : this.control(pop, "record", "circle-dot", word("record"), "", pop.recording === "on")}
      ${this.transfer(pop)}
      ${this.control(pop, "park", "square-parking", word("park"))}
    </span>`;
  }

  private control(pop: Pop, verb: string, image: string, label: string, key = "", on = false, run_ = verb): TemplateResult | typeof nothing {
    const may = can(pop, verb);
    if (may === undefined) return nothing;
    const why = may === true ? "" : may;
    return html`<button class="ctl ${on ? "on" : ""}" type="button" data-verb=${verb} aria-pressed=${on ? "true" : "false"} aria-keyshortcuts=${key || nothing}
      aria-disabled=${why ? "true" : nothing} title=${why || (key ? `${label} (${key})` : label)}
      @click=${() => (why ? say(why) : void run(run_, pop))}>${isBusy(pop, run_) ? html`<span class="spin"></span>` : icon(image, "s18")}<span>${label}</span></button>`;
  }

  private transfer(pop: Pop): TemplateResult | typeof nothing {
    const may = can(pop, "transfer");
    if (may === undefined) return nothing;
    const why = may === true ? "" : may;
    const on = mine.transferring === pop.call;
    return html`<button class="ctl ${on ? "on" : ""}" type="button" data-verb="transfer" aria-expanded=${on ? "true" : "false"} aria-keyshortcuts="F7 T"
      aria-disabled=${why ? "true" : nothing} title=${why || `${word("transfer")} (T)`}
      @click=${() => (why ? say(why) : mine.transfer(on ? null : pop.call))}>${icon("phone-forwarded", "s18 flip")}<span>${word("transfer")}</span></button>`;
  }

  private pad(pop: Pop): TemplateResult | typeof nothing {
    if (can(pop, "dtmf") === undefined) return nothing;
    const toggle = () => {
      this.keypad = !this.keypad;
      this.requestUpdate();
    };
    return html`<span class="padded"><button class="ctl ${this.keypad ? "on" : ""}" type="button" aria-expanded=${this.keypad ? "true" : "false"} @click=${toggle}>${icon("grid-3x3", "s18")}<span>${word("keypad")}</span></button>
      ${this.keypad
        ? html`<span class="keypad" role="group" aria-label=${word("keypad")}>${[...KEYPAD].map((key) => html`<button class="btn lg" type="button" @click=${() => void run("dtmf", pop, { keys: key })}>${digits(key)}</button>`)}</span>`
        : nothing}</span>`;
  }

  private wrap(wrap: NonNullable<Own["wrap"]>): TemplateResult {
    const pop = mine.pops.find((one) => one.call === wrap.call);
    const more = wrap.until !== undefined && (wrap.extensions === undefined || wrap.extended < wrap.extensions);
    return html`<span class="ringdot wrap">${icon("pencil")}</span>
      <a class="who" href="/work"><b class="cut">${pop ? html`${word("wrap_of")} <bdi>${face(pop).name}</bdi>` : word("wrap")}</b>
        <span class="cut">${wrap.until ? word("wrap_then_ready") : word("wrap_open")}</span></a>
      ${wrap.until ? html`<t-clock class="clock tn num end" until=${wrap.until} aria-hidden="true"></t-clock>` : clock(wrap.since, "clock end")}
      <span class="cacts">${more ? html`<button class="btn" type="button" @click=${() => void become("extend")}>${icon("plus")}${word("wrap_more")}</button>` : nothing}
        <button class="btn p lg" type="button" aria-keyshortcuts="F8" @click=${() => document.dispatchEvent(new CustomEvent("tamas-wrapped"))}>${icon("check")}${word("save_ready")}<kbd aria-hidden="true">F8</kbd></button></span>`;
  }
}

customElements.define("tamas-bar", Bar);
