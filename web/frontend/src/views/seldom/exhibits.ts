// Exhibits on a party's phone, the sheets: the list with its big buttons, and one looked at large.
import type { Call } from "../../room/call";
import { button, h, icon, modal, type VNode } from "../../dom";
import { answering, answers } from "../../exhibits/answers";
import { naming, pickers, underWay } from "../../exhibits/adding";
import { film, kindIcon, onTable, page, whose, zooming, type Table } from "../../exhibits/glass";
import { WHOLE } from "../../exhibits/state";
import type { Exhibit, View } from "../../room/wire";
import { t } from "../../words";
import { enlarged } from "../enlarged";
import { look, mayOffer } from "../exhibits";

export function exhibitList(call: Call, view: View, close: () => void): VNode {
  const { draft } = call.state.exhibiting;
  const { list } = view.exhibits;
  return modal("exhibits", t("Exhibits"), close, [
    naming(call, view) ?? [
      mayOffer(view) && pickers(call),
      underWay(call),
      list.length === 0 ? h("p", { class: "meta", key: "none" }, t("Photos, chat records and papers that either side brings appear here."))
        : h("ul", { class: "rows", key: "list" }, list.map((one) => row(call, view, one))),
    ],
  ], [draft ? null : button(t("Close"), close)]);
}

function row(call: Call, view: View, one: Exhibit): VNode {
  const own = one.seat === view.you.seat;
  return h("li", { class: "row exhibit-row", key: one.id },
    kindIcon(one),
    h("span", { class: "row-main" }, h("b", {}, one.title), h("br"), h("span", { class: "meta" }, about(view, one)), h("br"), h("span", { class: "line" }, answers(view, one))),
    one.state !== "preparing" && button([t("View"), h("span", { class: "vh" }, ` ${one.title}`)], () => look(call, one), "btn btn-dense"),
    answering(call, view, one),
    own && one.private && button(t("Let everybody see it"), () => void call.ask("release_exhibit", { exhibit: one.id }), "btn btn-dense"),
    view.exhibits.floor === view.you.seat && !one.private && one.state === "ready" && view.exhibits.shown?.exhibit !== one.id
      && button(t("Show everybody"), () => {
        call.open("none");
        call.exhibits.show(one.id);
      }, "btn btn-dense"),
    one.withdrawable && button([t("Withdraw it"), h("span", { class: "vh" }, ` ${one.title}`)], () => void call.ask("withdraw_exhibit", { exhibit: one.id }), "btn btn-quiet btn-dense"));
}

export function about(view: View, one: Exhibit): string {
  const pages = one.kind === "film" ? (one.state === "preparing" ? t("being made ready …") : one.state === "unreadable" ? t("cannot be shown") : t("film"))
    : one.pages.length > 1 ? t("{n} pages", { n: one.pages.length }) : "";
  return [whose(view, one), one.purpose === "performance" ? t("proof of performance") : "", pages].filter(Boolean).join(" · ");
}

// Large, by oneself: nobody else's page follows.
export function exhibitSheet(call: Call, view: View): VNode | null {
  const one = view.exhibits.list.find((each) => each.id === call.state.about);
  if (!one) return null;
  const close = (): void => {
    call.exhibits.change({ glass: null });
    call.open(view.exhibits.shown?.exhibit === one.id ? "none" : "exhibits");
  };
  const shown = view.exhibits.shown?.exhibit === one.id;
  const { exhibiting } = call.state;
  const own: Table = {
    page: Math.min(exhibiting.page, Math.max(1, one.pages.length)), glass: exhibiting.glass ?? WHOLE, marks: [], pointer: null, shared: false,
    looked: (glass) => call.exhibits.change({ glass }),
  };
  const table = shown ? onTable(call, view, one) : own;
  const turn = (by: number) => (): void => call.exhibits.change({ page: own.page + by, glass: null });
  return enlarged("exhibit", one.title, close, [
    h("div", { class: "glass-frame glass-large", key: "frame" }, one.kind === "film" && one.state === "ready" ? film(call, view, one, false) : page(call, view, one, table)),
  ], [
    one.kind !== "film" && [
      h("div", { class: "line", key: "nearer" }, zooming(table.glass, table.looked)),
      one.pages.length > 1 && (shown
        ? h("span", { class: "num" }, t("Page {n} of {of}", { n: table.page, of: one.pages.length }))
        : h("div", { class: "line" },
          button(icon("next"), turn(-1), "btn btn-dense btn-icon btn-back", { "aria-label": t("Page before"), disabled: own.page <= 1 }),
          h("span", { class: "num", role: "status" }, t("Page {n} of {of}", { n: own.page, of: one.pages.length })),
          button(icon("next"), turn(1), "btn btn-dense btn-icon", { "aria-label": t("Next page"), disabled: own.page >= one.pages.length }))),
    ],
  ], [
    h("p", { class: "meta", key: "about" }, about(view, one)),
    answering(call, view, one),
  ]);
}
