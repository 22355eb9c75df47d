// The live page: calls now, queues, agents and the state of the links, from the topic board:all, or another of its kind.
// A row keeps its place while its call lives; a call that ended stays dimmed for a moment, and as long as the
// pointer is over the list, so that no row moves away under a click.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Agent, type Board, type Card, clock, icon, type Link, mark, MARKS, num, person, type Queue, tel, who } from "./parts";
import { push } from "./push";
import { digits, word } from "./words";

const LINGER_MS = 2500;
const MOST_ROWS = 300;
const WAIT_LIMIT = 60;
const ARROWS = { inbound: "arrow-down-left", outbound: "arrow-up-right", internal: "arrow-left-right" };

class Live extends LitElement {
  private board: Board | null = null;
  private gone = new Map<string, { card: Card; at: number }>();
  private stop = () => {};

  /** In the page's own tree, so that the one stylesheet holds. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = push.watch(this.getAttribute("topic") ?? "board:all", (data) => this.take(data as Board));
    this.addEventListener("pointerleave", () => this.sweep());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  protected override shouldUpdate(): boolean {
    return this.board !== null;
  }

  /** At most once a frame, however many pushes come. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise((frame) => (document.hidden ? setTimeout(frame, 250) : requestAnimationFrame(frame)));
    super.scheduleUpdate();
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    if (!this.hasUpdated) this.replaceChildren(); // the server's placeholder
    super.update(changed);
  }

  private take(board: Board): void {
    for (const [id, card] of Object.entries(this.board?.calls ?? {})) {
      if (!board.calls[id]) {
        this.gone.set(id, { card, at: performance.now() });
        setTimeout(() => this.sweep(), LINGER_MS + 50);
      }
    }
    for (const id of Object.keys(board.calls)) this.gone.delete(id);
    this.board = board;
    this.requestUpdate();
  }

  private sweep(): void {
    if (this.querySelector(".calls-now tbody:hover")) return;
    const before = performance.now() - LINGER_MS;
    for (const [id, { at }] of this.gone) if (at <= before) this.gone.delete(id);
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const board = this.board!;
    const agents = Object.entries(board.agents);
    return html`${this.links(board)}
      <div class="grid ${agents.length ? "" : "alone"}">
        ${Object.keys(board.queues).length ? this.queues(board) : nothing} ${this.calls(board)}
        ${agents.length ? this.agents(agents) : nothing}
      </div>`;
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

  private queues(board: Board): TemplateResult {
    const many = Object.keys(board.links).length > 1;
    return html`<section class="card queues" aria-label=${word("queues")}>
      <table class="tb">
        <thead><tr>
          <th>${word("queue")}</th><th class="r">${word("waiting")}</th><th class="r">${word("longest")}</th>
          <th class="r">${word("ready")}</th><th class="r">${word("talk")}</th><th class="r p2">${word("ring")}</th>
          <th class="r p2">${word("hold")}</th><th class="r p2">${word("pause")}</th><th class="r p2">${word("off")}</th>
        </tr></thead>
        <tbody>${repeat(Object.entries(board.queues), ([key]) => key, ([, queue]) => this.queue(queue, board, many))}</tbody>
      </table>
    </section>`;
  }

  private queue(queue: Queue, board: Board, many: boolean): TemplateResult {
    const waiting = Object.values(board.calls).filter(
      (c) => c.state === "queued" && c.queue === queue.name && c.pbx === queue.pbx,
    );
    const longest = waiting.map((c) => c.since).sort()[0];
    const alarm = queue.waiting > 0 && queue.ready === 0;
    const cell = (n: number, cls = "") => html`<td class="r ${cls}"><bdi class="num ${n ? "" : "q"}">${digits(n)}</bdi></td>`;
    return html`<tr>
      <td class="md"><bdi>${queue.name}</bdi>${many ? html` <bdi class="q x2 ltr">${queue.pbx}</bdi>` : nothing}</td>
      <td class="r">${alarm ? mark("bad") : nothing}<b class="num ${queue.waiting ? (alarm ? "crit" : "warn") : "q"}">${digits(queue.waiting)}</b></td>
      <td class="r">${longest ? clock(longest, "", WAIT_LIMIT) : html`<span class="q">–</span>`}</td>
      <td class="r"><bdi class="num ${alarm ? "crit" : queue.ready ? "" : "q"}">${digits(queue.ready)}</bdi></td>
      ${cell(queue.talk)} ${cell(queue.ring, "p2")} ${cell(queue.hold, "p2")} ${cell(queue.pause, "p2")} ${cell(queue.off, "p2")}
    </tr>`;
  }

  private calls(board: Board): TemplateResult {
    const ended = [...this.gone].map(([id, { card }]) => ({ ...card, id, state: "ended", mark: "ended", legs: [] }));
    const cards = [...Object.values(board.calls), ...ended].sort((a, b) => order(a).localeCompare(order(b)));
    const shown = cards.slice(0, MOST_ROWS);
    return html`<section class="card col calls-now" aria-label=${word("calls_now")}>
      <div class="sech"><h2>${word("calls_now")}</h2>${num(Object.keys(board.calls).length)}</div>
      ${cards.length
        ? html`<div class="scroll"><table class="tb">
            <thead><tr>
              <th>${word("state")}</th><th>${word("who")}</th><th class="p2">${word("number")}</th>
              <th>${word("path")}</th><th class="r">${word("since")}</th><th class="r p2">${word("length")}</th>
            </tr></thead>
            <tbody>${repeat(shown, (card) => card.id, (card) => this.call(card))}</tbody>
          </table>${cards.length > MOST_ROWS ? html`<p class="q x2 more">${word("more", { count: digits(cards.length - MOST_ROWS) })}</p>` : nothing}</div>`
        : html`<div class="empty">${icon("phone", "s20 q")}<h3>${word("no_calls")}</h3><p>${word("no_calls_hint")}</p></div>`}
    </section>`;
  }

  private call(card: Card): TemplateResult {
    return html`<tr class=${card.state} data-call=${card.id}>
      <td><a class="st s-${card.mark}" href="/calls/${encodeURIComponent(card.id)}">${mark(card.mark)}${card.mark === "cons" ? word("cons") : word(`state_${card.state}`)}</a></td>
      <td class="elide"><span class="row g3">${icon(ARROWS[card.direction], "s14 q flip")}<span class="vh">${word(card.direction)}</span><span class="cut md">${who(card.who)}</span></span><span class="only-s x2 q">${this.path(card)}</span></td>
      <td class="p2 m">${card.who.name && card.who.number ? tel(card.who.number) : nothing}</td>
      <td class="elide path">${this.path(card)}</td>
      <td class="r">${card.state === "ended" ? nothing : clock(card.since, "b", card.state === "queued" ? WAIT_LIMIT : undefined)}</td>
      <td class="r p2 m">${card.state === "ended" ? nothing : clock(card.started_at)}</td>
    </tr>`;
  }

  private path(card: Card): TemplateResult {
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

  private agents(agents: [string, Agent][]): TemplateResult {
    const count = (state: string) => agents.filter(([, agent]) => agent.mark === state).length;
    const shown = MARKS.filter((state) => state !== "wait" && count(state));
    const placed = [...agents].sort(([a], [b]) => a.localeCompare(b)); // a cell keeps its place, whatever its state
    return html`<section class="card col people" aria-label=${word("agents")}>
      <div class="sech w"><h2>${word("agents")}</h2>
        ${shown.map((state) => html`<span class="row g3 x2">${mark(state)}<span class="m">${word(state)}</span><b class="num">${digits(count(state))}</b></span>`)}
      </div>
      <div class="agents">${repeat(placed, ([key]) => key, ([, agent]) => this.agent(agent))}</div>
    </section>`;
  }

  private agent(agent: Agent): TemplateResult {
    const doing = agent.with ? who(agent.with) : (agent.reason ?? word(agent.mark));
    return html`<div class="agc ${agent.mark === "ring" ? "ringing" : ""}">
      ${mark(agent.mark)}<span class="nm cut">${person(agent)}</span>${agent.since ? clock(agent.since, "x2 m") : html`<span></span>`}
      <span class="sb cut"><span class="vh">${word(agent.mark)}</span>${agent.queue ? html`<bdi>${agent.queue}</bdi> · ` : nothing}${doing}</span>
    </div>`;
  }
}

/** By beginning, oldest first: a row never overtakes another. */
function order(card: Card): string {
  return `${card.started_at ?? card.since} ${card.id}`;
}

customElements.define("tamas-live", Live);
