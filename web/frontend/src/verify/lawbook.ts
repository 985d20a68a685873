// The law at hand, the script card and helpers, said in words: one sentence for every kind of event.
import { type Members } from "./canonical";
import { word } from "./procedure";
import { say, type Say } from "./report";
import { type Voice } from "./sentences";

type Speak = (data: Members, voice: Voice) => Say;

const RELATIONS: Record<string, Say> = {
  station: say("works at the station"), family: say("family"), community: say("works for the community"),
  volunteer: say("volunteer"), other: say("somebody else"),
};
const ITEMS: Record<string, Say> = {
  "opening.introduced": say("Introduced everybody"), "opening.voluntary": say("Said that taking part is voluntary"),
  "opening.recording_explained": say("Explained the recording and each consent"),
  "opening.assisted_asked": say("Asked whether anybody sits beside them"),
  "consumer_statement.when_and_how_much": say("Asked the consumer when and for how much"),
  "consumer_statement.used_and_left": say("Asked the consumer what was used and what is left"),
  "consumer_statement.request_and_reason": say("Asked the consumer for the request and the reason"),
  "consumer_statement.summed_up": say("Summed up the consumer, who confirmed it"),
  "business_statement.facts_agreed": say("Asked the business which facts it agrees with"),
  "business_statement.facts_disputed": say("Asked the business which facts it disputes"),
  "business_statement.refund_terms": say("Asked the business what was agreed about refunds"),
  "business_statement.may_decide": say("Asked who may decide for the business"),
  "discussion.undisputed_named": say("Named the undisputed facts"), "discussion.open_points_named": say("Named the open points"),
  "discussion.law_explained": say("Explained the articles"), "proposal.who_does_what": say("Settled who does what"),
  "proposal.how_much_by_when": say("Settled how much, by when and how"), "proposal.both_answered": say("Heard both on the proposal"),
  "proposal.performable": say("Asked whether it can be kept"), "closing.read_out": say("Read out the result"),
  "closing.next_steps": say("Explained the next steps"), "closing.ways_out_told": say("Told the other ways out"),
};

// Told in the language of the account; the leaf has both, and an older journal perhaps only one.
function citation(data: Members): string {
  const leaf = (data.leaf ?? {}) as Members;
  const cited = (leaf.citation ?? {}) as Members;
  return word(cited.zh) || word(cited.en) || word(leaf.article);
}

export const LAWBOOK: Record<string, Speak> = {
  LawShown: (data) => say("Showed everybody {citation}", { citation: citation(data) }),
  LawPutAway: () => say("Stopped showing the article"),
  TypicalShown: (data) => {
    const title = ((data.leaf ?? {}) as Members).title as Members | undefined;
    return say("Showed everybody the case {title}", { title: word(title?.zh) || word(title?.en) || "–" });
  },
  TypicalPutAway: () => say("Stopped showing the case"),
  ItemChecked: (data) => {
    const item = ITEMS[word(data.item)] ?? (word(data.item) || "–");
    return data.done === false ? say("Took back: {item}", { item }) : say("{item}", { item });
  },
  SeatAssisted: (data, voice) => say(
    data.by === data.seat ? "{helper} ({relation}) sits with {name} to help, as {name} agreed" : "{helper} ({relation}) sits with {name} to help, as {name} told the mediator",
    { helper: word(data.helper), relation: RELATIONS[word(data.relation)] ?? word(data.relation), name: voice.name(word(data.seat)) }),
  AssistanceEnded: (data, voice) => say("Nobody sits with {name} any more", { name: voice.name(word(data.seat)) }),
};
