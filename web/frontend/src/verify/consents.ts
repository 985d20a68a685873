// The texts people agreed to, against the editions this page was built with.
import { text, type Bytes } from "./bytes";
import type { Event } from "./journal";
import type { Manifest } from "./manifest";
import { say, type Findings } from "./report";

// Edition -> "kind.language" -> its file, as it lies in the program.
export type Editions = Record<string, Record<string, string>>;

const KINDS: Record<string, string> = { participate: "notice", record: "recording" };
const LANGUAGES = ["zh", "en"];

export function consents(manifest: Manifest, events: Event[], texts: Map<string, Bytes>, editions: Editions, found: Findings): void {
  const wanted = new Set<string>();
  const answers = events.filter(({ type }) => type === "ConsentGiven" || type === "ConsentRefused");
  for (const { data, salt, version } of answers) {
    if (!salt || data.text === "") continue; // an answer given in the room names no text
    const kind = typeof data.kind === "string" ? KINDS[data.kind] : undefined;
    if (!kind || typeof data.text !== "string") found.failed("consent_text", say("consent.form", { version }));
    else for (const language of LANGUAGES) wanted.add(`texts/${data.text}/${kind}.${language}.txt`);
  }
  for (const path of wanted) {
    const there = texts.get(path);
    if (!there) {
      found.failed("consent_text", say("consent.missing", { path }));
      continue;
    }
    const known = edition(path, editions);
    if (known === null) found.open("consent_text", say("consent.unknown", { path }));
    else if (text(there) !== known) found.failed("consent_text", say("consent.changed", { path }));
  }
  // Of an erased answer nobody can say which text it was.
  const erased = answers.some(({ salt }) => !salt);
  for (const { kind, path } of manifest.items) {
    if (kind === "text" && !erased && !wanted.has(path)) found.failed("consent_text", say("consent.extra", { path }));
  }
  if (!found.status("consent_text")) found.passed("consent_text", say("consent.ok", { count: wanted.size }));
}

function edition(path: string, editions: Editions): string | null {
  const found = /^texts\/(\d{4}-\d\d-\d\d)\.([1-9]\d{0,2})\/(\w+\.\w\w)\.txt$/.exec(path);
  const raw = found && editions[found[1]!]?.[found[3]!];
  return raw ? filled(raw, Number(found[2])) : null;
}

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
