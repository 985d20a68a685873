// The card of this kind of dispute: what to establish, to ask each side, to explain and to propose, and what officers noted of it.
import type { Call } from "../room/call";
import { h, type Children, type VNode } from "../dom";
import type { Card, Phase, View } from "../room/wire";
import { t } from "../words";
import { showArticle } from "./panels/cases";
import { spoken } from "./script";

type Tick = (call: Call, item: string, done: boolean) => void;
type Section = "facts" | "consumer" | "business" | "settle";

// What lies open in which phase; the rest is a tap away.
const OPEN: Record<Phase, readonly string[]> = {
  opening: [], consumer_statement: ["facts", "consumer"], business_statement: ["business"], discussion: ["facts", "law"], proposal: ["settle"], closing: [],
};

export function kindCard(call: Call, view: View, phase: Phase, tick: Tick): VNode {
  const { card } = view;
  if (card && call.state.experience.kind !== card.kind) askNotes(call, card.kind);
  return h("section", { class: "script of-kind stack-s", "aria-label": t("Card of this kind of dispute"), key: "card" },
    choice(call, view),
    card && [
      questions(call, view, card, "facts", t("Facts to establish"), phase, tick),
      questions(call, view, card, "consumer", t("Ask the consumer"), phase, tick),
      questions(call, view, card, "business", t("Ask the business"), phase, tick),
      card.law.length > 0 && part("law", t("What the law says"), phase, h("ul", { class: "cites" }, card.law.map((article) =>
        h("li", { key: article.id }, showArticle(call, view, article.id, spoken({ zh: article.zh, en: article.en }, call.page.language)))))),
      questions(call, view, card, "settle", t("Usual ways to settle"), phase, tick),
      notes(call, phase),
    ]);
}

function choice(call: Call, view: View): VNode {
  const kinds = call.page.kinds ?? [];
  const now = view.card?.kind ?? "";
  return h("div", { class: "field", key: "kind" }, h("label", { for: "card-kind" }, t("Kind of dispute")),
    h("select", { id: "card-kind", on: { change: (event) => {
      const { value } = event.currentTarget as HTMLSelectElement;
      if (value && value !== now) void call.ask("take_card", { kind: value });
    } } },
    !now && h("option", { value: "", key: "none" }, t("Choose a kind")),
    kinds.map(({ kind, title }) => h("option", { value: kind, key: kind, props: { selected: kind === now } }, title))));
}

function questions(call: Call, view: View, card: Card, section: Section, title: string, phase: Phase, tick: Tick): VNode {
  return part(section, title, phase, h("fieldset", { class: "stack-s" }, h("legend", { class: "vh" }, title), card[section].map((line, index) => {
    const item = `${card.kind}.${card.edition}.${section}.${index + 1}`;
    return h("label", { class: "check", key: item },
      h("input", {
        type: "checkbox", props: { checked: call.state.covered[item] ?? view.script.includes(item) },
        on: { change: (event) => tick(call, item, (event.currentTarget as HTMLInputElement).checked) },
      }), spoken(line, call.page.language));
  })));
}

function notes(call: Call, phase: Phase): VNode | null {
  const { experience } = call.state;
  if (experience.state === "failed") return h("p", { class: "meta", key: "notes" }, t("The notes could not be looked up just now."));
  if (!experience.notes.length) return null;
  return part("notes", t("What colleagues noted"), phase, experience.notes.map((note) => h("div", { class: "paper stack-s", key: note.path },
    h("p", {}, h("a", { href: note.path, target: "_blank", rel: "noopener" }, note.title)), h("p", { class: "said", lang: "zh-CN" }, note.text),
    h("p", { class: "meta" }, note.by))));
}

function part(name: string, title: string, phase: Phase, inside: Children): VNode {
  return h("details", { key: `${name}-${phase}`, hook: (element) => begin(element as HTMLDetailsElement, OPEN[phase].includes(name)) }, h("summary", {}, title), inside);
}

// Once: whoever closes it again has closed it.
function begin(element: HTMLDetailsElement, open: boolean): void {
  if (element.dataset.begun) return;
  element.dataset.begun = "yes";
  element.open = open;
}

function askNotes(call: Call, kind: string): void {
  if (!call.page.experience) return;
  call.dispatch({ type: "experience", notes: { kind, state: "asking", notes: [] } });
  void fetch(`${call.page.experience}?kind=${encodeURIComponent(kind)}`, { headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(String(response.status)))))
    .then(
      ({ notes: found }) => call.dispatch({ type: "experience", notes: { kind, state: "found", notes: found } }),
      () => call.dispatch({ type: "experience", notes: { kind, state: "failed", notes: [] } }));
}
