// The search box of the bar, and what it shares with the palette: a list that is walked with the arrows while the
// focus stays in the field (ARIA combobox with a listbox popup).

import { word } from "./words";

const WAIT_MS = 120;

/** The options of a list, walked with the arrows from `input`. */
export class Options {
  private at = -1;

  constructor(
    private input: HTMLInputElement,
    private list: HTMLElement,
  ) {
    input.addEventListener("keydown", (event) => this.key(event));
  }

  /** The list has changed: begin anew, with the first option chosen if `first`. */
  changed(first = false): void {
    this.all().forEach((option, n) => {
      option.setAttribute("role", "option");
      option.id ||= `${this.list.id}-${n}`;
      option.tabIndex = -1;
    });
    this.choose(first ? 0 : -1);
  }

  private all(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("a[href], button")].filter((one) => !one.hidden);
  }

  private choose(at: number): void {
    const options = this.all();
    this.at = options.length && at >= 0 ? (at + options.length) % options.length : -1;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === this.at)));
    const chosen = options[this.at];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.choose(this.at + 1);
    else if (event.key === "ArrowUp") this.choose(this.at < 0 ? this.all().length - 1 : this.at - 1);
    else if (event.key === "Enter" && this.at >= 0) this.all()[this.at]?.click();
    else return;
    event.preventDefault();
  }
}

/** Asks the server for what answers to a text; the last question wins. */
export class Asker {
  private timer = 0;
  private asking: AbortController | null = null;

  /** `show` gets the fragment of results, or null where nothing was asked or the server did not answer. */
  ask(text: string, show: (html: string | null) => void): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!text.trim()) return show(null);
    this.timer = window.setTimeout(async () => {
      const asking = (this.asking = new AbortController());
      try {
        const url = `/search?q=${encodeURIComponent(text)}`;
        const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
        show(answer.ok ? await answer.text() : null);
      } catch {
        if (!asking.signal.aborted) show(null);
      }
    }, WAIT_MS);
  }
}

class Find extends HTMLElement {
  private asker = new Asker();

  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input")!;
    const list = this.querySelector<HTMLElement>(".found")!;
    const options = new Options(input, list);
    const open = (on: boolean) => {
      list.hidden = !on;
      input.setAttribute("aria-expanded", String(on));
    };
    input.addEventListener("input", () =>
      this.asker.ask(input.value, (html) => {
        list.innerHTML = html ?? "";
        if (html !== null && !list.textContent?.trim()) list.textContent = word("nothing_found");
        open(html !== null);
        options.changed();
      }),
    );
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (list.hidden) input.blur();
      open(false);
    });
    input.addEventListener("focus", () => open(Boolean(list.childNodes.length && input.value)));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) open(false);
    });
    // A click on a result must not take the focus away before it counts.
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }
}

customElements.define("tamas-find", Find);
