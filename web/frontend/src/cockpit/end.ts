// Ending: writing down the result, waiting until both have looked at it, closing the door.
import type { Call } from "../room/call";
import { button, h, icon, modal, type VNode } from "../dom";
import { clauseName, nextOpen } from "../room/drafting";
import { notSeen } from "../room/selectors";
import { outcomeFacts, outcomeTitle, seenList, termFacts } from "../views/pieces";
import type { OutcomeKind, View } from "../room/wire";
import { money, ordinal, sentence, t } from "../words";
import { emptyOutcome, emptyTerm, isProblem, MOST_TERMS, outcomeOf, recovered, type OutcomeDraft, type TermDraft } from "./outcome";

// Kept while the page lives, so that "back to the room" loses nothing that was typed.
let draft: OutcomeDraft = emptyOutcome();
let problem: { text: string; field: string; term: number } | null = null;

export function endDialog(call: Call, view: View): VNode | null {
  const close = (): void => call.open("none");
  if (view.outcome) return shown(call, view, close);
  if (view.draft.sealed && draft.kind !== "settled") draft = { ...draft, kind: "settled" };
  const drafted = view.draft.clauses.length > 0; // then the settlement is what was agreed, and nothing is typed again
  return modal("end", t("The result of this mediation is"), close, [
    h("form", {
      class: "stack", id: "end-form", novalidate: true,
      on: {
        input: (event) => read(event.currentTarget as HTMLFormElement, call),
        change: (event) => read(event.currentTarget as HTMLFormElement, call),
        submit: (event) => {
          event.preventDefault();
          read(event.currentTarget as HTMLFormElement, call);
          void propose(call, drafted);
        },
      },
    },
      h("fieldset", { key: "kinds" }, h("legend", { class: "vh" }, t("Result")), h("div", { class: "choices" },
        choice("settled", t("Settled"), t("Both agree on who does what, how much, by when")),
        // An agreement in effect can end in nothing else.
        !view.draft.sealed && choice("not_settled", t("Not settled"), t("The record holds facts, requests and reasons, no concessions")),
        !view.draft.sealed && choice("ended", t("Terminated (statutory ground)"), t("On one of the grounds that the law names")),
        !view.draft.sealed && choice("adjourned", t("Adjourned"), t("Both get a new link for the new time")))),
      draft.kind === "settled" && drafted && fromDraft(call, view),
      draft.kind === "settled" && !drafted && h("div", { class: "stack", key: "terms" },
        draft.terms.map((term, index) => termFields(call, view, term, index)),
        draft.terms.length < MOST_TERMS && button(t("Add a promise"), () => {
          draft = { ...draft, terms: [...draft.terms, emptyTerm(Math.max(0, ...draft.terms.map((x) => x.id)) + 1)] };
          call.dispatch({ type: "tick", at: Date.now() });
        }, "btn btn-dense"),
        h("p", {}, t("Loss recovered: "), h("b", { class: "money" }, money(recovered(draft))))),
      draft.kind === "ended" && h("div", { class: "field", key: "ground" }, complaint(0, "ground"), h("label", { for: "ground" }, t("Ground")),
        h("select", { id: "ground", name: "ground", required: true },
          h("option", { value: "" }, t("Choose the ground")),
          call.page.grounds.map((g) => h("option", { value: g.number, selected: draft.ground === String(g.number) },
            ordinal(g.number) + g.gist)))),
      draft.kind === "adjourned" && h("div", { class: "field", key: "when" }, complaint(0, "adjourned_to"), h("label", { for: "adjourned_to" }, t("New time")),
        h("input", { id: "adjourned_to", name: "adjourned_to", type: "datetime-local", value: draft.adjourned_to, required: true })),
      h("div", { class: "field", key: "note" }, h("label", { for: "note" }, t("Note for the record (both see it)")),
        h("textarea", { id: "note", name: "note", rows: "2", maxlength: "2000" }, draft.note)),
      h("div", { class: "banner", key: "banner" }, icon("info"),
        h("p", {}, t("Both sides see the result first; the session ends after they have looked at it. Then nothing can be changed, only corrections added.")))),
  ], [
    button(t("Back to the room"), close),
    h("button", {
      type: "submit", form: "end-form", class: "btn btn-act",
      "aria-busy": call.state.busy === "propose_outcome" ? "true" : undefined,
    }, t("Ask both to look at the result")),
  ]);
}

