// The sheet of conveyance slips and of the blind gap: what a side wrote in private, and what may be told of it.
import type { Call } from "../../room/call";
import { yuan } from "../../cockpit/outcome";
import { button, h, icon, modal, type Children, type VNode } from "../../dom";
import type { Gap, Side, Slip, View } from "../../room/wire";
import { hourAndMinute, money, sentence, t } from "../../words";
import { confides, gapWaits, speaksForASide } from "../slips";

export function slipsSheet(call: Call, view: View, close: () => void): VNode {
  const mine = view.slips.filter((slip) => slip.side === view.you.side);
  const theirs = view.slips.filter((slip) => slip.side !== view.you.side);
  return modal("slips", t("Slips to pass on"), close, [
    view.gap && h("section", { class: "stack-s", "aria-label": t("Double-blind offers"), key: "gap" }, gapCard(call, view, view.gap)),
    speaksForASide(view) && h("p", { class: "lede" }, t("What you write here is seen by the mediator and your side. The other side is shown it only if you say it may be told.")),
    mine.length > 0 && h("ul", { class: "rows", "aria-label": t("Your slips"), key: "mine" }, mine.map((slip) => own(call, view, slip))),
    theirs.length > 0 && h("section", { class: "stack-s", key: "theirs" }, h("h3", {}, t("Passed on from the other side")),
      h("ul", { class: "rows" }, theirs.map((slip) => h("li", { class: "row", key: `slip-${slip.number}` }, said(slip))))),
    speaksForASide(view) && (confides(view) ? writing(call)
      : h("p", { class: "banner", key: "later" }, icon("info"), h("span", {}, t("You can write one while the mediator talks with you in private.")))),
  ], [button(t("Close"), close)]);
}

function said(slip: Slip): Children {
  return h("span", { class: "row-main slip-said" }, h("span", { class: "slip-text" }, slip.text),
    slip.amount !== null && h("b", { class: "money" }, money(slip.amount)),
    h("span", { class: "meta" }, hourAndMinute(slip.shown ?? slip.at)));
}

export function state(slip: Slip): VNode {
  if (slip.shown) return h("span", { class: "badge", "data-tone": "ok" }, icon("check"), t("passed on at {time}", { time: hourAndMinute(slip.shown) }));
  return slip.may_tell ? h("span", { class: "badge", "data-tone": "act" }, t("may be told")) : h("span", { class: "badge" }, icon("lock"), t("kept"));
}

function own(call: Call, view: View, slip: Slip): VNode {
  return h("li", { class: "row slip", key: `slip-${slip.number}` }, said(slip), state(slip),
    !slip.shown && speaksForASide(view) && h("span", { class: "line" },
      button(slip.may_tell ? t("Keep it after all") : t("It may be told"), () => void call.ask("mark_slip", { number: slip.number, may_tell: !slip.may_tell }), "btn btn-dense"),
      button(t("Take the slip back"), () => void call.ask("withdraw_slip", { number: slip.number }), "btn btn-dense btn-quiet")));
}

