// Writing a clause: who does what, how much, by when, and the text that comes of it.
import type { Call } from "../../room/call";
import { sideTitle } from "../../room/drafting";
import { button, h, icon, type VNode } from "../../dom";
import { Refusal, type Clause, type Phrased, type View } from "../../room/wire";
import { money, sentence, t, utcToWall } from "../../words";
import { isProblem, termOf, yuan, type TermDraft } from "../outcome";
import { dayMeant, editing, emptyClause, fromTemplate, readsAs, rephrased, toPut, type ClauseDraft, type Template } from "./form";

const PREVIEW_AFTER_MS = 250;

// Kept while the page lives, so that neither another tab nor a broken connection loses what was typed.
let draft: ClauseDraft | null = null;
let problem: { field: string; text: string } | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;
let asked = "";
let saving = false;
let when = ""; // a day as it is being typed
// Settled when it is known whether the clause being changed still reads as its promise made it.
let known: Promise<void> = Promise.resolve();

export function writing(): ClauseDraft | null {
  return draft;
}

export function begin(call: Call, view: View, clause = "", kind: ClauseDraft["kind"] = "promise"): void {
  const found = view.draft.clauses.find((each) => each.id === clause);
  draft = found ? editing(found) : emptyClause(kind);
  problem = null;
  asked = when = "";
  redraw(call);
  known = found?.term ? untouched(call, found) : Promise.resolve();
  // By the writer's own tap or key.
  setTimeout(() => document.getElementById(draft?.kind === "free" || found ? "clause-text" : "clause-action")?.focus(), 0);
}

// A text that is still as the promise made it follows the promise when that is changed.
async function untouched(call: Call, clause: Clause): Promise<void> {
  const made = await call.answer<Phrased>("preview_clause", { term: clause.term });
  if (!draft || draft.clause !== clause.id || made instanceof Refusal) return;
  if (!readsAs(clause, made) || !readsAs(draft, made)) return;
  draft = { ...draft, byHand: false };
  preview(call);
  redraw(call);
}

// With what is known of the complaint in its blanks; the first field that is still empty is where one goes on.
export function beginWith(call: Call, view: View, template: Template): void {
  begin(call, view);
  draft = fromTemplate(template, {
    goods: view.case?.goods ?? "", amount: template.amount === "asked" ? view.case?.amount ?? "" : "",
    consumer: sideTitle(view, "consumer"), business: sideTitle(view, "business"), today: today(),
  });
  preview(call);
  redraw(call);
  const empty = draft.kind === "free" ? "clause-text" : template.amount && !draft.term.amount ? "clause-amount" : "clause-save";
  setTimeout(() => document.getElementById(empty)?.focus(), 0);
}

function today(): string {
  return utcToWall(new Date().toISOString()).slice(0, 10);
}

function redraw(call: Call): void {
  call.dispatch({ type: "tick", at: Date.now() });
}

function close(call: Call): void {
  draft = null;
  problem = null;
  redraw(call);
}

