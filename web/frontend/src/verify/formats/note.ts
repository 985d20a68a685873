// Signed notes, as the C2SP specification has them, and the checkpoints and key lines written in that form.
import { sha256 } from "@noble/hashes/sha2.js";
import { joined, same, unbase64, utf8, type Bytes } from "./bytes";
import { signed } from "./signature";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04; // C2SP cosignature/v1

export interface Signature {
  name: string;
  id: Bytes; // 4 bytes
  value: Bytes;
  line: string;
}

export interface Note {
  text: string; // ends in a newline; what is signed
  signatures: Signature[];
}

// Null: not of the form.
export function note(raw: string): Note | null {
  const split = raw.lastIndexOf("\n\n");
  if (split < 0 || !raw.endsWith("\n") || raw.length > 1 << 20) return null;
  const signatures: Signature[] = [];
  for (const line of raw.slice(split + 2, -1).split("\n")) {
    const found = signature(line);
    if (!found) return null;
    signatures.push(found);
  }
  return { text: raw.slice(0, split + 1), signatures };
}

export function signature(line: string): Signature | null {
  const found = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
  const bytes = found && unbase64(found[2]!);
  if (!found || !bytes || bytes.length < 5) return null;
  return { name: found[1]!, id: bytes.slice(0, 4), value: bytes.slice(4), line };
}

export function keyId(name: string, key: Uint8Array, algorithm = ED25519): Bytes {
  return sha256(joined([utf8(`${name}\n`), Uint8Array.of(algorithm), key])).slice(0, 4) as Bytes;
}

// Whether a signature of the key stands under the note. Lines of other keys are not looked at.
export async function signedBy(of: Note, name: string, key: Bytes): Promise<boolean> {
  const id = keyId(name, key);
  for (const line of of.signatures) {
    const ours = line.name === name && same(line.id, id) && line.value.length === 64;
    if (ours && await signed(line.value, utf8(of.text), key)) return true;
  }
  return false;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  time: string; // a stamp
}

const CHECKPOINT = /^(yuntiao\/[^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\n$/;

export function checkpoint(text: string): Checkpoint | null {
  const found = CHECKPOINT.exec(text);
  const root = found && unbase64(found[3]!);
  if (!found || root?.length !== 32 || Number.isNaN(Date.parse(found[4]!)) || !Number.isSafeInteger(Number(found[2]))) return null;
  return { origin: found[1]!, size: Number(found[2]), root, time: found[4]! };
}
