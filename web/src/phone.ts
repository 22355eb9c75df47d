// The panel of one's own softphone: how it is, which microphone and speaker it uses, where it rings, how loud the
// microphone hears, and a call in which one hears oneself.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { icon, mark } from "./parts";
import { softphone } from "./softphone";
import { bell } from "./sound";
import { choose, deviceOf, devices, type Role } from "./softphone/devices";
import type { PhoneState } from "./softphone/phone";
import { digits, word } from "./words";

const SHAPES: Record<PhoneState["status"], string> = { ready: "ready", connecting: "ring", failed: "bad", off: "off" };

class PhonePanel extends LitElement {
  private found: Record<Role, MediaDeviceInfo[]> = { microphone: [], speaker: [], ring: [] };
  private level = 0;
  private refused = false;
  private why = "";
  private asking = false;
  private listening: (() => void) | null = null;
  private stop = (): void => undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = softphone.watch(() => this.requestUpdate());
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    this.listening?.();
  }

  private async look(): Promise<void> {
    if (!navigator.mediaDevices) return;
    this.found = { microphone: await devices("microphone"), speaker: await devices("speaker"), ring: await devices("ring") };
    this.requestUpdate();
  }

  /** Show how loud the microphone hears, until it is asked to stop. */
  private async test(): Promise<void> {
    if (this.listening) {
      this.listening();
      return;
    }
    const id = deviceOf("microphone");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { ideal: id } } : true });
    } catch {
      this.refused = true;
      this.requestUpdate();
      return;
    }
    this.refused = false;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.level = Math.min(1, Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) * 4);
      this.requestUpdate();
    }, 100);
    this.listening = () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      this.listening = null;
      this.level = 0;
      this.requestUpdate();
    };
    await this.look();
  }

  /** Hear oneself by way of the PBX, or stop it. */
  private async echo(): Promise<void> {
    this.asking = true;
    this.requestUpdate();
    this.why = await softphone.test();
    this.asking = false;
    this.requestUpdate();
  }

  private choice(role: Role): TemplateResult {
    const chosen = deviceOf(role);
    const change = (event: Event): void => {
      choose(role, (event.target as HTMLSelectElement).value);
      if (role === "ring") void bell.sample();
    };
    return html`<div class="fld">
      <label for="phone-${role}">${word(`phone_${role}`)}</label>
      <span class="in sel"
        ><select id="phone-${role}" @change=${change}>
          <option value="">${word("phone_system")}</option>
          ${this.found[role].map((one) => html`<option value=${one.deviceId} ?selected=${one.deviceId === chosen}>${one.label || one.deviceId}</option>`)}</select
        >${icon("chevron-down", "s14 q")}</span
      >
    </div>`;
  }

  protected override render(): TemplateResult {
    const { status, reason, calls } = softphone.state;
    return html`<section class="card" aria-label=${word("phone")}>
        <div class="row g4 pad w">
          <span class="st s-${SHAPES[status]}" role="status">${mark(SHAPES[status]!)}${word(`phone_${status}`)}</span>
          <span class="q">${reason ? word(reason) : softphone.here ? word("phone_here") : word("phone_elsewhere")}</span>
          ${calls.length ? html`<span class="tag end">${word("calls_now")} ${digits(calls.length)}</span>` : nothing}
        </div>
      </section>
      <section class="card col g4 pad">
        ${this.choice("microphone")} ${this.choice("speaker")} ${this.choice("ring")}
        <div class="row g4">
          <button type="button" class="btn" @click=${() => void this.test()}>${icon("mic")}${word(this.listening ? "phone_stop_test" : "phone_test")}</button>
          <meter class="f1" min="0" max="1" .value=${this.level} aria-label=${word("phone_level")}></meter>
        </div>
        <div class="row g4 w">
          <button type="button" class="btn echo" aria-disabled=${status !== "ready" || this.asking ? "true" : nothing} @click=${() => (status !== "ready" || this.asking ? undefined : void this.echo())}>
            ${icon(softphone.echo ? "phone-off" : "headphones")}${word(softphone.echo ? "phone_echo_stop" : "phone_echo")}
          </button>
          <span class="q" role="status">${softphone.echo ? word("phone_echo_now") : word("phone_echo_hint")}</span>
        </div>
        ${this.why ? html`<p class="ban s-bad" role="alert">${icon("triangle-alert")}${this.why}</p>` : nothing}
        ${this.refused ? html`<p class="ban s-bad" role="alert">${icon("triangle-alert")}${word("phone_no_microphone")}</p>` : nothing}
      </section>`;
  }
}

customElements.define("tamas-phone", PhonePanel);
