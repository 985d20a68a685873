import { test } from "node:test";
import assert from "node:assert/strict";
import { dayMeant, editing, emptyClause, fromTemplate, rephrased, toPut } from "@/cockpit/agreement/form";
import { yuan } from "@/cockpit/outcome";
import { agreedByMe, nextOpen, toAnswer, voidsSigning } from "@/room/drafting";
import { NO_DRAFT } from "@/room/state";
import type { Clause, Draft, Fact, SideAnswer, View } from "@/room/wire";
import { numeral, speak, utcToWall, wallToUtc } from "@/words";
import { happening, seen, started, view } from "./scene";

const yes: SideAnswer = { seat: "consumer", agrees: true, reason: "", confided: "", at: "2026-06-24T02:00:00Z" };

function clause(number: number, change: Partial<Clause> = {}): Clause {
  return {
    id: `c${number}`, number, edition: 1, heading: "", text: "甲。", before: "", plain: "", gloss: "", term: null, voided: [], asked: false,
    queries: [], sides: { consumer: null, business: null }, ...change,
  };
}

function draft(change: Partial<Draft>): Draft {
  return { ...NO_DRAFT, standing: "decides", ...change };
}

test("clauses are numbered as Chinese texts number them", () => {
  assert.deepEqual([1, 2, 9, 10, 11, 20, 21, 40].map(numeral), ["一", "二", "九", "十", "十一", "二十", "二十一", "四十"]);
});

test("a party is led to what they have not answered, and one who only reads is led nowhere", () => {
  const clauses = [clause(1, { sides: { consumer: yes, business: null } }), clause(2), clause(3, { sides: { consumer: { ...yes, agrees: false }, business: null } })];
  const now = view("consumer", { draft: draft({ clauses }) });
  assert.deepEqual(toAnswer(now).map((each) => each.id), ["c2"]);
  assert.equal(agreedByMe(now), 1);
  assert.deepEqual(toAnswer(view("consumer", { draft: draft({ clauses, standing: "principal" }) })), []);
});

test("the mediator is led to the first clause that a side has not agreed to", () => {
  const clauses = [clause(1), clause(2), clause(3)];
  assert.equal(nextOpen(draft({ clauses, missing: [{ clause: "c3", side: "business" }, { clause: "c2", side: "consumer" }] }))?.id, "c2");
  assert.equal(nextOpen(draft({ clauses }))?.id, undefined);
});

test("asked about a clause, a party's phone opens it, unless they are in the middle of something", () => {
  const now = view("consumer", { draft: draft({ clauses: [clause(1)] }) });
  const asked = [happening("ConfirmationAsked", { clause: "c1", edition: 1 })];
  const open = seen(started(now), now, 2, asked);
  assert.deepEqual([open.sheet, open.about], ["clauses", "c1"]);
  assert.equal(seen({ ...started(now), sheet: "chat" }, now, 2, asked).sheet, "chat");
  const desk = view("mediator", { draft: now.draft });
  assert.equal(seen(started(desk), desk, 2, asked).sheet, "none");
});

test("generated words replace generated ones and never what somebody wrote", () => {
  const made = { heading: "付款", text: "应付。", plain: "白话", gloss: "pays" };
  assert.equal(rephrased(emptyClause(), made).text, "应付。");
  assert.equal(rephrased({ ...emptyClause(), byHand: true, text: "我写的。" }, made).text, "我写的。");
});

test("a promise that nobody reworded is sent without its words, and reworded with them", () => {
  speak("zh", {}, "Asia/Shanghai");
  const base = emptyClause();
  const promise = { ...base, term: { ...base.term, action: "退款", amount: "2,000", due: "2026-07-03T17:00" }, text: "生成的。" };
  assert.deepEqual(toPut(promise), {
    clause: "", edition: 0, text: "", plain: "", gloss: "", heading: "",
    term: { who: "business", action: "退款", amount: "2000.00", due: "2026-07-03T09:00:00Z", how: "", performance: "later" },
  });
  const put = toPut({ ...promise, byHand: true });
  assert.ok(!("field" in put) && put.text === "生成的。");
  assert.deepEqual(toPut({ ...promise, term: { ...promise.term, due: "" } }), { field: "due", term: 1 });
  assert.deepEqual(toPut(emptyClause("free")), { field: "text", term: 0 });
});

