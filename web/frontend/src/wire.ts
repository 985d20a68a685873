// What travels between the browser and the room: the types of docs/wire.md, and nothing that acts.

export type Role =
  | "mediator" | "consumer" | "business" | "representative" | "lawyer" | "interpreter" | "companion" | "observer" | "supervisor";
export type Side = "consumer" | "business";
export type Phase = "opening" | "consumer_statement" | "business_statement" | "discussion" | "proposal" | "closing";
export type SessionStatus = "scheduled" | "live" | "recess" | "closed" | "cancelled";
export type SeatStatus = "invited" | "waiting" | "present" | "reconnecting" | "left" | "removed" | "refused";
export type Source = "mic" | "camera" | "screen";
export type Mode = "video" | "audio" | "text";
export type OpeningItem = "identity" | "rights" | "recusal" | "sham";
export type OutcomeKind = "settled" | "not_settled" | "ended" | "adjourned";

export const PHASES: readonly Phase[] = [
  "opening", "consumer_statement", "business_statement", "discussion", "proposal", "closing",
];

export interface Consents {
  participate: boolean | null;
  record: boolean | null;
}

export interface Seat {
  id: string;
  role: Role;
  side: Side | null;
  name: string;
  organisation: string;
  city: string;
  status: SeatStatus;
  hears: boolean; // false: a browser without calls, this person only reads
  mode: Mode | "";
  muted: boolean;
  muted_by: string;
  camera: boolean;
  screen: boolean;
  hand: boolean;
  speaking: boolean;
  spoke_ms: number;
  speaking_since: string | null;
  waiting_since: string | null;
  away_since: string | null;
  away_cause: string; // "" | "connection" | "ended": cannot come back; for the mediator what has ended (AWAY in words.ts)
  recording: boolean;
  quality: number | null;
  paused: ("from" | "to")[]; // pictures that rest so that sound goes on: theirs, and those of others for them
  consents: Consents;
  helper: { name: string; relation: Relation } | null; // who sits with them
  identity?: "" | "code" | "voice"; // how it was made sure who it is; the mediator only
  help?: "" | "no_code" | "other_number"; // what whoever has the link cannot go on without; the mediator only
}

export type Relation = "station" | "family" | "community" | "volunteer" | "other";

// An article that everybody in the room looks at.
export interface Leaf {
  article: string;
  citation: Record<string, string>; // by language, as are gist and edition
  gist: Record<string, string>;
  official: string;
  since: string;
  until: string;
  edition: Record<string, string>;
  on: string;
  standing: Standing;
  at: string;
}
// A typical case as it lies on the table.
export interface Typical {
  case: string;
  number: string;
  title: Record<string, string>; // by language
  facts: string;
  outcome: string;
  articles: Record<string, string>[];
  sample: boolean;
  at: string;
}
export type Standing = "in_force" | "not_yet" | "no_longer";

export interface Term {
  who: Side;
  action: string;
  amount: string | null;
  due: string | null;
  how: string;
  performance: "on_the_spot" | "later";
}

export interface Outcome {
  kind: OutcomeKind;
  terms: Term[];
  loss_recovered: string;
  ground: number | null;
  adjourned_to: string | null;
  note: string;
}

export interface Line {
  n: number; // counts the lines this viewer may read
  seat: string;
  to: string;
  text: string;
  at: string;
  caucus?: number; // written in, or to, the private talk of this number
}

// A private talk of the mediator with one side.
export interface Caucus {
  number: number;
  side: Side;
  members: string[];
  since: string;
  inside: boolean; // whether this viewer is in it
}

export interface Slip {
  number: number;
  side: Side;
  seat: string;
  text: string;
  amount: string | null;
  may_tell: boolean;
  at: string;
  shown: string | null;
}

// The blind gap: `own` is the figure of this viewer's side, nobody is told the other.
export interface Gap {
  number: number;
  rule: "whether" | "midpoint";
  agreed: Side[];
  entered: Side[];
  own: string | null;
  result: { meet: boolean; amount: string | null } | null;
}

export type Channel = "floor" | "interpreter" | "both";

