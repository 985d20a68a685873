// The phone's controls, where the thumb is. Their words say what is so now.
import type { Call } from "../room/call";
import { canCall } from "../media/devices";
import { button, h, icon, type VNode } from "../dom";
import { myself, unread, watches } from "../room/selectors";
import type { View } from "../room/wire";
import { t } from "../words";

export function controls(call: Call, view: View): VNode {
  const own = myself(view);
  const { local } = call.state;
  const text = local.mode === "text";
  const micOn = local.mic === "ready" && own?.muted === false;
  const news = unread(call.state);
  const mayRaise = own && own.role !== "mediator";
  if (own?.role === "supervisor") {
    return h("nav", { class: "controls controls-few", "aria-label": t("Controls") },
      h("p", { class: "meta" }, t("You look on. Nobody sees or hears you, and everybody knows that you are here.")),
      button([icon("captions"), t("Captions")], () => call.open("captions"), "tool"));
  }
  const silent = watches(own);
  return h("nav", { class: silent ? "controls controls-few" : "controls", "aria-label": t("Controls") },
    !silent && button([icon(local.camera === "on" ? "cam" : "cam-off"), local.camera === "on" ? t("Picture on") : t("Picture off")],
      () => void (text && canCall() ? call.notice(t("You chose to listen and write. To be seen, check the phone again in the waiting room.")) : call.toggleCamera()),
      "tool", { "aria-pressed": String(local.camera === "on") }),
    button([icon("hand"), own?.hand ? t("Hand is up") : t("Hand up")],
      () => void (mayRaise && call.ask("set_hand", { raised: !own.hand })),
      own?.hand ? "tool tool-on" : "tool", { "data-on": own?.hand === true, "aria-label": own?.hand ? undefined : t("Hand up: I want to speak") }),
    !silent && button([icon(micOn ? "mic" : "mic-off"), micOn ? t("Sound on") : t("Muted")],
      () => void (text && canCall() ? call.notice(t("You chose to listen and write. To be heard, check the phone again in the waiting room.")) : call.toggleMic()),
      "tool tool-main", { "aria-pressed": String(micOn) }),
    button([icon("chat"), news ? t("Chat {n}", { n: news }) : t("Chat")], () => call.open("chat"), news ? "tool tool-on" : "tool"),
    button([icon("more"), t("More")], () => call.open("more"), "tool"),
  );
}
