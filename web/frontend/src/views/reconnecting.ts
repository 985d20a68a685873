// The card over the frozen picture: since when, which try, that the seat is kept, and what helps.
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import type { View } from "../room/wire";
import { sentence, t } from "../words";
import { otherWay, ring } from "./pieces";

// `mediaOnly`: the room is reachable, sound and picture are not.
export function reconnecting(call: Call, _view: View, at: number, mediaOnly = false): VNode {
  const full = mediaOnly && call.state.local.mediaFull;
  const seconds = Math.max(0, Math.round((at - call.state.downSince) / 1000));
  return h("div", { class: "veil", key: "veil" },
    h("section", { class: "card stack" },
      h("div", { class: "line" }, icon("offline", "icon warn"),
        h("h2", {}, full ? t("Sound and picture have to wait") : mediaOnly ? t("Sound and picture are coming back") : t("The network is gone, reconnecting"))),
      h("progress", { class: "thin", "aria-label": t("Reconnecting") }),
      mediaOnly
        ? h("p", {}, full ? sentence("worker_full") : t("You need not tap anything. You can still write."))
        : h("p", {}, t("Gone for "), h("span", { class: "num" }, seconds),
          t(" seconds, this is try {n}. You need not tap anything.", { n: Math.max(1, call.state.tries) })),
      !full && h("p", { class: "lede" }, t("Your seat is kept, no new code is needed. The others see that you are reconnecting, and the mediator waits for you.")),
      h("div", { class: "stack-s" },
        call.state.local.pictures && call.state.local.mode === "video"
          && button(t("Go on with sound only"), () => void call.onlySound(true), "btn btn-act btn-big"),
        mediaOnly && otherWay(call),
        ring(call))));
}