test("what is edited comes back as it was, its day in the office's time", () => {
  speak("zh", {}, "Asia/Shanghai");
  const term = { who: "consumer" as const, action: "撤回差评", amount: null, due: "2026-07-03T09:00:00.000000Z", how: "", performance: "later" as const };
  const held = editing(clause(1, { term, edition: 4 }));
  assert.deepEqual([held.edition, held.kind, held.term.due, held.term.amount], [4, "promise", "2026-07-03T17:00", ""]);
  assert.equal(wallToUtc(utcToWall("2026-07-03T09:00:00Z")), "2026-07-03T09:00:00Z");
});

test("a day is read as a mediator says it, to the end of that day", () => {
  const read = (typed: string): string | null => dayMeant(typed, "2026-11-30");
  for (const [typed, day] of [
    ["7", "2026-12-07"], ["7天", "2026-12-07"], ["7天内", "2026-12-07"], ["in 7 days", "2026-12-07"], ["15日内", "2026-12-15"], ["今天", "2026-11-30"],
    ["明天", "2026-12-01"], ["月底", "2026-11-30"], ["end of month", "2026-11-30"], ["下月底", "2026-12-31"], ["年底", "2026-12-31"],
    ["2030-07-10", "2030-07-10"], ["2030年7月10日", "2030-07-10"], ["12月5日", "2026-12-05"], ["7-10", "2027-07-10"], ["month", "2026-11-30"],
  ] as const) assert.equal(read(typed), `${day}T23:59`, typed);
  for (const typed of ["", "很快", "2月30日", "13-1", "99999天"]) assert.equal(read(typed), null, typed);
});

test("a template begins a clause with what is known of the complaint", () => {
  const known = { goods: "电热水壶", amount: "199.00", consumer: "丁小禾", business: "某店", today: "2026-11-30" };
  const promise = { zh: "退货退款", en: "", who: "business", action: "退还{goods}货款", amount: "asked", due: "7", how: "原路退回" } as const;
  const made = fromTemplate(promise, known);
  assert.deepEqual([made.kind, made.term.action, made.term.amount, made.term.due, made.term.performance], ["promise", "退还电热水壶货款", "199.00", "2026-12-07T23:59", "later"]);
  assert.equal(fromTemplate({ ...promise, due: "" }, known).term.performance, "on_the_spot");
  assert.equal(fromTemplate({ ...promise, amount: "open" }, known).term.amount, "");
  assert.equal(fromTemplate({ ...promise }, { ...known, goods: "" }).term.action, "退还货款");
  const words = fromTemplate({ zh: "道歉", en: "", text: "{business}向{consumer}致歉。" }, known);
  assert.deepEqual([words.kind, words.text, words.heading], ["free", "某店向丁小禾致歉。", "道歉"]);
});

test("an amount is read as it is said", () => {
  assert.deepEqual(["2,000", "￥2000", "1.5万", "3千元", "0.2万", "两千", "1.234.5"].map(yuan), ["2000.00", "2000.00", "15000.00", "3000.00", "2000.00", null, null]);
});

test("what changes a text that lies there to be signed is known beforehand, and nothing else is asked about", () => {
  const signing = { state: "open", signers: [] } as unknown as View["signing"];
  const fact = (id: string, business: boolean): Fact => ({
    id, number: 1, edition: 1, text: "甲", before: "", voided: [], sides: { consumer: yes, business: business ? yes : null },
  }) as unknown as Fact;
  const now = view("business", { signing, draft: draft({ clauses: [clause(1)], facts: [fact("f1", true), fact("f2", false)], waived: ["consumer"] }) });
  assert.ok(voidsSigning(now, "restore_clause", { clause: "c9" }));
  assert.ok(voidsSigning(now, "move_clause", { clause: "c1", number: 2 }));
  assert.ok(voidsSigning(now, "answer_clause", { clause: "c1", edition: 1, agrees: false }));
  assert.ok(!voidsSigning(now, "answer_clause", { clause: "c1", edition: 1, agrees: true }));
  assert.ok(voidsSigning(now, "remove_fact", { fact: "f1", edition: 1 }));
  assert.ok(!voidsSigning(now, "remove_fact", { fact: "f2", edition: 1 }));
  assert.ok(voidsSigning(now, "answer_fact", { fact: "f2", edition: 1, agrees: true }));
  assert.ok(!voidsSigning(now, "answer_fact", { fact: "f2", edition: 1, agrees: false }));
  assert.ok(voidsSigning(now, "waive_agreement", { waived: true }));
  assert.ok(!voidsSigning(now, "waive_agreement", { waived: false }));
  assert.ok(voidsSigning(now, "close", { anyway: "" }));
  assert.ok(!voidsSigning(now, "chat" as "close"));
  assert.ok(!voidsSigning({ ...now, signing: null }, "restore_clause", { clause: "c9" }));
});
