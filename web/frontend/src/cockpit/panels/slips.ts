// The mediator's slips: what each side wrote in private, what may be told of it, and the blind gap between two figures.
import type { Call } from "../../room/call";
import { button, h, icon, mark, type Children, type VNode } from "../../dom";
import { seatOf } from "../../room/selectors";
import { sideName } from "../../views/caucus";
import { gapState, rule, state } from "../../views/seldom/slips";
import type { Slip, View } from "../../room/wire";
import { money, t } from "../../words";

export function slips(call: Call, view: View): Children {
  return [
    h("section", { class: "stack-s", "aria-labelledby": "slips-title", key: "slips" },
      h("h2", { id: "slips-title" }, t("Slips to pass on")),
      view.slips.length === 0 && h("p", { class: "meta" }, t("What a side writes while you talk with it in private appears here. You can show the other side what may be told.")),
      view.slips.length > 0 && h("ul", { class: "rows" }, view.slips.map((slip) => row(call, view, slip)))),
    h("section", { class: "stack-s", "aria-labelledby": "gap-title", key: "gap" }, h("h2", { id: "gap-title" }, t("Double-blind offers")), gap(call, view)),
    h("p", { class: "meta", key: "export" }, t("Slips, figures and what is written in private stay in this office's journal. They are in no evidence package and no document.")),
  ];
}

function row(call: Call, view: View, slip: Slip): VNode {
  const { caucus } = view;
  const author = seatOf(view, slip.seat);
  const knows = caucus?.side === slip.side; // in private with those who wrote it
  const to = caucus ? t("Show it to {name}", { name: sideName(view, caucus.side) }) : t("Show it to everybody");
  return h("li", { class: "row slip", key: `slip-${slip.number}` }, author && mark(author.role),
    h("span", { class: "row-main slip-said" }, h("b", {}, author?.name ?? ""), h("span", { class: "slip-text" }, slip.text),
      slip.amount !== null && h("b", { class: "money" }, money(slip.amount))),
    state(slip),
    !slip.shown && slip.may_tell && !knows && view.session.status === "live"
      && button(to, () => void call.ask("show_slip", { number: slip.number }), "btn btn-dense"));
}

function gap(call: Call, view: View): Children {
  const open = view.gap && !view.gap.result;
  const begin = (kind: "whether" | "midpoint", label: string): VNode =>
    button(label, () => void call.ask("open_gap", { rule: kind }), "btn btn-dense", { key: kind });
  return [
    view.gap && [
      h("p", { key: "rule" }, rule(view.gap)),
      h("p", { class: "banner", "data-tone": view.gap.result?.meet ? "ok" : undefined, key: "state" }, icon(view.gap.result ? "check" : "info"), h("b", {}, gapState(view.gap))),
      open && h("dl", { class: "facts", key: "who" }, (["consumer", "business"] as const).map((side) => [
        h("dt", {}, sideName(view, side)),
        h("dd", {}, view.gap!.entered.includes(side) ? t("has entered a figure") : view.gap!.agreed.includes(side) ? t("agrees to the rule") : t("has not answered yet")),
      ])),
      open && button(t("Drop it"), () => void call.ask("drop_gap", { number: view.gap!.number }), "btn btn-dense btn-quiet", { key: "drop" }),
    ],
    !open && [
      !view.gap && h("p", { class: "meta", key: "about" }, t("Each side enters a figure you do not see. Both learn only whether they meet, by a rule both agree to first.")),
      h("div", { class: "line", key: "begin" }, begin("whether", t("Only whether they overlap")), begin("midpoint", t("And the midpoint, if they do"))),
    ],
  ];
}
