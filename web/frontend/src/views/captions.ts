// Captions: what was just said, under the pictures, for whoever asked to read along. Its place keeps its height, so that nothing else
// moves; a screen reader may look there and is not interrupted by it: whoever has one hears the words themselves.
import type { Call } from "../room/call";
import { button, h, icon, mark, type VNode } from "../dom";
import { apart, seatOf } from "../room/selectors";
import type { View } from "../room/wire";
import { t } from "../words";

const LARGE = "yuntiao.captions.large";

let large: boolean | null = null; // where nothing can be kept: this page only

export function captionsLarge(): boolean {
  try {
    large ??= window.localStorage.getItem(LARGE) === "yes";
  } catch { /* a private window */ }
  return large ?? false;
}

export function turnCaptionsLarge(call: Call): void {
  large = !captionsLarge();
  try {
    window.localStorage.setItem(LARGE, large ? "yes" : "no");
  } catch { /* a private window */ }
  call.dispatch({ type: "tick", at: Date.now() });
}

export function captions(call: Call, view: View): VNode | null {
  if (!view.reads_captions) return null;
  const why = captionsAbsence(call, view);
  return h("section", { class: "captions", key: "captions", "aria-label": t("Captions"), "data-large": captionsLarge() },
    h("p", { class: "captions-foot" },
      h("span", { class: "meta" }, t("Written by a machine, which makes mistakes. Not kept.")),
      button(icon("text-size"), () => turnCaptionsLarge(call), "btn btn-quiet btn-icon", {
        "aria-label": t("Large captions"), title: t("Large captions"), "aria-pressed": String(captionsLarge()),
      }),
      button(icon("cross"), () => void call.ask("ask_captions", { on: false }), "btn btn-quiet btn-icon", {
        "aria-label": t("Hide captions"), title: t("Hide captions"),
      })),
    h("div", { class: "captions-said", role: "log", "aria-live": "off", "aria-label": t("What was said"), tabindex: "0", hook: keepAtEnd }, h("ol", {},
      call.state.captions.map((one) => h("li", { key: one.id, "data-role": seatOf(view, one.seat)?.role ?? "" },
        mark(seatOf(view, one.seat)?.role ?? "observer"), h("p", {}, h("b", {}, seatOf(view, one.seat)?.name ?? "", t(": ")), one.text))),
      why && h("li", { key: "why", class: "captions-why" }, icon("info"), h("p", {}, why)))));
}

// Whoever is written along with knows it, also without reading along.
export function writtenAlong(view: View): VNode | null {
  if (view.reads_captions || !view.captions.seats.includes(view.you.seat)) return null;
  return h("p", { class: "meta helpers", key: "written-along" }, t("What you say is shown as captions. A machine writes them, which makes mistakes."));
}

// Why nothing stands there, in one sentence; "": something does.
export function captionsAbsence(call: Call, view: View): string {
  if (!call.page.captions) return noEngine(view);
  if (!view.captions.allowed) return t("The mediator has turned captions off.");
  if (apart(view) || view.caucus) return t("In a private talk nothing becomes text.");
  if (view.session.status === "recess") return "";
  switch (call.state.captionsFault) {
    case "": break;
    case "speech_gone": return t("Captions have stopped for a moment; they come back by themselves.");
    case "speech_late": return t("Some of what was just said is missing here: the server was too busy to write it down. Please ask for it again.");
    default: return view.you.mediator
      ? t("There are no captions just now: the speech engine or its model cannot be used. Whoever runs the server sees why with yuntiao speech check.")
      : t("There are no captions just now: the office's speech engine cannot be used. The mediation goes on; you can read and write in the chat.");
  }
  if (!view.captions.seats.length && !call.state.captions.length) return t("Nobody who can be heard now has agreed that what they say becomes text.");
  if (!call.state.captions.length) return t("What is said appears here, a moment after each sentence.");
  return "";
}

export function noEngine(view: View): string {
  return view.you.mediator
    ? t("There are no captions here: this server has no speech engine. Whoever runs the server adds one with ./run speech.")
    : t("There are no captions here: the office's server has no speech engine. Please ask the mediator to write in the chat.");
}

// The newest stays in sight, unless somebody reads further up.
function keepAtEnd(list: HTMLElement): void {
  const last = `${list.clientHeight} ${list.firstElementChild?.lastElementChild?.textContent ?? ""}`;
  if (list.dataset.last === last) return;
  list.dataset.last = last;
  if (!list.matches(":focus")) list.scrollTop = list.scrollHeight;
}
