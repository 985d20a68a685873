// Exhibits on a party's phone: the list with its big buttons, one looked at large, and what lies on the table.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../dom";
import { answering, answers, mayAnswer } from "../exhibits/answers";
import { naming, pickers, underWay } from "../exhibits/adding";
import { film, kindIcon, onTable, page, whose, zooming, type Table } from "../exhibits/glass";
import { WHOLE } from "../exhibits/state";
import { myself, seatOf } from "../room/selectors";
import type { Exhibit, View } from "../room/wire";
import { t } from "../words";
import { enlarged } from "./enlarged";

const OFFERING = ["consumer", "business", "representative", "lawyer", "mediator"];

export function mayOffer(view: View): boolean {
  return OFFERING.includes(myself(view)?.role ?? "");
}

// Those that wait for what this side says.
export function unanswered(view: View): Exhibit[] {
  const { side } = view.you;
  if (side === null || !mayOffer(view)) return [];
  return view.exhibits.list.filter((one) => one.side !== side && !one.private && one.state === "ready" && !one.answers[side]);
}

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

function look(call: Call, one: Exhibit): void {
  call.exhibits.change({ glass: null, page: 1 });
  call.open("exhibit", one.id);
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

// What lies on the table, where the large picture was.
export function onStage(call: Call, view: View): VNode | null {
  const one = call.exhibits.shown;
  const { shown } = view.exhibits;
  if (!one || !shown) return null;
  const table = onTable(call, view, one);
  if (!table.shared) table.tapped = (): void => look(call, one);
  const by = seatOf(view, shown.seat);
  return h("section", { class: "stage-exhibit", key: "stage-exhibit", "aria-label": t("Exhibit on show") },
    h("div", { class: "glass-frame" }, one.kind === "film" && one.state === "ready" ? film(call, view, one, table.shared) : page(call, view, one, table)),
    h("p", { class: "stage-name" }, h("span", { class: "plate" }, kindIcon(one), one.title,
      one.pages.length > 1 && h("span", { class: "num" }, ` ${table.page}/${one.pages.length}`)),
      by && h("span", { class: "vh" }, t("shown by {name}", { name: by.name }))),
    h("div", { class: "stage-tools" },
      call.exhibits.mayShow && one.pages.length > 1 && [
        button(icon("next"), () => call.exhibits.turn(-1), "btn btn-dense btn-icon btn-back", { "aria-label": t("Page before"), disabled: table.page <= 1, key: "back" }),
        button(icon("next"), () => call.exhibits.turn(1), "btn btn-dense btn-icon", { "aria-label": t("Next page"), disabled: table.page >= one.pages.length, key: "on" }),
      ],
      call.exhibits.mayShow && button(t("Put it away"), () => call.exhibits.putAway(), "btn btn-dense"),
      button([icon("whole"), t("Look closely")], () => look(call, one), "btn btn-dense")));
}

// What is on show is answered under it, as long as there is something to say; to change it, it is in the list.
function answeredOnShow(call: Call, view: View): VNode | null {
  const one = call.exhibits.shown;
  const said = one && view.you.side ? one.answers[view.you.side] : undefined;
  if (!one || !mayAnswer(view, one) || said?.accepted || said?.reason) return null;
  return h("section", { class: "stage-answer", key: "stage-answer", "aria-label": t("What you say to “{title}”", { title: one.title }) }, answering(call, view, one));
}

// A line that is always there while something waits: for what one says to it, or for everybody to see it.
export function exhibitLine(call: Call, view: View): Children {
  const open = unanswered(view).length;
  const { sending } = call.state.exhibiting;
  const busy = sending.find((one) => one.state !== "refused");
  const refused = sending.find((one) => one.state === "refused");
  if (!view.exhibits.list.length && !sending.length) return null;
  const word = refused ? refused.why : busy ? t("“{title}” is being sent: {n} %", { title: busy.title, n: Math.round(busy.share * 100) })
    : open ? t("Exhibits waiting for your answer: {n}", { n: open }) : t("Exhibits here: {n}", { n: view.exhibits.list.length });
  return [answeredOnShow(call, view), button([icon("file"), h("span", { class: "row-main" }, word), icon("next")], () => call.open("exhibits"),
    open || refused ? "exhibit-line exhibit-line-open" : "exhibit-line", { key: "exhibit-line" })];
}
