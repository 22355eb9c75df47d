// What is typed into a form outlives the end of a session: kept in this tab when the form is sent, filled in again when
// one comes back from the sign-in, dropped as soon as the server has taken it. Passwords and secrets are never kept.
//
// Imported before the elements that dress fields up: they find what was filled in as if the server had sent it.

import { word } from "./words";

const KEY = "tamas-typed";
/** What is older is not filled in any more: one has gone on to something else. */
const KEPT_MS = 3600_000;
const NEVER = "[type=password], [type=file], [type=hidden], [type=submit], [data-secret], [autocomplete=one-time-code]";
const FIELDS = "input[name], textarea[name], select[name], tamas-date[name]";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | HTMLElement;

interface Kept {
  user: string;
  path: string;
  action: string;
  /** Among the page's forms with this action. */
  nth: number;
  at: number;
  /** False until the server has shown the door in place of an answer. */
  lost: boolean;
  fields: [name: string, values: string[], on: boolean][];
}

const reader = document.querySelector<HTMLMetaElement>("meta[name=reader]")?.content ?? "";

function here(): string {
  return location.pathname + location.search;
}

/** Where a form goes, without the token that a form with files has in its address. */
function actionOf(form: HTMLFormElement): string {
  return (form.getAttribute("action") ?? location.pathname).replace(/([?&])csrf=[^&]*&?/, "$1").replace(/[?&]$/, "");
}

function alike(action: string): HTMLFormElement[] {
  return [...document.querySelectorAll<HTMLFormElement>("form[method=post]")].filter((form) => actionOf(form) === action);
}

function fieldsOf(form: HTMLFormElement): Field[] {
  const all = [...document.querySelectorAll<Field>(FIELDS)];
  return all.filter((one) => (("form" in one && one.form) || one.closest("form")) === form && !one.matches(NEVER));
}

function nameOf(field: Field): string {
  return field.getAttribute("name") ?? "";
}

function ticked(field: Field): field is HTMLInputElement {
  return field.matches("[type=checkbox], [type=radio]");
}

function valuesOf(field: Field): string[] {
  if (field instanceof HTMLSelectElement) return [...field.selectedOptions].map((option) => option.value);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) return [field.value];
  return [field.querySelector("input")?.value ?? ""];
}

/** True if something stands in a field that the server did not send. */
function differs(field: Field): boolean {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
  if (ticked(field)) return field.checked !== field.defaultChecked;
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  return (field as Field & { value: string }).value !== (field.getAttribute("value") ?? "");
}

/** True if leaving this page would lose something that was typed. */
export function somethingTyped(): boolean {
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[method=post]")];
  return forms.some((form) => fieldsOf(form).some(differs));
}

function keep(form: HTMLFormElement): void {
  const fields = fieldsOf(form).map((field): Kept["fields"][number] => [nameOf(field), valuesOf(field), ticked(field) && field.checked]);
  const action = actionOf(form);
  if (!reader) return; // at the door
  if (action === "/sign-out" || !fields.length) return drop();
  const kept: Kept = { user: reader, path: here(), action, nth: alike(action).indexOf(form), at: Date.now(), lost: false, fields };
  put(kept);
}

function put(kept: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch (error) {
    console.info("what was typed is too long to be kept", error);
    drop();
  }
}

function drop(): void {
  sessionStorage.removeItem(KEY);
}

function kept(): Kept | null {
  const text = sessionStorage.getItem(KEY);
  const found = text ? (JSON.parse(text) as Kept) : null;
  return found && Date.now() - found.at < KEPT_MS ? found : null;
}

/** The form that was sent; also on the page above the address that answered to it (a form that came back refused). */
function formOf(one: Kept): HTMLFormElement | undefined {
  return one.path === here() || one.path === one.action ? alike(one.action)[one.nth] : undefined;
}

/** As many rows as were typed: those that are repeated have a template beside them. */
function fit(form: HTMLFormElement, name: string, count: number): void {
  const part = name.split(".")[0]!;
  const template = form.querySelector<HTMLTemplateElement>(`template[data-row-of="${CSS.escape(part)}"]`);
  const rows = form.querySelector<HTMLElement>(`[data-rows="${CSS.escape(part)}"]`);
  if (!template || !rows) return;
  while (rows.children.length < count) rows.append(template.content.cloneNode(true));
  while (rows.children.length > count) rows.lastElementChild!.remove();
}

function write(field: Field, values: string[], on: boolean): void {
  if (ticked(field)) field.checked = on;
  else if (field instanceof HTMLSelectElement) {
    for (const value of values) if (![...field.options].some((option) => option.value === value)) field.append(new Option(value, value));
    for (const option of field.options) option.selected = values.includes(option.value);
  } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = values[0] ?? "";
  else field.setAttribute("value", values[0] ?? "");
}

function fill(form: HTMLFormElement, one: Kept): void {
  const counts = new Map<string, number>();
  for (const [name] of one.fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [name, count] of counts) if (name.includes(".")) fit(form, name, count);
  const left = fieldsOf(form);
  for (const [name, values, on] of one.fields) {
    const at = left.findIndex((field) => nameOf(field) === name && (!ticked(field) || field.value === values[0]));
    if (at >= 0) write(left.splice(at, 1)[0]!, values, on);
  }
  for (let box = form.closest("details"); box; box = box.parentElement?.closest("details") ?? null) box.open = true;
  // Whoever listens to what is typed (the question before leaving) hears of it when everybody is there.
  setTimeout(() => form.dispatchEvent(new Event("input", { bubbles: true })));
}

/** A sentence atop the page, read out too. */
export function say(text: string, tone = "ready"): void {
  const place = document.getElementById("session-said");
  if (!place) return;
  const line = document.createElement("p");
  line.className = `ban s-${tone}`;
  line.textContent = text;
  // The region has to be there before its text is, or nothing is read out.
  setTimeout(() => place.replaceChildren(line), 100);
}

function atTheDoor(one: Kept): void {
  put({ ...one, lost: true });
  const line = document.createElement("p");
  line.className = "hint";
  line.setAttribute("role", "status");
  line.textContent = word("typed_kept");
  document.querySelector(".door-form h1")?.after(line);
}

function arrive(): void {
  const one = kept();
  if (!one) return drop();
  if (!reader) return document.querySelector(".door-fields") ? atTheDoor(one) : undefined;
  if (one.user !== reader) return drop();
  if (document.querySelector("[data-unsent]")) return put({ ...one, lost: true });
  if (!one.lost) return drop();
  const form = formOf(one);
  if (!form) return;
  drop();
  fill(form, one);
  say(word("typed_back"));
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!event.defaultPrevented && form.method === "post" && !form.closest("dialog")) keep(form);
});

arrive();
