// A package, judged: every check of docs/evidence.md, section 6, in its order, as recordings/evidence/verifier.py makes them.
// Knows no page and no words.
import { text, type Bytes } from "./formats/bytes";
import { isObject, parsed, type Members } from "./formats/canonical";
import { consents, type Editions } from "./consents";
import { digest, sha256Hex } from "./formats/digest";
import { fits, type Expected } from "./formats/key";
import { erased, stream, type Event, type Stream } from "./journal";
import { head, inclusion, stamps, witnesses, type Head, type Witnesses } from "./log";
import { AFTER, BEFORE, manifest, PAGES, type Manifest } from "./manifest";
import { media, seats } from "./media";
import { note, signedBy } from "./formats/note";
import { Findings, say, verdict, type Check, type Say, type Verdict } from "./report";
import { sheetNames, sheets } from "./sheets";
import type { Stamp } from "./formats/timestamp";
import { BadZip, open, type Entry, type Source } from "./formats/zip";

export interface Report {
  verdict: Verdict;
  checks: Check[];
  manifest: Manifest | null;
  session: Event[];
  complaint: Event[];
  sheets: Record<string, Members>;
  head: Head | null;
  stamps: Stamp[];
  countersigned: Bytes | null; // log/witnesses.json
  exported: Members | null;
  compared: boolean; // with a key that the auditor expects
  witnessesNamed: boolean; // by the auditor, with their keys
  size: number;
}

export interface Wishes {
  editions: Editions;
  progress?: (done: number, all: number, path: string) => void;
  stopped?: () => boolean; // asked between two entries
}

// An entry as it is in the archive; `bytes` of those that are read further on.
export interface Held {
  sha256: string;
  size: number;
  bytes: Bytes | null;
}

const LIMITS = { manifest: 32 << 20, small: 1 << 20, item: 128 << 20 };
const READ = /^(journal|log|texts|sheets)\//;
const MASKED = "masked.json";

export class Stopped extends Error {}

export async function judge(source: Source, wishes: Wishes): Promise<Report> {
  const found = new Findings();
  const report: Report = {
    verdict: "unreadable", checks: [], manifest: null, session: [], complaint: [], sheets: {}, head: null, stamps: [],
    countersigned: null, exported: null, compared: false, witnessesNamed: false, size: source.size,
  };
  try {
    await new Judge(source, wishes, found, report).all();
  } catch (error) {
    if (!(error instanceof BadZip)) throw error;
    found.failed("zip", error.ours ? say("zip.repacked") : say("zip.form"));
  }
  return { ...report, verdict: verdict(found.checks), checks: found.checks };
}

// The same report once the package's key has been held against the one that the auditor expects.
export function compared(report: Report, expected: Expected): Report {
  const { manifest: of } = report;
  if (!of) return report;
  const right = fits(expected, of.key.public);
  const checks = report.checks.map((check): Check => {
    if (check.code !== "wrong_key") return check;
    const others = check.details.filter(({ id }) => id !== "key.compare");
    if (!right) return { ...check, status: "failed", details: [say("key.other"), ...others] };
    return check.status === "failed" ? { ...check, details: others } : { ...check, status: "ok", details: [say("key.ok")] };
  });
  return { ...report, checks, verdict: verdict(checks), compared: true };
}

// The same report once the countersignatures have been judged by keys that the auditor has of witnesses.
export async function witnessed(report: Report, known: Witnesses): Promise<Report> {
  if (!report.head) return report;
  const found = new Findings();
  await witnesses(report.countersigned, report.head, found, known);
  const checks = report.checks.map((check) => (check.code === "witness" ? found.checks[0]! : check));
  return { ...report, checks, verdict: verdict(checks), witnessesNamed: known.size > 0 };
}

