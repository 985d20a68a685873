// Exhibits on a party's phone: what lies on the table, and the line that leads to the list (./seldom/exhibits).
import type { Call } from "../room/call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { answering, mayAnswer } from "../exhibits/answers";
import { film, kindIcon, onTable, page } from "../exhibits/glass";
import { myself, seatOf } from "../room/selectors";
import type { Exhibit, View } from "../room/wire";
import { t } from "../words";

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

export function look(call: Call, one: Exhibit): void {
  call.exhibits.change({ glass: null, page: 1 });
  call.open("exhibit", one.id);
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
