// A part of a page that hears of news: the server is asked for it again, so there is one template.
//
// <tamas-refresh topic url target [whole]>: `target` is the id of the element that is replaced. A part with
// data-through asks for no less than it shows. While somebody writes in it, it waits. With `poll` it shows work under
// way: it is asked for as soon as one hears, and now and then while nothing can be heard (poll="always": in any case,
// where nobody tells; poll="30": each so many seconds).

import htmx from "htmx.org/dist/htmx.esm.js";
import { push } from "./push";

const AT_MOST_EVERY_MS = 400;
const BUSY_RETRY_MS = 1500;
const POLL_MS = 4000;
/** The server speaks every second: longer than this nothing is heard. */
const SILENT_SECONDS = 5;

class Refresh extends HTMLElement {
  private stop = () => {};
  private due = 0;
  private polling = 0;
  private first = true;
  private heard = () => this.refresh();

  connectedCallback(): void {
    this.first = true;
    this.stop = push.watch(this.getAttribute("topic") ?? "", () => {
      if (!this.first || (this.hasAttribute("poll") && !this.seconds)) this.refresh(); // it may have moved before one heard
      this.first = false;
    });
    document.addEventListener("tamas-written", this.heard);
    if (this.hasAttribute("poll")) this.polling = window.setInterval(() => this.poll(), this.seconds * 1000 || POLL_MS);
  }

  disconnectedCallback(): void {
    this.stop();
    document.removeEventListener("tamas-written", this.heard);
    clearTimeout(this.due);
    clearInterval(this.polling);
    this.due = 0;
  }

  refresh(): void {
    if (this.due) return;
    this.due = window.setTimeout(() => this.ask(), AT_MOST_EVERY_MS);
  }

  private get seconds(): number {
    return Number(this.getAttribute("poll")) || 0;
  }

  private poll(): void {
    if (this.seconds || this.getAttribute("poll") === "always" || push.age() > SILENT_SECONDS) this.refresh();
  }

  private ask(): void {
    this.due = 0;
    const id = this.getAttribute("target") ?? "";
    const part = document.getElementById(id);
    if (!part) return;
    if (document.hidden || part.querySelector("details[open] form.editing, :focus:is(textarea, select, input)")) {
      this.due = window.setTimeout(() => this.ask(), BUSY_RETRY_MS);
      return;
    }
    const url = new URL(this.getAttribute("url") ?? "", location.href);
    if (part.dataset.through) url.searchParams.set("through", part.dataset.through);
    void htmx.ajax("GET", url.pathname + url.search, { target: `#${id}`, swap: this.hasAttribute("whole") ? "outerMorph" : "outerHTML" });
  }
}

customElements.define("tamas-refresh", Refresh);
