// What rings when my phone does, or something is wrong: a soft two-tone, a notification if nobody looks, and a title that
// tells who. Of all tabs one alone sounds (Web Locks). Browsers allow sound and notifications only after a click, which is
// asked for once.
//
// Nothing here waits for a timer: a tab that has been hidden for minutes gets one a minute. The tones of a whole ring are
// given to the audio clock at once, and tabs say of themselves, whenever it changes, whether somebody looks at them.

import { sentence, face } from "./bar";
import { mine, type Pop, ringing } from "./pops";
import { softphone } from "./softphone";
import { deviceOf } from "./softphone/devices";
import { word } from "./words";

const KEY = "tamas-bell";
const EVERY_SECONDS = 3;
/** A ring is silent after so many tones; nothing rings so long. */
const MOST_TONES = 60;
const VIP_THIRD = 1.26;
const ALERT_PITCH = 0.6;

interface Choice {
  on: boolean;
  volume: number;
}

/** Tones as [frequency, begins, lasts]; seconds. */
const RING: [number, number, number][] = [[660, 0, 0.22], [880, 0.24, 0.34]];

class Bell {
  on = false;
  volume = 60;
  /** Nothing was chosen yet on this device. */
  asked = false;
  private owner = false;
  private audio: AudioContext | null = null;
  /** What sounds now; cut off to silence it. */
  private sounding: GainNode | null = null;
  private listeners = new Set<() => void>();
  private channel: BroadcastChannel | null = null;
  private id = Math.random().toString(36).slice(2);
  /** Other tabs that somebody looks at. */
  private looked = new Set<string>();
  private told = new Set<string>();
  /** Calls that rang while this tab was here, whose pages were not opened yet. */
  private rang = new Set<string>();
  private notes = new Map<string, Notification>();
  private title = "";
  private written = "";

