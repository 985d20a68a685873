// Sheets made again from the journal, where that is short: people, outcome, chat, routing, clocks, exhibits. The same as
// recordings/evidence/sheets.py and documents.py make; whoever changes one there gives it another edition.
import { isObject, type Json, type Members } from "./formats/canonical";
import type { Event } from "./journal";

type Make = (history: Event[], events: Event[], edition: number) => Members;

export const DERIVED: Record<string, Make> = { chat, clocks, exhibits, outcome, people, routing };

export function derive(name: string, events: Event[], which = edition(name, events, [])): Members {
  return { ...DERIVED[name]!(history(events), events, which), edition: which, sheet: name };
}

// Which edition a sheet of this session has. `kinds`: of the package's items.
export function edition(name: string, events: Event[], kinds: string[]): number {
  const some = (types: string[], more: (event: Event) => boolean = () => true): boolean => history(events).some((event) => types.includes(event.type) && more(event));
  if (name === "gaps" && history(events).some(third)) return 3;
  if (name === "timing" && some(["CaucusStarted"])) return 3;
  if (name === "gaps" || name === "timing") return some(["CaucusStarted", "ConsultingStarted"]) ? 2 : 1;
  if (name === "exhibits") return some(["ExhibitShown", "ExhibitPutAway"], ({ data }) => Boolean(data.talk)) ? 2 : 1;
  if (name === "people") return some(["PhoneCorrected"]) ? 2 : 1;
  if (name === "signatures") return 2;
  if (name !== "authenticity") return 1;
  if (some(["Signed"], ({ data }) => data.how === "saved")) return 7;
  // Of before the fourth, which is of any package.
  if (["signed", "handwriting", "attachment"].some((kind) => kinds.includes(kind))) return 3;
  return ["exhibit", "document"].some((kind) => kinds.includes(kind)) ? 2 : 1;
}

// Editions in which programs of before made a sheet of this very session: those say less, or what the next one mends. Gaps may
// be of the third also where files were still being written, which the ledger has to tell.
export function before(name: string, newest: number): number[] {
  if (name === "timing") return newest === 3 ? [2] : [];
  if (name === "authenticity" && newest === 7) return []; // those call every handwriting drawn then
  return { authenticity: [4, 5, 6], exhibits: [1], gaps: [3], people: [1], signatures: [1] }[name] ?? [];
}

// Causes of being away that no connection heals: what they came in by is no more.
export const ENDED = new Set<Json | undefined>(["link_revoked", "link_replaced", "link_ended", "signed_out", "withheld"]);

// Facts that only the third edition of the gaps knows of.
function third({ type, data }: Event): boolean {
  if (type === "Disconnected") return ENDED.has(data.cause);
  if (type === "SegmentSealed") return Array.isArray(data.holes) && data.holes.some((hole) => isObject(hole) && hole.cause === "unbegun");
  return type === "MediaAwaited" || type === "NothingRecorded";
}

// Without what was erased, and without what is about a seat that nobody knows any more.
function history(events: Event[]): Event[] {
  const seats = new Set<Json>([""]);
  return events.filter((event) => {
    if (!event.salt) return false;
    const { seat } = event.data;
    for (const one of seated(event)) seats.add(one.id ?? null);
    return event.type === "SeatAdded" || seat === undefined || seats.has(seat);
  });
}

function seated({ data, type }: Event): Members[] {
  if (type === "SessionScheduled") return list(data.seats).filter(isObject);
  return type === "SeatAdded" && isObject(data.seat) ? [data.seat] : [];
}

function people(history: Event[], _events: Event[], edition: number): Members {
  const rows = new Map<Json, Members & { consents: Json[]; devices: Json[]; identity: Json[]; names: Json[] }>();
  for (const seat of history.flatMap(seated)) {
    const fields = { city: "", name: "", organisation: "", phone: "", side: null, ...picked(seat, ["city", "id", "name", "organisation", "phone", "role", "side"]) };
    rows.set(seat.id!, { ...fields, consents: [], devices: [], identity: [], names: [], ...(edition > 1 ? { phones: [] } : {}) });
  }
  const FILES: Record<string, string> = { participate: "notice", record: "recording", transcribe: "transcribe" };
  for (const event of history) {
    const { actor, at, data, type, version } = event;
    if (edition > 1) for (const seat of seated(event)) rows.get(seat.id!)!.phone = seat.phone ?? "";
    const row = rows.get(data.seat ?? null);
    if (type === "PhoneCorrected" && edition > 1 && row) {
      (row.phones as Json[]).push({ at, from: row.phone!, to: data.phone!, version });
      row.phone = data.phone!;
    }
    const kind = String(data.kind);
    if (type === "ConsentGiven" || type === "ConsentRefused") {
      const files = data.text ? ["zh", "en"].map((language) => `texts/${String(data.text)}/${FILES[kind]}.${language}.txt`) : [];
      row?.consents.push({ answer: type === "ConsentGiven" ? "given" : "refused", at, files, kind, text: data.text!, version });
    }
    if (type === "ConsentWithdrawn") row?.consents.push({ answer: "withdrawn", at, files: [], kind, text: "", version });
    if (type === "IdentityConfirmed") row?.identity.push({ at, method: data.method!, version });
    if (type === "IdentityConfirmedByVoice") row?.identity.push({ at, by: { ...actor }, method: "voice", recognised: data.recognised!, version });
    if (type === "NameChosen") row?.names.push({ at, name: data.name!, version });
    if (type === "DeviceChecked") row?.devices.push({ at, findings: data.findings ?? [], mode: data.mode!, version });
  }
  return { people: [...rows.values()] };
}

