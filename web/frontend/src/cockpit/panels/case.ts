// The complaint's file.
import type { Call } from "../../room/call";
import { button, h, icon, type Children } from "../../dom";
import type { View } from "../../room/wire";
import { money, t } from "../../words";
import { typicalCases } from "./cases";

export function caseFile(call: Call, view: View): Children {
  const file = view.case;
  if (!file) return [h("p", { class: "meta", key: "unread" }, t("The complaint's file could not be read just now.")), typicalCases(call, view)];
  return [h("p", { key: "title" }, h("b", {}, view.session.title)), h("dl", { class: "facts", key: "facts" },
    h("dt", {}, t("Request")), h("dd", {}, file.request),
    file.amount !== null && file.amount !== undefined && [h("dt", {}, t("Amount")), h("dd", { class: "money" }, money(String(file.amount)))],
    h("dt", {}, t("Facts")), h("dd", {}, file.facts),
    h("dt", {}, t("Consumer")), h("dd", {}, party(file.consumer), number(call, "consumer", file.consumer)),
    h("dt", {}, t("Business")), h("dd", {}, party(file.business), number(call, "business", file.business)),
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

// Shown at one press, as long as the page lives; each look is journaled.
const shown = new Map<string, { number: string; call: string }>();

function number(call: Call, side: "consumer" | "business", about: unknown): Children {
  const known = about as Record<string, unknown> | null;
  if (!call.page.numbers || typeof known !== "object" || !known?.phone) return null;
  const found = shown.get(side);
  // A phone system's page stands beside the room: in its place it would end the mediator's sound and picture.
  const beside = found && !found.call.startsWith("tel:") ? { target: "_blank", rel: "noopener noreferrer" } : {};
  if (found) return h("p", { class: "line", key: "number" }, h("a", { class: "btn btn-dense num", href: found.call, ...beside }, icon("phone"), found.number));
  return h("p", { key: "number" }, button([icon("phone"), t("Show the number")], () => void show(call, side), "btn btn-dense", {
    "aria-label": side === "consumer" ? t("Show the consumer's number") : t("Show the business's number"),
  }));
}

async function show(call: Call, side: "consumer" | "business"): Promise<void> {
  try {
    const answer = await fetch(call.page.numbers ?? "", {
      method: "POST", headers: { "X-CSRF-Token": call.page.form_token }, body: new URLSearchParams({ which: `${side}.phone` }), credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    shown.set(side, (await answer.json()) as { number: string; call: string });
    call.dispatch({ type: "tick", at: Date.now() });
  } catch {
    call.notice(t("The number could not be shown just now. It is on the complaint's page."), "warn");
  }
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
