// What happened to exhibits, said in words: one sentence for every kind of event. The message ids are those of
// web/audit/documents.py.
import { isObject, type Members } from "./canonical";
import { word } from "./procedure";
import { say, type Arg, type Say } from "./report";
import { type Voice } from "./sentences";

type Speak = (data: Members, voice: Voice) => Say;

const KINDS: Record<string, Say> = { pictures: say("pictures"), document: say("a document"), film: say("a film") };

const about = (data: Members, voice: Voice): Record<string, Arg> => ({
  which: voice.exhibit(word(data.exhibit)) || say("an exhibit"), page: word(data.page), reason: word(data.reason),
});
const on = (id: string): Speak => (data, voice) => say(id, about(data, voice));

export const EXHIBITS: Record<string, Speak> = {
  ExhibitOffered: (data) => {
    const originals = Array.isArray(data.originals) ? data.originals.filter(isObject) : [];
    const facts = {
      what: KINDS[word(data.kind)] ?? word(data.kind), digest: word(originals[0]?.sha256).slice(0, 12),
      size: Math.ceil(originals.reduce((sum, one) => sum + Number(one.size), 0) / 1024).toLocaleString("en"),
    };
    return data.purpose === "performance" ? say("Brought a proof of performance: {what}, {size} KB, SHA-256 {digest}…", facts)
      : say("Brought an exhibit: {what}, {size} KB, SHA-256 {digest}…", facts);
  },
  ExhibitConfided: () => say("an exhibit"),
  ExhibitTitled: (data) => say("Called it “{title}”", { title: word(data.title) }),
  ExhibitPrepared: on("The film {which} can be shown"),
  ExhibitUnreadable: on("The film {which} could not be made ready to be shown; the original is kept"),
  ExhibitWithdrawn: on("Withdrew {which} before it was shown"),
  ExhibitReleased: on("Released {which}: everybody may see it"),
  ExhibitShown: (data, voice) => (data.talk ? say("Showed {which}, page {page}, in private", about(data, voice))
    : say("Showed {which} to everybody, page {page}", about(data, voice))),
  ExhibitPutAway: on("Stopped showing {which}"),
  ExhibitPageTurned: on("Turned to page {page} of {which}"),
  ExhibitMarked: on("Marked a place on page {page} of {which}"),
  ExhibitUnmarked: (data, voice) => (data.n ? say("Took a mark on {which} back", about(data, voice)) : say("Took all marks on {which} back", about(data, voice))),
  ExhibitFloorGiven: (data, voice) => (data.seat ? say("Let {name} show exhibits", { name: voice.name(word(data.seat)) })
    : say("Only the mediator shows exhibits again")),
  ExhibitAsked: (data, voice) => (data.purpose === "performance" ? say("Asked {name} for a proof of performance", { name: voice.name(word(data.seat)) })
    : say("Asked {name} for an exhibit", { name: voice.name(word(data.seat)) })),
  ExhibitAccepted: on("Accepted {which}"),
  ExhibitDisputed: (data, voice) => (data.reason ? say("Disputed {which}: {reason}", about(data, voice)) : say("Disputed {which}", about(data, voice))),
  ExhibitAnswerTakenBack: on("Took the answer to {which} back"),
};
