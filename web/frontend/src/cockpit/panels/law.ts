// Articles to search and to show.
import type { Call } from "../../call";
import { button, h, type Children } from "../../dom";
import { t } from "../../words";

export function law(call: Call): Children {
  const words = call.state.search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = call.page.articles.filter((article) => {
    const text = `${article.citation} ${article.gist} ${article.topics}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return [
    h("div", { class: "field", key: "search" }, h("label", { for: "law-search" }, t("Search the articles")),
      h("input", {
        id: "law-search", type: "search", autocomplete: "off",
        on: { input: (event) => call.dispatch({ type: "search", words: (event.currentTarget as HTMLInputElement).value }) },
      })),
    h("p", { class: "vh", role: "status", key: "count" }, words.length ? t("{n} articles found", { n: found.length }) : ""),
    found.length === 0 && h("p", { class: "meta", key: "none" }, t("No article has these words. Try fewer.")),
    found.map((article) => h("article", { class: "paper stack-s", key: article.id },
      h("h3", {}, article.citation),
      h("p", { class: "song" }, article.gist),
      h("p", { class: "meta" }, t("Gist, not the official text"), " · ",
        article.until ? t("in force {since} to {until}", { since: article.since, until: article.until }) : t("in force since {since}", { since: article.since })),
      h("div", { class: "line" }, button(t("Send to the chat"),
        () => void call.ask("say", { text: t("{citation} (gist): {gist}", { citation: article.citation, gist: article.gist }), to: "" })
          .then((done) => done && call.notice(t("Everybody can read it in the chat."))),
        "btn btn-dense", { "aria-label": t("Send {citation} to the chat", { citation: article.citation }) })))),
  ];
}
