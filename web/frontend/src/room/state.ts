// What the browser shows: one state, one reducer. Pure: no clock, no DOM, no network.
import type { SoundFrom } from "../media/memory";
import type { Relay } from "../media/media";
import { joined, lastOf } from "./chat";
import { exhibiting, type Exhibiting } from "../exhibits/state";
import { belonging, taken, type Parts } from "./parts";
import { otherSpeaking } from "./selectors";
import type { Draft, Finding, Line, Look, Measurement, Mode, OpeningItem, Outage, PartMessage, Phase, Seat, ServerMessages, Standing, View, ViewMessage } from "./wire";

export type Caption = ServerMessages["caption"];
export type Link = "connecting" | "up" | "down" | "over";
export type Sheet =
  | "none" | "chat" | "more" | "leave" | "info" | "end" | "remove" | "unmute" | "network" | "clauses" | "facts" | "exhibits" | "exhibit" | "slips" | "signing"
  | "keys" | "screen" | "talk" | "help" | "aloud" | "helper" | "telephone" | "voice" | "voice_sign" | "devices" | "volume" | "captions";

export type Tab = "case" | "law" | "exhibits" | "agreement" | "slips" | "notes" | "links" | "chat";
export const TABS: readonly Tab[] = ["case", "law", "exhibits", "agreement", "slips", "notes", "links", "chat"];

export interface Local {
  mode: Mode; // what this person takes part with
  mic: "none" | "ready" | "refused" | "missing" | "busy";
  camera: "off" | "on" | "refused" | "missing" | "busy";
  sharing: boolean;
  soundBlocked: boolean; // autoplay refused: one tap is needed
  pictures: boolean; // false: only sound, by choice or because the network is weak
  looking: boolean; // at the screen that is shared, although only sound was chosen
  mediaDown: boolean; // media is not flowing although the room is reachable
  mediaFull: boolean; // because the server has no room for more of it
  level: number; // own connection as measured here, 0 unknown
  asks: boolean; // the browser will ask before it gives camera and microphone
  asked: boolean; // and does so now
  echo: boolean; // another microphone in this room hears us too
  sound: SoundFrom;
  relay: Relay; // whether sound and picture could go, or go, through a relay
}

// An article as the server found it for this complaint.
export interface LawHit {
  id: string;
  citation: string;
  gist: string;
  official: string;
  since: string;
  until: string;
  edition: string;
  standing: Standing;
  on: string;
  then: { id: string; citation: string } | null; // what was in force on that day instead
  why: string[];
}

export interface LawFound {
  state: "none" | "asking" | "found" | "failed";
  asked: string;
  hits: LawHit[];
  suggested: boolean; // by the complaint, nothing was asked
  event: string; // the day it happened
  by: "purchase" | "receipt";
}

// A typical case as the server found it.
export interface CaseHit {
  id: string;
  number: string;
  title: string;
  sample: boolean;
  outcome: string;
  experience: string;
  claimed: string | null;
  settled: string | null;
  share: number | null; // of the claim, percent
  days: number | null;
  industry: string;
  problem: string;
  articles: { id: string; citation: string }[];
  alike: number; // near-copies of it that are not listed
  why: string[];
}

export interface Middle { low: number; middle: number; high: number }

// What cases like this one came to.
export interface CameTo {
  cases: number;
  settled: number;
  settled_share: number;
  share: Middle | null;
  days: Middle | null;
  articles: { id: string; citation: string; cases: number }[];
}

export interface CasesFound {
  state: "none" | "asking" | "found" | "failed";
  suggested: boolean; // by the complaint, nothing was asked
  cases: CaseHit[];
  range: CameTo | null;
}

// What officers wrote of disputes of this kind, beside the script card.
export interface CardNotes {
  kind: string; // of the card they were asked for, "" before
  state: "none" | "asking" | "found" | "failed";
  notes: { title: string; text: string; by: string; path: string }[];
}

export type NoteState = "none" | "reading" | "unread" | "typing" | "saving" | "saved" | "failed" | "conflict";

