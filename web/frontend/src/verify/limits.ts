// What no verifier can know of a package, said last: who could have rewritten it before it was signed, unseen. As
// recordings/evidence/verdict.py has it; but this page never judges whose a time stamp is.
import type { Report } from "./package";
import { say, type Say } from "./report";

export function limits(report: Report): Say[] {
  const status = (code: string): string => report.checks.find((check) => check.code === code)?.status ?? "none";
  if (!report.checks.some(({ code }) => code === "wrong_key")) return [];
  const stamp = ["ok", "open", "beyond"].includes(status("timestamp")) ? "told" : "none";
  const there = ["ok", "open"].includes(status("witness"));
  const witness = there ? (report.witnessesNamed ? "known" : "told") : "none";
  const said = say(witness === "known" ? "limits.known" : `limits.${stamp}_${witness}`);
  return report.compared ? [said] : [say("limits.key"), said];
}
