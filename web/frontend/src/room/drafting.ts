// What can be read off the draft of the agreement: what is missing, where to go next, how an article is called. Pure.
import type { Clause, Draft, Fact, Seat, Side, SideAnswer, View } from "./wire";
import { inChinese, numeral, t } from "../words";

export const SIDES: readonly Side[] = ["consumer", "business"];

// 第一条, Clause 1.
export function clauseName(clause: { number: number }): string {
  return inChinese() ? `第${numeral(clause.number)}条` : t("Clause {n}", { n: clause.number });
}

export function mine(view: View, thing: Clause | Fact): SideAnswer | null {
  const { side } = view.you;
  const own = side ?? (view.you.role === "consumer" || view.you.role === "business" ? view.you.role : null);
  return own ? thing.sides[own] : null;
}

// Clauses this person has yet to agree to, or has objected to; in their order.
export function toAnswer(view: View): Clause[] {
  if (view.draft.standing !== "decides") return [];
  return view.draft.clauses.filter((clause) => !mine(view, clause));
}

export function agreedByMe(view: View): number {
  return view.draft.clauses.filter((clause) => mine(view, clause)?.agrees).length;
}

export function factsToAnswer(view: View): Fact[] {
  if (view.draft.standing !== "decides") return [];
  return view.draft.facts.filter((fact) => !mine(view, fact));
}

// The clause the mediator should put to both next: the first that is not agreed by both.
export function nextOpen(draft: Draft): Clause | undefined {
  return draft.clauses.find((clause) => draft.missing.some((each) => each.clause === clause.id));
}

export function undisputed(fact: Fact): boolean {
  return SIDES.every((side) => fact.sides[side]?.agrees === true);
}

export function principal(view: View, side: Side): Seat | undefined {
  return view.seats.find((seat) => seat.role === side);
}

// As the agreement calls a side.
export function sideTitle(view: View, side: Side): string {
  const seat = principal(view, side);
  return (side === "business" && seat?.organisation) || seat?.name || (side === "consumer" ? t("The consumer") : t("The business"));
}
