// The phone room as a whole: puts its regions together and lays what is urgent over them.
import type { Call } from "../room/call";
import { canCall } from "../media/devices";
import { button, h, icon, mark, patch, type Children, type VNode } from "../dom";
import {
  apart, isParty, mediatorOf, myself, otherNow, phaseIndex, screenOf, sessionMs, sharing, sinceMs, spokeMs, stageOrder, together, turnOf,
} from "../room/selectors";
import { signsHere } from "../room/signing";
import { PHASES, type Seat, type View } from "../room/wire";
import { duration, ending, phaseName, standing, t } from "../words";
import { captions, writtenAlong } from "./captions";
import { noteToMediator, privateStrip, waitingCard } from "./caucus";
import { shownScreen } from "./enlarged";
import { draftStrip, hasDraft } from "./clause";
import { controls } from "./controls";
import { exhibitLine, onStage } from "./exhibits";
import { helpers } from "./ease";
import { farewell } from "./farewell";
import { lawCard } from "./law";
import { typicalCard } from "./typical";
import { awayBadge, face, helpLink, nameOf, noticeBar, overseen, picture, promptNow, quality, soundTap, weakBadge, weakNetwork } from "./pieces";
import { consultingBadge, consultingOf, whisperStrip } from "./listening";
import { outcomeScreen, readsOutcome, sheets } from "./sheets";
import { slipLine } from "./slips";
import { signingStrip, voidQuestion } from "./signing";
import { layoutOf, layoutSwitch, selfView } from "./stage";
import { reconnecting } from "./reconnecting";
import { standstill, waitingRoom } from "./waiting";

export function drawPhone(root: HTMLElement, call: Call): void {
  const at = Date.now();
  const { view } = call.state;
  const screen = screenOf(call.state);
  document.documentElement.toggleAttribute("data-in-room", screen === "room" || screen === "recess");
  // The room is always dark; the pages before and after follow the system.
  if (screen === "room" || screen === "recess") document.documentElement.dataset.theme = "dark";
  else delete document.documentElement.dataset.theme;
  if (view && waits(call, view)) call.seldom.ahead();
  patch(root, main(call, view, at), view && sheets(call, view), view && voidQuestion(call, view), noticeBar(call.state));
}

// Whether one is about to be asked something, or to look for it.
function waits(call: Call, view: View): boolean {
  return call.state.sheet !== "none" || hasDraft(view) || view.signing !== null || view.exhibits.list.length > 0 || view.slips.length > 0
    || view.gap !== null || view.caucus?.inside === true;
}

function main(call: Call, view: View | null, at: number): VNode {
  const screen = screenOf(call.state);
  switch (screen) {
    case "waiting": return view ? waitingRoom(call, view, at) : connecting(call);
    case "room":
    case "recess": return view ? room(call, view, at, screen === "recess") : connecting(call);
    case "closed": return view ? farewell(call, view) : connecting(call);
    case "over": return standstill(call, call.state.ending || (view && myself(view)?.status) || "");
    case "left": return standstill(call, "left");
    case "cancelled": return standstill(call, "cancelled");
    default: return connecting(call);
  }
}

function connecting(call: Call): VNode {
  return h("div", { class: "flow", key: "connecting" },
    h("main", { class: "stack", id: "main" },
      h("section", { class: "hush" },
        h("h1", {}, t("Connecting you …")),
        h("progress", { class: "thin", "aria-label": t("Connecting") }),
        call.state.tries > 1 && h("p", {}, t("The network is slow. This is try {n}; you need not tap anything.", { n: call.state.tries })))));
}

