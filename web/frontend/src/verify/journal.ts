// One stream of the journal: its lines, what each commits to, and the chain through them.
import { lines, text, utf8, type Bytes } from "./formats/bytes";
import { isObject, parsed, type Json, type Members } from "./formats/canonical";
import { sha256Hex } from "./formats/digest";
import { say, type Say } from "./report";

export interface Actor {
  kind: string;
  id: string;
  name: string;
  role: string;
  office: string;
}

export interface Event {
  actor: Actor;
  at: string;
  content: string;
  data: Members;
  hash: string;
  leaf: number;
  salt: string; // "": erased
  stream: string;
  type: string;
  version: number;
}

export interface Stream {
  events: Event[];
  chain: Say[]; // what is wrong with the chain
  content: Say[]; // what is wrong with what events say
}

export const MOST_EVENTS = 1_000_000;
const ERASED = "ContentErased"; // by which an erasure is accounted for
// Entries of a session whose content is in no package: concessions (docs/evidence.md, section 2).
export const WITHHELD = new Set([
  "Confided", "ReasonConfided", "OutcomeObjected", "SlipWritten", "SlipMarked", "SlipWithdrawn", "SlipShown", "FigureEntered", "GapRevealed", "ExhibitConfided",
  "OfferPut", "OfferTakenBack", "OfferAnswered",
  "ClausePut", "ClauseRemoved", "ClauseAnswered", // unless they are what was agreed
]);

const MEMBERS = ["actor", "at", "content", "data", "hash", "leaf", "salt", "stream", "type", "version"];
const HASH = /^[0-9a-f]{64}$/;
const SALT = /^(?:[0-9a-f]{32})?$/;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

// A file with one line that is none is not read at all: what stands around it could be anything.
export function stream(bytes: Bytes | null, file: string, first: string): Stream {
  const found: Stream = { events: [], chain: [], content: [] };
  const written = bytes && text(bytes);
  const all = written === null ? (bytes ? null : []) : lines(written);
  if (all === null || all.length > MOST_EVENTS) {
    found.content.push(say("journal.unreadable", { file }));
    found.chain.push(say("journal.unreadable", { file }));
    return found;
  }
  let previous = "";
  let broken = false;
  for (const [index, line] of all.entries()) {
    const version = index + 1;
    const read = parsed(line);
    const event = read && eventOf(read.value);
    if (!read || !event) {
      const about = say("journal.line", { file, version });
      return { events: [], chain: [about], content: [about] };
    }
    const { raw } = read;
    if (event.salt === "") {
      if (Object.keys(event.data).length || event.actor.name) found.content.push(say("journal.half_erased", { file, version }));
    } else if (sha256Hex(utf8(`${event.salt}\n{"actor":${raw.actor},"data":${raw.data}}`)) !== event.content) {
      found.content.push(say("journal.content", { file, version }));
    }
    const header = `{"at":${raw.at},"content":${raw.content},"stream":${raw.stream},"type":${raw.type},"version":${raw.version}}`;
    if (!broken && (event.version !== version || sha256Hex(utf8(`${previous}\n${header}`)) !== event.hash)) {
      broken = true; // all behind it hangs on what is not there
      found.chain.push(say("journal.chain", { file, version }));
    }
    previous = event.hash;
    found.events.push(event);
  }
  if (!all.length) found.chain.push(say("journal.empty", { file }));
  else if (found.events[0]!.type !== first) found.chain.push(say("journal.first", { file }));
  if (new Set(found.events.map((event) => event.stream)).size > 1) found.chain.push(say("journal.mixed", { file }));
  return found;
}

function eventOf(value: Json): Event | null {
  if (!isObject(value) || Object.keys(value).join() !== MEMBERS.join()) return null;
  const { actor, at, content, data, hash, leaf, salt, stream: named, type, version } = value;
  const sound = Array.isArray(actor) && actor.length === 5 && actor.every((part) => typeof part === "string")
    && typeof at === "string" && isStamp(at) && typeof content === "string" && HASH.test(content) && isObject(data)
    && typeof hash === "string" && HASH.test(hash) && typeof leaf === "number" && leaf >= 0
    && typeof salt === "string" && SALT.test(salt) && typeof named === "string" && typeof type === "string"
    && typeof version === "number";
  if (!sound) return null;
  const [kind, id, who, role, office] = actor as [string, string, string, string, string];
  return { actor: { kind, id, name: who, role, office }, at, content, data, hash, leaf, salt, stream: named, type, version };
}

// A moment that there was: no 30th of February, which a browser would take for the 2nd of March.
export function isStamp(text: string): boolean {
  const at = STAMP.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19);
}

// Said in confidence: nothing need account for its being left out.
export function withheld(event: Event): boolean {
  return event.salt === "" && WITHHELD.has(event.type) && event.stream.startsWith("session/");
}

// Erased events: with the reason that a later event of their stream gives, and those that none accounts for.
export function erased(events: Event[]): { accounted: [Event, string][]; unaccounted: Event[] } {
  const accounts = events.filter((event) => event.salt && event.type === ERASED);
  const accounted: [Event, string][] = [];
  const unaccounted: Event[] = [];
  for (const event of events) {
    if (event.salt || withheld(event)) continue;
    const by = accounts.find(({ data, stream: own, version }) =>
      own === event.stream && version > event.version && Array.isArray(data.versions) && data.versions.includes(event.version));
    if (by) accounted.push([event, String(by.data.reason ?? "")]);
    else unaccounted.push(event);
  }
  return { accounted, unaccounted };
}
