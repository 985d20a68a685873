// The draft of an agreement, said in words: one sentence for every kind of event.
import { type Members } from "./canonical";
import { word } from "./procedure";
import { joined, say, type Say } from "./report";
import { type Voice } from "./sentences";

type Speak = (data: Members, voice: Voice) => Say;

const CAPACITIES: Record<string, Say> = {
  self: say("in person"), legal_representative: say("as the legal representative"), head: say("as the person in charge"),
  guardian: say("as the guardian"), agent: say("as an authorised agent"),
};

const edition = (data: Members): Record<string, string> => ({ clause: word(data.clause), fact: word(data.fact), edition: word(data.edition), text: word(data.text) });
const voided = (data: Members, voice: Voice): Say | null => (Array.isArray(data.voids) && data.voids.length
  ? say("; what {names} had answered is void", { names: data.voids.map((seat) => voice.name(word(seat))) }) : null);

export const AGREEMENT: Record<string, Speak> = {
  ClausePut: (data, voice) => (Number(data.edition) > 1
    ? joined(say("Changed clause {clause}, edition {edition}: {text}", edition(data)), voided(data, voice))
    : say("Wrote clause {clause}: {text}", edition(data))),
  ClauseRemoved: (data, voice) => joined(say("Removed clause {clause}: {text}", edition(data)), voided(data, voice)),
  ClauseMoved: (data) => say("Made clause {clause} the {number}. of the draft", { clause: word(data.clause), number: word(data.number) }),
  ConfirmationAsked: (data) => say("Asked both sides about clause {clause}, edition {edition}", edition(data)),
  ClauseAnswered: (data) => (data.agrees === true
    ? say("Agreed to clause {clause}, edition {edition}", edition(data))
    : joined(say("Did not agree to clause {clause}, edition {edition}", edition(data)), data.reason ? say(": {reason}", { reason: word(data.reason) }) : null)),
  ReasonConfided: (data) => say("Told the mediator alone why not to clause {clause}", { clause: word(data.clause) }),
  ClauseQueried: (data) => say("Asked the mediator what clause {clause} means", edition(data)),
  ClauseExplained: (data) => say("Explained clause {clause}", edition(data)),
  FactPut: (data, voice) => (Number(data.edition) > 1
    ? joined(say("Changed fact {fact}, edition {edition}: {text}", edition(data)), voided(data, voice))
    : say("Wrote down fact {fact}: {text}", edition(data))),
  FactRemoved: (data) => say("Removed fact {fact}: {text}", edition(data)),
  FactAnswered: (data) => (data.agrees === true
    ? say("Accepted fact {fact}, edition {edition}", edition(data)) : say("Did not accept fact {fact}, edition {edition}", edition(data))),
  AuthorityRecorded: (data, voice) => joined(
    joined(
      say("Recorded by what right {name} acts: {capacity}", { name: voice.name(word(data.seat)), capacity: CAPACITIES[word(data.capacity)] ?? word(data.capacity) }),
      data.special === true ? say(", may settle") : null),
    data.basis ? say(" ({basis})", { basis: word(data.basis) }) : null),
  ClaimPut: (data) => say(data.side === "consumer" ? "Wrote down what the consumer asks for: {text}" : "Wrote down what the business answers: {text}", { text: word(data.text) }),
  AgreementWaived: () => say("Needs no written agreement"),
  AgreementWanted: () => say("Wants the agreement in writing"),
};
