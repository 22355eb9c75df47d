// A month that days are chosen from, in the reader's calendar: it begins on Saturday with Friday shaded, and its keys
// follow the ARIA date picker pattern. How a day is read and written, too. `date.ts` chooses one day, `range.ts` two.

import { CalendarDate, GregorianCalendar, PersianCalendar, getDayOfWeek, toCalendar, today } from "@internationalized/date";
import { html, LitElement, type TemplateResult } from "lit";
import { icon } from "./parts";
import { digits, word } from "./words";

const LANG = document.documentElement.lang || "fa";
export const JALALI = document.documentElement.dataset.calendar !== "gregorian";
const CALENDAR = JALALI ? new PersianCalendar() : new GregorianCalendar();
const GREGORIAN = new GregorianCalendar();
/** No customer is older: a year below is a Jalali one. */
const FIRST_GREGORIAN_YEAR = 1700;
const DAY = 24 * 3600 * 1000;
const FRIDAY = 6; // counted from Saturday

const NAMES = new Intl.DateTimeFormat(`${LANG}-u-ca-${JALALI ? "persian" : "gregory"}`, { month: "long", timeZone: "UTC" });
const WEEKDAYS = new Intl.DateTimeFormat(LANG, { weekday: "narrow", timeZone: "UTC" });
const FULL = new Intl.DateTimeFormat(`${LANG}-u-ca-${JALALI ? "persian" : "gregory"}`, { dateStyle: "full", timeZone: "UTC" });

function latin(text: string): string {
  return text.replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0)).replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660));
}

export function iso(date: CalendarDate): string {
  return toCalendar(date, GREGORIAN).toString();
}

function utc(date: CalendarDate): Date {
  return new Date(`${iso(date)}T00:00:00Z`);
}

/** Today, in the reader's place and calendar. */
export function now(): CalendarDate {
  return toCalendar(today(Intl.DateTimeFormat().resolvedOptions().timeZone), CALENDAR);
}

const WORDS: Record<string, number> = { today: 0, امروز: 0, yesterday: -1, دیروز: -1, tomorrow: 1, فردا: 1 };

/** `1405/9/1`, `۱۴۰۵/۰۹/۰۱`, `2026-11-22`, `22.11.2026` and `دیروز` as a date; null if it is none. */
export function read(text: string): CalendarDate | null {
  const days = WORDS[text.trim().toLowerCase().replace(/ي/g, "ی")];
  if (days !== undefined) return now().add({ days });
  const parts = latin(text).trim().split(/[-/.\s]+/).map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isInteger(part))) return null;
  const [year, month, day] = parts[0]! > 31 ? parts : parts.reverse();
  const calendar = year! < FIRST_GREGORIAN_YEAR ? new PersianCalendar() : GREGORIAN;
  if (year! < 1000 || month! < 1 || month! > 12) return null;
  if (day! < 1 || day! > calendar.getDaysInMonth(new CalendarDate(calendar, year!, month!, 1))) return null;
  return toCalendar(new CalendarDate(calendar, year!, month!, day!), CALENDAR);
}

export function written(date: CalendarDate): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return digits(`${date.year}${JALALI ? "/" : "-"}${two(date.month)}${JALALI ? "/" : "-"}${two(date.day)}`);
}

/** Where a day stands in what is chosen. */
export type Place = "" | "one" | "start" | "in" | "end";

export abstract class Calendar extends LitElement {
  static formAssociated = true;
  static override properties = { open: { state: true } };

  declare open: boolean;
  protected internals = this.attachInternals();
  protected shown: CalendarDate = now();

  constructor() {
    super();
    this.open = false;
  }

