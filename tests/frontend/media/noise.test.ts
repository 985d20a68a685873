// When this page takes noise out of somebody's sound, and how sound of any length is worked on in frames of one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ours } from "@/noise/noise";
import { Frames } from "@/noise/frames";

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
