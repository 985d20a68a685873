// The installation's log, as far as a package holds it: checkpoint, proofs, time stamps, countersignatures.
import { sha256 } from "@noble/hashes/sha2.js";
import { joined, same, text, unbase64, unhex, utf8, type Bytes } from "./formats/bytes";
import { isObject, parsed } from "./formats/canonical";
import type { Event } from "./journal";
import { included, leafHash } from "./formats/merkle";
import { checkpoint, COSIGNATURE, keyId, note, signature, signedBy, type Checkpoint, type Note } from "./formats/note";
import { say, type Findings } from "./report";
import { signed } from "./formats/signature";
import { stamp, type Stamp } from "./formats/timestamp";

export interface Head {
  note: Note;
  says: Checkpoint;
}

export type Witnesses = ReadonlyMap<string, Bytes>; // name -> raw key

export interface Key {
  name: string;
  public: Bytes;
}

const EARLIEST = 5 * 60_000; // how much before the checkpoint's own time a stamp may be

export async function head(bytes: Bytes | null, key: Key, installation: string, found: Findings): Promise<Head | null> {
  const written = bytes && text(bytes);
  const read = written === null ? null : note(written);
  const says = read && checkpoint(read.text);
  if (!read || !says) {
    found.failed("checkpoint_signature", say("checkpoint.form"));
    return null;
  }
  if (says.origin !== `yuntiao/${installation}`) found.failed("checkpoint_signature", say("checkpoint.foreign", { origin: says.origin }));
  if (!ours(read, key)) found.failed("wrong_key", say("key.checkpoint"));
  if (await signedBy(read, key.name, key.public)) found.passed("checkpoint_signature", say("checkpoint.ok", { size: says.size, when: { at: Date.parse(says.time) } }));
  else found.failed("checkpoint_signature", say("checkpoint.signature"));
  return { note: read, says };
}

function ours(of: Note, key: Key): string | null {
  const id = keyId(key.name, key.public);
  return of.signatures.find((line) => line.name === key.name && same(line.id, id))?.line ?? null;
}

export function inclusion(bytes: Bytes | null, streams: Event[][], from: Head | null, found: Findings): void {
  const written = bytes && text(bytes);
  const top = written === null ? undefined : parsed(written)?.value;
  const events = streams.flat();
  if (!isObject(top) || !isObject(top.proofs) || Object.keys(top).join() !== "proofs,size") {
    found.failed("inclusion", say("inclusion.form"));
    return;
  }
  const { proofs } = top;
  if (!from || top.size !== from.says.size) {
    found.failed("inclusion", say("inclusion.size"));
    return;
  }
  const { root, size } = from.says;
  const wanted = new Set(events.map((event) => String(event.leaf)));
  if (!events.length || Object.keys(proofs).some((leaf) => !wanted.has(leaf))) found.failed("inclusion", say("inclusion.extra"));
  for (const event of events) {
    const steps = proofs[String(event.leaf)];
    const hashes = Array.isArray(steps) ? steps.map((step) => (typeof step === "string" && step.length === 64 ? unhex(step) : null)) : [null];
    const leaf = leafHash(unhex(event.hash)!);
    if (hashes.includes(null) || !included(event.leaf, size, leaf, hashes as Bytes[], root)) {
      found.failed("inclusion", say("inclusion.event", { stream: event.stream, version: event.version }));
    }
  }
  for (const stream of streams) {
    stream.forEach((event, i) => {
      if (i && stream[i - 1]!.leaf >= event.leaf) found.failed("inclusion", say("inclusion.leaf", { stream: event.stream, version: event.version }));
    });
  }
  if (!found.status("inclusion")) found.passed("inclusion", say("inclusion.ok", { count: events.length, size }));
}

// Answers of time-stamping authorities: over this checkpoint, and not before it. Their signatures are not judged here.
export function stamps(answers: [string, Bytes][], from: Head | null, key: Key, found: Findings): Stamp[] {
  if (!answers.length || !from) {
    found.none("timestamp", say("timestamp.none"));
    return [];
  }
  const line = ours(from.note, key) ?? from.note.signatures[0]!.line;
  const wanted = sha256(utf8(`${from.note.text}\n${line}\n`));
  const good: Stamp[] = [];
  for (const [path, bytes] of answers) {
    const read = stamp(bytes);
    if (!read) found.failed("timestamp", say("timestamp.form", { path }));
    else if (!same(read.imprint, wanted)) found.failed("timestamp", say("timestamp.other", { path }));
    else if (Date.parse(read.time) < Date.parse(from.says.time) - EARLIEST) found.failed("timestamp", say("timestamp.early", { path }));
    else {
      found.beyond("timestamp", say("timestamp.ok", { path, when: { at: Date.parse(read.time) } }));
      good.push(read);
    }
  }
  return good;
}

// Countersignatures, by keys that whoever asks knows (name -> key). One in the package shows whether a line is sound, not
// whose it is.
export async function witnesses(bytes: Bytes | null, from: Head | null, found: Findings, known: Witnesses = new Map()): Promise<void> {
  const list = bytes && from ? listed(bytes) : [];
  if (!list) {
    found.failed("witness", say("witness.form"));
    return;
  }
  for (const one of list) await witness(one, from!.note.text, known, found);
  const seen = new Set(list.map(({ name }) => name));
  if (from) for (const name of known.keys()) if (!seen.has(name)) found.failed("witness", say("witness.missing", { name }));
  if (!found.status("witness")) found.none("witness", say("witness.none"));
}

interface Countersigned {
  name: string;
  told: Bytes; // the key beside it; empty: the bureau does not know it
  line: string;
}

function listed(bytes: Bytes): Countersigned[] | null {
  const written = text(bytes);
  const list = written === null ? undefined : parsed(written)?.value;
  if (!Array.isArray(list)) return null;
  const found: Countersigned[] = [];
  for (const item of list) {
    const { key, line, name } = isObject(item) ? item : {};
    const told = typeof key === "string" ? unbase64(key) : null;
    if (!told || typeof line !== "string" || typeof name !== "string") return null;
    found.push({ name, told, line });
  }
  return found;
}

async function witness({ name, told, line }: Countersigned, over: string, known: Witnesses, found: Findings): Promise<void> {
  const key = known.get(name) ?? told;
  const mark = signature(line);
  if (mark && !key.length) {
    found.open("witness", say("witness.unknown", { name }));
    return;
  }
  const when = mark?.name === name && key.length === 32 ? await countersigned(over, name, key, mark.id, mark.value) : null;
  if (when === null) found.failed("witness", say(known.has(name) ? "witness.not_by_yours" : "witness.signature", { name }));
  else if (told.length && !same(told, key)) found.failed("witness", say("witness.another", { name }));
  else if (!known.has(name)) found.open("witness", say("witness.told", { name }));
  else found.passed("witness", when ? say("witness.at", { name, when: { at: Date.parse(when) } }) : say("witness.ok", { name }));
}

// The time it states, "" when it states none; null when it does not hold.
async function countersigned(of: string, name: string, key: Bytes, id: Bytes, value: Bytes): Promise<string | null> {
  if (same(id, keyId(name, key)) && value.length === 64) return (await signed(value, utf8(of), key)) ? "" : null;
  if (!same(id, keyId(name, key, COSIGNATURE)) || value.length !== 72) return null;
  const view = new DataView(value.buffer, value.byteOffset, 8);
  const seconds = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  const message = joined([utf8(`cosignature/v1\ntime ${seconds}\n`), utf8(of)]);
  if (seconds > 8.64e12 || !(await signed(value.slice(8), message, key))) return null;
  return new Date(seconds * 1000).toISOString();
}
