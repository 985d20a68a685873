// Private talks, consulting, slips and the blind gap, said in words. What was said in confidence is in no package.
import type { Members } from "./canonical";
import { word } from "./procedure";
import { say, type Say } from "./report";
import { type Voice } from "./sentences";

type Tell = (data: Members, voice: Voice) => Say;

const plain = (id: string): Tell => () => say(id);
const numbered = (tell: (filled: Record<string, string>) => Say): Tell => (data) => tell({ number: word(data.number) });
const pair = (tell: (filled: Record<string, string>) => Say): Tell =>
  (data, voice) => tell({ one: voice.name(word(data.seat)), other: voice.name(word(data.other)) });

const ENDS: Record<string, Say> = {
  mediator: say("The private talk is over, everybody is together again"),
  recess: say("The private talk is over because of a recess"),
  closed: say("The private talk is over with the session"),
  alone: say("The private talk is over, nobody of that side was there any more"),
  mediator_left: say("The private talk is over, the mediator has left"),
  media: say("The private talk did not come about, sound and picture did not follow"),
};
const CHANNELS: Record<string, Say> = {
  floor: say("Listens to the room without the interpreter"),
  interpreter: say("Listens to the interpreter alone"),
  both: say("Listens to the room and the interpreter"),
};

export const CIRCLES: Record<string, Tell> = {
  CaucusStarted: (data) => (data.side === "consumer"
    ? say("Talks with the consumer in private; the others hear nothing, nothing is recorded")
    : say("Talks with the business in private; the others hear nothing, nothing is recorded")),
  CaucusEnded: (data) => ENDS[word(data.cause)] ?? say("The private talk is over, everybody is together again"),
  ConsultingStarted: pair((filled) => say("{one} and {other} consult; nobody hears them", filled)),
  ConsultingEnded: pair((filled) => say("{one} and {other} no longer consult", filled)),
  ChannelChosen: (data) => CHANNELS[word(data.channel)] ?? say("Listens to the room and the interpreter"),
  GapOpened: (data) => (data.rule === "midpoint"
    ? say("Double-blind offers no. {number}: told whether they overlap, and if so the midpoint", { number: word(data.number) })
    : say("Double-blind offers no. {number}: told only whether they overlap", { number: word(data.number) })),
  GapAgreed: numbered((filled) => say("Agreed to the rule of double-blind offers no. {number}", filled)),
  GapDropped: numbered((filled) => say("Cancelled double-blind offers no. {number}", filled)),
  Confided: plain("Wrote something in confidence"),
  SlipWritten: numbered((filled) => say("Wrote message slip no. {number}", filled)),
  SlipMarked: numbered((filled) => say("Restated whether slip no. {number} may be told", filled)),
  SlipWithdrawn: numbered((filled) => say("Took slip no. {number} back", filled)),
  SlipShown: numbered((filled) => say("Passed slip no. {number} on", filled)),
  FigureEntered: numbered((filled) => say("Entered a figure for double-blind offers no. {number}", filled)),
  GapRevealed: numbered((filled) => say("Double-blind offers no. {number} were compared", filled)),
};

// What is said of such an entry where its content is withheld, which it is in every package.
export const WITHHELD: Record<string, Say> = {
  Confided: say("Something was written in confidence"),
  ReasonConfided: say("The mediator was told a reason in confidence"),
  ExhibitConfided: say("The mediator was shown something in confidence"),
  SlipWritten: say("A message slip was written"),
  SlipMarked: say("It was restated whether a slip may be told"),
  SlipWithdrawn: say("A slip was taken back"),
  SlipShown: say("A slip was passed on"),
  FigureEntered: say("A figure was entered for the double-blind offers"),
  GapRevealed: say("The double-blind offers were compared"),
  ClausePut: say("A clause was drafted"),
  ClauseRemoved: say("A drafted clause was removed"),
  ClauseAnswered: say("A drafted clause was answered"),
};
