// What happened, told from the journal itself: who was there, in which phase, who could hear whom, what was recorded, how it
// ended. Pure. Only the causes of gaps come from a sheet, because they are the server's word.
import { isObject, type Json, type Members } from "./formats/canonical";
import { withheld, type Event } from "./journal";
import { Line, subtract, union, type Span } from "./spans";

export interface Answer {
  kind: string; // participate, record
  answer: "given" | "refused" | "withdrawn";
  at: number;
  text: string;
}

export interface Gap extends Span {
  seat: string;
  source: string; // mic, camera, screen
  cause: string;
}

export interface Person {
  id: string;
  role: string;
  side: string;
  name: string;
  organisation: string;
  answers: Answer[];
  identity: string; // how it was confirmed; "" when it was not
  voice: string; // who knew it, where it was "voice"
  waiting: Span[];
  present: Span[];
  away: (Span & { cause: string })[];
  speaking: Span[];
  recorded: Span[]; // as files that are in the package, or were
  gaps: Gap[];
  unnamed: Span[]; // there, in no recording, and no gap says why
}

export interface Stretch extends Span {
  hears: Record<string, string[]>; // who -> whom
  sees: Record<string, string[]>;
  recorded: string[];
}

export interface Message {
  at: number;
  from: string;
  to: string; // "": everybody
  text: string;
}

export interface Story {
  title: string;
  number: string;
  ordinal: number;
  opened: number | null;
  closed: number | null;
  cancelled: string | null; // why
  end: number;
  people: Person[];
  phases: (Span & { phase: string })[];
  recesses: Span[];
  caucuses: (Span & { side: string })[];
  routing: Stretch[];
  chat: Message[];
  outcome: Members | null;
  seen: string[]; // seats that looked at the outcome before it was closed
  papers: number; // documents under the bureau's seal
  signed: boolean; // whether anybody ever signed, also what came to nothing
  anyway: string;
  corrections: { at: number; by: string; text: string }[];
  failures: { at: number; cause: string; seat: string }[];
  video: { from: number; ms: number } | null;
  erased: number;
  withheld: number; // said in confidence: in no package
  ledger: boolean; // whether causes of gaps are known
}

const SEAM = 2000; // between two files, ms

interface Lines {
  waiting: Line;
  present: Line;
  away: Line;
  speaking: Line;
  causes: string[];
}

export function story(events: Event[], gapSheet: Members | undefined): Story {
  const teller = new Teller();
  for (const event of events) {
    if (event.salt) teller.note(event);
    else if (withheld(event)) teller.told.withheld++;
    else teller.told.erased++;
  }
  return teller.finish(events, gapSheet);
}

class Teller {
  readonly told: Story = {
    title: "", number: "", ordinal: 0, opened: null, closed: null, cancelled: null, end: 0, people: [], phases: [], recesses: [],
    routing: [], chat: [], outcome: null, seen: [], papers: 0, signed: false, anyway: "", corrections: [], failures: [], video: null, erased: 0, withheld: 0, caucuses: [], ledger: false,
  };
  private readonly lines = new Map<string, Lines>();
  private readonly files = new Map<string, Span[]>();
  private readonly recess = new Line();
  private talk: { side: string; at: number } | null = null;
  private readonly turns: { phase: string; at: number }[] = [];

