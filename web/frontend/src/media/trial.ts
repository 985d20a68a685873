// Whether this network lets sound and picture through, and how: the same checks a call begins with, to the same port,
// with credentials that lead into no room. Owns its connections for as long as it tries.
import type { RelayPass } from "../room/wire";
import { reading } from "./statistics";

export interface Trial {
  addresses: string[];
  port: number;
  ufrag: string;
  password: string;
  relay: RelayPass | null;
}

export type Outcome = "direct" | "relay" | "none";

const DIRECT_MS = 5000;
const RELAY_MS = 9000; // the relay has to be reached and asked first

export type Verdict = "good" | "sound" | "call";
const SLOW = 0.4; // seconds there and back: with pictures, people would begin to talk over one another

// What the way and the devices are good for. `seconds` there and back, 0 where that is not known.
export function judged(way: Outcome | "untried", seconds: number, mic: boolean, camera: boolean): Verdict {
  if (way === "none" || !mic) return "call";
  return camera && seconds <= SLOW ? "good" : "sound";
}

// `measured`: seconds there and back on the way that is open.
export async function tryWays(trial: Trial, directMs = DIRECT_MS, relayMs = RELAY_MS, measured?: (seconds: number) => void): Promise<Outcome> {
  const { relay } = trial;
  const direct = reaches(trial, {}, directMs, measured);
  if (!relay) return (await direct) ? "direct" : "none";
  const { urls, username, credential } = relay;
  let relayed = 0;
  // At the same time: whoever needs the relay has waited long enough.
  const through = reaches(trial, { iceServers: [{ urls, username, credential }], iceTransportPolicy: "relay" }, relayMs, measured && ((took) => { relayed = took; }));
  if (await direct) return "direct";
  if (!(await through)) return "none";
  measured?.(relayed);
  return "relay";
}

async function reaches(trial: Trial, configuration: RTCConfiguration, withinMs: number, measured?: (seconds: number) => void): Promise<boolean> {
  const pc = new RTCPeerConnection(configuration);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    pc.createDataChannel("trial"); // something must be offered; nothing is ever sent
    const arrived = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
      pc.addEventListener("iceconnectionstatechange", () => {
        if (pc.iceConnectionState === "connected" || pc.iceConnectionState === "completed") resolve(true);
      });
    });
    await pc.setLocalDescription(await pc.createOffer());
    await pc.setRemoteDescription({ type: "answer", sdp: answer(trial, pc.localDescription?.sdp ?? "") });
    const reached = await arrived;
    if (reached && measured) {
      const reports: Record<string, unknown>[] = [];
      (await pc.getStats()).forEach((report) => reports.push(report as Record<string, unknown>));
      measured(reading(reports, 0, Date.now()).rtt);
    }
    return reached;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    pc.close();
  }
}

// What an ICE-lite server would answer. Its fingerprint is nobody's: the handshake is not meant to succeed.
function answer(trial: Trial, offer: string): string {
  const mid = /^a=mid:(\S+)/m.exec(offer)?.[1] ?? "0";
  return [
    "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite", `a=group:BUNDLE ${mid}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", `a=mid:${mid}`,
    `a=ice-ufrag:${trial.ufrag}`, `a=ice-pwd:${trial.password}`,
    `a=fingerprint:sha-256 ${Array(32).fill("00").join(":")}`, "a=setup:passive", "a=sctp-port:5000",
    ...trial.addresses.map((address, n) => `a=candidate:${n + 1} 1 udp ${2130706431 - n} ${address} ${trial.port} typ host`),
    "a=end-of-candidates", "",
  ].join("\r\n");
}
