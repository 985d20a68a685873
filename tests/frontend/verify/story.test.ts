import { test } from "node:test";
import assert from "node:assert/strict";
import type { Json, Members } from "@/verify/formats/canonical";
import { derive } from "@/verify/derived";
import type { Event } from "@/verify/journal";
import { ROUTINE, sentence, SENTENCES } from "@/verify/sentences";
import { Speech } from "@/verify/speech";
import { gathered, story } from "@/verify/story";

const OPENED = Date.parse("2026-06-24T02:00:00Z"); // 10:00 in Beijing
const at = (seconds: number): string => new Date(OPENED + seconds * 1000).toISOString().replace("Z", "000Z");

let version = 0;
function event(seconds: number, type: string, data: Members = {}, change: Partial<Event> = {}): Event {
  version++;
  return {
    actor: { kind: "system", id: "system", name: "云调", role: "", office: "" }, at: at(seconds), content: "", data, hash: "", leaf: version,
    salt: "0".repeat(32), stream: "session/s", type, version, ...change,
  };
}

const seat = (id: string, role: string, name: string): Members => ({ id, role, name, side: role === "mediator" ? null : role, organisation: "", city: "", phone: "" });
const SEATS: Json[] = [seat("m", "mediator", "周敏"), seat("c", "consumer", "丁小禾"), seat("b", "business", "陈立")];
const all = { m: ["c", "b"], c: ["m", "b"], b: ["m", "c"] };

function session(): Event[] {
  version = 0;
  return [
    event(-60, "SessionScheduled", { complaint: "k", number: "东高一投〔2026〕7号", ordinal: 1, office: "o", title: "退款", starts: at(0), seats: SEATS, mediator: "u" }),
    event(-50, "ConsentGiven", { seat: "c", kind: "record", text: "2026-11-25.3" }),
    event(-40, "Arrived", { seat: "c" }),
    event(0, "SessionOpened"),
    event(0, "Admitted", { seat: "m" }),
    event(0, "PhaseEntered", { phase: "opening" }),
    event(10, "Admitted", { seat: "c" }),
    event(20, "Admitted", { seat: "b" }),
    event(20, "Routed", { hears: all, sees: all, recorded: ["m", "c"] }),
    event(20, "Routed", { hears: all, sees: all, recorded: ["m", "c", "b"] }),
    event(30, "Said", { seat: "c", text: "您好", to: "" }),
    event(60, "Routed", { hears: { m: ["c"], c: ["m"] }, sees: { m: ["c"], c: ["m"] }, recorded: [] }),
    event(70, "Disconnected", { seat: "c", cause: "socket" }),
    event(80, "Reconnected", { seat: "c" }),
    event(90, "PhaseEntered", { phase: "closing" }),
    event(100, "SessionClosed", { outcome: { kind: "settled", terms: [{ who: "business", action: "退款", amount: "2000.00", due: null, how: "", performance: "later" }], loss_recovered: "2000.00", ground: null, adjourned_to: null, note: "" }, anyway: "" }),
    event(100, "SegmentSealed", { seat: "c", path: "s/c/1-camera.webm", sha256: "", size: 1, started: at(12), ended: at(60), width: 0, height: 0, source: "camera" }),
  ];
}

test("who was there, when, and what cut them off follows from the journal", () => {
  const told = story(session(), undefined);
  const [mediator, consumer] = told.people;
  assert.deepEqual(consumer!.present.map(({ from, until }) => [(from - OPENED) / 1000, (until - OPENED) / 1000]), [[10, 70], [80, 100]]);
  assert.deepEqual(consumer!.waiting.map(({ from, until }) => [(from - OPENED) / 1000, (until - OPENED) / 1000]), [[-40, 10]]);
  assert.deepEqual(consumer!.away.map(({ cause }) => cause), ["socket"]);
  assert.deepEqual(consumer!.recorded.map(({ from }) => (from - OPENED) / 1000), [12]);
  assert.deepEqual(mediator!.present.length, 1);
  assert.deepEqual([told.number, told.ordinal, told.phases.length, told.chat.length, told.ledger], ["东高一投〔2026〕7号", 1, 2, 1, false]);
});

test("in a private talk nobody is measured speaking, and who was cut off while they waited is not in the room", () => {
  const told = story([
    ...session().slice(0, 9), event(30, "SpeakingStarted", { seat: "m" }), event(40, "CaucusStarted", { side: "consumer" }),
    event(55, "CaucusEnded"), event(58, "SpeakingStopped", { seat: "m" }),
    event(60, "SeatAdded", { seat: seat("i", "interpreter", "何译") }), event(61, "Arrived", { seat: "i" }), event(62, "Disconnected", { seat: "i", cause: "socket" }),
    event(63, "Admitted", { seat: "i" }), event(65, "Reconnected", { seat: "i" }), event(70, "SessionCancelled", { reason: "" }),
  ], undefined);
  const spans = (of: { from: number; until: number }[]): number[][] => of.map(({ from, until }) => [(from - OPENED) / 1000, (until - OPENED) / 1000]);
  assert.deepEqual(spans(told.people[0]!.speaking), [[30, 40], [55, 58]]);
  assert.deepEqual(spans(told.people[3]!.present), [[65, 70]]);
});

