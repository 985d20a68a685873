// Captions, the sheet: whether one sees them, how large, whether one's own words become text; for the mediator also for the room.
import type { Call } from "../../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../../dom";
import { myself, watches } from "../../room/selectors";
import type { Seat, View } from "../../room/wire";
import { t } from "../../words";
import { captionsLarge, noEngine, turnCaptionsLarge } from "../captions";

export function captionsSheet(call: Call, view: View, close: () => void): VNode {
  const own = myself(view);
  if (!call.page.captions) return modal("captions", t("Captions"), close, [h("p", {}, noEngine(view))], [button(t("Close"), close)]);
  const on = view.reads_captions;
  return modal("captions", t("Captions"), close, [
    h("p", {}, t("A machine of the office writes down what is said, for whoever hears badly or sits where it is loud. It makes mistakes, and nothing of it is kept.")),
    h("ul", { class: "rows" },
      view.you.mediator && row("captions", view.captions.allowed ? t("Turn captions off for the room") : t("Allow captions in the room"),
        view.captions.allowed ? t("Nobody sees captions then.") : t("Whoever turned them on sees them again."),
        () => void call.ask("set_captions", { on: !view.captions.allowed })),
      row("captions", on ? t("Hide captions") : t("Show captions"),
        on ? t("They stand under the pictures.") : t("For you alone; nobody in the room is told who turned them on."), () => void call.ask("ask_captions", { on: !on })),
      on && row("text-size", captionsLarge() ? t("Captions of the usual size") : t("Large captions"), t("This browser remembers it."), () => turnCaptionsLarge(call)),
      own && !watches(own) && ownWords(call, own)),
    !view.captions.allowed && !view.you.mediator && h("p", { class: "warn", role: "status" }, t("The mediator has turned captions off.")),
    view.you.mediator && h("p", { class: "meta" }, agreed(view)),
    h("p", { class: "meta" }, h("a", { href: `/texts/${call.page.consent_version}/transcribe`, target: "_blank" }, t("What you agree to when what you say becomes text"))),
  ], [button(t("Close"), close)]);
}

function ownWords(call: Call, own: Seat): VNode {
  return becomesText(own)
    ? row("cross", t("Do not turn what I say into text"), t("It stops within a second; a sentence you have begun is dropped."),
      () => void call.ask("withdraw_consent", { kind: "transcribe" }))
    : row("check", t("Turn what I say into text"), t("So that the others can read along. No voice print is made, and you may take it back at any time."),
      () => void call.ask("give_consent", { kind: "transcribe" }));
}

// What the mediator says is the office's, and they may keep it out.
function becomesText(seat: Seat): boolean {
  return seat.consents.transcribe === true || (seat.role === "mediator" && seat.consents.transcribe === null);
}

function agreed(view: View): string {
  const names = view.seats.filter((seat) => !watches(seat) && becomesText(seat)).map((seat) => seat.name);
  return names.length ? t("Agreed that what they say becomes text: {names}.", { names: names.join(t(", ")) }) : t("Nobody has agreed yet that what they say becomes text.");
}

function row(name: string, label: string, about: Children, press: () => void): VNode {
  return h("li", { key: label }, button([icon(name), h("span", { class: "row-main" }, h("b", {}, label), h("br"), h("span", { class: "lede" }, about))], press, "row row-press"));
}
