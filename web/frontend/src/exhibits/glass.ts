// A page under glass: the picture with the marks and the pointer on it, as one SVG whose frame is what is seen of it.
import type { Call } from "../room/call";
import { button, h, icon, type Children, type VNode } from "../dom";
import { seatOf } from "../room/selectors";
import type { Exhibit, Mark, MarkShape, Point, View } from "../room/wire";
import { roleName, t } from "../words";
import { Taps } from "./taps";
import { frame, grain, moved, WHOLE, zoomed, type Glass } from "./state";

const NEARER = 1.25;

export interface Table {
  page: number;
  glass: Glass;
  marks: Mark[];
  pointer: Point | null;
  shared: boolean; // what this person does to it, everybody sees
  looked: (glass: Glass) => void;
  tapped?: () => void; // a tap enlarges it, instead of two that bring it nearer
}

// What lies on the table, as this viewer sees it.
export function onTable(call: Call, view: View, exhibit: Exhibit): Table {
  const { exhibits, state } = call;
  const shown = view.exhibits.shown;
  const shared = exhibits.mayShow;
  const others = shown?.look && shown.look.seat !== view.you.seat ? shown.look.pointer : null;
  return {
    page: Math.min(shown?.page ?? 1, Math.max(1, exhibit.pages.length)), glass: exhibits.glass(), marks: shown?.marks ?? [],
    pointer: others ?? (shared ? state.exhibiting.pointer : null), shared, looked: (glass) => exhibits.look(glass, shared),
  };
}

export function page(call: Call, view: View, exhibit: Exhibit, table: Table): VNode {
  const size = exhibit.pages[table.page - 1];
  if (!size) return h("p", { class: "alone", key: "no-page" }, exhibit.state === "unreadable" ? t("This film could not be made ready to be shown. The original is kept.") : t("The film is being made ready …"));
  const picture = call.exhibits.pictures.page(exhibit.id, table.page);
  if (picture.state !== "there") {
    return h("p", { class: "alone", key: "coming" }, picture.state === "failed" ? t("The page does not come through. It is tried again by itself.") : t("The page is coming …"));
  }
  call.exhibits.pictures.ahead(exhibit.id, table.page, exhibit.pages.length);
  const [width, height] = size;
  const thick = Math.max(width, height) / 260;
  const { tool, drawing } = call.state.exhibiting;
  const draft = tool !== "hand" && drawing.length > 1 ? [{ n: 0, shape: tool, points: drawing, seat: view.you.seat }] : [];
  return h("svg", {
    key: `page-${exhibit.id}-${table.page}`, class: table.shared && tool !== "hand" ? "glass glass-draw" : "glass", role: "img",
    viewBox: frame(table.glass, width, height), preserveAspectRatio: "xMidYMid meet", "aria-label": spoken(exhibit, table),
    on: fingers(call, table, width, height),
  },
    h("image", { href: picture.address, width, height, x: 0, y: 0 }),
    [...table.marks, ...draft].map((mark) => drawn(view, mark, width, height, thick)),
    table.pointer && h("g", { class: "glass-pointer", key: "pointer" },
      h("circle", { cx: at(table.pointer[0], width), cy: at(table.pointer[1], height), r: thick * 4, "stroke-width": thick * 1.4 }),
      h("circle", { class: "glass-dot", cx: at(table.pointer[0], width), cy: at(table.pointer[1], height), r: thick * 1.3 })));
}

function spoken(exhibit: Exhibit, { page: n, marks }: Table): string {
  const where = exhibit.pages.length > 1 ? t("{title}, page {n} of {of}", { title: exhibit.title, n, of: exhibit.pages.length }) : exhibit.title;
  return marks.length ? t("{what}, {n} marks on it", { what: where, n: marks.length }) : where;
}

function at(grains: number, side: number): number {
  return Math.round((grains / 10_000) * side * 10) / 10;
}

function drawn(view: View, mark: Mark, width: number, height: number, thick: number): VNode {
  const place = ([x, y]: Point): [number, number] => [at(x, width), at(y, height)];
  const attrs = { class: "glass-mark", key: `mark-${mark.n}`, "data-role": seatOf(view, mark.seat)?.role ?? "", "stroke-width": thick * 1.5 };
  const [first, last] = [place(mark.points[0] ?? [0, 0]), place(mark.points[mark.points.length - 1] ?? [0, 0])];
  if (mark.shape === "box") {
    return h("rect", {
      ...attrs, x: Math.min(first[0], last[0]), y: Math.min(first[1], last[1]), width: Math.abs(last[0] - first[0]), height: Math.abs(last[1] - first[1]), rx: thick,
    });
  }
  if (mark.shape === "pen") return h("path", { ...attrs, d: mark.points.map((point, n) => `${n ? "L" : "M"}${place(point).join(" ")}`).join("") });
  const turn = Math.atan2(last[1] - first[1], last[0] - first[0]);
  const wing = (by: number): string => `${last[0] - Math.cos(turn + by) * thick * 7} ${last[1] - Math.sin(turn + by) * thick * 7}`;
  return h("path", { ...attrs, d: `M${first.join(" ")}L${last.join(" ")}M${wing(0.5)}L${last.join(" ")}L${wing(-0.5)}` });
}

