// <tamas-result call=…>: the form in which one says how a call came out. It works without this; with it digits choose,
// a result proposes its follow-up, and what was typed is with the server before the result is.

import type { CallNote } from "./callnote";

class Result extends HTMLElement {
  private sending = false;

  connectedCallback(): void {
    document.addEventListener("keydown", this.pressed);
    this.addEventListener("submit", this.submit);
    this.addEventListener("change", this.changed);
    this.reveal();
  }

  /** The details of what is chosen, and of nothing else. */
  private reveal(): void {
    const chosen = this.querySelector<HTMLInputElement>("input[name=disposition]:checked")?.value;
    for (const part of this.querySelectorAll<HTMLElement>(".reason")) part.toggleAttribute("data-on", part.dataset.of === chosen);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.pressed);
  }

  private get form(): HTMLFormElement {
    return this.querySelector("form")!;
  }

  /** The digit of a result chooses it, unless one writes. By the key's place, so that layouts do not matter. */
  private pressed = (event: KeyboardEvent): void => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (!digit || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !this.offsetParent) return;
    const field = (event.target as HTMLElement).closest?.("input:not([type=radio], [type=checkbox]), textarea, select");
    if (field || document.querySelector("dialog[open]")) return;
    const choice = this.querySelector<HTMLInputElement>(`input[data-key="${digit}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  };

  private changed = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    this.refused("");
    this.reveal();
    this.querySelector<HTMLElement>(".done")!.hidden = true;
    if (input.name === "follow") {
      this.dataset.chosen = "1";
      return;
    }
    if (input.type !== "radio" || this.dataset.chosen) return;
    const wanted = input.dataset.follow ?? "";
    const options = [...this.querySelectorAll<HTMLInputElement>("input[name=follow]")];
    const fits = options.find((one) => one.value === wanted) ?? options[0];
    if (fits) fits.checked = true;
  };

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!this.sending) void this.save();
  };

  /** True when the server has it. */
  async save(): Promise<boolean> {
    this.sending = true;
    this.refused("");
    const button = this.querySelector<HTMLButtonElement>("button.p");
    if (button) button.disabled = true;
    try {
      await this.querySelector<CallNote>("tamas-callnote")?.flush();
      return await this.send();
    } catch {
      this.refused(this.dataset.unreachable ?? "");
      return false;
    } finally {
      this.sending = false;
      if (button) button.disabled = false;
    }
  }

  private async send(): Promise<boolean> {
    const body = new URLSearchParams(new FormData(this.form) as unknown as Record<string, string>);
    body.delete("note"); // it is there by now
    const answer = await fetch(this.form.action, { method: "POST", body, headers: { "X-Tamas-Script": "1" } });
    if (!answer.ok) {
      this.refused(await answer.text());
      return false;
    }
    this.querySelector<HTMLElement>(".done")!.hidden = false;
    document.dispatchEvent(new CustomEvent("tamas-written"));
    this.dispatchEvent(new CustomEvent("tamas-result", { bubbles: true, detail: { call: this.getAttribute("call") } }));
    return true;
  }

  private refused(why: string): void {
    const line = this.querySelector<HTMLElement>(".refused")!;
    line.hidden = !why;
    line.querySelector("span")!.textContent = why;
  }
}

customElements.define("tamas-result", Result);

export type { Result };
