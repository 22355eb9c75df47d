// <tamas-pick>: a native multiple <select> turned into chips and a field to search in. Without script it stays a select.

import { word } from "./words";

let serial = 0;

/** As people type it: Persian and Arabic digits and letters are the same. */
function folded(text: string): string {
  return text
    .replace(/[۰-۹٠-٩]/g, (d) => String(d.charCodeAt(0) & 15))
    .replace(/ي/g, "ی")
    .replace(/ك/g, "ک")
    .replace(/\u200c/g, " ")
    .toLowerCase();
}

/** `free`: what is typed may be taken though it is not offered. The select inside is what the form sends. */
class Pick extends HTMLElement {
  private select!: HTMLSelectElement;
  private chips = document.createElement("span");
  private input = document.createElement("input");
  private list = document.createElement("ul");
  private at = -1;

  connectedCallback(): void {
    if (this.classList.contains("ready")) return;
    this.select = this.querySelector("select")!;
    this.classList.add("ready");
    this.chips.className = "chips";
    this.list.id = `pick-${++serial}`;
    this.list.setAttribute("role", "listbox");
    this.list.className = "pick-list";
    this.list.hidden = true;
    const label = this.select.getAttribute("aria-label") ?? this.select.labels?.[0]?.textContent ?? "";
    this.list.setAttribute("aria-label", label);
    Object.assign(this.input, { type: "text", autocomplete: "off", placeholder: this.getAttribute("placeholder") ?? "" });
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", "aria-label": label,
    })) this.input.setAttribute(name, value);
    this.select.hidden = true;
    const box = document.createElement("span");
    box.className = "in pick";
    box.append(this.chips, this.input);
    this.append(box, this.list);
    this.input.addEventListener("input", () => this.open());
    this.input.addEventListener("focus", () => this.open());
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = (event.target as HTMLElement).closest<HTMLElement>("li[data-value]");
      if (item) this.take(item.dataset.value!);
    });
    this.draw();
  }

  private get chosen(): HTMLOptionElement[] {
    return [...this.select.selectedOptions];
  }

  private draw(): void {
    this.chips.replaceChildren(
      ...this.chosen.map((option) => {
        const chip = document.createElement("bdi");
        chip.className = "tag";
        const text = document.createElement("bdi");
        text.textContent = option.textContent;
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "drop-chip";
        drop.setAttribute("aria-label", word("remove", { what: option.textContent ?? "" }));
        drop.textContent = "×";
        drop.addEventListener("click", () => {
          option.selected = false;
          this.draw();
          this.input.focus();
        });
        chip.append(text, drop);
        return chip;
      }),
    );
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private fitting(): HTMLOptionElement[] {
    const typed = folded(this.input.value.trim());
    return [...this.select.options]
      .filter((o) => !o.selected && folded(`${o.textContent} ${o.dataset.more ?? ""}`).includes(typed))
      .slice(0, 50);
  }

  private open(): void {
    const typed = this.input.value.trim().replace(/[۰-۹٠-٩]/g, folded);
    const items = this.fitting().map((option) => this.item(option.value, option.textContent ?? "", option.dataset.more ?? ""));
    const known = [...this.select.options].some((option) => option.value === typed);
    if (this.hasAttribute("free") && typed && !known) items.push(this.item(typed, word("take_typed", { what: typed }), ""));
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.point(items.length && typed ? 0 : -1);
  }

  private item(value: string, text: string, more: string): HTMLLIElement {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.dataset.value = value;
    const main = document.createElement("bdi");
    main.textContent = text;
    item.append(main);
    if (more) {
      const beside = document.createElement("bdi");
      beside.className = "q";
      beside.textContent = more;
      item.append(" ", beside);
    }
    return item;
  }

  private close(): void {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private point(at: number): void {
    this.at = at;
    [...this.list.children].forEach((item, index) => {
      item.id = `${this.list.id}-${index}`;
      item.setAttribute("aria-selected", String(index === at));
      if (index === at) {
        item.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", item.id);
      }
    });
  }

  private take(value: string): void {
    let option = [...this.select.options].find((one) => one.value === value);
    if (!option) this.select.append((option = new Option(value, value)));
    option.selected = true;
    this.input.value = "";
    this.draw();
    this.open();
  }

  private key(event: KeyboardEvent): void {
    const count = this.list.hidden ? 0 : this.list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!count) this.open();
      else this.point((this.at + (event.key === "ArrowDown" ? 1 : count - 1) + count) % count);
    } else if (event.key === "Enter" && count && this.at >= 0) {
      this.take((this.list.children[this.at] as HTMLElement).dataset.value!);
    } else if (event.key === "Escape" && count) {
      this.close();
    } else if (event.key === "Backspace" && !this.input.value && this.chosen.length) {
      this.chosen.at(-1)!.selected = false;
      this.draw();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("tamas-pick", Pick);
