// What stays open when nothing was agreed: the five ways of Article 39 of the Consumer Protection Law, in plain words.
import { h, type VNode } from "../dom";
import { t } from "../words";

interface Way {
  name: string;
  means: string;
  where: string;
}

function all(): Way[] {
  return [
    {
      name: t("Talk to each other again"),
      means: t("At any time, without anybody else. If you agree, write it down and both sign it."),
      where: t("Ring or write to the other side; keep what is written."),
    },
    {
      name: t("Ask a consumers' association or another mediator to mediate"),
      means: t("Somebody else mediates, free of charge or nearly so. It needs both of you to want it."),
      where: t("The consumers' association where you live or where the business is; 12315 gives you its number."),
    },
    {
      name: t("Turn to the administrative authority in charge"),
      means: t("Some matters belong to other authorities, such as telecommunications, education or tourism. What this office has already mediated is as a rule not taken up a second time."),
      where: t("The authority in charge of that trade; 12345 tells you which it is."),
    },
    {
      name: t("Go to arbitration"),
      means: t("Arbitrators decide, once and for all. It is open only if both of you have agreed on it, in the contract or now."),
      where: t("The arbitration commission that your contract names."),
    },
    {
      name: t("Go to court"),
      means: t("A court decides, and its judgment can be enforced. The time to sue is as a rule three years from when you knew of the damage."),
      where: t("The basic people's court where the business is or where the contract is performed; it can be filed online, and small sums are decided quickly."),
    },
  ];
}

export function ways(): VNode {
  return h("section", { class: "stack-s", "aria-labelledby": "ways-title", key: "ways" },
    h("h2", { id: "ways-title" }, t("Five ways stay open to you")),
    h("p", { class: "lede" }, t("The law names them (Consumer Protection Law, Article 39). You may choose any, also one after the other.")),
    h("ol", { class: "numbered" }, all().map((way) => h("li", { key: way.name }, h("div", { class: "stack-s" },
      h("h3", {}, way.name), h("p", {}, way.means), h("p", { class: "meta" }, t("Where: "), way.where))))),
    h("p", { class: "meta" }, t("What you offered in order to settle is not written into the office’s record of the mediation.")));
}
