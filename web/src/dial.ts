// Calling a number by a click: whatever has data-dial, `tel:` links of other programs (/work?dial=…), the search box.
// What becomes of the call is told by its card; a refusal stands under the bar.

import { dial } from "./controls";

const may = document.querySelector("meta[name=dials]") !== null;

/** A number as an address of a phone has it: `tel:+98-21…;ext=1` gives +9821…. */
export function numberOf(text: string): string {
  const plain = decodeURIComponent(text).replace(/^(web\+)?tel:(\/\/)?/i, "").split(/[;?]/)[0] ?? "";
  const latin = plain.replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0)).replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660));
  return latin.replace(/[\s().\u200c-]/g, "").slice(0, 40);
}

function start(button: HTMLElement): void {
  const to = numberOf(button.dataset.dial ?? "");
  if (!to || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const { contact, queue } = button.dataset;
  void dial(to, { ...(contact && { contact }), ...(queue && { queue }) }).finally(() => button.removeAttribute("aria-busy"));
}

document.addEventListener(
  "click",
  (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-dial]");
    if (!button || !may) return;
    event.preventDefault();
    event.stopPropagation();
    start(button);
  },
  true,
);

/** A number that another program asks to be called: shown first, called by Enter, since any page may link here. */
function asked(): void {
  const url = new URL(location.href);
  const text = url.searchParams.get("dial");
  if (text === null || !may) return;
  url.searchParams.delete("dial");
  history.replaceState(history.state, "", url);
  const number = numberOf(text);
  if (!number) return;
  document.dispatchEvent(new CustomEvent("tamas-ask-dial", { detail: number }));
}

if (may) {
  addEventListener("load", asked);
  document.addEventListener("tamas-handle-tel", () => {
    navigator.registerProtocolHandler?.("tel", `${location.origin}/work?dial=%s`);
  });
}