test("that nobody looked at an outcome, and that nothing was signed, can be told", () => {
  const closed = session().pop()!;
  const shown = [event(95, "OutcomeProposed", { outcome: {} }), event(96, "OutcomeSeen", { seat: "c" }), event(97, "OutcomeTakenBack")];
  const again = [event(98, "OutcomeProposed", { outcome: {} }), event(99, "OutcomeSeen", { seat: "b" })];
  assert.deepEqual(story([...session(), closed], undefined).seen, []);
  assert.deepEqual(story([...session(), ...shown], undefined).seen, []);
  assert.deepEqual(story([...session(), ...shown, ...again, event(99.5, "OutcomeSeen", { seat: "b" })], undefined).seen, ["b"]);
  assert.deepEqual([false, true], [[], [event(99, "Signed", { seat: "c" })]].map((more) => story([...session(), ...more], undefined).signed));
  assert.equal(story([...session(), event(99, "DocumentSealed", { document: "d" })], undefined).papers, 1);
});

test("who could hear whom is told from change to change, without stretches that lasted no time", () => {
  const told = story(session(), undefined);
  assert.deepEqual(told.routing.map(({ from, until, recorded }) => [(from - OPENED) / 1000, (until - OPENED) / 1000, recorded.length]), [[20, 60, 3], [60, 100, 0]]);
  assert.deepEqual(told.routing[1]!.hears, { m: ["c"], c: ["m"] });
});

test("what was erased is counted and said, not made up", () => {
  const events = session();
  events[10] = { ...events[10]!, salt: "", data: {} };
  const told = story(events, undefined);
  assert.deepEqual([told.erased, told.chat.length], [1, 0]);
  const voice = { name: (one: string) => one, exhibit: () => "", mediator: "m" };
  assert.equal(new Speech("en").say(sentence(events[10]!, voice)), "What this entry said was erased (Said)");
});

test("a mediation without a room is told with its place, as on the record", () => {
  const held = event(0, "HeldElsewhere", { mode: "on_site", began: at(0), ended: at(600), place: "东湖所调解室", consumer_by: "丁小禾本人", business_by: "" });
  const voice = { name: (one: string) => one, exhibit: () => "", mediator: "m" };
  assert.equal(new Speech("zh").say(sentence(held, voice)),
    "未使用云调调解室（现场），2026年6月24日10:00至2026年6月24日10:10；投诉人一方：丁小禾本人；被投诉人一方：无人参加；地点：东湖所调解室");
});

test("gaps come from their sheet, those of one moment and cause together", () => {
  const gap = { cause: "reconnecting", from: at(70), until: at(80) };
  const sheet = { tracks: [{ seat: "c", source: "mic", recorded: [], missing: [gap] }, { seat: "c", source: "camera", recorded: [], missing: [gap, { cause: "camera_off", from: at(90), until: at(95) }] }] };
  const told = story(session(), sheet);
  assert.deepEqual(gathered(told.people[1]!.gaps).map(({ cause, sources }) => [cause, sources.join()]), [["reconnecting", "mic,camera"], ["camera_off", "camera"]]);
});

test("a journal that somebody put together from nonsense is told without falling over", () => {
  const odd: Json[] = [null, [], "x", "constructor", 7, { id: 5 }, { seats: "x" }];
  const types = Object.entries(SENTENCES).flatMap(([stream, kinds]) => [...Object.keys(kinds), "NobodyKnowsThis", "constructor"].map((type) => [stream, type] as const));
  for (const [stream, type] of types) {
    for (const value of odd) {
      const names = ["seat", "seats", "outcome", "hears", "recorded", "text", "kind", "started", "path", "findings", "versions"];
      const events = [event(0, "SessionScheduled", { seats: SEATS }), event(1, type, Object.fromEntries(names.map((name) => [name, value])), { stream: `${stream}/s` })];
      const told = story(events, { tracks: value });
      const voice = { name: (one: string) => one, exhibit: () => "", mediator: "m" };
      for (const language of ["zh", "en"] as const) assert.ok(new Speech(language).say(sentence(events[1]!, voice)).length > 0);
      assert.ok(told.people.length >= 3);
    }
  }
  assert.ok([...ROUTINE].every((type) => type in SENTENCES.session!));
});

test("the routing sheet made again counts milliseconds as Python does", () => {
  const events = session();
  const sheet = derive("routing", events) as { could_hear_ms: Record<string, Record<string, number>>; stretches: Members[] };
  assert.deepEqual(sheet.could_hear_ms.m, { c: 80_000, b: 40_000 });
  assert.deepEqual(sheet.stretches.length, 3);
  assert.deepEqual(derive("chat", events).messages, [{ at: at(30), seat: "c", text: "您好", to: "", version: 11 }]);
});

test("times are Beijing's whatever the reader's own zone", () => {
  const [zh, en] = [new Speech("zh"), new Speech("en")];
  assert.equal(zh.when(OPENED), "2026年6月24日10:00");
  assert.equal(en.when(OPENED), "24 June 2026, 10:00");
  assert.deepEqual([zh.duration(3_905_000), zh.duration(581_000), en.duration(41_000), zh.duration(0)], ["1小时5分", "9分41秒", "41 s", "0秒"]);
});
