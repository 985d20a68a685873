// As much of DER (X.690) as a time-stamp token needs: values one after another, of definite length.

export interface Value {
  tag: number;
  content: Uint8Array;
  rest: Uint8Array; // what follows the value
}

export const SEQUENCE = 0x30;
export const OCTETS = 0x04;
export const OID = 0x06;
export const INTEGER = 0x02;
export const TIME = 0x18;
export const EXPLICIT_0 = 0xa0;

export class BadDer extends Error {}

export function read(bytes: Uint8Array): Value {
  const tag = bytes[0];
  let length = bytes[1];
  if (tag === undefined || length === undefined || (tag & 31) === 31) throw new BadDer("cut off");
  let at = 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new BadDer("a length of another form");
    length = 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new BadDer("cut off");
      length = length * 256 + byte;
    }
  }
  if (at + length > bytes.length) throw new BadDer("cut off");
  return { tag, content: bytes.subarray(at, at + length), rest: bytes.subarray(at + length) };
}

export function expect(bytes: Uint8Array, tag: number): Value {
  const value = read(bytes);
  if (value.tag !== tag) throw new BadDer(`tag ${value.tag} instead of ${tag}`);
  return value;
}

// Dotted, of the content of an OBJECT IDENTIFIER.
export function oid(content: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 127);
    if (byte & 128) continue;
    if (numbers.length) numbers.push(value);
    else numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    value = 0;
  }
  return numbers.join(".");
}
