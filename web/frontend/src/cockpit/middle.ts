// The middle: pictures, who is at the door, who sits where, and the tools.
import type { Call } from "../room/call";
import { button, h, icon, mark, type Children, type VNode } from "../dom";
import { inRoom, isParty, leafIn, myself, outside, present, seatOf, sinceMs, spokeMs, stageOrder, waiting, watches } from "../room/selectors";
import { captions } from "../views/captions";
import { caucusTools, outsideNote, privateStrip } from "../views/caucus";
import { mayHaveHelper } from "../views/ease";
import { shownScreen } from "../views/enlarged";
import { awayBadge, backgroundBadge, face, mayShare, noticeBar, otherWay, overseen, promptAhead, promptNow, quality, soundTap, weakBadge, weakNetwork } from "../views/pieces";
import type { Seat, View } from "../room/wire";
import { duration, sentence, standing, t } from "../words";
import { channels, consultingBadge } from "../views/listening";
import { layoutOf, layoutWord, selfView, turnLayout } from "../views/stage";
import { bars, pleaButton, whyBeside, whyHere, whyUnder } from "./network";
import { smallWindowTool } from "./small_window";
import { table } from "./table";
import { telephoneBadge, telephoneButton } from "./telephone";
import { mayBeVouchedFor, openVoice } from "./voice";

export function middle(call: Call, view: View, at: number): VNode {
  const { status } = view.session;
  return h("main", { class: "cp-mid", id: "main", key: "middle", "data-caucus": view.caucus !== null },
    privateStrip(call, view, at),
    overseen(view),
    call.state.link === "down" && h("div", { class: "banner", "data-tone": "warn", key: "down" }, icon("offline"),
      h("p", {}, t("Your connection is gone for {n} seconds, try {tries}. The room stays open; you come back by yourself.", {
        n: Math.round((at - call.state.downSince) / 1000), tries: Math.max(1, call.state.tries),
      }))),
    call.state.link === "up" && call.state.local.mediaDown && h("div", { class: "banner", "data-tone": "warn", key: "media-down" },
      icon("offline"), h("div", { class: "line apart" }, h("p", {}, call.state.local.mediaFull ? sentence("worker_full") : t("Sound and picture are coming back.")),
        otherWay(call, "btn btn-dense"))),
    view.recording.failed && h("div", { class: "banner", "data-tone": "seal", key: "disk" }, icon("alert"),
      h("p", {}, diskSentence(view.recording.failed))),
    call.state.link === "up" && status !== "recess" && weakNetwork(view),
    soundTap(call),
    status === "recess" && h("div", { class: "banner", "data-tone": "warn", key: "recess" }, icon("pause"),
      h("div", { class: "line apart" },
        h("p", {}, t("Recess for {time}: nobody hears or sees anybody, nothing is recorded.", { time: duration(sinceMs(call.state, view.session.recess_since, at)) })),
        button(t("Go on"), () => void call.ask("end_recess"), "btn btn-act btn-dense"))),
    view.law && h("div", { class: "banner", key: "law" }, icon("info"),
      h("div", { class: "line apart" }, h("p", {}, t("Everybody is looking at {citation}.", { citation: leafIn(view.law, call.page.language).citation })),
        button(t("Put it away"), () => void call.ask("put_law_away"), "btn btn-dense"))),
    view.typical && h("div", { class: "banner", key: "typical" }, icon("info"),
      h("div", { class: "line apart" }, h("p", {}, t("Everybody is looking at the case {title}.", { title: view.typical.title[call.page.language] ?? view.typical.title.zh ?? "" })),
        button(t("Put it away"), () => void call.ask("put_typical_away"), "btn btn-dense"))),
    view.outcome && h("div", { class: "banner", key: "outcome", "data-tone": view.outcome.objections.length > 0 && "seal" }, icon(view.outcome.objections.length ? "alert" : "info"),
      h("div", { class: "line apart" }, view.outcome.objections.length > 0
        ? h("p", {}, view.outcome.objections.map((one) => h("span", { key: one.seat }, t("{name} says the result is not right: “{reason}”", { name: seatOf(view, one.seat)?.name ?? "", reason: one.reason }), h("br"))))
        : h("p", {}, t("The result is with both sides to look at.")),
        button(view.outcome.objections.length ? t("Look at the result") : t("Who has looked?"), () => call.open("end"), "btn btn-act btn-dense"))),
    status === "scheduled" || myself(view)?.status !== "present" && !inRoom(myself(view)!) ? startCard(call, view)
      : [whyHere(call, view), table(call, view), call.state.local.asked ? promptNow() : tiles(call, view), captions(call, view)],
    seats(call, view, at),
    status !== "scheduled" && channels(call, view),
    status !== "scheduled" && toolbar(call, view),
    noticeBar(call.state));
}

