import { test } from "node:test";
import assert from "node:assert/strict";
import { withDevices } from "@/media/condition";
import { advice, because, bits, explain, plea, side } from "@/room/explain";
import { reading, summary } from "@/media/statistics";
import type { Finding, Measurement } from "@/room/wire";
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

test("what limits our picture, what carries it, a dead microphone and a camera that stands still are told", () => {
  const at = (frames: number, energy: number) => [
    { type: "outbound-rtp", bytesSent: 1, qualityLimitationReason: "bandwidth" }, { type: "outbound-rtp", bytesSent: 1, qualityLimitationReason: "cpu" },
    { type: "media-source", kind: "video", frames }, { type: "media-source", kind: "audio", totalAudioEnergy: energy },
    { type: "transport", selectedCandidatePairId: "p" }, { type: "candidate-pair", id: "p", localCandidateId: "c" },
    { type: "local-candidate", id: "c", candidateType: "relay", protocol: "udp", relayProtocol: "tls" },
  ];
  const bad = between(at(50, 0), at(50, 0));
  assert.deepEqual([bad.limited, bad.over, bad.relayed, bad.mic, bad.camera], ["cpu", "tls", true, "silent", "still"]);
  const good = between(at(50, 0), at(90, 0.01));
  assert.deepEqual([good.mic, good.camera], ["", ""]);
  const untold = between([], []);
  assert.deepEqual([untold.limited, untold.over, untold.mic, untold.camera], ["", "", "", ""]);
});

test("who muted themselves is not silent by a fault, and what a call took is", () => {
  const silent = { ...between([], []), mic: "silent" as const, camera: "still" as const };
  const told = (change: Partial<Parameters<typeof withDevices>[1]>, muted = false, power = { level: 1, charging: false }) =>
    withDevices(silent, { mode: "video", mic: "ready", camera: "on", sound: "", ...change }, muted, false, power);
  assert.deepEqual([told({}).mic, told({}).camera, told({}).battery], ["silent", "still", false]);
  assert.equal(told({}, true).mic, "off");
  assert.deepEqual([told({}).apart, told({ sound: "other" }).apart, told({ sound: "apart" }).apart], [false, false, true]);
  assert.deepEqual([told({ mic: "busy" }, true).mic, told({ camera: "refused" }).camera, told({ camera: "off" }).camera], ["muted", "gone", "off"]);
  assert.equal(told({ mode: "text", mic: "missing" }).mic, "off");
  assert.deepEqual([told({}, false, { level: 0.1, charging: false }).battery, told({}, false, { level: 0.1, charging: true }).battery], [true, false]);
});

test("for everything that is found there is a reason, a suggestion and two words; a plea only where somebody can do something", () => {
  const findings: Finding[] = ["server", "mic_gone", "mic_muted", "loss_up", "narrow_up", "delay", "echo", "loss_down", "narrow_down", "cpu", "mic_silent", "camera_gone", "camera_muted", "camera_still", "hidden", "battery"];
  for (const finding of findings) {
    assert.ok(because("李", finding).length > 0 && advice(finding).startsWith("Suggestion") && side(finding));
    assert.equal(plea(finding) === "", finding === "server" || finding === "delay");
  }
  assert.deepEqual([because("李", ""), advice(""), plea(""), side("")], ["", "", "", ""]);
});
