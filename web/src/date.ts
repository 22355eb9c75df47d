// A date in the reader's calendar: typed in either calendar with either digits, or picked from a month. The form gets
// ISO (2026-11-22).

import { type CalendarDate } from "@internationalized/date";
import { html, nothing, type TemplateResult } from "lit";
import { Calendar, iso, JALALI, now, type Place, read, written } from "./calendar";
import { icon } from "./parts";
import { digits, word } from "./words";

class DateField extends Calendar {
  private date: CalendarDate | null = null;

  get value(): string {
    return this.date ? iso(this.date) : "";
  }

  set value(text: string) {
    this.set(read(text));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.set(read(this.getAttribute("value") ?? ""));
    this.shown = this.date ?? now();
  }

  formResetCallback(): void {
    this.set(read(this.getAttribute("value") ?? ""));
    this.requestUpdate();
  }

  private set(date: CalendarDate | null): void {
    this.date = date;
    this.internals.setFormValue(this.value);
    this.internals.setValidity({});
    this.requestUpdate();
  }

  /** What was typed, when it is left. What is no date stays as it is, and is said. */
  private typed(input: HTMLInputElement): void {
    const date = input.value.trim() ? read(input.value) : null;
    const wrong = Boolean(input.value.trim()) && (!date || this.outside(date));
    input.setAttribute("aria-invalid", String(wrong));
    this.classList.toggle("err", wrong);
    if (wrong) {
      // The form gets the text: the server says what is wrong with it, and nothing that was typed is lost.
      this.internals.setFormValue(input.value);
      this.internals.setValidity({ customError: true }, word("date_wrong"), input);
      return;
    }
    this.set(date);
    if (date) this.shown = date;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  protected pick(date: CalendarDate): void {
    if (this.outside(date)) return;
    this.set(date);
    this.open = false;
    const input = this.querySelector("input")!;
    input.value = written(date);
    input.setAttribute("aria-invalid", "false");
    this.classList.remove("err");
    input.focus();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  protected place(day: CalendarDate): Place {
    return this.date !== null && day.compare(this.date) === 0 ? "one" : "";
  }

  protected override render(): TemplateResult {
    const id = `${this.id || "date"}-input`;
    const label = this.closest(".fld")?.querySelector("label")?.textContent?.trim() || this.getAttribute("aria-label") || "";
    return html`<input id=${id} type="text" inputmode="numeric" autocomplete="off" maxlength="10" aria-label=${label}
        placeholder=${digits(JALALI ? "1405/09/01" : "2026-11-22")} .value=${this.date ? written(this.date) : (this.getAttribute("value") ?? "")}
        @change=${(event: Event) => {
          event.stopPropagation();
          this.typed(event.target as HTMLInputElement);
        }}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === "ArrowDown" && event.altKey) this.toggle();
        }} />
      <button type="button" class="btn t sq sm" aria-label=${word("pick_date")} aria-expanded=${this.open} @click=${() => this.toggle()}>${icon("calendar")}</button>
      ${this.open ? this.month() : nothing}`;
  }
}

customElements.define("tamas-date", DateField);