export interface State {
  link: Link;
  downSince: number; // client clock, ms
  tries: number;
  ending: string; // why the room is over for this browser: removed, sent_back, elsewhere, closed, or a refusal
  version: number;
  skew: number; // server clock minus client clock, ms
  at: number; // client clock when the last view came
  view: View | null;
  parts: Parts; // of the view, as they came
  lines: Line[]; // of the chat, without a gap up to the newest
  quality: Record<string, number>;
  measured: Record<string, Measurement>; // by seat; the mediator is told
  found: Record<string, Finding>; // likewise: why they are heard or seen badly
  outage: Outage; // what several of these have in common
  local: Local;
  sheet: Sheet;
  about: string; // the seat a sheet is about
  read: number; // last chat line seen
  spoke: string; // the seat of whoever of the others spoke last, for longer than a cough
  notice: { text: string; tone: "plain" | "warn"; until: number } | null;
  busy: string; // name of the command under way
  covered: Record<string, boolean>; // ticks on their way to the server
  tab: Tab; // of the mediator's file
  search: string; // among the articles
  along: boolean; // an interpreter of neither side comes along into a private talk
  law: LawFound;
  cases: CasesFound;
  experience: CardNotes;
  exhibiting: Exhibiting;
  captions: Caption[]; // the last ones; kept nowhere else
  captionsFault: string; // why there are none just now
  note: { state: NoteState; theirs: string }; // how saving one's own notes stands; `theirs`: what another page wrote
}

export type Action =
  | { type: "part"; message: PartMessage }
  | { type: "view"; message: ViewMessage; at: number }
  | { type: "lines"; lines: Line[] }
  | { type: "up" }
  | { type: "down"; at: number }
  | { type: "trying"; attempt: number }
  | { type: "over"; code: string }
  | { type: "quality"; seat: string; level: number }
  | { type: "measured"; seat: string; measurement: Measurement; finding: Finding; outage: Outage }
  | { type: "local"; change: Partial<Local> }
  | { type: "sheet"; sheet: Sheet; about?: string }
  | { type: "notice"; text: string; tone?: "plain" | "warn"; at: number }
  | { type: "tick"; at: number }
  | { type: "busy"; command: string }
  | { type: "check"; item: string; done: boolean | null }
  | { type: "tab"; tab: Tab }
  | { type: "search"; words: string }
  | { type: "along"; on: boolean }
  | { type: "law"; law: Partial<LawFound> }
  | { type: "cases"; cases: Partial<CasesFound> }
  | { type: "experience"; notes: CardNotes }
  | { type: "look"; look: Look & { exhibit: string } }
  | { type: "exhibiting"; change: Partial<Exhibiting> }
  | { type: "caption"; caption: Caption }
  | { type: "captionsFault"; code: string }
  | { type: "note"; note: Partial<State["note"]> };

export const NOTICE_MS = 6000;
export const MOST_CAPTIONS = 30;
export const FLOOR_MS = 800; // of speech, before somebody becomes large: less is a cough or a yes

export function initial(mode: Mode = "video"): State {
  return {
    link: "connecting", downSince: 0, tries: 0, ending: "", version: 0, skew: 0, at: 0, view: null, parts: {}, lines: [], quality: {}, measured: {}, found: {}, outage: { scope: "", seats: [] },
    local: {
      mode, mic: "none", camera: "off", sharing: false, soundBlocked: false, pictures: true, looking: false, mediaDown: false, mediaFull: false, asks: false, asked: false, level: 0,
      echo: false, sound: "", relay: "none",
    },
    sheet: "none", about: "", read: 0, spoke: "", notice: null, busy: "", covered: {},
    tab: "case", search: "", along: true, exhibiting: exhibiting(),
    note: { state: "none", theirs: "" }, captions: [], captionsFault: "",
    law: { state: "none", asked: "", hits: [], suggested: false, event: "", by: "receipt" },
    cases: { state: "none", suggested: false, cases: [], range: null },
    experience: { kind: "", state: "none", notes: [] },
  };
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "part": return { ...state, parts: taken(state.parts, action.message) };
    case "view": return viewed(state, action.message, action.at);
    case "lines": return written(state, action.lines);
    case "up": return { ...state, link: "up", tries: 0, downSince: 0, parts: {} }; // all of them come anew
    case "down": return state.link === "over" ? state : { ...state, link: "down", downSince: state.downSince || action.at };
    case "trying": return { ...state, tries: action.attempt };
    case "over": return over(state, action.code);
    case "quality": return { ...state, quality: { ...state.quality, [action.seat]: action.level } };
    case "measured": return {
      ...state, measured: { ...state.measured, [action.seat]: action.measurement }, found: { ...state.found, [action.seat]: action.finding }, outage: action.outage,
    };
    case "local": return { ...state, local: { ...state.local, ...action.change } };
    case "sheet": {
      const next = { ...state, sheet: action.sheet, about: action.about ?? "" };
      return action.sheet === "chat" ? { ...next, read: lastOf(state.lines) } : next;
    }
    case "notice":
      return { ...state, notice: { text: action.text, tone: action.tone ?? "plain", until: action.at + NOTICE_MS } };
    case "tick": {
      const next = listened(state, action.at);
      return next.notice && next.notice.until <= action.at ? { ...next, notice: null } : next;
    }
    case "busy": return { ...state, busy: action.command };
    case "tab": return { ...state, tab: action.tab, read: action.tab === "chat" ? lastOf(state.lines) : state.read };
    case "along": return { ...state, along: action.on };
    case "look": return looked(state, action.look);
    case "exhibiting": return { ...state, exhibiting: { ...state.exhibiting, ...action.change } };
    case "search": return { ...state, search: action.words };
    case "caption": return captioned(state, action.caption);
    case "captionsFault": return { ...state, captionsFault: action.code };
    case "note": return { ...state, note: { ...state.note, ...action.note } };
    case "law": return { ...state, law: { ...state.law, ...action.law } };
    case "cases": return { ...state, cases: { ...state.cases, ...action.cases } };
    case "experience": return { ...state, experience: action.notes };
    case "check": {
      const { [action.item]: _old, ...rest } = state.covered;
      return { ...state, covered: action.done === null ? rest : { ...rest, [action.item]: action.done } };
    }
  }
}

