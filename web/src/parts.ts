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
  mark: string;
  since?: string;
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
}

export interface Agent extends Person {
  mark: string;
  since?: string;
  with?: Party;
  queue?: string;
  reason?: string;
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
}

export const MARKS = ["talk", "ring", "wait", "hold", "cons", "ready", "pause", "off"];

export function icon(name: string, cls = ""): TemplateResult {
  return html`<svg class="i ${cls}" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
}

export function mark(state: string): TemplateResult {
  return html`<svg class="mk s-${state}" aria-hidden="true"><use href="${sprite}#mk-${state}"></use></svg>`;
}

export function num(value: number | string): TemplateResult {
  return html`<bdi class="num">${digits(value)}</bdi>`;
}

export function tel(number: string): TemplateResult {
  return html`<bdi class="num tel">${digits(number)}</bdi>`;
}

/** Whom a call is with: the name, else the number, else that it was withheld. */
export function who(party: Party): TemplateResult {
  if (party.contact) {
    const star = party.tier === "vip" ? html` <span class="vip bare">${icon("star", "s14")}</span>` : nothing;
    return html`<a class="known" href="/contacts/${encodeURIComponent(party.contact)}"><bdi>${party.name}</bdi></a>${star}`;
  }
  if (party.name) return html`<bdi>${party.name}</bdi>`;
  return party.number ? tel(party.number) : html`<span class="q">${word("withheld")}</span>`;
}

export function person(someone: Person): TemplateResult {
  return someone.name ? html`<bdi>${someone.name}</bdi>` : num(someone.ext ?? "");
}

export function clock(since: string | undefined, cls = "", limit?: number): TemplateResult {
  return html`<t-clock class="num tn ${cls}" aria-hidden="true" since=${since ?? ""} limit=${limit ?? nothing}></t-clock>`;
}
