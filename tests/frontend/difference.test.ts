import { test } from "node:test";
import assert from "node:assert/strict";
import { difference, type Stretch } from "@/room/difference";

const shown = (stretches: Stretch[]): string =>
  stretches.map(({ kind, text }) => (kind === "del" ? `[-${text}-]` : kind === "ins" ? `[+${text}+]` : text)).join("");

test("what went stands before what came, and what stayed is not marked", () => {
  assert.equal(shown(difference("在2026年7月10日前退回。", "在2026年7月3日前退回。")), "在2026年7月[-10-][+3+]日前退回。");
});

test("a sum is crossed out as a whole, in figures and in capital numerals", () => {
  assert.equal(
    shown(difference("支付2,360.00元（大写：贰仟叁佰陆拾元整）。", "支付2,000.00元（大写：贰仟元整）。")),
    "支付[-2,360.00-][+2,000.00+]元（大写：[-贰仟叁佰陆拾元整-][+贰仟元整+]）。");
});

test("a single sign between two changes is no common ground", () => {
  assert.equal(shown(difference("甲方和乙方", "丙方和丁方")).includes("方和"), true);
  assert.equal(shown(difference("ab c", "xy c")), "[-ab-][+xy+] c");
});

test("either text can be put together again from what is shown", () => {
  const texts = ["", "甲", "甲乙丙丁", "丁丙乙甲", "2,000.00元", "双方再无其他争议。", "双方就本次消费再无其他争议，互不追究。"];
  for (const before of texts) {
    for (const after of texts) {
      const stretches = difference(before, after);
      const without = (kind: string): string => stretches.filter((each) => each.kind !== kind).map((each) => each.text).join("");
      assert.equal(without("ins"), before);
      assert.equal(without("del"), after);
    }
  }
});

test("two very long texts are shown as replaced rather than compared", () => {
  const stretches = difference("甲乙".repeat(900), "丙丁".repeat(900));
  assert.deepEqual(stretches.map((each) => each.kind), ["del", "ins"]);
});
