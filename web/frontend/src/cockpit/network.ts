// How somebody's connection is: what the mediator reads beside a name and under a picture, and on tapping the bars.
import type { Call } from "../room/call";
import { button, h, icon, modal, type VNode } from "../dom";
import { advice, because, bits, explain, inCommon, ownFinding, percent, plea, side } from "../room/explain";
import { qualityOf, seatOf } from "../room/selectors";
import { quality } from "../views/pieces";
import type { Finding, Measurement, Seat, View } from "../room/wire";
import { qualityWord, t } from "../words";

// Why somebody who is here is heard or seen badly; "" for no reason.
function findingOf(call: Call, seat: Seat): Finding {
  return seat.status === "present" ? call.state.found[seat.id] ?? "" : "";
}

// In the place of what else is said of them under their picture: nothing moves, and no face is covered.
export function whyUnder(call: Call, seat: Seat): VNode | null {
  const finding = findingOf(call, seat);
  return finding ? h("span", { class: "tile-standing tile-why", key: "why", title: because(seat.name, finding) }, icon("alert"), side(finding)) : null;
}

// Above the pictures: what several have in common, else what is wrong with the mediator's own connection.
export function whyHere(call: Call, view: View): VNode | null {
  const own = seatOf(view, view.you.seat);
  const said = inCommon(view, call.state.outage) || (own ? ownFinding(findingOf(call, own)) : "");
  return said ? h("div", { class: "banner", "data-tone": "warn", key: "why-here" }, icon("offline"), h("p", {}, said)) : null;
}

// In the place of what else is said of them in the list.
export function whyBeside(call: Call, seat: Seat): string {
  return because(seat.name, findingOf(call, seat));
}

// One press, and the person reads what they can do.
export function pleaButton(call: Call, seat: Seat): VNode | null {
  const finding = findingOf(call, seat);
  if (!plea(finding)) return null;
  const label = t("Write to {name}: {text}", { name: seat.name, text: plea(finding) });
  return button(icon("chat"), () => void write(call, seat, finding), "btn btn-dense btn-icon", { key: "plea", "aria-label": label, title: label });
}

async function write(call: Call, seat: Seat, finding: Finding): Promise<void> {
  if (await call.ask("say", { text: plea(finding), to: seat.id })) call.notice(t("{name} was written to, alone.", { name: seat.name }));
}

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
  const finding = findingOf(call, seat);
  return modal("network", t("How {name}'s connection is", { name: seat.name }), close, [
    h("p", { class: "lede" }, qualityWord(qualityOf(call.state, seat))),
    finding && h("div", { class: "banner", "data-tone": "warn", key: "why" }, icon("alert"),
      h("div", { class: "stack-s" }, h("p", {}, h("b", {}, because(seat.name, finding))), h("p", {}, advice(finding)),
        plea(finding) && h("p", { key: "plea" }, t("Write to {name}: {text}", { name: seat.name, text: plea(finding) })))),
    h("ul", { class: "stack-s" }, explain(seat, measured).map((sentence) => h("li", { key: sentence }, sentence))),
    measured && figures(measured),
  ], [button(t("Close"), close), plea(finding) && button(t("Write this to them"), () => {
    close();
    void write(call, seat, finding);
  }, "btn btn-act")]);
}

function figures(measured: Measurement): VNode {
  const ms = (seconds: number): string => `${Math.round(seconds * 1000)} ms`;
  const row = (label: string, value: string): VNode[] => [h("dt", {}, label), h("dd", { class: "num" }, value)];
  return h("dl", { class: "facts" },
    row(t("Sent"), t("{rate}, {share} lost", { rate: bits(measured.up), share: percent(measured.loss_up) })),
    row(t("Received"), t("{rate}, {share} lost", { rate: bits(measured.down), share: percent(measured.loss_down) })),
    row(t("There and back"), ms(measured.rtt)),
    measured.frames !== null && row(t("Frames a second"), String(measured.frames)),
    row(t("Way"), [measured.relayed ? t("through the relay") : t("direct"), measured.over.toUpperCase()].filter(Boolean).join(", ")));
}
