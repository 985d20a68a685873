// The right column: the case file, articles, links and the chat, as tabs.
import type { Call } from "../room/call";
import { h, type Children, type VNode } from "../dom";
import { unread } from "../room/selectors";
import { TABS, type Tab } from "../room/state";
import { chatForm, chatLog } from "../views/pieces";
import type { View } from "../room/wire";
import { t } from "../words";
import { agreement } from "./panels/agreement";
import { caseFile } from "./panels/case";
import { exhibits } from "./panels/exhibits";
import { law } from "./panels/law";
import { links } from "./panels/links";
import { slips } from "./panels/slips";
import { notes } from "./panels/notes";

export function rightColumn(call: Call, view: View): VNode {
  const { tab } = call.state;
  const news = tab === "chat" ? 0 : unread(call.state);
  const open = view.draft.clauses.reduce((n, clause) => n + clause.queries.length, 0); // questions
  const waiting = view.slips.filter((slip) => slip.may_tell && !slip.shown).length;
  const label = (each: Tab): string => {
    switch (each) {
      case "case": return t("Case");
      case "law": return t("Law");
      case "agreement": return open ? t("Agreement {n}", { n: open }) : t("Agreement");
      case "exhibits": return view.exhibits.list.length ? t("Exhibits {n}", { n: view.exhibits.list.length }) : t("Exhibits");
      case "slips": return waiting ? t("Slips {n}", { n: waiting }) : t("Slips");
      case "notes": return t("Notes");
      case "links": return t("Links");
      case "chat": return news ? t("Chat {n}", { n: news }) : t("Chat");
    }
  };
  return h("aside", { class: "cp-right", "aria-label": t("File"), key: "right" },
    h("div", { class: "tabs", role: "tablist", "aria-label": t("What the file holds"), on: { keydown: (event) => arrows(event as KeyboardEvent, call) } },
      TABS.map((each, index) => h("button", {
        type: "button", role: "tab", id: `tab-${each}`, key: each, "aria-selected": String(each === tab), "aria-controls": `panel-${each}`,
        tabindex: each === tab ? "0" : "-1", "aria-keyshortcuts": `Alt+${index + 1}`, on: { click: () => call.dispatch({ type: "tab", tab: each }) },
      }, label(each)))),
    TABS.map((each) => h("section", {
      class: "panel", role: "tabpanel", id: `panel-${each}`, key: `panel-${each}`, "aria-labelledby": `tab-${each}`, tabindex: "0", hidden: each !== tab,
    }, each === tab && panel(call, view, each))));
}

function panel(call: Call, view: View, tab: Tab): Children {
  switch (tab) {
    case "case": return caseFile(call, view);
    case "law": return law(call, view);
    case "agreement": return agreement(call, view);
    case "exhibits": return exhibits(call, view);
    case "slips": return slips(call, view);
    case "notes": return notes(call);
    case "links": return links(call);
    case "chat": return [chatLog(call, view), chatForm(call, view, "file-chat")];
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
