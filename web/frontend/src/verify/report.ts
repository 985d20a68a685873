// What a check says: its code, how it ended, and sentences by their message ids; the words are in web/locales.

// In the order in which they run and are shown; `yuntiao verify` has the same.
export const CODES = [
  "zip", "manifest", "manifest_signature", "wrong_key", "item_missing", "item_extra", "item_changed",
  "chain_session", "chain_complaint", "content", "erased_unaccounted", "foreign_session",
  "checkpoint_signature", "inclusion", "timestamp", "witness",
  "segment_hash", "segment_unlisted", "consent_text", "derived_sheet", "export_signature",
] as const;
export type Code = (typeof CODES)[number];

// none: there is nothing of the kind. beyond: not judged by this page but by `yuntiao verify`. open: could not be judged.
export type Status = "none" | "ok" | "beyond" | "open" | "failed";

// A sentence yet to be said in a language: a message id and what fills its blanks, which may be sentences themselves.
export interface Say {
  id: string;
  args: Record<string, Arg>;
}
export type Arg = string | number | Say | Moment | Arg[];
export interface Moment {
  at: number; // milliseconds since 1970
}

export function say(id: string, args: Record<string, Arg> = {}): Say {
  return { id, args };
}

// Two parts of one sentence, where there is a second.
export function joined(first: Say, second: Say | null): Say {
  return second ? say("{first}{second}", { first, second }) : first;
}

export interface Check {
  code: Code;
  status: Status;
  details: Say[];
}

export type Verdict = "holds" | "open" | "fails" | "unreadable";

export class Findings {
  private readonly found = new Map<Code, Check>();

  // A check that was made and has nothing against it.
  passed(code: Code, ...details: Say[]): void {
    this.note(code, "ok", details);
  }

  // There is nothing to check, which a package may do without.
  none(code: Code, ...details: Say[]): void {
    this.note(code, "none", details);
  }

  failed(code: Code, ...details: Say[]): void {
    this.note(code, "failed", details);
  }

  open(code: Code, ...details: Say[]): void {
    this.note(code, "open", details);
  }

  beyond(code: Code, ...details: Say[]): void {
    this.note(code, "beyond", details);
  }

  // Problems make it failed, none make it passed.
  judged(code: Code, problems: Say[], ...good: Say[]): void {
    if (problems.length) this.failed(code, ...problems);
    else this.passed(code, ...good);
  }

  status(code: Code): Status | undefined {
    return this.found.get(code)?.status;
  }

  get checks(): Check[] {
    return CODES.flatMap((code) => this.found.get(code) ?? []);
  }

  // Worse stays: a check is as good as its worst part.
  private note(code: Code, status: Status, details: Say[]): void {
    const before = this.found.get(code);
    const order: Status[] = ["none", "ok", "beyond", "open", "failed"];
    if (!before) this.found.set(code, { code, status, details: [...details] });
    else {
      if (order.indexOf(status) > order.indexOf(before.status)) before.status = status;
      before.details.push(...details);
    }
  }
}

export function verdict(checks: Check[]): Verdict {
  const status = new Map(checks.map((check) => [check.code, check.status]));
  const ended = !status.has("manifest_signature"); // nothing beyond could be read
  if (ended && (status.get("zip") === "failed" || status.get("manifest") === "failed")) return "unreadable";
  const all = [...status.values()];
  if (all.includes("failed")) return "fails";
  return all.includes("open") ? "open" : "holds";
}
