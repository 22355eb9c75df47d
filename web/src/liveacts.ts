// <tamas-acts>: what can be done with the call or the agent that is selected on the live page. Whoever lacks a right sees
// the verb greyed, with why; what the server refuses is said in its words. What an act does comes back as events.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { type Mode } from "./listen";
import { labelOf } from "./me";
import { type Agent, type Board, type Card, icon, mark, person, type Reason, who } from "./parts";
import { word } from "./words";

export type Right = "listen" | "speak" | "act" | "manage";
type Form = "move" | "pause" | "message" | "end";
const SAID_MS = 12_000;

export class Acts extends LitElement {
  board: Board | null = null;
  call: Card | null = null;
  agent: [string, Agent] | null = null;
  may: ReadonlySet<string> = new Set();
  private form: Form | null = null;
  private reasons: Reason[] | null = null;
  private of = "";
  private said = "";
  private good = false;
  private busy = "";
  private saying = 0;

  static override properties = { board: { attribute: false }, call: { attribute: false }, agent: { attribute: false }, may: { attribute: false } };

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    const of = `${this.call?.id ?? ""} ${this.agent?.[0] ?? ""}`;
    if (of === this.of) return;
    this.of = of;
    this.form = null;
    this.say("");
  }

  private say(text: string, good = false): void {
    clearTimeout(this.saying);
    this.said = text;
    this.good = good;
    if (text) this.saying = window.setTimeout(() => this.say(""), SAID_MS);
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { call, agent } = this;
    return html`<div class="verbs row g2" role="toolbar" aria-label=${word("acts")}>
        <b class="f1 cut md">${agent ? person(agent[1]) : call ? who(call.who, false) : nothing}</b>
        ${call ? this.calls(call) : nothing}${agent?.[1].user ? this.agents(agent[1]) : nothing}
        ${call ? html`<a class="btn t sq sm" href="/calls/${encodeURIComponent(call.id)}" title=${word("details")} aria-label=${word("details")}>${icon("info")}</a>` : nothing}
        <button class="btn t sq sm" type="button" title=${word("close")} aria-label=${word("close")} @click=${() => this.dispatchEvent(new CustomEvent("deselect", { bubbles: true }))}>${icon("x")}</button>
      </div>
      ${this.form ? this.filled(this.form) : nothing}
      ${this.said ? html`<p class="ban ${this.good ? "s-ready" : "s-bad"}" role=${this.good ? "status" : "alert"}>${mark(this.good ? "ready" : "bad")}<span class="f1">${this.said}</span></p>` : nothing}`;
  }

  private calls(call: Card): TemplateResult {
    const talks = call.legs.length > 0 && ["talking", "held", "parked"].includes(call.state);
    const waits = call.state === "queued";
    return html`${talks ? html`${this.verb("listen", "headphones", word("listen"), () => this.hear(call, "listen"), "listen")}
        ${this.verb("whisper", "message-square", word("whisper"), () => this.hear(call, "whisper"), "speak")}
        ${this.verb("barge", "users", word("barge"), () => this.hear(call, "barge"), "speak")}` : nothing}
      ${waits ? html`${this.verb("front", "arrow-up", word("to_front"), () => void this.command(call, "front"), "act")}
        ${this.verb("move", "corner-up-right", word("move_to"), () => this.open("move"), "act")}` : nothing}
      ${call.state === "ended" ? nothing : html`${this.verb("takeover", "phone-incoming", word("take_over"), () => void this.command(call, "takeover"), "act")}
        ${this.verb("end", "phone-off", word("end_call"), () => this.open("end"), "act")}`}`;
  }

  private agents(agent: Agent): TemplateResult {
    const away = agent.away || agent.mark === "off";
    return html`<span class="sep"></span>
      ${away ? this.verb("sign-in", "log-in", word("act_sign_in"), () => void this.order(agent, "sign-in"), "manage") : html`
        ${agent.mark === "pause" || agent.mark === "wrap" ? this.verb("ready", "play", word("ready"), () => void this.order(agent, "ready"), "manage") : nothing}
        ${this.verb("pause", "pause", word("act_pause"), () => this.open("pause"), "manage")}
        ${this.verb("sign-out", "log-out", word("act_sign_out"), () => void this.order(agent, "sign-out"), "manage")}`}
      ${this.verb("message", "send", word("act_message"), () => this.open("message"), "manage")}`;
  }

  private verb(name: string, image: string, label: string, run: () => void, right: Right): TemplateResult {
    const may = this.may.has(right);
    const why = may ? label : word("why_no_permission");
    return html`<button class="btn sm ${this.busy === name ? "busy" : ""}" type="button" data-act=${name} title=${why} aria-disabled=${may ? nothing : "true"} @click=${() => (may ? run() : this.say(why))}>
      ${icon(image, image.startsWith("log") || image === "corner-up-right" ? "s14 flip" : "s14")}<span class="lab">${label}</span></button>`;
  }

  private hear(call: Card, mode: Mode): void {
    document.dispatchEvent(new CustomEvent("tamas-listen", { detail: { call: call.id, mode } }));
  }

  private async command(call: Card, verb: string, body?: object): Promise<void> {
    await this.run(verb, `/api/v1/calls/${encodeURIComponent(call.id)}/${verb}`, body);
  }

  private async order(agent: Agent, verb: string, body?: object): Promise<void> {
    await this.run(verb, `/api/v1/agents/${encodeURIComponent(agent.user ?? "")}/${verb}`, body);
  }

  private async run(name: string, path: string, body?: object, good = ""): Promise<void> {
    if (this.busy === name) return;
    this.busy = name;
    this.say("");
    const form = this.form;
    const answer = await ask("POST", path, body ?? {});
    if (this.busy === name) this.busy = "";
    if (answer.ok) {
      if (this.form === form) this.form = null; // another may have been opened meanwhile
      this.say(good, true);
    } else this.say(answer.why || word("server_away"));
  }

  private open(form: Form): void {
    this.form = this.form === form ? null : form;
    this.requestUpdate();
    if (form === "pause" && !this.reasons) void this.load();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".actform :is(select, textarea, button)")?.focus());
  }

  private async load(): Promise<void> {
    const answer = await ask("GET", "/api/v1/pause-reasons");
    if (answer.ok) this.reasons = (answer.data as { items: (Reason & { active?: boolean })[] }).items.filter((one) => one.active !== false);
    else this.say(answer.why || word("server_away"));
    this.requestUpdate();
  }

  private filled(form: Form): TemplateResult {
    const submit = (event: Event): void => {
      event.preventDefault();
      const said = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
      this.send(form, said);
    };
    return html`<form class="actform row g3 w" @submit=${submit} @keydown=${(event: KeyboardEvent) => event.key === "Escape" && (event.stopPropagation(), this.open(form))}>${this.asked(form)}</form>`;
  }

  private asked(form: Form): TemplateResult {
    switch (form) {
      case "end":
        return html`<span class="f1">${word("end_sure")}</span><button class="btn h sm">${icon("phone-off", "s14")}${word("end_call")}</button>`;
      case "move":
        return html`<label class="in sm f1"><span class="vh">${word("move_to")}</span><select name="to" required>
            <optgroup label=${word("queues")}>${this.queues().map((name) => html`<option value="queue ${name}">${name}</option>`)}</optgroup>
            <optgroup label=${word("agents")}>${this.free().map(([user, name]) => html`<option value="agent ${user}">${name}</option>`)}</optgroup>
          </select></label><button class="btn p sm">${word("move")}</button>`;
      case "pause":
        return html`<label class="in sm f1"><span class="vh">${word("act_pause")}</span><select name="reason" required>${(this.reasons ?? []).map((one) => html`<option value=${one.id}>${labelOf(one)}</option>`)}</select></label>
          <button class="btn p sm" ?disabled=${!this.reasons}>${word("act_pause")}</button>`;
      case "message":
        return html`<label class="in sm f1"><span class="vh">${word("act_message")}</span><textarea name="text" rows="2" required maxlength="500" placeholder=${word("message_hint")}></textarea></label>
          ${this.agent?.[1].teams?.length ? html`<label class="row g2 x2"><input type="checkbox" name="team">${word("message_team")}</label>` : nothing}
          <button class="btn p sm">${word("send")}</button>`;
    }
  }

  private send(form: Form, said: Record<string, string>): void {
    const [call, agent] = [this.call, this.agent?.[1]];
    if (form === "end" && call) void this.command(call, "end");
    if (form === "move" && call) {
      const [kind, ...name] = (said.to ?? "").split(" ");
      void this.command(call, "move", { [kind!]: name.join(" ") });
    }
    if (form === "pause" && agent) void this.order(agent, "pause", { reason: said.reason });
    if (form === "message" && agent) {
      const to = said.team ? { teams: agent.teams } : { users: [agent.user] };
      void this.run("message", "/api/v1/agents/messages", { ...to, text: said.text }, word("message_sent"));
    }
  }

  /** Where who waits could go: the queues of his PBX but the one where he is, and who is ready. */
  private queues(): string[] {
    const here = Object.values(this.board?.queues ?? {}).filter((one) => one.pbx === this.call?.pbx && one.name !== this.call?.queue);
    return here.map((one) => one.name).sort();
  }

  private free(): [string, string][] {
    const rank: Record<string, number> = { ready: 0, wrap: 1, pause: 2 };
    return Object.values(this.board?.agents ?? {})
      .filter((one) => one.user && one.mark in rank)
      .sort((a, b) => rank[a.mark]! - rank[b.mark]! || (a.name ?? "").localeCompare(b.name ?? ""))
      .map((one) => [one.user!, `${one.name ?? one.ext ?? ""}${one.mark === "ready" ? ` (${word("ready")})` : ""}`]);
  }
}

customElements.define("tamas-acts", Acts);
