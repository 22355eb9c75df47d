// The keys of the desk, the same on every page: F8 answers, F9 hangs up, F7 transfers. Function keys work while one
// types; single letters only outside fields. Keys go by their place, so that the layout does not matter.

import { can, run, say } from "./controls";
import type { Me } from "./me";
import { typing } from "./keys";
import { mine, over, type Pop, ringing, talked } from "./pops";
import { softphone } from "./softphone";
import type { Work } from "./work";

const LEAD_MS = 1500;
let leading = -Infinity;

function work(): Work | null {
  return document.querySelector<Work>("tamas-work");
}

function me(): Me | null {
  return document.querySelector<Me>("tamas-me");
}

/** Do it, or say why not; false where it makes no sense now. */
function press(verb: string, pop: Pop | undefined, doing = verb): boolean {
  if (!pop) return false;
  const may = can(pop, verb);
  if (may === undefined) return false;
  if (may === true) void run(doing, pop);
  else say(may);
  return true;
}

function wrapping(): boolean {
  return Boolean(mine.own?.wrap) || Boolean(mine.current && talked(mine.current));
}

function wrapped(pause: boolean): boolean {
  if (!wrapping()) return false;
  if (work()) document.dispatchEvent(new CustomEvent("tamas-wrapped", { detail: { pause } }));
  else location.href = "/work";
  return true;
}

function hold(): boolean {
  const pop = mine.current;
  return press(pop?.doing === "hold" ? "unhold" : "hold", pop);
}

function mute(): boolean {
  const pop = mine.current;
  return press("mute", pop, pop && softphone.callOf(pop)?.muted ? "unmute" : "mute");
}

function transfer(): boolean {
  const pop = mine.current;
  if (!pop || over(pop) || ringing(pop)) return false;
  if (pop.consult) return press("complete", pop);
  const may = can(pop, "transfer");
  if (may === undefined) return false;
  if (may === true) mine.transfer(mine.transferring === pop.call ? null : pop.call);
  else say(may);
  return true;
}

function hangUp(): boolean {
  const current = mine.current;
  return press("hangup", current && !over(current) ? current : mine.answerable);
}

function escape(): boolean {
  if (mine.transferring) {
    mine.transfer(null);
    return true;
  }
  return press("cancel", mine.current?.consult ? mine.current : undefined);
}

const ALWAYS: Record<string, (event: KeyboardEvent) => boolean> = {
  F8: (event) => press("answer", mine.answerable) || wrapped(event.shiftKey),
  F9: hangUp,
  F7: transfer,
  F2: hold,
  F4: mute,
};

const SINGLE: Record<string, () => boolean> = {
  KeyM: mute,
  KeyH: hold,
  KeyT: transfer,
  KeyN: () => work()?.create() ?? false,
  KeyA: () => work()?.attach() ?? false,
  KeyS: () => {
    leading = performance.now();
    return me() !== null;
  },
  KeyC: () => {
    const box = document.querySelector<HTMLElement>(".dialbox input");
    if (!box?.offsetParent) return false;
    box.focus();
    return true;
  },
};

function digit(event: KeyboardEvent): boolean {
  const n = Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? 0);
  if (!n) return false;
  if (performance.now() - leading < LEAD_MS) {
    leading = -Infinity;
    me()?.enter();
    setTimeout(() => me()?.pick(n), 250); // the reasons may still be on their way
    return true;
  }
  return !document.querySelector("tamas-result") && (work()?.pick(n) ?? false);
}

function handle(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  if (event.altKey) return event.code === "KeyN" && (work()?.notes() ?? false);
  if (event.key in ALWAYS) return ALWAYS[event.key]!(event);
  if (event.shiftKey) return false;
  if (event.key === "Escape") return !document.querySelector("dialog[open]") && !me()?.opened && !document.querySelector("details.menu[open]") && escape();
  if (typing(event.target) || document.querySelector("dialog[open]")) return false;
  return digit(event) || (SINGLE[event.code]?.() ?? false);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!mine.on || !handle(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
