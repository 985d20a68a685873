// The chat as a page holds it: without a gap, no line twice, each new one announced once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chat, joined, lastOf } from "@/room/chat";
import type { Line, View } from "@/room/wire";
import { view } from "./scene";

const line = (n: number, seat = "business"): Line => ({ n, seat, to: "", text: `第${n}句`, at: "2026-06-24T02:00:00Z" });
const numbers = (lines: Line[]): number[] => lines.map(({ n }) => n);

// A server with so many lines, whose pages hold ten; answers come when the test lets them.
class Room {
  written: Line[];
  lines: Line[] = [];
  said: string[] = [];
  asked: object[] = [];
  broken = false;
  readonly chat: Chat;

  constructor(n: number, private readonly seen: View | null = view("consumer")) {
    this.written = Array.from({ length: n }, (_, at) => line(at + 1));
    this.chat = new Chat({
      lines: () => this.lines,
      view: () => this.seen,
      add: (lines) => { this.lines = joined(this.lines, lines); },
      page: async (body) => {
        this.asked.push(body);
        if (this.broken) return null;
        const { after, before } = body;
        if (after !== undefined) return this.written.slice(after, after + 10);
        const end = before === undefined ? this.written.length : before - 1;
        return this.written.slice(Math.max(0, end - 10), end);
      },
      announce: (sentence) => this.said.push(sentence),
    });
  }

  write(count = 1): Line {
    for (let n = 0; n < count; n++) this.written.push(line(this.written.length + 1));
    return this.written[this.written.length - 1]!;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a page has its newest lines first and older ones when it asks for them", async () => {
  const room = new Room(35);
  room.chat.seen(35);
  await settled();
  assert.deepEqual([numbers(room.lines)[0], lastOf(room.lines), room.said], [26, 35, []]);
  for (let n = 0; n < 5; n++) await room.chat.before();
  assert.deepEqual(numbers(room.lines), numbers(room.written));
  assert.equal(room.asked.length, 4, "nothing is asked for once the first line is there");
});

test("what was missed is fetched from where one was, without a gap or a line twice, and announced once", async () => {
  const room = new Room(3);
  room.chat.seen(3);
  await settled();
  room.write(25);
  room.chat.came(room.write()); // overtakes what was missed
  room.chat.seen(29);
  await settled();
  room.chat.came(room.written[28]!);
  assert.deepEqual(numbers(room.lines), numbers(room.written));
  assert.deepEqual(room.said, ["26 new messages."]);
  room.chat.came(room.write());
  assert.equal(room.said[1], "business wrote: 第30句");
});

test("of very many missed lines the newest page is taken, and the older ones can be had", async () => {
  const room = new Room(3);
  room.chat.seen(3);
  await settled();
  room.write(400);
  room.chat.seen(403);
  await settled();
  assert.deepEqual([room.lines[0]?.n, lastOf(room.lines)], [394, 403]);
  await room.chat.before();
  assert.equal(room.lines[0]?.n, 384);
});

test("a page that could not be had is asked for again with the next news", async () => {
  const room = new Room(3);
  room.broken = true;
  room.chat.seen(3);
  await settled();
  assert.deepEqual(room.lines, []);
  room.broken = false;
  room.chat.came(room.write());
  await settled();
  assert.deepEqual(numbers(room.lines), [1, 2, 3, 4]);
  assert.deepEqual(room.said, ["business wrote: 第4句"]);
});

test("one's own line is not read out to oneself", async () => {
  const room = new Room(0);
  room.chat.seen(0);
  room.chat.came(line(1, "consumer"));
  assert.deepEqual([numbers(room.lines), room.said], [[1], []]);
});