class Judge {
  private entries = new Map<string, Entry>();
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly source: Source, private readonly wishes: Wishes,
    private readonly found: Findings, private readonly report: Report,
  ) {}

  async all(): Promise<void> {
    const { found, report } = this;
    this.entries = await open(this.source);
    found.passed("zip", say("zip.ok", { count: this.entries.size }));
    const raw = await this.bytes("manifest.json", LIMITS.manifest);
    const read = raw && manifest(raw);
    if (!raw || !read) {
      found.failed("manifest", say(this.entries.has(MASKED) && !raw ? "manifest.masked" : "manifest.form"));
      return;
    }
    report.manifest = read;
    found.passed("manifest", say("manifest.ok", { count: read.items.length }));
    await this.hold(read);
    this.order();
    const sum = sha256Hex(raw);
    const wanted = `${read.format}\n${read.session}\n${sum}\n`;
    found.judged("manifest_signature", await this.noted("manifest.note", wanted, read), say("manifest.signed"));
    this.items(read);
    this.streams(read);
    if (read.key.name !== `yuntiao/${read.installation}`) found.failed("wrong_key", say("key.name"));
    report.head = await head(this.text("log/checkpoint.note"), read.key, read.installation, found);
    found.open("wrong_key", say("key.compare"));
    inclusion(this.text("log/inclusion.json"), [report.session, report.complaint], report.head, found);
    const answers = [...this.under("log/timestamps/")].filter(([path]) => path.endsWith(".tsr"));
    report.stamps = stamps(answers, report.head, read.key, found);
    report.countersigned = this.text("log/witnesses.json");
    await witnesses(report.countersigned, report.head, found);
    media(read, report.session, report.complaint, this.held, found);
    consents(read, report.session, this.under("texts/"), this.wishes.editions, found);
    report.sheets = sheets(this.under("sheets/"), read.items.map((item) => item.path), sheetNames(read, report.session, report.complaint), report.session, found);
    await this.exported(read, sum);
  }

  private async bytes(name: string, most: number): Promise<Bytes | null> {
    const entry = this.entries.get(name);
    return entry && entry.size <= most ? this.source.read(entry.data, entry.data + entry.size) : null;
  }

  private text(name: string): Bytes | null {
    return this.held.get(name)?.bytes ?? null;
  }

  private under(folder: string): Map<string, Bytes> {
    return new Map([...this.held].flatMap(([path, { bytes }]) => (bytes && path.startsWith(folder) ? [[path, bytes]] : [])));
  }

  // Everything is read once and hashed.
  private async hold(of: Manifest): Promise<void> {
    const listed = new Map(of.items.map((item) => [item.path, item]));
    let done = 0;
    for (const [name, entry] of this.entries) {
      if (this.wishes.stopped?.()) throw new Stopped();
      const { sha256, intact } = await digest(this.source, entry, (bytes) => this.wishes.progress?.(done += bytes, this.source.size, name));
      const item = listed.get(name);
      if (!intact && (!item || item.sha256 === sha256)) this.found.failed("zip", say("zip.crc", { path: name }));
      this.held.set(name, { sha256, size: entry.size, bytes: READ.test(name) ? await this.bytes(name, LIMITS.item) : null });
    }
  }

  // The fixed entries first and last, the items by name between them.
  private order(): void {
    const names = [...this.entries.keys()];
    const items = names.filter((name) => ![...BEFORE, ...AFTER].includes(name)).sort();
    const wanted = [...BEFORE.filter((name) => this.entries.has(name)), ...items, ...AFTER.filter((name) => this.entries.has(name))];
    if (names.join() !== wanted.join()) this.found.failed("zip", say("zip.order"));
  }

  // A note with exactly this text and one signature line, by the package's key.
  private async noted(name: string, wanted: string, of: Manifest): Promise<Say[]> {
    const bytes = await this.bytes(name, LIMITS.small);
    const written = bytes && text(bytes);
    const read = written === null ? null : note(written);
    if (!read || read.signatures.length !== 1 || read.text !== wanted) return [say("note.form", { name })];
    return (await signedBy(read, of.key.name, of.key.public)) ? [] : [say("note.signature", { name })];
  }

  private items(of: Manifest): void {
    const { found, held } = this;
    const wanted = new Set([...of.items.map((item) => item.path), ...BEFORE, ...AFTER]);
    const there = of.items.filter((item) => held.has(item.path));
    const missing = [...new Set([...of.items.map((item) => item.path), ...PAGES])].filter((path) => !held.has(path));
    const extra = [...held.keys()].filter((name) => !wanted.has(name));
    const changed = there.filter(({ path, sha256, size }) => held.get(path)!.sha256 !== sha256 || held.get(path)!.size !== size);
    found.judged("item_missing", missing.map((path) => say("item.missing", { path })));
    found.judged("item_extra", extra.map((path) => say("item.extra", { path })));
    found.judged("item_changed", changed.map(({ path }) => say("item.changed", { path })), say("item.ok", { count: there.length }));
  }

  private streams(of: Manifest): void {
    const { found, report } = this;
    const read = (file: string, first: string): Stream => stream(this.text(file), file, first);
    const session = read("journal/session.jsonl", "SessionScheduled");
    const complaint = read("journal/complaint.jsonl", "ComplaintRegistered");
    report.session = session.events;
    report.complaint = complaint.events;
    if (!session.events.some(({ type }) => type === "SessionClosed" || type === "SessionCancelled")) session.chain.push(say("journal.no_end"));
    found.judged("chain_session", session.chain, say("journal.chain_ok", { count: session.events.length }));
    found.judged("chain_complaint", complaint.chain, say("journal.chain_ok", { count: complaint.events.length }));
    found.judged("content", [...session.content, ...complaint.content], say("journal.content_ok"));
    const { accounted, unaccounted } = erased([...session.events, ...complaint.events]);
    const which = ({ stream, type, version }: Event): Record<string, string | number> => ({ stream, type, version });
    found.judged(
      "erased_unaccounted", unaccounted.map((event) => say("erased.unaccounted", which(event))),
      accounted.length ? say("erased.accounted", { count: accounted.length }) : say("erased.none"),
      ...accounted.map(([event, reason]) => say("erased.entry", { ...which(event), reason })),
    );
    foreign(of, session.events, complaint.events, found);
  }

  private async exported(of: Manifest, sum: string): Promise<void> {
    const json = await this.bytes("export.json", LIMITS.small);
    const html = await this.bytes("export.html", LIMITS.small);
    if (!json || !html) {
      this.found.failed("export_signature", say("export.missing"));
      return;
    }
    const wanted = `yuntiao-export/1\n${of.session}\n${sum}\n${sha256Hex(json)}\n${sha256Hex(html)}\n`;
    const written = text(json);
    const value = written === null ? undefined : parsed(written)?.value;
    const problems = await this.noted("export.note", wanted, of);
    const exporter = isObject(value) ? value.exporter : undefined;
    if (!isObject(value) || value.format !== "yuntiao-export/1" || value.session !== of.session) problems.push(say("export.form"));
    else if (!problems.length) this.report.exported = value;
    this.found.judged("export_signature", problems, say("export.ok", {
      name: isObject(exporter) && typeof exporter.name === "string" ? exporter.name : "",
      when: { at: isObject(value) && typeof value.exported_at === "string" ? Date.parse(value.exported_at) : NaN },
    }));
  }
}

function foreign(of: Manifest, session: Event[], complaint: Event[], found: Findings): void {
  const problems: Say[] = [];
  let known = true;
  if (session.some((event) => event.stream !== `session/${of.session}`)) problems.push(say("foreign.session"));
  if (complaint.some((event) => event.stream !== `complaint/${of.complaint}`)) problems.push(say("foreign.complaint"));
  const [begins] = session;
  if (!begins?.salt) known = false;
  else {
    if (begins.data.complaint !== of.complaint || begins.data.number !== of.number) problems.push(say("foreign.number"));
    const there = seats(session);
    for (const { kind, path } of of.items) {
      if (kind === "segment" && !there.has(path.split("/")[1] ?? "")) problems.push(say("foreign.seat", { path }));
    }
  }
  const scheduled = complaint.filter(({ type }) => type === "MediationScheduled");
  if (!scheduled.some(({ data }) => data.session === of.session)) {
    if (scheduled.some(({ salt }) => !salt)) known = false;
    else problems.push(say("foreign.unknown"));
  }
  if (!known && !problems.length) found.open("foreign_session", say("foreign.erased"));
  else found.judged("foreign_session", problems, say("foreign.ok"));
}
