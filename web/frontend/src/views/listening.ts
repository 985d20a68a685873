// Whispering with one's own side, and which channel one listens to where there is an interpreter.
import type { Call } from "../room/call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { inRoom, myself, seatOf, sinceMs, together } from "../room/selectors";
import type { Channel, Consulting, Seat, View } from "../room/wire";
import { duration, t } from "../words";

const HELPERS = new Set(["lawyer", "representative"]);
const CONFERRING = new Set(["consumer", "business", ...HELPERS]);

export function consultingOf(view: View, seat: string): Consulting | undefined {
  return view.consulting.find((one) => one.seats.includes(seat));
}

// With whom this viewer may whisper now.
export function confidants(view: View): Seat[] {
  const own = myself(view);
  if (!own || own.side === null || !CONFERRING.has(own.role) || view.session.status !== "live") return [];
  return view.seats.filter((seat) => seat.id !== own.id && inRoom(seat) && seat.side === own.side && CONFERRING.has(seat.role)
    && (HELPERS.has(own.role) || HELPERS.has(seat.role)) && !consultingOf(view, seat.id));
}

// Over the room of the two: who hears them, and the way out.
export function whisperStrip(call: Call, view: View, at: number): VNode | null {
  const now = consultingOf(view, view.you.seat);
  if (!now) return null;
  const other = seatOf(view, now.seats.find((seat) => seat !== view.you.seat) ?? "");
  return h("section", { class: "private-strip whisper-strip", "aria-label": t("Consulting"), key: "whisper" },
    h("b", {}, t("You are consulting with {name}", { name: other?.name ?? "" })),
    h("span", { class: "clock" }, h("span", { class: "vh" }, t("Talking for ")), duration(sinceMs(call.state, now.since, at))),
    h("span", {}, t("Nobody else hears the two of you, and you are not recorded. You still hear the room.")),
    button(t("Done consulting"), () => void call.ask("end_consulting"), "btn btn-act btn-dense"));
}

export function consultingBadge(view: View, seat: Seat): VNode | null {
  if (!consultingOf(view, seat.id)) return null;
  return h("span", { class: "badge", "data-tone": "warn", key: "consulting" }, icon("caucus"), t("consulting"));
}

export function hasInterpreter(view: View): boolean {
  const own = myself(view);
  return own?.role !== "interpreter" && view.seats.some((seat) => seat.role === "interpreter" && inRoom(seat));
}

// Three answers of one size; what is so now is marked.
export function channels(call: Call, view: View): Children {
  if (!hasInterpreter(view)) return null;
  const one = (channel: Channel, label: string): VNode => button(label, () => void call.ask("choose_channel", { channel }), "btn btn-dense",
    { key: channel, "aria-pressed": String(view.channel === channel), "data-on": view.channel === channel });
  return h("section", { class: "channels", "aria-label": t("What you listen to"), key: "channels" },
    h("p", { class: "meta" }, t("What you listen to")),
    h("div", { class: "line" }, one("both", t("Room and interpreter")), one("interpreter", t("Interpreter only")), one("floor", t("Room only"))));
}

// Whose sound is played softer just now: everybody's but the interpreter's, while the interpreter speaks.
export function softened(view: View): Set<string> {
  const here = together(view);
  const speaks = here.some((seat) => seat.role === "interpreter" && seat.speaking && seat.id !== view.you.seat);
  if (!speaks || view.channel !== "both" || myself(view)?.role === "interpreter") return new Set();
  return new Set(here.filter((seat) => seat.role !== "interpreter").map((seat) => seat.id));
}