export interface Consulting {
  seats: string[]; // the two
  since: string;
}

export interface Clock {
  session_ms: number;
  phase_ms: number;
  phases: Partial<Record<Phase, number>>;
  speaker: { seat: string; ms: number } | null;
  caucus_ms?: Partial<Record<Side, number>>;
}

export interface CaseFile {
  request: string;
  facts: string;
  amount: string | null;
  consumer: unknown;
  business: unknown;
  deadline: unknown;
  attachments?: { id: string; name: string; kind: string; about: Purpose }[];
  industry: string;
  problem: string;
}

// One side's answer to the present edition of a clause or fact.
export interface SideAnswer {
  seat: string;
  agrees: boolean;
  reason: string; // for everybody
  confided: string; // for the mediator and whoever gave it
  at: string;
}

export type Sides = Record<Side, SideAnswer | null>;

export interface Clause {
  id: string;
  number: number;
  edition: number;
  heading: string;
  text: string; // Chinese, what is signed
  before: string; // of the edition before
  plain: string; // in everyday words
  gloss: string; // in English
  term: Term | null;
  voided: Side[]; // whose answers the last edit took away
  asked: boolean;
  queries: string[]; // seats that asked the mediator about it
  sides: Sides;
}

export interface Fact {
  id: string;
  number: number;
  edition: number;
  text: string;
  before: string;
  voided: Side[];
  sides: Sides;
}

export type Capacity = "self" | "legal_representative" | "head" | "guardian" | "agent";

export interface Authority {
  capacity: Capacity;
  special: boolean;
  basis: string;
  settles: boolean;
}

export interface Draft {
  clauses: Clause[];
  removed: { id: string; number: number; text: string }[];
  facts: Fact[];
  claims: Record<Side, string>;
  deciders: Record<Side, string>;
  standing: "decides" | "reads" | "authority" | "principal";
  authorities: Record<string, Authority>;
  unproven: string[]; // in the room, and not recorded by what right they act
  agreed: boolean;
  missing: { clause: string; side: Side }[];
  waived: Side[];
  at_once: boolean;
  sealed: boolean;
}

export interface Phrased {
  heading: string;
  text: string;
  plain: string;
  gloss: string;
}

export type Purpose = "evidence" | "performance";
export type MarkShape = "pen" | "box" | "arrow";
export type Point = [number, number]; // ten thousandths of the page's width and height

// What one side says to an exhibit.
export interface Answered {
  accepted: boolean;
  reason: string;
  seat: string;
  at: string;
}

export interface Exhibit {
  id: string;
  n: number;
  title: string;
  kind: "pictures" | "document" | "film";
  purpose: Purpose;
  term: number;
  state: "ready" | "preparing" | "unreadable";
  pages: [number, number][]; // width and height of each
  ms: number; // of a film
  size: number;
  seat: string;
  side: Side | null;
  private: boolean;
  at: string;
  answers: Partial<Record<Side, Answered>>;
  withdrawable: boolean;
}

export interface Mark {
  n: number;
  shape: MarkShape;
  points: Point[];
  seat: string;
}

// Where whoever shows an exhibit looks: `zoom` in hundredths, the middle of what they see, their pointer, a film's place.
export interface Look {
  zoom: number;
  x: number;
  y: number;
  pointer: Point | null;
  ms: number | null;
  playing: boolean;
  seat: string;
}

export interface Exhibits {
  list: Exhibit[];
  shown: { exhibit: string; page: number; seat: string; private: boolean; marks: Mark[]; look: Look | null } | null;
  floor: string;
}

export interface Proof {
  exhibit: string;
  title: string;
  term: number;
  answers: Partial<Record<Side, Answered>>;
  at: string;
}

