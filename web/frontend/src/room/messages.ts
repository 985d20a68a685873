// What travels between the browser and the room. Written by `python -m tests.tools.wire`: do not edit.

export type Role = "mediator" | "consumer" | "business" | "representative" | "lawyer" | "interpreter" | "companion" | "observer" | "supervisor";
export type Side = "consumer" | "business";
export type Phase = "opening" | "consumer_statement" | "business_statement" | "discussion" | "proposal" | "closing";
export type SessionStatus = "scheduled" | "live" | "recess" | "closed" | "cancelled";
export type SeatStatus = "invited" | "waiting" | "present" | "reconnecting" | "left" | "removed" | "refused";
export type Source = "mic" | "camera" | "screen";
export type Mode = "video" | "audio" | "text";
export type OpeningItem = "identity" | "rights" | "recusal" | "sham";
export type OutcomeKind = "settled" | "not_settled" | "ended" | "adjourned";
export type Relation = "station" | "family" | "community" | "volunteer" | "other";
export type Standing = "in_force" | "not_yet" | "no_longer";
export type Channel = "floor" | "interpreter" | "both";
export type Capacity = "self" | "legal_representative" | "head" | "guardian" | "agent";
export type Purpose = "evidence" | "performance";
export type MarkShape = "pen" | "box" | "arrow";
export type Finding = "" | "server" | "mic_gone" | "mic_muted" | "loss_up" | "narrow_up" | "delay" | "echo" | "loss_down" | "narrow_down" | "cpu" | "mic_silent" | "camera_gone" | "camera_muted" | "camera_still" | "hidden" | "battery";

export const PHASES: readonly Phase[] = ["opening", "consumer_statement", "business_statement", "discussion", "proposal", "closing"];

export type Point = [number, number];

export type Sides = Record<Side, SideAnswer | null>;

export interface Consents {
  participate: boolean | null;
  record: boolean | null;
  transcribe: boolean | null;
}

export interface Seat {
  id: string;
  role: Role;
  side: Side | null;
  name: string;
  status: SeatStatus;
  organisation: string;
  city: string;
  hears: boolean; // false: a browser without calls, this person only reads
  mode: "video" | "audio" | "text" | "";
  muted: boolean;
  muted_by: string;
  camera: boolean;
  background: "none" | "blurred" | "office"; // what their browser puts behind them
  screen: boolean;
  hand: boolean;
  speaking: boolean;
  spoke_ms: number;
  speaking_since: string | null;
  waiting_since: string | null;
  away_since: string | null;
  away_cause: string; // "" | "connection" | "ended": cannot come back; for the mediator what has ended, as `gone` has it
  recording: boolean;
  quality: number | null;
  paused: ("from" | "to")[]; // pictures that rest for the sound: theirs, those of others for them
  consents: Consents;
  helper: { name: string; relation: Relation } | null;
  call: "" | "calling" | "ringing" | "asked" | "answered"; // by telephone; asked: for consents
  identity?: "" | "code" | "voice" | "call" | "unchecked";
  call_ended?: string; // why their last call did: rooms.joining.seat_messages.CAUSES; likewise
  help?: "" | "no_code" | "other_number"; // what they cannot go on without; likewise
}

// An article that everybody in the room looks at.
export interface Leaf {
  article: string;
  citation: Record<string, string>;
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
  title: Record<string, string>;
  facts: string;
  outcome: string;
  articles: Record<string, string>[];
  sample: boolean;
  at: string;
}

// The script card: `rooms.floor.ScriptCard`.
export interface Card {
  kind: string;
  edition: number;
  title: Record<string, string>;
  invite: Record<string, string>;
  facts: Record<string, string>[];
  consumer: Record<string, string>[];
  business: Record<string, string>[];
  settle: Record<string, string>[];
  law: { id: string; zh: string; en: string }[];
  clauses: ({ zh: string; en: string; who?: Side; action?: string; amount?: "" | "asked" | "open"; due?: string; how?: string; text?: string })[];
}

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

// A line of the chat.
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

export interface Consulting {
  seats: string[]; // the two
  since: string;
}

// At `now` of the message; clients run on.
export interface Clock {
  session_ms: number;
  phase_ms: number;
  phases: Partial<Record<Phase, number>>;
  speaker: { seat: string; ms: number } | null;
  caucus_ms: Partial<Record<Side, number>>;
}