function outcome(history: Event[]): Members {
  const steps: Json[] = [];
  const corrections: Json[] = [];
  let closed: Members | null = null;
  for (const { actor, at, data, type, version } of history) {
    if (type === "OutcomeProposed") steps.push({ at, outcome: decided(data.outcome), step: "shown", version });
    if (type === "OutcomeTakenBack") steps.push({ at, step: "taken_back", version });
    if (type === "OutcomeSeen") steps.push({ at, seat: data.seat!, step: "seen", version });
    if (type === "SessionClosed") closed = { anyway: data.anyway ?? "", at, outcome: decided(data.outcome), version };
    if (type === "SessionCancelled") closed = { at, cancelled: data.reason!, version };
    if (type === "Corrected") corrections.push({ at, by: { ...actor }, text: data.text!, version });
  }
  return { closed, corrections, steps };
}

function decided(of: Json | undefined): Json {
  if (!isObject(of)) return null;
  const terms = list(of.terms).filter(isObject).map((term) => ({
    amount: null, due: null, how: "", performance: "later", ...picked(term, ["action", "amount", "due", "how", "performance", "who"]),
  }));
  return {
    adjourned_to: null, ground: null, loss_recovered: "0.00", note: "",
    ...picked(of, ["adjourned_to", "ground", "kind", "loss_recovered", "note"]), terms,
  };
}

function chat(history: Event[]): Members {
  const said = history.filter(({ type }) => type === "Said");
  return { messages: said.map(({ at, data, version }) => ({ at, seat: data.seat!, text: data.text!, to: data.to ?? "", version })) };
}

// Stretches between two changes of the matrix, up to the session's end.
function routing(history: Event[], events: Event[]): Members {
  const changes = history.filter(({ type }) => type === "Routed");
  const ending = history.filter(({ type }) => type === "SessionClosed" || type === "SessionCancelled").pop();
  const end = (ending ?? events[events.length - 1]!).at;
  const heard: Record<string, Record<string, number>> = {};
  const stretches = changes.map(({ at, data, version }, i) => {
    const until = changes[i + 1]?.at ?? (end > at ? end : at);
    for (const [listener, others] of Object.entries(isObject(data.hears) ? data.hears : {})) {
      if (!list(others).length) continue;
      const row = (heard[listener] ??= {});
      for (const other of list(others)) row[String(other)] = (row[String(other)] ?? 0) + Math.max(0, Math.floor((micros(until) - micros(at)) / 1000));
    }
    return { from: at, hears: data.hears!, recorded: data.recorded!, sees: data.sees!, until, version };
  });
  return { could_hear_ms: heard, stretches };
}

// Those that were offered to everybody: where their originals lie, and what became of them.
function exhibits(history: Event[], _events: Event[], edition: number): Members {
  const rows = new Map<Json, Members & { steps: Json[] }>();
  for (const { at, data, type, version } of history) {
    const whom = edition > 1 ? { side: data.side ?? null, talk: data.talk ?? 0 } : {};
    const exhibit = data.exhibit ?? null;
    if (type === "ExhibitOffered") {
      const files = list(data.originals).filter(isObject).map((one, n) => ({
        path: `exhibits/${String(exhibit)}/${n + 1}.${String(one.form)}`, sha256: one.sha256!, size: one.size!,
      }));
      rows.set(exhibit, {
        at, exhibit, files, kind: data.kind!, pages: list(data.pages).length, purpose: data.purpose ?? "evidence", seat: data.seat!, side: data.side ?? null,
        steps: [], term: data.term ?? 0, title: "", version,
      });
    }
    const row = rows.get(exhibit);
    if (!row) continue;
    if (type === "ExhibitTitled") row.title = data.title!;
    if (type === "ExhibitShown") row.steps.push({ at, ...whom, page: data.page ?? 1, step: "shown", version });
    if (type === "ExhibitPutAway") row.steps.push({ at, ...whom, step: "put_away", version });
    if (type === "ExhibitAccepted") row.steps.push({ at, seat: data.seat!, step: "accepted", version });
    if (type === "ExhibitDisputed") row.steps.push({ at, reason: data.reason ?? "", seat: data.seat!, step: "disputed", version });
    if (type === "ExhibitAnswerTakenBack") row.steps.push({ at, seat: data.seat!, step: "taken_back", version });
    if (type === "ExhibitWithdrawn") {
      row.files = [];
      row.steps.push({ at, step: "withdrawn", version });
    }
  }
  return { exhibits: [...rows.values()] };
}

function clocks(history: Event[], events: Event[]): Members {
  const sealed = history.filter(({ type }) => type === "SegmentSealed");
  return {
    devices: sealed.map(({ data }) => ({
      ahead_ms: data.clock_ms ?? null, at: data.started!, path: `media/${String(data.path).replace(/^[^/]*\/?/, "")}`,
      seat: data.seat!, source: data.source ?? "camera",
    })),
    first: events[0]!.at, last: events[events.length - 1]!.at,
  };
}

function picked(of: Members, names: string[]): Members {
  return Object.fromEntries(names.filter((name) => of[name] !== undefined).map((name) => [name, of[name]!]));
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

// Whole microseconds since 1970 fit into a number; Date has milliseconds only.
function micros(stamp: string): number {
  return Date.parse(`${stamp.slice(0, 19)}Z`) * 1000 + Number(stamp.slice(20, 26));
}
