// Sheets: what the package says in one place of what the journal says in many. They prove nothing of their own. Those
// that are short are made again here and compared; of the others only the form is looked at.
import { text, type Bytes } from "./formats/bytes";
import { isObject, parsed, write, type Members } from "./formats/canonical";
import { before, DERIVED, derive, edition } from "./derived";
import type { Event } from "./journal";
import { FIRST, kindOf, type Manifest } from "./manifest";
import { say, type Findings } from "./report";

const NEWEST: Record<string, number> = { authenticity: 7, exhibits: 2, gaps: 3, people: 2, signatures: 2, timing: 3 };
const NAMES = ["authenticity", "chat", "clocks", "gaps", "outcome", "people", "routing", "timing"];

// Those that a package of this session has: some only where there is something for them to say.
export function sheetNames(manifest: Manifest, session: Event[], complaint: Event[]): string[] {
  const later = manifest.format !== FIRST;
  const some = {
    exhibits: session.some(({ salt, type }) => salt && type === "ExhibitOffered"),
    signatures: later && session.some(({ data, salt, type }) => salt && type === "DocumentSealed" && data.text),
    attachments: later && complaint.some(({ salt, type }) => salt && type === "AttachmentAdded"),
  };
  return [...NAMES, ...Object.entries(some).filter(([, there]) => there).map(([name]) => name)].sort();
}

export function sheets(files: Map<string, Bytes>, listed: string[], names: string[], events: Event[], found: Findings): Record<string, Members> {
  const read: Record<string, Members> = {};
  const kinds = listed.map((path) => kindOf(path) ?? "");
  for (const path of listed) {
    if (path.startsWith("sheets/") && !names.includes(path.slice("sheets/".length, -".json".length))) found.open("derived_sheet", say("sheet.extra", { path }));
  }
  for (const name of names) {
    const bytes = files.get(`sheets/${name}.json`);
    const written = bytes === undefined ? null : text(bytes);
    const value = written === null ? undefined : parsed(written)?.value;
    if (written === null) found.failed("derived_sheet", say("sheet.missing", { name }));
    else if (!isObject(value) || value.sheet !== name) found.failed("derived_sheet", say("sheet.form", { name }));
    else if (Number.isInteger(value.edition) && Number(value.edition) > (NEWEST[name] ?? 1)) found.open("derived_sheet", say("sheet.edition", { name }));
    else if (![edition(name, events, kinds), ...before(name, edition(name, events, kinds))].some((one) => one === value.edition)) found.failed("derived_sheet", say("sheet.differs", { name }));
    else {
      read[name] = value;
      if (name in DERIVED && !(events.length && written === write(derive(name, events, value.edition as number)))) found.failed("derived_sheet", say("sheet.differs", { name }));
    }
  }
  if (!found.status("derived_sheet")) {
    const beyond = names.filter((name) => !(name in DERIVED)).map((name) => say(`sheet.${name}`));
    const same = names.filter((name) => name in DERIVED).map((name) => say(`sheet.${name}`));
    found.beyond("derived_sheet", say("sheet.same", { names: same }), say("sheet.beyond", { names: beyond }));
  }
  return read;
}
