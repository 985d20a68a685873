// A clause as both screens show it: its text with what an edit changed, and who has answered what; and the strip that leads there.
import type { Call } from "../room/call";
import { clauseName, factsToAnswer, sideTitle, SIDES, toAnswer } from "../room/drafting";
import { difference } from "../room/difference";
import { button, h, icon, mark, type Children, type VNode } from "../dom";
import { seatOf } from "../room/selectors";
import type { Clause, Fact, Side, SideAnswer, View } from "../room/wire";
import { clockTime, t } from "../words";

// Its text is Chinese whatever the page speaks. An edit is shown as long as the edition before was shown to anybody.
export function clauseText(thing: Clause | Fact): VNode {
  if (!thing.before) return h("p", { class: "clause-text", lang: "zh-CN" }, thing.text);
  return h("p", { class: "clause-text", lang: "zh-CN", key: `text-${thing.edition}` },
    difference(thing.before, thing.text).map((stretch) => (stretch.kind === "same" ? stretch.text
      : h(stretch.kind, {}, stretch.text))));
}

// What it comes to: everyday words in Chinese; in an English page the English, which explains and is not signed.
export function explained(clause: Clause, language: string): Children {
  if (language === "zh") return clause.plain && h("p", { class: "meta clause-plain" }, clause.plain);
  return [
    h("p", { class: "meta clause-plain", key: "gloss" }, clause.gloss || t("Nobody has put this clause into English yet. Please ask the mediator.")),
    clause.plain && h("p", { class: "meta", lang: "zh-CN", key: "plain" }, clause.plain),
  ];
}

// Why it must be read once more.
export function voidedBanner(thing: Clause | Fact, view: View): VNode | null {
  if (!thing.voided.length || SIDES.every((side) => thing.sides[side])) return null;
  const both = thing.voided.length > 1;
  const text = both
    ? t("This has just been changed. What both sides had answered is void; please read it again.")
    : t("This has just been changed. What {name} had answered is void; please read it again.", { name: sideName(view, thing.voided[0] as Side) });
  return h("div", { class: "banner", "data-tone": "warn", key: "voided" }, icon("alert"), h("p", {}, text));
}

export function sideName(view: View, side: Side): string {
  return own(view) === side ? t("You") : side === "consumer" ? t("The consumer") : t("The business");
}

function own(view: View): Side | null {
  return view.you.side ?? (view.you.role === "consumer" || view.you.role === "business" ? view.you.role : null);
}

export function states(thing: Clause | Fact, view: View, fact = false): VNode[] {
  return SIDES.map((side) => h("span", { key: side }, mark(side), h("span", {}, view.you.mediator ? sideTitle(view, side) : sideName(view, side)),
    answer(thing.sides[side], view, side, fact)));
}

function answer(given: SideAnswer | null, view: View, side: Side, fact: boolean): Children {
  if (!given) return h("b", { class: "warn" }, own(view) === side && view.draft.standing === "decides" ? t("to be read by you") : t("not answered yet"));
  const proxy = seatOf(view, given.seat);
  const said = given.agrees
    ? h("b", { class: "ok" }, fact ? t("accepted") : t("agreed"))
    : h("b", { class: "danger" }, fact ? t("not accepted") : t("does not agree"));
  return [said, h("time", { datetime: given.at, class: "num" }, clockTime(given.at)),
    proxy && proxy.role !== "consumer" && proxy.role !== "business" && h("span", { class: "meta" }, t("by {name}", { name: proxy.name }))];
}

// Why somebody does not agree, as far as this person may know.
export function reasons(clause: Clause | Fact, view: View): Children {
  const clauseOf = "asked" in clause;
  return SIDES.map((side) => {
    const given = clause.sides[side];
    if (!given || given.agrees || !(given.reason || given.confided)) return null;
    return h("p", { class: "clause-reason", key: `reason-${side}` }, h("b", {}, sideName(view, side), t(": ")),
      given.reason || given.confided,
      given.confided && clauseOf && h("span", { class: "meta" }, " ", view.you.mediator ? t("(told to you alone)") : t("(told to the mediator alone)")));
  });
}

export function removedList(view: View, again: ((id: string) => Children) | null = null): VNode | null {
  if (!view.draft.removed.length) return null;
  return h("details", { class: "removed", key: "removed" }, h("summary", {}, t("Removed clauses ({n})", { n: view.draft.removed.length })),
    h("ul", { class: "stack-s" }, view.draft.removed.map((gone) => h("li", { key: gone.id },
      h("span", { class: "meta" }, t("was {clause}", { clause: clauseName(gone) })), " ", h("del", { lang: "zh-CN" }, gone.text), again?.(gone.id)))));
}

export function hasDraft(view: View): boolean {
  return view.draft.clauses.length > 0 || view.draft.removed.length > 0 || view.draft.facts.length > 0;
}

// Under the picture: there is a draft, and whether it waits for this person.
export function draftStrip(call: Call, view: View): VNode | null {
  if (!hasDraft(view)) return null;
  const open = toAnswer(view).length;
  const facts = factsToAnswer(view).length;
  const { length } = view.draft.clauses;
  return h("section", { class: "draft-strip", key: "draft-strip", "aria-label": t("Agreement") },
    length > 0 && button([icon("file"), open
      ? t("Agreement: {n} to answer", { n: open })
      : view.draft.agreed ? t("Agreement: both have agreed to all of it") : t("Look at the agreement ({n})", { n: length })],
    () => call.open("clauses"), open ? "btn btn-act" : "btn"),
    view.draft.facts.length > 0 && button(facts ? t("Facts: {n} to answer", { n: facts }) : t("Undisputed facts"),
      () => call.open("facts"), facts && !open ? "btn btn-act" : "btn"));
}