export function diskSentence(cause: string): string {
  switch (cause) {
    case "disk_full": return t("Recording has stopped: the disk is full. The mediation continues; call the administrator.");
    case "disk_reserve": return t("Recording has stopped before the disk fills up. The mediation continues; call the administrator.");
    default: return t("Recording has stopped: the disk could not be written. The mediation continues; call the administrator.");
  }
}

function startCard(call: Call, view: View): VNode {
  const here = waiting(view).length;
  return h("section", { class: "hush card", key: "start" },
    h("h2", {}, view.session.status === "scheduled" ? t("The mediation has not begun") : t("You are outside the room")),
    h("p", {}, here ? t("{n} waiting at the door.", { n: here }) : t("Nobody has come yet. Whoever opens their link appears below.")),
    h("p", { class: "meta" }, t("When you begin, the clock starts and you can let people in one by one.")),
    promptAhead(call),
    button(view.session.status === "scheduled" ? t("Begin the mediation") : t("Enter the room"),
      () => void call.ask("arrive"), "btn btn-act btn-big", { "aria-busy": call.state.busy === "arrive" ? "true" : undefined }));
}

function tiles(call: Call, view: View): VNode {
  const own = myself(view);
  const rank = (seat: Seat): number => (seat.role === "consumer" ? 0 : seat.role === "business" ? 1 : 2);
  // Who sends neither picture nor sound is in the list below; the parties need the room.
  const others = present(view).filter((seat) => seat !== own && (isParty(seat) || seat.screen || sends(seat))).sort((a, b) => rank(a) - rank(b));
  const large = view.exhibits.shown || others.length < 2 ? undefined : largeHere(call, view, others);
  const kind = view.exhibits.shown ? "tiles tiles-strip" : large ? "tiles tiles-speaker" : "tiles";
  return h("section", { class: kind, "aria-label": t("Pictures"), "data-count": others.length, key: "tiles" },
    others.map((seat) => h("div", { class: `tile${outside(view, seat) ? " outside" : ""}${seat === large ? " tile-large" : ""}`, key: `tile-${seat.id}`, "data-speaking": seat.speaking },
      outside(view, seat) ? outsideNote(seat) : (seat.screen && view.session.status !== "recess" && shownScreen(call, seat, "feed")) || face(call, seat),
      seat.status === "reconnecting" && h("p", { class: "tile-note" }, awayBadge(seat)),
      h("p", { class: "tile-foot" }, mark(seat.role), h("b", {}, seat.name), whyUnder(call, seat) ?? h("span", { class: "tile-standing" }, standing(seat)), quality(call.state, seat), backgroundBadge(seat),
        seat.speaking && h("span", { class: "speaking" }, t("speaking"))))),
    others.length === 0 && h("div", { class: "tile alone-tile", key: "nobody" }, h("p", { class: "alone" }, t("Nobody else is in the room yet"))),
    own && selfView(call, view, own));
}

// A screen is large by itself; a person once the mediator wants to see who speaks large.
function largeHere(call: Call, view: View, others: Seat[]): Seat | undefined {
  const { main } = stageOrder(view, call.state.spoke);
  return others.find((seat) => seat === main && (seat.screen || layoutOf(view) === "speaker"));
}

function sends(seat: Seat): boolean {
  return !watches(seat) && seat.mode !== "text";
}

function seats(call: Call, view: View, at: number): VNode {
  const knocking = waiting(view);
  const sitting = view.seats.filter((seat) => seat.role !== "mediator" && seat.status !== "waiting");
  return h("ul", { class: "seats", "aria-label": t("Seats"), key: "seats" },
    knocking.length > 1 && view.session.status !== "scheduled" && inRoom(myself(view)!) && h("li", { class: "knock-all", key: "all" },
      h("span", { class: "row-main" }, h("b", {}, t("{n} waiting at the door.", { n: knocking.length })), h("span", { class: "meta" }, t("Anybody without consent, guardian or valid authorisation goes on waiting."))),
      button(t("Admit all"), () => void admitAll(call, view), "btn btn-dense", { "aria-busy": call.state.busy === "admit_all" ? "true" : undefined })),
    knocking.map((seat) => knock(call, view, seat, at)),
    sitting.map((seat) => sits(call, view, seat, at)));
}

