// The sound of a call in the browser: mu-law frames from our own socket, played in order, with a level to look at.
//
// Frames come every 20 ms and are given to the audio clock a moment ahead, so that an uneven line is not heard; what
// comes so late that he would lag behind the call is dropped.

const RATE = 8000;
/** Sound begins so much later than it came, which is what an uneven line may take (seconds). */
const LEAD = 0.12;
/** He lags behind no more than this. */
const LATEST = 0.5;
/** A call that is loud has this much; the meter shows shares of it. */
const LOUD = 0.25;

/** ITU-T G.711 mu-law, all 256 values, from -1 to 1. */
const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const size = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return (bits & 0x80 ? 0x84 - size : size - 0x84) / 32768;
});

export class Heard {
  private readonly audio = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  private readonly gain = this.audio.createGain();
  private readonly meter = this.audio.createAnalyser();
  private readonly wave: Float32Array<ArrayBuffer>;
  private socket: WebSocket | null = null;
  private next = 0;

  /** Make it in the click itself: browsers let sound begin only there. `over` is told when there is no more. */
  constructor(private readonly over: () => void) {
    this.meter.fftSize = 1024;
    this.wave = new Float32Array(this.meter.fftSize);
    this.gain.connect(this.meter).connect(this.audio.destination);
    void this.audio.resume();
  }

  open(path: string): void {
    const address = new URL(path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.play(new Uint8Array(event.data));
    socket.onclose = () => {
      if (this.socket === socket) this.over();
    };
    this.socket = socket;
  }

  /** From 0 to 100. */
  set volume(percent: number) {
    this.gain.gain.value = percent / 100;
  }

  /** How loud it is at this moment, from 0 to 1. */
  level(): number {
    this.meter.getFloatTimeDomainData(this.wave);
    const power = this.wave.reduce((sum, value) => sum + value * value, 0) / this.wave.length;
    return Math.min(1, Math.sqrt(power) / LOUD);
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    void this.audio.close();
  }

  private play(frame: Uint8Array): void {
    const now = this.audio.currentTime;
    if (!frame.length || this.next > now + LATEST) return;
    if (this.next < now) this.next = Math.ceil((now + LEAD) * RATE) / RATE;
    const buffer = this.audio.createBuffer(1, frame.length, RATE);
    const samples = buffer.getChannelData(0);
    frame.forEach((byte, index) => (samples[index] = LINEAR[byte]!));
    const source = this.audio.createBufferSource();
    source.buffer = buffer;
    source.connect(this.gain);
    source.start(this.next);
    this.next += frame.length / RATE;
  }
}
