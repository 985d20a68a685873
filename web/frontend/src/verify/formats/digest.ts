// SHA-256 and check sum of what may be large. The browser's own SHA-256 is several times faster but wants all bytes at
// once; what is larger than that is taken in pieces by the library.
import { sha256 } from "@noble/hashes/sha2.js";
import { hex, type Bytes } from "./bytes";
import { Crc } from "./crc";
import type { Entry, Source } from "./zip";

const AT_ONCE = 128 << 20;
const PIECE = 4 << 20;

export interface Digest {
  sha256: string;
  intact: boolean; // as the ZIP's own check sum says
}

export async function digest(source: Source, entry: Entry, advanced: (bytes: number) => void): Promise<Digest> {
  const crc = new Crc();
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  let sum: Uint8Array;
  if (subtle && entry.size <= AT_ONCE) {
    const bytes = await source.read(entry.data, entry.data + entry.size);
    const summing = subtle.digest("SHA-256", bytes); // beside this script, on a core of its own
    crc.update(bytes);
    sum = new Uint8Array(await summing);
    advanced(entry.size);
  } else {
    const hash = sha256.create();
    for (let at = 0; at < entry.size; at += PIECE) {
      const bytes = await source.read(entry.data + at, entry.data + Math.min(entry.size, at + PIECE));
      crc.update(bytes);
      hash.update(bytes);
      advanced(bytes.length);
    }
    sum = hash.digest();
  }
  return { sha256: hex(sum), intact: crc.value === entry.crc };
}

export function sha256Hex(bytes: Bytes): string {
  return hex(sha256(bytes));
}
