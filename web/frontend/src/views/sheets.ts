// What opens over the phone room: chat, more, leaving, the request to unmute, the outcome to look at.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../dom";
import { mediatorOf, myself, qualityOf, screenOf } from "../room/selectors";
import type { Later } from "../room/seldom";
import type { View } from "../room/wire";
import { qualityWord, t } from "../words";
import { channels, confidants } from "./listening";
import { aloudSentence, helperSentence, isLarge, mayHaveHelper, turnLarge } from "./ease";
import { screenSheet } from "./enlarged";
import { noEngine } from "./captions";
import { cameraRows, chatForm, chatLog, mayShare, otherWay, outcomeFacts, outcomeTitle, ownPicture, ring, seenList } from "./pieces";
import { speaksForASide } from "./slips";

export function sheets(call: Call, view: View): VNode | null {
  const close = (): void => call.open("none");
  const fetched = (key: string, title: string, draw: (parts: Later) => VNode | null): VNode | null =>
    call.seldom.show(draw, (said) => modal(key, title, close, [said], [button(t("Close"), close)]));
  const screen = screenOf(call.state);
  const inside = screen === "room" || screen === "recess";
  if (call.state.sheet === "leave" && (inside || screen === "waiting")) return leaving(call, inside, close);
  if (call.state.sheet === "helper" && (inside || screen === "waiting")) {
    return fetched("helper", t("Somebody sits with me"), ({ helperSheet }) => helperSheet(call, view, close));
  }
  if (!inside) return null;
  switch (call.state.sheet) {
    case "chat":
      return modal("chat", t("Chat"), close, [chatLog(call, view), chatForm(call, view, "chat")],
        [button(t("Close"), close)]);
    case "unmute":
      return modal("unmute", t("{name} asks you to turn your sound on", { name: mediatorOf(view)?.name ?? "" }), close,
        [h("p", {}, t("Only you can turn it on. Until then nobody hears you."))],
        [button(t("Not yet"), close),
          button(t("Turn sound on"), () => {
            close();
            void call.toggleMic();
          }, "btn btn-act")]);
    case "exhibits": return fetched("exhibits", t("Exhibits"), ({ exhibitList }) => exhibitList(call, view, close));
    case "screen": return screenSheet(call, view, close);
    case "exhibit": return fetched("exhibit", t("Exhibits"), ({ exhibitSheet }) => exhibitSheet(call, view));
    case "info": return info(call, view, close);
    case "devices": return fetched("devices", t("Camera, microphone, loudspeaker"), ({ devicesSheet }) => devicesSheet(call, close, ownPicture(call), cameraRows(call)));
    case "volume": return fetched("volume", t("How loud each person is"), ({ volumeSheet }) => volumeSheet(call, view, close));
    case "captions": return fetched("captions", t("Captions"), ({ captionsSheet }) => captionsSheet(call, view, close));
    case "more": return more(call, view, close);
    case "slips": return fetched("slips", t("Slips to pass on"), ({ slipsSheet }) => slipsSheet(call, view, close));
    case "help": return fetched("help", t("What is this?"), ({ helpSheet }) => helpSheet(view, close));
    case "aloud": return fetched("aloud", t("Read aloud"), ({ aloudSheet }) => aloudSheet(call, close));
    default: return null;
  }
}

function leaving(call: Call, inside: boolean, close: () => void): VNode {
  return modal("leave", inside ? t("Leave the mediation room?") : t("Leave the waiting room?"), close,
    [h("p", {}, t("The mediation is not over. Your seat is kept: the same link brings you back."))],
    [button(t("Stay"), close, "btn", { autofocus: true }), button(t("Leave"), () => void call.leave(), "btn btn-seal")]);
}

// Whoever speaks for a party or translates must have read it too; the room waits only for the parties.
export function readsOutcome(view: View): boolean {
  const own = myself(view);
  return view.outcome !== null && own !== undefined && own.role !== "supervisor" && !view.outcome.seen.includes(own.id);
}

// In the place of the pictures: sound, hand and chat stay under the thumb while the result is read.
export function outcomeScreen(call: Call, view: View): VNode {
  const { proposed, number } = view.outcome!;
  return h("main", { class: "reading", id: "main", key: `outcome-${number}` },
    h("h1", { tabindex: "-1", hook: (element) => focusOnce(element) }, outcomeTitle(proposed)),
    h("p", { class: "lede" }, t("The mediator has written down the result. Please read it; say at once if something is not right.")),
    h("div", { class: "stack" }, outcomeFacts(call, view, proposed)),
    notRight(call, view),
    h("p", { class: "meta" }, t("“I have read it” says only that you have read it. The session ends when both sides have.")),
    seenList(view),
    button(t("I have read it"), () => void call.ask("see_outcome", { number }), "btn btn-act btn-big", {
      "aria-busy": call.state.busy === "see_outcome" ? "true" : undefined,
    }));
}

function focusOnce(element: HTMLElement): void {
  if (element.dataset.shown === "yes") return;
  element.dataset.shown = "yes";
  element.focus({ preventScroll: true });
}

