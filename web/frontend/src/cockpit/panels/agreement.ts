// The agreement at the mediator's desk: clauses with who has agreed, what is missing, and the way to the outcome.
import type { Call } from "../../room/call";
import { clauseName, nextOpen } from "../../room/drafting";
import { button, h, icon, type Children, type VNode } from "../../dom";
import { seatOf } from "../../room/selectors";
import { clauseText, explained, reasons, removedList, states, voidedBanner } from "../../views/clause";
import type { Clause, View } from "../../room/wire";
import { t } from "../../words";
import { sealButton, signButton, signingPart } from "../signing";
import { begin, beginWith, editor, writing } from "../agreement/editor";
import { factPaper } from "../agreement/facts";
import { authorities, claimSheet } from "../agreement/people";
import { needsNoPaper, stepName, stepOf, STEPS, unasked, waitedFor } from "../agreement/steps";
import { spoken } from "../script";
import { isWide, widen } from "../wide";

export function agreement(call: Call, view: View): Children {
  const { draft } = view;
  const held = writing();
  const missing = draft.missing.length;
  return [
    h("div", { class: "line apart", key: "head" }, h("h2", {}, t("Draft of the agreement")),
      draft.clauses.length > 0 && h("span", { class: "badge", "data-tone": draft.agreed ? "ok" : "warn", role: "status" },
        draft.sealed ? t("in effect") : draft.agreed ? t("agreed by both") : t("Confirmations to go: {n}", { n: missing })),
      button([isWide(call) ? t("Narrower") : t("Wider"), " ", h("kbd", {}, "Alt D")], () => widen(call), "btn btn-quiet btn-dense widen", {
        "aria-pressed": String(isWide(call)), "aria-keyshortcuts": "Alt+D",
      })),
    course(call, view),
    view.caucus && h("div", { class: "banner", "data-tone": "warn", key: "caucus" }, icon("caucus"),
      h("p", {}, t("You are talking in private: the draft stands still, because both see it. What you type is kept here until everybody is together."))),
    authorities(call, view),
    draft.clauses.map((clause) => (held?.clause === clause.id ? editor(call, view) : card(call, view, clause))),
    held && !draft.clauses.some((clause) => clause.id === held.clause) && editor(call, view),
    !draft.sealed && !held && view.signing?.state !== "open" && beginnings(call, view),
    draft.clauses.length > 0 && h("p", { class: "meta", key: "rule" }, t("Changing a clause voids only the answers to it, and every signature.")),
    removedList(view, draft.sealed ? null : (id) => button([t("Put it back"), id === draft.removed[draft.removed.length - 1]?.id ? [" ", h("kbd", {}, "Alt U")] : null],
      () => restore(call, id), "btn btn-quiet btn-dense")),
    signingPart(call, view),
    factPaper(call, view),
    claimSheet(call, view),
  ];
}

// How far it has come, what is waited for, and the one press that goes on.
function course(call: Call, view: View): VNode {
  const now = stepOf(view);
  const presses = goesOn(call, view);
  const at = now === "done" ? STEPS.length : STEPS.indexOf(now);
  return h("section", { class: "course stack-s", key: "course", "aria-label": t("Progress of the agreement") },
    h("ol", { class: "course-steps" }, STEPS.map((step, index) => h("li", {
      key: step, class: index < at ? "done" : index === at ? "now" : false, "aria-current": index === at ? "step" : undefined,
    }, index < at ? icon("check") : null, stepName(step)))),
    h("p", { class: "course-waits", role: "status" }, waitedFor(view, writing() !== null)),
    presses && h("div", { class: "line" }, presses));
}

