// What happened, said in words: one sentence for every kind of event. The message ids are those of web/audit/sentences.py and
// web/complaints/history.py, so that the record on the bureau's pages and this page say the same.
import { AGREEMENT } from "./agreement";
import { CIRCLES, WITHHELD } from "./circles";
import { isObject, type Json, type Members } from "./canonical";
import { ENDED } from "./derived";
import { EXHIBITS } from "./exhibits";
import type { Event } from "./journal";
import { LAWBOOK } from "./lawbook";
import { SIGNING } from "./signing";
import { PROCEDURE, word } from "./procedure";
import { TELLING } from "./telling";
import { say, type Arg, type Say } from "./report";

export interface Voice {
  name(seat: string): string;
  exhibit(id: string): string; // its title in quotes, "" when that was erased
  mediator: string; // the mediator's seat: nobody lets them in
}

// Too frequent to be read one by one; they are shown on request.
export const ROUTINE = new Set([
  "SpeakingStarted", "SpeakingStopped", "Routed", "RecordingStarted", "RecordingStopped", "SegmentSealed", "NothingRecorded", "Archived", "Viewed", "Exported",
  "LinkIssued", "LinkRevoked", "CodeSent", "QualityChanged", "PicturesPaused", "PicturesResumed", "ExhibitMarked", "ExhibitUnmarked",
]);

const CAUSES: Record<string, Say> = {
  socket: say("the connection broke"), media: say("sound and picture broke off"), server: say("the server was restarted"),
  link_revoked: say("the link was withdrawn"), link_replaced: say("a new link took the place of theirs"),
  link_ended: say("the link is no longer valid"), signed_out: say("the sign-in has ended"),
  withheld: say("the right to take part here was withdrawn"),
  consent: say("consent was withdrawn"), left: say("they left"), absent: say("away for too long"),
  disconnected: say("the connection broke"), recess: say("recess"), closed: say("the session was closed"),
  caucus: say("a private talk"), consulting: say("they consulted with their side"),
  disk: say("there was no room on the disk"), disk_full: say("the disk is full"), disk_reserve: say("the disk is nearly full"),
  io: say("the disk could not be written"),
};
const AWAITED: Record<string, Say> = {
  connection: say("Sound and picture of this person are not connected yet"),
  nothing: say("The device of this person has offered no sound or picture yet"),
  full: say("The server has no room for the sound and picture of this person yet"),
  server: say("Part of the server failed before anything of this person was recorded"),
};
const ITEMS: Record<string, Say> = {
  identity: say("Identity of both sides confirmed"), rights: say("Rights and duties read out"),
  recusal: say("Asked whether anybody wants the mediator to withdraw"), sham: say("Warned against sham mediation"),
};
const MODES: Record<string, Say> = { video: say("with sound and picture"), audio: say("with sound only"), text: say("listening and writing") };
const PARTS: Record<string, Say> = { record: say("the record"), recording: say("the recording"), journal: say("the journal") };
const QUALITIES = [say("bad"), say("weak"), say("good"), say("very good")];
const PHASES: Record<string, Say> = {
  opening: say("Opening"), consumer_statement: say("Consumer’s statement"), business_statement: say("Business’s statement"),
  discussion: say("Discussion"), proposal: say("Proposal"), closing: say("Closing"),
};
const ROLES: Record<string, Say> = {
  mediator: say("mediator"), consumer: say("consumer"), business: say("business"), representative: say("representative"),
  lawyer: say("lawyer"), interpreter: say("interpreter"), companion: say("companion"), observer: say("observer"),
  supervisor: say("supervisor"),
};
const OUTCOMES: Record<string, Say> = {
  settled: say("Settled"), not_settled: say("Not settled"), ended: say("Terminated (statutory ground)"), adjourned: say("Adjourned"),
};
const CHANNELS: Record<string, Say> = {
  "12315": say("National 12315 platform"), hotline: say("Citizen hotline"), director: say("Bureau chief’s hotline"),
  board: say("City message board"), petition: say("Online petition (letters and visits)"), window: say("Window"),
};
const NOTES: Record<string, Say> = {
  kept: say("Everything promised was done"), told: say("Somebody was told of what was decided"), closed: say("The file was closed"),
  refused: say("Not accepted"), ended: say("Mediation terminated"),
};

export const phase = (name: string): Arg => PHASES[name] ?? name;
export const role = (name: string): Arg => ROLES[name] ?? name;
export const cause = (name: string): Arg => CAUSES[name] ?? name;

