// Everything that runs in the browser. Pages work without it, but for what is live.

import htmx from "htmx.org/dist/htmx.esm.js";
import "./typed";
import "./alerts";
import "./bar";
import "./call";
import "./callnote";
import "./calls";
import "./clock";
import "./composer";
import "./date";
import "./desk";
import "./dial";
import "./find";
import "./import";
import "./install";
import "./keys";
import "./listen";
import "./live";
import "./me";
import "./pick";
import { openHelp, openPalette } from "./palette";
import "./past";
import "./people";
import "./phone";
import "./pulse";
import "./range";
import "./refresh";
import "./result";
import "./session";
import { bell } from "./sound";
import "./status";
import "./told";
import "./transfer";
import { word } from "./words";
import "./work";
import "./workkeys";

const root = document.documentElement;
bell.start();

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

/** What one chooses holds wherever one is signed in. */
function prefer(name: string, value: string): void {
  const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content;
  if (csrf) void fetch("/me/preferences", { method: "POST", body: new URLSearchParams({ csrf, [name]: value }) });
}

const actions: Record<string, (button: HTMLElement) => void> = {
  /** Light, dark, then again what the system says. */
  theme() {
    const next = { light: "dark", dark: "system", system: "light" }[root.dataset.theme ?? "system"] ?? "system";
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    remember("theme", next);
    prefer("theme", next === "system" ? "" : next);
  },
  palette: openPalette,
  help: openHelp,
  find() {
    document.querySelector<HTMLInputElement>(".find input")?.focus();
  },
  shut(button) {
    button.closest("dialog")?.close();
  },
  again() {
    location.reload();
  },
  async copy(button) {
    const text = document.getElementById(button.dataset.from ?? "")?.textContent ?? "";
    await navigator.clipboard.writeText(text.trim());
    const label = button.querySelector("span")!;
    const before = label.textContent;
    label.textContent = word("copied");
    setTimeout(() => (label.textContent = before), 2000);
  },
};

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const button = target.closest<HTMLElement>("[data-do]");
  if (button) actions[button.dataset.do!]?.(button);
  for (const open of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    // The path of the event, not the tree: what was clicked may be gone by now.
    if (!event.composedPath().includes(open)) open.open = false;
  }
  const row = target.closest<HTMLElement>("tr[data-href]");
  if (row && !target.closest("a, button") && !getSelection()?.toString()) location.href = row.dataset.href!;
});

// Every write of ours carries the session's token, which no other site can read.
document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent).detail.ctx.request as { headers: Record<string, string>; method: string };
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content;
  if (token) request.headers["X-CSRF-Token"] = token;
});

// A list that failed to load keeps its rows and says so.
document.addEventListener("htmx:error", () => document.getElementById("load-error")?.removeAttribute("hidden"));

Object.assign(window, { htmx });
