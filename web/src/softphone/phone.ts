// The phone itself: registers at the PBX through our own origin and carries the calls of this browser (JsSIP).
// Loaded only in the one tab that owns it. The account is asked for when it registers and stays in memory.

import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import { notForEver } from "../patience";
import { heardOf, Hearing } from "./hearing";
import { deviceOf } from "./devices";

/** One call of this phone. `id` is its own, the PBX's ids are not known here. */
export interface PhoneCall {
  id: string;
  endpoint: string;
  incoming: boolean;
  state: "ringing" | "calling" | "talking" | "held";
  muted: boolean;
  number: string;
  since: number;
  /** A test: one hears oneself. */
  echo: boolean;
}

export interface PhoneState {
  status: "off" | "connecting" | "ready" | "failed";
  /** Why it failed: a word of `words`. */
  reason?: string;
  endpoints: string[];
  calls: PhoneCall[];
}

interface Account {
  endpoint: string;
  extension: string;
  login: string;
  secret: string;
  uri: string;
  line: string;
}

interface Line {
  endpoint: string;
  extension: string;
  ua: InstanceType<typeof JsSIP.UA>;
  status: PhoneState["status"];
  reason?: string;
}

interface Live {
  call: PhoneCall;
  session: RTCSession;
  hearing: Hearing | null;
}

/** A gathered address of one of these kinds is enough to begin with: waiting for all can take 40 s (JsSIP #940). */
const GOOD = /typ (host|srflx|relay)/;
/** Headers by which a PBX asks a phone to answer by itself (RFC 3261 §20.9, and what desk phones take). */
const ANSWER_BY_ITSELF = /answer-after=0|auto-?answer|ring answer/i;
const REGISTER_SECONDS = 120;
/** What this page calls itself, so that the server can tell a cut of the network from a page that is gone. */
const PAGE = crypto.randomUUID();

/** JsSIP's socket, which waits for an answer as long as the browser does. */
class Socket extends JsSIP.WebSocketInterface {
  override connect(): void {
    super.connect();
    const { _ws: socket } = this as unknown as { _ws: WebSocket | null };
    if (socket?.readyState === WebSocket.CONNECTING) notForEver(socket);
  }
}

export class Phone {
  private lines: Line[] = [];
  private live = new Map<string, Live>();
  private ice: RTCIceServer[] = [];
  private count = 0;

  /** `tell` gets every change; `ended` how a call was heard, when it is over. */
  constructor(
    private tell: (state: PhoneState) => void,
    private ended: (call: PhoneCall, hearing: Hearing) => void,
  ) {}

