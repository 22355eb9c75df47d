// <tamas-callnote call=…>: what one types about a call, saved as it is typed, and what others in the call have typed.
//
// The text is kept in this browser until the server has taken it, so that neither a crash nor a lost line loses a word.
// Each save says which page sends it, which of its saves it is, and on which version it builds: the server then knows
// what is late or twice, and an older window does not write over newer text: both texts are joined here.

import { push } from "./push";
import { word } from "./words";

const QUIET_MS = 400;
const RETRY_MS = 2000;
const LAST_RETRY_MS = 15_000;
const NEWS_MS = 300;
/** A call that only just began may be there in a moment. */
const MOST_MISSING = 6;
const DRAFT = "tamas-callnote ";
const WRITER = Math.random().toString(36).slice(2) + Date.now().toString(36);

interface Note {
  mine: boolean;
  user_name: string;
  text: string;
  version: number;
}

interface Draft {
  text: string;
  version: number;
}

type State = "empty" | "typing" | "saved" | "kept" | "joined";

const WORDS: Record<State, string> = {
  empty: "",
  typing: word("note_saving"),
  saved: word("note_saved"),
  kept: word("note_kept"),
  joined: word("note_joined"),
};

/** Two texts of one hand as one: whichever holds the other, else what is new in `mine` after `theirs`. */
export function joined(theirs: string, mine: string): string {
  if (mine.startsWith(theirs)) return mine;
  if (theirs.startsWith(mine) || theirs.includes(mine.trim())) return theirs;
  let same = 0;
  while (same < theirs.length && theirs[same] === mine[same]) same++;
  same = Math.max(0, mine.lastIndexOf(" ", same)); // from a whole word on
  return `${theirs}\n${mine.slice(same).trim()}`;
}

class CallNote extends HTMLElement {
  static observedAttributes = ["call"];

  private text!: HTMLTextAreaElement;
  private line!: HTMLElement;
  private others!: HTMLElement;
  private version = 0;
  private number = 0;
  private dirty = false;
  private sending: Promise<void> | null = null;
  private timer = 0;
  private news = 0;
  private missing = 0;
  private wait = RETRY_MS;
  private stop = () => {};

  connectedCallback(): void {
    this.build();
    addEventListener("pagehide", this.leave);
    document.addEventListener("visibilitychange", this.hide);
    this.begin();
  }

  disconnectedCallback(): void {
    removeEventListener("pagehide", this.leave);
    document.removeEventListener("visibilitychange", this.hide);
    this.leave();
    this.end();
  }

