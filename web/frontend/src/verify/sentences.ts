// What happened, said in words: one sentence for every kind of event. The sentences are data, web/office/audit/sentences.json, which
// web/office/audit/sentences.py reads for the pages and says how. Built in are the rows for this page alone (build.mjs).
import TABLE from "../../../office/audit/sentences.json";
import { isObject, type Json, type Members } from "./formats/canonical";
import { ENDED } from "./derived";
import type { Event } from "./journal";
import { joined, say, type Arg, type Say } from "./report";

export interface Voice {
  name(seat: string): string;
  exhibit(id: string): string; // its title in quotes, "" when that was erased
  mediator: string; // the mediator's seat: nobody lets them in
}

interface Row {
  for?: string; // the only reader it is for: this page's rows alone are built in
  withheld?: boolean; // said where the content is withheld, as it is in every package
  if?: string;
  say: string;
  blanks?: Record<string, string>;
  then?: Row[];
}

export const SENTENCES: Record<string, Record<string, Row[]>> = { complaint: TABLE.complaint, session: TABLE.session };
const WORDS: Record<string, Record<string, string>> = TABLE.words;
const DEFAULTS: Record<string, string> = TABLE.defaults;

// Too frequent to be read one by one; they are shown on request.
export const ROUTINE = new Set([
  "SpeakingStarted", "SpeakingStopped", "Routed", "RecordingStarted", "RecordingStopped", "SegmentSealed", "NothingRecorded", "Archived", "Viewed", "Exported",
  "LinkIssued", "LinkHandedOver", "LinkRevoked", "CodeSent", "QualityChanged", "PicturesPaused", "PicturesResumed", "ExhibitMarked", "ExhibitUnmarked",
]);

// An event that this page does not know is named by its type: nothing is hidden.
export function sentence(event: Event, voice: Voice): Say {
  const rows = (own(own(SENTENCES, event.stream.split("/")[0]!) ?? {}, event.type) ?? []).filter((row) => !row.withheld === Boolean(event.salt));
  if (rows.length) return told(rows, event.data, voice);
  return event.salt ? say("{type}", { type: event.type }) : say("What this entry said was erased ({type})", { type: event.type });
}

export const phase = (name: string): Arg => wordFor("phases", name);
export const role = (name: string): Arg => wordFor("roles", name);
export const cause = (name: string): Arg => wordFor("causes", name);

function told(rows: Row[], data: Members, voice: Voice): Say {
  const row = rows.find((one) => holds(one.if, data, voice)) ?? rows[rows.length - 1]!;
  const args: Record<string, Arg> = {};
  for (const [, blank = ""] of row.say.matchAll(/\{(\w+)\}/g)) args[blank] = filled(row.blanks?.[blank] ?? DEFAULTS[blank] ?? blank, data, voice);
  const behind = (row.then ?? []).filter((one) => holds(one.if, data, voice));
  return behind.reduce((first, one) => joined(first, told([one], data, voice)), say(row.say, args));
}

function holds(condition: string | undefined, data: Members, voice: Voice): boolean {
  return !condition || condition.split(" & ").every((one) => {
    const [, denied, field = "", compared, wanted = "", ended] = /^(!?)(\w+?)(?:(=|>|\^=)(.*)|(@ended))?$/.exec(one) ?? [];
    const value = data[field];
    if (ended) return ENDED.has(value);
    if (compared === "=") return spelled(value) === (wanted === "@mediator" ? voice.mediator : wanted.startsWith("@") ? spelled(data[wanted.slice(1)]) : wanted);
    if (compared === ">") return Number(value) > Number(wanted);
    if (compared === "^=") return word(value).startsWith(wanted);
    return (isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) ? value.length > 0 : Boolean(value)) !== Boolean(denied);
  });
}

// A value as text: nothing but text and numbers stands in a sentence.
function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const spelled = (value: unknown): string => (typeof value === "boolean" ? String(value) : word(value));

// What a table has under this name, which may be any, "constructor" too.
function own<T>(table: Record<string, T>, name: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(table, name) ? table[name] : undefined;
}

function wordFor(table: string, name: string): Arg {
  const id = own(WORDS[table] ?? {}, name) ?? WORDS[table]?.[""];
  return id === undefined ? name : say(id);
}

