// Typical cases for the mediator alone: those like this complaint, what they came to, and the articles they rest on.
import type { Call } from "../../room/call";
import { button, h, icon, type Children, type VNode } from "../../dom";
import type { CameTo, CaseHit, CasesFound, Middle } from "../../room/state";
import type { View } from "../../room/wire";
import { money, t } from "../../words";

const REST_MS = 250;
const LONGEST = 120;

let timer: number | undefined;
let latest = 0;

export function typicalCases(call: Call, view: View): Children {
  if (!call.page.cases) return null;
  const found = call.state.cases;
  if (found.state === "none") ask(call, "", 0);
  return h("section", { class: "stack-s", "aria-labelledby": "like-this", key: "cases" },
    h("h3", { id: "like-this" }, t("Cases like this one")),
    h("p", { class: "meta" }, t("Only you see this. Parties see a case when you show it.")),
    h("div", { class: "field", role: "search" }, h("label", { for: "case-search" }, t("Search the cases")),
      h("input", { id: "case-search", type: "search", autocomplete: "off", maxlength: LONGEST,
        on: { input: (event) => ask(call, (event.currentTarget as HTMLInputElement).value.trim(), REST_MS) } })),
    h("p", { class: "vh", role: "status" }, found.state === "found" ? t("{n} cases found", { n: found.cases.length }) : ""),
    found.state === "failed" && h("div", { class: "banner", "data-tone": "warn" }, icon("alert"),
      h("div", {}, h("p", {}, t("The cases could not be looked up just now.")), button(t("Try again"), () => ask(call, "", 0), "btn btn-dense"))),
    found.state === "found" && found.range && range(call, view, found.range),
    found.state === "found" && !found.cases.length && h("p", { class: "meta" },
      found.suggested ? t("No case is like this one yet. Type a few words.") : t("No case has these words. Try others, or fewer.")),
    found.cases.map((hit) => entry(call, view, hit)));
}

function range(call: Call, view: View, came: CameTo): VNode {
  return h("div", { class: "paper stack-s", key: "range" },
    h("p", {}, t("Of {n} cases like this one, {settled} were settled ({share}%).", { n: came.cases, settled: came.settled, share: came.settled_share })),
    came.share && h("p", {}, one(came.share)
      ? t("At least half of them settled for {middle}% of the claim.", spread(came.share))
      : t("Half of them settled for {low}% to {high}% of the claim, the middle one for {middle}%.", spread(came.share))),
    came.days && h("p", {}, one(came.days)
      ? t("At least half of them took {middle} days.", spread(came.days))
      : t("Half of them took {low} to {high} days, the middle one {middle}.", spread(came.days))),
    came.articles.length > 0 && [h("p", { class: "meta" }, t("They rest on:")), cites(call, view, came.articles)],
    h("p", { class: "meta" }, t("What happened elsewhere, no forecast for this one.")));
}

// A range whose ends are the same is one figure.
function one(of: Middle): boolean {
  return of.low === of.high;
}

function spread(of: Middle): Record<string, number> {
  return { low: of.low, high: of.high, middle: of.middle };
}

function entry(call: Call, view: View, hit: CaseHit): VNode {
  const open = view.typical?.case === hit.id;
  return h("article", { class: "paper stack-s", key: hit.id },
    h("h4", {}, h("a", { href: `/casebook/read/${encodeURIComponent(hit.id)}`, target: "_blank", rel: "noopener" }, hit.title)),
    h("p", { class: "meta" }, hit.number, hit.sample && ` · ${t("sample, invented")}`),
    h("p", {}, came(hit), hit.days !== null && ` · ${t("{n} days", { n: hit.days })}`),
    h("p", { lang: "zh-CN" }, hit.outcome),
    hit.experience && h("details", {}, h("summary", {}, t("Experience")), h("p", { lang: "zh-CN" }, hit.experience)),
    cites(call, view, hit.articles),
    hit.alike > 0 && h("p", { class: "meta" }, t("and {n} more told like it", { n: hit.alike })),
    hit.why.length > 0 && h("p", { class: "meta" }, t("Because of: {words}", { words: hit.why.join(t(", ")) })),
    inside(view) && h("div", { class: "line" },
      button(open ? t("Put it away") : t("Show to everybody"),
        () => void call.ask(open ? "put_typical_away" : "show_typical", open ? {} : { case: hit.id }), "btn btn-dense",
        { "aria-pressed": String(open), "aria-label": open ? undefined : t("Show the case {title} to everybody", { title: hit.title }) })));
}

function came(hit: CaseHit): string {
  if (hit.settled === null) return t("Not settled");
  if (hit.share === null || hit.claimed === null) return t("Settled for {amount}", { amount: money(hit.settled) });
  return t("Claimed {claimed}, settled for {amount} ({share}%)", { claimed: money(hit.claimed), amount: money(hit.settled), share: hit.share });
}

// One tap puts the article on the table, in the wording of the day this dispute is judged by.
function cites(call: Call, view: View, articles: { id: string; citation: string; cases?: number }[]): VNode {
  return h("ul", { class: "cites" }, articles.map((article) => h("li", { key: article.id },
    showArticle(call, view, article.id, article.citation),
    article.cases !== undefined && h("span", { class: "meta" }, ` ${t("in {n} cases", { n: article.cases })}`))));
}

export function showArticle(call: Call, view: View, article: string, citation: string): Children {
  return inside(view)
    ? button(citation, () => void call.ask("show_law", { article }), "btn btn-dense",
      { "aria-pressed": String(view.law?.article === article), "aria-label": t("Show {citation} to everybody", { citation }) })
    : citation;
}

function inside(view: View): boolean {
  return view.session.status === "live" || view.session.status === "recess";
}

function ask(call: Call, words: string, wait: number): void {
  window.clearTimeout(timer);
  const turn = ++latest;
  timer = window.setTimeout(() => {
    call.dispatch({ type: "cases", cases: { state: "asking" } });
    void answer(call.page.cases as string, words).then((cases) => {
      if (turn === latest) call.dispatch({ type: "cases", cases });
    });
  }, wait);
}

async function answer(address: string, words: string): Promise<Partial<CasesFound>> {
  try {
    const response = await fetch(`${address}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return { state: "failed" };
    return { ...((await response.json()) as Omit<CasesFound, "state">), state: "found" };
  } catch {
    return { state: "failed" };
  }
}
