import { test } from "node:test";
import assert from "node:assert/strict";
import { Robust, room } from "@/robust";

// The last of so many measurements alike.
function after(robust: Robust, times: number, loss: number, bits: number): string {
  for (let n = 1; n < times; n += 1) robust.judge(loss, bits);
  return robust.judge(loss, bits);
}

test("sound is repeated while packets are lost, and plain again when they no longer are", () => {
  const robust = new Robust();
  assert.equal(robust.judge(0, 500_000), "plain");
  assert.equal(after(robust, 5, 0.06, 500_000), "redundant");
  assert.equal(robust.judge(0, 500_000), "redundant", "one good measurement is no good network");
  assert.equal(after(robust, 10, 0, 500_000), "plain");
});

test("one bad measurement alone repeats nothing", () => {
  assert.equal(new Robust().judge(0.05, 500_000), "plain");
});

test("what doubles the sound is not done where there is no room for it", () => {
  const robust = new Robust();
  after(robust, 5, 0.2, 500_000);
  assert.equal(robust.judge(0.2, 95_000), "redundant");
  assert.equal(robust.judge(0.2, 80_000), "thin");
  assert.equal(robust.judge(0, 100_000), "thin", "nor does it flap");
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
