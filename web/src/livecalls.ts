// The calls of the live page: short rows beside the agents in the overview, a whole table in the list.

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { TALK, WAIT } from "./liveorder";
import { type Board, type Card, clock, icon, mark, person, tel, who } from "./parts";
import { digits, word } from "./words";

const MOST_ROWS = 300;
/** Beside the agents: what is further down hurts less than what is on top. */
const MOST_BESIDE = 100;
const ARROWS = { inbound: "arrow-down-left", outbound: "arrow-up-right", internal: "arrow-left-right" };

interface Shown {
  cards: Card[];
  board: Board;
  selected: string;
  select: (id: string) => void;
}

export function callRows({ cards, board, selected, select }: Shown): TemplateResult {
  return html`<div class="scroll"><ul class="callrows">${repeat(
    cards.slice(0, MOST_BESIDE),
    (card) => card.id,
    (card) => guard([card, board.rules, limit(card, board), selected === card.id], () => short(card, board, selected === card.id, select)),
  )}</ul>${over(cards, MOST_BESIDE)}</div>`;
}

/** What of its queue a row shows: not the whole row of it, which changes with each call. */
const limit = (card: Card, board: Board): number | undefined => board.queues[queueKey(card)]?.wait_bad;
const queueKey = (card: Card): string => `${card.pbx}/${card.queue ?? ""}`;

function short(card: Card, board: Board, selected: boolean, select: (id: string) => void): TemplateResult {
  return html`<li class="callrow ${card.state} ${selected ? "sel" : ""}" data-call=${card.id}>
    <button class="pick" type="button" aria-pressed=${selected ? "true" : "false"} @click=${() => select(card.id)}>
      ${mark(card.mark)}<span class="vh">${word(`state_${card.state}`)}</span>
      <span class="nm cut">${who(card.who, false)}</span>${card.state === "ended" ? html`<span class="q x2">${word("state_ended")}</span>` : time(card, board)}
      <span class="sb cut">${icon(ARROWS[card.direction], "s14 q flip")}<span class="vh">${word(card.direction)}</span>${path(card)}</span></button></li>`;
}

function time(card: Card, board: Board): TemplateResult {
  const queue = board.queues[queueKey(card)];
  if (card.state === "queued") return clock(card.since, "b", queue?.wait_bad ?? WAIT.bad, queue?.wait_warn ?? WAIT.warn);
  const limits = { ...TALK, ...board.rules?.talk };
  return card.state === "talking" || card.state === "held" ? clock(card.since, "b", limits.bad, limits.warn) : clock(card.since, "b");
}

export function callTable({ cards, board, selected, select }: Shown): TemplateResult {
  return html`<div class="scroll"><table class="tb">
    <thead><tr>
      <th>${word("state")}</th><th>${word("who")}</th><th class="p2">${word("number")}</th>
      <th>${word("path")}</th><th class="r">${word("since")}</th><th class="r p2">${word("length")}</th>
    </tr></thead>
    <tbody>${repeat(
      cards.slice(0, MOST_ROWS),
      (card) => card.id,
      (card) => guard([card, board.rules, limit(card, board), selected === card.id], () => whole(card, board, selected === card.id, select)),
    )}</tbody>
  </table>${over(cards, MOST_ROWS)}</div>`;
}

function whole(card: Card, board: Board, selected: boolean, select: (id: string) => void): TemplateResult {
  return html`<tr class="${card.state} ${selected ? "sel" : ""}" data-call=${card.id}>
    <td><button type="button" class="pick st s-${card.mark}" aria-pressed=${selected ? "true" : "false"} @click=${() => select(card.id)}>${mark(card.mark)}${card.mark === "cons" ? word("cons") : word(`state_${card.state}`)}</button></td>
    <td class="elide"><span class="row g3">${icon(ARROWS[card.direction], "s14 q flip")}<span class="vh">${word(card.direction)}</span><span class="cut md">${who(card.who)}</span></span><span class="only-s x2 q">${path(card)}</span></td>
    <td class="p2 m">${card.who.name && card.who.number ? tel(card.who.number) : nothing}</td>
    <td class="elide path">${path(card)}</td>
    <td class="r">${card.state === "ended" ? nothing : time(card, board)}</td>
    <td class="r p2 m">${card.state === "ended" ? nothing : clock(card.started_at)}</td>
  </tr>`;
}

function path(card: Card): TemplateResult {
  const talking = new Set(card.path.map((step) => step.text));
  const ringing = card.legs.filter((leg) => leg.state === "ringing" && !talking.has(leg.name ?? leg.ext ?? ""));
  const steps: unknown[] = card.path.map((step) => html`<bdi>${step.kind === "person" ? digits(step.text) : step.text}</bdi>`);
  if (ringing[0]) {
    const others = ringing.length - 1;
    steps.push(html`<span class="row g2 m">${mark("ring")}${person(ringing[0])}${others ? html`<span class="q">+${digits(others)}</span>` : nothing}</span>`);
  }
  if (!steps.length && card.line) steps.push(tel(card.line));
  return html`<span class="row g2 cut">${steps.map((step, n) => html`${n ? icon("chevron-right", "s14 q flip") : nothing}${step}`)}</span>`;
}

function over(cards: Card[], most: number): TemplateResult | typeof nothing {
  return cards.length > most ? html`<p class="q x2 more">${word("more", { count: digits(cards.length - most) })}</p>` : nothing;
}
