import { test } from "node:test";
import assert from "node:assert/strict";
import { bits, explain } from "@/room/explain";
import { reading, summary } from "@/media/statistics";
import type { Measurement } from "@/room/wire";
import { seat } from "./scene";

const mic = (change: Record<string, unknown> = {}) => ({ type: "inbound-rtp", id: "a", kind: "audio", ...change });
const camera = (change: Record<string, unknown> = {}) => ({ type: "inbound-rtp", id: "v", kind: "video", ...change });
const between = (before: Record<string, unknown>[], now: Record<string, unknown>[], seconds = 4): Measurement =>
  summary(reading(before, 0, 0), reading(now, 0, seconds * 1000));

test("only what happened between two readings counts, and only of what was there before", () => {
  const measured = between(
    [mic({ packetsReceived: 100, packetsLost: 50, bytesReceived: 1000 })],
    [mic({ packetsReceived: 280, packetsLost: 70, bytesReceived: 21_000 }), camera({ packetsReceived: 5, packetsLost: 5, bytesReceived: 0 })],
  );
  assert.equal(measured.loss_down, 0.1);
  assert.equal(measured.down, 40);
});

test("the server's word on what is sent, the nominated path's round trip and the way are taken over", () => {
  const now = reading([
    { type: "remote-inbound-rtp", fractionLost: 0.08 },
    { type: "candidate-pair", id: "p", nominated: true, currentRoundTripTime: 0.12, localCandidateId: "c", selected: true },
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
    { type: "local-candidate", id: "c", candidateType: "relay" },
    { type: "outbound-rtp", bytesSent: 50_000 },
  ], 300_000, 4000);
  const measured = summary(reading([], 0, 0), now);
  assert.deepEqual([measured.loss_up, measured.rtt, measured.relayed, measured.up, measured.available], [0.08, 0.12, true, 100, 300]);
});

test("sound that was made up is a fault, silence that was never sent is none", () => {
  const at = (totalSamplesReceived: number, concealedSamples: number, silentConcealedSamples: number) =>
    [mic({ totalSamplesReceived, concealedSamples, silentConcealedSamples })];
  assert.equal(between(at(0, 0, 0), at(48_000, 24_000, 24_000)).concealed, 0);
  assert.equal(between(at(0, 0, 0), at(48_000, 24_000, 19_200)).concealed, 0.1);
});

test("pictures that rest are neither frozen nor slow", () => {
  const at = (packetsReceived: number, framesDecoded: number, totalFreezesDuration: number) =>
    [camera({ packetsReceived, framesDecoded, totalFreezesDuration })];
  const moving = between(at(0, 0, 0), at(100, 50, 1));
  assert.deepEqual([moving.frames, moving.frozen], [12.5, 0.25]);
  const resting = between(at(100, 50, 1), at(100, 50, 4));
  assert.deepEqual([resting.frames, resting.frozen], [null, 0]);
});

test("whatever a browser says, the figures stay within what the server takes", () => {
  const measured = between([], [
    { type: "remote-inbound-rtp", fractionLost: 7 }, { type: "candidate-pair", nominated: true, currentRoundTripTime: Number.NaN },
    { type: "inbound-rtp", id: "a", jitter: 1e9, packetsLost: -5 }, { type: "outbound-rtp", bytesSent: 1e15 },
  ]);
  assert.deepEqual([measured.loss_up, measured.rtt, measured.jitter, measured.up], [1, 0, 60, 1_000_000]);
});

test("the mediator reads what is wrong and what was done about it", () => {
  const fine = between([], []);
  assert.deepEqual(explain(seat("consumer"), fine), ["Nothing is wrong with their connection."]);
  assert.deepEqual(explain(seat("consumer", { paused: ["from"] }), { ...fine, loss_up: 0.08 }),
    ["8 % of what they send is lost on the way.", "Sound comes first: their picture rests."]);
  assert.equal(explain(seat("consumer"), { ...fine, rtt: 0.4, concealed: 0.1, frozen: 0.5, loss_down: 0.2 }).length, 4);
  assert.equal(explain(seat("consumer", { status: "reconnecting" }), { ...fine, loss_up: 0.5 }).length, 1);
  assert.equal(explain(seat("consumer"), undefined).length, 1);
  assert.deepEqual([bits(85), bits(1400)], ["85 kbit/s", "1.4 Mbit/s"]);
});
