import { test } from "node:test";
import assert from "node:assert/strict";
import { announcement } from "@/room/announce";
import {
  mediaWanted, nextPhase, notSeen, otherNow, phaseMs, screenOf, sessionMs, sinceMs, speakerNow, spokeMs, stageOrder, turnOf, unread,
} from "@/room/selectors";
import { FLOOR_MS, initial, reduce, NOTICE_MS } from "@/room/state";
import { cornerAt, towards } from "@/views/stage";
import type { Outcome, View } from "@/room/wire";
import { happening, seat, seen, started, T0, view } from "./scene";

const SETTLED: Outcome = { kind: "settled", terms: [], loss_recovered: "2000.00", ground: null, adjourned_to: null, note: "" };

test("a view overtaken on the way changes nothing", () => {
  const state = seen(started(view("consumer")), view("consumer", {}, { phase: "discussion" }), 9);
  assert.equal(seen(state, view("consumer"), 8), state);
});

test("at the door a view holds less, and what is missing reads as nothing", () => {
  const { session, you } = view("consumer");
  const door = { session, you, seats: [{ id: "consumer", role: "consumer", side: "consumer", name: "丁", status: "waiting" }] } as unknown as View;
  const state = started(door);
  assert.equal(screenOf(state), "waiting");
  assert.equal(state.view?.recording.on, false);
  assert.equal(state.view?.seats[0]?.muted, false);
  assert.equal(mediaWanted(state), false);
});

test("the screen follows the seat, then the session", () => {
  const as = (status: "present" | "left" | "removed" | "invited"): View => view("consumer", { seats: [seat("consumer", { status })] });
  assert.equal(screenOf(initial()), "connecting");
  assert.equal(screenOf(started(as("present"))), "room");
  assert.equal(screenOf(started(as("left"))), "left");
  assert.equal(screenOf(started(as("removed"))), "over");
  assert.equal(screenOf(started(view("consumer", {}, { status: "recess" }))), "recess");
  assert.equal(screenOf(started(view("consumer", { closed: SETTLED }, { status: "closed" }))), "closed");
});

test("losing the network keeps the room on the screen and remembers since when", () => {
  let state = reduce(started(view("consumer")), { type: "down", at: 5 });
  state = reduce(state, { type: "down", at: 9 });
  assert.equal(state.downSince, 5);
  assert.equal(screenOf(state), "room");
  state = reduce(reduce(state, { type: "trying", attempt: 3 }), { type: "up" });
  assert.deepEqual([state.downSince, state.tries, state.link], [0, 0, "up"]);
});

test("when the door closes before the last view arrives, the proposed result is shown", () => {
  const state = reduce(started(view("consumer", { outcome: { number: 1, proposed: SETTLED, seen: [], objections: [] } })), { type: "over", code: "closed" });
  assert.equal(screenOf(state), "closed");
  assert.equal(state.view?.closed?.loss_recovered, "2000.00");
});

test("being removed ends the page even though the last view says present", () => {
  assert.equal(screenOf(reduce(started(view("consumer")), { type: "over", code: "removed" })), "over");
});

test("a request to unmute opens the question once, and unmuting answers it", () => {
  const muted = (yes: boolean): View => view("consumer", { seats: [seat("mediator"), seat("consumer", { muted: yes })] });
  const asked = [happening("UnmuteAsked", { seat: "consumer" })];
  let state = seen(started(muted(true)), muted(true), 5, asked);
  assert.equal(state.sheet, "unmute");
  state = seen(state, muted(false), 6);
  assert.equal(state.sheet, "none");
  assert.equal(seen(started(view("business")), view("business"), 5, asked).sheet, "none");
});

