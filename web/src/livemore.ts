// <t-more>: what of a long list is not drawn yet. It asks for more (event `more`) as soon as one sees it: a page with a
// thousand rows costs what is looked at.

import { digits, word } from "./words";

export const FIRST = 60;
export const STEP = 120;

class More extends HTMLElement {
  private seen = new IntersectionObserver((entries) => {
    if (entries.some((one) => one.isIntersecting)) this.dispatchEvent(new Event("more", { bubbles: true }));
  });
  private count = 0;

  /** So many are left; who still sees it after more were drawn asks again. */
  set left(count: number) {
    if (count === this.count) return;
    this.textContent = word("more", { count: digits((this.count = count)) });
    if (this.isConnected) this.look();
  }

  connectedCallback(): void {
    this.look();
  }

  disconnectedCallback(): void {
    this.seen.disconnect();
  }

  private look(): void {
    this.seen.disconnect();
    this.seen.observe(this);
  }
}

customElements.define("t-more", More);