// From a field, a way to write it, and what stands where it is empty.
function filled(from: string, data: Members, voice: Voice): Arg {
  const [field = "", way = "", nothing = ""] = from.split(" ");
  const [outer = "", inner] = field.split(".");
  const holder = data[outer];
  const value = inner === undefined ? holder : isObject(holder) ? holder[inner] : undefined;
  if (field === "@") return heard(data, voice);
  const write = WAYS[way];
  return write ? write(value, voice) : way ? wordFor(way, word(value)) || nothing : word(value);
}

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const kilobytes = (bytes: number): string => Math.ceil(bytes / 1024).toLocaleString("en");
const moment = (value: Json | undefined): Arg => ({ at: Date.parse(word(value)) });
const names = (value: Json | undefined, voice: Voice): Arg[] => list(value).map((seat) => voice.name(word(seat)));
const digest = (value: Json | undefined): string => word(value).slice(0, 12);

const WAYS: Record<string, (value: Json | undefined, voice: Voice) => Arg> = {
  dash: word,
  day: word,
  name: (value, voice) => voice.name(word(value)),
  names,
  apart: names,
  nobody_of: (value, voice) => (list(value).length ? names(value, voice) : say("nobody")),
  nobody: (value) => word(value) || say("nobody took part"),
  list: (value) => list(value).map(word),
  count: (value) => list(value).length,
  when: moment,
  clock: (value) => clock(Number(value)),
  money: (value) => money(word(value)),
  kb: (value) => kilobytes(Number(value)),
  kb_in_all: (value) => kilobytes(list(value).filter(isObject).reduce((sum, one) => sum + Number(one.size), 0)),
  digest,
  digest_of_first: (value) => digest(list(value).filter(isObject)[0]?.sha256),
  below: (value) => word(value).replace(/^[^/]*\/?/, ""),
  exhibit: (value, voice) => voice.exhibit(word(value)) || say("an exhibit"),
  track: (value, voice) => voice.name(word(value).slice("track:".length)),
  headline,
  cited: (value) => inChinese(value, "citation") || (isObject(value) ? word(value.article) : ""),
  findings: (value) => list(value).map((one) => wordFor("findings", word(one))),
  spoken: (value) => (isObject(value) ? word(value.zh) || word(value.en) : "") || "–",
  titled: (value) => inChinese(value, "title") || "–",
};

// Told in the language of the account; the leaf has both, and an older journal perhaps only one.
function inChinese(leaf: Json | undefined, member: string): string {
  const said = isObject(leaf) ? leaf[member] : undefined;
  return isObject(said) ? word(said.zh) || word(said.en) : "";
}

function heard(data: Members, voice: Voice): Arg {
  const hearing = isObject(data.hears) ? Object.entries(data.hears).filter(([, others]) => list(others).length) : [];
  return hearing.length
    ? hearing.map(([who, others]) => say("{name} hears {others}", { name: voice.name(who), others: names(others, voice) }))
    : say("nobody hears anybody");
}

// The outcome as one sentence.
export function headline(outcome: Json | undefined): Say {
  if (!isObject(outcome)) return say("No outcome");
  const terms = Array.isArray(outcome.terms) ? outcome.terms.filter(isObject) : [];
  switch (outcome.kind) {
    case "settled": {
      const owed = terms.filter((term) => Number(term.amount));
      const [only] = owed;
      if (only && owed.length === 1 && word(only.action).length <= 12) {
        return say("Settled: {action} {amount}", { action: word(only.action), amount: money(word(only.amount)) });
      }
      const cents = owed.filter((term) => term.who === "business").reduce((sum, term) => sum + Math.round(Number(term.amount) * 100), 0);
      if (cents) return say("Settled: the business pays {amount}", { amount: money((cents / 100).toFixed(2)) });
      return say("Settled, {count} promises", { count: terms.length });
    }
    case "not_settled": return say("Not settled");
    case "ended": return outcome.ground ? say("Terminated, ground no. {number}", { number: word(outcome.ground) }) : say("Terminated (statutory ground)");
    case "adjourned": return outcome.adjourned_to ? say("Adjourned to {when}", { when: moment(outcome.adjourned_to) }) : say("Adjourned");
    default: return outcome.kind ? say("{kind}", { kind: word(outcome.kind) || "–" }) : say("No outcome");
  }
}

// One promise of a settlement.
export function promise(term: Members): Say {
  const who = say(term.who === "consumer" ? "consumer" : "business");
  const parts: Arg[] = [word(term.action)];
  if (term.amount) parts.push(money(word(term.amount)));
  if (term.performance === "on_the_spot") parts.push(say("done on the spot"));
  else if (term.due) parts.push(say("by {when}", { when: moment(term.due) }));
  if (term.how) parts.push(word(term.how));
  return say("{who}: {parts}", { who, parts });
}

export function money(amount: string): string {
  const [whole = "0", cents = ""] = amount.split(".");
  return `¥${whole.replace(/\B(?=(\d{3}){1,6}$)/g, ",")}.${cents.padEnd(2, "0").slice(0, 2)}`;
}

// Minutes and seconds, with hours once there are any: 33:50, 1:02:03.
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}
