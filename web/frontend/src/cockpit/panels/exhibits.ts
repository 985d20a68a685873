// The list of exhibits with what each side says, and what can be done with each.
import type { Call } from "../../room/call";
import { button, h, icon, mark, type Children, type VNode } from "../../dom";
import { answers } from "../../exhibits/answers";
import { filePicker, naming, underWay } from "../../exhibits/adding";
import { kindIcon } from "../../exhibits/glass";
import { inRoom } from "../../room/selectors";
import { about } from "../../views/seldom/exhibits";
import type { Exhibit, Seat, View } from "../../room/wire";
import { t } from "../../words";

const SHOWING = ["consumer", "business", "representative", "lawyer"];

export function exhibits(call: Call, view: View): Children {
  const { list } = view.exhibits;
  const asked = view.seats.filter((seat) => inRoom(seat) && SHOWING.includes(seat.role));
  return [
    naming(call, view) ?? h("div", { class: "line", key: "add" }, filePicker(call)),
    underWay(call),
    list.length === 0 ? h("p", { class: "meta", key: "none" }, t("No exhibit yet. What either side brings appears here, and you can show it to everybody."))
      : h("ul", { class: "rows", key: "list" }, list.map((one) => row(call, view, one))),
    fromRecord(call, view),
    asked.length > 0 && h("section", { class: "stack-s", key: "asked" }, h("h2", {}, t("Who brings and shows")),
      h("ul", { class: "rows" }, asked.map((seat) => asking(call, view, seat)))),
  ];
}

function row(call: Call, view: View, one: Exhibit): VNode {
  const shown = view.exhibits.shown?.exhibit === one.id;
  const live = view.session.status === "live";
  return h("li", { class: "row", key: one.id, "data-exhibit": one.title },
    kindIcon(one),
    h("span", { class: "row-main" }, one.title, h("br"), h("span", { class: "meta" }, about(view, one)), h("br"), h("span", { class: "line exhibit-answers" }, answers(view, one))),
    one.state === "ready" && live && (shown
      ? button(t("Put it away"), () => call.exhibits.putAway(), "btn btn-dense btn-act", { "aria-label": t("Put “{title}” away", { title: one.title }) })
      : !one.private || (view.caucus && (one.side === null || one.side === view.caucus.side)) ? button(t("Show everybody"), () => call.exhibits.show(one.id), "btn btn-dense", { "aria-label": t("Show “{title}” to everybody", { title: one.title }) }) : null),
    one.withdrawable && button(icon("cross"), () => void call.ask("withdraw_exhibit", { exhibit: one.id }), "btn btn-dense btn-icon btn-quiet", { "aria-label": t("Take “{title}” back", { title: one.title }) }));
}

// Files of the complaint that are no exhibit yet.
function fromRecord(call: Call, view: View): VNode | null {
  const files = view.case?.attachments ?? [];
  if (!files.length) return null;
  return h("details", { key: "record" }, h("summary", {}, t("From the complaint's file ({n})", { n: files.length })),
    h("ul", { class: "rows" }, files.map((file) => h("li", { class: "row", key: file.id }, icon("file"),
      h("span", { class: "row-main" }, file.name),
      button(t("Use as an exhibit"), () => void call.exhibits.bring(file.id), "btn btn-dense", { "aria-label": t("Bring {name} in as an exhibit", { name: file.name }) })))));
}

function asking(call: Call, view: View, seat: Seat): VNode {
  const floor = view.exhibits.floor === seat.id;
  return h("li", { class: "row", key: `ask-${seat.id}` }, mark(seat.role), h("span", { class: "row-main" }, seat.name),
    button(t("Ask for an exhibit"), () => void call.ask("ask_exhibit", { seat: seat.id }).then((done) => done && call.notice(t("The page of {name} asks for it.", { name: seat.name }))),
      "btn btn-dense", { "aria-label": t("Ask {name} for an exhibit", { name: seat.name }) }),
    button(floor ? t("May show – click to withdraw") : t("Let them show"), () => void call.ask("let_show", { seat: floor ? "" : seat.id }), "btn btn-dense",
      { "aria-pressed": String(floor), "aria-label": floor ? t("{name} may not show any more", { name: seat.name }) : t("Let {name} show exhibits", { name: seat.name }) }));
}
