// The one form of ZIP a package may have (docs/evidence.md, section 1), read piece by piece: a package may be far
// larger than memory. Every header is written anew from name, size and check sum and compared with the file, so that no
// byte is left to hide in and no two readers can make different things of it.
import { joined, same, text, utf8, type Bytes } from "./bytes";

export interface Source {
  size: number;
  read(from: number, to: number): Promise<Bytes>;
}

export interface Entry {
  name: string;
  size: number; // bytes; everything is stored
  crc: number;
  data: number; // where its bytes begin
}

// `ours`: it lists what a package holds, so somebody packed one anew, or it is damaged.
export class BadZip extends Error {
  ours = false;
}

export const LIMITS = { entries: 60_000, directory: 16 << 20, name: 200, parts: 4 };

const FULL16 = 0xffff;
const FULL32 = 0xffffffff;
const YEAR_1980 = 0x21; // 1 January
const PLAIN = 20;
const WIDE = 45; // version needed where ZIP64 is
const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

export async function open(source: Source): Promise<Map<string, Entry>> {
  const names: string[] = [];
  try {
    return await opened(source, names);
  } catch (error) {
    if (error instanceof BadZip) error.ours = names.includes("manifest.json");
    throw error;
  }
}

async function opened(source: Source, names: string[]): Promise<Map<string, Entry>> {
  const { count, at, size } = await end(source);
  if (count > LIMITS.entries || size > LIMITS.directory) throw new BadZip("too many entries");
  if (at + size > source.size) throw new BadZip("the directory is outside the file");
  const tail = await source.read(at, source.size);
  const entries = listed(tail.subarray(0, size), count, names);
  unambiguous(names);
  let cursor = 0;
  const offsets = entries.map((entry) => {
    const offset = cursor;
    entry.data = offset + localHeader(entry).length;
    cursor = entry.data + entry.size;
    return offset;
  });
  if (cursor !== at) throw new BadZip("bytes between the entries and the directory");
  if (!same(tail, directory(entries, offsets, at))) throw new BadZip("a directory of another form");
  for (let i = 0; i < entries.length; i += 64) {
    // Many small reads at once: an hour of four people has a thousand entries.
    await Promise.all(entries.slice(i, i + 64).map(async (entry, k) => {
      if (!same(await source.read(offsets[i + k]!, entry.data), localHeader(entry))) {
        throw new BadZip(`a local header of another form: ${entry.name}`);
      }
    }));
  }
  return new Map(entries.map((entry) => [entry.name, entry]));
}

export function sound(name: string): boolean {
  const parts = name.split("/");
  return name.length <= LIMITS.name && parts.length <= LIMITS.parts && parts.every((part) => PART.test(part));
}

// Where the directory says it is; whether that is true shows when everything is written anew.
async function end(source: Source): Promise<{ count: number; at: number; size: number }> {
  const from = Math.max(0, source.size - 22 - 20 - 56);
  const bytes = await source.read(from, source.size);
  const view = viewOf(bytes);
  const last = bytes.length - 22;
  if (last < 0 || view.getUint32(last, true) !== 0x06054b50) throw new BadZip("no end record");
  const count = view.getUint16(last + 10, true);
  const size = view.getUint32(last + 12, true);
  const at = view.getUint32(last + 16, true);
  if (count !== FULL16 && size !== FULL32 && at !== FULL32) return { count, at, size };
  if (last < 76) throw new BadZip("no ZIP64 end record");
  const record = last - 76;
  return { count: large(view, record + 32), size: large(view, record + 40), at: large(view, record + 48) };
}

// Notes `names` as it reads them, so that they are known where it cannot read on.
function listed(bytes: Bytes, count: number, names: string[]): Entry[] {
  const view = viewOf(bytes);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw new BadZip("no directory entry");
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true);
    if (next > bytes.length) throw new BadZip("a directory entry is cut off");
    const name = text(bytes.subarray(at + 46, nameEnd));
    if (name === null || !sound(name)) throw new BadZip("a name of another form");
    names.push(name);
    let size = view.getUint32(at + 24, true);
    if (size === FULL32) {
      if (next - nameEnd < 12) throw new BadZip("no ZIP64 field");
      size = large(view, nameEnd + 4);
    }
    entries.push({ name, size, crc: view.getUint32(at + 16, true), data: 0 });
    at = next;
  }
  return entries;
}

function unambiguous(names: string[]): void {
  const seen = new Set(names.map((name) => name.toLowerCase())); // on many disks case makes no difference
  if (seen.size !== names.length) throw new BadZip("two entries of one name");
}

// ---------------------------------------------------------------- writing (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14 to 16)

export function localHeader({ name, size, crc }: Pick<Entry, "name" | "size" | "crc">): Bytes {
  const wide = size >= FULL32;
  const extra = wide ? [u16(1), u16(16), u64(size), u64(size)] : [];
  const short = u32(wide ? FULL32 : size);
  return joined([
    u32(0x04034b50), u16(wide ? WIDE : PLAIN), u16(0), u16(0), u16(0), u16(YEAR_1980), u32(crc), short, short,
    u16(name.length), u16(wide ? 20 : 0), utf8(name), ...extra,
  ]);
}

function central({ name, size, crc }: Entry, offset: number): Bytes {
  const far = offset >= FULL32;
  const wide = size >= FULL32;
  const values = [...(wide ? [u64(size), u64(size)] : []), ...(far ? [u64(offset)] : [])];
  const extra = values.length ? [u16(1), u16(8 * values.length), ...values] : [];
  const short = u32(wide ? FULL32 : size);
  return joined([
    u32(0x02014b50), u16(PLAIN), u16(wide || far ? WIDE : PLAIN), u16(0), u16(0), u16(0), u16(YEAR_1980), u32(crc), short, short,
    u16(name.length), u16(values.length ? 4 + 8 * values.length : 0), u16(0), u16(0), u16(0), u32(0),
    u32(far ? FULL32 : offset), utf8(name), ...extra,
  ]);
}

// The directory with all that follows it.
export function directory(entries: Entry[], offsets: number[], at: number): Bytes {
  const list = joined(entries.map((entry, i) => central(entry, offsets[i]!)));
  const count = entries.length;
  const parts: Bytes[] = [list];
  if (count >= FULL16 || list.length >= FULL32 || at >= FULL32) {
    parts.push(
      u32(0x06064b50), u64(44), u16(WIDE), u16(WIDE), u32(0), u32(0), u64(count), u64(count), u64(list.length), u64(at),
      u32(0x07064b50), u32(0), u64(at + list.length), u32(1),
    );
  }
  const short = u16(Math.min(count, FULL16));
  parts.push(
    u32(0x06054b50), u16(0), u16(0), short, short, u32(Math.min(list.length, FULL32)), u32(Math.min(at, FULL32)), u16(0),
  );
  return joined(parts);
}

function u16(value: number): Bytes {
  return Uint8Array.of(value & 255, value >>> 8);
}

function u32(value: number): Bytes {
  return Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

function u64(value: number): Bytes {
  return joined([u32(value % 2 ** 32 >>> 0), u32(Math.floor(value / 2 ** 32))]);
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function large(view: DataView, at: number): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  if (!Number.isSafeInteger(value)) throw new BadZip("a number too large");
  return value;
}
