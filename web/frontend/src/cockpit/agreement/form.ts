// The clause being written at the desk: what its fields hold, and what is sent. Pure.
import { utcToWall } from "../../words";
import { emptyTerm, termOf, type Problem, type TermDraft } from "../outcome";
import type { Clause, Phrased, Term } from "../../room/wire";

export interface ClauseDraft {
  clause: string; // "" is a new one
  edition: number;
  kind: "promise" | "free";
  term: TermDraft;
  text: string;
  plain: string;
  gloss: string;
  heading: string;
  byHand: boolean; // the text is the writer's own: a change of the promise no longer rewrites it
}

export function emptyClause(kind: ClauseDraft["kind"] = "promise"): ClauseDraft {
  return { clause: "", edition: 0, kind, term: emptyTerm(1), text: "", plain: "", gloss: "", heading: "", byHand: false };
}

export function editing(clause: Clause): ClauseDraft {
  const { term } = clause;
  return {
    clause: clause.id, edition: clause.edition, kind: term ? "promise" : "free",
    term: term ? {
      id: 1, who: term.who, action: term.action, amount: term.amount ?? "", performance: term.performance,
      due: term.due ? utcToWall(term.due) : "", how: term.how,
    } : emptyTerm(1),
    text: clause.text, plain: clause.plain, gloss: clause.gloss, heading: clause.heading, byHand: true,
  };
}

// The generated words take the place of earlier generated ones, never of what somebody wrote.
export function rephrased(draft: ClauseDraft, made: Phrased): ClauseDraft {
  return draft.byHand ? draft : { ...draft, ...made };
}

export function readsAs(written: Phrased, made: Phrased): boolean {
  return written.text === made.text && written.plain === made.plain && written.gloss === made.gloss && written.heading === made.heading;
}

export interface PutClause {
  clause: string;
  edition: number;
  text: string;
  plain: string;
  gloss: string;
  heading: string;
  term: Term | null;
}

export function toPut(draft: ClauseDraft): PutClause | Problem {
  const { clause, edition, plain, gloss, heading } = draft;
  const text = draft.text.trim();
  const rest = { clause, edition, plain: plain.trim(), gloss: gloss.trim(), heading: heading.trim() };
  if (draft.kind === "free") return text ? { ...rest, text, term: null } : { field: "text", term: 0 };
  const term = termOf(draft.term, 1);
  if ("field" in term) return term;
  // What nobody touched is made anew where it is kept, by the names and the day of that moment.
  return draft.byHand ? { ...rest, text, term } : { clause, edition, text: "", plain: "", gloss: "", heading: "", term };
}