  /** A day was chosen. */
  protected abstract pick(date: CalendarDate): void;
  protected abstract place(date: CalendarDate): Place;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) this.left();
    });
  }

  protected shut(): void {
    this.open = false;
  }

  /** The focus is elsewhere now. */
  protected left(): void {
    this.shut();
  }

  protected outside(date: CalendarDate): boolean {
    const day = iso(date);
    return day < (this.getAttribute("min") ?? "") || day > (this.getAttribute("max") || "9999");
  }

  protected move(event: KeyboardEvent): void {
    const start = document.documentElement.dir === "rtl" ? -1 : 1;
    const weekday = this.weekday(this.shown);
    const steps: Record<string, () => CalendarDate> = {
      ArrowRight: () => this.shown.add({ days: start }),
      ArrowLeft: () => this.shown.add({ days: -start }),
      ArrowDown: () => this.shown.add({ weeks: 1 }),
      ArrowUp: () => this.shown.subtract({ weeks: 1 }),
      Home: () => this.shown.subtract({ days: weekday }),
      End: () => this.shown.add({ days: FRIDAY - weekday }),
      PageDown: () => this.shown.add(event.shiftKey ? { years: 1 } : { months: 1 }),
      PageUp: () => this.shown.subtract(event.shiftKey ? { years: 1 } : { months: 1 }),
    };
    if (event.key === "Escape") {
      this.shut();
      event.stopPropagation();
      this.querySelector("input")!.focus();
    } else if (event.key in steps) {
      this.shown = steps[event.key]!();
      this.requestUpdate();
      void this.updateComplete.then(() => this.querySelector<HTMLElement>("[tabindex='0'][data-day]")?.focus());
    } else return;
    event.preventDefault();
  }

  /** 0 is Saturday. */
  protected weekday(date: CalendarDate): number {
    return (getDayOfWeek(date, "en-US") + 1) % 7;
  }

  protected toggle(): void {
    this.open = !this.open;
    if (this.open) void this.updateComplete.then(() => this.querySelector<HTMLElement>("[tabindex='0'][data-day]")?.focus());
  }

  protected turn(months: number): void {
    this.shown = this.shown.add({ months });
    this.requestUpdate();
  }

  protected get several(): boolean {
    return false;
  }

  /** What stands beneath the days. */
  protected below(): TemplateResult {
    return html`<button type="button" class="btn sm" @click=${() => this.pick(now())}>${word("this_day")}</button>`;
  }

  protected month(): TemplateResult {
    const first = this.shown.set({ day: 1 });
    const before = this.weekday(first);
    const count = CALENDAR.getDaysInMonth(first);
    const cells = Array.from({ length: Math.ceil((before + count) / 7) * 7 }, (_, n) => first.add({ days: n - before }));
    const weeks = Array.from({ length: cells.length / 7 }, (_, n) => cells.slice(n * 7, n * 7 + 7));
    const saturday = Date.UTC(2026, 10, 21);
    return html`<div class="month" role="dialog" aria-label=${word("pick_date")} @keydown=${(event: KeyboardEvent) => this.move(event)}>
      <div class="row"><button type="button" class="btn t sq sm" aria-label=${word("month_before")} @click=${() => this.turn(-1)}>${icon("chevron-right", "back")}</button>
        <b class="f1" aria-live="polite">${NAMES.format(utc(this.shown))} ${digits(this.shown.year)}</b>
        <button type="button" class="btn t sq sm" aria-label=${word("month_after")} @click=${() => this.turn(1)}>${icon("chevron-right", "flip")}</button></div>
      <table role="grid" aria-multiselectable=${this.several}><thead><tr>${[0, 1, 2, 3, 4, 5, 6].map((n) => html`<th scope="col" class=${n === FRIDAY ? "off" : ""}>${WEEKDAYS.format(saturday + n * DAY)}</th>`)}</tr></thead>
        <tbody>${weeks.map((week) => html`<tr>${week.map((day) => this.day(day, day.month !== this.shown.month))}</tr>`)}</tbody></table>
      ${this.below()}
    </div>`;
  }

  private day(day: CalendarDate, other: boolean): TemplateResult {
    const place = this.place(day);
    return html`<td role="gridcell" class=${place && `r-${place}`} aria-selected=${place !== ""}><button type="button" data-day=${iso(day)} class="${other ? "other" : ""} ${this.weekday(day) === FRIDAY ? "off" : ""} ${day.compare(now()) === 0 ? "now" : ""}"
      tabindex=${day.compare(this.shown) === 0 ? 0 : -1} aria-label=${FULL.format(utc(day))} ?disabled=${this.outside(day)} @click=${() => this.pick(day)}>${digits(day.day)}</button></td>`;
  }
}
