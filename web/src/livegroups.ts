// Rows under headings: by team, queue or PBX. Rows come with what hurts first; so do their groups, and the first row of
// each is its worst. Who is of several teams or queues stands in each. Pure.

import { pbxOf, teamsOf } from "./liveorder";
import type { Agent, Board, Card, Queue } from "./parts";

export type By = "" | "team" | "queue" | "pbx";
export const BY: By[] = ["", "team", "queue", "pbx"];

export interface Group<T> {
  /** Empty: those that are of none. */
  key: string;
  name: string;
  rows: T[];
  /** Of so many rows `rows` are drawn. */
  count: number;
}

/** Not by queue, where each is a queue itself. */
export const queuesBy = (by: By): By => (by === "queue" ? "" : by);

export function callGroups(cards: Card[], by: By, board: Board): Group<Card>[] {
  return groups(cards, (card) => named(by, board, by === "team" ? teamsOf(card, board) : [], card.queue ? [card.queue] : [], card.pbx));
}

export function agentGroups(rows: [string, Agent][], by: By, board: Board): Group<[string, Agent]>[] {
  return groups(rows, ([key, one]) => named(by, board, one.teams, one.queues, pbxOf(key)));
}

export function queueGroups(rows: [string, Queue][], by: By, board: Board): Group<[string, Queue]>[] {
  return groups(rows, ([, one]) => named(queuesBy(by), board, one.teams, [], one.pbx));
}

/** The first `most` rows of all groups together. */
export function cut<T>(all: Group<T>[], most: number): Group<T>[] {
  const found: Group<T>[] = [];
  for (const group of all) {
    if (most <= 0) break;
    found.push({ ...group, rows: group.rows.slice(0, most) });
    most -= group.rows.length;
  }
  return found;
}

type Names = [key: string, name: string][];

function named(by: By, board: Board, teams: string[] = [], queues: string[] = [], pbx = ""): Names {
  if (by === "team") return teams.map((id) => [id, board.teams?.[id] ?? ""]);
  if (by === "queue") return queues.map((name) => [name, name]);
  return by === "pbx" && pbx ? [[pbx, pbx]] : [];
}

const NONE: Names = [["", ""]];

function groups<T>(rows: T[], of: (row: T) => Names): Group<T>[] {
  const found = new Map<string, Group<T>>();
  for (const row of rows) {
    const names = of(row);
    for (const [key, name] of names.length ? names : NONE) {
      const group = found.get(key);
      if (group) group.count = group.rows.push(row);
      else found.set(key, { key, name, rows: [row], count: 1 });
    }
  }
  const none = found.get("");
  if (none && found.delete("")) found.set("", none); // last
  return [...found.values()];
}