function listened(state: State, at: number): State {
  const seat = state.view && otherSpeaking(state.view);
  if (!seat || seat.id === state.spoke || !seat.speaking_since) return state;
  return at + state.skew - Date.parse(seat.speaking_since) < FLOOR_MS ? state : { ...state, spoke: seat.id };
}

// Of what is shown now; one that was overtaken by another page says nothing.
function looked(state: State, look: Look & { exhibit: string }): State {
  const shown = state.view?.exhibits.shown;
  if (!state.view || !shown || shown.exhibit !== look.exhibit) return state;
  return { ...state, view: { ...state.view, exhibits: { ...state.view.exhibits, shown: { ...shown, look } } } };
}

// A sentence that took longer to be heard stands where it was said.
function captioned(state: State, caption: Caption): State {
  if (!state.view?.reads_captions || state.captions.some((one) => one.id === caption.id)) return state;
  const captions = [...state.captions, caption].sort((one, other) => one.at.localeCompare(other.at));
  return { ...state, captions: captions.slice(-MOST_CAPTIONS), captionsFault: "" };
}

function over(state: State, code: string): State {
  const next: State = { ...state, link: "over", ending: code, sheet: "none", about: "" };
  const { view } = state;
  if (code !== "closed" || !view) return next;
  // The last view may not have reached us: what closed is what was proposed.
  const closed = view.closed ?? view.outcome?.proposed ?? null;
  return { ...next, view: { ...view, closed, session: { ...view.session, status: "closed" } } };
}

export const NO_DRAFT: Draft = {
  clauses: [], removed: [], facts: [], claims: { consumer: "", business: "" }, deciders: { consumer: "", business: "" }, standing: "reads",
  authorities: {}, unproven: [], agreed: false, missing: [], waived: [], at_once: false, sealed: false,
};

const NOTHING: Omit<View, "session" | "you" | "seats"> = {
  caucus: null, consulting: [], channel: "both", slips: [], gap: null,
  clock: { session_ms: 0, phase_ms: 0, phases: {}, speaker: null, caucus_ms: {} },
  recording: { on: false, seats: [], refused: [], failed: "" }, captions: { allowed: true, on: false, seats: [] }, reads_captions: false,
  opening: { identity: false, rights: false, recusal: false, sham: false },
  chat: [], outcome: null, draft: NO_DRAFT, signing: null, documents: [], closed: null, corrections: [], case: null, law: null, typical: null, card: null, script: [],
  proofs: [], exhibits: { list: [], shown: null, floor: "" },
};

const NOBODY: Partial<Seat> = {
  organisation: "", city: "", mode: "", hears: true, muted: false, muted_by: "", camera: false, screen: false, hand: false,
  speaking: false, spoke_ms: 0, speaking_since: null, waiting_since: null, away_since: null, away_cause: "", recording: false,
  quality: null, paused: [], consents: { participate: null, record: null, transcribe: null }, helper: null,
};

