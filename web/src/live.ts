// <tamas-live>: the live page. One truth (the topic board:all, or that of one of the reader's teams; of the past another
// of its kind), looked at in four ways: the overview, calls, agents, queues; of a team, a queue, a PBX (kept in the address). What hurts stands first. A call that
// ended stays dimmed for a moment; while the pointer is over a list no row moves away under a click.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./liveacts";
import { agentCount, agentGrid, agentTable } from "./liveagents";
import { callRows, callTable } from "./livecalls";
import { agentGroups, BY, type By, callGroups, cut, type Group, queueGroups, queuesBy } from "./livegroups";
import { FIRST, STEP } from "./livemore";
import { agentsOf, byTrouble, byUrgency, callsOf, type Filter, Places, places, queuesOf } from "./liveorder";
import { queueTable } from "./livequeues";
import { timeOf } from "./clock";
import { type Agent, type Board, type Card, clock, icon, type Link, mark, num, type Queue } from "./parts";
import { push } from "./push";
import * as scope from "./scope";
import { word } from "./words";

const LINGER_MS = 2500;
/** What hurts changes with time alone, too. */
const SORT_MS = 5000;
/** The page is drawn so much more rarely than it takes: a busy board leaves the browser room, and is never late. */
const REST = 9;
/** A page with no more rows than these is drawn at once. */
const FEW = 80;
const LONGEST_REST_MS = 180;
type View = "all" | "calls" | "agents" | "queues";
interface Lists {
  calls: Group<Card>[];
  agents: Group<[string, Agent]>[];
  queues: Group<[string, Queue]>[];
}
const VIEWS: View[] = ["all", "calls", "agents", "queues"];

class Live extends LitElement {
  private board: Board | null = null;
  private gone = new Map<string, { card: Card; at: number }>();
  private view: View = "all";
  private filter: Filter = { team: "", queue: "", pbx: "" };
  private by: By = "";
  /** So many rows of each list are drawn. */
  private most: Record<string, number> = {};
  private call = "";
  private agent = "";
  private drawnCalls = new Map<string, Card>();
  private cost = 0;
  private rows = 0;
  private drawn = 0;
  private timer = 0;
  private now: () => number = () => push.now();
  private callPlaces = new Places();
  private agentPlaces = new Places();
  private queuePlaces = new Places();
  private may: ReadonlySet<string> = new Set();
  private stop = () => {};

  /** In the page's own tree, so that the one stylesheet holds. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.now = timeOf(this);
    this.may = new Set((this.dataset.may ?? "").split(" ").filter(Boolean));
    this.read();
    this.watch();
    this.timer = window.setInterval(() => this.requestUpdate(), SORT_MS);
    this.addEventListener("pointerleave", () => this.sweep());
    this.addEventListener("keydown", this.key);
    this.addEventListener("deselect", () => this.select("", ""));
    this.addEventListener("more", (event) => this.grow(event.target as HTMLElement));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.stop();
  }

  protected override shouldUpdate(): boolean {
    return this.board !== null;
  }

  protected override async scheduleUpdate(): Promise<void> {
    const rest = Math.min(LONGEST_REST_MS, this.cost * REST) - (performance.now() - this.drawn);
    if (this.rows > FEW && rest > 1) await new Promise((done) => setTimeout(done, rest));
    await new Promise((frame) => (document.hidden ? setTimeout(frame, 250) : requestAnimationFrame(frame)));
    const before = performance.now();
    super.scheduleUpdate();
    this.drawn = performance.now();
    // What the browser makes of it belongs to the cost: a task that is asked for now runs after the paint.
    setTimeout(() => {
      this.drawn = performance.now();
      this.cost = this.drawn - before;
    });
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    if (!this.hasUpdated) this.replaceChildren(); // the server's placeholder
    super.update(changed);
  }

  // ---- what comes in

  /** Whoever sees his own teams only looks at one of them at a time. */
  private get bound(): boolean {
    return scope.teams !== null && !this.hasAttribute("topic");
  }

