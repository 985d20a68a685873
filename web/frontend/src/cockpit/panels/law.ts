// The law at hand: what the complaint suggests, what is looked up, and what everybody looks at now.
import type { Call } from "../../room/call";
import { button, h, icon, type Children, type VNode } from "../../dom";
import type { LawHit } from "../../room/state";
import type { View } from "../../room/wire";
import { t } from "../../words";
import { lookUp } from "../lookup";

const LONGEST = 120;

export function law(call: Call, view: View): Children {
  const { law: found } = call.state;
  // With what is typed already: asking without it would put off the words of somebody who types before the first answer.
  if (found.state === "none") lookUp(call, call.state.search.trim(), 0);
  return [
    h("div", { class: "field", key: "search", role: "search" }, h("label", { for: "law-search" }, t("Search the articles")),
      h("input", {
        id: "law-search", type: "search", autocomplete: "off", maxlength: LONGEST, "aria-describedby": "law-day",
        "aria-keyshortcuts": "Alt+/",
        on: {
          input: (event) => {
            const words = (event.currentTarget as HTMLInputElement).value;
            call.dispatch({ type: "search", words });
            lookUp(call, words.trim());
          },
        },
      })),
    found.event && h("p", { class: "meta", id: "law-day", key: "day" }, found.by === "purchase"
      ? t("As in force on the day of purchase, {day}", { day: found.event }) : t("As in force on the day the complaint came in, {day}", { day: found.event })),
    h("p", { class: "vh", role: "status", key: "count" }, found.state === "found" && !found.suggested ? t("{n} articles found", { n: found.hits.length }) : ""),
    found.state === "failed" && h("div", { class: "banner", "data-tone": "warn", key: "failed" }, icon("alert"),
      h("div", {}, h("p", {}, t("The articles could not be looked up just now.")),
        button(t("Try again"), () => lookUp(call, call.state.search.trim(), 0), "btn btn-dense"))),
    found.state === "found" && found.suggested && h("h3", { class: "meta", key: "suggested" },
      found.hits.length ? t("Suggested by the complaint; you decide") : t("The complaint suggests no article. Type a few words.")),
    found.state === "found" && !found.suggested && !found.hits.length && h("p", { class: "meta", key: "none" }, t("No article has these words. Try others, or fewer.")),
    found.hits.map((hit) => entry(call, view, hit)),
    call.page.links.law && h("p", { class: "meta", key: "whole" }, h("a", { href: call.page.links.law, target: "_blank", rel: "noopener" }, t("All articles, in a page of their own"))),
    call.page.links.notes && h("p", { class: "meta", key: "notes" }, h("a", { href: call.page.links.notes, target: "_blank", rel: "noopener" }, t("How such disputes are settled: notes of experience"))),
  ];
}

function entry(call: Call, view: View, hit: LawHit): VNode {
  const open = view.law?.article === hit.id;
  const inside = view.session.status === "live" || view.session.status === "recess";
  return h("article", { class: "paper stack-s", key: hit.id },
    h("h3", {}, hit.citation),
    standing(hit),
    hit.gist && h("p", { class: "song" }, hit.gist),
    hit.official && h("details", { open: hit.gist ? undefined : true }, h("summary", {}, t("Official text")), h("p", { class: "song official" }, hit.official)),
    h("p", { class: "meta" }, hit.gist && [t("Gist, not the official text"), " · "], hit.edition && [hit.edition, " · "],
      hit.until ? t("in force {since} to {until}", { since: hit.since, until: hit.until }) : t("in force since {since}", { since: hit.since })),
    hit.why.length > 0 && h("p", { class: "meta" }, t("Because of: {words}", { words: hit.why.join(t(", ")) })),
    h("div", { class: "line" },
      inside && button(open ? t("Put it away") : t("Show to everybody"),
        () => void call.ask(open ? "put_law_away" : "show_law", open ? {} : { article: hit.id }), "btn btn-dense",
        { "aria-pressed": String(open), "aria-label": open ? undefined : t("Show {citation} to everybody", { citation: hit.citation }) }),
      inside && button(t("Add to the agreement"), () => void call.ask("put_clause", { text: t("Both sides settle with regard to {citation}.", { citation: hit.citation }) })
        .then((done) => done && call.notice(t("It is a clause of the draft now; both sides are asked about it like about any other."))),
      "btn btn-dense", { "aria-label": t("Cite {citation} in the agreement", { citation: hit.citation }) }),
      inside && button(t("Send to the chat"),
        () => void call.ask("say", { text: t("{citation} (gist): {gist}", { citation: hit.citation, gist: hit.gist || hit.official }).slice(0, 2000), to: "" })
          .then((done) => done && call.notice(t("Everybody can read it in the chat."))),
        "btn btn-dense", { "aria-label": t("Send {citation} to the chat", { citation: hit.citation }) })));
}

function standing(hit: LawHit): VNode | null {
  if (hit.standing === "in_force") return null;
  const said = hit.standing === "not_yet"
    ? t("Not yet in force on {day}: it began on {since}.", { day: hit.on, since: hit.since })
    : t("No longer in force on {day}: its last day was {until}.", { day: hit.on, until: hit.until });
  return h("div", { class: "banner", "data-tone": "warn" }, icon("alert"),
    h("p", {}, said, hit.then && [" ", t("Then in force: {citation}", { citation: hit.then.citation })]));
}
