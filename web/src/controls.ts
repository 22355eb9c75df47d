// What is done with a call or with my own state: by the phone in the browser if it has the call, else by the server,
// whose refusal is told to whoever listens (the bar says it).

import { ask } from "./ask";
import { mine, type Pop } from "./pops";
import { softphone } from "./softphone";
import { word } from "./words";

export interface Body {
  to?: string;
  queue?: string;
  keys?: string;
}

/** What the phone in the browser does itself. */
const OWN = new Set(["answer", "hangup", "hold", "unhold", "mute", "unmute", "dtmf"]);
const PATHS: Record<string, string> = { consult: "transfer", pause_recording: "pause-recording" };

/** What the last command came to: "" where all went well. */
let said = "";
/** How it is done all the same, where this user may. */
let all_the_same: (() => void) | null = null;
let clearing = 0;
const REFUSED_MS = 12_000;

export function refusal(): string {
  return said;
}

/** What does it all the same; null where nothing does. */
export function anyway(): (() => void) | null {
  return all_the_same;
}

export function say(text: string, instead: (() => void) | null = null): void {
  clearTimeout(clearing);
  said = text;
  all_the_same = instead;
  if (text) clearing = window.setTimeout(() => say(""), REFUSED_MS);
  mine.tell();
}

/** Commands under way, so that a button is not pressed twice. */
const busy = new Set<string>();

export function isBusy(pop: Pop, verb: string): boolean {
  return busy.has(`${pop.pop} ${verb}`);
}

/** May it be done: true, or why not in words; undefined if it makes no sense now. */
export function can(pop: Pop, verb: string): true | string | undefined {
  const answer = pop.can?.[verb];
  if (answer === undefined || answer === true) return answer;
  return WHY[answer]?.() ?? answer;
}

const WHY: Record<string, () => string> = {
  press_on_phone: () => word("why_press_on_phone"),
  unknown_phone: () => word("why_unknown_phone"),
  no_right: () => word("why_no_right"),
  no_include: () => word("why_no_include"),
};

/** What the server is told with a verb; most need nothing said. */
function told(verb: string, pop: Pop, body: Body): object | undefined {
  if (verb === "transfer" && body.queue) return { queue: body.queue };
  if (verb === "transfer" || verb === "consult") return { to: body.to, kind: verb === "consult" ? "attended" : "blind" };
  if (verb === "dtmf") return { keys: body.keys };
  if (verb === "record") return { on: pop.recording !== "on" };
  if (verb === "pause_recording") return { on: pop.recording !== "paused" };
  return undefined;
}

/** True if it was taken. */
export async function run(verb: string, pop: Pop, body: Body = {}): Promise<boolean> {
  const key = `${pop.pop} ${verb}`;
  if (busy.has(key)) return false;
  busy.add(key);
  say("");
  try {
    if (OWN.has(verb) && softphone.owns(pop) && (await softphone.run(verb, pop, { digits: body.keys }))) return true;
    const answer = await ask("POST", `/api/v1/calls/${encodeURIComponent(pop.call)}/${PATHS[verb] ?? verb}`, told(verb, pop, body));
    if (!answer.ok) say(answer.status ? answer.why : word("server_away"));
    return answer.ok;
  } finally {
    busy.delete(key);
    mine.tell();
  }
}

/** Call a number; what becomes of it is told by a card. */
export async function dial(to: string, more: { contact?: string; queue?: string; anyway?: true } = {}): Promise<boolean> {
  say("");
  const answer = await ask("POST", "/api/v1/calls", { to, ...more });
  const again = answer.anyway ? () => void dial(to, { ...more, anyway: true }) : null;
  if (!answer.ok) say(answer.status ? answer.why : word("server_away"), again);
  return answer.ok;
}

/** `ready`, `pause`, `wrap-up-done`, `extend`, `sign-in`, `sign-out`. */
export async function become(verb: string, body: object = {}): Promise<boolean> {
  say("");
  const answer = await ask("POST", `/api/v1/agents/me/${verb}`, body);
  if (!answer.ok) say(answer.status ? answer.why : word("server_away"));
  return answer.ok;
}