function choice(kind: OutcomeKind, label: string, about: string): VNode {
  const on = draft.kind === kind;
  return h("label", { class: on ? "choice choice-on" : "choice", key: kind },
    h("input", { type: "radio", name: "kind", value: kind, checked: on, props: { checked: on } }),
    h("b", {}, label), h("span", { class: "meta" }, about));
}

function termFields(call: Call, view: View, term: TermDraft, index: number): VNode {
  const id = (name: string): string => `term-${term.id}-${name}`;
  const side = (who: "consumer" | "business"): string => {
    const seat = view.seats.find((s) => s.role === who);
    return seat?.organisation || seat?.name || (who === "consumer" ? t("The consumer") : t("The business"));
  };
  return h("fieldset", { class: "paper term", key: `term-${term.id}` },
    h("legend", { class: "label" }, t("Promise {n}", { n: index + 1 })),
    h("div", { class: "field" }, h("label", { for: id("who") }, t("Who")),
      h("select", { id: id("who"), name: id("who") },
        h("option", { value: "business", selected: term.who === "business" }, side("business")),
        h("option", { value: "consumer", selected: term.who === "consumer" }, side("consumer")))),
    h("div", { class: "field" }, complaint(index + 1, "action"), h("label", { for: id("action") }, t("Does what")),
      h("input", { id: id("action"), name: id("action"), value: term.action, maxlength: "200" })),
    h("div", { class: "field" }, complaint(index + 1, "amount"), h("label", { for: id("amount") }, t("Amount in yuan, empty if none")),
      h("input", { id: id("amount"), name: id("amount"), value: term.amount, inputmode: "decimal", autocomplete: "off" })),
    h("div", { class: "field" }, h("label", { for: id("performance") }, t("When")),
      h("select", { id: id("performance"), name: id("performance") },
        h("option", { value: "later", selected: term.performance === "later" }, t("Due later")),
        h("option", { value: "on_the_spot", selected: term.performance === "on_the_spot" }, t("Done on the spot")))),
    term.performance === "later" && h("div", { class: "field", key: "due" }, complaint(index + 1, "due"), h("label", { for: id("due") }, t("At the latest")),
      h("input", { id: id("due"), name: id("due"), type: "datetime-local", value: term.due })),
    h("div", { class: "field" }, h("label", { for: id("how") }, t("How, for example the way it was paid")),
      h("input", { id: id("how"), name: id("how"), value: term.how, maxlength: "200" })),
    draft.terms.length > 1 && button(t("Remove promise {n}", { n: index + 1 }), () => {
      draft = { ...draft, terms: draft.terms.filter((other) => other.id !== term.id) };
      call.dispatch({ type: "tick", at: Date.now() });
    }, "btn btn-quiet btn-dense"));
}

// Above the field it is about, and focus goes there: the dialog may be scrolled elsewhere.
function complaint(term: number, field: string): VNode | null {
  if (problem?.term !== term || problem.field !== field) return null;
  return h("p", { class: "line danger", role: "alert", key: "problem" }, icon("alert"), problem.text);
}

function read(form: HTMLFormElement, call: Call): void {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "");
  draft = {
    kind: (text("kind") || draft.kind) as OutcomeKind,
    // A field that is not shown keeps what it held.
    ground: data.has("ground") ? text("ground") : draft.ground,
    adjourned_to: data.has("adjourned_to") ? text("adjourned_to") : draft.adjourned_to,
    note: text("note"),
    terms: draft.terms.map((term) => {
      const of = (name: string, held: string): string => (data.has(`term-${term.id}-${name}`) ? text(`term-${term.id}-${name}`) : held);
      return {
        id: term.id, who: of("who", term.who) as TermDraft["who"], action: of("action", term.action),
        amount: of("amount", term.amount), due: of("due", term.due), how: of("how", term.how),
        performance: of("performance", term.performance) as TermDraft["performance"],
      };
    }),
  };
  call.dispatch({ type: "tick", at: Date.now() });
}

