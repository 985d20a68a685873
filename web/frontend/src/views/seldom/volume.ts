// How loud each person is played on this device. Nothing of it is sent: others and the recording hear what they heard.
import type { Call } from "../../room/call";
import { button, h, icon, mark, modal, type VNode } from "../../dom";
import { volumeFixed } from "../../media/sound";
import { together, watches } from "../../room/selectors";
import type { Seat, View } from "../../room/wire";
import { standing, t } from "../../words";

const LEAST = 10; // percent: nobody is left out of a mediation unheard

export function volumeRow(call: Call): VNode {
  return h("li", { key: "volume" }, button([icon("sound"), h("span", { class: "row-main" }, h("b", {}, t("How loud each person is")), h("br"),
    h("span", { class: "lede" }, t("Somebody is too loud or too soft for you.")))], () => call.open("volume"), "row row-press"));
}

export function volumeSheet(call: Call, view: View, close: () => void): VNode {
  const heard = together(view).filter((seat) => seat.id !== view.you.seat && seat.mode !== "text" && !watches(seat));
  return modal("volume", t("How loud each person is"), close, [
    volumeFixed ? h("p", { key: "fixed" }, t("This phone plays everybody equally loud: iPhones let no page change that. Its own keys make all of them louder or softer."))
      : heard.length ? h("div", { class: "stack", key: "people" }, heard.map((seat) => slider(call, seat)))
        : h("p", { key: "nobody" }, t("Nobody else can be heard just now.")),
    !volumeFixed && h("p", { class: "meta", key: "about" }, t("Too soft? Turn this device up, and whoever is too loud down here. Only you hear the change; the recording stays as it is.")),
  ], [button(t("Close"), close)]);
}

function slider(call: Call, seat: Seat): VNode {
  const percent = Math.round((call.volumes[seat.id] ?? 1) * 100);
  const id = `volume-${seat.id}`;
  return h("div", { class: "field", key: id },
    h("label", { for: id, class: "line apart" }, h("span", { class: "line" }, mark(seat.role), h("span", {}, seat.name, t(", {standing}", { standing: standing(seat) }))),
      h("span", { class: "num", "aria-hidden": "true" }, `${percent}%`)),
    h("input", {
      id, type: "range", min: String(LEAST), max: "100", step: "10", "aria-valuetext": `${percent}%`, props: { value: String(percent) },
      on: { input: (event) => call.setVolume(seat.id, Number((event.currentTarget as HTMLInputElement).value) / 100) },
    }));
}
