// How somebody's connection is: what the mediator reads on tapping the bars beside a name.
import type { Call } from "../room/call";
import { button, h, modal, type VNode } from "../dom";
import { bits, explain, percent } from "../room/explain";
import { qualityOf, seatOf } from "../room/selectors";
import { quality } from "../views/pieces";
import type { Measurement, Seat, View } from "../room/wire";
import { qualityWord, t } from "../words";

// The bars, to be tapped.
export function bars(call: Call, seat: Seat): VNode | null {
  const shown = quality(call.state, seat);
  return shown && button(shown, () => call.open("network", seat.id), "btn btn-dense btn-icon", {
    "aria-label": t("{name}'s network: {quality}. Why?", { name: seat.name, quality: qualityWord(qualityOf(call.state, seat)) }),
    title: t("How {name}'s connection is", { name: seat.name }),
  });
}

export function network(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  if (!seat) return null;
  const measured = call.state.measured[seat.id];
  return modal("network", t("How {name}'s connection is", { name: seat.name }), close, [
    h("p", { class: "lede" }, qualityWord(qualityOf(call.state, seat))),
    h("ul", { class: "stack-s" }, explain(seat, measured).map((sentence) => h("li", { key: sentence }, sentence))),
    measured && figures(measured),
  ], [button(t("Close"), close)]);
}

function figures(measured: Measurement): VNode {
  const ms = (seconds: number): string => `${Math.round(seconds * 1000)} ms`;
  const row = (label: string, value: string): VNode[] => [h("dt", {}, label), h("dd", { class: "num" }, value)];
  return h("dl", { class: "facts" },
    row(t("Sent"), t("{rate}, {share} lost", { rate: bits(measured.up), share: percent(measured.loss_up) })),
    row(t("Received"), t("{rate}, {share} lost", { rate: bits(measured.down), share: percent(measured.loss_down) })),
    row(t("There and back"), ms(measured.rtt)),
    measured.frames !== null && row(t("Frames a second"), String(measured.frames)),
    row(t("Way"), measured.relayed ? t("through the relay") : t("direct")));
}
