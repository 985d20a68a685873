// What can be read off the draft of the agreement: what is missing, where to go next, how an article is called. Pure.
import type { Asked, Clause, ClientMessages, Draft, Fact, Seat, Side, SideAnswer, View } from "./wire";
import { inChinese, numeral, t } from "../words";

export const SIDES: readonly Side[] = ["consumer", "business"];

// 第一条, Clause 1.
export function clauseName(clause: { number: number }): string {
  return inChinese() ? `第${numeral(clause.number)}条` : t("Clause {n}", { n: clause.number });
}

function ownSide({ you }: View): Side | null {
  return you.side ?? (you.role === "consumer" || you.role === "business" ? you.role : null);
}

export function mine(view: View, thing: Clause | Fact): SideAnswer | null {
  const own = ownSide(view);
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

// Whether what is asked for makes every signature void: while a text lies there to be signed, it changes that text, takes an
// agreement to it back, or ends the session before the seal.
export function voidsSigning<Name extends Asked>(view: View, name: Name, body?: ClientMessages[Name]): boolean {
  if (view.signing?.state !== "open") return false;
  const { agrees, waived, fact } = { ...body } as { agrees?: boolean; waived?: boolean; fact?: string };
  const about = view.draft.facts.find((each) => each.id === fact);
  switch (name) {
    case "put_clause": case "remove_clause": case "restore_clause": case "move_clause": case "record_authority": case "close": return true;
    case "answer_clause": return agrees === false;
    case "put_fact": case "remove_fact": return about !== undefined && undisputed(about);
    case "answer_fact": return about !== undefined && undisputed(about) !== undisputed({ ...about, sides: answered(view, about, agrees === true) });
    case "waive_agreement": return (view.draft.waived.length === 2) !== (waived === true && view.draft.waived.some((side) => side !== ownSide(view)));
    default: return false;
  }
}

function answered(view: View, fact: Fact, agrees: boolean): Fact["sides"] {
  const own = ownSide(view);
  return own ? { ...fact.sides, [own]: { ...fact.sides[own], agrees } } : fact.sides;
}
