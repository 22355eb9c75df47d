// The push socket: one per page. Keeps the state of each topic by merging patches (RFC 7396), asks again after
// a gap, comes back by itself, and knows how fresh the picture is.

import { notForEver } from "./patience";

export type Json = { [key: string]: unknown };
type Listener = (data: unknown) => void;

interface Message {
  type: "snapshot" | "event" | "beat" | "error";
  topic?: string;
  seq?: number;
  data?: unknown;
  at?: string;
  reason?: string;
}

class Topic {
  seq = -1;
  data: unknown = undefined;
  listeners = new Set<Listener>();
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
/** A server that says nothing for this long is taken for gone (it speaks every second). */
const SILENCE_MS = 15000;

/** The close code for who is not signed in any more. */
const SIGNED_OUT = 4401;

/** The server's clock was set, or ours: not only a slow line. */
const JUMP_MS = 2000;

export function merge(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const after: Json = isObject(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete after[key];
    else after[key] = merge(after[key], value);
  }
  return after;
}

/** A board's parts are large and change hundreds of times a second: each is changed where it stands, and only what is in
 * it gets another identity. */
function withBoard(before: unknown, patch: unknown): unknown {
  if (!isObject(before) || !isObject(patch)) return merge(before, patch);
  const after: Json = { ...before };
  for (const [name, change] of Object.entries(patch)) {
    const part = after[name];
    if (!isObject(part) || !isObject(change)) {
      after[name] = merge(part, change);
      continue;
    }
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete part[key];
      else part[key] = merge(part[key], value);
    }
  }
  return after;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How many cards that are over are kept, so that screens can show how they ended. */
const MOST_OVER = 5;

/** An event of the topic `pops` is one card, whole: it takes the place of the one before. Live ones stand first. */
export function withPop(before: unknown, card: unknown): unknown {
  const cards = ((before as { pops?: Json[] } | undefined)?.pops ?? []).slice();
  const pop = card as Json;
  const at = cards.findIndex((one) => one.pop === pop.pop);
  if (at >= 0) cards[at] = pop;
  else cards.push(pop);
  const over = (one: Json): boolean => one.state === "elsewhere" || one.state === "ended";
  const gone = cards.filter((one) => over(one) && one !== pop);
  if (over(pop)) gone.unshift(pop);
  return { pops: [...cards.filter((one) => !over(one)), ...gone.slice(0, MOST_OVER)] };
}

/** Topics whose events are no merge patches. */
const REDUCERS: Record<string, (before: unknown, data: unknown) => unknown> = { pops: withPop, messages: (_before, data) => data };
const BOARDS = /^(board|playback):/;

function reducer(topic: string): (before: unknown, data: unknown) => unknown {
  return REDUCERS[topic] ?? (BOARDS.test(topic) ? withBoard : merge);
}

class Push {
  /** performance.now() when the server was last heard; -Infinity before. */
  heard = -Infinity;
  /** Where the socket is. */
  path = "/push";
  /** The session has ended: nothing more comes before `resume`. */
  signedOut = (): void => location.reload();
  private topics = new Map<string, Topic>();
  private socket: WebSocket | null = null;
  private retry = FIRST_RETRY_MS;
  private skew = 0;
  private waiting = 0;

  constructor() {
    // A tab that was hidden for long gets a timer a minute: who comes back to it, or to the network, does not wait.
    document.addEventListener("visibilitychange", () => this.hurry());
    addEventListener("online", () => this.hurry());
  }

  /** Tell `listener` the topic's data now and whenever it changes; returns how to stop. */
  watch(name: string, listener: Listener): () => void {
    let topic = this.topics.get(name);
    if (!topic) {
      this.topics.set(name, (topic = new Topic()));
      this.hello();
    }
    topic.listeners.add(listener);
    if (topic.data !== undefined) listener(topic.data);
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size === 0) {
        this.topics.delete(name);
        this.hello();
      }
    };
  }

  /** One has signed in again. */
  resume(): void {
    if (!this.socket && this.topics.size) this.connect();
  }

  /** The server's clock, in epoch milliseconds: what `since` times are measured against. */
  now(): number {
    return Date.now() + this.skew;
  }

  /** Seconds since the server was last heard. */
  age(): number {
    return (performance.now() - this.heard) / 1000;
  }

  private hello(): void {
    if (!this.socket) this.connect();
    else if (this.socket.readyState === WebSocket.OPEN) {
      const after: Record<string, number> = {};
      for (const [name, topic] of this.topics) if (topic.seq >= 0) after[name] = topic.seq;
      this.socket.send(JSON.stringify({ type: "hello", topics: [...this.topics.keys()], after }));
    }
  }

  private hurry(): void {
    if (!this.waiting || this.socket || document.hidden) return;
    this.retry = FIRST_RETRY_MS;
    this.hello();
  }

  private connect(): void {
    clearTimeout(this.waiting);
    this.waiting = 0;
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = notForEver(new WebSocket(url)));
    const watchdog = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN && performance.now() - this.heard > SILENCE_MS) socket.close();
    }, 1000);
    socket.onopen = () => {
      this.heard = performance.now();
      this.retry = FIRST_RETRY_MS;
      this.hello();
    };
    socket.onmessage = (event) => this.receive(JSON.parse(event.data as string) as Message);
    socket.onclose = (event) => {
      clearInterval(watchdog);
      this.socket = null;
      if (event.code === SIGNED_OUT) {
        this.signedOut();
        return;
      }
      this.waiting = window.setTimeout(() => this.hello(), this.retry * (0.75 + Math.random() / 2));
      this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
    };
  }

  private receive(message: Message): void {
    this.heard = performance.now();
    if (message.type === "beat" && message.at) this.set(Date.parse(message.at) - Date.now());
    const topic = message.topic ? this.topics.get(message.topic) : undefined;
    if (!topic || message.seq === undefined) return;
    if (message.type === "event" && message.seq !== topic.seq + 1) {
      this.again(message.topic!, topic);
      return;
    }
    topic.seq = message.seq;
    topic.data = message.type === "snapshot" ? message.data : reducer(message.topic!)(topic.data, message.data);
    for (const listener of topic.listeners) listener(topic.data);
  }

  /** A beat that was long on its way makes the clock seem late: only a better one, or a real jump, counts. */
  private set(skew: number): void {
    if (skew > this.skew || this.skew - skew > JUMP_MS) this.skew = skew;
  }

  /** Something was missed: leave the topic and take it anew, which brings a snapshot. */
  private again(name: string, topic: Topic): void {
    topic.seq = -1;
    this.topics.delete(name);
    this.hello();
    this.topics.set(name, topic);
    this.hello();
  }
}

export const push = new Push();
