// <tamas-told>: what whoever leads me writes, until I say that I have read it; and what he did to my state, at once.
// Messages are kept by the server: they are asked for when the page opens and after every gap of the push.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { ask } from "./ask";
import { labelOf } from "./me";
import { icon, num } from "./parts";
import { push } from "./push";
import { word } from "./words";

interface Message {
  id: string;
  at: string;
  by: string;
  text: string;
}

interface Told extends Partial<Message> {
  kind?: string;
  what?: "pause" | "ready" | "sign-in" | "sign-out";
  reason?: { id: string; fa?: string; en?: string };
}

/** So long it is said what was done to my state. */
const DONE_MS = 30_000;
const MOST = 5;

const DONE: Record<string, (by: string, reason: string) => string> = {
  pause: (name, reason) => word("told_pause", { name, reason }),
  ready: (name) => word("told_ready", { name }),
  "sign-in": (name) => word("told_sign_in", { name }),
  "sign-out": (name) => word("told_sign_out", { name }),
};

class ToldBox extends LitElement {
  private messages: Message[] = [];
  private done = "";
  private clearing = 0;
  private stop = () => {};
  private hour = new Intl.DateTimeFormat();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.hour = new Intl.DateTimeFormat("en-GB", { timeZone: this.dataset.zone || undefined, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.stop = push.watch("messages", (data) => this.hear((data ?? {}) as Told));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    clearTimeout(this.clearing);
  }

  private hear(told: Told): void {
    if (!told.kind) void this.load();
    else if (told.kind === "written") {
      this.messages = [told as Message, ...this.messages.filter((one) => one.id !== told.id)];
      this.requestUpdate();
    } else if (told.kind === "supervised") this.say(DONE[told.what ?? ""]?.(told.by ?? "", told.reason ? labelOf(told.reason) : "") ?? "");
  }

  private async load(): Promise<void> {
    const answer = await ask("GET", "/api/v1/agents/messages");
    if (answer.ok) this.messages = (answer.data as { items: Message[] }).items;
    this.requestUpdate();
  }

  private say(text: string): void {
    clearTimeout(this.clearing);
    this.done = text;
    if (text) this.clearing = window.setTimeout(() => this.say(""), DONE_MS);
    this.requestUpdate();
  }

  private async read(message: Message): Promise<void> {
    const answer = await ask("POST", `/api/v1/agents/messages/${encodeURIComponent(message.id)}/read`);
    if (answer.ok || answer.status === 404) this.messages = this.messages.filter((one) => one.id !== message.id);
    if (!this.messages.length) await this.load(); // there may be older ones than were asked for
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    return html`<div role="status" class="told col">
      ${this.done ? html`<div class="ban s-ring done">${icon("user-check", "s14")}<span class="f1">${this.done}</span><button class="btn t sm sq" type="button" aria-label=${word("close")} @click=${() => this.say("")}>${icon("x", "s14")}</button></div>` : nothing}
      ${this.messages.slice(0, MOST).map((one) => this.message(one))}
    </div>`;
  }

  private message(one: Message): TemplateResult {
    return html`<div class="ban s-cons message" data-id=${one.id}>${icon("bell", "s14")}<span class="f1 col"><b class="x2"><bdi>${one.by}</bdi> · ${num(this.hour.format(new Date(one.at)))}</b><bdi class="text">${one.text}</bdi></span>
      <button class="btn sm" type="button" @click=${() => void this.read(one)}>${icon("check", "s14")}${word("told_read")}</button></div>`;
  }
}

customElements.define("tamas-told", ToldBox);
