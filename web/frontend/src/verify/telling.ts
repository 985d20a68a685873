// Who was told what and how, and what was mediated without a room, in the sentences of web/complaints/history.py and
// web/audit/sentences.py.
import type { Json, Members } from "./canonical";
import { word } from "./procedure";
import { joined, say, type Arg, type Say } from "./report";

const WHOM: Record<string, Say> = { consumer: say("complainant"), business: say("respondent") };
const DECIDED: Record<string, Say> = {
  acceptance: say("that the complaint is accepted"), refusal: say("that the complaint is not accepted"),
  mediation: say("when and where the mediation is"), termination: say("that the mediation was terminated"),
  dispatch: say("that the complaint was sent on"),
};
const WAYS: Record<string, Say> = {
  message: say("text message"), phone: say("telephone"), handed: say("paper handed over"), post: say("post"),
  in_person: say("way.in_person"), platform: say("answer on the platform it came from"),
};
const MODES: Record<string, Say> = {
  phone: say("telephone"), on_site: say("on site"), audio: say("audio over the internet"),
  other_video: say("video by other means"), internet: say("in writing over the internet"),
};

const moment = (value: Json | undefined): Arg => ({ at: Date.parse(word(value)) });
const of = (names: Record<string, Say>, value: Json | undefined): Arg => names[word(value)] ?? word(value);

export const TELLING: Record<string, (data: Members) => Say> = {
  PartyTold: (data) => say("The {who} was told {what} ({how}, {when})", {
    who: of(WHOM, data.whom), what: of(DECIDED, data.what), how: of(WAYS, data.how), when: moment(data.when),
  }),
  TellingFailed: (data) => say("The message that tells the {who} {what} did not leave", {
    who: of(WHOM, data.whom), what: of(DECIDED, data.what),
  }),
  HeldElsewhere: (data) => joined(say("Mediated without a room ({how}), from {began} to {ended}; for the complainant: {consumer}; for the respondent: {business}", {
    how: of(MODES, data.mode), began: moment(data.began), ended: moment(data.ended),
    consumer: word(data.consumer_by) || say("nobody took part"), business: word(data.business_by) || say("nobody took part"),
  }), data.place ? say("; place: {place}", { place: word(data.place) }) : null),
};
