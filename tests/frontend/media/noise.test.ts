// When this page takes noise out of somebody's sound, and how sound of any length is worked on in frames of one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ours } from "@/noise/noise";
import { Frames, Waiting } from "@/noise/frames";

test("it is ours where the browser does it not or does not say, and where somebody wants it", () => {
  assert.equal(ours("automatic", true), false);
  assert.equal(ours("automatic", false), true);
  assert.equal(ours("automatic", undefined), true);
  assert.equal(ours("on", true), true);
  assert.equal(ours("off", undefined), false);
});

test("pieces of a frame's length come back at once, changed", () => {
  const frames = new Frames(4, (frame) => frame.forEach((x, i) => { frame[i] = -x; }));
  assert.deepEqual([...frames.through(Float32Array.of(1, 2, 3, 4))], [-1, -2, -3, -4]);
  assert.deepEqual([...frames.through(Float32Array.of(5, 6, 7, 8))], [-5, -6, -7, -8]);
});

test("of pieces of any other length nothing is lost, turned round or changed twice", () => {
  const frames = new Frames(4, (frame) => frame.forEach((x, i) => { frame[i] = x * 10; }));
  const heard: number[] = [];
  let next = 1;
  for (const length of [3, 3, 5, 1, 2, 7, 3, 4, 4]) {
    const piece = Float32Array.from({ length }, () => next++);
    const out = frames.through(piece);
    assert.equal(out.length, length);
    heard.push(...out);
  }
  const loud = heard.filter((x) => x !== 0);
  assert.deepEqual(loud, loud.map((_, i) => (i + 1) * 10));
  assert.ok(heard.length - loud.length <= 4);
});

const TEN = 10_000; // microseconds of a piece

// Pieces that come when they are due, from the nth on, by a clock that runs `by` times as fast.
function follow(waiting: Waiting, from: number, to: number, by = 1, late = 0): number {
  let gone = 0;
  for (let n = from; n < to; n++) gone += Number(waiting.late(n * TEN, TEN, n * 10 * by + late, 9));
  return gone;
}

test("sound that has waited more than 60 ms is let go, and what waited less is not", () => {
  const waiting = new Waiting();
  assert.equal(follow(waiting, 0, 100), 0);
  const late = Array.from({ length: 40 }, (_, n) => waiting.late((100 + n) * TEN, TEN, 1390, n ? 0 : 400));
  assert.equal(late.indexOf(false), 33); // 400 ms have come at once: those from the last 60 ms are worked on
  assert.ok(late.slice(33).every((one) => !one));
  assert.equal(waiting.dropped, 330);
  assert.equal(waiting.longest, 60);
});

test("what the browser's own queue let go of is counted", () => {
  const waiting = new Waiting();
  waiting.late(0, TEN, 0, 9);
  waiting.late(200_000, TEN, 200, 9);
  assert.equal(waiting.dropped, 190);
});

test("clocks that differ in speed let nothing be dropped in an hour", () => {
  assert.equal(follow(new Waiting(), 0, 360_000, 1.0003), 0);
});

test("a microphone that comes later from now on is heard: nothing has queued", () => {
  const waiting = new Waiting();
  follow(waiting, 0, 100);
  assert.equal(follow(waiting, 100, 200, 1, 300), 0);
});

test("a microphone that comes later and in lumps is silent for half a second and not for good", () => {
  const waiting = new Waiting();
  follow(waiting, 0, 20);
  const gone = Array.from({ length: 200 }, (_, n) => waiting.late((20 + n) * TEN, TEN, (20 + n) * 10 + 300, n % 2 ? 0 : 19));
  assert.equal(gone.filter(Boolean).length, 50);
  assert.equal(gone.lastIndexOf(true), 49);
});
