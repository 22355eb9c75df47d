// What of the board is looked at (team, queue, PBX), and in which order: what hurts most stands first. Pure.

import type { Agent, Board, Card, Limits, Queue } from "./parts";

export interface Filter {
  team: string;
  queue: string;
  pbx: string;
}

export const WAIT: Required<Limits> = { warn: 30, bad: 60 };
export const TALK: Required<Limits> = { warn: 600, bad: 1200 };
export const PAUSE: Required<Limits> = { warn: 900, bad: 1800 };

type Row<T> = [string, T];

/** The part of an agent's key before the slash is his PBX. */
export const pbxOf = (key: string): string => key.slice(0, key.indexOf("/"));

export function queuesOf(board: Board, filter: Filter, now: number): Row<Queue>[] {
  const rows = Object.entries(board.queues).filter(
    ([, one]) =>
      (!filter.pbx || one.pbx === filter.pbx) && (!filter.queue || one.name === filter.queue) && (!filter.team || !!one.teams?.includes(filter.team)),
  );
  const hurt = new Map(rows.map(([key, one]) => [key, queueHurts(one, now)]));
  return rows.sort(([a, x], [b, y]) => hurt.get(b)! - hurt.get(a)! || x.name.localeCompare(y.name) || a.localeCompare(b));
}

/** The longest wait against its limit; without one, whether the target is missed. Whole steps, so that rows rest. */
function queueHurts(queue: Queue, now: number): number {
  if (queue.waiting) {
    const waited = queue.longest_since ? (now - Date.parse(queue.longest_since)) / 1000 : 0;
    const bad = waited > (queue.wait_bad ?? WAIT.bad) ? 2 : waited > (queue.wait_warn ?? WAIT.warn) ? 1 : 0;
    return 10 + 4 * bad + (queue.ready ? 0 : 2);
  }
  return missesTarget(queue) ? 1 : 0;
}

export function missesTarget(queue: Queue): boolean {
  return queue.sl !== undefined && queue.target !== undefined && queue.sl < queue.target;
}

export function callsOf(board: Board, filter: Filter): Card[] {
  return Object.values(board.calls).filter(
    (one) =>
      (!filter.pbx || one.pbx === filter.pbx) &&
      (!filter.queue || one.queue === filter.queue || one.path.some((step) => step.kind === "queue" && step.text === filter.queue)) &&
      (!filter.team || teamsOf(one, board).includes(filter.team)),
  );
}

/** Whom a call concerns: who has a part in it, and while it waits who serves its queue. */
export function teamsOf(card: Card, board: Board): string[] {
  const own = card.teams ?? [];
  const serving = card.state === "queued" ? board.queues[`${card.pbx}/${card.queue ?? ""}`]?.teams : undefined;
  return serving ? [...new Set([...own, ...serving])].sort() : own;
}

const CALL_RANK: Record<string, number> = { queued: 0, ringing: 1, arriving: 1, calling: 1, parked: 2, held: 3, talking: 4, ended: 5 };

/** Who waits stands first, the longest on top; then who rings, is parked, on hold, and the longest talks. */
export function byUrgency(a: Card, b: Card): number {
  return (CALL_RANK[a.state] ?? 4) - (CALL_RANK[b.state] ?? 4) || order(a.place ?? a.since, b.place ?? b.since) || order(a.id, b.id);
}

/** In which place of its queue a call waits, by id: as the PBX has them, whatever of the queue is looked at. */
export function places(board: Board): Map<string, number> {
  const last = new Map<string, number>();
  const found = new Map<string, number>();
  for (const card of Object.values(board.calls).filter((one) => one.state === "queued").sort(byUrgency)) {
    const queue = `${card.pbx}/${card.queue ?? ""}`;
    const place = (last.get(queue) ?? 0) + 1;
    last.set(queue, place);
    found.set(card.id, place);
  }
  return found;
}

export function agentsOf(board: Board, filter: Filter): Row<Agent>[] {
  return Object.entries(board.agents).filter(
    ([key, one]) =>
      (!filter.pbx || pbxOf(key) === filter.pbx) &&
      (!filter.queue || one.queue === filter.queue || !!one.queues?.includes(filter.queue)) &&
      (!filter.team || !!one.teams?.includes(filter.team)),
  );
}

const AGENT_RANK: Record<string, number> = { ring: 1, dial: 2, talk: 2, cons: 2, hold: 2, wrap: 3, ready: 4, pause: 5, off: 6 };

/** Too long in a call or a pause first, then as the mock has it: busy, ready, away; the longest first. */
export function byTrouble(now: number, board: Board): (a: Row<Agent>, b: Row<Agent>) => number {
  const rank = new Map<Agent, number>();
  const of = (one: Agent): number => {
    let known = rank.get(one);
    if (known === undefined) rank.set(one, (known = hot(one, board, now) ? 0 : (AGENT_RANK[one.mark] ?? 6)));
    return known;
  };
  return ([a, x], [b, y]) => of(x) - of(y) || order(x.since ?? "~", y.since ?? "~") || order(a, b);
}

/** Which limits hold for what an agent does now. */
export function limitsOf(agent: Agent, board: Board): Limits | undefined {
  if (["talk", "hold", "cons"].includes(agent.mark)) return { ...TALK, ...board.rules?.talk };
  if (agent.mark === "pause") return { ...PAUSE, ...board.rules?.pause };
  return undefined;
}

export function hot(agent: Agent, board: Board, now: number): boolean {
  const bad = limitsOf(agent, board)?.bad;
  return bad !== undefined && agent.since !== undefined && now - Date.parse(agent.since) > bad * 1000;
}

/** Of texts as they are: times are all written in the same way, and a thousand rows are sorted at each turn. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** While the pointer is over a list its rows stay where they are: what is new comes last. */
export class Places {
  private before = new Map<string, number>();

  keep<T>(rows: T[], key: (row: T) => string, still: boolean): T[] {
    const known = this.before;
    const placed = still && known.size ? [...rows].sort((a, b) => (known.get(key(a)) ?? Infinity) - (known.get(key(b)) ?? Infinity) || 0) : rows;
    this.before = new Map(placed.map((row, n) => [key(row), n]));
    return placed;
  }
}
