// Private talks, whispering and the interpreter's channel, as a page reads them off the room's view.
import assert from "node:assert/strict";
import { test } from "node:test";
import { announcement } from "@/room/announce";
import { apart, spokeMs, stageOrder, together } from "@/room/selectors";
import { confidants, softened } from "@/views/listening";
import { gapWaits, speaksForASide } from "@/views/slips";
import type { Caucus, Gap, View } from "@/room/wire";
import { happening, seat, started, T0, view } from "./scene";

const talk = (inside: boolean, side: Caucus["side"] = "business"): Partial<View> => ({
  caucus: { number: 1, side, members: ["mediator", side], since: "2026-06-24T02:00:00.000Z", inside },
});
const gap = (change: Partial<Gap> = {}): Gap => ({ number: 1, rule: "whether", agreed: ["business", "consumer"], entered: [], own: null, result: null, ...change });

test("whoever waits is with nobody, and in a talk one is with its members", () => {
  assert.deepEqual(together(view("consumer", talk(false))).map(({ id }) => id), ["consumer"]);
  assert.deepEqual(together(view("business", talk(true))).map(({ id }) => id), ["mediator", "business"]);
  assert.equal(apart(view("consumer", talk(false))), true);
  assert.equal(stageOrder(view("business", talk(true))).small.some(({ id }) => id === "consumer"), false);
});

test("what is said in private does not run on as speaking time", () => {
  const speaking = seat("business", { speaking: true, spoke_ms: 5000 });
  assert.equal(spokeMs(started(view("mediator")), speaking, T0 + 2000), 7000);
  assert.equal(spokeMs(started(view("mediator", talk(true))), speaking, T0 + 2000), 5000);
});

test("a lawyer whispers with their own side only", () => {
  const seats = [seat("mediator"), seat("consumer"), seat("business"), seat("lawyer", { side: "business" })];
  const names = (you: string, change: Partial<View> = {}): string[] => confidants(view(you, { seats, ...change })).map(({ id }) => id);
  assert.deepEqual(names("lawyer"), ["business"]);
  assert.deepEqual(names("business"), ["lawyer"]);
  assert.deepEqual(names("consumer"), []);
  assert.deepEqual(names("lawyer", { consulting: [{ seats: ["lawyer", "business"], since: "" }] }), [], "they do already");
});

test("the room is softer while the interpreter speaks, for who listens to both", () => {
  const seats = (speaking: boolean): Partial<View> => ({ seats: [seat("mediator"), seat("consumer"), seat("interpreter", { speaking })] });
  assert.deepEqual([...softened(view("consumer", seats(true)))], ["mediator", "consumer"]);
  assert.equal(softened(view("consumer", seats(false))).size, 0);
  assert.equal(softened(view("consumer", { ...seats(true), channel: "interpreter" })).size, 0);
  assert.equal(softened(view("interpreter", seats(true))).size, 0, "the interpreter hears all there is");
});

test("the blind gap asks for a yes first, and for a figure only in private", () => {
  assert.equal(gapWaits(view("consumer", { gap: gap({ agreed: [] }) })), "agree");
  assert.equal(gapWaits(view("consumer", { gap: gap() })), null);
  assert.equal(gapWaits(view("consumer", { gap: gap(), ...talk(true, "consumer") })), "figure");
  assert.equal(gapWaits(view("consumer", { gap: gap(), ...talk(false) })), null);
  assert.equal(gapWaits(view("mediator", { gap: gap({ agreed: [] }) })), null);
  assert.equal(speaksForASide(view("interpreter")), false);
});

test("what began is told to each as it concerns them", () => {
  const event = happening("CaucusStarted", { number: 1, side: "business" });
  assert.ok(/consumer hears and sees nothing/.test(announcement(event, view("business", talk(true)))!));
  assert.ok(/talking with business in private/.test(announcement(event, view("consumer", talk(false)))!));
  assert.ok(/both sides hear you/.test(announcement(happening("CaucusEnded", { number: 1, cause: "mediator" }), view("consumer"))!));
});