test("each side is told that it is their turn, the other that they listen", () => {
  const turns = (phase: View["session"]["phase"]): string[] => ["consumer", "business"].map((you) => turnOf(view(you, {}, { phase })));
  assert.deepEqual(turns("consumer_statement"), ["yours", "listen"]);
  assert.deepEqual(turns("business_statement"), ["listen", "yours"]);
  assert.deepEqual(turns("discussion"), ["all", "all"]);
  assert.deepEqual(turns("opening"), ["mediator", "mediator"]);
});

test("clocks run on from the server's figures and stand still when the phase does", () => {
  const speaking = seat("consumer", { speaking: true, spoke_ms: 4000 });
  const live = started(view("mediator", {
    seats: [seat("mediator"), speaking],
    clock: { session_ms: 60_000, phase_ms: 10_000, phases: {}, speaker: { seat: "consumer", ms: 1000 }, caucus_ms: {} },
  }));
  assert.equal(sessionMs(live, T0 + 2500), 62_500);
  assert.equal(phaseMs(live, T0 + 2500), 12_500);
  assert.equal(spokeMs(live, speaking, T0 + 500), 4500);
  assert.equal(speakerNow(live, T0 + 500)?.ms, 1500);
  assert.equal(phaseMs(started(view("mediator", {}, { status: "recess" })), T0 + 2500), 10_000);
});

test("a client whose clock is wrong still counts from the server's time", () => {
  const state = reduce(initial(), {
    type: "view", at: T0, message: { version: 1, now: new Date(T0 + 3_600_000).toISOString(), view: { ...view("mediator"), parts: {} }, events: [] },
  });
  assert.equal(sinceMs(state, new Date(T0 + 3_590_000).toISOString(), T0 + 1000), 11_000);
});

test("unread messages are others' messages since the chat was last open", () => {
  const line = (n: number, from: string) => ({ n, seat: from, to: "", text: "x", at: "" });
  let state = started(view("consumer", { chat: [line(1, "business"), line(2, "consumer")] }));
  assert.equal(unread(state), 1);
  state = reduce(state, { type: "sheet", sheet: "chat" });
  assert.equal(unread(state), 0);
  state = seen(reduce(state, { type: "sheet", sheet: "none" }), view("consumer", { chat: [line(1, "business"), line(2, "consumer"), line(3, "business")] }));
  assert.equal(unread(state), 1);
});

test("a shared screen takes the stage, else the mediator", () => {
  assert.equal(stageOrder(view("consumer")).main?.id, "mediator");
  const sharing = view("consumer", { seats: [seat("mediator"), seat("consumer"), seat("business", { screen: true })] });
  assert.equal(stageOrder(sharing).main?.id, "business");
  assert.deepEqual(stageOrder(sharing, "mediator").small.map((s) => s.id), ["mediator"]);
});

test("whoever of the others speaks is large, and stays so until somebody else does", () => {
  const talking = (...who: string[]): View => view("consumer", {
    seats: ["mediator", "consumer", "business"].map((id) => seat(id, who.includes(id)
      ? { speaking: true, speaking_since: new Date(T0 - 100 * (who.length - who.indexOf(id))).toISOString() } : {})),
  });
  let state = started(talking("business"));
  const large = (): string | undefined => stageOrder(state.view!, state.spoke).main?.id;
  assert.equal(large(), "mediator"); // not for a cough
  state = reduce(state, { type: "tick", at: T0 + FLOOR_MS });
  assert.equal(large(), "business");
  state = reduce(seen(state, talking()), { type: "tick", at: T0 + 60_000 });
  assert.equal(large(), "business");
  state = reduce(seen(state, talking("mediator", "business")), { type: "tick", at: T0 + 60_000 });
  assert.equal(large(), "mediator"); // who began first, whoever joins in
});

