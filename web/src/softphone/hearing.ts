// How well a call is heard: jitter, loss and round trip, read every two seconds from the connection's own figures
// (W3C webrtc-stats: RTCInboundRtpStreamStats, RTCRemoteInboundRtpStreamStats).

const EVERY_MS = 2000;

export interface Figures {
  seconds: number;
  /** Milliseconds, the median of all readings. */
  jitter: number;
  /** Per cent of the packets that should have come. */
  loss: number;
  round_trip: number | null;
}

export interface Hearing {
  figures(): Figures | null;
  stop(): void;
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function heardOf(connection: RTCPeerConnection): Hearing {
  const began = performance.now();
  const jitters: number[] = [];
  const trips: number[] = [];
  let received = 0;
  let lost = 0;
  const read = async (): Promise<void> => {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        received = report.packetsReceived;
        lost = Math.max(0, report.packetsLost);
        jitters.push(report.jitter * 1000);
      } else if (report.type === "remote-inbound-rtp" && report.roundTripTime !== undefined) {
        trips.push(report.roundTripTime * 1000);
      }
    }
  };
  const timer = setInterval(() => void read().catch(() => undefined), EVERY_MS);
  return {
    figures() {
      if (received === 0) return null;
      const seconds = (performance.now() - began) / 1000;
      return { seconds, jitter: median(jitters), loss: (100 * lost) / (received + lost), round_trip: trips.length ? median(trips) : null };
    },
    stop: () => clearInterval(timer),
  };
}