type Speak = (data: Members, voice: Voice) => Say;
const moment = (value: Json | undefined): Arg => ({ at: Date.parse(word(value)) });
const plain = (id: string): Speak => () => say(id);
const named = (id: string): Speak => (data, voice) => say(id, { name: voice.name(word(data.seat)) });
const both = (...parts: Say[]): Say => say("{first}{second}", { first: parts[0] ?? "", second: parts[1] ?? "" });

const answered = (participate: string, record: string): Speak => (data) => both(
  say(data.kind === "participate" ? participate : record),
  ...(data.text ? [say(" (text {version})", { version: word(data.text) })] : []),
);

const SPEAKERS: Record<string, Speak> = {
  // From scheduling to the waiting room.
  SessionScheduled: (data) => say("Mediation no. {ordinal} scheduled for {when}, {count} seats", {
    ordinal: word(data.ordinal), when: moment(data.starts), count: Array.isArray(data.seats) ? data.seats.length : 0,
  }),
  SessionCancelled: (data) => say("Session cancelled: {reason}", { reason: word(data.reason) }),
  SeatAdded: ({ seat }) => say("Seat added for {name} ({role})", isObject(seat) ? { name: word(seat.name), role: role(word(seat.role)) } : {}),
  LinkIssued: (data, voice) => say("Link issued to {name}, good until {when}", { name: voice.name(word(data.seat)), when: moment(data.expires) }),
  LinkRevoked: (data, voice) => say("Link of {name} revoked: {reason}", { name: voice.name(word(data.seat)), reason: word(data.reason) }),
  PhoneCorrected: (data, voice) => say("Number of {name} corrected: {phone}", { name: voice.name(word(data.seat)), phone: word(data.phone) }),
  LinkOpened: plain("Opened the link"),
  ConsentGiven: answered("Agreed to take part", "Agreed to be recorded"),
  ConsentRefused: answered("Did not agree to take part", "Did not agree to be recorded"),
  ConsentWithdrawn: (data) => say(data.kind === "participate"
    ? "Withdrew consent to take part" : "Withdrew consent to be recorded; the recording of this person stopped"),
  OtherTimeAsked: (data) => say("Asked for another time: {wish}", { wish: word(data.wish) }),
  CodeSent: plain("One-time code sent to the phone on file"),
  IdentityConfirmed: (data) => say(data.method === "code" ? "Identity confirmed by a one-time code" : "Identity confirmed by the mediator"),
  IdentityConfirmedByVoice: (data, voice) => say("Confirmed the identity of {name} by voice, without a code: {recognised}", { name: voice.name(word(data.seat)), recognised: word(data.recognised) }),
  AgeStated: (data) => say(data.age === "child" ? "Is under 14" : data.age === "minor" ? "Is 14 to 17" : "Is 18 or older"),
  GuardianNamed: (data) => (data.text
    ? say("The guardian {name} ({relation}) agreed that the child’s data are processed (text {text})", {
      name: word(data.guardian), relation: word(data.relation), text: word(data.text),
    })
    : say("Named {name} ({relation}) as their guardian", { name: word(data.guardian), relation: word(data.relation) })),
  HelpAsked: (data) => (data.why === "no_code"
    ? say("Whoever holds the link asked to be called back: the code does not arrive")
    : say("Whoever holds the link said that the number on file is not theirs")),
  NameChosen: (data) => say("Is shown to the others as “{name}”", { name: word(data.name) }),
  DeviceChecked: (data) => both(
    say("Checked the device, takes part {mode}", { mode: MODES[word(data.mode)] ?? word(data.mode) }),
    ...(Array.isArray(data.findings) && data.findings.length ? [say(" ({findings})", { findings: data.findings.map(word) })] : []),
  ),
  Arrived: (data, voice) => say(data.seat === voice.mediator ? "Came" : "Came to the waiting room"),
  // Who is in the room, and what they do there.
  Admitted: (data, voice) => (data.seat === voice.mediator ? say("Entered the room") : named("Admitted {name}")(data, voice)),
  ObservationBegun: (data) => both(say("Came in to look on as a supervisor, which everybody in the room was told"), say(": {reason}", { reason: word(data.reason) })),
  SentBack: named("Sent {name} back from the waiting room"),
  Disconnected: (data) => ENDED.has(data.cause)
    ? say("Can no longer take part: {cause}", { cause: cause(word(data.cause)) })
    : say("Dropped out ({cause}); the seat is kept", { cause: cause(word(data.cause)) }),
  Reconnected: plain("Came back to the same seat without a new code"),
  Left: plain("Left the room"),
  Removed: (data, voice) => say("Asked {name} to leave: {reason}", { name: voice.name(word(data.seat)), reason: word(data.reason) }),
  Muted: named("Turned off the microphone of {name}"),
  Unmuted: plain("Turned the microphone on"),
  UnmuteAsked: named("Asked {name} to turn the microphone on"),
  HandRaised: plain("Asked to speak"),
  HandLowered: plain("No longer asks to speak"),
  CameraSet: (data) => say(data.on === true ? "Turned the camera on" : "Turned the camera off"),
  ScreenShared: plain("Shared the screen"),
  ScreenStopped: plain("Stopped sharing the screen"),
  PicturesPaused: (data) => say(data.way === "to"
    ? "Weak network: sound first, the pictures of the others rest" : "Weak network: sound first, this person's picture rests"),
  PicturesResumed: (data) => say(data.way === "to" ? "The pictures of the others are back" : "This person's picture is back"),
  QualityChanged: (data) => say("Connection: {quality}", { quality: QUALITIES[Number(data.level) - 1] ?? word(data.level) }),
  SpeakingStarted: plain("Began to speak"),
  SpeakingStopped: plain("Stopped speaking"),
  Said: (data, voice) => (data.to
    ? say("Wrote to {name}: {text}", { name: voice.name(word(data.to)), text: word(data.text) })
    : say("Wrote to everybody: {text}", { text: word(data.text) })),
  // The steps of the mediation and how it ended.
  SessionOpened: plain("Opened the mediation"),
  OpeningCovered: (data) => {
    const item = ITEMS[word(data.item)] ?? say("{item}", { item: word(data.item) || "–" });
    return data.done === false ? say("Taken back: {item}", { item }) : item;
  },
  PhaseEntered: (data) => say("Phase: {phase}", { phase: phase(word(data.phase)) }),
  RecessStarted: plain("Recess: nobody hears anybody, nothing is recorded"),
  RecessEnded: plain("The mediation continues after the recess"),
  DoorLocked: plain("Locked the room"),
  DoorUnlocked: plain("Unlocked the room"),
  OutcomeProposed: (data) => say("Showed both sides the outcome: {outcome}", { outcome: headline(data.outcome) }),
  OutcomeTakenBack: plain("Took the outcome back to change it"),
  OutcomeSeen: plain("Has seen the outcome"),
  SessionClosed: (data) => both(
    say("Closed the session: {outcome}", { outcome: headline(data.outcome) }),
    ...(data.anyway ? [say("; not everybody had seen it: {reason}", { reason: word(data.anyway) })] : []),
  ),
  Corrected: (data) => say("Correction added: {text}", { text: word(data.text) }),
  Viewed: (data, voice) => (word(data.part).startsWith("track:")
    ? say("Looked at the recording of {name}", { name: voice.name(word(data.part).slice("track:".length)) })
    : say("Looked at {part}", { part: PARTS[word(data.part)] ?? word(data.part) })),
  ViewingGranted: (data, voice) => say("Allowed {name} to watch the recording: {request}", { name: voice.name(word(data.seat)), request: word(data.request) }),
  ViewingHeld: (data, voice) => say("Showed {name} the recording at the office", { name: voice.name(word(data.seat)) }),
  Exported: plain("Took an evidence package"),
  EntryCorrected: (data) => say("Corrected entry {number}. Wrong there: {wrong}. True: {right}. Reason: {reason} (agreed by {name})", {
    number: word(data.entry), wrong: word(data.wrong), right: word(data.right), reason: word(data.reason), name: word(data.agreed_by),
  }),
  NoteAdded: (data) => (data.corrects
    ? say("Corrected the note in entry {number}: {text}", { number: word(data.corrects), text: word(data.text) })
    : say("Noted: {text}", { text: word(data.text) })),
  HoldPlaced: (data) => say("The record is to be kept until further notice: {reason}", { reason: word(data.reason) }),
  HoldLifted: (data) => say("The record need no longer be kept beyond its time: {reason}", { reason: word(data.reason) }),
  ErasureOrdered: (data) => say("Ordered that the record be erased: {reason}", { reason: word(data.reason) }),
  RecordErased: (data) => say("Erased the record: {files} files", { files: word(data.files) }),
  // What the recorder and the media did.
  RecordingStarted: plain("Recording of this person began"),
  RecordingStopped: (data) => say("Recording of this person stopped: {cause}", { cause: cause(word(data.cause)) }),
  SegmentSealed: (data) => say("Sealed a piece of the {what}: {size} KB, SHA-256 {digest}…", {
    what: say(data.source === "screen" ? "screen recording" : "recording"),
    size: Math.ceil(Number(data.size) / 1024).toLocaleString("en"), digest: word(data.sha256).slice(0, 12),
  }),
  NothingRecorded: plain("The recording of this person has ended; what never arrived is listed as missing"),
  MediaAwaited: (data) => AWAITED[word(data.cause)] ?? AWAITED.connection!,
  MediaConnected: plain("Sound and picture of this person are connected"),
  RecordingFailed: (data) => say("Recording stopped, the mediation continues: {cause}", { cause: cause(word(data.cause)) }),
  Routed: (data, voice) => {
    const heard = isObject(data.hears) ? Object.entries(data.hears).filter(([, others]) => Array.isArray(others) && others.length) : [];
    const recorded = Array.isArray(data.recorded) ? data.recorded : [];
    return say("From now on: {heard}; recorded: {recorded}", {
      heard: heard.length
        ? heard.map(([who, others]) => say("{name} hears {others}", { name: voice.name(who), others: (others as Json[]).map((other) => voice.name(word(other))) }))
        : say("nobody hears anybody"),
      recorded: recorded.length ? recorded.map((seat) => voice.name(word(seat))) : say("nobody"),
    });
  },
  RecordingComposed: (data) => say("Composed the recording: {length}, SHA-256 {digest}…", {
    length: clock(Number(data.duration_ms)), digest: word(data.sha256).slice(0, 12),
  }),
  Archived: (data) => say("Put a file into the archive and read it back: {path}, {store}, SHA-256 {digest}…", {
    path: word(data.path).replace(/^[^/]*\/?/, ""), store: word(data.store), digest: word(data.stored_sha256).slice(0, 12),
  }),
  CompositionFailed: (data) => say("The recording could not be composed: {cause}", { cause: word(data.cause) }),
  // The complaint.
  ComplaintRegistered: (data) => say("Registered, came through: {channel}", { channel: CHANNELS[word(data.channel)] ?? word(data.channel) }),
  ComplaintAccepted: (data) => say(data.apart ? "Decided to accept it" : "Accepted, and told, as it was noted then"),
  ComplaintRefused: (data) => data.apart
    ? say("Decided not to accept it: {ground}", { ground: word(data.ground) })
    : say("Not accepted, and told, as it was noted then: {ground}", { ground: word(data.ground) }),
  MediationScheduled: (data) => say("Mediation no. {ordinal} arranged for {when}", { ordinal: word(data.ordinal), when: moment(data.starts) }),
  SeatContactAdded: plain("Another seat was added"),
  MediationClosed: (data) => both(
    say("Mediation closed: {outcome}", { outcome: OUTCOMES[word(data.outcome)] ?? word(data.outcome) }),
    ...(Number(data.loss_recovered) ? [say(", loss recovered {amount}", { amount: money(word(data.loss_recovered)) })] : []),
  ),
  MediationCancelled: (data) => say("Mediation cancelled: {reason}", { reason: word(data.reason) }),
  PromisesKept: plain("Everything promised was done"),
  EndTold: plain("Both sides were told that mediation was terminated, as it was noted then"),
  ComplaintClosed: plain("The file was closed"),
  NoteTakenBack: (data) => say("Taken back: {note}. {reason}", { note: NOTES[word(data.what)] ?? word(data.what), reason: word(data.reason) }),
  PhoneRevealed: (data) => say("A full number in the record was looked at: {reason}", { reason: word(data.reason) }),
  ...PROCEDURE, ...TELLING,
  ...AGREEMENT, ...LAWBOOK, ...CIRCLES, ...EXHIBITS, ...SIGNING,
  // Of either.
  ContentErased: (data) => say("Erased the content of entries {which}: {reason}", {
    which: Array.isArray(data.versions) ? data.versions.map(word) : "", reason: word(data.reason),
  }),
};

export const TYPES = Object.keys(SPEAKERS);

// An event that this page does not know is named by its type: nothing is hidden.
export function sentence(event: Event, voice: Voice): Say {
  if (!event.salt && WITHHELD[event.type]) return WITHHELD[event.type]!;
  if (!event.salt) return say("What this entry said was erased ({type})", { type: event.type });
  return SPEAKERS[event.type]?.(event.data, voice) ?? say("{type}", { type: event.type });
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
