// Where notes, tasks and files are written: sent in the background, and kept until the server has taken them.
//
// A draft outlives the page (per stream, in this browser). Ctrl+Enter sends (keys.ts). "@" offers colleagues.

import { IN_BACKGROUND, refusedForSession } from "./session";

const DRAFT = "tamas-draft ";
const OFFERED = 6;

interface Colleague {
  login: string;
  name: string;
}

class Composer extends HTMLElement {
  private text: HTMLTextAreaElement | null = null;
  private colleagues: Colleague[] = [];
  private chosen = 0;
  private sending = false;

  connectedCallback(): void {
    this.text = this.querySelector("textarea");
    this.colleagues = JSON.parse(this.getAttribute("colleagues") ?? "[]") as Colleague[];
    const draft = localStorage.getItem(this.key);
    if (this.text && draft && !this.text.value) this.text.value = draft;
    this.grow();
    this.addEventListener("submit", this.submit);
    this.addEventListener("input", this.typed);
    this.addEventListener("keydown", this.pressed);
    this.addEventListener("change", this.picked);
    this.addEventListener("dragover", this.over);
    this.addEventListener("drop", this.dropped);
  }

  private get key(): string {
    return DRAFT + (this.getAttribute("key") ?? "");
  }

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (this.sending) return;
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    void this.send(action, new FormData(form), button, () => this.clear());
  };

  private async send(action: string, body: FormData, button: HTMLButtonElement | null, done: () => void): Promise<void> {
    const csrf = this.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "";
    this.refused("");
    this.sending = true;
    if (button) button.disabled = true;
    try {
      const answer = await fetch(action, { method: "POST", body, headers: { ...IN_BACKGROUND, "X-CSRF-Token": csrf } });
      if (answer.ok) {
        done();
        document.dispatchEvent(new CustomEvent("tamas-written"));
      } else if (!refusedForSession(answer.status, answer.headers, true)) this.refused(await reason(answer));
    } catch {
      this.refused(this.dataset.unreachable ?? "");
    } finally {
      this.sending = false;
      if (button) button.disabled = false;
    }
  }

  private clear(): void {
    if (!this.text) return;
    this.text.value = "";
    localStorage.removeItem(this.key);
    this.grow();
    this.text.focus();
  }

  private refused(why: string): void {
    const line = this.querySelector<HTMLElement>(".refused");
    if (!line) return;
    line.hidden = !why;
    line.querySelector("span")!.textContent = why;
  }

  private typed = (): void => {
    if (!this.text) return;
    if (this.text.value) localStorage.setItem(this.key, this.text.value);
    else localStorage.removeItem(this.key);
    this.grow();
    this.offer();
  };

  private grow(): void {
    if (!this.text || CSS.supports("field-sizing", "content")) return;
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = `${Math.min(this.text.scrollHeight, 240)}px`;
  }

  private pressed = (event: KeyboardEvent): void => {
    const offered = this.list();
    if (offered.length && ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event.key === "ArrowDown" ? 1 : -1);
      else if (event.key === "Escape") this.close();
      else this.take(offered[this.chosen]!.dataset.name!);
      return;
    }
    const plain = event.key === "Enter" && !event.ctrlKey && !event.shiftKey;
    if (plain && this.getAttribute("key") === "tasks" && event.target === this.text) {
      event.preventDefault();
      this.text?.form?.requestSubmit();
    }
  };

  // ---- mentions -------------------------------------------------------------------------------------------------

  private begun(): string | null {
    if (!this.text) return null;
    return /(?:^|\s)@([^\s@]{0,30})$/.exec(this.text.value.slice(0, this.text.selectionStart))?.[1] ?? null;
  }

  private offer(): void {
    const begun = this.begun()?.toLowerCase();
    const pop = this.querySelector<HTMLUListElement>(".mentions");
    if (!pop) return;
    const fits = (one: Colleague) => one.login.toLowerCase().includes(begun!) || one.name.toLowerCase().includes(begun!);
    const found = begun === undefined ? [] : this.colleagues.filter(fits).slice(0, OFFERED);
    this.chosen = 0;
    pop.hidden = !found.length;
    pop.replaceChildren(...found.map((one, n) => this.choice(one, n)));
  }

  private choice(one: Colleague, n: number): HTMLLIElement {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(n === 0));
    item.dataset.name = one.name || one.login;
    const name = document.createElement("bdi");
    name.textContent = one.name || one.login;
    const login = document.createElement("bdi");
    login.className = "q x2";
    login.textContent = one.login;
    item.append(name, login);
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(item.dataset.name!);
    });
    return item;
  }

  private list(): HTMLLIElement[] {
    const pop = this.querySelector<HTMLUListElement>(".mentions");
    return pop && !pop.hidden ? [...pop.querySelectorAll("li")] : [];
  }

  private move(by: number): void {
    const items = this.list();
    this.chosen = (this.chosen + by + items.length) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === this.chosen)));
  }

  private take(name: string): void {
    const begun = this.begun();
    if (!this.text || begun === null) return;
    const end = this.text.selectionStart;
    this.text.setRangeText(`${name} `, end - begun.length, end, "end");
    this.close();
    this.typed();
  }

  private close(): void {
    this.querySelector<HTMLUListElement>(".mentions")!.hidden = true;
  }

  // ---- files ----------------------------------------------------------------------------------------------------

  private picked = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.type !== "file" || !input.files?.length) return;
    void this.upload([...input.files]).then(() => (input.value = ""));
  };

  private over = (event: DragEvent): void => {
    if (this.attach && event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };

  private dropped = (event: DragEvent): void => {
    if (!this.attach || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    void this.upload([...event.dataTransfer.files]);
  };

  private get attach(): HTMLFormElement | null {
    return this.querySelector<HTMLFormElement>("form.attach");
  }

  private async upload(files: File[]): Promise<void> {
    const busy = this.querySelector<HTMLElement>(".busy");
    for (const file of files) {
      const body = new FormData();
      body.append("file", file, file.name);
      if (busy) {
        busy.hidden = false;
        busy.textContent = file.name;
      }
      await this.send(this.attach!.getAttribute("action") ?? "", body, null, () => {});
    }
    if (busy) busy.hidden = true;
  }
}

/** What the server says, or for an answer that is a page its status. */
async function reason(answer: Response): Promise<string> {
  const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
  return plain ? await answer.text() : `${answer.status} ${answer.statusText}`;
}

customElements.define("tamas-composer", Composer);
