// Which call of this phone each card shows. The phone knows no ids of the PBX: it is the other side's number, and what
// both are doing, at the moment when they meet; from then on they stay together for as long as both are there.

import type { PhoneCall } from "./phone";

/** What is needed of a card to find its call here. */
export interface Pop {
  call: string;
  doing: string;
  state?: string;
  since?: string;
  merged_into?: string;
  mine?: { endpoint?: string; doing?: string };
  other?: { raw?: string; number?: string };
}

/** What the phone is doing with a call that the card says it does so with. */
const SAME: Record<string, PhoneCall["state"][]> = { ring: ["ringing"], dial: ["ringing", "calling"] };

function does(pop: Pop, call: PhoneCall): boolean {
  return (SAME[pop.mine?.doing ?? pop.doing] ?? ["talking", "held"]).includes(call.state);
}

/** National and international forms of a number end alike. */
function tail(number: string): string {
  return number.replace(/\D/g, "").slice(-8);
}

function numbered(pop: Pop, call: PhoneCall): boolean {
  const digits = tail(pop.other?.raw ?? pop.other?.number ?? "");
  return digits !== "" && digits === tail(call.number);
}

const FITS = [(pop: Pop, call: PhoneCall) => numbered(pop, call) && does(pop, call), numbered, does];

export class Pairs {
  /** Of the phone's call (its id) the PBX's. */
  private now = new Map<string, string>();
  private last = new Map<string, string>();

  /** What both say by now. */
  meet(pops: Pop[], calls: PhoneCall[]): void {
    const live = pops.filter((pop) => pop.state !== "ended" && pop.state !== "elsewhere" && pop.mine?.endpoint);
    const there = new Set(live.map((pop) => pop.call));
    for (const [id, call] of this.now) if (!there.has(call) || !calls.some((one) => one.id === id)) this.now.delete(id);
    const taken = new Set(this.now.values());
    for (const fits of FITS) {
      for (const pop of live) {
        if (taken.has(pop.call)) continue;
        const found = calls.find((one) => !this.now.has(one.id) && one.endpoint === pop.mine!.endpoint && !one.echo && fits(pop, one));
        if (!found) continue;
        this.now.set(found.id, pop.call);
        this.last.set(found.id, pop.call);
        taken.add(pop.call);
      }
    }
    for (const { call, merged_into: into } of pops) {
      if (into) for (const [id, old] of this.last) if (old === call) this.last.set(id, into);
    }
  }

  /** The phone's call that a card shows. */
  of(pop: Pop, calls: PhoneCall[]): PhoneCall | undefined {
    return calls.find((one) => this.now.get(one.id) === pop.call);
  }

  /** The PBX's call that a call of the phone was, when it is over. */
  was(id: string): string | undefined {
    const call = this.last.get(id);
    this.last.delete(id);
    return call;
  }
}