export function editor(call: Call, view: View): VNode | null {
  const held = draft;
  if (!held) return null;
  const now = view.draft.clauses.find((clause) => clause.id === held.clause);
  const overtaken = held.clause !== "" && now?.edition !== held.edition;
  return h("form", {
    class: "paper stack-s clause-form", key: `form-${held.clause}`, novalidate: true, "aria-label": held.clause ? t("Change the clause") : t("A new clause"),
    on: {
      input: (event) => read(call, event.currentTarget as HTMLFormElement, event.target as HTMLElement),
      change: (event) => read(call, event.currentTarget as HTMLFormElement, event.target as HTMLElement),
      submit: (event) => {
        event.preventDefault();
        read(call, event.currentTarget as HTMLFormElement, null);
        void save(call);
      },
      keydown: (event) => {
        const key = event as KeyboardEvent;
        if (key.isComposing) return;
        if (key.key === "Escape") {
          key.preventDefault();
          key.stopPropagation();
          close(call);
        } else if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) {
          key.preventDefault();
          (key.currentTarget as HTMLFormElement).requestSubmit?.();
        }
      },
    },
  },
    overtaken && h("div", { class: "banner", "data-tone": "warn", key: "overtaken" }, icon("alert"),
      h("p", {}, now ? t("This clause was changed elsewhere meanwhile. What you typed is kept here; look at it and save once more.") : t("This clause was removed meanwhile. What you typed is kept here."),
        " ", button(t("Load the current edition"), () => {
          if (draft) draft = { ...draft, clause: now ? draft.clause : "", edition: now?.edition ?? 0 };
          redraw(call);
        }, "btn btn-dense"))),
    h("fieldset", { class: "line", key: "kind" }, h("legend", { class: "vh" }, t("What kind of clause")),
      kindChoice("promise", t("A promise: who does what")), kindChoice("free", t("Other words"))),
    held.kind === "promise" && promiseFields(call, view, held.term),
    h("div", { class: "field", key: "text" }, wrong("text"), h("label", { for: "clause-text" }, held.kind === "promise" ? t("The clause, made from the above; you may change it") : t("The clause")),
      h("textarea", {
        id: "clause-text", name: "text", rows: "4", maxlength: "1000", lang: "zh-CN", class: "clause-text", props: { value: held.text },
        placeholder: held.kind === "promise" ? t("It writes itself once who, what and when are there.") : undefined,
      }),
      held.kind === "promise" && held.byHand && button(t("Rewrite it from the promise"), () => {
        if (draft) draft = { ...draft, byHand: false };
        asked = "";
        preview(call);
      }, "btn btn-quiet btn-dense")),
    h("details", { key: "more", open: held.kind === "free" || undefined }, h("summary", {}, t("Heading, everyday words, English")),
      h("div", { class: "stack-s" },
        field("heading", t("Heading, a few words"), held.heading, "40"),
        area("plain", t("In everyday words"), held.plain, "zh-CN"),
        area("gloss", t("In English, for whoever reads no Chinese; explains, is not signed"), held.gloss, "en"))),
    h("div", { class: "line", key: "foot" },
      h("button", { class: "btn btn-act btn-dense", type: "submit", id: "clause-save", "aria-keyshortcuts": "Control+Enter", "aria-busy": saving ? "true" : undefined },
        held.clause ? t("Save, answers to it become void") : t("Show it to both"), " ", h("kbd", {}, "Ctrl ⏎")),
      button([t("Cancel"), " ", h("kbd", {}, "Esc")], () => close(call), "btn btn-dense")));
}

function kindChoice(kind: ClauseDraft["kind"], label: string): VNode {
  return h("label", { class: "check", key: kind }, h("input", { type: "radio", name: "kind", value: kind, props: { checked: draft?.kind === kind } }), label);
}

// Sums that are likely: what is asked for, and what stands in other clauses.
function likely(view: View): string[] {
  const known = [view.case?.amount ?? "", ...view.draft.clauses.map((clause) => clause.term?.amount ?? "")].filter(Boolean);
  return [...new Set(known)].slice(0, 4);
}

const DAYS = (): [typed: string, label: string][] => [
  ["3", t("3 days")], ["7", t("7 days")], ["15", t("15 days")], ["30", t("30 days")], ["month", t("end of month")],
];

function promiseFields(call: Call, view: View, term: TermDraft): VNode {
  const set = (to: Partial<TermDraft>): void => {
    if (!draft) return;
    draft = { ...draft, term: { ...draft.term, ...to } };
    preview(call);
    redraw(call);
  };
  const chip = (label: string, to: Partial<TermDraft>, on: boolean): VNode => button(label, () => set(to), "btn btn-quiet btn-dense chip", { key: label, "aria-pressed": String(on) });
  const until = (typed: string): string => dayMeant(typed, today()) ?? "";
  return h("div", { class: "term", key: "promise" },
    h("div", { class: "field" }, h("label", { for: "clause-who" }, t("Who")),
      h("select", { id: "clause-who", name: "who", props: { value: term.who } },
        h("option", { value: "business" }, sideTitle(view, "business")), h("option", { value: "consumer" }, sideTitle(view, "consumer")))),
    h("div", { class: "field" }, wrong("action"), h("label", { for: "clause-action" }, t("Does what")),
      h("input", { id: "clause-action", name: "action", maxlength: "200", autocomplete: "off", props: { value: term.action } })),
    h("div", { class: "field" }, wrong("amount"), h("label", { for: "clause-amount" }, t("Amount in yuan, empty if none")),
      h("input", { id: "clause-amount", name: "amount", inputmode: "decimal", autocomplete: "off", props: { value: term.amount } }),
      likely(view).length > 0 && h("span", { class: "chips", key: "likely" }, likely(view).map((sum) => chip(money(sum), { amount: sum }, yuan(term.amount) === sum)))),
    h("div", { class: "field" }, h("label", { for: "clause-performance" }, t("When")),
      h("select", { id: "clause-performance", name: "performance", props: { value: term.performance } },
        h("option", { value: "later" }, t("Due later")), h("option", { value: "on_the_spot" }, t("Done on the spot")))),
    term.performance === "later" && h("div", { class: "field field-due", key: "due" }, wrong("due"), h("label", { for: "clause-due" }, t("At the latest")),
      h("input", { id: "clause-due", name: "due", type: "datetime-local", props: { value: term.due } }),
      h("span", { class: "chips" }, DAYS().map(([typed, label]) => chip(label, { due: until(typed) }, term.due !== "" && term.due === until(typed))),
        h("input", {
          id: "clause-when", class: "when", autocomplete: "off", maxlength: "40", "aria-label": t("The day in words: 10 days, end of next month, 7-10"), placeholder: t("or: 10 days, 7-10"),
          props: { value: when },
          on: { input: (event) => {
            event.stopPropagation();
            when = (event.currentTarget as HTMLInputElement).value;
            const meant = dayMeant(when, today());
            if (meant) set({ due: meant });
            else redraw(call);
          } },
        })),
      when.trim() !== "" && !dayMeant(when, today()) && h("p", { class: "meta", key: "unread" }, t("No day recognised yet."))),
    h("div", { class: "field", key: "how" }, h("label", { for: "clause-how" }, t("How, for example the way it was paid")),
      h("input", { id: "clause-how", name: "how", maxlength: "200", props: { value: term.how } })));
}