function room(call: Call, view: View, at: number, recess: boolean): VNode {
  const down = call.state.link === "down";
  const waits = apart(view) && !recess;
  if (readsOutcome(view)) {
    return h("div", { class: "room room-reading", key: "room", "data-caucus": strips(view) },
      top(call, view, at, recess, true),
      view.caucus?.inside && privateStrip(call, view, at),
      overseen(view),
      outcomeScreen(call, view),
      down && reconnecting(call, view, at),
      soundTap(call),
      h("div", { class: "room-foot" }, captions(call, view), controls(call, view)));
  }
  if (call.state.sheet === "signing" && signsHere(view) && !recess && !waits) {
    return h("div", { class: "room room-reading", key: "room", "data-caucus": view.caucus !== null },
      top(call, view, at, recess, true),
      overseen(view),
      call.seldom.show(({ signingScreen }) => signingScreen(call, view), instead(call)),
      down && reconnecting(call, view, at),
      soundTap(call),
      h("div", { class: "room-foot" }, captions(call, view), controls(call, view)));
  }
  if (readsDraft(call, view) && !recess && !waits) {
    return h("div", { class: "room room-reading", key: "room", "data-caucus": strips(view) },
      top(call, view, at, recess, true),
      view.caucus?.inside && privateStrip(call, view, at),
      overseen(view),
      whisperStrip(call, view, at),
      lawCard(call, view),
      typicalCard(call, view),
      call.seldom.show(({ reading }) => reading(call, view), instead(call)),
      down && reconnecting(call, view, at),
      soundTap(call),
      h("div", { class: "room-foot" }, captions(call, view), call.seldom.parts?.readingFoot(call, view), controls(call, view)));
  }
  return h("div", { class: "room", key: "room", "data-caucus": strips(view) },
    h("div", { class: "room-head" }, top(call, view, at, recess),
      !view.caucus?.inside && !waits && turn(call, view, at, recess)),
    privateStrip(call, view, at),
    whisperStrip(call, view, at),
    overseen(view),
    helpers(view),
    writtenAlong(view),
    !waits && lawCard(call, view),
    !waits && typicalCard(call, view),
    h("main", { class: "stage", id: "main" },
      recess ? recessCard(call, view, at)
        : waits ? waitingCard(call, view, at)
        : call.state.local.asked ? promptNow()
        : !call.state.local.pictures ? voices(call, view)
          : stage(call, view, down),
      down ? reconnecting(call, view, at) : call.state.local.mediaDown && !recess && reconnecting(call, view, at, true)),
    captions(call, view),
    !recess && !down && weakNetwork(view),
    soundTap(call),
    !waits && exhibitLine(call, view),
    !waits && slipLine(call, view),
    !recess && !waits && (signingStrip(call, view) ?? draftStrip(call, view)),
    waits && view.you.role !== "supervisor" ? noteToMediator(call, view) : controls(call, view),
  );
}

// In the place of what is still being fetched: the way back stands already.
function instead(call: Call): (said: Children) => VNode {
  return (said) => h("main", { class: "reading", id: "main", key: "fetching" },
    h("nav", { class: "line apart" }, button([icon("cam"), t("Back to the picture")], () => call.open("none"), "btn btn-quiet")), said);
}

function readsDraft(call: Call, view: View): boolean {
  return (call.state.sheet === "clauses" || call.state.sheet === "facts") && hasDraft(view);
}

// Whether a strip says who hears this person.
function strips(view: View): boolean {
  return view.caucus !== null || consultingOf(view, view.you.seat) !== undefined;
}

// `reading`: a text stands where the pictures were.
function top(call: Call, view: View, at: number, recess: boolean, reading = false): VNode {
  const own = myself(view);
  return h("header", { class: "room-top" },
    button([icon("leave"), t("Leave")], () => call.open("leave"), "btn btn-quiet"),
    recording(call, view, own, recess),
    h("span", { class: "line" },
      !reading && !recess && !apart(view) && call.state.local.pictures && together(view).length > 2 && layoutSwitch(call, view),
      helpLink(),
      h("span", { class: "clock" }, h("span", { class: "vh" }, t("Under way for ")), duration(sessionMs(call.state, at)))));
}