  start(): void {
    if (!mine.on && !document.querySelector("tamas-alerts")) return;
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Choice | null;
    if (kept) [this.on, this.volume, this.asked] = [kept.on, kept.volume, true];
    this.channel = new BroadcastChannel(KEY);
    this.channel.onmessage = (event) => this.hear(event.data as { tab?: string; looked?: boolean; ask?: true });
    for (const type of ["focus", "blur", "pageshow"]) addEventListener(type, () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("pagehide", () => this.channel?.postMessage({ tab: this.id, looked: false }));
    this.look();
    if (navigator.locks) void navigator.locks.request(KEY, () => this.own());
    else this.owner = true;
    mine.watch(() => this.changed());
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.newValue) {
        ({ on: this.on, volume: this.volume } = JSON.parse(event.newValue) as Choice);
        this.tell();
      }
    });
    // An audio context sounds only after somebody touched the page.
    addEventListener("pointerdown", () => void this.audio?.resume(), { passive: true });
    addEventListener("keydown", () => void this.audio?.resume(), { passive: true });
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** From a click: the browser asks for what it wants to be asked for. */
  async turn(on: boolean): Promise<void> {
    this.on = on;
    this.keep();
    if (!on) {
      this.silence();
      return;
    }
    void this.context().resume();
    this.play(1);
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
    this.tell();
  }

  set(volume: number): void {
    this.volume = volume;
    this.keep();
    this.play(1);
  }

  /** Why notifications do not come although they are wanted. */
  get blocked(): boolean {
    return this.on && "Notification" in window && Notification.permission === "denied";
  }

  /** Something is wrong: one low call, and a notification if no tab of ours is looked at. Of all tabs one does it. */
  alert(id: string, text: string): void {
    if (!this.owner || !this.on) return;
    this.context();
    this.play(ALERT_PITCH);
    if (this.seen || this.looked.size || !("Notification" in window) || Notification.permission !== "granted") return;
    try {
      const shown = new Notification(text, { tag: `alert ${id}` });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      void navigator.serviceWorker?.getRegistration().then((worker) => worker?.showNotification(text, { tag: `alert ${id}` }));
    }
  }

  private keep(): void {
    this.asked = true;
    localStorage.setItem(KEY, JSON.stringify({ on: this.on, volume: this.volume } satisfies Choice));
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** For as long as this tab lives. */
  private own(): Promise<void> {
    this.owner = true;
    this.channel?.postMessage({ ask: true });
    this.changed();
    return new Promise(() => undefined);
  }

  private changed(): void {
    const rings = mine.live.filter(ringing);
    this.name(rings[0]);
    for (const pop of rings) {
      if (!this.told.has(pop.pop)) {
        this.told.add(pop.pop);
        this.rang.add(pop.call);
        if (this.owner && this.on) void this.note(pop);
      }
    }
    for (const id of this.told) if (!rings.some((pop) => pop.pop === id)) this.forget(id);
    if (this.owner) for (const pop of mine.live) this.open(pop);
    if (rings.length && this.owner && this.on && !this.heardOtherwise(rings)) this.ring(rings[0]!);
    else if (!rings.length) this.silence();
  }

  /** What a rule opens by itself when one answers; a browser that does not let us leaves the button on the card. */
  private open(pop: Pop): void {
    if (pop.state !== "answered" || !this.rang.delete(pop.call) || !pop.open_by_itself || !pop.open) return;
    if (/^https?:/.test(pop.open)) window.open(pop.open, "_blank", "noopener,noreferrer");
  }

  /** A phone on the desk rings by itself; while one talks, nothing rings into it. */
  private heardOtherwise(rings: Pop[]): boolean {
    if (mine.live.some((pop) => pop.doing === "talk" || pop.doing === "cons")) return true;
    return rings.every((pop) => pop.mine?.device === "desk" && !softphone.owns(pop));
  }

  private ring(pop: Pop): void {
    if (this.sounding) return;
    this.context();
    this.sounding = this.play(face(pop).tier === "vip" ? VIP_THIRD : 1, MOST_TONES);
  }

  /** What sounds, at the device where one wants to be rung. */
  private context(): AudioContext {
    const audio = (this.audio ??= new AudioContext());
    const there = audio as AudioContext & { sinkId?: string; setSinkId?(id: string): Promise<void> };
    const wanted = deviceOf("ring");
    if (there.setSinkId && there.sinkId !== wanted) void there.setSinkId(wanted).catch(() => undefined);
    return audio;
  }

  /** Once, to hear where it rings. */
  async sample(): Promise<void> {
    await this.context().resume();
    this.play(1);
  }

  private silence(): void {
    this.sounding?.disconnect();
    this.sounding = null;
  }

  private hear(message: { tab?: string; looked?: boolean; ask?: true }): void {
    if (message.ask) this.look();
    if (!message.tab) return;
    if (message.looked) this.looked.add(message.tab);
    else this.looked.delete(message.tab);
  }

  private get seen(): boolean {
    return !document.hidden && document.hasFocus();
  }

  private look(): void {
    this.channel?.postMessage({ tab: this.id, looked: this.seen });
  }

  private play(pitch: number, times = 1): GainNode | null {
    const audio = this.audio;
    if (!audio || !this.volume) return null;
    const out = audio.createGain();
    out.connect(audio.destination);
    for (let n = 0; n < times; n++) this.tones(audio, out, pitch, audio.currentTime + n * EVERY_SECONDS);
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
    return out;
  }

  private tones(audio: AudioContext, out: GainNode, pitch: number, from: number): void {
    for (const [frequency, begins, lasts] of RING) {
      const at = from + begins;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.type = "sine";
      tone.frequency.value = frequency * pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime((this.volume / 100) * 0.25, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0005, at + lasts);
      tone.connect(gain).connect(out);
      tone.start(at);
      tone.stop(at + lasts);
    }
  }

  /** A notification, if no tab of ours is looked at. */
  private async note(pop: Pop): Promise<void> {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    if (this.seen || this.looked.size) return;
    const options = { body: sentence(pop), tag: pop.pop, requireInteraction: true, icon: document.querySelector<HTMLLinkElement>("link[rel=apple-touch-icon]")?.href };
    try {
      const shown = new Notification(`☎ ${face(pop).name}`, options);
      shown.onclick = () => {
        window.focus();
        mine.look(pop.pop);
        shown.close();
      };
      this.notes.set(pop.pop, shown);
    } catch {
      // Where only a service worker may notify (Android): its click leads back here.
      const worker = await navigator.serviceWorker?.getRegistration();
      await worker?.showNotification(`☎ ${face(pop).name}`, options);
    }
  }

  private forget(id: string): void {
    this.told.delete(id);
    this.notes.get(id)?.close();
    this.notes.delete(id);
    void navigator.serviceWorker?.getRegistration().then(async (worker) => {
      for (const one of (await worker?.getNotifications({ tag: id })) ?? []) one.close();
    });
  }

  /** Who rings, in the title of every tab; the page's own name comes back after it. */
  private name(pop: Pop | undefined): void {
    if (document.title !== this.written) this.title = document.title;
    const wanted = pop ? `☎ ${face(pop).name} · ${word("tamas")}` : this.title;
    if (document.title !== wanted) document.title = wanted;
    this.written = pop ? wanted : "";
    const badge = navigator as Navigator & { setAppBadge?(n: number): Promise<void>; clearAppBadge?(): Promise<void> };
    if (pop) void badge.setAppBadge?.(1).catch(() => undefined);
    else if (this.title) void badge.clearAppBadge?.().catch(() => undefined);
  }
}

export const bell = new Bell();
