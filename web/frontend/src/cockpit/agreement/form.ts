// The clause being written at the desk: what its fields hold, the days that are meant, and what is sent. Pure.
import { utcToWall } from "../../words";
import { emptyTerm, termOf, type Problem, type TermDraft } from "../outcome";
import type { Card, Clause, Phrased, Term } from "../../room/wire";

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

export type Template = Card["clauses"][number];

// What is known of the complaint, to fill a template's blanks with.
export interface Known {
  goods: string;
  amount: string; // what is asked for, "" where nobody said
  consumer: string;
  business: string;
  today: string; // YYYY-MM-DD in the office
}

export function fromTemplate(template: Template, known: Known): ClauseDraft {
  const filled = (text = ""): string => text.replace(/\{(goods|consumer|business)\}/g, (_, blank: "goods" | "consumer" | "business") => known[blank]);
  if (template.text) return { ...emptyClause("free"), text: filled(template.text), heading: template.zh, byHand: true };
  const { due = "", amount = "" } = template;
  return {
    ...emptyClause(),
    term: {
      ...emptyTerm(1), who: template.who ?? "business", action: filled(template.action), how: filled(template.how),
      amount: amount === "asked" ? known.amount : "", performance: due ? "later" : "on_the_spot", due: (due && dayMeant(due, known.today)) || "",
    },
  };
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

// ---------------------------------------------------------------- days as a mediator says them

// "7天内", "in 7 days", "月底", "7月10日", "2030-07-10".
const NAMED: Record<string, number> = { 今天: 0, today: 0, 明天: 1, tomorrow: 1, 后天: 2 };
const MOST_DAYS = 3650;

// `today` as YYYY-MM-DD; the end of the day that is meant, as a datetime-local field has it, or null.
export function dayMeant(typed: string, today: string): string | null {
  const said = typed.trim().toLowerCase().replace(/\s+/g, " ");
  const [year, month, day] = today.split("-").map(Number) as [number, number, number];
  const named = NAMED[said];
  if (named !== undefined) return end(year, month, day + named);
  const days = /^(?:in |within )?(\d{1,4}) ?(?:天|天内|天之内|日内|日之内|days?|d)?$/.exec(said);
  if (days) return Number(days[1]) <= MOST_DAYS ? end(year, month, day + Number(days[1])) : null;
  if (/^(?:本月底|月底|月末|end of (?:the )?month|month)$/.test(said)) return end(year, month + 1, 0);
  if (/^(?:下月底|下个月底|end of next month)$/.test(said)) return end(year, month + 2, 0);
  if (/^(?:年底|年末|end of (?:the )?year)$/.test(said)) return end(year, 12, 31);
  const whole = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(said);
  if (whole) return exact(Number(whole[1]), Number(whole[2]), Number(whole[3]));
  const short = /^(\d{1,2})[-/.月](\d{1,2})[日号]?$/.exec(said);
  if (!short) return null;
  const meant = exact(year, Number(short[1]), Number(short[2]));
  return meant && meant < `${today}T` ? exact(year + 1, Number(short[1]), Number(short[2])) : meant;
}

function end(year: number, month: number, day: number): string {
  return `${new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)}T23:59`;
}

// None of 30 February.
function exact(year: number, month: number, day: number): string | null {
  const made = end(year, month, day);
  const pad = (n: number, to: number): string => String(n).padStart(to, "0");
  return made === `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T23:59` ? made : null;
}