// The complaint, for the mediator only.
export interface CaseFile {
  request: string;
  facts: string;
  amount: string | null;
  consumer: unknown;
  business: unknown;
  deadline: unknown;
  attachments?: { id: string; name: string; kind: string; about: Purpose }[];
  goods?: string; // what was bought
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

export interface Phrased {
  heading: string;
  text: string;
  plain: string;
  gloss: string;
}

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
  queries: string[]; // seats that asked the mediator about it; to the mediator and whoever asked
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

// In what capacity somebody acts, as the mediator has recorded it.
export interface Authority {
  capacity: Capacity;
  special: boolean;
  basis: string;
  settles: boolean;
}

export interface Draft {
  clauses: Clause[];
  removed: { id: string; number: number; text: string }[]; // the last 20
  facts: Fact[];
  claims: Record<Side, string>;
  deciders: Record<Side, string>; // seat, or ""
  standing: "decides" | "reads" | "authority" | "principal"; // what the viewer is to the draft
  authorities: Record<string, Authority>; // by seat
  unproven: string[]; // in the room, and not recorded by what right they act
  agreed: boolean;
  missing: { clause: string; side: Side }[];
  waived: Side[];
  at_once: boolean;
  sealed: boolean;
}

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
  pages: Point[]; // width and height of each
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

// Where whoever shows an exhibit looks.
export interface Look {
  exhibit: string;
  zoom: number; // in hundredths
  x: number; // the middle of what they see, as in Point
  y: number;
  pointer: Point | null;
  ms: number | null; // a film's place
  playing: boolean;
  seat: string;
}

export interface Exhibits {
  list: Exhibit[]; // those the viewer may see
  shown: { exhibit: string; page: number; seat: string; private: boolean; marks: Mark[]; look?: Look | null } | null; // where they look comes as `exhibit_look`
  floor: string; // the seat that may show, or ""
}

// That a promise was kept at once.
export interface Proof {
  exhibit: string;
  title: string;
  term: number;
  answers: Partial<Record<Side, Answered>>;
  at: string;
}

// Signing one text: who has come how far.
export interface SigningView {
  text: string; // its hash
  number: string;
  kind: string; // "agreement" | "record"
  offered: string;
  state: "open" | "void" | "sealed";
  next: "parties" | "mediator" | "seal" | "";
  signers: ({ seat: string; side: Side | null; capacity: string; basis: string; read: boolean; electronic: boolean; consented: string; confirmed: boolean; by_voice: boolean; signed: string | null; how: string; refused: boolean; reason: string })[];
  seal_only: boolean; // the mediator does not sign
  voided: { reason: string; seats: string[]; at: string; note: string } | null;
}

// A paper under seal.
export interface SealedDocument {
  id: string;
  kind: string; // "agreement" | "record" | "failure"
  number: string;
  at: string;
  sha256: string;
  level: string; // "B-B" | "B-T" | ""
  assurance: string; // "own" | "provider" | "unified": who vouches for the seal
  certifier: string;
  taken: boolean;
}

// The view as a client puts it together: `chat` came as lines, from `case` on as parts.
export interface View {
  session: { id: string; number: string; title: string; ordinal: number; office: string; office_phone: string; starts: string; status: SessionStatus; phase: Phase | null; locked: boolean; opened: string | null; closed: string | null; recess_since: string | null; live: Phase[] };
  you: { seat: string; role: Role; side: Side | null; mediator: boolean; removed: string };
  seats: Seat[];
  clock: Clock;
  caucus: Caucus | null;
  consulting: Consulting[];
  channel: Channel; // what you listen to where there is an interpreter
  gap: Gap | null;
  recording: { on: boolean; seats: string[]; refused: string[]; failed: string };
  captions: { allowed: boolean; on: boolean; seats: string[] };
  reads_captions: boolean; // you asked to see them
  opening: Record<OpeningItem, boolean>;
  script: string[]; // checked items, of the mediator's list and of the card
  chat: Line[];
  case: CaseFile | null;
  draft: Draft;
  slips: Slip[];
  exhibits: Exhibits;
  law: Leaf | null;
  typical: Typical | null;
  card: Card | null; // the mediator's
  outcome: { number: number; proposed: Outcome; seen: string[]; objections: { seat: string; reason: string }[] } | null;
  signing: SigningView | null;
  closed: Outcome | null;
  documents: SealedDocument[];
  corrections: { text: string; at: string; by: string }[]; // the last 20
  proofs: Proof[];
}

// An event, to be announced and not to be kept: without lists and without long texts.
export interface Happening {
  version: number;
  type: string; // the class in rooms.events
  at: string;
  actor: { kind: string; name: string; seat: string };
  data: Record<string, unknown>;
}

// What changed of a part, before the view it belongs to. Until `edition` completes it, the part is as it was.
export interface PartMessage {
  name: string;
  members?: Record<string, unknown>;
  items?: Record<string, Record<string, Record<string, unknown>>>; // path of a list -> key -> changed fields
  order?: Record<string, string[]>; // path of a list -> its keys
  slice?: { at: string[]; text: string }; // of the JSON of a value too long for one message
  edition?: number;
}

// A view as it is sent: at the door `session`, `you` and `seats` with names and statuses only.
export type SentView = Partial<View> & Pick<View, "session" | "you" | "seats"> & {
  parts: Record<string, number>; // the edition of each part that belongs to it
  lines?: number; // the number of the newest line of the chat
};

// What this viewer may know, on connection and after every change but a line; `events` are what just happened.
export interface ViewMessage {
  version: number;
  now: string;
  view: SentView;
  events: Happening[];
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

export interface RelayPass {
  urls: string[];
  username: string;
  credential: string;
  ttl: number; // seconds
}

export interface Measurement {
  loss_up: number; // of what they send
  loss_down: number; // of what they receive
  rtt: number;
  jitter: number;
  concealed: number; // of the sound they hear, made up by their browser
  frozen: number; // of the time, the worst picture they see stood still
  frames: number | null; // a second, of the best picture they see
  up: number;
  down: number;
  available: number | null; // what their browser thinks their way out carries
  relayed: boolean;
  over: "" | "udp" | "tcp" | "tls"; // what carries it to us, or to the relay
  limited: "" | "cpu" | "bandwidth"; // why their browser sends less of a picture than it was asked for
  mic: "" | "off" | "silent" | "muted" | "gone"; // muted: by the system; "": it is heard
  camera: "" | "off" | "still" | "muted" | "gone"; // still: on, and no new picture comes out of it
  hidden: boolean; // a phone's page is behind another, where cameras stop
  battery: boolean; // nearly empty, and not being charged
  apart: boolean; // they say that they sit apart from whoever is heard along with them
}

// What a client sends: by name, the body.
export interface ClientMessages {
  withdraw_consent: { kind: "participate" | "record" | "transcribe" };
  give_consent: { kind: "participate" | "record" | "transcribe" };
  arrive: Record<string, never>;
  admit: { seat: string };
  admit_all: Record<string, never>;
  send_back: { seat: string };
  leave: Record<string, never>;
  remove: { seat: string; reason: string };
  cover_opening: { item: OpeningItem; done?: boolean };
  enter_phase: { phase: Phase };
  start_recess: Record<string, never>;
  end_recess: Record<string, never>;
  set_door: { locked: boolean };
  mute: { seat: string };
  unmute: Record<string, never>;
  ask_unmute: { seat: string };
  set_hand: { raised: boolean };
  set_camera: { on: boolean };
  set_background: { background: "none" | "blurred" | "office" };
  set_screen: { on: boolean };
  say: { text: string; to?: string; caucus?: number };
  start_caucus: { side: Side; interpreters?: string[] };
  end_caucus: Record<string, never>;
  start_consulting: { seat: string };
  end_consulting: Record<string, never>;
  choose_channel: { channel: Channel };
  write_slip: { text: string; amount?: string | null; may_tell?: boolean };
  mark_slip: { number: number; may_tell: boolean };
  withdraw_slip: { number: number };
  show_slip: { number: number };
  open_gap: { rule: "whether" | "midpoint" };
  agree_gap: { number: number };
  enter_figure: { number: number; amount: string };
  drop_gap: { number: number };
  set_captions: { on: boolean };
  ask_captions: { on: boolean };
  propose_outcome: { outcome: { kind: OutcomeKind; terms?: ({ who: Side; action: string; amount?: string | null; due?: string | null; how?: string; performance?: "on_the_spot" | "later" })[]; loss_recovered?: string; ground?: number | null; adjourned_to?: string | null; note?: string } };
  take_back_outcome: Record<string, never>;
  see_outcome: { number: number };
  object_outcome: { number: number; reason: string };
  close: { anyway?: string };
  put_clause: { clause?: string; edition?: number; text?: string; plain?: string; gloss?: string; heading?: string; term?: { who: Side; action: string; amount?: string | null; due?: string | null; how?: string; performance?: "on_the_spot" | "later" } | null };
  remove_clause: { clause: string; edition: number };
  restore_clause: { clause: string };
  move_clause: { clause: string; number: number };
  ask_confirmation: { clause: string };
  answer_clause: { clause: string; edition: number; agrees: boolean; reason?: string; told?: boolean };
  query_clause: { clause: string };
  explain_clause: { clause: string };
  put_fact: { fact?: string; edition?: number; text: string };
  remove_fact: { fact: string; edition: number };
  answer_fact: { fact: string; edition: number; agrees: boolean; reason?: string };
  put_claim: { side: Side; text?: string };
  record_authority: { seat: string; capacity: Capacity; special?: boolean; basis?: string };
  waive_agreement: { waived: boolean };
  propose_agreed: { note?: string };
  show_law: { article: string };
  put_law_away: Record<string, never>;
  show_typical: { case: string };
  put_typical_away: Record<string, never>;
  take_card: { kind: string };
  check_item: { item: string; done?: boolean };
  assist: { helper: string; relation: string; agreed: boolean; seat?: string };
  end_assistance: { seat?: string };
  withdraw_exhibit: { exhibit: string };
  release_exhibit: { exhibit: string };
  show_exhibit: { exhibit: string; page?: number };
  put_away_exhibit: Record<string, never>;
  turn_page: { page: number };
  mark_exhibit: { shape: MarkShape; points: [number, number][] };
  unmark_exhibit: { n?: number };
  let_show: { seat?: string };
  ask_exhibit: { seat: string; purpose?: Purpose };
  accept_exhibit: { exhibit: string };
  dispute_exhibit: { exhibit: string; reason?: string };
  take_back_answer: { exhibit: string };
  call_off_signing: { reason?: string };
  read_through: { text: string };
  agree_electronic_form: { text: string };
  consent_handwriting: { text: string };
  confirm_signer_by_voice: { seat: string; text: string; recognised: string };
  refuse_signing: { text: string; reason: string };
  withdraw_signature: { text: string };
  read_lines: { after?: number | null; before?: number | null };
  preview_clause: { term: { who: Side; action: string; amount?: string | null; due?: string | null; how?: string; performance?: "on_the_spot" | "later" } };
  media_join: Record<string, never>;
  media_publish: { sdp: string; sources: Record<string, Source> };
  media_answer: { sdp: string };
  media_restart: Record<string, never>;
  media_look: { seat: string };
  point_exhibit: { zoom?: number; x?: number; y?: number; pointer?: [number, number] | null; ms?: number | null; playing?: boolean };
  report_quality: { loss_up?: number; loss_down?: number; rtt?: number; jitter?: number; concealed?: number; frozen?: number; frames?: number | null; up?: number; down?: number; available?: number | null; relayed?: boolean; over?: "" | "udp" | "tcp" | "tls"; limited?: "" | "cpu" | "bandwidth"; mic?: "" | "off" | "silent" | "muted" | "gone"; camera?: "" | "off" | "still" | "muted" | "gone"; hidden?: boolean; battery?: boolean; apart?: boolean };
}

// What the server tells: by name, the body.
export interface ServerMessages {
  view: ViewMessage;
  part: PartMessage;
  line: Line;
  media_offer: OfferMessage;
  media_lost: Record<string, never>;
  media_full: { seat: string };
  exhibit_look: Look;
  quality: { seat: string; level: number };
  measured: { seat: string } & Measurement & { finding: Finding; outage: { scope: "" | "all" | "network"; seats: string[] } };
  echo: { on: boolean };
  restart: { at: string };
  caption: { id: string; seat: string; text: string; at: string };
  captions_fault: { code: "" | "engine_missing" | "model_missing" | "model_unusable" | "speech" | "speech_gone" | "speech_late" };
  gone: { code: string };
}