function viewed(state: State, message: ViewMessage, at: number): State {
  if (message.version < state.version) return state; // overtaken on the way
  // At the door the view holds less: what is missing reads as nothing.
  const { parts, members } = belonging(state.parts, message.view.parts);
  const chat = message.view.lines === undefined ? [] : state.lines; // at the door there is none
  const view = { ...NOTHING, ...message.view, ...members, chat, seats: message.view.seats.map((seat) => ({ ...NOBODY, ...seat })) } as View;
  view.exhibits = looking(view.exhibits, state.view?.exhibits);
  if (view.session.status === "closed") {
    view.closed = view.closed ?? state.view?.closed ?? state.view?.outcome?.proposed ?? null;
  }
  const captions = view.reads_captions ? state.captions : []; // whoever stops reading along keeps nothing
  let next: State = { ...state, view, captions, parts, version: message.version, skew: Date.parse(message.now) - at, at };
  for (const item of Object.keys(view.opening) as OpeningItem[]) {
    if (next.covered[`opening:${item}`] !== view.opening[item]) continue;
    next = reduce(next, { type: "check", item: `opening:${item}`, done: null });
  }
  for (const item of Object.keys(next.covered)) {
    if (item.startsWith("opening:") || next.covered[item] !== view.script.includes(item)) continue;
    next = reduce(next, { type: "check", item, done: null });
  }
  const asked = message.events.some((event) => event.type === "UnmuteAsked" && event.data.seat === view.you.seat);
  if (asked && me(next)?.muted && state.sheet === "none") next = { ...next, sheet: "unmute" };
  // Both are asked to answer a clause: it lies open before whoever is not in the middle of something else.
  const put = message.events.find((event) => event.type === "ConfirmationAsked");
  if (put && !view.you.mediator && (state.sheet === "none" || state.sheet === "facts")) {
    next = { ...next, sheet: "clauses", about: String(put.data.clause ?? "") };
  }
  // Both are asked to sign: the text lies open before who signs.
  const offered = message.events.some((event) => event.type === "SigningOffered");
  if (offered && !view.you.mediator && view.signing?.signers.some((one) => one.seat === view.you.seat)
    && (state.sheet === "none" || state.sheet === "facts" || state.sheet === "clauses")) {
    next = { ...next, sheet: "signing" };
  }
  if (state.sheet === "clauses" && !view.draft.clauses.length && !view.draft.removed.length) next = { ...next, sheet: "none" };
  if (state.sheet === "unmute" && !me(next)?.muted) next = { ...next, sheet: "none" };
  const asked_for = message.events.find((event) => event.type === "ExhibitAsked" && event.data.seat === view.you.seat);
  if (asked_for && (state.sheet === "none" || state.sheet === "more")) next = { ...next, sheet: "exhibits" };
  const before = state.view?.exhibits.shown;
  const shown = view.exhibits.shown;
  // Another page is looked at as whoever shows it does, until one's own fingers say otherwise.
  if (before?.exhibit !== shown?.exhibit || before?.page !== shown?.page) {
    next = { ...next, exhibiting: { ...next.exhibiting, glass: null, drawing: [] } };
  }
  if (state.sheet === "exhibit" && !view.exhibits.list.some((one) => one.id === state.about)) next = { ...next, sheet: "none" };
  if (state.sheet === "screen" && !view.seats.some((seat) => seat.id === state.about && seat.screen)) next = { ...next, sheet: "none" };
  if ((state.sheet === "remove" || state.sheet === "network") && !view.seats.some((seat) => seat.id === state.about)) next = { ...next, sheet: "none" };
  return next;
}

function me(state: State): View["seats"][number] | undefined {
  return state.view?.seats.find((seat) => seat.id === state.view?.you.seat);
}

// Where whoever shows an exhibit looks is told apart, and stays as long as the page lies there.
function looking(exhibits: View["exhibits"], before: View["exhibits"] | undefined): View["exhibits"] {
  const { shown } = exhibits;
  if (!shown) return exhibits;
  const same = before?.shown?.exhibit === shown.exhibit && before.shown.page === shown.page;
  return { ...exhibits, shown: { ...shown, look: same ? before?.shown?.look ?? null : null } };
}

function written(state: State, lines: Line[]): State {
  const next = { ...state, lines: joined(state.lines, lines) };
  if (next.view) next.view = { ...next.view, chat: next.lines };
  return state.sheet === "chat" || state.tab === "chat" ? { ...next, read: lastOf(next.lines) } : next;
}

// An item of the script card, as the server names it.
export function checkItem(phase: Phase, item: string): string {
  return `${phase}.${item}`;
}
