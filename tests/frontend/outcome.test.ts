import { test } from "node:test";
import assert from "node:assert/strict";
import { emptyOutcome, emptyTerm, isProblem, outcomeOf, recovered, yuan, type OutcomeDraft } from "@/cockpit/outcome";
import { dayAndTime, duration, longDuration, money, ordinal, sentence, speak, t, wallToUtc } from "@/words";

const TERM = { ...emptyTerm(1), action: "退还剩余积分款", amount: "2,000", due: "2026-07-03T17:00", how: "原路退回" };
const draft = (change: Partial<OutcomeDraft>): OutcomeDraft => ({ ...emptyOutcome(), ...change });

test("amounts are read as people write them and never rounded", () => {
  assert.deepEqual(["2000", "2,000", "￥2000.5", "0.07", " 12，345.60 "].map(yuan), ["2000.00", "2000.00", "2000.50", "0.07", "12345.60"]);
  assert.deepEqual(["", "2.005", "-1", "two", "1e3", "1.2.3"].map(yuan), [null, null, null, null, null, null]);
});

test("a settlement becomes terms in the office's time, and what the business pays is recovered", () => {
  speak("zh", {}, "Asia/Shanghai");
  const made = outcomeOf(draft({ terms: [TERM, { ...TERM, id: 2, who: "consumer", amount: "5" }, { ...TERM, id: 3, amount: "0.10" }] }));
  assert.ok(!isProblem(made));
  if (isProblem(made)) return;
  assert.deepEqual(made.terms[0], {
    who: "business", action: "退还剩余积分款", amount: "2000.00", due: "2026-07-03T09:00:00Z", how: "原路退回", performance: "later",
  });
  assert.equal(made.loss_recovered, "2000.10");
});

test("a promise done on the spot needs no date, and one without money has no amount", () => {
  const made = outcomeOf(draft({ terms: [{ ...TERM, amount: "", due: "", performance: "on_the_spot" }] }));
  assert.ok(!isProblem(made) && made.terms[0]?.due === null && made.terms[0].amount === null);
});

test("what is missing is named with its promise", () => {
  const problem = (change: Partial<typeof TERM>) => outcomeOf(draft({ terms: [TERM, { ...TERM, ...change }] }));
  assert.deepEqual(problem({ action: " " }), { field: "action", term: 2 });
  assert.deepEqual(problem({ amount: "viel" }), { field: "amount", term: 2 });
  assert.deepEqual(problem({ due: "" }), { field: "due", term: 2 });
  assert.deepEqual(outcomeOf(draft({ kind: "ended" })), { field: "ground", term: 0 });
  assert.deepEqual(outcomeOf(draft({ kind: "adjourned" })), { field: "adjourned_to", term: 0 });
});

test("another kind of result carries no terms along", () => {
  const made = outcomeOf(draft({ kind: "not_settled", terms: [TERM], note: " 各执一词 " }));
  assert.ok(!isProblem(made) && made.terms.length === 0 && made.loss_recovered === "0.00" && made.note === "各执一词");
  assert.equal(recovered(draft({ terms: [] })), "0.00");
});

test("wall-clock time is the office's, wherever the browser is", () => {
  speak("en", {}, "Europe/Berlin");
  assert.equal(wallToUtc("2026-07-01T10:00"), "2026-07-01T08:00:00Z");
  assert.equal(wallToUtc("2026-12-01T10:00"), "2026-12-01T09:00:00Z");
  assert.equal(wallToUtc("soon"), null);
  assert.ok(dayAndTime("2026-12-01T09:00:00Z").includes("10:00"));
});

test("times and money are written as the pages write them", () => {
  assert.deepEqual([0, 61_000, 766_000, 3_723_000].map(duration), ["0:00", "1:01", "12:46", "1:02:03"]);
  assert.equal(longDuration(766_000), "00:12:46");
  assert.deepEqual(["0.00", "2000.00", "1234567.5"].map(money), ["¥0.00", "¥2,000.00", "¥1,234,567.50"]);
});

test("the most particular sentence for an error is taken, and its blanks are filled", () => {
  speak("zh", { "error.bad_outcome": "结果不对", "error.bad_outcome.due": "第{term}条的日期", "error.unknown": "没有成功", "Hello {name}": "您好{name}" }, "");
  assert.equal(sentence("bad_outcome", { problem: "due", term: 2 }), "第2条的日期");
  assert.equal(sentence("bad_outcome", { problem: "other" }), "结果不对");
  assert.equal(sentence("never_heard_of"), "没有成功");
  assert.equal(t("Hello {name}", { name: "<b>" }), "您好<b>");
  assert.equal(ordinal(3), "（三）");
});