function recording(call: Call, view: View, own: Seat | undefined, recess: boolean): VNode {
  if (call.state.link === "down") return h("span", { class: "rec rec-off" }, t("Your recording is paused"));
  if (view.caucus?.inside) return h("span", { class: "rec rec-off" }, t("Private, not recorded"));
  if (consultingOf(view, view.you.seat)) return h("span", { class: "rec rec-off" }, t("Consulting, you are not recorded"));
  if (recess || !view.recording.on) return h("span", { class: "rec rec-off" }, t("Not recording"));
  if (own && !own.recording) return h("span", { class: "rec rec-off" }, t("You are not recorded"));
  return h("span", { class: "rec" }, t("Recording"));
}

function turn(call: Call, view: View, at: number, recess: boolean): VNode {
  const own = myself(view);
  const index = phaseIndex(view.session.phase);
  const mine = turnOf(view) === "yours" && isParty(own) && !recess;
  return h("section", { class: "turn", "aria-label": t("Where we are") },
    h("h1", {}, turnSentence(call, view, at, recess)),
    h("ol", { class: "ticks", "aria-hidden": "true" },
      PHASES.map((phase, i) => h("li", { key: phase, class: i < index ? "done" : i === index ? "now" : false }))),
    h("p", { class: "line apart" },
      view.session.phase && h("span", { class: "meta" },
        t("Step {n} of {of}: {phase}", { n: index + 1, of: PHASES.length, phase: phaseName(view.session.phase) })),
      mine && own && h("span", { class: "meta" }, t("You have spoken for "), h("span", { class: "num" }, duration(spokeMs(call.state, own, at))))));
}

export function turnSentence(call: Call, view: View, at: number, recess: boolean): string {
  if (recess) return t("A short break");
  if (view.outcome) return t("Please look at the result");
  const speaker = otherNow(call.state, at);
  const mediator = mediatorOf(view)?.name ?? "";
  const consumer = view.seats.find((seat) => seat.role === "consumer");
  const business = view.seats.find((seat) => seat.role === "business");
  switch (view.session.phase) {
    case "opening": return t("{name} is explaining how this goes", { name: mediator });
    case "consumer_statement":
      if (turnOf(view) === "yours") return t("It is your turn to say what happened");
      return t("Listening to {name}", { name: (speaker ?? consumer)?.name ?? "" });
    case "business_statement":
      if (turnOf(view) === "yours") return t("It is your turn to say how you see it");
      return t("Listening to {name}", { name: (speaker ?? business)?.name ?? "" });
    case "discussion": return t("Talking it over together");
    case "proposal": return t("Looking for a way that suits both");
    case "closing": return t("{name} is summing up", { name: mediator });
    default: return t("It begins in a moment");
  }
}

function stage(call: Call, view: View, frozen: boolean): VNode {
  const { main: large, small } = stageOrder(view, call.large);
  const laid = onStage(call, view);
  const own = myself(view);
  const self = own && selfView(call, view, own, own.muted && mutedMark());
  if (!laid && !large?.screen && small.length && layoutOf(view) === "grid") {
    const all = together(view).filter((seat) => seat !== own);
    return h("div", { class: "pictures pictures-grid", key: "grid", "data-count": all.length }, all.map((seat) => smaller(call, view, seat)), self);
  }
  const strip = laid && large ? [large, ...small] : small;
  const free = !laid && !large?.screen; // for whoever this person wants to see large
  return h("div", { class: "pictures pictures-speaker", key: "speaker" },
    h("div", { class: laid || large?.screen ? "tile stage-main stage-shown" : "tile stage-main", key: "stage" }, laid ?? (large ? [larger(call, view, large, frozen), free && call.pinned === large.id && unpin(call)] : h("p", { class: "alone" }, t("Nobody else is in the room yet"))), self),
    strip.length > 0 && h("div", { class: "strip", key: "strip", "data-count": strip.length }, strip.map((seat) => smaller(call, view, seat, free && pin(call, seat)))));
}

function pin(call: Call, seat: Seat): VNode {
  const label = t("Keep {name} large", { name: seat.name });
  return button("", () => call.pin(seat.id), "tile-press", { key: "pin", "aria-label": label, title: label });
}

function unpin(call: Call): VNode {
  return h("div", { class: "stage-tools", key: "unpin" }, button([icon("cross"), t("Follow who speaks")], () => call.pin(""), "btn btn-dense"));
}

