// The session ended while a page stood open. Where something was typed the page stays: a dialog over it signs in again,
// then the same form can be sent once more. Else the door opens, and leads back here.

import { push } from "./push";
import { say, somethingTyped } from "./typed";
import { word } from "./words";

const THE_DOOR = "X-Sign-In";
const STALE = "X-Stale";
export const IN_BACKGROUND = { "X-Tamas-Script": "1" };

interface Session {
  user: string;
  csrf: string;
}

interface Step {
  step: "in" | "code" | "welcome" | "refused";
  text: string;
}

const dialog = document.getElementById("signed-out") as HTMLDialogElement | null;
let before: HTMLElement | null = null;

/** True if an answer says that its asker has to sign in, or to send again: that is seen to here. `wrote`: it was sent by a form. */
export function refusedForSession(status: number, headers: Headers, wrote: boolean): boolean {
  const door = status === 401 ? headers.get(THE_DOOR) : null;
  if (door) ended(door, wrote);
  else if (status === 403 && headers.has(STALE)) void renew();
  else return false;
  return true;
}

function ended(door: string, wrote: boolean): void {
  if (!dialog || !(wrote || somethingTyped())) location.href = door;
  else if (!dialog.open) {
    before = document.activeElement as HTMLElement | null;
    step("password");
    dialog.showModal();
  }
}

function step(name: string, text = ""): void {
  for (const form of dialog!.querySelectorAll<HTMLFormElement>("form[data-step]")) {
    form.hidden = form.dataset.step !== name;
    form.querySelector("[role=alert]")!.textContent = text;
    for (const field of form.querySelectorAll<HTMLInputElement>("input")) if (field.name !== "login") field.value = "";
  }
  const shown = dialog!.querySelector<HTMLFormElement>("form[data-step]:not([hidden])");
  if (dialog!.open) shown?.querySelector<HTMLInputElement>("input:not([name=login])")?.focus();
}

async function send(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button")!;
  button.disabled = true;
  try {
    const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    const answer = await fetch(form.getAttribute("action")!, { method: "POST", body, headers: IN_BACKGROUND });
    const { step: next, text } = (await answer.json()) as Step;
    if (next === "in") await renew();
    else if (next === "welcome") location.href = "/welcome";
    else step(next === "code" ? "code" : form.dataset.step!, text);
  } catch {
    step(form.dataset.step!, word("server_away"));
  } finally {
    button.disabled = false;
  }
}

/** Who is signed in by now: the same person goes on, for another one the page is made anew. */
async function renew(): Promise<void> {
  const answer = await fetch("/session", { headers: IN_BACKGROUND });
  if (!answer.ok || answer.redirected) return refusedAgain(answer);
  const { user, csrf } = (await answer.json()) as Session;
  if (user !== document.querySelector<HTMLMetaElement>("meta[name=reader]")?.content) return leave(location.href);
  document.querySelector<HTMLMetaElement>("meta[name=csrf]")!.content = csrf;
  for (const field of document.querySelectorAll<HTMLInputElement>("input[name=csrf]")) field.value = csrf;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[action*='csrf=']"))
    form.setAttribute("action", form.getAttribute("action")!.replace(/csrf=[^&]*/, `csrf=${csrf}`));
  dialog?.close();
  before?.focus();
  push.resume();
  say(word("session_again"));
}

function refusedAgain(answer: Response): void {
  if (answer.redirected) leave(answer.url); // a password of one's own has to be chosen first
  else refusedForSession(answer.status, answer.headers, true);
}

/** Without the question whether to throw away what was typed: it is not the new reader's. */
function leave(where: string): void {
  addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
  if (where === location.href) location.reload();
  else location.href = where;
}

dialog?.addEventListener("cancel", (event) => event.preventDefault());
dialog?.addEventListener("submit", (event) => {
  event.preventDefault();
  void send(event.target as HTMLFormElement);
});
dialog?.querySelector("[data-leave]")?.addEventListener("click", (event) => {
  event.preventDefault();
  leave("/sign-in");
});

// Signed in meanwhile in another tab: coming back to this one is enough.
addEventListener("focus", async () => {
  if (!dialog?.open) return;
  const answer = await fetch("/session", { headers: IN_BACKGROUND });
  if (answer.ok && !answer.redirected) void renew();
});

document.addEventListener("htmx:before:response", (event) => {
  const { response, request } = (event as CustomEvent).detail.ctx as { response: { status: number; headers: Headers }; request: { method: string } };
  if (refusedForSession(response.status, response.headers, request.method !== "GET")) event.preventDefault();
});

push.signedOut = () => ended(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`, false);
