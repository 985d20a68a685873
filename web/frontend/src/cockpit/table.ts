// What lies on the table, over the pictures of the cockpit: pages, zoom, pointer and marks, by mouse and by keyboard.
import type { Call } from "../room/call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { answers } from "../exhibits/answers";
import { film, onTable, page, zooming, type Table } from "../exhibits/glass";
import { grain, moved, WHOLE, zoomed, type Tool } from "../exhibits/state";
import { seatOf } from "../room/selectors";
import type { Exhibit, View } from "../room/wire";
import { t } from "../words";

const STEP = 0.12; // of what is seen, per arrow key

export function table(call: Call, view: View): VNode | null {
  const one = call.exhibits.shown;
  const { shown } = view.exhibits;
  if (!one || !shown) return null;
  const laid = onTable(call, view, one);
  const by = seatOf(view, shown.seat);
  return h("section", {
    class: "table card", key: "table", "aria-label": t("Exhibit on show"), tabindex: "0",
    "aria-keyshortcuts": "PageUp PageDown + - 0",
    on: { keydown: (event) => keys(call, laid, one, event as KeyboardEvent) },
  },
    h("div", { class: "line apart table-head" },
      h("p", {}, h("b", {}, one.title), " ", h("span", { class: "meta" }, by && by.id !== view.you.seat ? t("shown by {name}", { name: by.name }) : t("everybody sees it"), " ·"), " ", answers(view, one)),
      button(t("Put it away"), () => call.exhibits.putAway(), "btn btn-dense")),
    h("div", { class: "glass-frame" }, one.kind === "film" && one.state === "ready" ? film(call, view, one, true) : page(call, view, one, laid)),
    one.kind !== "film" && h("div", { class: "line apart" },
      one.pages.length > 1 ? h("div", { class: "line" },
        button(icon("next"), () => call.exhibits.turn(-1), "btn btn-dense btn-icon btn-back", { "aria-label": t("Page before"), disabled: laid.page <= 1 }),
        h("span", { class: "num", role: "status" }, t("Page {n} of {of}", { n: laid.page, of: one.pages.length })),
        button(icon("next"), () => call.exhibits.turn(1), "btn btn-dense btn-icon", { "aria-label": t("Next page"), disabled: laid.page >= one.pages.length })) : h("span", {}),
      h("div", { class: "line", role: "group", "aria-label": t("Pointer and marks") }, tools(call, laid), zooming(laid.glass, laid.looked))));
}

function tools(call: Call, laid: Table): Children {
  const { tool } = call.state.exhibiting;
  const choice = (each: Tool, label: string): VNode => button(label, () => call.exhibits.take(each), "btn btn-dense", { "aria-pressed": String(tool === each), key: each });
  return [
    choice("hand", t("Point")), choice("pen", t("Pen")), choice("box", t("Frame")), choice("arrow", t("Arrow")),
    laid.marks.length > 0 && button(t("Undo the last mark"), () => void call.ask("unmark_exhibit", { n: laid.marks[laid.marks.length - 1]?.n ?? 0 }), "btn btn-quiet btn-dense", { key: "last" }),
    laid.marks.length > 1 && button(t("Clear all marks"), () => void call.ask("unmark_exhibit", { n: 0 }), "btn btn-quiet btn-dense", { key: "all" }),
  ];
}

// By keyboard alone: arrows move what is seen, or with Shift the pointer; a mark is set where it stands.
function keys(call: Call, laid: Table, one: Exhibit, event: KeyboardEvent): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const desk = call.exhibits;
  const way = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as Record<string, [number, number] | undefined>)[event.key];
  const middle = { x: laid.glass.x, y: laid.glass.y };
  const step = STEP / laid.glass.zoom;
  if (event.key === "PageDown") desk.turn(1);
  else if (event.key === "PageUp") desk.turn(-1);
  else if (event.key === "+" || event.key === "=") laid.looked(zoomed(laid.glass, 1.5, middle));
  else if (event.key === "-") laid.looked(zoomed(laid.glass, 1 / 1.5, middle));
  else if (event.key === "0") laid.looked(WHOLE);
  else if (way && event.shiftKey) {
    const [x, y] = call.state.exhibiting.pointer ?? [grain(middle.x), grain(middle.y)];
    const pointer: [number, number] = [grain(x / 10_000 + way[0] * step), grain(y / 10_000 + way[1] * step)];
    desk.change({ pointer });
    desk.point(pointer);
  } else if (way) {
    if (laid.glass.zoom > 1) laid.looked(moved(laid.glass, way[0] * step, way[1] * step));
    else if (way[0] && one.pages.length > 1) desk.turn(way[0]);
    else return;
  } else if (event.key === "Enter" && call.state.exhibiting.pointer) {
    const [x, y] = call.state.exhibiting.pointer;
    const near = (value: number, by: number): number => Math.min(10_000, Math.max(0, value + by));
    desk.mark("box", [[near(x, -400), near(y, -250)], [near(x, 400), near(y, 250)]]);
  } else if (event.key === "Escape") {
    desk.change({ pointer: null, tool: "hand" });
    desk.point(null);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
