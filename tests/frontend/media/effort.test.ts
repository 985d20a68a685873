// When a device takes less of a picture from its camera, and when as much as before again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Effort, limited } from "@/media/effort";

const CALM = { busy: false, battery: false }, BUSY = { busy: true, battery: false }, LOW = { busy: false, battery: true };

function readings(effort: Effort, strain: typeof CALM, count: number): number {
  for (let n = 0; n < count; n++) effort.judge(strain);
  return effort.step;
}

test("one busy moment changes nothing, a busy while a step, a longer one two, and never more", () => {
  const effort = new Effort();
  assert.equal(readings(effort, BUSY, 1), 0);
  assert.equal(readings(effort, CALM, 1), 0);
  assert.equal(readings(effort, BUSY, 2), 1);
  assert.equal(readings(effort, BUSY, 2), 2);
  assert.equal(readings(effort, BUSY, 20), 2);
});

test("it comes back a step at a time, each after a calm minute", () => {
  const effort = new Effort();
  readings(effort, BUSY, 4);
  assert.equal(readings(effort, CALM, 14), 2);
  assert.equal(readings(effort, CALM, 1), 1);
  assert.equal(readings(effort, CALM, 14), 1);
  assert.equal(readings(effort, CALM, 1), 0);
});

test("a low battery is spared at once and for as long as it is low", () => {
  const effort = new Effort();
  assert.equal(readings(effort, LOW, 1), 1);
  assert.equal(readings(effort, { busy: true, battery: true }, 2), 2);
  assert.equal(readings(effort, LOW, 60), 1);
  assert.equal(readings(effort, CALM, 1), 0);
});

test("the encoder says when the processor gives no more; a narrow line is something else", () => {
  assert.equal(limited([{ type: "outbound-rtp", kind: "video", qualityLimitationReason: "cpu" }]), true);
  assert.equal(limited([{ type: "outbound-rtp", kind: "video", qualityLimitationReason: "bandwidth" }]), false);
  assert.equal(limited([{ type: "inbound-rtp", kind: "video", qualityLimitationReason: "cpu" }]), false);
});
