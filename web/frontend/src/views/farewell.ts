// After the door is closed: the result, and what comes next.
import type { Call } from "../room/call";
import { clauseName, undisputed } from "../room/drafting";
import { h, icon, type VNode } from "../dom";
import type { View } from "../room/wire";
import { dayAndTime, t } from "../words";
import { explained } from "./clause";
import { copies } from "./signing";
import { masthead } from "./waiting";
import { ways } from "./ways";
import { outcomeFacts, outcomeTitle, ring } from "./pieces";

export function farewell(call: Call, view: View): VNode {
  const outcome = view.closed;
  return h("div", { class: "flow", key: "farewell" },
    masthead(call, view),
    h("main", { class: "stack", id: "main" },
      h("h1", {}, outcome ? outcomeTitle(outcome) : t("The mediation is over")),
      h("p", { class: "lede" }, t("The session has ended. Nobody hears or sees you, and nothing is recorded any more.")),
      outcome && h("section", { class: "card stack", "aria-label": t("The result") }, outcomeFacts(call, view, outcome)),
      outcome?.kind === "settled" && agreedText(call, view),
      outcome && outcome.kind !== "settled" && certain(view),
      copies(view),
      h("section", { class: "stack-s" }, h("h2", {}, t("What comes next")),
        h("ul", { class: "notice" }, next(view).map((line) => h("li", {}, icon("check"), h("p", {}, line))))),
      (outcome?.kind === "not_settled" || outcome?.kind === "ended") && ways(),
      view.session.number && h("p", { class: "meta" }, t("Number of the complaint: {number}", { number: view.session.number }),
        view.session.closed ? [" · ", dayAndTime(view.session.closed)] : null),
      h("div", { class: "actions" }, ring(call, "btn btn-big"))));
}

// What both have agreed to, to be read once more in peace.
function agreedText(call: Call, view: View): VNode | null {
  const { clauses, waived } = view.draft;
  if (!clauses.length) return null;
  return h("details", { class: "card stack-s", key: "agreed" }, h("summary", {}, t("Read the agreement once more ({n})", { n: clauses.length })),
    clauses.map((clause) => h("div", { class: "stack-s", key: clause.id }, h("h3", {}, clauseName(clause)),
      h("p", { class: "clause-text", lang: "zh-CN" }, clause.text), explained(clause, call.page.language))),
    waived.length === 2 && h("p", { class: "meta" }, t("Both sides do without a written agreement.")));
}

// Without an agreement, what is certain between the two stays in the record.
function certain(view: View): VNode | null {
  const facts = view.draft.facts.filter(undisputed);
  if (!facts.length) return null;
  return h("section", { class: "card stack-s", key: "facts", "aria-labelledby": "facts-title" }, h("h2", { id: "facts-title" }, t("Facts that both sides accept")),
    h("ul", { class: "stack-s" }, facts.map((fact) => h("li", { key: fact.id, lang: "zh-CN" }, fact.text))));
}

function next(view: View): string[] {
  const kind = view.closed?.kind;
  const record = t("The office keeps a record of this mediation; you may ask to see what it says of you.");
  const court = t("You may still go to court or, where it was agreed, to arbitration.");
  switch (kind) {
    case "settled":
      // Order 121 Art 24 and 25: online the record always; an agreement on request, or when something is left to do.
      if (view.draft.waived.length === 2) {
        const later = view.closed?.terms.some((term) => term.performance === "later");
        return [later ? t("What was promised is to be done by the day agreed. If it is not, ring the office.") : t("What was promised has been done on the spot."),
          t("Both of you waived a written agreement; the office's record holds what was agreed."), record];
      }
      if (view.closed?.terms.some((term) => term.performance === "later")) {
        return [
          t("What was promised is to be done by the day agreed. If it is not, ring the office."),
          view.documents.some((one) => one.kind === "agreement") ? t("The mediation agreement is signed, sealed and in effect.")
            : t("Because something is still to be done, the office draws up a mediation agreement for both sides to sign or seal."),
          record, court,
        ];
      }
      return [
        t("What was promised has been done on the spot."),
        view.documents.some((one) => one.kind === "agreement") ? t("The mediation agreement is signed, sealed and in effect.") : t("You may ask the office for a written mediation agreement."),
        record,
      ];
    case "adjourned": return [t("You get a new message with a new link before the new time."), record];
    case "not_settled":
    case "ended":
      return [t("The office tells both sides within seven working days that mediation was terminated."), record];
    default: return [t("You may close this page."), record];
  }
}
