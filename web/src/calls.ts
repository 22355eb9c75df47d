// The call log while it stands open: the push says that there is news, the server how many of the new calls are the
// reader's and how the rows that were not final look now.
//
// New calls come in by themselves while the list is at its top and nobody is busy with it; else a line says how many
// there are, and loads them when it is clicked or the key "." is pressed (keys.ts).

import htmx from "htmx.org/dist/htmx.esm.js";
import { push } from "./push";

const AT_MOST_EVERY_MS = 2000;

class Calls extends HTMLElement {
  private stop = () => {};
  private due = 0;
  private asked = -Infinity;
  private first = true;
  private shown = () => document.hidden || this.soon();

  connectedCallback(): void {
    this.first = true;
    this.stop = push.watch("calls", () => {
      if (!this.first) this.soon();
      this.first = false;
    });
    this.addEventListener("click", this.clicked);
    document.addEventListener("visibilitychange", this.shown);
  }

  disconnectedCallback(): void {
    this.stop();
    this.removeEventListener("click", this.clicked);
    document.removeEventListener("visibilitychange", this.shown);
    clearTimeout(this.due);
    this.due = 0;
  }

  private clicked = (event: Event): void => {
    if ((event.target as HTMLElement).closest("[data-new]")) void this.load(true);
  };

  private soon(): void {
    if (this.due || document.hidden) return;
    const wait = Math.max(50, this.asked + AT_MOST_EVERY_MS - performance.now());
    this.due = window.setTimeout(() => void this.ask(), wait);
  }

  private get rows(): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>("#calls tr[data-href]")];
  }

  private async ask(): Promise<void> {
    this.due = 0;
    this.asked = performance.now();
    const url = new URL(this.getAttribute("news") ?? "", location.href);
    const open = this.rows.flatMap((row) => row.dataset.open ?? []);
    if (!this.hasAttribute("later")) url.searchParams.set("top", this.rows[0]?.id.slice("call-".length) ?? "");
    url.searchParams.set("open", open.join(","));
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.ok) this.tell(await answer.text(), open);
    } catch {
      this.soon(); // the banner says that the server is away
    }
  }

  private tell(text: string, open: string[]): void {
    const told = document.createElement("div");
    told.innerHTML = text;
    const rows = told.querySelector("template")!.content;
    for (const id of open) this.renew(id, rows.getElementById(`call-${id}`));
    const news = told.querySelector<HTMLElement>("[data-new]");
    if (news && this.idle()) void this.load(false);
    else if (news?.textContent !== this.textContent?.trim()) this.replaceChildren(...(news ? [news] : []));
  }

  /** A row as it is now; it is taken away if its call became part of another. */
  private renew(id: string, now: HTMLElement | null): void {
    const row = document.getElementById(`call-${id}`);
    if (!row || row.outerHTML === now?.outerHTML) return;
    const focused = row.contains(document.activeElement);
    if (now) row.replaceWith(now);
    else row.remove();
    if (focused) now?.querySelector<HTMLElement>("a")?.focus();
  }

  /** Nobody reads further down, marks a text, stands on a row or has a filter open. */
  private idle(): boolean {
    const scrolled = Math.max(document.querySelector(".rows")?.scrollTop ?? 0, document.scrollingElement?.scrollTop ?? 0);
    const calls = document.getElementById("calls")!;
    const busy = calls.contains(document.activeElement) || calls.querySelector("details[open]");
    return scrolled < 4 && !busy && (getSelection()?.isCollapsed ?? true);
  }

  private async load(asked: boolean): Promise<void> {
    const url = new URL(this.getAttribute("list") ?? "", location.href);
    url.searchParams.set("again", "1"); // the same list: no new page in the history
    await htmx.ajax("GET", url.pathname + url.search, { target: "#calls", swap: "outerMorph" });
    if (!asked) return;
    document.querySelector(".rows")?.scrollTo({ top: 0 });
    scrollTo({ top: 0 });
    this.rows[0]?.querySelector<HTMLElement>("a.l")?.focus();
  }
}

customElements.define("tamas-calls", Calls);
