// Which devices may hide what is behind somebody, how it is made unreadable, and when it is too much for a device.
import assert from "node:assert/strict";
import { test } from "node:test";
import { judged } from "@/background/looks";
import { Pace } from "@/background/pace";
import { fitted, HIGH, opacity, softened, steady, WIDE } from "@/background/softening";

test("a weak phone is spared, a weak computer is tried", () => {
  assert.equal(judged({ runs: true, touch: true, cores: 2, memory: 0 }), "weak");
  assert.equal(judged({ runs: true, touch: true, cores: 8, memory: 2 }), "weak");
  assert.equal(judged({ runs: true, touch: true, cores: 8, memory: 4 }), "yes");
  assert.equal(judged({ runs: true, touch: true, cores: 0, memory: 0 }), "yes");
  assert.equal(judged({ runs: true, touch: false, cores: 2, memory: 2 }), "yes");
  assert.equal(judged({ runs: false, touch: false, cores: 16, memory: 8 }), "no");
});

function frames(pace: Pace, spent: number, apart: number, count: number, from = 0): boolean {
  let slow = false;
  for (let n = 0; n < count; n++) slow = pace.take(spent, from + n * apart) || slow;
  return slow;
}

test("where frames cost much somebody is looked for less often, and more often again when they cost little", () => {
  const pace = new Pace();
  assert.equal(frames(pace, 30, 50, 100), false);
  assert.equal(pace.every, 4);
  assert.equal(frames(pace, 5, 50, 100, 5000), false);
  assert.equal(pace.every, 2);
});

test("a device that loses frames for long is too slow, one that stumbles is not", () => {
  assert.equal(frames(new Pace(), 120, 125, 300), true);
  const pace = new Pace();
  assert.equal(frames(pace, 120, 125, 120), false);
  assert.equal(frames(pace, 5, 50, 60, 20_000), false);
});

test("a picture lies unstretched in what the model looks at, a phone's upright too", () => {
  assert.deepEqual(fitted(640, 360), { wide: 256, high: 144 });
  assert.deepEqual(fitted(360, 640), { wide: 81, high: 144 });
});

test("stripes behind somebody become one colour, and somebody's own colour does not run into it", () => {
  const pixels = new Uint8ClampedArray(WIDE * HIGH * 4);
  const mask = new Float32Array(WIDE * HIGH);
  for (let i = 0; i < mask.length; i++) {
    const x = i % WIDE, somebody = x > 100 && x < 156;
    mask[i] = somebody ? 1 : 0;
    pixels.set(somebody ? [255, 0, 0, 255] : x % 8 < 4 ? [0, 0, 0, 255] : [0, 200, 200, 255], i * 4);
  }
  const soft = softened(pixels, mask, WIDE, HIGH);
  assert.deepEqual([soft.wide, soft.high], [64, 36]);
  const row = Array.from({ length: 64 }, (_, x) => Array.from(soft.data.subarray((18 * 64 + x) * 4, (18 * 64 + x) * 4 + 4)));
  for (const [x, [red, green, , alpha]] of row.entries()) {
    assert.equal(alpha, 255);
    if (x < 20) assert.ok(Math.abs(green! - 100) < 60, `${x}: ${green}`);
    if (x < 24 || x > 40) assert.ok(red! < 20, `${x}: ${red}`);
  }
  assert.ok(Math.max(...row.slice(4, 20).map(([, green]) => green!)) - Math.min(...row.slice(4, 20).map(([, green]) => green!)) < 45);
});

test("nothing is shown of what was not yet looked at, and edges do not flicker", () => {
  const mask = new Float32Array(4);
  assert.deepEqual(Array.from(mask, opacity), [0, 0, 0, 0]);
  steady(mask, [1, 1, 0, 0]);
  assert.ok(opacity(mask[0]!) > 0.5 && opacity(mask[0]!) < 1);
  steady(mask, [1, 0, 0, 0]);
  assert.equal(opacity(mask[0]!), 1);
  assert.equal(opacity(mask[2]!), 0);
});
