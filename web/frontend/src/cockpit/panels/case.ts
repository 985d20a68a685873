// The complaint's file.
import type { Call } from "../../room/call";
import { h, type Children } from "../../dom";
import type { View } from "../../room/wire";
import { money, t } from "../../words";
import { typicalCases } from "./cases";

export function caseFile(call: Call, view: View): Children {
  const file = view.case;
  if (!file) return [h("p", { class: "meta", key: "unread" }, t("The complaint's file could not be read just now.")), typicalCases(call, view)];
  return [h("dl", { class: "facts", key: "facts" },
    h("dt", {}, t("Request")), h("dd", {}, file.request),
    file.amount !== null && file.amount !== undefined && [h("dt", {}, t("Amount")), h("dd", { class: "money" }, money(String(file.amount)))],
    h("dt", {}, t("Facts")), h("dd", {}, file.facts),
    h("dt", {}, t("Consumer")), h("dd", {}, party(file.consumer)),
    h("dt", {}, t("Business")), h("dd", {}, party(file.business)),
    file.industry && [h("dt", {}, t("Industry")), h("dd", {}, file.industry)],
    file.problem && [h("dt", {}, t("Problem")), h("dd", {}, file.problem)],
    deadline(file.deadline, call.page.language)), typicalCases(call, view)];
}

// A party as the server describes it: a name, or an object with what is known.
function party(value: unknown): Children {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const known = value as Record<string, unknown>;
  const text = (name: string): string => (typeof known[name] === "string" ? (known[name] as string) : "");
  const main = text("organisation") || text("name");
  const rest = [text("organisation") ? text("name") : "", text("city"), text("address"), text("phone"), text("detail")].filter(Boolean);
  return [main, rest.length > 0 && [h("br"), h("span", { class: "meta" }, rest.join(" · "))]];
}

// `article` is an object with the citation in either language.
function deadline(value: unknown, language: string): Children {
  if (!value) return null;
  const known = typeof value === "object" ? (value as Record<string, unknown>) : { due: value };
  const due = String(known.due ?? "");
  if (!due) return null;
  const cited = known.article as Record<string, string> | undefined;
  const article = cited?.[language] ?? cited?.zh;
  const left = Math.ceil((Date.parse(due) - Date.now()) / 86_400_000);
  return [h("dt", {}, t("Due")), h("dd", {}, h("time", { datetime: due.slice(0, 10) }, due.slice(0, 10)),
    left >= 0 ? t(", {n} days left", { n: left }) : t(", overdue"),
    article ? [h("br"), h("span", { class: "meta" }, article)] : null)];
}