  note(event: Event): void {
    const { data, type } = event;
    const at = time(event.at);
    const seat = word(data.seat);
    const lines = this.lines.get(seat);
    const person = this.told.people.find((one) => one.id === seat);
    switch (type) {
      case "SessionScheduled":
        this.told.title = word(data.title);
        this.told.number = word(data.number);
        this.told.ordinal = Number(data.ordinal ?? 0);
        for (const one of list(data.seats)) this.seat(one);
        break;
      case "SeatAdded": this.seat(data.seat ?? null); break;
      case "NameChosen": if (person) person.name = word(data.name); break;
      case "IdentityConfirmed": if (person) person.identity = word(data.method); break;
      case "IdentityConfirmedByVoice": if (person) Object.assign(person, { identity: "voice", voice: event.actor.name }); break;
      case "ConsentGiven": this.answer(person, event, "given"); break;
      case "ConsentRefused":
        this.answer(person, event, "refused");
        if (data.kind === "participate") this.stop(lines, at);
        break;
      case "ConsentWithdrawn": this.answer(person, event, "withdrawn"); break;
      case "SessionOpened": this.told.opened = at; break;
      case "PhaseEntered": this.turns.push({ phase: word(data.phase), at }); break;
      case "RecessStarted": this.recess.put(true, at); break;
      case "RecessEnded": this.recess.put(false, at); break;
      case "CaucusStarted": this.talk = { side: word(data.side), at }; break;
      case "CaucusEnded": this.part(at); break;
      case "Arrived": lines?.waiting.put(true, at); break;
      case "Admitted": case "ObservationBegun":
        lines?.waiting.put(false, at);
        if (!lines?.away.on) lines?.present.put(true, at);
        break;
      case "Disconnected":
        lines?.present.put(false, at);
        lines?.speaking.put(false, at);
        lines?.away.put(true, at);
        lines?.causes.push(word(data.cause));
        break;
      case "Reconnected":
        lines?.away.put(false, at);
        if (!lines?.waiting.on) lines?.present.put(true, at);
        break;
      case "SpeakingStarted": lines?.speaking.put(true, at); break;
      case "SpeakingStopped": lines?.speaking.put(false, at); break;
      case "SentBack": case "Left": case "Removed": this.stop(lines, at); break;
      case "Routed":
        this.told.routing.push({ from: at, until: at, hears: matrix(data.hears), sees: matrix(data.sees), recorded: words(data.recorded) });
        break;
      case "Said": this.told.chat.push({ at, from: seat, to: word(data.to), text: word(data.text) }); break;
      case "SegmentSealed": {
        const span = { from: time(word(data.started)), until: time(word(data.ended)) };
        if (span.until >= span.from) this.files.set(seat, [...(this.files.get(seat) ?? []), span]);
        break;
      }
      case "RecordingFailed": this.told.failures.push({ at, cause: word(data.cause), seat }); break;
      case "RecordingComposed": this.told.video = { from: time(word(data.origin)), ms: Number(data.duration_ms ?? 0) }; break;
      case "SessionClosed":
        this.told.closed = at;
        this.told.outcome = isObject(data.outcome) ? data.outcome : null;
        this.told.anyway = word(data.anyway);
        this.everybodyStops(at);
        break;
      case "SessionCancelled":
        this.told.closed = at;
        this.told.cancelled = word(data.reason);
        this.everybodyStops(at);
        break;
      case "OutcomeProposed": case "OutcomeTakenBack": this.told.seen = []; break;
      case "OutcomeSeen": if (!this.told.seen.includes(seat)) this.told.seen.push(seat); break;
      case "Signed": this.told.signed = true; break;
      case "DocumentSealed": this.told.papers++; break;
      case "Corrected": this.told.corrections.push({ at, by: event.actor.name, text: word(data.text) }); break;
    }
  }

  finish(events: Event[], gapSheet: Members | undefined): Story {
    const { told } = this;
    const last = events[events.length - 1];
    const end = told.end = told.closed ?? (last ? time(last.at) : 0);
    told.phases = this.turns.map(({ phase, at }, i) => ({ phase, from: at, until: this.turns[i + 1]?.at ?? Math.max(at, end) }));
    told.recesses = this.recess.spans(end);
    told.routing = joinedUp(told.routing, end);
    told.ledger = Array.isArray(gapSheet?.tracks);
    const gaps = gapsOf(gapSheet);
    for (const person of told.people) {
      const lines = this.lines.get(person.id)!;
      person.waiting = lines.waiting.spans(end);
      person.present = lines.present.spans(end);
      person.away = lines.away.spans(end).map((span, i) => ({ ...span, cause: lines.causes[i] ?? "" }));
      person.speaking = subtract(lines.speaking.spans(end), told.caucuses); // in private nobody is measured
      person.recorded = union(this.files.get(person.id) ?? []);
      person.gaps = gaps.filter((gap) => gap.seat === person.id);
      const there = person.role === "observer" || person.role === "supervisor" ? [] : union([...person.present, ...person.away]); // observers only watch
      const explained = union([...person.recorded, ...person.gaps]);
      person.unnamed = subtract(there, explained).filter((span) => span.until - span.from > SEAM);
    }
    return told;
  }

