// The agreement on a phone: one clause a card, big buttons, how far one is, and the way to what is missing.
import type { Call } from "../room/call";
import { agreedByMe, clauseName, mine, toAnswer } from "../room/drafting";
import { button, h, icon, type Children, type VNode } from "../dom";
import type { Clause, Fact, View } from "../room/wire";
import { t } from "../words";
import { clauseText, explained, reasons, removedList, states, voidedBanner } from "./clause";

// What somebody is writing outlasts every redrawing: a recess, a broken connection, an edit of the clause.
const writing = new Map<string, { reason: string; told: "" | "all" | "mediator" }>();

// In the place of the picture; sound, recording and controls stay where they are.
export function reading(call: Call, view: View): VNode {
  const facts = call.state.sheet === "facts";
  return h("main", { class: "reading", id: "main", key: "reading" },
    h("nav", { class: "line apart", "aria-label": t("Agreement") },
      button([icon("cam"), t("Back to the picture")], () => call.open("none"), "btn btn-quiet"),
      view.draft.facts.length > 0 && view.draft.clauses.length > 0 && button(facts ? t("Agreement") : t("Undisputed facts"),
        () => call.open(facts ? "clauses" : "facts"), "btn btn-quiet")),
    facts ? factSheet(call, view) : clauseSheet(call, view));
}

function clauseSheet(call: Call, view: View): Children {
  const { clauses } = view.draft;
  const decides = view.draft.standing === "decides";
  return [
    h("h1", { key: "title" }, decides ? t("Please read one clause after the other") : t("What is being agreed")),
    h("p", { class: "lede", key: "lede" }, lede(view)),
    clauses.map((clause) => card(call, view, clause)),
    removedList(view),
    view.draft.agreed && onPaper(call, view),
  ];
}

function lede(view: View): string {
  const n = view.draft.clauses.length;
  switch (view.draft.standing) {
    case "decides": return t("If something is not clear, tap “Ask the mediator”. You are asked to sign only when every clause is agreed (clauses: {n}).", { n });
    case "authority": return t("You can read everything. Once the mediator has recorded in what capacity you attend, you can answer.");
    case "principal": return t("You can read everything. The party you act for is in the room and answers in person.");
    case "reads": return t("You can read everything. The parties answer.");
  }
}

export function clauseAnchor(id: string): string {
  return `clause-${id}`;
}

function card(call: Call, view: View, clause: Clause): VNode {
  const given = mine(view, clause);
  const decides = view.draft.standing === "decides";
  const objects = writing.has(clause.id) && decides;
  return h("article", {
    class: clause.voided.length && !given ? "clause clause-void" : "clause", key: clause.id, id: clauseAnchor(clause.id), tabindex: "-1",
    "aria-labelledby": `${clauseAnchor(clause.id)}-title`,
    hook: (element) => lookAt(call, element, clause.id),
  },
    h("div", { class: "clause-main" },
      voidedBanner(clause, view),
      h("h2", { id: `${clauseAnchor(clause.id)}-title` }, clauseName(clause), clause.heading && h("span", { lang: "zh-CN" }, `　${clause.heading}`)),
      clauseText(clause),
      explained(clause, call.page.language),
      reasons(clause, view),
      objects ? objection(call, clause) : actions(call, view, clause, given?.agrees ?? null)),
    h("p", { class: "clause-state" }, states(clause, view)));
}

// A clause that both were asked about is brought before the eyes once; focus stays where it is.
function lookAt(call: Call, element: HTMLElement, id: string): void {
  if (call.state.sheet !== "clauses" || call.state.about !== id || element.dataset.shown === "yes") return;
  element.dataset.shown = "yes";
  element.scrollIntoView?.({ block: "start" });
}

function actions(call: Call, view: View, clause: Clause, agrees: boolean | null): VNode {
  const decides = view.draft.standing === "decides";
  const asked = clause.queries.includes(view.you.seat);
  const answering = (name: string): "true" | undefined => (call.state.busy === name ? "true" : undefined);
  return h("div", { class: "clause-actions", key: "actions" },
    decides && agrees !== true && !view.draft.sealed && button(t("Agree to this clause"),
      () => void call.ask("answer_clause", { clause: clause.id, edition: clause.edition, agrees: true }),
      "btn btn-act btn-big", { key: "agree", "aria-busy": answering("answer_clause"), "aria-describedby": `${clauseAnchor(clause.id)}-title` }),
    decides && agrees !== false && !view.draft.sealed && button(agrees ? t("I no longer agree") : t("I do not agree"), () => {
      writing.set(clause.id, { reason: "", told: "" });
      call.dispatch({ type: "tick", at: Date.now() });
    }, agrees ? "btn btn-quiet" : "btn btn-big", { key: "object", "aria-describedby": `${clauseAnchor(clause.id)}-title` }),
    view.you.role !== "observer" && (asked
      ? h("p", { class: "meta", key: "asked", role: "status" }, t("The mediator knows that you have a question about this clause."))
      : button(t("Ask the mediator"), () => void call.ask("query_clause", { clause: clause.id }), "btn btn-quiet",
        { key: "ask", "aria-describedby": `${clauseAnchor(clause.id)}-title` })));
}

