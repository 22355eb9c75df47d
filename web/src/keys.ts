// Keys by their place on the keyboard, so that they are the same with a Persian layout. Single letters count only
// outside fields, and never with a modifier.

import { openHelp, openPalette } from "./palette";

const LEAD_MS = 1200;
let leading = -Infinity;

export function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return Boolean(element?.closest?.("input, textarea, select, [contenteditable]"));
}

function go(letter: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`.rail a[data-letter="${letter}"]`);
  link?.click();
  return link !== null;
}

/** The next or previous row of the page's first list that leads somewhere. */
function step(by: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("#main tr[data-href] a.l, #main [data-step]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]!.focus();
  return true;
}

const SINGLE: Record<string, () => boolean | void> = {
  Slash: () => document.querySelector<HTMLInputElement>(".find input")?.focus(),
  KeyG: () => void (leading = performance.now()),
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  /** What is new in the list. */
  Period: () => {
    const news = document.querySelector<HTMLElement>("[data-new]");
    news?.click();
    return news !== null;
  },
  KeyN: () => {
    const link = document.querySelector<HTMLAnchorElement>('#palette a[href="/contacts/new"]');
    if (link) location.href = link.href;
    return link !== null;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => (menu.open = false));
    return;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey && event.key === "Enter") {
    const form = (event.target as HTMLElement).closest("form");
    if (form && (event.target as HTMLElement).closest("textarea")) form.requestSubmit();
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "?" || event.key === "؟" || (event.code === "Slash" && event.shiftKey)) {
    event.preventDefault();
    openHelp();
    return;
  }
  if (event.shiftKey) return;
  if (performance.now() - leading < LEAD_MS && event.code.startsWith("Key")) {
    leading = -Infinity;
    if (go(event.code.slice(3).toLowerCase())) event.preventDefault();
    return;
  }
  if (event.code in SINGLE && SINGLE[event.code]!() !== false) event.preventDefault();
});