function knock(call: Call, view: View, seat: Seat, at: number): VNode {
  const ready = view.session.status !== "scheduled" && inRoom(myself(view)!);
  return h("li", { class: "knock", key: `seat-${seat.id}` }, mark(seat.role),
    h("span", { class: "row-main" }, h("b", {}, seat.name),
      h("span", { class: "meta" }, standing(seat), " · ", t("at the door for {time}", { time: duration(sinceMs(call.state, seat.waiting_since, at)) }),
        seat.call === "answered" && [" · ", t("by telephone")],
        seat.identity === "voice" && [" · ", h("span", { class: "warn" }, t("known by voice, no code"))],
        seat.identity === "unchecked" && [" · ", h("span", { class: "warn" }, t("name not checked, the service did not answer: look at an identity card"))], consents(seat))),
    ready
      ? button(t("Admit"), () => void call.ask("admit", { seat: seat.id }), "btn btn-act btn-dense", { "aria-label": t("Admit {name}", { name: seat.name }) })
      : h("span", { class: "meta" }, t("begin first")),
    button(t("Send back"), () => void call.ask("send_back", { seat: seat.id }), "btn btn-dense", { "aria-label": t("Send {name} back", { name: seat.name }) }));
}

async function admitAll(call: Call, view: View): Promise<void> {
  const before = waiting(view).map((seat) => seat.id);
  if (!(await call.ask("admit_all"))) return;
  const left = (call.state.view ? waiting(call.state.view) : []).filter((seat) => before.includes(seat.id));
  if (left.length) call.notice(t("Still waiting: {names}. Check them one by one.", { names: left.map((seat) => seat.name).join(t(", ")) }), "warn");
}

function consents(seat: Seat): Children {
  if (seat.consents.record === false) return [" · ", h("span", { class: "warn" }, t("does not want to be recorded"))];
  if (seat.consents.record === true) return [" · ", t("agrees to being recorded")];
  return null;
}

function sits(call: Call, view: View, seat: Seat, at: number): VNode {
  const inside = inRoom(seat);
  const why = whyBeside(call, seat);
  const about: string[] = [];
  if (seat.city) about.push(seat.city);
  if (!seat.city) about.push(standing(seat));
  if (inside && sends(seat)) about.push(t("spoke {time}", { time: duration(spokeMs(call.state, seat, at)) }));
  if (inside && seat.muted) about.push(seat.muted_by === view.you.seat ? t("muted by you") : t("muted themselves"));
  if (seat.call === "answered") about.push(t("by telephone"));
  else if (seat.mode === "audio") about.push(t("sound only"));
  if (watches(seat)) about.push(t("sends nothing"));
  else if (seat.mode === "text") about.push(seat.hears ? t("listens and writes") : t("reads and writes, hears nothing"));
  return h("li", { key: `seat-${seat.id}` }, mark(seat.role),
    h("span", { class: "row-main" }, h("b", {}, seat.name),
      why ? h("span", { class: "meta warn two-lines", title: why }, icon("alert"), why) : h("span", { class: "meta" }, inside ? about.join(" · ") : absence(seat), inside && seat.consents.record === false
        ? [" · ", h("span", { class: "warn" }, t("not recorded"))] : null)),
    seat.helper && inside && h("span", { class: "badge" }, t("with helper {name}", { name: seat.helper.name })),
    !inside && seat.help && h("span", { class: "badge", "data-tone": "warn" }, seat.help === "no_code" ? t("gets no code") : t("says the number is not theirs")),
    telephoneBadge(seat), telephoneButton(call, seat),
    mayBeVouchedFor(seat) && button([icon("phone"), t("By voice …")], () => openVoice(call, "voice", seat.id),
      seat.help ? "btn btn-act btn-dense" : "btn btn-quiet btn-dense", { "aria-label": t("Confirm {name} by voice, without a code", { name: seat.name }) }),
    seat.hand && h("span", { class: "badge", "data-tone": "act" }, icon("hand"), t("wants to speak")),
    awayBadge(seat, duration(sinceMs(call.state, seat.away_since, at))),
    weakBadge(seat), backgroundBadge(seat),
    consultingBadge(view, seat),
    pleaButton(call, seat),
    seat.status === "present" && bars(call, seat),
    inside && sends(seat) && (seat.muted
      ? button(t("Ask to unmute"), () => void call.ask("ask_unmute", { seat: seat.id }), "btn btn-dense", { "aria-label": t("Ask {name} to unmute", { name: seat.name }) })
      : iconButton("mic", t("Mute {name}", { name: seat.name }), () => void call.ask("mute", { seat: seat.id }))),
    inside && mayHaveHelper(seat) && iconButton("helper", t("Who sits with {name}?", { name: seat.name }), () => call.open("helper", seat.id)),
    inside && seat.role !== "supervisor" && iconButton("cross", t("Ask {name} to leave, with a reason", { name: seat.name }), () => call.open("remove", seat.id)));
}

