// The key an auditor expects: pasted or read from a file, in any of the forms it is handed about in.
import { base64, hex, joined, same, unbase64, type Bytes } from "./bytes";
import { sha256Hex } from "./digest";
import type { Witnesses } from "../log";
import { COSIGNATURE, ED25519, keyId } from "./note";

// Of an Ed25519 SubjectPublicKeyInfo (RFC 8410), all but the key itself.
const SPKI = "302a300506032b6570032100";

// A verifier key of C2SP signed-note: name, key id, and the key with its kind before it.
const VERIFIER = /\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})(?![A-Za-z0-9+/=])/g;

// A key, or its SHA-256 in hex, as this page shows it.
export type Expected = Bytes | string;

export function fits(expected: Expected, key: Bytes): boolean {
  return typeof expected === "string" ? expected === sha256Hex(key) : same(expected, key);
}

export function anchor(pasted: string): Expected | null {
  const digest = pasted.replace(/[\s:]/g, "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digest) ? digest : expected(pasted);
}

// Null: no key in there, or several different ones.
export function expected(pasted: string): Bytes | null {
  const found = new Map<string, Bytes>();
  const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(pasted);
  const verifiers = [...pasted.matchAll(VERIFIER)].map((match) => match[1]!);
  const pieces = pem ? [pem[1]!.replace(/\s/g, "")] : [...verifiers, ...pasted.split(/[\s"',:;]+/)];
  for (const piece of pieces) {
    const key = raw(piece);
    if (key) found.set(hex(key), key);
  }
  return found.size === 1 ? [...found.values()][0]! : null;
}

function raw(letters: string): Bytes | null {
  const bytes = unbase64(letters.trim());
  if (!bytes) return null;
  if (bytes.length === 32) return bytes;
  if (bytes.length === 33 && bytes[0] === 1) return bytes.slice(1); // a verifier key of C2SP signed-note
  if (bytes.length === 44 && hex(bytes).startsWith(SPKI)) return bytes.slice(12);
  return null;
}

// Keys of witnesses, each as it publishes its own: name+id+key. Null: none in there, one that is not of that form or whose id is
// not its own, or two for one name.
export function expectedWitnesses(pasted: string): Witnesses | null {
  const found = new Map<string, Bytes>();
  for (const word of pasted.split(/\s+/).filter((one) => one.includes("+"))) {
    const witness = named(word);
    const before = witness && found.get(witness.name);
    if (!witness || (before && hex(before) !== hex(witness.key))) return null;
    found.set(witness.name, witness.key);
  }
  return found.size ? found : null;
}

function named(word: string): { name: string; key: Bytes } | null {
  const [, name, id, letters] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(word) ?? [];
  const bytes = letters ? unbase64(letters) : null;
  if (!name || bytes?.length !== 33 || ![ED25519, COSIGNATURE].includes(bytes[0]!)) return null;
  const key = bytes.slice(1);
  return hex(keyId(name, key, bytes[0])) === id ? { name, key } : null;
}

// As the bureau publishes it (C2SP signed-note, "verifier keys"): name, key id in hex, and the key with its kind before it.
export function published(name: string, key: Bytes): string {
  return `${name}+${hex(keyId(name, key))}+${base64(joined([Uint8Array.of(ED25519), key]))}`;
}

// SHA-256 of the raw key, in groups that can be read out.
export function fingerprint(key: Bytes): string {
  return sha256Hex(key).replace(/(.{4})(?=.)/g, "$1 ");
}