  private part(at: number): void {
    if (this.talk) this.told.caucuses.push({ side: this.talk.side, from: this.talk.at, until: Math.max(at, this.talk.at) });
    this.talk = null;
  }

  private seat(of: Json): void {
    if (!isObject(of) || typeof of.id !== "string" || this.lines.has(of.id)) return;
    this.lines.set(of.id, { waiting: new Line(), present: new Line(), away: new Line(), speaking: new Line(), causes: [] });
    this.told.people.push({
      id: of.id, role: word(of.role), side: word(of.side), name: word(of.name), organisation: word(of.organisation),
      answers: [], identity: "", voice: "", waiting: [], present: [], away: [], speaking: [], recorded: [], gaps: [], unnamed: [],
    });
  }

  private answer(person: Person | undefined, event: Event, answer: Answer["answer"]): void {
    person?.answers.push({ kind: word(event.data.kind), answer, at: time(event.at), text: word(event.data.text) });
  }

  private stop(lines: Lines | undefined, at: number): void {
    if (lines) for (const line of [lines.waiting, lines.present, lines.away, lines.speaking]) line.put(false, at);
  }

  private everybodyStops(at: number): void {
    this.recess.put(false, at);
    this.part(at);
    for (const lines of this.lines.values()) this.stop(lines, at);
  }
}

// Until the next change; changes that changed nothing are one stretch.
function joinedUp(changes: Stretch[], end: number): Stretch[] {
  const out: Stretch[] = [];
  changes.forEach((change, i) => {
    const until = changes[i + 1]?.from ?? Math.max(end, change.from);
    const last = out[out.length - 1];
    const same = last && JSON.stringify([last.hears, last.sees, last.recorded]) === JSON.stringify([change.hears, change.sees, change.recorded]);
    if (same) last.until = until;
    else if (until > change.from) out.push({ ...change, until });
  });
  return out;
}

function gapsOf(sheet: Members | undefined): Gap[] {
  const found: Gap[] = [];
  for (const track of list(sheet?.tracks)) {
    if (!isObject(track)) continue;
    for (const gap of list(track.missing)) {
      if (!isObject(gap)) continue;
      const from = time(word(gap.from));
      const until = time(word(gap.until));
      if (until >= from) found.push({ seat: word(track.seat), source: word(track.source), cause: word(gap.cause), from, until });
    }
  }
  return found;
}

// Gaps as one reads them: the tracks of one person that are missing for the same cause at the same time are one entry.
export function gathered(gaps: Gap[]): (Gap & { sources: string[] })[] {
  const out = new Map<string, Gap & { sources: string[] }>();
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const key = `${gap.from} ${gap.until} ${gap.cause}`;
    const there = out.get(key);
    if (there) there.sources.push(gap.source);
    else out.set(key, { ...gap, sources: [gap.source] });
  }
  return [...out.values()];
}

function time(stamp: string): number {
  return Date.parse(stamp);
}

function word(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function words(value: Json | undefined): string[] {
  return list(value).filter((item): item is string => typeof item === "string");
}

function matrix(value: Json | undefined): Record<string, string[]> {
  return Object.fromEntries(isObject(value) ? Object.entries(value).map(([who, whom]) => [who, words(whom)]) : []);
}
