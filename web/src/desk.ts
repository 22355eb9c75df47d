// <tamas-desk>: tells at once that somebody else works at my phone; htmx then asks the server for the words.

import { push } from "./push";

class Desk extends HTMLElement {
  private stop = () => {};

  connectedCallback(): void {
    this.stop = push.watch("messages", (data) => {
      if ((data as { kind?: string } | null)?.kind === "desk") this.dispatchEvent(new CustomEvent("desk"));
    });
  }

  disconnectedCallback(): void {
    this.stop();
  }
}

customElements.define("tamas-desk", Desk);