  private watch(): void {
    this.stop();
    if (this.bound && !scope.teams!.includes(this.filter.team)) this.filter.team = scope.teams![0] ?? "";
    const topic = this.getAttribute("topic") ?? (this.bound ? `board:${this.filter.team}` : "board:all");
    this.stop = push.watch(topic, (data) => this.take(data as Board));
  }

  private take(board: Board): void {
    this.board = board;
    this.requestUpdate();
  }

  /** What was on the page and is up no more lingers; looked for when the page is drawn, not at each push. */
  private linger(calls: Record<string, Card>): void {
    const left = [...this.drawnCalls].filter(([id]) => !calls[id]);
    for (const [id, card] of left) this.gone.set(id, { card, at: performance.now() });
    for (const id of this.gone.keys()) if (calls[id]) this.gone.delete(id);
    this.drawnCalls = new Map(Object.entries(calls));
    if (left.length) setTimeout(() => this.sweep(), LINGER_MS + 50);
  }

  private sweep(): void {
    if (this.querySelector(".calls-now :is(tbody, ul):hover")) return;
    const before = performance.now() - LINGER_MS;
    for (const [id, { at }] of this.gone) if (at <= before) this.gone.delete(id);
    this.requestUpdate();
  }

  // ---- what is chosen

  /** The address says what is looked at, so that it can be kept and sent on. */
  private read(): void {
    const asked = new URLSearchParams(location.search);
    this.view = VIEWS.find((one) => one === asked.get("view")) ?? "all";
    for (const name of ["team", "queue", "pbx"] as const) this.filter[name] = asked.get(name) ?? "";
    this.by = BY.find((one) => one === asked.get("group")) ?? "";
  }

  private choose(change: Partial<Filter> & { view?: View; group?: By }): void {
    const { view, group, ...filter } = change;
    this.view = view ?? this.view;
    this.by = group ?? this.by;
    this.most = {};
    this.filter = { ...this.filter, ...filter };
    if (this.bound && filter.team) this.watch();
    const url = new URL(location.href);
    for (const [name, value] of Object.entries({ ...this.filter, group: this.by, view: this.view === "all" ? "" : this.view })) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
    this.requestUpdate();
  }

  private select(call: string, agent: string): void {
    [this.call, this.agent] = [call, agent];
    this.requestUpdate();
  }

  private pickCall = (id: string): void => {
    if (this.call === id && !this.agent) return this.select("", "");
    const [only, ...more] = this.board?.calls[id]?.agents ?? [];
    this.select(id, only && !more.length ? only : "");
  };

  private pickAgent = (key: string): void => {
    if (this.agent === key) return this.select("", "");
    this.select(this.callOf(key), key);
  };

  private callOf(agent: string): string {
    const board = this.board!;
    return board.agents[agent]?.call ?? Object.values(board.calls).find((one) => one.agents?.includes(agent))?.id ?? "";
  }