function objection(call: Call, clause: Clause): VNode {
  const held = writing.get(clause.id) ?? { reason: "", told: "" };
  const id = (name: string): string => `object-${clause.id}-${name}`;
  const change = (to: Partial<typeof held>): void => {
    writing.set(clause.id, { ...(writing.get(clause.id) ?? held), ...to });
    call.dispatch({ type: "tick", at: Date.now() });
  };
  const choice = (told: "all" | "mediator", label: string): VNode => h("label", { class: held.told === told ? "choice choice-on" : "choice", key: told },
    h("input", { type: "radio", name: id("told"), value: told, props: { checked: held.told === told }, on: { change: () => change({ told }) } }), h("b", {}, label));
  return h("form", {
    class: "stack-s objection", key: "objection", novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        const now = writing.get(clause.id) ?? held;
        const reason = now.reason.trim();
        if (reason && !now.told) {
          call.notice(t("Please choose who may read your reason."), "warn");
          return;
        }
        void call.ask("answer_clause", { clause: clause.id, edition: clause.edition, agrees: false, reason, told: now.told === "all" }).then((done) => {
          if (!done) return;
          writing.delete(clause.id);
          call.dispatch({ type: "tick", at: Date.now() });
        });
      },
    },
  },
    h("p", {}, t("Everybody sees that you do not agree. Why is yours to tell or not.")),
    h("div", { class: "field" }, h("label", { for: id("reason") }, t("Why not? (may stay empty)")),
      h("textarea", {
        id: id("reason"), rows: "3", maxlength: "500", props: { value: held.reason },
        on: { input: (event) => change({ reason: (event.currentTarget as HTMLTextAreaElement).value }) },
      })),
    h("fieldset", {}, h("legend", { class: "label" }, t("Who may read the reason?")), h("div", { class: "choices" },
      choice("mediator", t("Only the mediator")), choice("all", t("Everybody in the room")))),
    h("button", { class: "btn btn-seal btn-big", type: "submit" }, t("I do not agree to this clause")),
    button(t("Think it over"), () => {
      writing.delete(clause.id);
      call.dispatch({ type: "tick", at: Date.now() });
    }, "btn btn-quiet"));
}

// How far one is, and the one way on; above the controls, so that both stay under the thumb.
export function readingFoot(call: Call, view: View): VNode | null {
  if (call.state.sheet === "facts" || !view.draft.clauses.length) return null;
  const { clauses } = view.draft;
  const of = clauses.length;
  const done = agreedByMe(view);
  const next = toAnswer(view)[0];
  const objected = clauses.find((clause) => mine(view, clause)?.agrees === false);
  if (view.draft.standing !== "decides") return h("section", { class: "reading-foot", key: "progress", "aria-label": t("How far you are") }, h("p", { class: "meta" }, t("Agreed by both: {done} of {of}", { done: both(view), of })));
  const sentence = t("You have agreed to {done} of {of}", { done, of });
  return h("section", { class: "reading-foot", key: "progress", "aria-label": t("How far you are") },
    h("div", { class: "reading-done", key: "done" }, h("p", { class: "meta" }, sentence),
      h("progress", { value: String(done), max: String(of), "aria-label": sentence })),
    next
      ? button(t("Go to {clause} ({n} to go)", { clause: clauseName(next), n: toAnswer(view).length }), () => jump(next.id), "btn btn-act", { key: "next" })
      : h("p", { key: "wait", role: "status" }, objected
        ? t("You do not agree to {clause}. The mediator will talk about it with both of you.", { clause: clauseName(objected) })
        : view.draft.agreed ? t("Both sides have agreed to every clause. The mediator takes it from here.")
          : t("You have agreed to all of it. We wait for the other side.")));
}

function both(view: View): number {
  const open = new Set(view.draft.missing.map((each) => each.clause));
  return view.draft.clauses.filter((clause) => !open.has(clause.id)).length;
}

function jump(id: string): void {
  const target = document.getElementById(clauseAnchor(id));
  target?.scrollIntoView?.({ block: "start" });
  target?.focus({ preventScroll: true }); // asked for by a tap
}