// Nothing is chosen beforehand; both answers have the same size.
function writing(call: Call): VNode {
  const choice = (value: string, label: string, about: string): VNode => h("label", { class: "choice", key: value },
    h("input", { type: "radio", name: "may_tell", value, required: true }), h("b", {}, label), h("span", { class: "meta" }, about));
  return h("form", {
    class: "field", key: "write", "aria-label": t("A new slip"),
    on: {
      submit: (event) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const text = (form.elements.namedItem("text") as HTMLTextAreaElement).value.trim();
        const field = form.elements.namedItem("amount") as HTMLInputElement;
        const amount = field.value.trim() ? yuan(field.value) : null;
        const told = new FormData(form).get("may_tell");
        if (field.value.trim() && amount === null) {
          noAmount(call, field);
          return;
        }
        if (!text || told === null) return;
        void call.ask("write_slip", { text, amount, may_tell: told === "yes" }).then((done) => done && form.reset()); // kept when it could not be sent
      },
    },
  },
    h("label", { for: "slip-text" }, t("What you offer or want to say")),
    h("textarea", { id: "slip-text", name: "text", rows: "3", maxlength: "500", required: true }),
    h("label", { for: "slip-amount" }, t("Amount in yuan, if there is one")),
    h("input", { id: "slip-amount", name: "amount", inputmode: "decimal", autocomplete: "off", maxlength: "14" }),
    h("fieldset", { class: "choices" }, h("legend", {}, t("May the mediator tell the other side?")),
      choice("yes", t("It may be told"), t("The mediator can show it to them.")),
      choice("no", t("Keep it for now"), t("It stays with the mediator; you can change your mind."))),
    h("button", { class: "btn btn-act", type: "submit" }, t("Give it to the mediator")));
}

function noAmount(call: Call, field: HTMLInputElement): void {
  call.notice(sentence("bad_value", { field: "amount" }), "warn");
  field.focus();
}

export function rule(gap: Gap): string {
  return gap.rule === "midpoint"
    ? t("Each side enters a figure in private: the consumer the least they would take, the business the most it would give. Both are told whether they meet, and if so the middle between them. From the middle each can work out the other's figure.")
    : t("Each side enters a figure in private: the consumer the least they would take, the business the most it would give. Both are told only whether they meet. Nobody sees the figures, not even the mediator.");
}

export function gapState(gap: Gap): string {
  if (gap.result) {
    if (!gap.result.meet) return t("The two offers do not overlap.");
    return gap.result.amount === null ? t("The two offers overlap.") : t("The two offers overlap; the midpoint is {amount}.", { amount: money(gap.result.amount) });
  }
  if (gap.agreed.length < 2) return t("Waiting until both sides agree to this rule.");
  if (gap.entered.length === 0) return t("Both agreed. No figure has been entered yet.");
  return gap.entered[0] === "consumer" ? t("The consumer has entered a figure.") : t("The business has entered a figure.");
}

function gapCard(call: Call, view: View, gap: Gap): Children {
  const side = view.you.side;
  return [
    h("h3", {}, t("Double-blind offers")),
    h("p", {}, rule(gap)),
    h("p", { class: "banner", "data-tone": gap.result?.meet ? "ok" : undefined }, icon(gap.result ? "check" : "info"), h("b", {}, gapState(gap))),
    gapWaits(view) === "agree" && button(t("I agree to this rule"), () => void call.ask("agree_gap", { number: gap.number }), "btn btn-act btn-big"),
    gap.own !== null && h("p", {}, t("Your figure: "), h("b", { class: "money" }, money(gap.own))),
    side !== null && !gap.result && gap.agreed.length === 2 && (confides(view) ? figure(call, gap, side)
      : gap.own === null && h("p", { class: "meta" }, t("You enter your figure while the mediator talks with you in private."))),
  ];
}

function figure(call: Call, gap: Gap, side: Side): VNode {
  return h("form", {
    class: "field", key: "figure",
    on: {
      submit: (event) => {
        event.preventDefault();
        const field = (event.currentTarget as HTMLFormElement).elements.namedItem("figure") as HTMLInputElement;
        const amount = yuan(field.value);
        if (amount === null) {
          noAmount(call, field);
          return;
        }
        void call.ask("enter_figure", { number: gap.number, amount }).then((done) => {
          if (done) field.value = "";
        });
      },
    },
  },
    h("label", { for: "gap-figure" }, side === "consumer" ? t("The least you would take, in yuan") : t("The most you would give, in yuan")),
    h("input", { id: "gap-figure", name: "figure", inputmode: "decimal", autocomplete: "off", maxlength: "14", required: true }),
    h("button", { class: "btn btn-act", type: "submit" }, gap.own === null ? t("Enter it") : t("Change it")));
}
