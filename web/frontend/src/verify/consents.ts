// The texts people agreed to, against the editions this page was built with.
import { text, type Bytes } from "./formats/bytes";
import type { Event } from "./journal";
import type { Manifest } from "./manifest";
import { say, type Findings } from "./report";

// Edition -> "kind.language" -> its file, as it lies in the program.
export type Editions = Record<string, Record<string, string>>;

const KINDS: Record<string, string> = { participate: "notice", record: "recording", transcribe: "transcribe" };
const LANGUAGES = ["zh", "en"];

export function consents(manifest: Manifest, events: Event[], texts: Map<string, Bytes>, editions: Editions, found: Findings): void {
  const wanted = new Map<string, number[]>(); // path -> the entries that name it
  const answers = events.filter(({ type }) => type === "ConsentGiven" || type === "ConsentRefused");
  for (const { data, salt, version } of answers) {
    if (!salt || data.text === "") continue; // an answer to which no text was shown
    const kind = typeof data.kind === "string" ? KINDS[data.kind] : undefined;
    if (!kind || typeof data.text !== "string") found.failed("consent_text", say("consent.form", { version }));
    else {
      for (const language of LANGUAGES) {
        const path = `texts/${data.text}/${kind}.${language}.txt`;
        wanted.set(path, [...(wanted.get(path) ?? []), version]);
      }
    }
  }
  const explained = corrections(events);
  const told = new Set<number>();
  let published = 0;
  for (const [path, entries] of wanted) {
    const there = texts.get(path);
    const known = edition(path, editions);
    if (known !== null) {
      if (!there) found.failed("consent_text", say("consent.missing", { path }));
      else if (text(there) !== known) found.failed("consent_text", say("consent.changed", { path }));
      else published++;
    } else if (entries.every((entry) => explained.has(entry))) entries.forEach((entry) => told.add(entry));
    else found.open("consent_text", say(there ? "consent.unknown" : "consent.unknown_absent", { path }));
  }
  // Of an erased answer nobody can say which text it was.
  const erased = answers.some(({ salt }) => !salt);
  for (const { kind, path } of manifest.items) {
    if (kind === "text" && !erased && !wanted.has(path)) found.failed("consent_text", say("consent.extra", { path }));
  }
  const others = [...told].map((entry) => say("consent.explained", { entry: String(entry), number: String(explained.get(entry)) }));
  const whole = !found.status("consent_text") && (published > 0 || !others.length);
  found.passed("consent_text", ...(whole ? [say("consent.ok", { count: published })] : []), ...others);
}

// Entry -> the newest entry that corrects it.
export function corrections(events: Event[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { data, salt, type, version } of events) {
    if (type === "EntryCorrected" && salt && typeof data.entry === "number" && data.entry < version) found.set(data.entry, version);
  }
  return found;
}

function edition(path: string, editions: Editions): string | null {
  const found = /^texts\/(\d{4}-\d\d-\d\d)\.([1-9]\d{0,2})\/(\w+\.\w\w)\.txt$/.exec(path);
  const raw = found && editions[found[1]!]?.[found[3]!];
  return raw ? filled(raw, Number(found[2])).split("{handler}").join(BLANKS[found[3]!.slice(-2)] ?? "") : null;
}

// Where a text names who answers for the data: another name in every office, and in the answer (docs/evidence.md).
const BLANKS: Record<string, string> = {
  zh: "〔机关名称、地址、电话，见答复记录〕", en: "[name, address and telephone of the authority: see the answer]",
};

// Lines that name the years stand there twice, `1|` in the singular before `n|` in the plural.
export function filled(raw: string, years: number): string {
  let out = "";
  for (const line of raw.split("\n")) {
    const numbered = /^([1n])\|(.*)$/.exec(line);
    if (!line || (numbered && (numbered[1] === "1") !== (years === 1))) continue;
    out += `${numbered ? numbered[2]!.split("{years}").join(String(years)) : line}\n`;
  }
  return out;
}
