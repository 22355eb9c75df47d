// The calls of the live page: short rows beside the agents in the overview, a whole table in the list.

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { heading, more } from "./liveparts";
import type { Group } from "./livegroups";
import { TALK, WAIT } from "./liveorder";
import { stateMark } from "./me";
import { type Board, type Card, clock, icon, mark, person, tel, who } from "./parts";
import { digits, word } from "./words";

const ARROWS = { inbound: "arrow-down-left", outbound: "arrow-up-right", internal: "arrow-left-right" };

interface Shown {
  groups: Group<Card>[];
  board: Board;
  places: Map<string, number>;
  grouped: boolean;
  selected: string;
  select: (id: string) => void;
  /** Rows that are not drawn yet. */
  left: number;
}

const watched = (shown: Shown, card: Card): unknown[] => [card, shown.board.rules, limit(card, shown.board), shown.places.get(card.id), shown.selected === card.id];

export function callRows(shown: Shown): TemplateResult {
  return html`<div class="scroll"><ul class="callrows">${repeat(
    shown.groups.flatMap((group) => group.rows),
    (card) => card.id,
    (card) => guard(watched(shown, card), () => short(card, shown)),
  )}</ul>${more(shown.left)}</div>`;
}

/** What of its queue a row shows: not the whole row of it, which changes with each call. */
const limit = (card: Card, board: Board): number | undefined => board.queues[queueKey(card)]?.wait_bad;
const queueKey = (card: Card): string => `${card.pbx}/${card.queue ?? ""}`;

function short(card: Card, { board, places, selected, select }: Shown): TemplateResult {
  return html`<li class="callrow ${card.state} ${selected === card.id ? "sel" : ""}" data-call=${card.id}>
    <button class="pick" type="button" aria-pressed=${selected === card.id ? "true" : "false"} @click=${() => select(card.id)}>
      ${mark(card.mark)}<span class="vh">${word(`state_${card.state}`)}</span>
      <span class="nm cut">${whom(card, false)}</span>${card.state === "ended" ? html`<span class="q x2">${word("state_ended")}</span>` : html`<span class="row g2">${place(places.get(card.id))}${time(card, board)}</span>`}
      <span class="sb cut">${icon(ARROWS[card.direction], "s14 q flip")}<span class="vh">${word(card.direction)}</span>${path(card)}</span></button></li>`;
}

/** With whom; of a call by a click, whose number nobody has said, that it is one. */
function whom(card: Card, link = true): TemplateResult {
  return card.state === "calling" && !card.who.number ? html`${word("state_calling")}` : who(card.who, link);
}

function place(n: number | undefined): TemplateResult | typeof nothing {
  return n === undefined ? nothing : html`<bdi class="num place" title=${word("queue_place", { n: digits(n) })}>${digits(n)}</bdi>`;
}

function time(card: Card, board: Board): TemplateResult {
  const queue = board.queues[queueKey(card)];
  if (card.state === "queued") return clock(card.since, "b", queue?.wait_bad ?? WAIT.bad, queue?.wait_warn ?? WAIT.warn);
  const limits = { ...TALK, ...board.rules?.talk };
  return card.state === "talking" || card.state === "held" ? clock(card.since, "b", limits.bad, limits.warn) : clock(card.since, "b");
}

export function callTable(shown: Shown): TemplateResult {
  return html`<div class="scroll"><table class="tb">
    <thead><tr>
      <th>${word("state")}</th><th>${word("who")}</th><th class="p2">${word("number")}</th>
      <th>${word("path")}</th><th class="r">${word("since")}</th><th class="r p2">${word("length")}</th>
    </tr></thead>
    ${repeat(
      shown.groups,
      (group) => group.key,
      (group) => html`<tbody>${shown.grouped ? heading(group, worst(group.rows[0]!, shown.board)) : nothing}${repeat(
        group.rows,
        (card) => card.id,
        (card) => guard(watched(shown, card), () => whole(card, shown)),
      )}</tbody>`,
    )}
  </table>${more(shown.left)}</div>`;
}

function worst(card: Card, board: Board): TemplateResult {
  return html`${mark(card.mark)}<span class="cut">${whom(card, false)}</span>${card.state === "ended" ? nothing : time(card, board)}`;
}

function whole(card: Card, { board, places, selected, select }: Shown): TemplateResult {
  return html`<tr class="${card.state} ${selected === card.id ? "sel" : ""}" data-call=${card.id}>
    <td><button type="button" class="pick st s-${stateMark(card.mark)}" aria-pressed=${selected === card.id ? "true" : "false"} @click=${() => select(card.id)}>${mark(card.mark)}${card.mark === "cons" ? word("cons") : word(`state_${card.state}`)}${place(places.get(card.id))}</button></td>
    <td class="elide"><span class="row g3">${icon(ARROWS[card.direction], "s14 q flip")}<span class="vh">${word(card.direction)}</span><span class="cut md">${whom(card)}</span></span><span class="only-s x2 q">${path(card)}</span></td>
    <td class="p2 m">${card.who.name && card.who.number ? tel(card.who.number) : nothing}</td>
    <td class="elide path">${path(card)}</td>
    <td class="r">${card.state === "ended" ? nothing : time(card, board)}</td>
    <td class="r p2 m">${card.state === "ended" ? nothing : clock(card.started_at)}</td>
  </tr>`;
}

function path(card: Card): TemplateResult {
  const own = card.state === "calling" ? card.legs[0] : undefined;
  if (own) return html`<span class="row g2 cut">${mark("ring")}${person(own)}<span class="q">${word("own_phone_rings")}</span></span>`;
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