// What the agreement says, taken over as it is; or what is missing, and the way there.
function fromDraft(call: Call, view: View): VNode {
  const terms = view.draft.clauses.flatMap((clause) => (clause.term ? [clause.term] : []));
  const open = nextOpen(view.draft);
  return h("section", { class: "stack", key: "from-draft", "aria-label": t("From the agreement") },
    open
      ? h("div", { class: "banner", "data-tone": "warn" }, icon("alert"), h("div", {},
        h("p", {}, t("Confirmations missing: {n}, the first of {clause}.", { n: view.draft.missing.length, clause: clauseName(open) })),
        button(t("Go to the agreement"), () => {
          call.open("none");
          call.dispatch({ type: "tab", tab: "agreement" });
        }, "btn btn-dense")))
      : h("div", { class: "banner", "data-tone": "ok" }, icon("check"), h("p", {}, t("Every clause is agreed by both ({n}).", { n: view.draft.clauses.length }))),
    terms.map((term, index) => h("div", { class: "paper", key: `agreed-${index}` }, termFacts(view, term))),
    h("p", {}, t("Loss recovered: "), h("b", { class: "money" }, money(recovered({ ...draft, terms: terms.map((term) => ({ ...emptyTerm(1), who: term.who, amount: term.amount ?? "" })) })))));
}

async function propose(call: Call, drafted: boolean): Promise<void> {
  if (drafted && draft.kind === "settled") {
    await call.ask("propose_agreed", { note: draft.note.trim() });
    return;
  }
  const made = outcomeOf(draft);
  problem = isProblem(made) ? { text: sentence("bad_outcome", { problem: made.field, term: made.term }), ...made } : null;
  call.dispatch({ type: "tick", at: Date.now() });
  if (isProblem(made)) {
    const term = draft.terms[made.term - 1];
    document.getElementById(term ? `term-${term.id}-${made.field}` : made.field)?.focus();
    return;
  }
  await call.ask("propose_outcome", { outcome: made });
}

// The result is with both sides: who has looked, take it back, close.
function shown(call: Call, view: View, close: () => void): VNode {
  const proposed = view.outcome!.proposed;
  const open = notSeen(view);
  const objects = view.outcome!.objections.length > 0;
  return modal("end-shown", outcomeTitle(proposed), close, [
    h("div", { class: "stack" }, outcomeFacts(call, view, proposed)),
    seenList(view),
    objects && h("div", { class: "banner", "data-tone": "seal", key: "objects" }, icon("alert"),
      h("p", {}, t("Talk it over; take it back to change it. It can be closed as it is, and the record shows that there was an objection."))),
    open.length > 0
      ? h("form", {
        class: "field", id: "anyway-form", key: "anyway",
        on: {
          submit: (event) => {
            event.preventDefault();
            const field = (event.currentTarget as HTMLFormElement).elements.namedItem("anyway") as HTMLInputElement;
            if (!field.value.trim()) {
              field.focus();
              call.notice(t("Please say why the session ends although not everybody has looked."), "warn");
              return;
            }
            void call.ask("close", { anyway: field.value.trim() });
          },
        },
      },
        h("label", { for: "anyway" }, t("If somebody cannot look: why end now?")),
        h("input", { id: "anyway", name: "anyway", maxlength: "200" }),
        h("div", { class: "line" }, h("button", { type: "submit", class: "btn btn-seal btn-dense" }, t("End anyway"))))
      : !objects && h("div", { class: "banner", "data-tone": "ok", key: "all-seen" }, icon("check"), h("p", {}, t("Everybody in the room has looked at the result."))),
  ], [
    button(t("Take it back"), () => void call.ask("take_back_outcome")),
    button(t("Back to the room"), close),
    open.length === 0 && button(t("End the mediation"), () => void call.ask("close", { anyway: "" }), "btn btn-stamp", {
      "aria-busy": call.state.busy === "close" ? "true" : undefined,
    }),
  ]);
}
