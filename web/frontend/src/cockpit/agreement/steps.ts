// How far an agreement has come, and what is waited for: draft, confirmed by each, signed, sealed. Reads the view alone.
import { clauseName, sideTitle, SIDES } from "../../room/drafting";
import { seatOf } from "../../room/selectors";
import type { View } from "../../room/wire";
import { t } from "../../words";

export const STEPS = ["draft", "confirm", "sign", "seal"] as const;
export type Step = (typeof STEPS)[number] | "done";

export function stepName(step: Step): string {
  switch (step) {
    case "draft": return t("Draft");
    case "confirm": return t("Confirmed by both");
    case "sign": return t("Signatures");
    case "seal": return t("Sealed");
    case "done": return t("In effect");
  }
}

export function stepOf(view: View): Step {
  const { draft, signing } = view;
  if (draft.sealed) return "done";
  if (signing?.state === "open") return signing.next === "seal" ? "seal" : "sign";
  if (draft.agreed) return "sign";
  return unasked(view).length > 0 || !draft.clauses.length ? "draft" : "confirm";
}

// Clauses that neither side has been shown to answer, or that somebody has not.
export function unasked(view: View): View["draft"]["clauses"] {
  return view.draft.clauses.filter((clause) => !clause.asked && view.draft.missing.some((each) => each.clause === clause.id));
}

// Nothing remains to be put in writing: both do without, or all was done on the spot (Order 121 Art 24).
export function needsNoPaper(view: View): boolean {
  return view.draft.waived.length === 2 || view.draft.at_once;
}

export function waitedFor(view: View, writing: boolean): string {
  const { draft, signing } = view;
  const names = (ids: string[]): string => ids.map((id) => seatOf(view, id)?.name ?? "").filter(Boolean).join(t(", "));
  if (writing) return t("Both read this clause as soon as it is shown to them.");
  if (draft.sealed) return t("It is in effect. End the mediation with this result when you are ready.");
  if (signing?.state === "open") {
    if (signing.next === "seal") return signing.seal_only
      ? t("Both have signed. Your office’s papers are sealed without your signature.") : t("Everybody has signed. The seal is all that is missing.");
    if (signing.next === "mediator") return t("Both have signed. Your signature is next.");
    return t("Waiting for the signature of {names}.", { names: names(signing.signers.filter((one) => one.side && !one.signed).map((one) => one.seat)) });
  }
  if (draft.agreed) {
    if (draft.waived.length === 2) return t("Both do without a written agreement; the record is kept. Signed here, it quotes nothing that was said; signed by link once the mediation has ended, it can.");
    if (draft.at_once) return t("All of it was done on the spot: a written agreement is not required, unless a side wants it. They can say so on their phones.");
    return draft.waived.length ? t("One side waives a written agreement.")
      : t("Something remains to be done: it is put in writing and signed, unless both do without. They can say so on their phones.");
  }
  if (!draft.clauses.length) return t("Take a clause below, or write one: both read it on their phones at once.");
  if (draft.unproven.length) return t("Note first in what capacity {names} attends; until then nobody can answer for that side.", { names: names(draft.unproven) });
  const open = SIDES.map((side) => {
    const clauses = draft.missing.filter((each) => each.side === side).map((each) => draft.clauses.find((clause) => clause.id === each.clause));
    return clauses.length ? t("{name}: {clauses}", { name: sideTitle(view, side), clauses: clauses.map((clause) => (clause ? clauseName(clause) : "")).join(t(", ")) }) : "";
  }).filter(Boolean).join(t("; "));
  return unasked(view).length ? t("Read it out, and have both confirm it on their phones.") : t("Waiting for an answer. {open}", { open });
}
