// The verdict and the checks, drawn. Every state has a shape and a word of its own: colour only underlines them.
import { button, h, icon, type Children, type VNode } from "../dom";
import { fingerprint, published } from "./formats/key";
import { limits } from "./limits";
import type { Report } from "./package";
import type { Check, Status, Verdict } from "./report";
import type { Speech } from "./speech";

const FACES: Record<Verdict, { icon: string; tone: string; word: string }> = {
  holds: { icon: "shield", tone: "ok", word: "Holds" },
  open: { icon: "info", tone: "warn", word: "Open" },
  fails: { icon: "cross", tone: "seal", word: "Does not hold" },
  unreadable: { icon: "alert", tone: "seal", word: "Cannot be read" },
};
const MARKS: Record<Status, { icon: string; tone: string; word: string }> = {
  ok: { icon: "check", tone: "ok", word: "in order" },
  failed: { icon: "cross", tone: "seal", word: "not in order" },
  open: { icon: "info", tone: "warn", word: "open" },
  beyond: { icon: "next", tone: "", word: "for yuntiao verify" },
  none: { icon: "info", tone: "", word: "not there" },
};
const AT_FIRST = 6; // details of one check, before one asks for more

export function verdictCard(report: Report, speech: Speech, name: string, keyForm: Children): VNode {
  const { t } = bound(speech);
  const face = FACES[report.verdict];
  return h("section", { class: "verdict outcome", "data-tone": face.tone, "aria-labelledby": "verdict", key: "verdict" },
    h("span", { class: "seal-mark", "data-tone": face.tone }, icon(face.icon)),
    h("div", { class: "stack-s" },
      h("p", { class: "meta" }, h("span", { class: "badge", "data-tone": face.tone }, t(face.word)), h("span", { class: "file-name" }, name), speech.bytes(report.size)),
      h("h2", { id: "verdict", tabindex: "-1" }, sentence(report, speech)),
      ...reasons(report, speech).map((line) => h("p", {}, line)),
      report.verdict !== "unreadable" && h("p", { id: "limits-of-it" }, speech.run(limits(report).map((one) => speech.say(one)))),
    ),
    report.manifest && h("div", { class: "key-card stack-s" },
      h("h3", {}, t(report.compared ? "The key that signed" : "Compare this key")),
      h("p", { class: "lede" }, t("It has to be the one that the bureau publishes on its site, at /log/key, or gives out on paper:")),
      h("p", { class: "hash fingerprint", translate: "no" }, published(report.manifest.key.name, report.manifest.key.public)),
      h("p", { class: "meta" }, t("Its SHA-256:"), " ", h("span", { class: "hash", translate: "no" }, fingerprint(report.manifest.key.public))),
      keyForm),
  );
}

function sentence(report: Report, speech: Speech): string {
  const { t } = bound(speech);
  const { checks, compared, verdict } = report;
  switch (verdict) {
    case "holds": return t("This package is whole and nothing in it was altered since it was signed.");
    case "fails": return byAnother(checks)
      ? t("Nothing was found to be altered, but it is not signed by the key that you gave.")
      : t("This package is not as it was exported. Checks not in order: {count} of {all}.", {
        count: checks.filter((check) => check.status === "failed").length, all: checks.length,
      });
    case "unreadable":
      if (has(checks, "zip.repacked")) return t("This file is not the one that was exported: it was repacked, or is damaged.");
      return has(checks, "manifest.masked")
        ? t("This is a masked copy. It proves nothing.") : t("This is not an evidence package, or it is damaged.");
    case "open": return openOnes(checks).length || compared
      ? t("Nothing was found to be altered, but not everything could be judged.")
      : t("Nothing in this package was altered since it was signed. Whose signature it is, you have to compare.");
  }
}

const has = (checks: Check[], message: string): boolean => checks.some((check) => check.details.some(({ id }) => id === message));

// Whoever mistyped a key should not take that for forgery.
const byAnother = (checks: Check[]): boolean => has(checks, "key.other") && checks.every(({ code, status }) => status !== "failed" || code === "wrong_key");

const openOnes = (checks: Check[]): Check[] => checks.filter((check) => check.status === "open" && check.code !== "wrong_key");

function reasons(report: Report, speech: Speech): string[] {
  const { t } = bound(speech);
  const failed = report.checks.filter((check) => check.status === "failed");
  const lines: string[] = [];
  if (has(report.checks, "zip.repacked")) lines.push(t("So nothing in it was judged. Ask for the file as it was exported, without unpacking it."));
  if (byAnother(report.checks)) lines.push(t("Either the key is not whole or not the bureau's, or the package was made by somebody else."));
  else if (failed.length && report.verdict === "fails") lines.push(t("Not in order: {names}.", { names: failed.map((check) => t(`check.${check.code}`)) }));
  const open = openOnes(report.checks);
  if (open.length) lines.push(t("Open: {names}.", { names: open.map((check) => t(`check.${check.code}`)) }));
  if (report.verdict === "holds") lines.push(t("It is signed with the key that you gave."));
  if (report.manifest && report.checks.some((check) => check.status === "beyond")) {
    lines.push(t("The checks marked “for yuntiao verify” are that program's: it has what a page in a browser has not."));
  }
  return lines;
}

export function checkList(report: Report, speech: Speech, unfolded: Set<string>, unfold: (code: string) => void): VNode {
  const { t } = bound(speech);
  const count = (status: Status): number => report.checks.filter((check) => check.status === status).length;
  return h("section", { class: "card stack", "aria-labelledby": "checks", key: "checks" },
    h("div", { class: "line apart" },
      h("h2", { id: "checks" }, t("What was checked")),
      h("p", { class: "meta" }, speech.list((["ok", "failed", "open", "beyond", "none"] as const).filter(count).map((status) =>
        t("{count} {word}", { count: count(status), word: t(MARKS[status].word) })))),
    ),
    h("ol", { class: "findings" }, ...report.checks.map((check) => row(check, speech, unfolded.has(check.code), () => unfold(check.code)))),
  );
}

function row(check: Check, speech: Speech, all: boolean, unfold: () => void): VNode {
  const { t } = bound(speech);
  const mark = MARKS[check.status];
  const details = all ? check.details : check.details.slice(0, AT_FIRST);
  return h("li", { class: "finding", "data-status": check.status, "data-code": check.code, key: check.code },
    h("span", { class: "seal-mark", "data-tone": mark.tone }, icon(mark.icon)),
    h("div", { class: "stack-xs" },
      h("h3", {}, t(`check.${check.code}`), " ", h("span", { class: "badge", "data-tone": mark.tone }, t(mark.word))),
      h("p", { class: "meta" }, ["failed", "none"].includes(check.status) ? t("What is checked: {what}", { what: t(`check.${check.code}.means`) }) : t(`check.${check.code}.means`)),
      details.length > 0 && h("ul", { class: details.length > 1 ? "details" : "" }, ...details.map((detail) => h("li", {}, speech.say(detail)))),
      details.length < check.details.length
        && button(t("Show all {count}", { count: check.details.length }), unfold, "btn btn-quiet btn-dense"),
    ),
  );
}

function bound(speech: Speech): { t: Speech["t"] } {
  return { t: speech.t.bind(speech) };
}
