// The live page as it was: asks for a playback, steers it, and holds the live board that shows it. The server says
// where the past stands (`playback` in the topic's data); between two words of it the clock goes on by itself.

import { CalendarDateTime, parseDate, toZoned } from "@internationalized/date";
import { html, LitElement, type TemplateResult } from "lit";
import { ask } from "./ask";
import { past } from "./clock";
import { icon } from "./parts";
import { push } from "./push";
import { digits, duration, percent, word } from "./words";

const PATH = "/api/v1/playbacks";
const TICK_MS = 200;
/** Silent for so long while it should go on: the server is asked whether it still plays. */
const SILENT_MS = 5000;
const STEPS = [-60, -10, 10, 60];
const MINUTE = 60_000;

interface Stand {
  id: string;
  topic: string;
  at: string;
  from: string;
  to: string;
  speed: number;
  playing: boolean;
  state: "reading" | "ready" | "now" | "failed";
  progress: number;
}

class Past extends LitElement {
  private stand: Stand | null = null;
  private why = "";
  private heard = 0;
  private asked = 0;
  /** The playback whose board was shown. */
  private seen = "";
  private sliding: number | null = null;
  private stop = () => {};
  private timer = 0;
  private asking = false;
  private zone = "UTC";
  private clocks = { time: new Intl.DateTimeFormat(), date: new Intl.DateTimeFormat() };
  private board: HTMLElement | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.zone = this.dataset.zone ?? "UTC";
    const root = document.documentElement;
    const calendar = root.dataset.calendar === "gregorian" ? "gregory" : "persian";
    const numerals = root.dataset.digits === "persian" ? "arabext" : "latn";
    const locale = `${root.lang}-u-ca-${calendar}-nu-${numerals}`;
    this.clocks = {
      time: new Intl.DateTimeFormat(locale, { timeZone: this.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
      date: new Intl.DateTimeFormat(locale, { timeZone: this.zone, weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    };
    past.now = () => this.now();
    document.addEventListener("keydown", this.key);
    addEventListener("pagehide", this.leave);
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
    void this.begin(Date.parse(this.dataset.at ?? ""), true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.key);
    removeEventListener("pagehide", this.leave);
    clearInterval(this.timer);
    this.stop();
    this.leave();
  }

  /** The moment that is shown, in epoch milliseconds. */
  private now(): number {
    const stand = this.stand;
    if (!stand) return Date.parse(this.dataset.at ?? "");
    const gone = stand.playing && stand.state === "ready" ? (performance.now() - this.heard) * stand.speed : 0;
    return Date.parse(stand.at) + Math.min(gone, 2000 * stand.speed);
  }

  private async begin(at: number, playing: boolean): Promise<void> {
    const speed = this.stand?.speed ?? 1;
    const answer = await ask("POST", PATH, { at: new Date(at).toISOString(), speed, playing });
    if (!answer.ok) {
      this.why = answer.why || word("server_away");
      this.requestUpdate();
      return;
    }
    this.why = "";
    this.watch(answer.data as Stand);
  }

  private watch(stand: Stand): void {
    this.stop();
    this.take(stand);
    const board = document.createElement("tamas-live");
    board.setAttribute("topic", stand.topic);
    this.board?.replaceChildren(board);
    this.stop = push.watch(stand.topic, (data) => {
      const told = (data as { playback?: Stand }).playback;
      if (told) this.take(told);
    });
  }

  private take(told: Stand): void {
    if (this.board) {
      if (told.state === "ready" || told.state === "now") this.seen = told.id;
      this.board.hidden = told.id !== this.seen; // an empty board would say that there were no calls
      this.board.ariaBusy = String(told.state === "reading"); // it is of another moment than the clock says
    }
    const moved = told.at !== this.stand?.at;
    this.stand = told;
    this.heard = performance.now();
    if (moved && !told.playing) this.write();
    this.requestUpdate();
  }

  /** The address says where one stands, so that it can be given to somebody. */
  private write(): void {
    const url = new URL(location.href);
    url.searchParams.set("at", new Date(this.now()).toISOString());
    history.replaceState(null, "", url);
  }

  private async change(wanted: { at?: number; speed?: number; playing?: boolean }): Promise<void> {
    if (!this.stand) {
      if (wanted.at !== undefined) await this.begin(this.within(wanted.at), true);
      return;
    }
    const { at, ...rest } = wanted;
    const body = at === undefined ? rest : { ...rest, at: new Date(this.within(at)).toISOString() };
    const answer = await ask("PATCH", `${PATH}/${this.stand.id}`, body);
    if (answer.ok) {
      this.why = "";
      this.take(answer.data as Stand);
      if (at !== undefined) this.write();
    } else if (answer.status === 404) {
      if (wanted.speed) this.stand = { ...this.stand, speed: wanted.speed };
      await this.begin(this.within(at ?? this.now()), wanted.playing ?? this.stand.playing);
    } else {
      this.why = answer.why || word("server_away");
      this.requestUpdate();
    }
  }

  private within(at: number): number {
    const from = Date.parse(this.stand?.from ?? this.dataset.from ?? "");
    return Math.min(Math.max(at, from), push.now() - 4000);
  }

  private tick(): void {
    const silent = performance.now() - Math.max(this.heard, this.asked) > SILENT_MS;
    if (this.stand && silent && !this.asking && !document.hidden && (this.stand.playing || this.stand.state === "reading")) {
      this.asking = true;
      this.asked = performance.now();
      void this.change({}).finally(() => (this.asking = false));
    }
    const time = this.querySelector("time");
    if (time && this.sliding === null) this.tell(time, this.now());
  }

  private tell(time: Element, at: number): void {
    const text = this.clocks.time.format(at);
    if (time.textContent === text) return;
    time.textContent = text;
    const slider = this.querySelector<HTMLInputElement>("input[type=range]");
    if (slider && this.sliding === null) slider.value = String(Math.round(at / 1000));
  }

  private leave = (): void => {
    if (!this.stand) return;
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
    const headers = { "X-CSRF-Token": token, "X-Tamas-Script": "1" };
    void fetch(`${PATH}/${this.stand.id}`, { method: "DELETE", headers, keepalive: true }).catch(() => undefined);
  };

  private key = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, textarea, select, dialog, tamas-date")) return;
    if (event.key === " " && target.closest("button, a, summary")) return;
    const steps: Record<string, number> = { ArrowLeft: -10, ArrowRight: 10, PageUp: -60, PageDown: 60 };
    const step = steps[event.key];
    if (event.key === " ") void this.change({ playing: !this.stand?.playing });
    else if (step) void this.change({ at: this.now() + step * 1000 });
    else return;
    event.preventDefault();
  };

  /** The day that is shown, as far as it is kept: the slider's two ends. */
  private ends(): [number, number] {
    const day = new CalendarDateTime(...this.day(this.now()));
    const [begin, end] = [day, day.add({ days: 1 })].map((one) => toZoned(one, this.zone).toDate().getTime());
    const from = Date.parse(this.stand?.from ?? this.dataset.from ?? "");
    return [Math.max(begin!, from), Math.max(from + 1000, Math.min(end!, push.now() - 4000))];
  }

  private day(at: number): [number, number, number] {
    const text = new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", { timeZone: this.zone }).format(at);
    const [year, month, day] = text.split("-").map(Number);
    return [year!, month!, day!];
  }

  private go(event: Event): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const day = String(new FormData(form).get("day") || this.day(this.now()).map((n) => String(n).padStart(2, "0")).join("-"));
    const typed = latin(form.querySelector<HTMLInputElement>("[name=time]")!.value).match(/^(\d{1,2})[:.]?(\d{2})(?:[:.](\d{2}))?$/);
    if (!typed || Number(typed[1]) > 23 || Number(typed[2]) > 59 || Number(typed[3] ?? 0) > 59) {
      this.why = word("time_wrong");
      this.requestUpdate();
      return;
    }
    const date = parseDate(day);
    const wall = new CalendarDateTime(date.year, date.month, date.day, Number(typed[1]), Number(typed[2]), Number(typed[3] ?? 0));
    const at = toZoned(wall, this.zone).toDate().getTime();
    const from = Date.parse(this.stand?.from ?? this.dataset.from ?? "");
    if (at < from - MINUTE || at > push.now()) {
      this.why = word("past_not_kept");
      this.requestUpdate();
      return;
    }
    void this.change({ at });
  }

  protected override firstUpdated(): void {
    this.board = this.querySelector(".was");
  }

  /** The clock is written here alone: five times a second is not worth a whole drawing. */
  protected override updated(): void {
    this.tell(this.querySelector("time")!, this.sliding ?? this.now());
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    if (!this.hasUpdated) this.replaceChildren();
    super.update(changed);
  }

  protected override render(): TemplateResult {
    return html`<section class="card player" aria-label=${word("playback")}>
        ${this.steering()} ${this.timeline()}
      </section>
      <div class="was" data-past></div>`;
  }

  private steering(): TemplateResult {
    const stand = this.stand;
    const at = this.sliding ?? this.now();
    const button = (step: number) => html`<button type="button" class="btn t sm ltr" ?disabled=${!stand} aria-label=${word(step < 0 ? "past_back" : "past_on", { time: duration(Math.abs(step)) })} @click=${() => this.change({ at: this.now() + step * 1000 })}><bdi class="num">${step < 0 ? "−" : "+"}${duration(Math.abs(step))}</bdi></button>`;
    const play = stand?.playing ? "past_pause" : "past_play";
    return html`<div class="steer row">
      <span class="moment col"><time class="num"></time>${this.said() ?? html`<span class="m x2">${this.date(at)}</span>`}</span>
      <span class="row g2" dir="ltr">${STEPS.slice(0, 2).map(button)}
        <button type="button" class="btn p sq" ?disabled=${!stand} aria-label=${word(play)} title=${word(play)} @click=${() => this.change({ playing: !stand?.playing })}>${icon(stand?.playing ? "pause" : "play")}</button>
        ${STEPS.slice(2).map(button)}</span>
      <span class="seg" dir="ltr" role="group" aria-label=${word("past_speed")}>${(this.dataset.speeds ?? "").split(" ").map(
        (speed) => html`<button type="button" aria-current=${String(stand?.speed === Number(speed))} aria-pressed=${String(stand?.speed === Number(speed))} ?disabled=${!stand} @click=${() => this.change({ speed: Number(speed) })}><bdi class="num">${digits(speed)}×</bdi></button>`,
      )}</span>
      <form class="jump row g2 end" @submit=${(event: Event) => this.go(event)}>
        <tamas-date class="in" name="day" aria-label=${word("past_day")}></tamas-date>
        <input class="in num ltr" name="time" inputmode="numeric" autocomplete="off" maxlength="8" size="8" aria-label=${word("past_time")} placeholder=${digits("14:30")} />
        <button class="btn">${word("past_go")}</button>
      </form>
    </div>`;
  }

  private timeline(): TemplateResult {
    const [from, to] = this.ends();
    const seconds = (at: number) => Math.round(at / 1000);
    const short = (at: number) => this.clocks.time.format(at);
    return html`<div class="line row g3" dir="ltr">
      <span class="num q x2">${short(from)}</span>
      <input type="range" min=${seconds(from)} max=${seconds(to)} step="1" .value=${String(seconds(this.sliding ?? this.now()))} ?disabled=${!this.stand}
        aria-label=${word("past_moment")} aria-valuetext=${short(this.sliding ?? this.now())}
        @input=${(event: Event) => this.slide(event)} @change=${() => this.slid()} />
      <span class="num q x2">${short(to)}</span>
    </div>`;
  }

  private slide(event: Event): void {
    this.sliding = Number((event.target as HTMLInputElement).value) * 1000;
    this.requestUpdate();
  }

  private slid(): void {
    const at = this.sliding;
    this.sliding = null;
    if (at !== null) void this.change({ at });
  }

  /** What there is to say, in place of the date; null for nothing. */
  private said(): TemplateResult | null {
    const stand = this.stand;
    if (this.why) return html`<span class="x2 crit" role="alert">${this.why}</span>`;
    if (stand?.state === "failed") return html`<span class="x2 crit" role="alert">${word("past_failed")}</span>`;
    if (stand?.state === "now") return html`<span class="x2 warn" role="status">${word("past_now")}</span>`;
    if (stand?.state !== "reading") return null;
    const done = percent(digits(Math.round(stand.progress * 100)));
    return html`<span class="x2 m row g2" role="status"><progress max="1" .value=${stand.progress} aria-hidden="true"></progress>${word("past_reading", { percent: done })}</span>`;
  }

  /** The day as people say it: in Persian the year comes last, whatever the browser's tables have. */
  private date(at: number): string {
    const parts = Object.fromEntries(this.clocks.date.formatToParts(at).map((part) => [part.type, part.value]));
    if (document.documentElement.lang !== "fa") return this.clocks.date.format(at);
    return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}`;
  }
}

function latin(text: string): string {
  return text.trim().replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0)).replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660));
}

customElements.define("tamas-past", Past);
