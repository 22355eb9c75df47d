// My calls as the page knows them: the cards of the topic `pops`, my own state of the topic `agent`, and which of the
// cards is looked at. The bar, the desktop, sound and keys all ask here, so that they agree.

import { push } from "./push";
import { word } from "./words";

export interface Someone {
  name?: string;
  number?: string;
  raw?: string;
  ext?: string;
  outside?: boolean;
}

export interface Other extends Someone {
  key?: string;
  contact?: string;
  tier?: string;
}

export interface Match {
  id: string;
  kind: string;
  name: string;
  company: string;
  tier: string;
  number_kind: string;
  label?: string;
  sure: boolean;
}

export interface Leg extends Someone {
  uniqueid: string;
  doing: string;
  since?: string;
  mine: boolean;
  outside: boolean;
}

export interface Pop {
  pop: string;
  call: string;
  pbx: string;
  state: "ringing" | "answered" | "elsewhere" | "ended";
  doing: "ring" | "dial" | "talk" | "hold" | "cons" | "park" | "off";
  since?: string;
  at?: string;
  direction: "inbound" | "outbound" | "internal";
  other: Other;
  line?: string;
  queue?: string;
  digits?: string;
  waiting_since?: string;
  matches: Match[];
  mine?: { uniqueid?: string; endpoint?: string; ext?: string; device?: string; doing?: string };
  legs: Leg[];
  can: Record<string, true | string>;
  consult?: { call?: string; to?: string; name?: string; doing: string; since?: string };
  consulted_by?: Someone;
  by?: Someone;
  result?: string;
  dial?: { step: string; reason?: string };
  merged_into?: string;
  recording?: "on" | "paused" | "off";
  /** A page of another program, by a rule of the installation. */
  open?: string;
  open_title?: string;
  open_by_itself?: boolean;
}

/** `label`: as it was called then; `fa` and `en`: as it is called now, where it is one of the rules. */
export interface Reason {
  id: string;
  label: string;
  fa?: string;
  en?: string;
}

export interface Own {
  state: string;
  own?: string;
  since?: string;
  reason?: Reason;
  pauses?: { reason: Reason; since: string }[];
  queues?: { pbx: string; queue: string; in: boolean; paused: boolean; static: boolean }[];
  wrap?: { call: string; queue?: string; since: string; until?: string; mandatory: boolean; extended: number; extensions?: number };
  phone?: { ext?: string; endpoint?: string; kind?: string; reachable?: boolean };
  differs?: { queue: string; pbx: string; we: string; pbx_says: string }[];
  missed?: { call: string; at: string };
}

/** How long a card that is over is still seen. One that was talked on stays until one turns away from it. */
const FOLD_MS: Record<string, number> = { elsewhere: 2000, ended: 5000 };

export function over(pop: Pop): boolean {
  return pop.state === "elsewhere" || pop.state === "ended";
}

/** Rings at my phone, and I may take it. */
export function ringing(pop: Pop): boolean {
  return pop.state === "ringing" && pop.doing === "ring" && !pop.dial;
}

export function talked(pop: Pop): boolean {
  return pop.state === "ended" && pop.result === "answered";
}

/** What the card is called: a name, else a number, else that it was withheld. */
export function called(pop: Pop): string {
  return pop.other.name || pop.other.number || pop.other.raw || word("withheld");
}

const RANK: Record<string, number> = { talk: 0, cons: 0, hold: 1, ring: 2, dial: 2, park: 3, off: 4 };

class Mine {
  pops: Pop[] = [];
  own: Own | null = null;
  /** Of each call whom the agent says it is with, where several have the number. */
  chosen = new Map<string, { id: string; name: string; company?: string; tier?: string }>();
  /** The call for which a colleague is looked for. */
  transferring: string | null = null;
  readonly on = document.querySelector("meta[name=desk]") !== null;
  private ended = new Map<string, number>();
  private closed = new Set<string>();
  private wanted: string | null = null;
  private listeners = new Set<() => void>();
  private heard = false;

  start(): void {
    if (!this.on) return;
    push.watch("pops", (data) => this.take((data as { pops?: Pop[] } | null)?.pops ?? []));
    push.watch("agent", (data) => {
      this.own = data as Own;
      this.tell();
    });
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.heard) listener();
    return () => this.listeners.delete(listener);
  }

  tell(): void {
    this.heard = true;
    for (const listener of this.listeners) listener();
  }

  get live(): Pop[] {
    return this.pops.filter((pop) => !over(pop));
  }

  /** What is seen: live ones, and those that are over for as long as that is news. */
  get shown(): Pop[] {
    const now = performance.now();
    const live = this.live;
    return this.pops.filter((pop) => {
      if (!over(pop)) return true;
      if (pop.merged_into) return false; // its other card goes on
      if (this.closed.has(pop.pop)) return false;
      if (talked(pop)) return !live.length;
      return now - (this.ended.get(pop.pop) ?? -Infinity) < FOLD_MS[pop.state]!;
    });
  }

  /** The one that is looked at. */
  get current(): Pop | undefined {
    const shown = this.shown;
    const chosen = shown.find((pop) => pop.pop === this.wanted);
    return chosen ?? [...shown].sort((a, b) => (RANK[a.doing] ?? 9) - (RANK[b.doing] ?? 9))[0];
  }

  /** The one that `answer` takes: what is looked at, else whatever rings. */
  get answerable(): Pop | undefined {
    const current = this.current;
    return current && ringing(current) ? current : this.live.find(ringing);
  }

  look(pop: string): void {
    this.wanted = pop;
    this.tell();
  }

  /** Turn away from a card that is over. */
  close(pop: string): void {
    this.closed.add(pop);
    this.tell();
  }

  closeCall(call: string): void {
    for (const pop of this.pops) if (pop.call === call && over(pop)) this.closed.add(pop.pop);
    this.tell();
  }

  transfer(call: string | null): void {
    this.transferring = call;
    this.tell();
  }

  choose(call: string, match: { id: string; name: string; company?: string; tier?: string }): void {
    this.chosen.set(call, match);
    this.tell();
  }

  private take(pops: Pop[]): void {
    const live = new Set(this.live.map((pop) => pop.pop));
    for (const pop of pops) if (pop.merged_into) this.follow(pop.call, pop.merged_into);
    for (const pop of pops) {
      if (!over(pop)) {
        this.ended.delete(pop.pop);
        this.closed.delete(pop.pop); // a queue may ring the same phone again
      } else if (live.has(pop.pop)) this.fold(pop);
    }
    this.pops = pops;
    if (this.transferring && !this.live.some((pop) => pop.call === this.transferring)) this.transferring = null;
    this.tell();
  }

  /** Two calls became one: what was said of the one holds for the other. */
  private follow(gone: string, into: string): void {
    const chosen = this.chosen.get(gone);
    if (chosen && !this.chosen.has(into)) this.chosen.set(into, chosen);
    if (this.transferring === gone) this.transferring = into;
  }

  private fold(pop: Pop): void {
    this.ended.set(pop.pop, performance.now());
    if (!talked(pop)) setTimeout(() => this.tell(), FOLD_MS[pop.state]! + 50);
  }
}

export const mine = new Mine();
mine.start();
