// Recordings against the journal: every piece it names and no other, each with the hash that was written down then.
import { isObject } from "./formats/canonical";
import type { Event } from "./journal";
import { later } from "./files";
import { FIRST, type Manifest } from "./manifest";
import type { Held } from "./package";
import { say, type Findings } from "./report";

export const VIDEO = "video/composed.mp4";
export const TRANSCRIPT = "transcript/transcript.json";
const COMPOSED = new Map([["RecordingComposed", VIDEO], ["TranscriptMade", TRANSCRIPT]]);
const PIECES = new Map([["SegmentSealed", "media"], ["ConsentSpoken", "spoken"]]); // one file each, in this folder
const MEDIA = /^(media|video|exhibits|documents|signed|handwriting|attachments|transcript|spoken)\//;

// What the journal says of a file; `size` 0 where it says only the hash.
export interface Named {
  sha256: unknown;
  size: unknown;
}

export function media(manifest: Manifest, session: Event[], complaint: Event[], held: Map<string, Held>, found: Findings): void {
  const named = pieces(session, found);
  const more = later(session, complaint);
  if (manifest.format === FIRST) for (const path of more.keys()) found.open("segment_unlisted", say("segment.before", { path }));
  else for (const [path, one] of more) named.set(path, one);
  const items = manifest.items.filter(({ path }) => MEDIA.test(path));
  for (const { path, sha256, size } of [...items, ...manifest.absent]) {
    const told = named.get(path);
    const real = held.get(path) ?? { sha256, size };
    const fits = !told || [{ sha256, size }, real].every((one) => one.sha256 === told.sha256 && one.size === (told.size || one.size));
    if (!fits) found.failed("segment_hash", say("segment.hash", { path }));
  }
  const there = new Set([...held.keys()].filter((path) => MEDIA.test(path)));
  const absent = new Map(manifest.absent.map((piece) => [piece.path, piece.cause]));
  for (const path of there) if (!named.has(path)) found.failed("segment_unlisted", say("segment.unlisted", { path }));
  for (const path of absent.keys()) if (!named.has(path)) found.failed("segment_unlisted", say("segment.unlisted", { path }));
  for (const path of named.keys()) {
    if (absent.has(path)) found.open("segment_unlisted", say(`segment.gone.${absent.get(path)!}`, { path }));
    else if (!there.has(path)) found.failed("segment_unlisted", say("segment.missing", { path }));
  }
  if (!found.status("segment_hash")) found.passed("segment_hash", say("segment.hash_ok", { count: there.size }));
  if (!found.status("segment_unlisted")) found.passed("segment_unlisted", say("segment.all", { count: named.size }));
}

// What the journal names, by where it lies in the package.
function pieces(events: Event[], found: Findings): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const event of events) {
    exhibits(event, named, found);
    const { data, salt, type, version } = event;
    if (salt && type === "DocumentSealed") named.set(`documents/${String(data.document)}.pdf`, { sha256: data.sha256, size: data.size });
    const [whole, folder] = [COMPOSED.get(type), PIECES.get(type)];
    if (!salt || (!whole && !folder)) continue;
    const { path, sha256, size } = data;
    const place = whole ?? (typeof path === "string" ? `${folder!}/${path.slice(path.indexOf("/") + 1)}` : null);
    if (place !== null && sha256 !== undefined && size !== undefined) named.set(place, { sha256, size });
    else for (const code of ["segment_hash", "segment_unlisted"] as const) found.failed(code, say("segment.form", { version }));
  }
  return named;
}

// Originals of exhibits that were offered to everybody and not withdrawn.
function exhibits({ data, salt, type, version }: Event, named: Map<string, Named>, found: Findings): void {
  if (!salt || (type !== "ExhibitOffered" && type !== "ExhibitWithdrawn")) return;
  if (type === "ExhibitWithdrawn") {
    for (const path of [...named.keys()]) if (path.startsWith(`exhibits/${String(data.exhibit)}/`)) named.delete(path);
    return;
  }
  const originals = Array.isArray(data.originals) ? data.originals : [];
  originals.forEach((original, index) => {
    if (isObject(original) && original.sha256 !== undefined && original.size !== undefined) {
      named.set(`exhibits/${String(data.exhibit)}/${index + 1}.${String(original.form)}`, { sha256: original.sha256, size: original.size });
    } else for (const code of ["segment_hash", "segment_unlisted"] as const) found.failed(code, say("segment.form", { version }));
  });
}

// The seats a recording can be of.
export function seats(events: Event[]): Set<string> {
  const found = new Set<string>();
  const add = (seat: unknown): void => {
    const id = (seat as { id?: unknown } | null)?.id;
    if (typeof id === "string") found.add(id);
  };
  const begins = events[0]?.data.seats;
  if (Array.isArray(begins)) begins.forEach(add);
  for (const { type, data } of events) {
    if (type === "SeatAdded") add(data.seat);
  }
  return found;
}
