// The sheet of undisputed facts at the desk.
import type { Call } from "../../room/call";
import { undisputed } from "../../room/drafting";
import { button, h, icon, type VNode } from "../../dom";
import { clauseText, reasons, states } from "../../views/clause";
import type { Fact, View } from "../../room/wire";
import { t } from "../../words";

let writing: { fact: string; edition: number; text: string } | null = null;

export function factPaper(call: Call, view: View): VNode {
  const { facts } = view.draft;
  const certain = facts.filter(undisputed).length;
  return h("section", { class: "paper stack-s", key: "facts", "aria-labelledby": "facts-title" },
    h("div", { class: "line apart" }, h("h2", { id: "facts-title" }, t("Facts that both sides accept")),
      facts.length > 0 && h("span", { class: "badge", "data-tone": certain === facts.length ? "ok" : "warn" }, t("{n} of {of} accepted", { n: certain, of: facts.length }))),
    facts.length === 0 && !writing && h("p", { class: "meta" }, t("What both say alike: the day, the sum, what was bought. Each side confirms it on the phone.")),
    h("ul", { class: "stack-s" }, facts.map((fact) => h("li", { key: fact.id },
      writing?.fact === fact.id ? form(call) : item(call, fact, view)))),
    writing && writing.fact === "" ? form(call) : button(t("Add a fact"), () => begin(call, "", 0, ""), "btn btn-quiet btn-dense", { key: "add" }));
}

function item(call: Call, fact: Fact, view: View): VNode {
  return h("div", { class: "stack-s" }, clauseText(fact), reasons(fact, view),
    h("p", { class: "clause-state" }, states(fact, view, true),
      h("span", { class: "line" },
        button(t("Edit"), () => begin(call, fact.id, fact.edition, fact.text), "btn btn-quiet btn-dense", { "aria-label": t("Edit fact {n}", { n: fact.number }) }),
        button(icon("cross"), () => void call.ask("remove_fact", { fact: fact.id, edition: fact.edition }), "btn btn-quiet btn-dense btn-icon",
          { "aria-label": t("Remove fact {n}", { n: fact.number }), title: t("Remove fact {n}", { n: fact.number }) }))));
}

export function begin(call: Call, fact: string, edition: number, text: string): void {
  writing = { fact, edition, text };
  call.dispatch({ type: "tick", at: Date.now() });
  setTimeout(() => document.getElementById("fact-text")?.focus(), 0);
}

function form(call: Call): VNode {
  const close = (): void => {
    writing = null;
    call.dispatch({ type: "tick", at: Date.now() });
  };
  return h("form", {
    class: "field", key: "fact-form", novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        if (!writing) return;
        const sent = writing;
        void call.ask("put_fact", { fact: sent.fact, edition: sent.edition, text: sent.text.trim() }).then((done) => {
          if (done && writing?.text === sent.text) close();
        });
      },
      keydown: (event) => {
        const key = event as KeyboardEvent;
        if (key.isComposing) return;
        if (key.key === "Escape") {
          key.preventDefault();
          key.stopPropagation();
          close();
        } else if (key.key === "Enter" && !key.shiftKey) {
          key.preventDefault();
          (key.currentTarget as HTMLFormElement).requestSubmit?.();
        }
      },
    },
  },
    h("label", { for: "fact-text" }, t("A fact, as both would put it")),
    h("textarea", {
      id: "fact-text", rows: "2", maxlength: "500", lang: "zh-CN", props: { value: writing?.text ?? "" },
      on: { input: (event) => { if (writing) writing = { ...writing, text: (event.currentTarget as HTMLTextAreaElement).value }; } },
    }),
    h("div", { class: "line" }, h("button", { class: "btn btn-dense", type: "submit" }, t("Show it to both")), button(t("Cancel"), close, "btn btn-quiet btn-dense")));
}
