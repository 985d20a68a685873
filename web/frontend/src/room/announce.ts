// What just happened, as sentences for the polite live region. Pure; null: not worth saying.
import { clauseName } from "./drafting";
import { leafIn, seatOf } from "./selectors";
import { isEnded, language, phaseName, t, weakSentence } from "../words";
import type { Happening, Phase, View } from "./wire";

export function announcement(event: Happening, view: View): string | null {
  const id = typeof event.data.seat === "string" ? event.data.seat : "";
  const mine = id !== "" && id === view.you.seat;
  const name = seatOf(view, id)?.name ?? "";
  switch (event.type) {
    case "SessionOpened": return t("The mediation has begun.");
    case "PhaseEntered": return t("We now come to: {phase}.", { phase: phaseName(event.data.phase as Phase) });
    case "RecessStarted": return t("Recess: nobody is heard, nothing is recorded.");
    case "RecessEnded": return t("The recess is over.");
    case "CaucusStarted": return caucusBegins(view);
    case "CaucusEnded": return caucusEnds(String(event.data.cause), view);
    case "ConsultingStarted": return t("{name} is consulting with their side; nobody else hears it.", { name });
    case "ConsultingEnded": return t("{name} is done consulting.", { name });
    case "SlipWritten": return view.you.mediator ? t("{name} wrote a slip.", { name }) : null;
    case "SlipShown": return t("A slip was passed on.");
    case "GapOpened": return view.you.mediator ? null : t("Double-blind offers are proposed. Please read the rule.");
    case "GapRevealed": return event.data.meet === true ? t("The two offers overlap.") : t("The two offers do not overlap.");
    case "ExhibitTitled": return brought(event, view);
    case "ExhibitShown": return t("On show: {title}, page {page}.", { title: titled(event, view), page: Number(event.data.page) });
    case "ExhibitPageTurned": return t("Page {page}.", { page: Number(event.data.page) });
    case "ExhibitPutAway": return t("The exhibit was closed.");
    case "ExhibitAsked": return mine ? t("The mediator asks you for an exhibit.") : null;
    case "ExhibitFloorGiven": return mine ? t("You may show exhibits to everybody now.") : null;
    case "ExhibitAccepted": return mine ? null : t("{name} accepts “{title}”.", { name, title: titled(event, view) });
    case "ExhibitDisputed": return mine || event.data.reason ? null : t("{name} disputes “{title}”.", { name, title: titled(event, view) });
    case "ObservationBegun":
      return mine ? t("You look on now. Everybody in the room has been told.")
        : t("{name}, a supervisor of the office, is looking on from now. They hear and see what is everybody's, and say nothing.", { name });
    case "Arrived": return view.you.mediator && !mine ? t("{name} is waiting to be let in.", { name }) : null;
    case "Admitted": return mine ? t("You are in the room now.") : t("{name} came in.", { name });
    case "Left": return mine ? null : t("{name} has left.", { name });
    case "Removed": return mine ? null : t("{name} was asked to leave.", { name });
    case "Disconnected":
      if (mine) return null;
      return isEnded(String(event.data.cause)) ? t("{name} is no longer connected.", { name }) : t("{name} is reconnecting.", { name });
    case "Reconnected": return mine ? t("You are connected again.") : t("{name} is back.", { name });
    case "PicturesPaused":
      if (mine) return weakSentence([event.data.way === "to" ? "to" : "from"]);
      return view.you.mediator ? t("{name}'s network is weak: sound comes first.", { name }) : null;
    case "PicturesResumed":
      if (!mine) return null;
      return event.data.way === "to" ? t("The pictures are back.") : t("Your picture is back.");
    case "HandRaised": return mine ? null : t("{name} would like to speak.", { name });
    case "Muted":
      return mine && event.data.by !== view.you.seat ? t("The mediator has muted you.") : null;
    case "UnmuteAsked": return mine ? t("The mediator asks you to turn your sound on.") : null;
    case "ConsentWithdrawn":
      if (event.data.kind === "transcribe") return mine ? t("What you say no longer appears as captions.") : null;
      if (event.data.kind !== "record") return null;
      return mine ? t("You are no longer recorded.") : t("{name} is no longer recorded.", { name });
    case "CaptionsSet": return view.you.mediator ? null : event.data.on === true ? t("There are captions again for whoever asks for them.") : t("The mediator has turned captions off.");
    case "RecordingFailed": return view.you.mediator ? t("Recording has stopped: the disk gives trouble.") : null;
    case "ScreenShared": return mine ? null : t("{name} is showing their screen.", { name });
    case "LawShown": {
      if (view.you.mediator || !view.law) return null;
      const { citation, gist } = leafIn(view.law, language());
      return t("On the table now: {citation}. {gist}", { citation, gist: gist || view.law.official });
    }
    case "LawPutAway": return view.you.mediator ? null : t("The article was closed.");
    case "SeatAssisted": return mine ? null : t("{helper} sits with {name} to help.", { helper: String(event.data.helper ?? ""), name });
    case "AssistanceEnded": return mine ? null : t("Nobody sits with {name} any more.", { name });
    case "OutcomeProposed": return t("The result is ready to be looked at.");
    case "OutcomeTakenBack": return t("The mediator has taken the result back.");
    case "OutcomeObjected": return mine ? null : t("{name} says the result is not right: “{reason}”", { name, reason: String(event.data.reason ?? "") });
    case "OutcomeSeen": return mine ? null : t("{name} has looked at the result.", { name });
    case "ClausePut": return view.you.mediator ? null : clause(event, view, Number(event.data.edition) > 1
      ? t("{clause} has been changed. Please read it again.") : t("{clause} has been written down."));
    case "ClauseRemoved": return view.you.mediator ? null : t("A clause has been removed.");
    case "ConfirmationAsked": return view.you.mediator ? null : clause(event, view, t("Please read {clause}, and say whether you agree."));
    case "ClauseAnswered":
      return mine || event.data.reason ? null : clause(event, view, event.data.agrees === true ? t("{name} agrees to {clause}.") : t("{name} does not agree to {clause}."), name);
    case "ClauseQueried": return view.you.mediator ? clause(event, view, t("{name} asks what {clause} means."), name) : null;
    case "FactPut": return view.you.mediator ? null : t("A fact has been written down. Please say whether it is so.");
    case "AgreementWaived": return mine ? null : t("{name} does not need it in writing.", { name });
    case "SessionClosed": return t("The mediation is closed.");
    default: return null;
  }
}

