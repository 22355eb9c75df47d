// Small parts that the live components share; the server's templates have the same ones in macros.html.

import { html, nothing, type TemplateResult } from "lit";
import { digits, word } from "./words";

const sprite = document.querySelector<HTMLLinkElement>("link[data-sprite]")?.href ?? "";

export interface Party {
  name?: string;
  number?: string;
  contact?: string;
  tier?: string;
}

export interface Person {
  name?: string;
  ext?: string;
}

export interface Leg extends Person {
  state: string;
}

export interface Card {
  id: string;
  pbx: string;
  direction: "inbound" | "outbound" | "internal";
  kind: string;
  state: string;
  mark: string;
  since: string;
  started_at?: string;
  who: Party;
  line?: string;
  queue?: string;
  path: { kind: string; text: string }[];
  legs: Leg[];
  /** Keys of the agents whose phone has a part in it now. */
  agents?: string[];
  /** Of who has, or had, a part in it (`teamsOf` has all). */
  teams?: string[];
  /** Of who waits: the moment that puts him where the PBX has him, where that is not where his wait would. */
  place?: string;
}

export interface Queue {
  pbx: string;
  name: string;
  waiting: number;
  members: number;
  ready: number;
  ring: number;
  talk: number;
  hold: number;
  pause: number;
  off: number;
  wrap?: number;
  longest_since?: string;
  offered?: number;
  answered?: number;
  abandoned?: number;
  abandon_rate?: number;
  /** Service level in percent: of today, and of the last minutes. */
  sl?: number;
  sl_now?: number;
  target?: number;
  /** Seconds of waiting from which it is pressing, and bad. */
  wait_warn?: number;
  wait_bad?: number;
  teams?: string[];
}

export interface Agent extends Person {
  mark: string;
  since?: string;
  with?: Party;
  queue?: string;
  reason?: string | Reason;
  /** The user's id; a member at whose phone nobody of ours works has none. */
  user?: string;
  until?: string;
  /** Signed out, whatever his phone and his queues say. */
  away?: boolean;
  reachable?: boolean;
  teams?: string[];
  queues?: string[];
  call?: string;
  calls?: number;
  talk_seconds?: number;
}

export interface Reason {
  id: string;
  label?: string;
  fa?: string;
  en?: string;
}

/** Seconds from which something is pressing, and bad. */
export interface Limits {
  warn?: number;
  bad?: number;
}

export interface Link {
  up: boolean;
  since: string;
  reason?: string;
}

export interface Board {
  calls: Record<string, Card>;
  queues: Record<string, Queue>;
  agents: Record<string, Agent>;
  links: Record<string, Link>;
  today: Record<string, number>;
  rules?: { talk?: Limits; pause?: Limits };
  teams?: Record<string, string>;
}

export function icon(name: string, cls = ""): TemplateResult {
  return html`<svg class="i ${cls}" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
}

export function mark(state: string): TemplateResult {
  const shape = state === "dial" ? "ring" : state;
  return html`<svg class="mk s-${shape}" aria-hidden="true"><use href="${sprite}#mk-${shape}"></use></svg>`;
}

export function num(value: number | string): TemplateResult {
  return html`<bdi class="num">${digits(value)}</bdi>`;
}

export function tel(number: string): TemplateResult {
  return html`<bdi class="num tel">${digits(number)}</bdi>`;
}

/** Whom a call is with: the name, else the number, else that it was withheld. `link`: to the contact, if known. */
export function who(party: Party, link = true): TemplateResult {
  if (party.contact) {
    const star = party.tier === "vip" ? html` <span class="vip bare">${icon("star", "s14")}</span>` : nothing;
    if (!link) return html`<bdi>${party.name}</bdi>${star}`;
    return html`<a class="known" href="/contacts/${encodeURIComponent(party.contact)}"><bdi>${party.name}</bdi></a>${star}`;
  }
  if (party.name) return html`<bdi>${party.name}</bdi>`;
  return party.number ? tel(party.number) : html`<span class="q">${word("withheld")}</span>`;
}

export function person(someone: Person): TemplateResult {
  return someone.name ? html`<bdi>${someone.name}</bdi>` : num(someone.ext ?? "");
}

/** How long since. From `limit` seconds on it is marked as bad, from `warn` (half of it, if not given) as pressing. */
export function clock(since: string | undefined, cls = "", limit?: number, warn?: number): TemplateResult {
  return html`<t-clock class="num tn ${cls}" aria-hidden="true" since=${since ?? ""} limit=${limit ?? nothing} warn=${warn ?? nothing}></t-clock>`;
}
