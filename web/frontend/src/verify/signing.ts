// Signing and the documents under seal, said in words: one sentence for every kind of event.
import { type Members } from "./canonical";
import { word } from "./procedure";
import { joined, say, type Say } from "./report";
import { type Voice } from "./sentences";

type Speak = (data: Members, voice: Voice) => Say;

const KINDS: Record<string, Say> = {
  agreement: say("Mediation agreement"), record: say("Mediation record"), failure: say("Record of failure to settle"),
};
const VOIDED: Record<string, Say> = {
  edited: say("The text was changed"), called_off: say("Signing was stopped"), closed: say("The mediation ended before the seal"),
};

const document = (data: Members, digest: string): Record<string, string | Say> => ({
  what: KINDS[word(data.kind)] ?? word(data.kind), number: word(data.number), level: word(data.level), digest: digest.slice(0, 12),
});

export const SIGNING: Record<string, Speak> = {
  SigningOffered: (data) => say("Asked both sides to sign: {what} {number}, SHA-256 of the text {digest}…", document(data, word(data.text))),
  SigningRead: () => say("Read the text to its end"),
  ElectronicFormAgreed: (data) => say("Agreed to sign electronically (text {notice})", { notice: word(data.notice) }),
  HandwritingConsented: (data) => say("Agreed that the handwriting is kept (text {notice})", { notice: word(data.notice) }),
  SignerConfirmed: (data) => (data.how === "account"
    ? say("Signs with their own account") : say("Confirmed with a one-time code that it is them who signs")),
  SignerConfirmedByVoice: (data, voice) => say("Confirmed by voice, without a code, that it is {name} who signs: {recognised}", {
    name: voice.name(word(data.seat)), recognised: word(data.recognised),
  }),
  Signed: (data) => (data.how === "typed" ? say("Signed with their typed name: {name}", { name: word(data.name) }) : say("Signed by hand")),
  SigningRefused: (data) => say("Did not want to sign: {reason}", { reason: word(data.reason) }),
  SignatureWithdrawn: (data) => joined(
    say("Took their signature back"), Array.isArray(data.voids) && data.voids.length ? say("; the mediator's signature is void") : null),
  SigningVoided: (data, voice) => joined(
    joined(VOIDED[word(data.reason)] ?? say("The text was changed"), Array.isArray(data.seats) && data.seats.length
      ? say("; void: {names}", { names: data.seats.map((seat) => voice.name(word(seat))) }) : null),
    data.note ? say(": {reason}", { reason: word(data.note) }) : null),
  DocumentSealed: (data) => data.level === ""
    ? say("Had {certifier} put the office's seal on: {what} {number}, SHA-256 {digest}…", { ...document(data, word(data.sha256)), certifier: word(data.certifier) })
    : say("Put the office's seal on: {what} {number}, PAdES {level}, SHA-256 {digest}…", document(data, word(data.sha256))),
  CopyTaken: () => say("Took a copy of the sealed document"),
};
