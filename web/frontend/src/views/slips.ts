// Conveyance slips and the blind gap, on the phone: who has them, what waits, and the ways to their sheet (./seldom/slips).
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import type { View } from "../room/wire";
import { t } from "../words";

const SPEAK_FOR_A_SIDE = new Set(["consumer", "business", "representative", "lawyer"]);

export function speaksForASide(view: View): boolean {
  return view.you.side !== null && SPEAK_FOR_A_SIDE.has(view.you.role);
}

// In private with the mediator: the only place where slips are written and figures entered.
export function confides(view: View): boolean {
  return view.caucus !== null && view.caucus.inside && view.caucus.side === view.you.side;
}

// What the gap waits for from this viewer: nothing, their yes to its rule, or their figure.
export function gapWaits(view: View): "agree" | "figure" | null {
  const { gap } = view;
  const side = view.you.side;
  if (!gap || gap.result || side === null || !speaksForASide(view)) return null;
  if (!gap.agreed.includes(side)) return "agree";
  return gap.agreed.length === 2 && !gap.entered.includes(side) && confides(view) ? "figure" : null;
}

// On the phone, as long as the other side has something passed on: a notice alone is gone in seconds.
export function slipLine(call: Call, view: View): VNode | null {
  const theirs = view.you.side === null ? 0 : view.slips.filter((slip) => slip.side !== view.you.side).length;
  if (!theirs) return null;
  return button([icon("file"), h("span", { class: "row-main" }, t("Slips passed on to you: {n}", { n: theirs })), icon("next")],
    () => call.open("slips"), "exhibit-line", { key: "slip-line" });
}

// The strip's and the waiting card's way to the slips, with what is asked for first.
export function slipsButton(call: Call, view: View): VNode | null {
  if (!speaksForASide(view)) return null;
  const waits = gapWaits(view);
  const label = waits === "agree" ? t("Double-blind offers: read the rule") : waits === "figure" ? t("Double-blind offers: enter your figure") : t("Slips to pass on");
  return button([icon("file"), label], () => call.open("slips"), waits ? "btn btn-act btn-dense" : "btn btn-dense", { key: "slips" });
}
