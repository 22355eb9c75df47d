// <tamas-ear>: the banner of a supervisor who hears a call (whom, how, how loud, stop), and of an agent who is told that
// he is heard. Screens ask for it by the event `tamas-listen`, in the click itself: {call, mode, with}.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { Heard } from "./heard";
import { clock, icon } from "./parts";
import { push } from "./push";
import { word } from "./words";

export type Mode = "listen" | "whisper" | "barge";

/** `with` left out: in the browser where that is set up, else with one's phone. */
export interface Wanted {
  call: string;
  mode: Mode;
  with?: "browser" | "phone";
}

interface Monitor extends Wanted {
  id: string;
  agent: string;
  /** `waits`: whom he heard has left, and he hears whoever takes the call next. */
  state: "begins" | "heard" | "waits" | "over";
  since: string;
  by: string;
  of_me?: boolean;
}

type News = Monitor & { kind?: string; why?: string };

const MODES: Mode[] = ["listen", "whisper", "barge"];
const LEVEL_MS = 80;
const SAID_MS = 12_000;
const VOLUME = "tamas-ear-volume";

class Ear extends LitElement {
  private mine: Monitor | null = null;
  private of_me = new Map<string, Monitor>();
  private sound: Heard | null = null;
  /** What ended last: its sound may be gone before it is told why. */
  private last = "";
  private said = "";
  private asking = false;
  private stop = () => {};
  private timer = 0;
  private saying = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch("messages", (data) => this.told((data ?? {}) as News));
    document.addEventListener("tamas-listen", this.wanted);
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    document.removeEventListener("tamas-listen", this.wanted);
    this.silence();
  }

  private wanted = (event: Event): void => {
    void this.begin((event as CustomEvent<Wanted>).detail);
  };

  /** What goes on already: a page that was loaded anew. */
  private async look(): Promise<void> {
    const answer = await ask("GET", "/api/v1/monitors");
    if (!answer.ok) return;
    for (const one of (answer.data as { items: Monitor[] }).items) {
      if (one.of_me) this.of_me.set(one.id, one);
      else if (!this.mine && one.with === "phone") this.mine = one;
    }
    this.requestUpdate();
  }

  private async begin(wanted: Wanted): Promise<void> {
    if (this.asking) return;
    this.silence();
    this.asking = true;
    this.say("");
    const sound = wanted.mode === "listen" && wanted.with !== "phone" ? new Heard(() => this.ended()) : null;
    const answer = await ask("POST", `/api/v1/calls/${encodeURIComponent(wanted.call)}/monitor`, {
      mode: wanted.mode,
      with: wanted.with ?? "",
    });
    this.asking = false;
    if (!answer.ok) {
      sound?.close();
      this.say(answer.why || word("server_away"));
      return;
    }
    const made = answer.data as { monitor: string; audio?: string; agent: string };
    const means = made.audio ? "browser" : "phone";
    if (this.mine?.id !== made.monitor) this.mine = { ...wanted, with: means, id: made.monitor, agent: made.agent, state: "begins", since: new Date().toISOString(), by: "" };
    if (sound && made.audio) this.listen(sound, made.audio);
    else sound?.close();
    this.requestUpdate();
  }

  private listen(sound: Heard, path: string): void {
    this.sound = sound;
    sound.volume = Number(localStorage.getItem(VOLUME) ?? 100);
    sound.open(path);
    this.timer = window.setInterval(() => {
      const meter = this.querySelector("meter");
      if (meter) meter.value = sound.level();
    }, LEVEL_MS);
  }

  private told(news: News): void {
    if (news.kind === "heard") {
      if (news.state === "over") this.of_me.delete(news.id);
      else this.of_me.set(news.id, { ...news });
    } else if (news.kind === "monitor" && news.state === "over") {
      if (this.mine?.id === news.id || (!this.mine && this.last === news.id)) this.ended(news.why);
    } else if (news.kind === "monitor") {
      if (this.mine && this.mine.id !== news.id) this.silence();
      this.mine = { ...news };
    } else return;
    this.requestUpdate();
  }

  /** It is over, whoever ended it. */
  private ended(why = ""): void {
    this.silence();
    this.last = this.mine?.id ?? this.last;
    this.mine = null;
    if (why) this.say(word(`ear_${why}`));
    this.requestUpdate();
  }

  private silence(): void {
    clearInterval(this.timer);
    this.sound?.close();
    this.sound = null;
  }

  private say(text: string): void {
    clearTimeout(this.saying);
    this.said = text;
    if (text) this.saying = window.setTimeout(() => this.say(""), SAID_MS);
    this.requestUpdate();
  }

  private async leave(): Promise<void> {
    const id = this.mine?.id;
    this.ended();
    if (id) await ask("DELETE", `/api/v1/monitors/${encodeURIComponent(id)}`);
  }

  private change(mode: Mode): void {
    if (this.mine && this.mine.mode !== mode) void this.begin({ call: this.mine.call, mode });
  }

  private turn(event: Event): void {
    const percent = (event.target as HTMLInputElement).value;
    localStorage.setItem(VOLUME, percent);
    if (this.sound) this.sound.volume = Number(percent);
  }

  protected override render(): TemplateResult {
    return html`${this.mine ? this.banner(this.mine) : nothing}${[...this.of_me.values()].map(
      (one) => html`<div class="ban s-cons" role="status">${icon("headphones")}<span>${word(`heard_${one.mode}`, { name: one.by })}</span></div>`,
    )}${this.said ? html`<div class="ban s-bad" role="alert">${icon("triangle-alert")}<span>${this.said}</span></div>` : nothing}`;
  }

  private banner(mine: Monitor): TemplateResult {
    const speaks = this.dataset.speak === "1";
    const begins = word(mine.with === "phone" ? "ear_my_phone" : "ear_begins");
    const text = mine.state === "heard" ? word(`hear_${mine.mode}`, { name: mine.agent }) : mine.state === "waits" ? word("ear_waits") : begins;
    return html`<div class="ban s-talk" role="status">
      ${icon("headphones")}<span><b>${text}</b></span>${mine.state === "heard" ? clock(mine.since) : nothing}
      <span class="end row g3">
        ${mine.with === "browser"
          ? html`<meter class="level" min="0" max="1" aria-label=${word("ear_level")}></meter>${icon("volume-2", "s14")}<input class="volume" type="range" min="0" max="150" value=${localStorage.getItem(VOLUME) ?? "100"} aria-label=${word("ear_volume")} @input=${this.turn}>`
          : nothing}
        <span class="seg" role="group">${MODES.map(
          (mode) =>
            html`<button type="button" aria-current=${mode === mine.mode ? "true" : nothing} ?disabled=${mode !== "listen" && !speaks} title=${mode !== "listen" && !speaks ? word("ear_may_not") : nothing} @click=${() => this.change(mode)}>${word(`mode_${mode}`)}</button>`,
        )}</span>
        <button class="btn sm" type="button" @click=${() => void this.leave()}>${icon("x")}${word("ear_stop")}</button>
      </span>
    </div>`;
  }
}

customElements.define("tamas-ear", Ear);

/** Buttons that begin it, wherever a page has them: `data-listen` is the way, `data-call` the call. */
document.addEventListener("click", (event) => {
  const button = (event.target as Element | null)?.closest<HTMLElement>("[data-listen]");
  if (!button) return;
  const detail: Wanted = { call: button.dataset.call ?? "", mode: button.dataset.listen as Mode };
  document.dispatchEvent(new CustomEvent("tamas-listen", { detail }));
});
