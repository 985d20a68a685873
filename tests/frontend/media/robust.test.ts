import { test } from "node:test";
import assert from "node:assert/strict";
import { Robust, room } from "@/media/robust";

// The last of so many measurements alike.
function after(robust: Robust, times: number, loss: number, bits: number): string {
  for (let n = 1; n < times; n += 1) robust.judge(loss, bits, 0.1);
  return robust.judge(loss, bits, 0.1);
}

test("sound is repeated while packets are lost, and plain again when they no longer are", () => {
  const robust = new Robust();
  assert.equal(robust.judge(0, 500_000, 0.1), "plain");
  assert.equal(after(robust, 5, 0.06, 500_000), "redundant");
  assert.equal(robust.judge(0, 500_000, 0.1), "redundant", "one good measurement is no good network");
  assert.equal(after(robust, 10, 0, 500_000), "plain");
});

test("one bad measurement alone repeats nothing", () => {
  assert.equal(new Robust().judge(0.05, 500_000, 0.1), "plain");
});

test("sound is thin where even that waits in a queue, and stays so until there is room again", () => {
  const robust = new Robust();
  assert.equal(after(robust, 5, 0.2, 80_000), "redundant", "nobody needs more of us, but the line is not full");
  assert.equal(robust.judge(0.2, 80_000, 0.5), "thin");
  assert.equal(robust.judge(0, 100_000, 0.1), "thin", "the queue is empty because it is thin");
  assert.equal(after(robust, 9, 0, 110_000), "plain");
});

test("without a word on how much may be sent only loss counts", () => {
  const robust = new Robust();
  assert.equal(after(robust, 5, 0.1, 0), "redundant");
});

test("room is what the nominated pair says", () => {
  const reports = [
    { type: "candidate-pair", nominated: false, availableOutgoingBitrate: 1 },
    { type: "candidate-pair", nominated: true, availableOutgoingBitrate: 90_000 },
  ];
  assert.equal(room(reports), 90_000);
  assert.equal(room([{ type: "inbound-rtp" }]), 0);
});