test("what one says oneself makes nobody large and is nobody else's turn", () => {
  const mine = (phase: "discussion" | "consumer_statement"): View => view("business", {
    seats: [seat("mediator"), seat("consumer"), seat("business", { speaking: true, speaking_since: new Date(T0 - 5000).toISOString() })],
    clock: { session_ms: 0, phase_ms: 0, phases: {}, speaker: { seat: "business", ms: 5000 }, caucus_ms: {} },
  }, { phase });
  let state = reduce(started(mine("discussion")), { type: "tick", at: T0 + 60_000 });
  assert.equal(state.spoke, "");
  assert.equal(stageOrder(state.view!, state.spoke).main?.id, "mediator");
  state = seen(state, mine("consumer_statement"));
  assert.equal(otherNow(state, T0), undefined);
});

test("one's own picture goes to the quarter it is dropped in, or where an arrow points", () => {
  const frame = { left: 100, top: 100, width: 200, height: 100 };
  assert.equal(cornerAt({ x: 120, y: 110 }, frame), "top-start");
  assert.equal(cornerAt({ x: 290, y: 110 }, frame), "top-end");
  assert.equal(cornerAt({ x: 290, y: 190 }, frame), "bottom-end");
  assert.equal(towards("bottom-end", "ArrowUp"), "top-end");
  assert.equal(towards("top-end", "ArrowLeft"), "top-start");
  assert.equal(towards("top-start", "Enter"), "top-start");
});

test("the phases go on in order and end with the closing", () => {
  assert.equal(nextPhase(null), "opening");
  assert.equal(nextPhase("consumer_statement"), "business_statement");
  assert.equal(nextPhase("closing"), null);
});

test("both parties have to look at a result, helpers need not", () => {
  const now = view("mediator", {
    seats: [seat("mediator"), seat("consumer"), seat("business"), seat("lawyer", { side: "business" })],
    outcome: { number: 1, proposed: SETTLED, seen: ["business"], objections: [] },
  });
  assert.deepEqual(notSeen(now).map((s) => s.id), ["consumer"]);
});

test("a notice goes by itself", () => {
  const state = reduce(initial(), { type: "notice", text: "x", at: 10 });
  assert.ok(reduce(state, { type: "tick", at: 9 + NOTICE_MS }).notice);
  assert.equal(reduce(state, { type: "tick", at: 10 + NOTICE_MS }).notice, null);
});

test("what others do is announced to them and not to oneself", () => {
  const raised = happening("HandRaised", { seat: "consumer" });
  assert.equal(announcement(raised, view("consumer")), null);
  assert.equal(announcement(raised, view("mediator")), "consumer would like to speak.");
  assert.equal(announcement(happening("PhaseEntered", { phase: "discussion" }), view("business")), "We now come to: Discussion.");
  assert.equal(announcement(happening("CameraSet", { seat: "consumer", on: true }), view("business")), null);
});

test("who sees no pictures is told why, the others only whose picture rests, and only the mediator in words", () => {
  const event = (way: string) => happening("PicturesPaused", { seat: "consumer", way });
  assert.ok(/pictures come back/.test(announcement(event("to"), view("consumer")) ?? ""));
  assert.ok(/You are heard/.test(announcement(event("from"), view("consumer")) ?? ""));
  assert.ok(/network is weak/.test(announcement(event("from"), view("mediator")) ?? ""));
  assert.equal(announcement(event("from"), view("business")), null);
});

test("a tick set here stays until the room's view says the same", () => {
  const opening = { identity: true, rights: false, recusal: false, sham: false };
  let state = reduce(started(view("mediator")), { type: "check", item: "opening:identity", done: true });
  state = seen(state, view("mediator"));
  assert.equal(state.covered["opening:identity"], true);
  state = seen(state, view("mediator", { opening }));
  assert.equal(state.covered["opening:identity"], undefined);
});

test("the room can close without a party who is not there", () => {
  const now = view("mediator", {
    seats: [seat("mediator"), seat("consumer", { status: "removed" }), seat("business", { status: "reconnecting" })],
    outcome: { number: 1, proposed: SETTLED, seen: [], objections: [] },
  });
  assert.deepEqual(notSeen(now).map((s) => s.id), ["business"]);
});
