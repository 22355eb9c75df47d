// The command palette (Ctrl K) and the list of keys (?): dialogs that the page brings along.

import { Asker, Options } from "./find";

/** Letters that are one letter to whoever searches; as the server folds them. */
function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/[\u200c\s]+/g, " ");
}

let options: Options | null = null;
const asker = new Asker();

function dialog(id: string): HTMLDialogElement | null {
  return document.getElementById(id) as HTMLDialogElement | null;
}

function narrow(palette: HTMLElement, text: string): void {
  const wanted = folded(text).trim();
  for (const one of palette.querySelectorAll<HTMLElement>(".commands > *")) {
    one.hidden = !folded(one.textContent ?? "").includes(wanted);
  }
  options?.changed(true);
}

export function openPalette(): void {
  const palette = dialog("palette");
  if (!palette || palette.open) return;
  const input = palette.querySelector<HTMLInputElement>("input")!;
  const results = palette.querySelector<HTMLElement>(".results")!;
  if (!options) {
    options = new Options(input, palette.querySelector<HTMLElement>(".found")!);
    input.addEventListener("input", () => {
      narrow(palette, input.value);
      asker.ask(input.value, (html) => {
        results.innerHTML = html ?? "";
        options?.changed(true);
      });
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // a search field would only be emptied by it
      palette.close();
    });
    palette.addEventListener("click", (event) => {
      if (event.target === palette || (event.target as HTMLElement).closest("[role=option]")) palette.close();
    });
  }
  input.value = "";
  results.innerHTML = "";
  palette.showModal();
  narrow(palette, "");
}

export function openHelp(): void {
  dialog("help")?.showModal();
}