  private key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && (this.call || this.agent)) return this.select("", "");
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const here = (event.target as HTMLElement).closest<HTMLElement>(".pick, .agc");
    if (!here) return;
    const all = [...(here.closest("section") ?? this).querySelectorAll<HTMLElement>(".pick, .agc")];
    const next = all[all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  /** The list that shows its end, which one has come to, is drawn further. */
  private grow(end: HTMLElement): void {
    const list = end.closest(".people") ? "agents" : "calls";
    this.most[list] = this.shown(list) + STEP;
    this.requestUpdate();
  }

  private shown(list: string): number {
    return this.most[list] ?? FIRST;
  }

  // ---- how it is shown

  protected override render(): TemplateResult {
    const board = this.board!;
    this.linger(board.calls);
    const now = this.now();
    const still = (list: string): boolean => this.querySelector(`${list}:hover`) !== null;
    const ended = [...this.gone].map(([id, { card }]): Card => ({ ...card, id, state: "ended", mark: "ended", legs: [] }));
    const calls = callsOf({ ...board, calls: { ...board.calls, ...Object.fromEntries(ended.map((card) => [card.id, card])) } }, this.filter);
    const cards = this.callPlaces.keep(calls.sort(byUrgency), (card) => card.id, still(".calls-now"));
    const agents = this.agentPlaces.keep(agentsOf(board, this.filter).sort(byTrouble(now, board)), ([key]) => key, still(".people"));
    const queues = this.queuePlaces.keep(queuesOf(board, this.filter, now), ([key]) => key, still(".queues"));
    const counts = { calls: calls.length - ended.length, agents: agents.length, queues: queues.length };
    const by = this.view === "all" || !this.ways(this.view, board).includes(this.by) ? "" : this.by;
    const lists: Lists = {
      calls: callGroups(cards, by, board),
      agents: agentGroups(agents, by, board),
      queues: queueGroups(queues, by, board),
    };
    this.rows = Math.min(calls.length, this.shown("calls")) + Math.min(agents.length, this.shown("agents"));
    return html`${this.links(board)}${this.bar(board, counts, by)}${this.view === "all" ? this.overview(board, lists, now) : this.one(board, lists, by, now)}`;
  }

  /** By what the rows of a view can be grouped: what there is more than one of. */
  private ways(view: View, board: Board): By[] {
    const many = { team: !this.bound && Object.keys(board.teams ?? {}).length > 1, queue: Object.keys(board.queues).length > 1, pbx: Object.keys(board.links).length > 1 };
    return BY.filter((by) => by === "" || (many[by] && !(view === "queues" && queuesBy(by) === "")));
  }

  private bar(board: Board, counts: Partial<Record<View, number>>, by: By): TemplateResult {
    const names = { all: word("overview"), calls: word("calls"), agents: word("agents"), queues: word("queues") };
    const ways = this.view === "all" ? [] : this.ways(this.view, board);
    const label = { "": word("no_groups"), team: word("team"), queue: word("queue"), pbx: word("pbx") };
    const seen = Object.entries(board.teams ?? {}).filter(([id]) => !this.bound || scope.teams!.includes(id));
    const teams = seen.sort(([, a], [, b]) => a.localeCompare(b));
    const every = [...new Set(Object.values(board.queues).map((one) => one.name))].sort();
    const pbxs = Object.keys(board.links).sort();
    return html`<div class="livebar row g3 w">
      <div class="seg" role="group" aria-label=${word("view")}>${VIEWS.map(
        (one) => html`<button type="button" data-view=${one} aria-current=${this.view === one ? "true" : "false"} @click=${() => this.choose({ view: one })}>${names[one]}${counts[one] === undefined ? nothing : html`<span class="q">${num(counts[one]!)}</span>`}</button>`,
      )}</div>
      ${teams.length > (this.bound ? 1 : 0) ? this.chooser("team", word("team"), teams, !this.bound) : nothing}
      ${every.length > 1 ? this.chooser("queue", word("queue"), every.map((name) => [name, name])) : nothing}
      ${pbxs.length > 1 ? this.chooser("pbx", word("pbx"), pbxs.map((name) => [name, name])) : nothing}
      ${ways.length > 1
        ? html`<label class="in sm pickone"><span class="q">${word("group_by")}:</span><select name="group" @change=${(event: Event) => this.choose({ group: (event.target as HTMLSelectElement).value as By })}>
            ${ways.map((one) => html`<option value=${one} ?selected=${one === by}>${label[one]}</option>`)}</select></label>`
        : nothing}
    </div>`;
  }

  private chooser(name: keyof Filter, label: string, options: [string, string][], every = true): TemplateResult {
    const chosen = this.filter[name];
    return html`<label class="in sm pickone"><span class="q">${label}:</span><select name=${name} @change=${(event: Event) => this.choose({ [name]: (event.target as HTMLSelectElement).value })}>
      ${every ? html`<option value="" ?selected=${!chosen}>${word("every")}</option>` : nothing}${options.map(([value, text]) => html`<option value=${value} ?selected=${chosen === value}>${text}</option>`)}
    </select></label>`;
  }

  private overview(board: Board, { calls, agents, queues }: Lists, now: number): TemplateResult {
    return html`<div class="grid ${agents.length ? "" : "alone"}">
      ${queues.length ? this.queues(board, queues, "") : nothing}
      ${agents.length
        ? html`<section class="card col people" aria-label=${word("agents")}>
            <div class="sech w"><h2>${word("agents")}</h2>${agentCount(agents)}</div>
            ${agentGrid(this.people(board, agents, "", now))}</section>`
        : nothing}
      <section class="card col calls-now" aria-label=${word("calls_now")}>
        <div class="sech"><h2>${word("calls_now")}</h2><span class="q x2">${word("urgent_first")}</span></div>
        ${this.acts()}${calls.length ? callRows(this.calls(board, calls, "")) : this.none()}</section>
    </div>`;
  }

  private one(board: Board, { calls, agents, queues }: Lists, by: By, now: number): TemplateResult {
    const body =
      this.view === "calls"
        ? html`<section class="card col calls-now" aria-label=${word("calls_now")}>${this.acts()}${calls.length ? callTable(this.calls(board, calls, by)) : this.none()}</section>`
        : this.view === "agents"
          ? html`<section class="card col people" aria-label=${word("agents")}><div class="sech w">${agentCount(agents)}</div>${this.acts()}
              <div class="scroll">${agentTable(this.people(board, agents, by, now))}</div></section>`
          : this.queues(board, queues, by);
    return html`<div class="grid single">${body}</div>`;
  }

  private calls(board: Board, all: Group<Card>[], by: By): Parameters<typeof callRows>[0] {
    return { ...this.some(all, "calls"), board, grouped: by !== "", places: places(board), selected: this.call, select: this.pickCall };
  }

  private people(board: Board, all: Group<[string, Agent]>[], by: By, now: number): Parameters<typeof agentGrid>[0] {
    return { ...this.some(all, "agents"), board, grouped: by !== "", now, selected: this.agent, select: this.pickAgent };
  }

  private some<T>(all: Group<T>[], list: string): { groups: Group<T>[]; left: number } {
    const most = this.shown(list);
    return { groups: cut(all, most), left: Math.max(0, all.reduce((sum, one) => sum + one.count, 0) - most) };
  }

  private queues(board: Board, groups: Group<[string, Queue]>[], by: By): TemplateResult {
    const select = (name: string): void => this.choose({ queue: this.filter.queue === name ? "" : name });
    return queueTable({ groups, grouped: by !== "", many: Object.keys(board.links).length > 1, selected: this.filter.queue, select });
  }

  private acts(): TemplateResult | typeof nothing {
    const board = this.board!;
    const call = this.call ? (board.calls[this.call] ?? null) : null;
    const agent = this.agent ? board.agents[this.agent] : undefined;
    if ((!call && !agent) || !this.may.size) return nothing;
    return html`<tamas-acts .board=${board} .call=${call ?? (agent && board.calls[this.callOf(this.agent)]) ?? null} .agent=${agent ? [this.agent, agent] : null} .may=${this.may}></tamas-acts>`;
  }

  private none(): TemplateResult {
    return html`<div class="empty">${icon("phone", "s20 q")}<h3>${word("no_calls")}</h3><p>${word("no_calls_hint")}</p></div>`;
  }

  private links(board: Board): TemplateResult[] {
    return Object.entries(board.links)
      .filter(([, link]) => !link.up)
      .map(([name, link]) => this.banner(name, link));
  }

  private banner(name: string, link: Link): TemplateResult {
    return html`<div class="ban s-bad" role="alert">
      ${mark("bad")}
      <span class="f1"><b class="b">${word("link_down")}</b> ${word("link_goes_on")}
        <span class="x2"><bdi class="ltr">${name}</bdi>${link.reason ? html` · <bdi class="ltr">${link.reason}</bdi>` : nothing}</span></span>
      ${clock(link.since, "b")}
    </div>`;
  }
}

customElements.define("tamas-live", Live);
