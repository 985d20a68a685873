// The right column: the case file, articles, links and the chat, as tabs.
import type { Call } from "../call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { unread } from "../selectors";
import { TABS, type Tab } from "../state";
import { chatForm, chatLog } from "../views/pieces";
import type { View } from "../wire";
import { money, t } from "../words";

export function rightColumn(call: Call, view: View): VNode {
  const { tab } = call.state;
  const news = tab === "chat" ? 0 : unread(call.state);
  const label = (each: Tab): string => {
    switch (each) {
      case "case": return t("The case");
      case "law": return t("Law");
      case "links": return t("Links");
      case "chat": return news ? t("Chat {n}", { n: news }) : t("Chat");
    }
  };
  return h("aside", { class: "cp-right", "aria-label": t("File"), key: "right" },
    h("div", { class: "tabs", role: "tablist", "aria-label": t("What the file holds"), on: { keydown: (event) => arrows(event as KeyboardEvent, call) } },
      TABS.map((each, index) => h("button", {
        type: "button", role: "tab", id: `tab-${each}`, key: each, "aria-selected": String(each === tab), "aria-controls": `panel-${each}`,
        tabindex: each === tab ? "0" : "-1", "aria-keyshortcuts": String(index + 1), on: { click: () => call.dispatch({ type: "tab", tab: each }) },
      }, label(each)))),
    TABS.map((each) => h("section", {
      class: "panel", role: "tabpanel", id: `panel-${each}`, key: `panel-${each}`, "aria-labelledby": `tab-${each}`, tabindex: "0", hidden: each !== tab,
    }, each === tab && panel(call, view, each))));
}

function panel(call: Call, view: View, tab: Tab): Children {
  switch (tab) {
    case "case": return caseFile(call, view);
    case "law": return law(call);
    case "links": return links(call);
    case "chat": return [chatLog(view), chatForm(call, view, "file-chat")];
  }
}

function arrows(event: KeyboardEvent, call: Call): void {
  const at = TABS.indexOf(call.state.tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const tab = TABS[(to + TABS.length) % TABS.length] as Tab;
  call.dispatch({ type: "tab", tab });
  document.getElementById(`tab-${tab}`)?.focus();
}

function caseFile(call: Call, view: View): Children {
  const file = view.case;
  if (!file) return h("p", { class: "meta" }, t("The complaint's file could not be read just now."));
  return h("dl", { class: "facts" },
    h("dt", {}, t("Request")), h("dd", {}, file.request),
    file.amount !== null && file.amount !== undefined && [h("dt", {}, t("Amount")), h("dd", { class: "money" }, money(String(file.amount)))],
    h("dt", {}, t("Facts")), h("dd", {}, file.facts),
    h("dt", {}, t("Consumer")), h("dd", {}, party(file.consumer)),
    h("dt", {}, t("Business")), h("dd", {}, party(file.business)),
    file.industry && [h("dt", {}, t("Industry")), h("dd", {}, file.industry)],
    file.problem && [h("dt", {}, t("Problem")), h("dd", {}, file.problem)],
    deadline(file.deadline, call.page.language));
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

function law(call: Call): Children {
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

function links(call: Call): Children {
  const { links: known } = call.page;
  return [
    h("p", { key: "about" }, t("Personal links, QR codes and messages for each seat are on the session's page. A new seat can be added there too.")),
    known.session && h("a", { class: "btn", href: known.session, target: "_blank", rel: "noopener", key: "open" }, icon("qr"), t("Open the session's page")),
    known.desk && h("a", { class: "btn btn-quiet", href: known.desk, target: "_blank", rel: "noopener", key: "desk" }, t("Open the desk")),
  ];
}
