// The agreement at the mediator's desk: clauses with who has agreed, what is missing, and the way to the outcome.
import type { Call } from "../../room/call";
import { clauseName, nextOpen } from "../../room/drafting";
import { button, h, icon, type Children, type VNode } from "../../dom";
import { seatOf } from "../../room/selectors";
import { clauseText, explained, reasons, removedList, states, voidedBanner } from "../../views/clause";
import type { Clause, View } from "../../room/wire";
import { t } from "../../words";
import { signingPart } from "../signing";
import { begin, beginText, editor, writing } from "../agreement/editor";
import { factPaper } from "../agreement/facts";
import { authorities, claimSheet } from "../agreement/people";

export function agreement(call: Call, view: View): Children {
  const { draft } = view;
  const held = writing();
  const missing = draft.missing.length;
  return [
    h("div", { class: "line apart", key: "head" }, h("h2", {}, t("Draft of the agreement")),
      draft.clauses.length > 0 && h("span", { class: "badge", "data-tone": draft.agreed ? "ok" : "warn", role: "status" },
        draft.sealed ? t("in effect") : draft.agreed ? t("agreed by both") : t("Confirmations to go: {n}", { n: missing }))),
    view.caucus && h("div", { class: "banner", "data-tone": "warn", key: "caucus" }, icon("caucus"),
      h("p", {}, t("You are talking in private: the draft stands still, because both see it. What you type is kept here until everybody is together."))),
    authorities(call, view),
    draft.clauses.length === 0 && !held && h("p", { class: "meta", key: "empty" },
      t("Write down who does what, how much and by when: it becomes a clause at once, and both read it on their phones while you write.")),
    draft.clauses.map((clause) => (held?.clause === clause.id ? editor(call, view) : card(call, view, clause))),
    held && !draft.clauses.some((clause) => clause.id === held.clause) && editor(call, view),
    !draft.sealed && tools(call, view),
    draft.clauses.length > 0 && h("p", { class: "meta", key: "rule" }, t("Changing a clause voids only the answers to it, and every signature.")),
    removedList(view, draft.sealed || held ? null : (text) => button(t("Restore this clause"), () => beginText(call, view, text), "btn btn-quiet btn-dense")),
    signingPart(call, view),
    draft.agreed && !draft.sealed && next(call, view),
    factPaper(call, view),
    claimSheet(call, view),
  ];
}

function tools(call: Call, view: View): VNode | null {
  const open = nextOpen(view.draft);
  if (writing()) return null;
  return h("div", { class: "line", key: "tools" },
    open && button([t("Ask both about {clause}", { clause: clauseName(open) }), " ", h("kbd", {}, "R")], () => ask(call, open), "btn btn-act btn-dense",
      { key: "ask", "aria-keyshortcuts": "R", "aria-busy": call.state.busy === "ask_confirmation" ? "true" : undefined }),
    button([t("Add a clause"), " ", h("kbd", {}, "A")], () => begin(call, view), open ? "btn btn-dense" : "btn btn-act btn-dense", { key: "add", "aria-keyshortcuts": "A" }));
}

function ask(call: Call, clause: Clause): void {
  void call.ask("ask_confirmation", { clause: clause.id }).then((done) => done && call.notice(t("{clause} lies open on both phones.", { clause: clauseName(clause) })));
}

function card(call: Call, view: View, clause: Clause): VNode {
  const { length } = view.draft.clauses;
  const name = clauseName(clause);
  const move = (to: number): void => void call.ask("move_clause", { clause: clause.id, number: to });
  const small = (label: string, glyph: Children, press: () => void): VNode => button(glyph, press, "btn btn-quiet btn-dense btn-icon", { "aria-label": label, title: label });
  return h("article", {
    class: clause.voided.length && view.draft.missing.some((each) => each.clause === clause.id) ? "clause clause-void" : "clause", key: clause.id,
    "aria-label": name, "data-clause": clause.id, tabindex: "0",
  },
    h("div", { class: "clause-main" },
      voidedBanner(clause, view),
      h("h3", {}, name, clause.heading && h("span", { lang: "zh-CN" }, `　${clause.heading}`)),
      clauseText(clause), explained(clause, call.page.language), reasons(clause, view),
      clause.queries.map((id) => h("p", { class: "line", key: `query-${id}` },
        h("span", { class: "badge", "data-tone": "warn" }, t("{name} asks what this means", { name: seatOf(view, id)?.name ?? "" })),
        button(t("Explained"), () => void call.ask("explain_clause", { clause: clause.id }), "btn btn-dense")))),
    h("p", { class: "clause-state" }, states(clause, view),
      !view.draft.sealed && h("span", { class: "line clause-tools" },
        button(t("Edit"), () => begin(call, view, clause.id), "btn btn-quiet btn-dense", { "aria-label": t("Edit {clause}", { clause: name }) }),
        clause.number > 1 && small(t("Move {clause} up", { clause: name }), "↑", () => move(clause.number - 1)),
        clause.number < length && small(t("Move {clause} down", { clause: name }), "↓", () => move(clause.number + 1)),
        small(t("Remove {clause}", { clause: name }), icon("cross"), () => void call.ask("remove_clause", { clause: clause.id, edition: clause.edition })))));
}

// All agreed: in writing or not, and over to the outcome.
function next(call: Call, view: View): VNode {
  const { draft } = view;
  const both = draft.waived.length === 2;
  return h("section", { class: "paper stack-s", key: "next" }, h("h2", {}, t("Both sides agree to all of it")),
    h("p", {}, both ? t("Both do without a written agreement; the record is kept.")
      : draft.at_once ? t("All of it was done on the spot: a written agreement is not required, unless a side wants it. They can say so on their phones.")
        : t("Something remains to be done: it is put in writing and signed, unless both do without. They can say so on their phones.")),
    draft.waived.length === 1 && h("p", { class: "meta" }, t("One side waives a written agreement.")),
    view.outcome
      ? button(t("The result is shown to both"), () => call.open("end"), "btn btn-dense")
      : button(t("Use it as the result …"), () => call.open("end"), "btn btn-act btn-dense"));
}

// A: a new clause, R: ask both about the first that is open, E: edit the one in focus. True when the key was ours.
export function agreementKey(call: Call, view: View, key: string): boolean {
  if (view.draft.sealed || writing()) return false;
  const open = nextOpen(view.draft);
  if (key === "a") begin(call, view);
  else if (key === "r" && open) ask(call, open);
  else if (key === "e") {
    const id = document.activeElement?.closest<HTMLElement>("[data-clause]")?.dataset.clause;
    if (!id) return false;
    begin(call, view, id);
  } else return false;
  return true;
}
