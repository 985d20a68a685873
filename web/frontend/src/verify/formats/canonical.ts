// Canonical JSON, read strictly: exactly what Python writes with sort_keys, no spaces and ensure_ascii off, and whole
// numbers only. Hashes are taken over the text as it stands in the package, never over something written again. What is
// not canonical could be read in two ways and is refused, members named twice above all.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Members = { [name: string]: Json };

export interface Parsed {
  value: Json;
  raw: Record<string, string>; // of an object: each member's value as it is written
}

export class NotCanonical extends Error {}

const DEPTH = 64;
const NUMBER = /0|-?[1-9]\d*/y; // whole ones only
// What needs no escape is not escaped, and what does has one spelling.
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\bfnrt]|\\u00(?:0[0-7be-f]|1[0-9a-f]))*"/y;

export function parse(text: string): Parsed {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (reader.at !== text.length) throw new NotCanonical("more than one value");
  return { value, raw: reader.top };
}

export function parsed(text: string): Parsed | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof NotCanonical) return null;
    throw error;
  }
}

export function isObject(value: Json | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  at = 0;
  top: Record<string, string> = Object.create(null) as Record<string, string>;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > DEPTH) throw new NotCanonical("too deep");
    switch (this.text[this.at]) {
      case "{": return this.object(depth);
      case "[": return this.array(depth);
      case '"': return this.string();
      case "t": return this.word("true", true);
      case "f": return this.word("false", false);
      case "n": return this.word("null", null);
      default: return this.number();
    }
  }

  private object(depth: number): Members {
    const made = Object.create(null) as Members; // a member may be called __proto__
    this.at++;
    if (this.take("}")) return made;
    let before: string | null = null;
    do {
      const name = this.string();
      if (before !== null && compare(before, name) >= 0) throw new NotCanonical("members out of order");
      before = name;
      if (!this.take(":")) throw new NotCanonical("no colon");
      const from = this.at;
      made[name] = this.value(depth + 1);
      if (depth === 0) this.top[name] = this.text.slice(from, this.at);
    } while (this.take(","));
    if (!this.take("}")) throw new NotCanonical("an object that does not end");
    return made;
  }

  private array(depth: number): Json[] {
    const made: Json[] = [];
    this.at++;
    if (this.take("]")) return made;
    do made.push(this.value(depth + 1)); while (this.take(","));
    if (!this.take("]")) throw new NotCanonical("a list that does not end");
    return made;
  }

  private string(): string {
    STRING.lastIndex = this.at;
    const found = STRING.exec(this.text)?.[0];
    if (found === undefined) throw new NotCanonical("no text");
    this.at += found.length;
    return JSON.parse(found) as string;
  }

  private number(): number {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text)?.[0];
    if (found === undefined) throw new NotCanonical("no value");
    this.at += found.length;
    if (!Number.isSafeInteger(Number(found))) throw new NotCanonical("a number too large");
    return Number(found);
  }

  private word<T>(spelled: string, value: T): T {
    if (!this.text.startsWith(spelled, this.at)) throw new NotCanonical("no value");
    this.at += spelled.length;
    return value;
  }

  private take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }
}

// By code point, as Python sorts; by UTF-16 unit, as JavaScript does, what lies beyond U+FFFF would come too early.
export function compare(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

// The text of a value. What JSON.stringify escapes beyond Python's (halves of surrogate pairs) cannot be in UTF-8 anyway.
export function write(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort(compare);
  return `{${names.map((name) => `${JSON.stringify(name)}:${write(value[name]!)}`).join(",")}}`;
}
