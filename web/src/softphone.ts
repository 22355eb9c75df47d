// The phone in the browser, as the rest of the page knows it. One tab owns it (Web Locks) and carries its calls; every
// other tab sees its state and controls it through a channel. Who has no such phone loads nothing of it.

import type { Phone, PhoneCall, PhoneState } from "./softphone/phone";
import { ask } from "./ask";
import { Pairs, type Pop } from "./softphone/pairs";
import { push } from "./push";
import { word } from "./words";

interface Message {
  state?: PhoneState;
  ask?: true;
  run?: { verb: string; call: string; body?: Body; id: number };
  did?: { id: number; good: boolean };
}
type Body = { digits?: string };

const NAME = "tamas-softphone";
/** An owner that does not answer within this is taken for frozen. */
const PATIENCE_MS = 3000;
const OFF: PhoneState = { status: "off", endpoints: [], calls: [] };
class Softphone {
  state: PhoneState = OFF;
  /** True in the tab that owns the phone. */
  here = false;
  private phone: Phone | null = null;
  private channel: BroadcastChannel | null = null;
  private listeners = new Set<(state: PhoneState) => void>();
  private waiting = new Map<number, (good: boolean) => void>();
  private asked = 0;
  private pops: Pop[] = [];
  private pairs = new Pairs();

  /** Take part, if whoever sits here has such a phone. */
  start(): void {
    if (!document.querySelector("meta[name=softphone]") || !navigator.locks) return;
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = (event) => this.hear(event.data as Message);
    this.channel.postMessage({ ask: true } satisfies Message);
    push.watch("pops", (data) => {
      this.pops = (data as { pops?: Pop[] } | undefined)?.pops ?? [];
      this.pairs.meet(this.pops, this.state.calls);
    });
    void navigator.locks.request(NAME, () => this.own());
  }

  /** Tell `listener` now and at every change; returns how to stop. */
  watch(listener: (state: PhoneState) => void): () => void {
    this.listeners.add(listener);
    listener(this.state);
    return () => this.listeners.delete(listener);
  }

  /** Is my leg of this call in the browser? */
  owns(pop: Pop): boolean {
    return this.callOf(pop) !== undefined;
  }

  /** The call here that a pop shows. */
  callOf(pop: Pop): PhoneCall | undefined {
    const here = this.pops.filter((one) => one.call !== pop.call);
    this.pairs.meet([...here, pop], this.state.calls);
    return this.pairs.of(pop, this.state.calls);
  }

  /** The test call in which one hears oneself. */
  get echo(): PhoneCall | undefined {
    return this.state.calls.find((call) => call.echo);
  }

  /** Hear oneself, or stop it; gives why not, empty where it went well. */
  async test(): Promise<string> {
    const call = this.echo;
    if (call) {
      await this.tell("hangup", call.id);
      return "";
    }
    const answer = await ask("POST", "/api/v1/softphone/echo");
    return answer.ok ? "" : answer.status ? answer.why : word("server_away");
  }

  /** Do something with the call of a pop; false if this browser does not have it (any more). */
  async run(verb: string, pop: Pop, body?: Body): Promise<boolean> {
    const call = this.callOf(pop);
    return call ? this.tell(verb, call.id, body) : false;
  }

  /** The phone, here or in the tab that owns it. */
  private async tell(verb: string, call: string, body?: Body): Promise<boolean> {
    if (this.phone) return this.phone.run(verb, call, body);
    const id = ++this.asked + Math.random();
    const answer = new Promise<boolean>((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => resolve(false), PATIENCE_MS);
    });
    this.channel?.postMessage({ run: { verb, call, body, id } } satisfies Message);
    return answer.finally(() => this.waiting.delete(id));
  }

  /** For as long as this tab lives. */
  private async own(): Promise<void> {
    this.here = true;
    const { Phone } = await import("./softphone/phone");
    this.phone = new Phone(
      (state) => this.become(state, true),
      (call, hearing) => this.heard(call, hearing.figures()),
    );
    for (;;) {
      try {
        await this.phone.start();
        break;
      } catch {
        this.become({ ...OFF, status: "failed", reason: "phone_failed" }, true);
        await new Promise((resolve) => setTimeout(resolve, 5000));
      }
    }
    const { stay } = await import("./softphone/stay");
    stay(() => this.state.calls.length > 0);
    await new Promise(() => undefined);
  }

  private become(state: PhoneState, tell: boolean): void {
    this.state = state;
    this.pairs.meet(this.pops, state.calls);
    if (tell) this.channel?.postMessage({ state } satisfies Message);
    for (const listener of this.listeners) listener(state);
  }

  private hear(message: Message): void {
    if (message.ask && this.phone) this.channel?.postMessage({ state: this.state } satisfies Message);
    if (message.state && !this.phone) this.become(message.state, false);
    if (message.run && this.phone) {
      const { verb, call, body, id } = message.run;
      this.channel?.postMessage({ did: { id, good: this.phone.run(verb, call, body) } } satisfies Message);
    }
    if (message.did) this.waiting.get(message.did.id)?.(message.did.good);
  }

  /** Keep with the call how well it was heard. */
  private heard(call: PhoneCall, figures: object | null): void {
    const id = this.pairs.was(call.id);
    if (id && figures) void ask("POST", "/api/v1/softphone/quality", { call: id, ...figures });
  }
}

export const softphone = new Softphone();
softphone.start();
