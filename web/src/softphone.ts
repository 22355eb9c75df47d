// The phone in the browser, as the rest of the page knows it. One tab owns it (Web Locks) and carries its calls; every
// other tab sees its state and controls it through a channel. Who has no such phone loads nothing of it.

import type { Phone, PhoneCall, PhoneState } from "./softphone/phone";
import { ask } from "./ask";
import { push } from "./push";

/** What is needed of a screen pop to find its call here. */
export interface Pop {
  call: string;
  doing: string;
  since?: string;
  mine?: { endpoint?: string; doing?: string };
  other?: { raw?: string; number?: string };
}

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
/** What the phone is doing with a call that the pop says it does so with. */
const SAME: Record<string, PhoneCall["state"][]> = { ring: ["ringing"], dial: ["ringing", "calling"] };

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

  /** Take part, if whoever sits here has such a phone. */
  start(): void {
    if (!document.querySelector("meta[name=softphone]") || !navigator.locks) return;
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = (event) => this.hear(event.data as Message);
    this.channel.postMessage({ ask: true } satisfies Message);
    push.watch("pops", (data) => (this.pops = (data as { pops?: Pop[] } | undefined)?.pops ?? []));
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
    const mine = this.state.calls.filter((call) => call.endpoint === pop.mine?.endpoint);
    const states = SAME[pop.mine?.doing ?? pop.doing] ?? ["talking", "held"];
    const fits = mine.filter((call) => states.includes(call.state));
    const digits = (pop.other?.raw ?? pop.other?.number ?? "").replace(/\D/g, "").slice(-8);
    return fits.find((call) => digits && call.number.replace(/\D/g, "").endsWith(digits)) ?? fits[0];
  }

  /** Do something with the call of a pop; false if this browser does not have it (any more). */
  async run(verb: string, pop: Pop, body?: Body): Promise<boolean> {
    const call = this.callOf(pop);
    if (!call) return false;
    if (this.phone) return this.phone.run(verb, call.id, body);
    const id = ++this.asked + Math.random();
    const answer = new Promise<boolean>((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => resolve(false), PATIENCE_MS);
    });
    this.channel?.postMessage({ run: { verb, call: call.id, body, id } } satisfies Message);
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
    const pop = this.pops.find((one) => one.mine?.endpoint === call.endpoint);
    if (pop && figures) void ask("POST", "/api/v1/softphone/quality", { call: pop.call, ...figures });
  }
}

export const softphone = new Softphone();
softphone.start();
