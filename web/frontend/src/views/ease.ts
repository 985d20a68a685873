// What makes the room easier for whoever needs it: larger type, reading aloud, and somebody sitting beside. Their sheets, and the one
// that explains every control and term, are in ./seldom/ease.
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import type { Relation, Seat, View } from "../room/wire";
import { t } from "../words";

// ---------------------------------------------------------------- larger type

export function isLarge(): boolean {
  return document.documentElement.dataset.type === "large";
}

// At once, and kept for this device by the server's cookie.
export function turnLarge(call: Call): void {
  const large = !isLarge();
  if (large) document.documentElement.dataset.type = "large";
  else delete document.documentElement.dataset.type;
  if (call.page.links.type) {
    const body = new URLSearchParams({ type: large ? "large" : "normal", back: "/" });
    void fetch(call.page.links.type, { method: "POST", body, redirect: "manual", headers: { "X-CSRF-Token": call.page.csrf ?? "" } }).catch(() => undefined);
  }
  call.dispatch({ type: "tick", at: Date.now() });
}

export function largeSwitch(call: Call): VNode {
  return button([icon("text-size"), t("Larger text")], () => turnLarge(call), "btn btn-quiet", { "aria-pressed": String(isLarge()) });
}

// ---------------------------------------------------------------- reading aloud

export function aloudSentence(call: Call): string {
  switch (call.aloud?.state) {
    case "on": return t("It is reading aloud.");
    case "off": return t("It is not reading aloud.");
    case "no_voice": return t("This phone has no voice for this language. Everything is also written here; the phone's settings can add one (text-to-speech).");
    case "silent": return t("The phone's voice does not answer. Everything is also written here; turning up the volume or another browser may help.");
    default: return t("This browser cannot read aloud. Everything is also written here.");
  }
}

// ---------------------------------------------------------------- somebody sits beside

export function relationName(relation: Relation): string {
  switch (relation) {
    case "station": return t("works at the station");
    case "family": return t("family");
    case "community": return t("works for the community");
    case "volunteer": return t("volunteer");
    case "other": return t("somebody else");
  }
}

export function mayHaveHelper(seat: Seat | undefined): boolean {
  return seat?.role === "consumer" || seat?.role === "business" || seat?.role === "representative";
}

// Who sits with whom, for everybody to see.
export function helpers(view: View): VNode | null {
  const assisted = view.seats.filter((seat) => seat.helper && (seat.status === "present" || seat.status === "reconnecting"));
  if (!assisted.length) return null;
  return h("p", { class: "meta helpers", key: "helpers" }, assisted.map((seat) => h("span", { key: seat.id }, helperSentence(view, seat), " ")));
}

export function helperSentence(view: View, seat: Seat): string {
  if (!seat.helper) return "";
  const about = { helper: seat.helper.name, relation: relationName(seat.helper.relation), name: seat.name };
  return seat.id === view.you.seat ? t("{helper} ({relation}) sits with you.", about) : t("{helper} ({relation}) sits with {name} to help.", about);
}

