// The agents of the live page: a cell each in the overview, a row each with today's figures in the list.

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { hot, limitsOf } from "./liveorder";
import { labelOf, stateMark, stateName } from "./me";
import { type Agent, type Board, clock, icon, mark, person, who } from "./parts";
import { digits, duration, listed, word } from "./words";

const STATES = ["talk", "ring", "dial", "hold", "cons", "wrap", "ready", "pause", "off"];

interface Shown {
  rows: [string, Agent][];
  board: Board;
  now: number;
  selected: string;
  select: (key: string) => void;
}

export function agentCount(rows: [string, Agent][]): TemplateResult[] {
  const count = (state: string) => rows.filter(([, agent]) => agent.mark === state).length;
  return STATES.filter(count).map(
    (state) => html`<span class="row g3 x2">${mark(state)}<span class="m">${word(state)}</span><b class="num">${digits(count(state))}</b></span>`,
  );
}

export function agentGrid({ rows, board, now, selected, select }: Shown): TemplateResult {
  return html`<div class="agents">${repeat(
    rows,
    ([key]) => key,
    ([key, agent]) => {
      const bad = hot(agent, board, now);
      return guard([agent, board.rules, bad, selected === key], () => cell(key, agent, board, bad, selected === key, select));
    },
  )}</div>`;
}

function cell(key: string, agent: Agent, board: Board, bad: boolean, selected: boolean, select: (key: string) => void): TemplateResult {
  return html`<button type="button" data-agent=${key} aria-pressed=${selected ? "true" : "false"} class="agc ${bad ? "hot" : ""} ${agent.mark === "ring" ? "ringing" : ""} ${selected ? "sel" : ""}" @click=${() => select(key)}>
    ${mark(agent.mark)}<span class="nm cut">${person(agent)}</span>${time(agent, board)}
    <span class="sb cut"><span class="vh">${stateName(agent.mark)}</span>${doing(agent)}</span>
  </button>`;
}

function time(agent: Agent, board: Board): TemplateResult {
  const limits = limitsOf(agent, board);
  return agent.since ? clock(agent.since, "x2 m", limits?.bad, limits?.warn) : html`<span></span>`;
}

function doing(agent: Agent): TemplateResult {
  if (agent.reachable === false) return html`<span class="crit">${word("phone_unreachable")}</span>`;
  if (agent.with) return html`${agent.queue ? html`<bdi>${agent.queue}</bdi> · ` : nothing}${who(agent.with, false)}`;
  if (agent.mark === "pause" && agent.reason) return html`<bdi>${typeof agent.reason === "string" ? agent.reason : labelOf(agent.reason)}</bdi>`;
  if (agent.mark === "wrap" && agent.until) return html`${word("left")} <t-clock class="num tn" until=${agent.until}></t-clock>`;
  if (agent.queues?.length) return html`<bdi>${listed(agent.queues)}</bdi>`;
  return html`${stateName(agent.mark)}`;
}

export function agentTable({ rows, board, now, selected, select }: Shown): TemplateResult {
  return html`<table class="tb agent-rows">
    <thead><tr><th>${word("agent")}</th><th>${word("state")}</th><th class="r">${word("since")}</th><th class="p2">${word("doing")}</th>
      <th class="p2">${word("queues")}</th><th class="p2">${word("team")}</th><th class="r">${word("calls")}</th><th class="r p2">${word("talk_time")}</th></tr></thead>
    <tbody>${repeat(
      rows,
      ([key]) => key,
      ([key, agent]) => {
        const bad = hot(agent, board, now);
        return guard([agent, board.rules, board.teams, bad, selected === key], () => line(key, agent, board, bad, selected === key, select));
      },
    )}</tbody></table>`;
}

function line(key: string, agent: Agent, board: Board, bad: boolean, selected: boolean, select: (key: string) => void): TemplateResult {
  const teams = (agent.teams ?? []).map((id) => board.teams?.[id] ?? "").filter(Boolean);
  return html`<tr class="${bad ? "hot" : ""} ${selected ? "sel" : ""}" data-agent=${key}>
    <td class="md"><button class="pick" type="button" aria-pressed=${selected ? "true" : "false"} @click=${() => select(key)}>${person(agent)}</button></td>
    <td><span class="st s-${stateMark(agent.mark)}">${mark(agent.mark)}${stateName(agent.mark)}</span></td>
    <td class="r">${time(agent, board)}</td>
    <td class="p2 elide">${agent.reachable === false ? html`<span class="row g3 crit">${icon("unplug", "s14")}${doing(agent)}</span>` : doing(agent)}</td>
    <td class="p2 elide m"><bdi>${listed(agent.queues ?? [])}</bdi></td>
    <td class="p2 elide m"><bdi>${listed(teams)}</bdi></td>
    <td class="r"><bdi class="num">${agent.calls === undefined ? "–" : digits(agent.calls)}</bdi></td>
    <td class="r p2"><bdi class="num tn">${agent.talk_seconds === undefined ? "–" : duration(agent.talk_seconds)}</bdi></td>
  </tr>`;
}