function larger(call: Call, view: View, seat: Seat, frozen: boolean): Children {
  const kind = frozen ? "feed feed-frozen" : "feed";
  return [
    shownScreen(call, seat, kind) ?? picture(call, seat, "camera", kind) ?? h("span", { class: "no-feed" }, mark(seat.role, "mark mark-big")),
    h("p", { class: "stage-name" }, h("span", { class: "plate" }, mark(seat.role),
      seat.screen ? t("{name}'s screen", { name: seat.name }) : h("span", {}, seat.name, t(", {standing}", { standing: standing(seat) })), " ", quality(call.state, seat)),
      seat.paused.includes("from") && weakBadge(seat),
      consultingBadge(view, seat),
      awayBadge(seat),
      seat.speaking && h("span", { class: "speaking" }, t("speaking"))),
  ];
}

function smaller(call: Call, view: View, seat: Seat, press: VNode | false = false): VNode {
  return h("div", { class: "tile", key: `small-${seat.id}`, "data-speaking": seat.speaking },
    face(call, seat),
    h("p", { class: "tile-foot" }, mark(seat.role), h("b", {}, nameOf(view, seat)),
      seat.muted && mutedMark(),
      consultingBadge(view, seat),
      awayBadge(seat)),
    press);
}

function mutedMark(): VNode {
  return h("span", { class: "muted-mark" }, icon("mic-off"), h("span", { class: "vh" }, t("muted")));
}

// Only sound: large marks, the speaker outlined and named.
function voices(call: Call, view: View): VNode {
  const weak = call.state.local.mode !== "text";
  const shown = sharing(view);
  return h("section", { class: "voices", "aria-label": t("Who is here"), key: "voices" },
    h("div", { class: "banner", "data-tone": weak ? "warn" : undefined }, icon(weak ? "offline" : "info"),
      h("div", {},
        h("p", {}, weak ? t("Sound only: it uses little data and is clearer on a weak network.")
          : canCall() ? t("You are listening and can write. Nobody sees or hears you.")
            : t("This browser brings neither sound nor pictures. You can read and write, and the mediator sees that you hear nothing.")),
        weak && button(t("Try the pictures again"), () => void call.onlySound(false), "btn btn-dense"))),
    onStage(call, view),
    shown && canCall() && screenFor(call, shown),
    together(view).map((seat) => h("div", { class: "voice", key: `voice-${seat.id}`, "data-speaking": seat.speaking },
      mark(seat.role, "mark mark-big"),
      h("div", {}, h("b", {}, seat.name), seat.id === view.you.seat && t(" (you)"), h("br"),
        h("span", { class: "meta" }, seat.status === "reconnecting" ? ending(seat) || t("reconnecting") : seat.muted ? t("muted") : standing(seat))),
      seat.speaking ? h("span", { class: "speaking" }, t("speaking")) : quality(call.state, seat))));
}

function screenFor(call: Call, seat: Seat): VNode {
  const { looking } = call.state.local;
  return h("div", { class: "stack-s", key: "screen" },
    h("p", { class: "line apart" }, h("span", {}, t("{name} is showing their screen.", { name: seat.name })),
      button(looking ? t("Put it away") : t("View"), () => void call.lookAtScreen(!looking), "btn btn-dense")),
    looking && h("div", { class: "tile screen-tile" }, shownScreen(call, seat, "feed")));
}

function recessCard(call: Call, view: View, at: number): VNode {
  const list: Children = [t("Nobody hears or sees anybody."), t("Nothing is being recorded."), t("You may put the phone down; keep this page open.")]
    .map((line) => h("li", {}, icon("check"), h("span", {}, line)));
  return h("section", { class: "hush", key: "recess" },
    h("div", { class: "pulse" }, icon("pause")),
    h("h2", {}, t("We take a short break")),
    h("p", {}, t("For "), h("span", { class: "num" }, duration(sinceMs(call.state, view.session.recess_since, at))),
      t(" now. {name} will call everybody back.", { name: mediatorOf(view)?.name ?? "" })),
    h("ul", {}, list));
}
