// From one day to another, in one control: both typed in either calendar, or picked from a month one after the other. The
// form gets two fields with ISO dates, or what was typed where that is no date.
//
// <tamas-range names="from to" from to [min max]>: either end may be empty.

import { type CalendarDate } from "@internationalized/date";
import { html, nothing, type TemplateResult } from "lit";
import { Calendar, iso, now, type Place, read, written } from "./calendar";
import { icon } from "./parts";
import { digits, word } from "./words";

type End = "from" | "to";
const ENDS: End[] = ["from", "to"];

class RangeField extends Calendar {
  /** What stands in the two fields: a date, or a text that is none. */
  private ends: Record<End, CalendarDate | string> = { from: "", to: "" };
  /** The first of two days is chosen, the other not yet. */
  private begun: CalendarDate | null = null;
  private changed = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.formResetCallback();
  }

  formResetCallback(): void {
    this.set(this.meant(this.getAttribute("from")), this.meant(this.getAttribute("to")));
    this.shown = this.dateOf("to") ?? this.dateOf("from") ?? now();
  }

  private meant(text: string | null): CalendarDate | string {
    return read(text ?? "") ?? text?.trim() ?? "";
  }

  private dateOf(end: End): CalendarDate | null {
    const value = this.ends[end];
    return typeof value === "string" ? null : value;
  }

  private wrong(end: End): boolean {
    const value = this.ends[end];
    return typeof value === "string" ? value !== "" : this.outside(value);
  }

  private set(from: CalendarDate | string, to: CalendarDate | string): void {
    if (typeof from !== "string" && typeof to !== "string" && from.compare(to) > 0) [from, to] = [to, from];
    this.ends = { from, to };
    const names = (this.getAttribute("names") ?? "from to").split(" ");
    const form = new FormData();
    ENDS.forEach((end, n) => {
      const value = this.ends[end];
      form.append(names[n]!, typeof value === "string" ? value : iso(value));
    });
    this.internals.setFormValue(form);
    this.requestUpdate();
  }

  private tell(): void {
    this.changed = false;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private typed(end: End, text: string): void {
    const value = this.meant(text);
    this.set(end === "from" ? value : this.ends.from, end === "to" ? value : this.ends.to);
    this.shown = this.dateOf(end) ?? this.shown;
    this.changed = true;
  }

  protected override shut(): void {
    super.shut();
    this.begun = null;
  }

  protected override toggle(): void {
    this.begun = null;
    this.shown = this.dateOf("from") ?? this.dateOf("to") ?? now();
    super.toggle();
  }

  /** Both fields are filled in before anything is asked for. */
  protected override left(): void {
    super.left();
    if (this.changed && !ENDS.some((end) => this.wrong(end))) this.tell();
  }

  protected pick(date: CalendarDate): void {
    if (this.outside(date)) return;
    this.shown = date;
    if (this.begun === null) {
      this.begun = date;
      this.requestUpdate();
    } else this.take(this.begun, date);
  }

  private take(from: CalendarDate, to: CalendarDate): void {
    this.set(from, to);
    this.shut();
    this.querySelector<HTMLElement>(":scope > .btn")?.focus();
    this.tell();
  }

  protected place(day: CalendarDate): Place {
    let [first, last] = this.begun ? [this.begun, this.shown] : [this.dateOf("from"), this.dateOf("to")];
    if (first && last && first.compare(last) > 0) [first, last] = [last, first];
    const [start, end] = [first !== null && day.compare(first) === 0, last !== null && day.compare(last) === 0];
    if (start && (end || !last)) return "one";
    if (start || end) return start ? "start" : first ? "end" : "one";
    return first && last && day.compare(first) > 0 && day.compare(last) < 0 ? "in" : "";
  }

  protected override get several(): boolean {
    return true;
  }

  protected override below(): TemplateResult {
    const today = now();
    const spans: [string, CalendarDate, CalendarDate][] = [
      ["this_day", today, today],
      ["yesterday", today.subtract({ days: 1 }), today.subtract({ days: 1 })],
      ["last_7_days", today.subtract({ days: 6 }), today],
      ["this_month", today.set({ day: 1 }), today],
    ];
    return html`<p class="hint" aria-live="polite">${word(this.begun ? "range_last" : "range_first")}</p>
      <p class="row g2 w">${spans.map(([name, from, to]) => html`<button type="button" class="btn sm" @click=${() => this.take(from, to)}>${word(name)}</button>`)}</p>`;
  }

  private field(end: End): TemplateResult {
    const value = this.ends[end];
    const wrong = this.wrong(end);
    return html`<input id=${`${this.id || "range"}-${end}`} type="text" inputmode="numeric" autocomplete="off" maxlength="10" aria-label=${word(`range_${end}`)}
      class=${wrong ? "err" : ""} aria-invalid=${wrong} placeholder=${word(`range_${end}`)} .value=${typeof value === "string" ? digits(value) : written(value)}
      @change=${(event: Event) => {
        event.stopPropagation();
        this.typed(end, (event.target as HTMLInputElement).value);
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "ArrowDown" && event.altKey) this.toggle();
      }} />`;
  }

  protected override render(): TemplateResult {
    return html`${this.field("from")}<span class="q" aria-hidden="true">–</span>${this.field("to")}
      <button type="button" class="btn t sq sm" aria-label=${word("pick_dates")} aria-expanded=${this.open} @click=${() => this.toggle()}>${icon("calendar")}</button>
      ${this.open ? this.month() : nothing}
      ${ENDS.some((end) => this.wrong(end)) ? html`<span class="hint err" role="alert">${word("date_wrong")}</span>` : nothing}`;
  }
}

customElements.define("tamas-range", RangeField);