function caucusBegins(view: View): string {
  const { caucus } = view;
  if (!caucus) return t("A private talk has begun.");
  const away = caucus.side === "consumer" ? "business" : "consumer";
  const name = view.seats.find((seat) => seat.role === (caucus.inside ? away : caucus.side))?.name ?? "";
  return caucus.inside
    ? t("A private talk has begun: {name} hears and sees nothing, and nothing is recorded.", { name })
    : t("The mediator is talking with {name} in private. You are not heard; you can write to the mediator.", { name });
}

function caucusEnds(cause: string, view: View): string {
  switch (cause) {
    case "recess": return t("The private talk is over, there is a recess.");
    case "alone": return t("The private talk is over: nobody of that side is in the room any more.");
    case "media": return t("The private talk did not come about: sound and picture did not follow. Everybody is together.");
    case "closed": return t("The private talk is over.");
    default: return view.caucus ? t("The private talk is over.") : t("Everybody is together again: both sides hear you now.");
  }
}

// In a sentence about a clause, its blanks; null when it is gone already.
function clause(event: Happening, view: View, sentence: string, name = ""): string | null {
  const found = view.draft.clauses.find((each) => each.id === event.data.clause);
  return found ? sentence.replace("{clause}", clauseName(found)).replace("{name}", name) : null;
}

function titled(event: Happening, view: View): string {
  return view.exhibits.list.find((one) => one.id === event.data.exhibit)?.title ?? "";
}

function brought(event: Happening, view: View): string | null {
  if (event.actor.seat === view.you.seat) return null;
  return t("{name} brought an exhibit: {title}.", { name: seatOf(view, event.actor.seat)?.name ?? event.actor.name, title: String(event.data.title) });
}

// What nobody may miss, whether they listen to the page or look at it.
export function mustBeSeen(event: Happening): boolean {
  return event.type === "ExhibitAsked" || event.type === "OutcomeObjected" || event.type === "ObservationBegun" || event.type === "ConsentWithdrawn" || event.type === "Muted" || event.type === "CaucusEnded" || event.type === "SlipShown" || event.type === "GapOpened" || event.type === "GapRevealed" || event.type === "RecordingFailed";
}