// Where the form of a clause or the pad lies open, its own button is the one.
function goesOn(call: Call, view: View): Children {
  const { draft, signing } = view;
  const busy = (name: string): Record<string, string | undefined> => ({ "aria-busy": call.state.busy === name ? "true" : undefined });
  const result = (primary: boolean): VNode => (view.outcome
    ? button(t("The result is shown to both"), () => call.open("end"), "btn btn-dense", { key: "shown" })
    : button(t("Use it as the result …"), () => call.open("end"), primary ? "btn btn-act btn-dense" : "btn btn-dense", { key: "result" }));
  if (draft.sealed) return result(true);
  if (writing()) return null;
  const add = (primary: boolean): VNode => button([t("Add a clause"), " ", h("kbd", {}, "Alt A")], () => begin(call, view), primary ? "btn btn-act btn-dense" : "btn btn-dense", { key: "add", "aria-keyshortcuts": "Alt+A" });
  if (signing?.state === "open") return signing.next === "seal" ? sealButton(call, view) : null;
  if (draft.agreed) return needsNoPaper(view) ? [result(true), signButton(call, view, false), add(false)] : [signButton(call, view, true), result(false), add(false)];
  if (!draft.clauses.length) return add(true);
  const open = unasked(view);
  return [
    open.length > 0
      ? button([open.length > 1 ? t("Ask both to confirm {n} clauses", { n: open.length }) : t("Ask both about {clause}", { clause: clauseName(open[0]!) }), " ", h("kbd", {}, "Alt R")],
        () => void ask(call, view), "btn btn-act btn-dense", { key: "ask", "aria-keyshortcuts": "Alt+R", ...busy("ask_confirmation") })
      : button([t("Open it on both phones again"), " ", h("kbd", {}, "Alt R")], () => void ask(call, view), "btn btn-act btn-dense", { key: "ask", "aria-keyshortcuts": "Alt+R", ...busy("ask_confirmation") }),
    add(false),
  ];
}

// What this kind of dispute usually ends in, with what is known of the complaint filled in.
function beginnings(call: Call, view: View): VNode | null {
  const { card } = view;
  if (!card?.clauses.length) return null;
  const written = new Set(view.draft.clauses.map((clause) => clause.heading));
  return h("section", { class: "beginnings stack-s", key: "beginnings", "aria-label": t("Clauses for this kind of dispute") },
    h("p", { class: "meta" }, t("Clauses for this kind of dispute: {kind}", { kind: spoken(card.title, call.page.language) })),
    h("div", { class: "chips" }, card.clauses.filter((each) => !each.text || !written.has(each.zh)).map((each, index) =>
      button(spoken({ zh: each.zh, en: each.en }, call.page.language), () => beginWith(call, view, each), "btn btn-dense", { key: `${index}-${each.zh}` }))));
}

// Every clause that waits for an answer lies open on both phones: those that nobody was shown, else all that are missing.
async function ask(call: Call, view: View): Promise<void> {
  const fresh = unasked(view);
  const open = fresh.length ? fresh : view.draft.clauses.filter((clause) => view.draft.missing.some((each) => each.clause === clause.id));
  for (const clause of open) if (!(await call.ask("ask_confirmation", { clause: clause.id }))) return;
  if (open.length === 1) call.notice(t("{clause} lies open on both phones.", { clause: clauseName(open[0]!) }));
  else if (open.length) call.notice(t("{n} clauses are open on both phones.", { n: open.length }));
}

function restore(call: Call, clause: string): void {
  void call.ask("restore_clause", { clause });
}

function remove(call: Call, clause: Clause): void {
  void call.ask("remove_clause", { clause: clause.id, edition: clause.edition })
    .then((done) => done && call.notice(t("{clause} was removed. U puts it back.", { clause: clauseName(clause) })));
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
        small(t("Remove {clause}", { clause: name }), icon("cross"), () => remove(call, clause)))));
}

// A: a new clause, R: ask both about what is open, E: edit the one in focus, U: put back what was removed last. True when the
// key was ours.
export function agreementKey(call: Call, view: View, key: string): boolean {
  if (view.draft.sealed || writing()) return false;
  const gone = view.draft.removed[view.draft.removed.length - 1];
  if (key === "a") begin(call, view);
  else if (key === "r" && nextOpen(view.draft)) void ask(call, view);
  else if (key === "u" && gone) restore(call, gone.id);
  else if (key === "e") {
    const id = document.activeElement?.closest<HTMLElement>("[data-clause]")?.dataset.clause;
    if (!id) return false;
    begin(call, view, id);
  } else return false;
  return true;
}