  /** The call became part of another: what was typed goes with it. */
  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before === null || before === after || !this.isConnected) return;
    localStorage.removeItem(DRAFT + before);
    this.end();
    this.version = 0;
    if (this.text.value && after) {
      // Said again: what was under way when the calls became one may have missed it.
      localStorage.setItem(DRAFT + after, JSON.stringify({ text: this.text.value, version: 0 }));
      this.dirty = true;
    }
    this.begin();
  }

  override focus(): void {
    this.text.focus();
  }

  /** Done when the server has all that was typed, or `false` if it does not take it now. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    await this.sending;
    if (this.dirty) await this.save();
    return !this.dirty;
  }

  get value(): string {
    return this.text.value;
  }

  private get call(): string {
    return this.getAttribute("call") ?? "";
  }

  private get url(): string {
    return `/api/v1/calls/${encodeURIComponent(this.call)}/note`;
  }

  private build(): void {
    if (this.text) return;
    this.others = document.createElement("div");
    this.others.className = "others";
    this.others.setAttribute("aria-live", "polite");
    this.text = this.querySelector("textarea") ?? document.createElement("textarea");
    this.text.maxLength = 10_000;
    if (!this.text.isConnected) {
      this.text.rows = 4;
      this.text.setAttribute("aria-label", this.getAttribute("label") ?? word("note_label"));
      this.text.placeholder = word("note_hint");
      const box = document.createElement("label");
      box.className = "in area";
      box.append(this.text);
      this.append(box);
    }
    this.line = document.createElement("span");
    this.line.className = "hint";
    this.line.setAttribute("role", "status");
    this.prepend(this.others);
    this.append(this.line);
    this.text.addEventListener("input", this.typed);
  }

  private begin(): void {
    this.stop = push.watch(`about:${this.call}`, () => {
      clearTimeout(this.news);
      this.news = window.setTimeout(() => void this.load(), NEWS_MS);
    });
    const draft = this.draft();
    if (draft && draft.text !== this.text.value) {
      this.text.value = draft.text;
      this.dirty = true;
    }
    void this.load();
  }

  private end(): void {
    this.stop();
    clearTimeout(this.timer);
    clearTimeout(this.news);
  }

  private draft(): Draft | null {
    try {
      return JSON.parse(localStorage.getItem(DRAFT + this.call) ?? "null") as Draft | null;
    } catch {
      return null;
    }
  }

  private typed = (): void => {
    this.dirty = true;
    localStorage.setItem(DRAFT + this.call, JSON.stringify({ text: this.text.value, version: this.version }));
    this.say("typing");
    this.later(QUIET_MS);
  };

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), ms);
  }

  private request(keepalive: boolean): RequestInit {
    const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
    const body = JSON.stringify({
      text: this.text.value.slice(0, 10_000),
      version: this.version,
      writer: WRITER,
      number: ++this.number,
    });
    return { method: "PUT", body, keepalive, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf } };
  }

  private save(): Promise<void> {
    this.sending ??= this.send().finally(() => (this.sending = null));
    return this.sending;
  }

  private async send(): Promise<void> {
    const sent = this.text.value;
    const call = this.call;
    try {
      const answer = await fetch(this.url, this.request(false));
      if (call !== this.call) return;
      if (answer.status === 409) return await this.load();
      if (!answer.ok) return this.kept(answer.status);
      this.taken((await answer.json()) as Note, sent);
    } catch {
      this.kept(0);
    }
  }

  private taken(note: Note, sent: string): void {
    this.version = note.version;
    this.wait = RETRY_MS;
    if (this.text.value !== sent) {
      localStorage.setItem(DRAFT + this.call, JSON.stringify({ text: this.text.value, version: this.version }));
      return this.later(QUIET_MS);
    }
    this.dirty = false;
    localStorage.removeItem(DRAFT + this.call);
    this.say("saved");
  }

  /** It stays in this browser; what may be taken later is tried again. */
  private kept(status: number): void {
    this.say("kept");
    if (status === 400 || status === 403) return;
    this.later(this.wait);
    this.wait = Math.min(this.wait * 2, LAST_RETRY_MS);
  }

  private async load(): Promise<void> {
    const call = this.call;
    try {
      const answer = await fetch(`${this.url}s`);
      if (call !== this.call) return;
      if (answer.ok) this.take(((await answer.json()) as { items: Note[] }).items);
      else if (this.dirty) this.kept(answer.status);
      else if (answer.status === 404 && this.missing++ < MOST_MISSING) this.news = window.setTimeout(() => void this.load(), 500);
    } catch {
      if (this.dirty) this.kept(0);
    }
  }

  private take(notes: Note[]): void {
    const mine = notes.find((note) => note.mine);
    this.show(notes.filter((note) => note !== mine));
    if (!mine || mine.version <= this.version) {
      if (this.dirty) this.later(0);
      return;
    }
    const base = this.draft()?.version ?? this.version;
    this.version = mine.version;
    if (!this.dirty) this.put(mine.text, "saved");
    else if (mine.text === this.text.value) this.taken(mine, mine.text);
    else {
      if (base < mine.version) this.put(joined(mine.text, this.text.value), "joined");
      this.later(0);
    }
  }

  private put(text: string, state: State): void {
    if (this.text.value !== text) {
      const at = this.text.selectionStart;
      this.text.value = text;
      if (document.activeElement === this.text) this.text.setSelectionRange(Math.min(at, text.length), Math.min(at, text.length));
    }
    this.say(text ? state : "empty");
  }

  private show(notes: Note[]): void {
    this.others.replaceChildren(
      ...notes.map((note) => {
        const part = document.createElement("p");
        part.className = "other";
        const name = document.createElement("b");
        const text = document.createElement("span");
        name.dir = text.dir = "auto";
        name.textContent = note.user_name;
        text.textContent = note.text;
        part.append(name, text);
        return part;
      }),
    );
  }

  private say(state: State): void {
    this.dataset.state = state;
    this.line.textContent = WORDS[state];
  }

  private hide = (): void => {
    if (document.hidden) this.leave();
  };

  /** The page may be gone in a moment: send what there is in a request that outlives it. */
  private leave = (): void => {
    if (!this.dirty || !this.text) return;
    const sent = this.text.value;
    fetch(this.url, this.request(true)).then(
      async (answer) => answer.ok && this.isConnected && this.taken((await answer.json()) as Note, sent),
      () => {},
    );
  };
}

customElements.define("tamas-callnote", CallNote);

export type { CallNote };
