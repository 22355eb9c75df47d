// Whose number it is, said in two keystrokes while it rings: N makes a contact of a name, A finds the one whose number
// it is. Both stand in a dialog over the desktop, never over the bar.

import htmx from "htmx.org/dist/htmx.esm.js";
import { ask } from "./ask";
import type { Pop } from "./pops";
import { word } from "./words";

/** Beside the call, not over it: the bar stays in reach. */
function open(dialog: HTMLDialogElement): void {
  dialog.show();
  dialog.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    dialog.close();
  };
}

type Chosen = (pop: Pop, id: string, name: string) => void;

export class Party {
  constructor(private chosen: Chosen) {}

  get mayEdit(): boolean {
    return this.dialog !== null;
  }

  private get dialog(): HTMLDialogElement | null {
    return document.getElementById("new-party") as HTMLDialogElement | null;
  }

  private numberOf(pop: Pop): string {
    return pop.other.key ?? pop.other.raw ?? pop.other.number ?? "";
  }

  create(pop: Pop): void {
    const dialog = this.dialog!;
    const number = this.numberOf(pop);
    const form = dialog.querySelector("form")!;
    form.reset();
    const name = form.elements.namedItem("name") as HTMLInputElement;
    name.value = pop.other.name ?? "";
    dialog.querySelector("[data-number]")!.textContent = pop.other.number ?? number;
    dialog.querySelector<HTMLAnchorElement>("a.whole")!.href = `/contacts/new?${new URLSearchParams({ number }).toString()}`;
    this.why(dialog, "");
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.make(pop, dialog, form, number);
    };
    open(dialog);
    name.focus();
    name.select();
  }

  private async make(pop: Pop, dialog: HTMLDialogElement, form: HTMLFormElement, number: string): Promise<void> {
    const given = new FormData(form);
    const words = String(given.get("name") ?? "").trim().split(/\s+/);
    const body: Record<string, unknown> = { numbers: [{ raw: number }] };
    if (words.length > 1) Object.assign(body, { first_name: words[0], last_name: words.slice(1).join(" ") });
    else body.last_name = words[0];
    const company = String(given.get("company_name") ?? "").trim();
    if (company) body.company_name = company;
    const answer = await ask("POST", "/api/v1/contacts", body);
    if (!answer.ok) return this.why(dialog, answer.why || word("server_away"));
    const made = answer.data as { id: string; name: string };
    dialog.close();
    this.chosen(pop, made.id, made.name);
  }

  private why(dialog: HTMLElement, text: string): void {
    const line = dialog.querySelector<HTMLElement>(".why")!;
    line.hidden = !text;
    line.textContent = text;
  }

  async attach(pop: Pop): Promise<void> {
    const dialog = document.getElementById("attach-party") as HTMLDialogElement;
    const holder = dialog.querySelector<HTMLElement>(".holder")!;
    const query = new URLSearchParams({ number: this.numberOf(pop) });
    const answer = await fetch(`/contacts/attach?${query.toString()}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return;
    holder.innerHTML = await answer.text();
    htmx.process(holder);
    holder.onsubmit = (event) => {
      const form = event.target as HTMLFormElement;
      if (form.method !== "post") return;
      event.preventDefault();
      event.stopPropagation();
      void this.give(pop, dialog, form);
    };
    open(dialog);
    holder.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  }

  private async give(pop: Pop, dialog: HTMLDialogElement, form: HTMLFormElement): Promise<void> {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>),
      headers: { "HX-Request": "true" },
    }).catch(() => null);
    if (!answer?.ok) return;
    const id = new URL(form.action).pathname.split("/")[2]!;
    dialog.close();
    this.chosen(pop, id, form.closest(".arow")?.querySelector("a.md")?.textContent?.trim() ?? "");
  }
}
