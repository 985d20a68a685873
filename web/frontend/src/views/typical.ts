// The typical case everybody looks at, as a party reads it: what happened, what it came to, and that no two are the same.
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import type { View } from "../room/wire";
import { t } from "../words";

let folded = ""; // the case this person put aside on their own page

export function typicalCard(call: Call, view: View): VNode | null {
  const shown = view.typical;
  if (!shown) return null;
  const { language } = call.page;
  const said = (words: Record<string, string>): string => words[language] ?? words.zh ?? "";
  const away = folded === shown.at;
  const turn = (): void => {
    folded = away ? "" : shown.at;
    call.dispatch({ type: "tick", at: Date.now() });
  };
  return h("section", { class: "law-card", "aria-label": t("The case on the table"), key: "typical-card" },
    h("div", { class: "line apart" },
      h("h2", {}, icon("file"), h("span", {}, said(shown.title))),
      button(away ? t("Read it") : t("Collapse"), turn, "btn btn-dense", { "aria-expanded": String(!away), "aria-controls": "typical-text" })),
    h("div", { class: "law-text", id: "typical-text", hidden: away, tabindex: "0" },
      h("p", { lang: "zh-CN" }, shown.facts),
      h("p", {}, h("b", {}, t("What it came to"))), h("p", { lang: "zh-CN" }, shown.outcome),
      shown.articles.length > 0 && h("p", { class: "meta" }, shown.articles.map(said).join(t(", "))),
      h("p", { class: "meta" }, shown.sample && [t("An invented sample"), " · "], t("Another case, to compare. Yours is decided by the two of you."))));
}
