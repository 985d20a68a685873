// The article everybody looks at, as a party reads it: in plain words first, calm, and out of the way with one tap.
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import { leafIn } from "../room/selectors";
import type { View } from "../room/wire";
import { t } from "../words";

let folded = ""; // the article this person put aside on their own page

export function lawCard(call: Call, view: View): VNode | null {
  const leaf = view.law;
  if (!leaf) return null;
  const { citation, gist, edition } = leafIn(leaf, call.page.language);
  const away = folded === leaf.at;
  const turn = (): void => {
    folded = away ? "" : leaf.at;
    call.dispatch({ type: "tick", at: Date.now() });
  };
  return h("section", { class: "law-card", "aria-label": t("The article on the table"), key: "law-card" },
    h("div", { class: "line apart" },
      h("h2", {}, icon("file"), h("span", {}, citation)),
      button(away ? t("Read it") : t("Collapse"), turn, "btn btn-dense", { "aria-expanded": String(!away), "aria-controls": "law-text" })),
    h("div", { class: "law-text", id: "law-text", hidden: away, tabindex: "0" },
      leaf.standing !== "in_force" && h("p", { class: "warn" }, leaf.standing === "not_yet"
        ? t("Not yet in force on {day}: it began on {since}.", { day: leaf.on, since: leaf.since })
        : t("No longer in force on {day}: its last day was {until}.", { day: leaf.on, until: leaf.until })),
      gist && h("p", { class: "song" }, gist),
      leaf.official && h("details", { open: gist ? undefined : true }, h("summary", {}, t("Official text")), h("p", { class: "song official", lang: "zh-CN" }, leaf.official)),
      h("p", { class: "meta" }, gist && [t("In plain words, not the official text"), " · "], edition && [edition, " · "],
        leaf.until ? t("in force {since} to {until}", { since: leaf.since, until: leaf.until }) : t("in force since {since}", { since: leaf.since }))));
}
