import { test } from "node:test";
import assert from "node:assert/strict";
import { joined, utf8, type Bytes } from "@/verify/formats/bytes";
import { Crc } from "@/verify/formats/crc";
import { digest } from "@/verify/formats/digest";
import { BadZip, directory, localHeader, open, sound, type Entry, type Source } from "@/verify/formats/zip";

function zip(files: Record<string, string>): Bytes {
  const parts: Bytes[] = [];
  const entries: Entry[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = utf8(content);
    const crc = new Crc();
    crc.update(bytes);
    const entry = { name, size: bytes.length, crc: crc.value, data: 0 };
    const header = localHeader(entry);
    offsets.push(at);
    entries.push(entry);
    parts.push(header, bytes);
    at += header.length + bytes.length;
  }
  return joined([...parts, directory(entries, offsets, at)]);
}

const source = (bytes: Bytes): Source => ({ size: bytes.length, read: async (from, to) => bytes.slice(from, to) });
const FILES = { "a.txt": "one", "b/c.txt": "two", "b/d.txt": "" };

async function refused(bytes: Bytes): Promise<boolean> {
  try {
    await open(source(bytes));
    return false;
  } catch (error) {
    if (error instanceof BadZip) return true;
    throw error;
  }
}

test("a package that somebody packed anew is told from what is none", async () => {
  const ours = async (bytes: Bytes): Promise<boolean | null> => open(source(bytes)).then(() => null, (error: BadZip) => error.ours);
  const later = (files: Record<string, string>): Bytes => {
    const bytes = zip(files);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i + 4 < bytes.length; i++) if (view.getUint32(i, true) === 0x02014b50) view.setUint16(i + 14, 0x5d7a, true); // another date
    return bytes;
  };
  assert.equal(await ours(zip({ "manifest.json": "{}" })), null);
  assert.equal(await ours(later({ "manifest.json": "{}", ...FILES })), true);
  assert.equal(await ours(later(FILES)), false);
  assert.equal(await ours(utf8("no archive at all")), false);
});

test("entries are found where they are", async () => {
  const bytes = zip(FILES);
  const entries = await open(source(bytes));
  assert.deepEqual([...entries.keys()], Object.keys(FILES));
  const { sha256, intact } = await digest(source(bytes), entries.get("a.txt")!, () => undefined);
  assert.deepEqual([sha256, intact], ["7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", true]);
});

test("no byte of a header can be changed, and none can be put in or taken out", async () => {
  const bytes = zip(FILES);
  const entries = [...(await open(source(bytes))).values()];
  const content = (at: number): boolean => entries.some((entry) => at >= entry.data && at < entry.data + entry.size);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << at % 8;
    assert.equal(await refused(flipped), !content(at), `byte ${at}`);
    assert.ok(await refused(joined([bytes.slice(0, at), bytes.slice(at + 1)])), `without byte ${at}`);
    assert.ok(await refused(joined([bytes.slice(0, at), Uint8Array.of(0), bytes.slice(at)])), `more at ${at}`);
    assert.ok(await refused(bytes.slice(0, at)), `up to ${at}`);
  }
});

test("names that lead elsewhere, or are there twice, are refused", async () => {
  for (const name of ["/a", "../a", "a/../b", "a//b", "a/", "a\\b", "C:a", ".a", "a/.b", "", "a b", "ä", "a/b/c/d/e", "x".repeat(201)]) {
    assert.ok(!sound(name), name);
    assert.ok(await refused(zip({ [name]: "" })), name);
  }
  assert.ok(await refused(zip({ "a/B.txt": "", "A/b.TXT": "" })));
});

test("a number that is too large for its place is read as what it is, without reading what it points at", async () => {
  const size = 5 * 2 ** 30;
  const entry = { name: "video/composed.mp4", size, crc: 7, data: 0 };
  const small = { name: "z.txt", size: 1, crc: 0, data: 0 };
  const header = localHeader(entry);
  const second = header.length + size;
  const last = localHeader(small);
  const at = second + last.length + 1;
  const tail = directory([entry, small], [0, second], at);
  const places: [number, Bytes][] = [[0, header], [second, last], [at, tail]];
  const sparse: Source = {
    size: at + tail.length,
    read: async (from, to) => {
      const out = new Uint8Array(to - from);
      for (const [start, bytes] of places) bytes.forEach((byte, i) => { if (start + i >= from && start + i < to) out[start + i - from] = byte; });
      return out;
    },
  };
  const entries = await open(sparse);
  assert.deepEqual([entries.get("video/composed.mp4")!.size, entries.get("z.txt")!.data], [size, second + last.length]);
});

test("a directory that promises too much is refused before it is read", async () => {
  const bytes = zip(FILES);
  const view = new DataView(bytes.buffer);
  view.setUint16(bytes.length - 12, 0xfffe, true);
  assert.ok(await refused(bytes));
});