// ---------------------------------------------------------------- fingers, mouse and wheel

const taps = new Taps();

function fingers(call: Call, table: Table, width: number, height: number): Record<string, (event: Event) => void> {
  const desk = call.exhibits;
  const { tool } = call.state.exhibiting;
  const drawing: MarkShape | null = table.shared && tool !== "hand" ? tool : null;
  const place = (event: MouseEvent): { x: number; y: number } => {
    const svg = event.currentTarget as SVGSVGElement;
    const matrix = svg.getScreenCTM();
    if (!matrix) return { x: 0.5, y: 0.5 };
    const point = svg.createSVGPoint();
    point.x = event.clientX;
    point.y = event.clientY;
    const found = point.matrixTransform(matrix.inverse());
    return { x: found.x / width, y: found.y / height };
  };
  const grains = (event: MouseEvent): Point => {
    const { x, y } = place(event);
    return [grain(x), grain(y)];
  };
  return {
    wheel: (event) => {
      const wheel = event as WheelEvent;
      wheel.preventDefault();
      table.looked(zoomed(table.glass, wheel.deltaY < 0 ? NEARER : 1 / NEARER, place(wheel)));
    },
    pointerdown: (event) => {
      taps.down(event as PointerEvent);
      if (drawing && !taps.many) desk.draw([grains(event as PointerEvent)]);
    },
    pointermove: (event) => {
      const pointer = event as PointerEvent;
      const drag = taps.move(pointer);
      if (!drag) {
        if (table.shared && pointer.pointerType === "mouse") desk.point(grains(pointer));
        return;
      }
      const matrix = (pointer.currentTarget as SVGSVGElement).getScreenCTM();
      const unit = matrix?.a || 1; // pixels of the screen for one of the page
      const [dx, dy] = [-drag.dx / unit / width, -drag.dy / unit / height];
      if (taps.many) {
        table.looked(moved(zoomed(table.glass, drag.by, place(pointer)), dx, dy));
        desk.draw([]);
      } else if (drawing) {
        desk.draw([...call.state.exhibiting.drawing, grains(pointer)]);
      } else if (table.glass.zoom > 1) {
        table.looked(moved(table.glass, dx, dy));
      } else if (table.shared) desk.point(grains(pointer));
    },
    pointerup: (event) => {
      const tap = taps.up(event as PointerEvent);
      if (drawing) desk.mark(drawing, call.state.exhibiting.drawing);
      else if (tap && table.tapped) table.tapped();
      else if (tap === "twice") table.looked(table.glass.zoom > 1 ? WHOLE : zoomed(table.glass, 2.5, place(event as PointerEvent)));
    },
    pointercancel: (event) => {
      taps.up(event as PointerEvent);
      desk.draw([]);
    },
    pointerleave: (event) => {
      if (table.shared && (event as PointerEvent).pointerType === "mouse") desk.point(null);
    },
  };
}

// ---------------------------------------------------------------- what can be pressed

export function zooming(glass: Glass, looked: (glass: Glass) => void): Children {
  const by = (factor: number) => (): void => looked(zoomed(glass, factor, { x: glass.x, y: glass.y }));
  return [
    button("−", by(1 / NEARER / NEARER), "btn btn-dense btn-icon", { "aria-label": t("Smaller"), key: "smaller" }),
    button("+", by(NEARER * NEARER), "btn btn-dense btn-icon", { "aria-label": t("Larger"), key: "larger" }),
    glass.zoom > 1 && button(t("Whole page"), () => looked(WHOLE), "btn btn-dense", { key: "whole" }),
  ];
}

export function film(call: Call, view: View, exhibit: Exhibit, shared: boolean): VNode {
  const desk = call.exhibits;
  const look = view.exhibits.shown?.exhibit === exhibit.id ? view.exhibits.shown.look : null;
  const tell = (event: Event): void => {
    const video = event.currentTarget as HTMLVideoElement;
    if (shared) desk.playing(video.currentTime * 1000, !video.paused);
  };
  return h("video", {
    key: `film-${exhibit.id}`, class: "film", controls: true, playsinline: true, preload: "metadata", "aria-label": exhibit.title,
    src: `${call.page.files}/exhibits/${encodeURIComponent(exhibit.id)}/film`,
    on: { play: tell, pause: tell, seeked: tell, timeupdate: tell },
    hook: (element) => {
      if (shared || !look || look.ms === null || look.seat === view.you.seat) return;
      const video = element as HTMLVideoElement;
      if (video.readyState > 0 && Math.abs(video.currentTime * 1000 - look.ms) > 1500) video.currentTime = look.ms / 1000;
      if (look.playing && video.paused) void video.play().catch(() => undefined); // without a tap a browser may refuse
      else if (!look.playing && !video.paused) video.pause();
    },
  });
}

export function whose(view: View, exhibit: Exhibit): string {
  const seat = seatOf(view, exhibit.seat);
  if (!seat) return "";
  return seat.id === view.you.seat ? t("yours") : t("brought by {name}", { name: seat.role === "mediator" ? roleName("mediator") : seat.name });
}

export function kindIcon(exhibit: Exhibit): VNode {
  return icon(exhibit.kind === "film" ? "play" : exhibit.kind === "pictures" ? "image" : "file");
}
