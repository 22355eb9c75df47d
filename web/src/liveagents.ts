// The agents of the live page: a cell each in the overview, a row each with today's figures in the list.

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Group } from "./livegroups";
import { hot, limitsOf } from "./liveorder";
import { heading, more } from "./liveparts";
import { labelOf, stateMark, stateName } from "./me";
import { type Agent, type Board, clock, icon, mark, person, who } from "./parts";
import { digits, duration, listed, word } from "./words";

const STATES = ["talk", "ring", "dial", "hold", "cons", "wrap", "ready", "pause", "off"];

interface Shown {
  groups: Group<[string, Agent]>[];
  grouped: boolean;
  board: Board;
  now: number;
  selected: string;
  select: (key: string) => void;
  /** Rows that are not drawn yet. */
  left: number;
}

/** Only his own phone rings yet, for the number that he will call. */
const begins = (agent: Agent, board: Board): boolean => agent.mark === "dial" && board.calls[agent.call ?? ""]?.state === "calling";

export function agentCount(groups: Group<[string, Agent]>[]): TemplateResult[] {
  const all = new Map(groups.flatMap((group) => group.rows)); // who is in several groups counts once
  const marks = new Map<string, number>();
  for (const { mark } of all.values()) marks.set(mark, (marks.get(mark) ?? 0) + 1);
  const count = (state: string) => marks.get(state) ?? 0;
  return STATES.filter(count).map(
    (state) => html`<span class="row g3 x2">${mark(state)}<span class="m">${stateName(state)}</span><b class="num">${digits(count(state))}</b></span>`,
  );
}

export function agentGrid(shown: Shown): TemplateResult {
  return html`<div class="agents">${repeat(
    shown.groups.flatMap((group) => group.rows),
    ([key]) => key,
    ([key, agent]) => drawn(key, agent, shown, cell),
  )}${more(shown.left)}</div>`;
}

type Draw = (key: string, agent: Agent, bad: boolean, shown: Shown) => TemplateResult;

function drawn(key: string, agent: Agent, shown: Shown, draw: Draw): unknown {
  const { board, now, selected } = shown;
  const bad = hot(agent, board, now);
  return guard([agent, board.rules, board.teams, bad, selected === key, begins(agent, board)], () => draw(key, agent, bad, shown));
}

function cell(key: string, agent: Agent, bad: boolean, { board, selected, select }: Shown): TemplateResult {
  const chosen = selected === key;
  return html`<button type="button" data-agent=${key} aria-pressed=${chosen ? "true" : "false"} class="agc ${bad ? "hot" : ""} ${agent.mark === "ring" ? "ringing" : ""} ${chosen ? "sel" : ""}" @click=${() => select(key)}>
    ${mark(agent.mark)}<span class="nm cut">${person(agent)}</span>${time(agent, board)}
    <span class="sb cut"><span class="vh">${stateName(agent.mark)}</span>${doing(agent, board)}</span>
  </button>`;
}

function time(agent: Agent, board: Board): TemplateResult {
  const limits = limitsOf(agent, board);
  return agent.since ? clock(agent.since, "x2 m", limits?.bad, limits?.warn) : html`<span></span>`;
}

function doing(agent: Agent, board: Board): TemplateResult {
  if (agent.reachable === false) return html`<span class="crit">${word("phone_unreachable")}</span>`;
  if (begins(agent, board)) return html`${word("own_phone_rings")}${agent.with?.number ? html` · ${who(agent.with, false)}` : nothing}`;
  if (agent.with) return html`${agent.queue ? html`<bdi>${agent.queue}</bdi> · ` : nothing}${who(agent.with, false)}`;
  if (agent.mark === "pause" && agent.reason) return html`<bdi>${typeof agent.reason === "string" ? agent.reason : labelOf(agent.reason)}</bdi>`;
  if (agent.mark === "wrap" && agent.until) return html`${word("left")} <t-clock class="num tn" until=${agent.until}></t-clock>`;
  if (agent.queues?.length) return html`<bdi>${listed(agent.queues)}</bdi>`;
  return html`${stateName(agent.mark)}`;
}

export function agentTable(shown: Shown): TemplateResult {
  return html`<table class="tb agent-rows">
    <thead><tr><th>${word("agent")}</th><th>${word("state")}</th><th class="r">${word("since")}</th><th class="p2">${word("doing")}</th>
      <th class="p2">${word("queues")}</th><th class="p2">${word("team")}</th><th class="r">${word("calls")}</th><th class="r p2">${word("talk_time")}</th></tr></thead>
    ${repeat(
      shown.groups,
      (group) => group.key,
      (group) => html`<tbody>${shown.grouped ? heading(group, worst(group.rows[0]![1], shown.board)) : nothing}${repeat(
        group.rows,
        ([key]) => key,
        ([key, agent]) => drawn(key, agent, shown, line),
      )}</tbody>`,
    )}</table>${more(shown.left)}`;
}

function worst(agent: Agent, board: Board): TemplateResult {
  return html`${mark(agent.mark)}<span class="cut">${person(agent)}</span>${time(agent, board)}`;
}

function line(key: string, agent: Agent, bad: boolean, { board, selected, select }: Shown): TemplateResult {
  const teams = (agent.teams ?? []).map((id) => board.teams?.[id] ?? "").filter(Boolean);
  return html`<tr class="${bad ? "hot" : ""} ${selected === key ? "sel" : ""}" data-agent=${key}>
    <td class="md"><button class="pick" type="button" aria-pressed=${selected === key ? "true" : "false"} @click=${() => select(key)}>${person(agent)}</button></td>
    <td><span class="st s-${stateMark(agent.mark)}">${mark(agent.mark)}${stateName(agent.mark)}</span></td>
    <td class="r">${time(agent, board)}</td>
    <td class="p2 elide">${agent.reachable === false ? html`<span class="row g3 crit">${icon("unplug", "s14")}${doing(agent, board)}</span>` : doing(agent, board)}</td>
    <td class="p2 elide m"><bdi>${listed(agent.queues ?? [])}</bdi></td>
    <td class="p2 elide m"><bdi>${listed(teams)}</bdi></td>
    <td class="r"><bdi class="num">${agent.calls === undefined ? "–" : digits(agent.calls)}</bdi></td>
    <td class="r p2"><bdi class="num tn">${agent.talk_seconds === undefined ? "–" : duration(agent.talk_seconds)}</bdi></td>
  </tr>`;
}
