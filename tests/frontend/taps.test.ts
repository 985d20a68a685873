// Fingers on a picture, told apart.
import { test } from "node:test";
import assert from "node:assert/strict";
import { Taps } from "@/exhibits/taps";

function at(x: number, y: number, timeStamp = 0, pointerId = 1): PointerEvent {
  return { clientX: x, clientY: y, pointerId, timeStamp, currentTarget: null, type: "pointerup" } as unknown as PointerEvent;
}

test("two taps at one place are told from two taps far apart, and from two slow ones", () => {
  const tap = (taps: Taps, x: number, time: number): string => {
    taps.down(at(x, 10, time));
    return taps.up(at(x, 10, time));
  };
  const taps = new Taps();
  assert.equal(tap(taps, 10, 1000), "once");
  assert.equal(tap(taps, 12, 1200), "twice");
  assert.equal(tap(taps, 12, 1300), "once"); // a third begins anew
  assert.equal(tap(taps, 200, 1400), "once");
  assert.equal(tap(taps, 200, 2400), "once");
});

test("a drag is no tap and says how far it went", () => {
  const taps = new Taps();
  assert.equal(taps.move(at(0, 0)), null);
  taps.down(at(10, 10));
  assert.deepEqual(taps.move(at(40, 20)), { dx: 30, dy: 10, by: 1 });
  assert.equal(taps.up(at(40, 20)), "");
});

test("two fingers that move apart bring it nearer, and neither is a tap", () => {
  const taps = new Taps();
  taps.down(at(0, 0, 0, 1));
  taps.down(at(100, 0, 0, 2));
  assert.equal(taps.many, true);
  assert.equal(taps.move(at(200, 0, 0, 2))?.by, 2);
  assert.equal(taps.up(at(200, 0, 50, 2)), "");
  assert.equal(taps.up(at(0, 0, 60, 1)), "");
});