export interface View {
  session: {
    id: string;
    number: string;
    title: string;
    ordinal: number;
    office: string;
    office_phone: string;
    starts: string;
    status: SessionStatus;
    phase: Phase | null;
    locked: boolean;
    opened: string | null;
    closed: string | null;
    recess_since: string | null;
    live: Phase[];
  };
  you: { seat: string; role: Role; side: Side | null; mediator: boolean; removed: string };
  seats: Seat[];
  clock: Clock;
  caucus: Caucus | null;
  consulting: Consulting[];
  channel: Channel;
  slips: Slip[];
  gap: Gap | null;
  recording: { on: boolean; seats: string[]; refused: string[]; failed: string };
  opening: Record<OpeningItem, boolean>;
  chat: Line[];
  outcome: { number: number; proposed: Outcome; seen: string[] } | null;
  draft: Draft;
  signing: SigningView | null;
  documents: SealedDocument[];
  closed: Outcome | null;
  corrections: { text: string; at: string; by: string }[];
  proofs: Proof[];
  exhibits: Exhibits;
  case: CaseFile | null;
  law: Leaf | null;
  typical: Typical | null;
  script: string[]; // checked items of the script card, the mediator's
}

// Signing one text: who has come how far. `text` is its hash.
export interface SigningView {
  text: string;
  number: string;
  kind: string;
  offered: string;
  state: "open" | "void" | "sealed";
  next: "parties" | "mediator" | "seal" | "";
  signers: {
    seat: string; side: Side | null; capacity: string; basis: string; read: boolean; electronic: boolean; consented: string; confirmed: boolean;
    by_voice: boolean; // confirmed by the mediator, who knew the person, and not by a code
    signed: string | null; how: string; refused: boolean; reason: string;
  }[];
  voided: { reason: string; seats: string[]; at: string; note: string } | null;
}

export interface SealedDocument {
  id: string;
  kind: string;
  number: string;
  at: string;
  sha256: string;
  level: string;
  assurance: string; // "own" | "provider" | "unified": who vouches for the seal
  certifier: string;
  taken: boolean;
}

// The text itself, as the server tells it when it is asked.
export interface Paper {
  office: string;
  title: string;
  number: string;
  rows: { label: string; value: string }[];
  before: { style: string; text: string }[];
  clauses: { label: string; text: string }[];
  after: { style: string; text: string }[];
}

export interface Happening {
  version: number;
  type: string;
  at: string;
  actor: { kind: string; name: string; seat: string };
  data: Record<string, unknown>;
}

// A piece of a part. `edition` completes it: until then the part is as it was.
export interface PartMessage {
  name: string;
  members?: Record<string, unknown>;
  items?: Record<string, Record<string, Record<string, unknown>>>; // path of a list -> key -> the fields that changed
  order?: Record<string, string[]>; // path of a list -> its keys
  slice?: { at: string[]; text: string }; // of the JSON of a value too long for one message
  edition?: number;
}

export interface ViewMessage {
  version: number;
  now: string;
  // `parts`: the edition of each part that belongs to it; `lines`: the number of the newest line of the chat.
  view: Partial<View> & Pick<View, "session" | "you" | "seats"> & { parts: Record<string, number>; lines?: number };
  events: Happening[];
}

// Credentials for the relay, with the answers to media_join and media_restart where there is a relay.
export interface RelayPass {
  urls: string[];
  username: string;
  credential: string;
  ttl: number;
}

export interface OfferedTrack {
  mid: string;
  seat: string;
  source: Source;
  active: boolean;
}

export interface OfferMessage {
  sdp: string;
  tracks: OfferedTrack[];
}

// What a browser measured of its connection in the last seconds. Shares 0…1, times in seconds, rates in kbit/s.
export interface Measurement {
  loss_up: number; // of what is sent
  loss_down: number; // of what comes
  rtt: number;
  jitter: number;
  concealed: number; // of the sound heard, made up by the browser
  frozen: number; // of the time, the worst picture
  frames: number | null; // a second, the best picture; null: none comes
  up: number;
  down: number;
  available: number | null; // what the browser may send
  relayed: boolean;
}

export type Reply<T> = { ok: T } | { error: { code: string; params?: Record<string, unknown> } };

// A refusal by the server, or our own: `offline` (no connection) and `timeout` (no answer in time).
export class Refusal extends Error {
  constructor(readonly code: string, readonly params: Record<string, unknown> = {}) {
    super(code);
  }
}
