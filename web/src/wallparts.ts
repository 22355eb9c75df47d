// The parts of a board on a wall: pure pictures of what the topic holds. Neighbour: wall.ts keeps it and its time.

import { html, nothing, svg, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { mark } from "./parts";
import { push } from "./push";
import { digits, duration, word } from "./words";

export interface Row {
  name: string;
  pbx?: string;
  waiting: number;
  since?: string;
  ready: number;
  sl?: number;
  offered: number;
  target?: number;
  wait: [number, number];
}

export interface Someone {
  mark: string;
  name?: string;
  since?: string;
  queue?: string;
  reason?: string;
}

export interface Wall {
  name: string;
  kind: "queues" | "agents" | "day";
  look: string;
  nameless: boolean;
  down?: string[];
  waiting: number;
  since?: string;
  sl?: number;
  target?: number;
  seconds?: number;
  wait: [number, number];
  curve?: [string, number | null][];
  states: Record<string, number>;
  day?: Record<string, number>;
  bars?: [string, number, number][];
  order?: string[];
  queues?: Record<string, Row>;
  agents?: Record<string, Someone>;
  alert?: { queue: string; waiting: number; since?: string };
}

const root = document.documentElement;
const PERSIAN = root.lang === "fa";
const RTL = root.dir === "rtl";
const ZONE = root.dataset.zone;
/** A page of a long board stays for so long. */
const TURN_SECONDS = 12;
export const MOST_ROWS = 9;
export const MOST_TILES = 40;
/** A young day has room for so many intervals: two of them are no two halves of a screen. */
const LEAST_BARS = 12;
const STATES = ["talk", "ring", "wrap", "ready", "pause"];
const ORDER = ["ring", "talk", "hold", "cons", "wrap", "ready", "pause", "off"];

const clockOf = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const dateOf = new Intl.DateTimeFormat(PERSIAN ? `fa-u-nu-latn-ca-${root.dataset.calendar === "gregorian" ? "gregory" : "persian"}` : "en-GB", {
  timeZone: ZONE, weekday: "long", day: "numeric", month: "long", year: "numeric",
});

function time(at: number | string): string {
  return digits(clockOf.format(typeof at === "string" ? Date.parse(at) : at));
}

function date(at: number): string {
  const parts = Object.fromEntries(dateOf.formatToParts(at).map((part) => [part.type, part.value]));
  return digits(`${parts.weekday} ${parts.day} ${parts.month} ${parts.year}`);
}

function age(since: string | undefined): number | undefined {
  return since === undefined ? undefined : Math.max(0, (push.now() - Date.parse(since)) / 1000);
}

function num(value: number | string | undefined): TemplateResult {
  return value === undefined ? html`<span class="na">${word("wall_na")}</span>` : html`<bdi class="num">${digits(value)}</bdi>`;
}

function percent(value: number | undefined): TemplateResult {
  return value === undefined ? num(undefined) : html`<bdi class="num">${digits(Math.round(value))}${PERSIAN ? "٪" : "%"}</bdi>`;
}

function long(seconds: number | undefined, [warn, bad]: [number, number]): string {
  if (seconds === undefined) return "q";
  return seconds >= bad ? "crit" : seconds >= warn ? "warn" : "";
}

function below(value: number | undefined, target: number | undefined): boolean {
  return value !== undefined && target !== undefined && value < target;
}

/** The part of a long list that is on now, and which of how many. */
function page<T>(all: T[], most: number): { part: T[]; at: number; of: number } {
  const of = Math.max(1, Math.ceil(all.length / most));
  const at = Math.floor(push.now() / 1000 / TURN_SECONDS) % of;
  return { part: all.slice(at * most, (at + 1) * most), at, of };
}

export function header(wall: Wall, lost: boolean): TemplateResult {
  const now = push.now();
  const down = wall.down?.length;
  const state = lost
    ? html`${mark("bad")}<span class="crit">${word("wall_lost", { time: time(now - push.age() * 1000) })}</span>`
    : down
      ? html`${mark("bad")}<span class="crit">${word("link_down_short")}</span>`
      : html`${mark("ready")}<span>${word("wall_live")}</span>`;
  return html`<header>
    <h1 class="cut"><bdi>${wall.name}</bdi></h1><span class="lab date">${date(now)}</span>
    <span class="end lab fresh" role="status">${state}</span><time class="bigclock num">${time(now)}</time>
  </header>`;
}

export function alertBar(wall: Wall): TemplateResult | null {
  if (!wall.alert) return null;
  const { queue, waiting, since } = wall.alert;
  const [before, after] = word("wall_alone", { queue: "\n", n: digits(waiting) }).split("\n");
  return html`<footer role="alert">${mark("bad")}<b class="cut">${before}<bdi>${queue}</bdi>${after}</b>
    ${since ? html`<span class="end num">${time(since)}</span>` : nothing}</footer>`;
}

function goal(wall: Wall): TemplateResult | typeof nothing {
  if (wall.target === undefined || wall.seconds === undefined) return nothing;
  const sign = PERSIAN ? "٪" : "%";
  return html`${word("wall_goal", { percent: digits(wall.target) + sign, seconds: digits(wall.seconds) })}`;
}

function level(wall: Wall, width: number, height: number): TemplateResult {
  return html`<span class="lab">${word("wall_sl_today")}</span>
    <span class="huge ${below(wall.sl, wall.target) ? "crit" : ""}">${wall.sl === undefined ? num(undefined) : html`<bdi class="num">${digits(Math.round(wall.sl))}<small>${PERSIAN ? "٪" : "%"}</small></bdi>`}</span>
    <span class="lab">${goal(wall)}</span>${curve(wall, width, height)}`;
}

/** The service level over the day, the target as a line across; time runs as one reads. */
function curve(wall: Wall, width: number, height: number): TemplateResult | typeof nothing {
  const known = (wall.curve ?? []).filter((one): one is [string, number] => one[1] !== null);
  if (known.length < 2) return nothing;
  const [first, last] = [Date.parse(known[0]![0]), Date.parse(known.at(-1)![0])];
  const low = Math.min(50, ...known.map(([, value]) => value));
  const x = (at: string) => {
    const part = ((Date.parse(at) - first) / (last - first)) * width;
    return RTL ? width - part : part;
  };
  const y = (value: number) => height - ((value - low) / (100 - low || 1)) * height;
  const points = known.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const [endX, endY] = points.at(-1)!.split(",");
  const line = wall.target === undefined ? nothing : svg`<line x1="0" x2=${width} y1=${y(wall.target)} y2=${y(wall.target)}/>`;
  return html`<div class="curve"><svg viewBox="0 0 ${width} ${height}" aria-hidden="true">
      ${line}<polyline points=${points.join(" ")}/><circle cx=${endX!} cy=${endY!} r="9"/></svg>
    <div class="lab ends"><span>${time(known[0]![0])}</span><span>${time(known.at(-1)![0])}</span></div></div>`;
}

function states(wall: Wall): TemplateResult {
  const shown = STATES.filter((state) => state !== "ring" || wall.states[state]);
  return html`<div class="stats">${shown.map(
    (state) => html`<div class="stat">${mark(state)}<span>${word(state)}</span><b class="num">${digits(wall.states[state] ?? 0)}</b></div>`,
  )}</div>`;
}

function figure(label: string, value: unknown, cls = ""): TemplateResult {
  return html`<div class="fig"><span class="lab">${word(label)}</span><b class=${cls}>${value}</b></div>`;
}

function now(wall: Wall): TemplateResult {
  const longest = age(wall.since);
  return html`<div class="figs">
    ${figure("wall_waiting", num(wall.waiting))}
    ${figure("wall_longest", longest === undefined ? html`<span class="na">–</span>` : html`<bdi class="num">${duration(longest)}</bdi>`, long(longest, wall.wait))}
    ${figure("wall_answered", num(wall.day?.answered ?? 0))}
  </div>`;
}

export function queuesBoard(wall: Wall): TemplateResult {
  const rows = (wall.order ?? []).map((key) => [key, wall.queues?.[key]] as const).filter(([, row]) => row);
  if (rows.length > MOST_ROWS) rows.sort(([, a], [, b]) => hurts(b!) - hurts(a!)); // what hurts is on the first page
  const { part, at, of } = page(rows, MOST_ROWS);
  return html`<div class="body"><section class="side">${level(wall, 464, 120)}${states(wall)}</section>
    <section class="rest">${now(wall)}
      <table data-rows=${Math.min(Math.max(part.length, 5), MOST_ROWS)}><thead><tr>
        <th>${word("queue")}${of > 1 ? html` <span class="pages num">${digits(`${at + 1}/${of}`)}</span>` : nothing}</th>
        <th class="r">${word("waiting")}</th><th class="r">${word("longest")}</th><th class="r">${word("wall_sl")}</th>
        <th class="r">${word("ready")}</th><th class="r">${word("wall_offered")}</th>
      </tr></thead><tbody>${repeat(part, ([key]) => key, ([, row]) => queue(row!))}</tbody></table>
    </section></div>`;
}

/** More where somebody waits, and more yet where nobody is ready for him. */
function hurts(row: Row): number {
  return row.waiting ? (row.ready ? 1 : 2) : 0;
}

function queue(row: Row): TemplateResult {
  const waited = age(row.since);
  const alone = row.waiting > 0 && row.ready === 0;
  const late = long(waited, row.wait);
  const low = below(row.sl, row.target);
  return html`<tr>
    <td><bdi class="cut">${row.name}</bdi>${row.pbx ? html` <bdi class="pbx">${row.pbx}</bdi>` : nothing}</td>
    <td class="r"><b class=${row.waiting ? (alone || late === "crit" ? "crit" : "warn") : "q"}>${digits(row.waiting)}</b></td>
    <td class="r ${late}">${waited === undefined ? "–" : html`<bdi class="num">${duration(waited)}</bdi>`}</td>
    <td class="r ${low ? "crit" : ""}">${low ? mark("bad") : nothing} ${percent(row.sl)}</td>
    <td class="r ${alone ? "crit" : ""}">${num(row.ready)}</td><td class="r m">${num(row.offered)}</td>
  </tr>`;
}

export function agentsBoard(wall: Wall): TemplateResult {
  const all = Object.entries(wall.agents ?? {}).sort(([a, one], [b, other]) =>
    (one.name ?? "").localeCompare(other.name ?? "", root.lang) || Number(a.slice(1)) - Number(b.slice(1)));
  const { part, at, of } = page(all, MOST_TILES);
  const size = part.length <= 12 ? "few" : part.length <= 24 ? "some" : "many";
  const there = ORDER.filter((state) => wall.states[state]);
  return html`<div class="heads">${there.map(
      (state) => html`<span class="headc">${mark(state)}<span class="lab">${word(state)}</span><b class="num">${digits(wall.states[state]!)}</b></span>`,
    )}<span class="headc end"><span class="lab">${word("wall_waiting")}</span><b class="num ${wall.waiting ? long(age(wall.since) ?? 0, wall.wait) : "q"}">${digits(wall.waiting)}</b></span>
    ${of > 1 ? html`<span class="lab pages num">${digits(`${at + 1}/${of}`)}</span>` : nothing}</div>
    <div class="tiles ${size}">${repeat(part, ([key]) => key, ([, one]) => tile(one))}</div>`;
}

function tile(one: Someone): TemplateResult {
  const held = age(one.since);
  const doing = one.reason ?? word(one.mark);
  return html`<div class="tile s-${one.mark}">${mark(one.mark)}
    <b class="cut">${one.name ? html`<bdi>${digits(one.name)}</bdi>` : doing}</b>
    <span class="num t">${held === undefined || one.mark === "off" ? nothing : duration(held)}</span>
    <span class="cut sb">${one.queue ? html`<bdi>${one.queue}</bdi>` : one.name ? doing : nothing}</span></div>`;
}

export function dayBoard(wall: Wall): TemplateResult {
  const seconds = (value: number | undefined) => (value === undefined ? num(undefined) : html`<bdi class="num">${duration(value)}</bdi>`);
  const d = wall.day ?? {};
  const lost = d.abandon_rate === undefined ? nothing : html` <small>${percent(d.abandon_rate)}</small>`;
  return html`<div class="body"><section class="side">${level(wall, 464, 220)}
      <div class="stats"><div class="stat">${mark("wait")}<span>${word("wall_waiting")}</span><b class="num">${digits(wall.waiting)}</b></div>
      <div class="stat">${mark("ready")}<span>${word("ready")}</span><b class="num">${digits(wall.states.ready ?? 0)}</b></div></div></section>
    <section class="rest"><div class="figs six">
      ${figure("wall_offered", num(d.offered ?? 0))}${figure("wall_answered", num(d.answered ?? 0))}
      ${figure("wall_abandoned", html`${num(d.abandoned ?? 0)}${lost}`)}
      ${figure("wall_asa", seconds(d.asa))}${figure("wall_aht", seconds(d.aht))}
      ${figure("wall_longest_today", seconds(d.longest_wait))}
    </div>${bars(wall)}</section></div>`;
}

/** Answered and abandoned in each interval; the shape of abandoned is another one too, not only its colour. */
function bars(wall: Wall): TemplateResult | typeof nothing {
  const all = wall.bars ?? [];
  if (all.length < 2) return nothing;
  const most = Math.max(1, ...all.map(([, answered, lost]) => answered + lost));
  const [width, height] = [1264, 300];
  const columns = Math.max(all.length, LEAST_BARS);
  const step = width / columns;
  const first = Date.parse(all[0]![0]);
  const end = first + (columns - 1) * (Date.parse(all[1]![0]) - first);
  return html`<div class="bars"><div class="lab legend"><span><i class="a"></i>${word("wall_answered_short")}</span><span><i class="l"></i>${word("wall_abandoned_short")}</span></div>
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${all.map(([, answered, lost], n) => {
      const [x, wide] = [(RTL ? columns - 1 - n : n) * step + step * 0.14, step * 0.72];
      const [up, more] = [(answered / most) * height, (lost / most) * height];
      return svg`<rect class="a" x=${x} y=${height - up} width=${wide} height=${up}/><rect class="l" x=${x} y=${height - up - more} width=${wide} height=${Math.max(0, more - 3)}/>`;
    })}</svg>
    <div class="lab ends"><span>${time(first)}</span><span>${time(end)}</span></div></div>`;
}