// Order 121 Art 24: what was performed at once, or what both do not want in writing, needs no written agreement.
function onPaper(call: Call, view: View): VNode {
  const side = view.you.side ?? view.you.role;
  const waived = view.draft.waived.some((each) => each === side);
  const all = view.draft.waived.length === 2;
  const choice = (waive: boolean, label: string, about: string): VNode => h("button", {
    type: "button", class: waived === waive ? "choice choice-on" : "choice", "aria-pressed": String(waived === waive), key: String(waive),
    disabled: view.draft.sealed || undefined,
    on: { click: () => void call.ask("waive_agreement", { waived: waive }) },
  }, icon(waived === waive ? "check" : "file"), h("b", {}, label), h("span", { class: "meta" }, about));
  return h("section", { class: "card stack-s", key: "paper", "aria-labelledby": "paper-title" },
    h("h2", { id: "paper-title" }, t("Do you want it in writing?")),
    h("p", {}, view.draft.at_once
      ? t("Everything agreed has been done on the spot. A written agreement is then not required; it is made if either of you wants it.")
      : t("Something is still to be done later. A written agreement with the office's seal helps if it is not; it is left out only if both of you do without.")),
    view.draft.standing === "decides" && h("div", { class: "choices" },
      choice(false, t("Yes, in writing"), t("Both sign on the phone, the office seals it")),
      choice(true, t("No, I do not need it"), t("The office keeps its record all the same"))),
    h("p", { class: "meta", role: "status" }, all ? t("Both sides do without a written agreement.")
      : view.draft.waived.length ? t("One side waives; it is made because the other has not said so.") : t("As it stands, it is made in writing.")));
}

// ---------------------------------------------------------------- facts

function factSheet(call: Call, view: View): Children {
  const decides = view.draft.standing === "decides";
  return [
    h("h1", { key: "title" }, t("Facts that both sides accept")),
    h("p", { class: "lede", key: "lede" }, decides
      ? t("Is that how it was? To accept a fact is not to give in; what you offered on the way is not written here.") : lede(view)),
    view.draft.facts.map((fact) => factCard(call, view, fact, decides)),
  ];
}

const disputing = new Map<string, string>(); // what is being typed, by fact

function factCard(call: Call, view: View, fact: Fact, decides: boolean): VNode {
  const given = mine(view, fact);
  const say = (agrees: boolean): void => void call.ask("answer_fact", { fact: fact.id, edition: fact.edition, agrees });
  return h("article", { class: fact.voided.length && !given ? "clause clause-void" : "clause", key: fact.id, "aria-labelledby": `fact-${fact.id}` },
    h("div", { class: "clause-main" }, voidedBanner(fact, view),
      h("h2", { id: `fact-${fact.id}` }, t("Fact {n}", { n: fact.number })), clauseText(fact),
      decides && !view.draft.sealed && h("div", { class: "clause-actions" },
        given?.agrees !== true && button(t("Yes, that is so"), () => say(true), "btn btn-act btn-big", { key: "yes" }),
        given?.agrees !== false && button(given?.agrees ? t("I no longer accept it") : t("No, it was not so"), () => say(false), given?.agrees ? "btn btn-quiet" : "btn btn-big", { key: "no" })),
      given?.agrees === false && decides && !view.draft.sealed && different(call, fact, given.confided)),
    h("p", { class: "clause-state" }, states(fact, view, true)));
}

// After the answer, which never waits for it: what was different.
function different(call: Call, fact: Fact, told: string): VNode {
  const text = disputing.get(fact.id) ?? told;
  const id = `different-${fact.id}`;
  const change = (to: string | null): void => {
    if (to === null) disputing.delete(fact.id);
    else disputing.set(fact.id, to);
    call.dispatch({ type: "tick", at: Date.now() });
  };
  return h("form", {
    class: "stack-s objection", key: "different", novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        const reason = (disputing.get(fact.id) ?? told).trim();
        if (!reason || reason === told) return change(null);
        void call.ask("answer_fact", { fact: fact.id, edition: fact.edition, agrees: false, reason }).then((done) => {
          if (!done) return;
          change(null);
          call.notice(t("The mediator reads what was different."));
        });
      },
    },
  },
    h("div", { class: "field" }, h("label", { for: id }, t("How was it then? (may stay empty)")),
      h("textarea", {
        id, rows: "3", maxlength: "500", "aria-describedby": `${id}-hint`, props: { value: text },
        on: { input: (event) => change((event.currentTarget as HTMLTextAreaElement).value) },
      }),
      h("p", { class: "hint", id: `${id}-hint` }, t("The mediator reads it, and it stands in the record of the mediation. The other side does not see it here."))),
    h("button", { class: "btn", type: "submit" }, told ? t("Change it") : t("Tell the mediator")));
}