function absence(seat: Seat): string {
  switch (seat.status) {
    case "left": return t("has left; the seat is kept");
    case "removed": return t("was asked to leave");
    case "refused": return t("does not want to take part");
    default: return t("has not come yet");
  }
}

function iconButton(name: string, label: string, press: () => void): VNode {
  return button(icon(name), press, "btn btn-dense btn-icon", { "aria-label": label, title: label });
}

function toolbar(call: Call, view: View): VNode {
  const own = myself(view);
  const { local } = call.state;
  const micOn = local.mic === "ready" && own?.muted === false;
  const { status } = view.session;
  const recess = status === "recess";
  const tool = (name: string, label: string, press: () => void, pressed?: boolean, keys?: string): VNode =>
    button([icon(name), label], press, "tool", {
      key: `tool-${name.replace("-off", "")}${keys && name === "caucus" ? `-${keys}` : ""}`,
      "aria-pressed": pressed === undefined ? undefined : String(pressed), "aria-keyshortcuts": keys && `Alt+${keys.toUpperCase()}`,
    });
  return h("div", {
    class: "toolbar card-bar", role: "toolbar", "aria-label": t("Controls of the room"), key: "toolbar",
    on: { keydown: (event) => rove(event as KeyboardEvent) },
  },
    tool(micOn ? "mic" : "mic-off", micOn ? t("Sound on") : t("Muted"), () => void call.toggleMic(), micOn, "m"),
    tool(local.camera === "on" ? "cam" : "cam-off", local.camera === "on" ? t("Picture on") : t("Picture off"), () => void call.toggleCamera(), local.camera === "on"),
    tool("devices", t("Devices"), () => call.open("devices")),
    captionsTool(call, view),
    mayShare(call.state) && tool("share", local.sharing ? t("Stop sharing") : t("Share"), () => void call.toggleScreen()),
    status === "live" && caucusTools(call, view, tool),
    tool(recess ? "play" : "pause", recess ? t("Go on") : t("Recess"), () => void call.ask(recess ? "end_recess" : "start_recess")),
    present(view).length > 2 && tool(layoutOf(view) === "grid" ? "speaker-large" : "grid", layoutWord(view), () => turnLayout(call, view)),
    smallWindowTool(call, view, tool),
    tool("lock", view.session.locked ? t("Unlock the door") : t("Lock the door"), () => void call.ask("set_door", { locked: !view.session.locked })));
}

function captionsTool(call: Call, view: View): VNode {
  const on = view.captions.seats.length > 0;
  return button([icon("captions"), t("Captions")], () => call.open("captions"), on ? "tool tool-on" : "tool", {
    key: "tool-captions", "aria-label": on && t("Captions: they are on, and a machine that makes mistakes writes them"),
  });
}

// Arrow keys inside the toolbar (ARIA toolbar pattern).
function rove(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tools = Array.from((event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button"));
  const at = tools.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  tools[(at + step + tools.length) % tools.length]?.focus();
}

export function recordingLine(view: View): VNode {
  if (view.session.status === "scheduled") return h("span", { class: "rec rec-off" }, t("Not recording"));
  if (view.caucus) return h("span", { class: "rec rec-off" }, t("Private talk, not recorded"));
  if (view.recording.failed) return h("span", { class: "rec rec-off warn" }, t("Recording has stopped: disk"));
  if (view.session.status === "recess" || !view.recording.on) return h("span", { class: "rec rec-off" }, t("Not recording"));
  const refused = view.recording.refused.map((id) => view.seats.find((seat) => seat.id === id)?.name ?? "").filter(Boolean);
  if (refused.length) return h("span", { class: "rec" }, t("Recording, but not {names}", { names: refused.join(t(", ")) }));
  const parties = present(view).filter(isParty);
  return h("span", { class: "rec" }, parties.length === 2 ? t("Recording, both agreed") : t("Recording"));
}