// What is not right is told where it is read, to the mediator alone.
function notRight(call: Call, view: View): VNode {
  const { number, objections } = view.outcome!;
  const told = objections.find((one) => one.seat === view.you.seat);
  const send = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = form.elements.namedItem("reason") as HTMLTextAreaElement;
    const reason = field.value.trim();
    if (!reason) {
      field.focus();
      return;
    }
    void call.ask("object_outcome", { number, reason }).then((done) => {
      if (!done) return;
      field.value = "";
      form.closest("details")?.removeAttribute("open");
    });
  };
  return h("section", { class: "stack-s", key: "not-right", "aria-label": t("If it is not right") },
    told && h("div", { class: "banner", "data-tone": "warn", role: "status", key: "told" }, icon("alert"),
      h("div", {}, h("p", {}, t("You told the mediator that it is not right: “{reason}”", { reason: told.reason })),
        h("p", { class: "meta" }, t("Only the mediator reads this. The result stays as it is until the mediator changes it.")))),
    h("details", { class: "objecting", key: "object" },
      h("summary", { class: "btn btn-big" }, told ? t("Something else is not right") : t("That is not right")),
      h("form", { class: "field", on: { submit: send } },
        h("label", { for: "not-right" }, t("What is not right? The mediator alone reads it.")),
        h("textarea", { id: "not-right", name: "reason", rows: "2", maxlength: "200", required: true, placeholder: t("For example: we said by Friday, not by the end of the month") }),
        h("button", { type: "submit", class: "btn btn-seal", "aria-busy": call.state.busy === "object_outcome" ? "true" : undefined }, t("Tell the mediator")))));
}

function more(call: Call, view: View, close: () => void): VNode {
  const own = myself(view);
  const consent = own?.consents.record;
  const { local } = call.state;
  const then = (work: () => void) => (): void => {
    close();
    work();
  };
  const row = (name: string, label: string, about: Children, press: () => void): VNode =>
    h("li", { key: label }, button(
      [icon(name), h("span", { class: "row-main" }, h("b", {}, label), h("br"), h("span", { class: "lede" }, about))], press, "row row-press"));
  return modal("more", t("More"), close, [
    h("ul", { class: "rows" },
      row("file", view.exhibits.list.length ? t("Exhibits {n}", { n: view.exhibits.list.length }) : t("Exhibits"),
        t("Bring photos, chat records and papers, and look at those of the others."), () => call.open("exhibits")),
      own && own.role !== "mediator" ? consent === true
        ? row("pause", t("Stop recording me"), t("It stops within a second. The mediation continues."),
          then(() => void call.ask("withdraw_consent", { kind: "record" })))
        : row("play", t("Allow recording me"), t("Your picture and sound are kept as evidence from now on."),
          then(() => void call.ask("give_consent", { kind: "record" })))
        : null,
      mayShare(call.state) && row("share", local.sharing ? t("Stop showing my screen") : t("Show my screen"),
        t("Everybody in the room sees it."), then(() => void call.toggleScreen())),
      cameraRows(call, close),
      row("devices", t("Camera, microphone, loudspeaker"), t("Choose which of them are used."), () => call.open("devices")),
      row("sound", t("How loud each person is"), t("Somebody is too loud or too soft for you."), () => call.open("volume")),
      local.mode !== "text" && row(local.pictures ? "sound" : "cam", local.pictures ? t("Sound only") : t("Show pictures again"),
        t("Sound only uses far less data."), then(() => void call.onlySound(local.pictures))),
      (speaksForASide(view) || view.slips.length > 0) && row("file", t("Slips to pass on"), t("What the mediator may tell the other side, and what not."), () => call.open("slips")),
      confidants(view).map((seat) => row("caucus", t("Consult with {name}", { name: seat.name }), t("Only the two of you hear it; you still hear the room."),
        then(() => void call.ask("start_consulting", { seat: seat.id })))),
      row("captions", t("Captions"), call.page.captions ? t("Read along what is said.") : noEngine(view), () => call.open("captions")),
      row("sound", t("Read aloud"), aloudSentence(call), () => call.open("aloud")),
      row("text-size", isLarge() ? t("Type of the usual size") : t("Larger type"), t("Kept on this phone."), then(() => turnLarge(call))),
      mayHaveHelper(own) && row("helper", own?.helper ? t("Your helper") : t("Somebody sits with me"),
        own?.helper ? helperSentence(view, own) : t("Everybody sees who helps you."), () => call.open("helper")),
      own && h("li", { key: "elsewhere" }, h("a", { class: "row row-press row-link", href: "/join/switch?from=room", target: "_blank", rel: "noopener" },
        icon("next"), h("span", { class: "row-main" }, h("b", {}, t("Go on in another browser")), h("br"), h("span", { class: "lede" }, t("Or on another phone; your seat comes along."))))),
      row("info", t("What is this?"), t("Every button and word, explained."), () => call.open("help")),
      row("info", t("Connection"), t("How good it is just now."), () => call.open("info"))),
    own && own.role !== "mediator" && consent !== true && h("p", { class: "meta", key: "text" },
      h("a", { href: `/texts/${call.page.consent_version}/recording`, target: "_blank" }, t("What you agree to when you allow recording"))),
    channels(call, view),
    ring(call),
  ], [button(t("Close"), close)]);
}

function info(call: Call, view: View, close: () => void): VNode {
  const own = myself(view);
  const rate = own ? qualityOf(call.state, own) : 0;
  const { local } = call.state;
  return modal("info", t("Connection"), close, [
    h("dl", { class: "facts" },
      h("dt", {}, t("Network")), h("dd", {}, qualityWord(rate)),
      h("dt", {}, t("Microphone")), h("dd", {}, local.mic === "ready" ? (own?.muted ? t("muted") : t("on")) : t("off")),
      h("dt", {}, t("Camera")), h("dd", {}, local.camera === "on" ? t("on") : t("off")),
      h("dt", {}, t("Sound and picture")), h("dd", {}, local.mediaDown ? t("coming back") : t("arriving")),
      local.relay !== "none" && [h("dt", {}, t("Way")), h("dd", {}, local.relay === "used" ? t("through the relay") : t("direct"))]),
    rate > 0 && rate < 3 && h("p", {}, t("Moving nearer to the router or switching to sound only often helps.")),
  ], [otherWay(call, "btn"), button(t("Close"), close)]);
}
