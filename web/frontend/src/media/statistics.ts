// From two readings of the connections' statistics to what they say of the time between. Pure. What quality that
// makes is the server's to say: one rule for everybody (media/engine.py).
import type { Measurement } from "../room/wire";
import { over, relayed } from "./way";

interface Stream {
  received: number; // packets
  lost: number;
  samples: number; // of sound
  concealed: number;
  decoded: number; // frames
  frozen: number; // seconds
}

export interface Reading {
  at: number; // ms
  streams: Map<string, Stream>; // what comes, by report id
  video: Set<string>; // which of them are pictures
  down: number; // bytes so far
  up: number;
  sentLoss: number; // share the server reports of what we send, the worst source
  rtt: number; // seconds
  jitter: number; // seconds, the worst source
  available: number | null; // bit/s
  relayed: boolean;
  over: Measurement["over"];
  limited: Measurement["limited"];
  energy: number | null; // of the microphone's sound so far; null: the browser does not say
  taken: number | null; // pictures that the camera has given so far
}

type Reports = Record<string, unknown>[];

// `bits`: what the browser thinks it may send a second, 0 when it does not say.
export function reading(reports: Reports, bits: number, at: number): Reading {
  const now: Reading = {
    at, streams: new Map(), video: new Set(), down: 0, up: 0, sentLoss: 0, rtt: 0, jitter: 0, available: bits || null, relayed: relayed(reports),
    over: over(reports), limited: "", energy: null, taken: null,
  };
  for (const r of reports) {
    if (r.type === "inbound-rtp") {
      now.streams.set(String(r.id), {
        received: n(r.packetsReceived), lost: Math.max(0, n(r.packetsLost)), samples: n(r.totalSamplesReceived),
        // Silence that was never sent is made up too, and is no fault.
        concealed: Math.max(0, n(r.concealedSamples) - n(r.silentConcealedSamples)),
        decoded: n(r.framesDecoded), frozen: n(r.totalFreezesDuration),
      });
      if (r.kind === "video") now.video.add(String(r.id));
      now.down += n(r.bytesReceived);
      now.jitter = Math.max(now.jitter, n(r.jitter));
    } else if (r.type === "outbound-rtp") {
      now.up += n(r.bytesSent);
      if (r.qualityLimitationReason === "cpu") now.limited = "cpu"; // of layers the worst: bandwidth drops a layer, a slow device all
      else if (r.qualityLimitationReason === "bandwidth" && !now.limited) now.limited = "bandwidth";
    } else if (r.type === "media-source") {
      if (typeof r.totalAudioEnergy === "number") now.energy = (now.energy ?? 0) + r.totalAudioEnergy;
      if (typeof r.frames === "number") now.taken = (now.taken ?? 0) + r.frames;
    } else if (r.type === "remote-inbound-rtp") {
      now.sentLoss = Math.max(now.sentLoss, n(r.fractionLost));
      now.rtt = Math.max(now.rtt, n(r.roundTripTime));
    } else if (r.type === "candidate-pair" && r.nominated === true) {
      now.rtt = Math.max(now.rtt, n(r.currentRoundTripTime));
    }
  }
  return now;
}

export function summary(before: Reading, now: Reading): Measurement {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  let received = 0, lost = 0, samples = 0, concealed = 0, frozen = 0;
  let frames: number | null = null;
  for (const [id, stream] of now.streams) {
    const old = before.streams.get(id);
    if (!old) continue; // it has just begun
    const came = more(old.received, stream.received);
    received += came;
    lost += more(old.lost, stream.lost);
    samples += more(old.samples, stream.samples);
    concealed += more(old.concealed, stream.concealed);
    if (!now.video.has(id) || !came) continue; // pictures that rest stand still for a reason
    frames = Math.max(frames ?? 0, more(old.decoded, stream.decoded) / seconds);
    frozen = Math.max(frozen, more(old.frozen, stream.frozen) / seconds);
  }
  const rate = (from: number, to: number): number => Math.min(MOST_RATE, Math.round((more(from, to) * 8) / seconds / 1000));
  return {
    loss_up: share(now.sentLoss), loss_down: share(received + lost ? lost / (received + lost) : 0),
    rtt: time(now.rtt), jitter: time(now.jitter),
    concealed: share(samples ? concealed / samples : 0), frozen: share(frozen),
    frames: frames === null ? null : Math.min(MOST_FRAMES, Math.round(frames * 10) / 10),
    up: rate(before.up, now.up), down: rate(before.down, now.down),
    available: now.available === null ? null : Math.min(MOST_RATE, Math.round(now.available / 1000)),
    relayed: now.relayed, over: now.over, limited: now.limited,
    mic: now.energy === null || now.energy > 0 ? "" : "silent", // never the faintest sound, not even a room's
    camera: before.taken !== null && now.taken === before.taken ? "still" : "",
    hidden: false, battery: false, apart: false,
  };
}

// What the server takes.
const MOST_RATE = 1_000_000;
const MOST_FRAMES = 240;
const MOST_SECONDS = 60;

function n(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function more(before: number, now: number): number {
  return Math.max(0, now - before);
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

function time(value: number): number {
  return Math.round(Math.min(MOST_SECONDS, Math.max(0, value)) * 1000) / 1000;
}
