// What each side says to an exhibit, in words; and the two taps of the one who is asked.
import type { Call } from "../room/call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { myself, seatOf } from "../room/selectors";
import type { Answered, Exhibit, Side, View } from "../room/wire";
import { t } from "../words";

const SIDES: readonly Side[] = ["consumer", "business"];

export function mayAnswer(view: View, exhibit: Exhibit): boolean {
  const role = myself(view)?.role ?? "observer";
  return ["consumer", "business", "representative", "lawyer"].includes(role)
    && view.you.side !== null && view.you.side !== exhibit.side && exhibit.state === "ready" && !exhibit.private;
}

export function sideWord(view: View, side: Side): string {
  if (view.you.side === side) return t("you");
  return side === "consumer" ? t("the consumer") : t("the business");
}

// Of every side that it is not of.
export function answers(view: View, exhibit: Exhibit): Children {
  if (exhibit.private) return h("span", { class: "badge", "data-tone": "warn", key: "private" }, icon("lock"), exhibit.side === null || exhibit.side === view.you.side ? t("only you and the mediator") : t("not for the other side"));
  return SIDES.filter((side) => side !== exhibit.side).map((side) => {
    const said = exhibit.answers[side];
    return h("span", { key: side, class: said ? (said.accepted ? "ok" : "warn") : "meta" }, answerWord(view, exhibit, side, said));
  });
}

export function answerWord(view: View, exhibit: Pick<Exhibit, "purpose">, side: Side, said: Answered | undefined): string {
  const who = sideWord(view, side);
  const proof = exhibit.purpose === "performance";
  if (!said) return proof ? t("{who}: not confirmed yet", { who }) : t("{who}: no answer yet", { who });
  if (said.accepted) return proof ? t("{who}: received", { who }) : t("{who}: accepted", { who });
  const no = proof ? t("{who}: not received", { who }) : t("{who}: disputed", { who });
  return said.reason ? t("{no} ({reason})", { no, reason: said.reason }) : no;
}

// One tap each, and one to take it back. Why it is disputed may be said afterwards.
export function answering(call: Call, view: View, exhibit: Exhibit): VNode | null {
  if (!mayAnswer(view, exhibit) || view.you.side === null) return null;
  const said = exhibit.answers[view.you.side];
  const proof = exhibit.purpose === "performance";
  const about = { "aria-busy": call.state.busy.endsWith("_exhibit") ? "true" : undefined };
  const ask = (name: "accept_exhibit" | "dispute_exhibit" | "take_back_answer" | "withdraw_exhibit" | "release_exhibit", body: { reason?: string } = {}): void =>
    void call.ask(name, { exhibit: exhibit.id, ...body });
  if (!said) {
    return h("div", { class: "two", key: `answer-${exhibit.id}`, role: "group", "aria-label": t("What you say to “{title}”", { title: exhibit.title }) },
      button([icon("check"), proof ? t("I have received it") : t("I accept it")], () => ask("accept_exhibit"), "btn", about),
      button([icon("cross"), proof ? t("I have not received it") : t("I dispute it")], () => ask("dispute_exhibit"), "btn", about));
  }
  const by = said.seat !== view.you.seat ? seatOf(view, said.seat)?.name : undefined;
  return h("div", { class: "stack-s", key: `answer-${exhibit.id}` },
    h("p", { class: "line apart" },
      h("b", { class: said.accepted ? "ok" : "warn" }, icon(said.accepted ? "check" : "alert"), " ", answerWord(view, exhibit, view.you.side, { ...said, reason: "" }), by && t(", said by {name}", { name: by })),
      button(t("Take my answer back"), () => ask("take_back_answer"), "btn btn-quiet btn-dense", { "aria-label": t("Take back what you said to “{title}”", { title: exhibit.title }) })),
    !said.accepted && !said.reason && reason(call, exhibit),
    said.reason && h("p", { class: "lede" }, h("q", {}, said.reason)));
}

function reason(call: Call, exhibit: Exhibit): VNode {
  const id = `reason-${exhibit.id}`;
  return h("form", {
    class: "field", key: id,
    on: {
      submit: (event) => {
        event.preventDefault();
        const field = (event.currentTarget as HTMLFormElement).elements.namedItem("reason") as HTMLInputElement;
        const text = field.value.trim();
        if (text) void call.ask("dispute_exhibit", { exhibit: exhibit.id, reason: text });
        else field.focus();
      },
    },
  },
    h("label", { for: id }, t("What is not right about it? You need not say.")),
    h("input", { id, name: "reason", maxlength: "200", autocomplete: "off" }),
    h("button", { type: "submit", class: "btn btn-dense" }, t("Add the reason")));
}
