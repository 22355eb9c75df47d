// A live call's page: whenever call:ID says something, the server is asked for the same fragment again; it draws
// the ladder. Nothing is drawn here, so there is one template.

import htmx from "htmx.org/dist/htmx.esm.js";
import { push } from "./push";

const AT_MOST_EVERY_MS = 250;
/** The ladder of a call that goes on grows to the right: it is drawn anew this often. */
const GROW_MS = 2000;

class LiveCall extends HTMLElement {
  private stop = () => {};
  private growing = 0;
  private due = 0;

  connectedCallback(): void {
    const id = this.getAttribute("call") ?? "";
    let first = true;
    this.stop = push.watch(`call:${id}`, (data) => {
      const into = (data as { merged_into?: string } | null)?.merged_into;
      if (into) location.replace(`/calls/${encodeURIComponent(into)}`);
      else if (!first || data === null) this.refresh();
      first = false;
    });
    this.growing = window.setInterval(() => this.refresh(), GROW_MS);
  }

  disconnectedCallback(): void {
    this.stop();
    clearInterval(this.growing);
    clearTimeout(this.due);
    this.due = 0;
  }

  private refresh(): void {
    if (this.due || document.hidden) return;
    this.due = window.setTimeout(() => {
      this.due = 0;
      void htmx.ajax("GET", location.pathname, { target: "#call", swap: "outerMorph" });
    }, AT_MOST_EVERY_MS);
  }
}

customElements.define("tamas-call", LiveCall);
