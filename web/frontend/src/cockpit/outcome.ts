// The outcome as the mediator fills it in, and what it becomes on the wire. Pure.
import type { Outcome, OutcomeKind, Side, Term } from "../room/wire";
import { wallToUtc } from "../words";

export interface TermDraft {
  id: number;
  who: Side;
  action: string;
  amount: string;
  performance: "on_the_spot" | "later";
  due: string; // datetime-local
  how: string;
}

export interface OutcomeDraft {
  kind: OutcomeKind;
  terms: TermDraft[];
  ground: string;
  adjourned_to: string; // datetime-local
  note: string;
}

export type Problem = { field: string; term: number };

export const MOST_TERMS = 20;

export function emptyTerm(id: number): TermDraft {
  return { id, who: "business", action: "", amount: "", performance: "later", due: "", how: "" };
}

export function emptyOutcome(): OutcomeDraft {
  return { kind: "settled", terms: [emptyTerm(1)], ground: "", adjourned_to: "", note: "" };
}

const UNITS: Record<string, number> = { 百: 100, 千: 1000, 万: 10_000 };

// "2,000", "2000.5", "￥2000", "1.5万元" → "2000.00", "2000.50", "2000.00", "15000.00"; null: not an amount.
export function yuan(text: string): string | null {
  let plain = text.trim().replace(/^[¥￥]/, "").replace(/[,，\s元]/g, "");
  const rounded = /^(\d{1,4}(?:\.\d{1,4})?)([百千万])$/.exec(plain);
  if (rounded) plain = (Math.round(Number(rounded[1]) * UNITS[rounded[2]!]! * 100) / 100).toFixed(2);
  const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain);
  return parts ? `${parts[1]!.replace(/^0+(?=\d)/, "")}.${(parts[2] ?? "").padEnd(2, "0")}` : null;
}

// What the business pays, which is what the consumer gets back; in cents, so that nothing is rounded.
export function recovered(draft: OutcomeDraft): string {
  let cents = 0;
  for (const term of draft.terms) {
    const amount = term.who === "business" ? yuan(term.amount) : null;
    if (amount) cents += Number(amount.replace(".", ""));
  }
  const text = String(cents).padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

export function outcomeOf(draft: OutcomeDraft): Outcome | Problem {
  const outcome: Outcome = {
    kind: draft.kind, terms: [], loss_recovered: "0.00", ground: null, adjourned_to: null, note: draft.note.trim(),
  };
  if (draft.kind === "settled") {
    for (const [index, term] of draft.terms.entries()) {
      const made = termOf(term, index + 1);
      if ("field" in made) return made;
      outcome.terms.push(made);
    }
    outcome.loss_recovered = recovered(draft);
  } else if (draft.kind === "ended") {
    if (!draft.ground) return { field: "ground", term: 0 };
    outcome.ground = Number(draft.ground);
  } else if (draft.kind === "adjourned") {
    outcome.adjourned_to = wallToUtc(draft.adjourned_to);
    if (outcome.adjourned_to === null) return { field: "adjourned_to", term: 0 };
  }
  return outcome;
}

// One promise, or what is wrong with it.
export function termOf(term: TermDraft, number: number): Term | Problem {
  const amount = term.amount.trim() ? yuan(term.amount) : null;
  const later = term.performance === "later";
  const due = later ? wallToUtc(term.due) : null;
  if (!term.action.trim()) return { field: "action", term: number };
  if (term.amount.trim() && amount === null) return { field: "amount", term: number };
  if (later && due === null) return { field: "due", term: number };
  return { who: term.who, action: term.action.trim(), amount, due, how: term.how.trim(), performance: term.performance };
}

export function isProblem<T extends object>(made: T | Problem): made is Problem {
  return "field" in made;
}
