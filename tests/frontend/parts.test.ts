// Parts of the view that travel apart, put together from their messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { belonging, taken, type Parts } from "@/room/parts";
import { initial, reduce } from "@/room/state";
import type { Look, PartMessage, ViewMessage } from "@/room/wire";
import { view } from "./scene";

const draft = { clauses: [], facts: [], authorities: {}, agreed: false };

function after(messages: PartMessage[], parts: Parts = {}): Parts {
  return messages.reduce(taken, parts);
}

test("a part is as it was until the message that completes it", () => {
  const first = after([
    { name: "draft", items: { "draft.clauses": { c1: { id: "c1", text: "甲。" }, c2: { id: "c2", text: "乙。" } } } },
    { name: "draft", members: { draft }, order: { "draft.clauses": ["c2", "c1"], "draft.authorities": [] }, edition: 4 },
  ]);
  assert.deepEqual(belonging(first, { draft: 4 }).members.draft?.clauses.map(({ text }) => text), ["乙。", "甲。"]);
  const half = after([{ name: "draft", items: { "draft.clauses": { c2: { text: "丙。" } } } }], first);
  assert.equal(belonging(half, { draft: 4 }).members.draft?.clauses[0]?.text, "乙。");
  const whole = after([{ name: "draft", edition: 9 }], half);
  assert.equal(belonging(whole, { draft: 9 }).members.draft?.clauses[0]?.text, "丙。");
  assert.equal(belonging(whole, { draft: 9 }).members.draft?.clauses[0]?.id, "c2");
});

test("a list that is an object by its keys stays one", () => {
  const parts = after([{
    name: "draft", members: { draft }, items: { "draft.authorities": { b: { basis: "委托书" } } }, order: { "draft.authorities": ["b"] }, edition: 1,
  }]);
  assert.deepEqual(belonging(parts, { draft: 1 }).members.draft?.authorities.b, { basis: "委托书" });
});

test("a value that was too long for one message is joined", () => {
  const text = JSON.stringify({ official: "第五十三条" });
  const parts = after([
    { name: "law", slice: { at: ["law"], text: text.slice(0, 7) } },
    { name: "law", slice: { at: ["law"], text: text.slice(7) } },
    { name: "law", edition: 1 },
  ]);
  assert.equal(belonging(parts, { law: 1 }).members.law?.official, "第五十三条");
});

test("what a view does not name is not there any more", () => {
  const parts = after([{ name: "slips", members: { slips: [] }, items: { slips: { 1: { text: "底线" } } }, order: { slips: ["1"] }, edition: 1 }]);
  const { parts: kept, members } = belonging(parts, {});
  assert.deepEqual([kept, members], [{}, {}]);
});

test("what was marked on a page does not move where its viewer looks, another page does", () => {
  const { session, you, seats } = view("consumer");
  const look: Look = { exhibit: "a", zoom: 200, x: 1, y: 2, pointer: null, ms: null, playing: false, seat: "mediator" };
  const showing = (page: number, edition: number): PartMessage => ({
    name: "exhibits", members: { exhibits: { list: [], shown: { exhibit: "a", page, seat: "mediator", private: false, marks: [] }, floor: "" } },
    order: { "exhibits.list": [], "exhibits.shown.marks": [] }, edition,
  });
  const message = (version: number, edition: number): ViewMessage => (
    { version, now: "2026-06-24T02:00:00Z", view: { session, you, seats, parts: { exhibits: edition } }, events: [] });
  let state = reduce(reduce(initial(), { type: "part", message: showing(1, 1) }), { type: "view", at: 0, message: message(1, 1) });
  state = reduce(state, { type: "look", look: { ...look, exhibit: "a" } });
  state = reduce(reduce(state, { type: "part", message: showing(1, 2) }), { type: "view", at: 0, message: message(2, 2) });
  assert.equal(state.view?.exhibits.shown?.look?.zoom, 200);
  state = reduce(reduce(state, { type: "part", message: showing(2, 3) }), { type: "view", at: 0, message: message(3, 3) });
  assert.equal(state.view?.exhibits.shown?.look, null);
});