function field(name: string, label: string, value: string, most: string): VNode {
  return h("div", { class: "field", key: name }, h("label", { for: `clause-${name}` }, label),
    h("input", { id: `clause-${name}`, name, maxlength: most, props: { value } }));
}

function area(name: string, label: string, value: string, lang: string): VNode {
  return h("div", { class: "field", key: name }, h("label", { for: `clause-${name}` }, label),
    h("textarea", { id: `clause-${name}`, name, rows: "2", maxlength: "1000", lang, props: { value } }));
}

function wrong(name: string): VNode | null {
  return problem?.field === name ? h("p", { class: "line danger", role: "alert", key: "wrong" }, icon("alert"), problem.text) : null;
}

function read(call: Call, form: HTMLFormElement, touched: HTMLElement | null): void {
  if (!draft) return;
  const data = new FormData(form);
  const text = (name: string, held: string): string => (data.has(name) ? String(data.get(name)) : held);
  const hand = touched?.id === "clause-text" || touched?.id === "clause-plain" || touched?.id === "clause-gloss" || touched?.id === "clause-heading";
  const before = draft;
  const { term } = before;
  draft = {
    ...before, kind: text("kind", before.kind) as ClauseDraft["kind"], byHand: before.byHand || hand,
    text: text("text", before.text), plain: text("plain", before.plain), gloss: text("gloss", before.gloss), heading: text("heading", before.heading),
    term: {
      id: 1, who: text("who", term.who) as TermDraft["who"], action: text("action", term.action), amount: text("amount", term.amount),
      performance: text("performance", term.performance) as TermDraft["performance"], due: text("due", term.due), how: text("how", term.how),
    },
  };
  if (draft.kind === "promise" && !hand) preview(call);
  redraw(call);
}

// How the promise reads; asked of the server, which writes what will be kept.
function preview(call: Call): void {
  if (!draft || draft.byHand) return;
  const term = termOf(draft.term, 1);
  if (isProblem(term)) return;
  const wanted = JSON.stringify(term);
  if (wanted === asked) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    asked = wanted;
    void call.answer<Phrased>("preview_clause", { term }).then((made) => {
      if (!draft || made instanceof Refusal || asked !== wanted) return;
      draft = rephrased(draft, made);
      redraw(call);
    });
  }, PREVIEW_AFTER_MS);
}

async function save(call: Call): Promise<void> {
  if (saving) return;
  const meant = draft?.clause;
  saving = true;
  redraw(call);
  try {
    await known; // a sum changed by a quick hand on a slow network is not sent with the words of the old one
    if (draft?.clause === meant) await put(call); // else it was left for another meanwhile
  } finally {
    saving = false;
    redraw(call);
  }
}

async function put(call: Call): Promise<void> {
  if (!draft) return;
  const made = toPut(draft);
  if (isProblem(made)) {
    const name = made.field;
    const code = name === "text" || name === "action" ? "missing" : "bad_outcome";
    problem = { field: name, text: sentence(code, { field: name, problem: name, term: 1 }) };
    redraw(call);
    document.getElementById(`clause-${name}`)?.focus();
    return;
  }
  problem = null;
  const sent = draft;
  const done = await call.ask("put_clause", { ...made });
  if (done && draft && draft.clause === sent.clause) close(call);
}
