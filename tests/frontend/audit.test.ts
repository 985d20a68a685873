// What the record's player plays at a moment, and what it says where there is nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { named } from "@/shortcuts";
import { clamp, cuesAt, mmss, order, phaseAt, spot, why, type Strand } from "@/record/reel";

const ding: Strand = {
  who: "c", name: "丁小禾", role: "consumer",
  pieces: [["/a", 2, 30, true], ["/b", 30.1, 60, false], ["/c", 90, 120, true]],
  holes: [[0, 2, "mic", "starting"], [30, 60, "camera", "the camera was off"], [60, 75, "mic", "recess"], [75, 90, "mic", "cut off"]],
};

test("a moment inside a piece is played from that piece", () => {
  assert.deepEqual(spot(ding, 10, 120), { kind: "piece", src: "/a", start: 2, end: 30, picture: true });
});

test("a seam between two files is not missed", () => {
  const here = spot(ding, 30, 120);
  assert.equal(here.kind === "piece" && here.src, "/b");
});

test("what is missing says why, and when it goes on", () => {
  assert.deepEqual(spot(ding, 60, 120), { kind: "gap", until: 90, why: "recess", last: false });
  assert.deepEqual(spot(ding, 80, 120), { kind: "gap", until: 90, why: "cut off", last: false });
  assert.deepEqual(spot(ding, 0, 120), { kind: "gap", until: 2, why: "starting", last: false });
});

test("after the last piece nothing comes until the end", () => {
  assert.deepEqual(spot(ding, 130, 200), { kind: "gap", until: 200, why: "", last: true });
});

test("who was never recorded is one gap", () => {
  const nobody = { ...ding, pieces: [], holes: [[0, 120, "mic", "no consent"]] } as Strand;
  assert.deepEqual(spot(nobody, 50, 120), { kind: "gap", until: 120, why: "no consent", last: true });
});

test("the picture may be missing while the sound is there", () => {
  assert.equal(why(ding, 40, "camera"), "the camera was off");
  assert.equal(why(ding, 40, "mic"), "");
});

test("captions and phases are those of the moment", () => {
  assert.deepEqual(cuesAt([[0, 4, "opening"], [3, 6, "hello"]], 3.5), ["opening", "hello"]);
  assert.deepEqual(cuesAt([[0, 4, "opening"]], 4), []);
  assert.equal(phaseAt([[0, "opening"], [60, "discussion"]], 59.9), "opening");
  assert.equal(phaseAt([[5, "opening"]], 1), "");
});

test("times stay within the recording and read as clocks", () => {
  assert.deepEqual([clamp(-3, 10), clamp(11, 10), clamp(NaN, 10)], [0, 10, 0]);
  assert.deepEqual([mmss(0), mmss(65.9), mmss(4000)], ["00:00", "01:05", "66:40"]);
});

test("the keys are those of the help", () => {
  assert.deepEqual(order("J"), { kind: "by", seconds: -10 });
  assert.deepEqual(order("."), { kind: "frame", way: 1 });
  assert.deepEqual(order(">"), { kind: "speed", way: 1 });
  assert.equal(order("x"), null);
  assert.equal(order("Tab"), null);
});

test("a key is known with Alt also where Alt types another sign, as on a Mac", () => {
  assert.deepEqual([named("n", "KeyN", false), named("N", "KeyN", true)], ["n", "n"]);
  assert.deepEqual([named("Dead", "KeyN", false), named("¡", "Digit1", false)], ["n", "1"]);
  assert.deepEqual([named("≥", "Period", false), named("˘", "Period", true)], [".", ">"]);
  assert.deepEqual([named("ArrowLeft", "ArrowLeft", false), named("Alt", "AltLeft", false)], [null, null]);
});