  async start(): Promise<void> {
    const answer = await fetch("/api/v1/softphone", { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(`softphone: ${answer.status}`);
    const settings = (await answer.json()) as { phones: Account[]; ice: RTCIceServer[] };
    this.ice = settings.ice;
    this.lines = settings.phones.map((account) => this.register(account));
    this.say();
  }

  state(): PhoneState {
    const worst = (["failed", "connecting", "ready"] as const).find((some) => this.lines.some((line) => line.status === some));
    return {
      status: worst ?? "off",
      reason: this.lines.find((line) => line.reason)?.reason,
      endpoints: this.lines.map((line) => line.endpoint),
      calls: [...this.live.values()].map((one) => ({ ...one.call })),
    };
  }

  private register(account: Account): Line {
    const url = new URL(account.line, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("page", PAGE);
    const ua = new JsSIP.UA({
      sockets: [new Socket(url.href)],
      uri: account.uri,
      authorization_user: account.login,
      password: account.secret,
      register: true,
      register_expires: REGISTER_SECONDS,
      session_timers: false,
      user_agent: "Tamas",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      no_answer_timeout: 180,
    });
    const line: Line = { endpoint: account.endpoint, extension: account.extension, ua, status: "connecting" };
    const become = (status: PhoneState["status"], reason?: string): void => {
      line.status = status;
      line.reason = reason;
      this.say();
    };
    ua.on("registered", () => {
      become("ready");
      for (const live of this.live.values()) if (live.call.endpoint === line.endpoint) this.mend(line, live);
    });
    ua.on("unregistered", () => become("connecting"));
    ua.on("disconnected", () => become("connecting", "phone_line_lost"));
    ua.on("registrationFailed", ({ response }) => become("failed", response?.status_code === 403 ? "phone_refused" : "phone_failed"));
    ua.on("newRTCSession", ({ session, request }: { session: RTCSession; request: { getHeader(name: string): string | undefined } }) => {
      this.take(line, session, ["Call-Info", "Alert-Info"].some((name) => ANSWER_BY_ITSELF.test(request.getHeader(name) ?? "")));
    });
    ua.start();
    return line;
  }

  private take(line: Line, session: RTCSession, byItself: boolean): void {
    const incoming = session.direction === "incoming";
    const number = session.remote_identity?.uri?.user ?? "";
    const call: PhoneCall = {
      id: `${Date.now()}-${++this.count}`,
      endpoint: line.endpoint,
      incoming,
      state: incoming ? "ringing" : "calling",
      muted: false,
      number,
      since: Date.now(),
      echo: incoming && number === line.extension, // the server calls it in its own name
    };
    const live: Live = { call, session, hearing: null };
    this.live.set(call.id, live);
    const become = (state: PhoneCall["state"]): void => {
      if (call.state !== state) call.since = Date.now();
      call.state = state;
      this.say();
    };
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("iceconnectionstatechange", () => this.mend(line, live));
      void this.listen(live, peerconnection);
    });
    if (!incoming && session.connection) void this.listen(live, session.connection);
    session.on("icecandidate", (event) => {
      if (GOOD.test(event.candidate.candidate)) event.ready();
    });
    session.on("confirmed", () => become("talking"));
    session.on("hold", ({ originator }) => originator === "local" && become("held"));
    session.on("unhold", ({ originator }) => originator === "local" && become("talking"));
    session.on("muted", () => this.mark(call, true));
    session.on("unmuted", () => this.mark(call, false));
    for (const over of ["ended", "failed"] as const) session.on(over, () => this.over(live));
    this.say();
    if (incoming && byItself) this.answer(live);
  }

  private mark(call: PhoneCall, muted: boolean): void {
    call.muted = muted;
    this.say();
  }

  /** Let the other side be heard, and watch how well. */
  private async listen(live: Live, connection: RTCPeerConnection): Promise<void> {
    if (live.hearing) return;
    live.hearing = heardOf(connection);
    const audio = new Audio();
    audio.autoplay = true;
    connection.addEventListener("track", (event) => {
      audio.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      void audio.play().catch(() => this.say());
    });
    const speaker = deviceOf("speaker");
    if (speaker && "setSinkId" in audio) await audio.setSinkId(speaker).catch(() => undefined);
  }

  /** A way for the sound that was lost with the network is looked for anew, as soon as the PBX can be told. */
  private mend(line: Line, live: Live): void {
    const lost = ["disconnected", "failed"].includes(live.session.connection?.iceConnectionState ?? "");
    if (lost && line.status === "ready" && line.ua.isConnected()) live.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  private over(live: Live): void {
    if (!this.live.delete(live.call.id)) return;
    if (live.hearing) {
      live.hearing.stop();
      this.ended(live.call, live.hearing);
    }
    this.say();
  }

  private say(): void {
    this.tell(this.state());
  }

  /** Do something with a call. False: there is no such call here any more. */
  run(verb: string, id: string, body: { digits?: string } = {}): boolean {
    const live = this.live.get(id);
    if (!live) return false;
    const { session } = live;
    switch (verb) {
      case "answer":
        this.answer(live);
        return true;
      case "hangup":
        // A call that only rings is declined (603): the PBX goes on as the dialplan says.
        session.terminate(live.call.state === "ringing" ? { status_code: 603 } : undefined);
        return true;
      case "hold":
        return session.hold();
      case "unhold":
        return session.unhold();
      case "mute":
        session.mute({ audio: true });
        return true;
      case "unmute":
        session.unmute({ audio: true });
        return true;
      case "dtmf":
        session.sendDTMF(body.digits ?? "", { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
        return true;
    }
    return false;
  }

  private answer(live: Live): void {
    if (live.call.state === "ringing") live.session.answer(this.media());
  }

  private media(): { mediaConstraints: MediaStreamConstraints; pcConfig: RTCConfiguration } {
    const microphone = deviceOf("microphone");
    const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (microphone) audio.deviceId = { ideal: microphone };
    return { mediaConstraints: { audio, video: false }, pcConfig: { iceServers: this.ice } };
  }
}
