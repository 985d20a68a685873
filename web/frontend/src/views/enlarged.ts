// Something looked at closely: over the whole page, or the whole screen where the browser lets it. Back and Esc close it.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../dom";
import { zooming } from "../exhibits/glass";
import { moved, WHOLE, zoomed, type Glass } from "../exhibits/state";
import { Taps } from "../exhibits/taps";
import { fullScreen } from "../room/full_screen";
import { seatOf } from "../room/selectors";
import type { Seat, View } from "../room/wire";
import { t } from "../words";
import { picture } from "./pieces";

const NEARER = 1.25;

// `inside`: what is looked at, and what is pressed for it; below it what does not belong on a whole screen.
export function enlarged(key: string, title: string, close: () => void, inside: Children[], tools: Children[], below: Children[] = []): VNode {
  const box = `${key}-box`;
  return modal(key, title, close, [
    h("div", { class: "enlarged", id: box, key: "box", hook: (element) => backCloses(element, close), drop: unback },
      inside,
      h("div", { class: "line apart enlarged-tools", key: "tools" }, tools, fullScreen.possible() && button([icon("whole"), fullScreen.shown() ? t("Leave full screen") : t("Full screen")], () => {
        const element = document.getElementById(box);
        if (fullScreen.shown()) fullScreen.leave();
        else if (element) fullScreen.enter(element);
      }, "btn btn-dense", { key: "full" }))),
    below,
  ], [button(t("Close"), close, "btn", { autofocus: true })], "dialog-large");
}

// ---------------------------------------------------------------- the way back

let onBack: (() => void) | null = null;

// A page of its own in the history as long as it is open: on a phone "back" would else leave the room.
function backCloses(element: HTMLElement, close: () => void): void {
  if (element.dataset.back) return;
  element.dataset.back = "yes";
  window.history.pushState({ enlarged: true }, "");
  onBack = close;
  window.addEventListener("popstate", back);
}

function back(): void {
  onBack?.();
}

function unback(): void {
  window.removeEventListener("popstate", back);
  onBack = null;
  if (fullScreen.shown()) fullScreen.leave();
  if ((window.history.state as { enlarged?: boolean } | null)?.enlarged) window.history.back();
}

// ---------------------------------------------------------------- a screen that is shared

let glass: Glass = WHOLE;
let looked = ""; // whose screen `glass` is of
const taps = new Taps();

function enlargeScreen(call: Call, seat: Seat): void {
  glass = WHOLE;
  looked = seat.id;
  call.open("screen", seat.id);
}

// A screen where pictures stand: a tap, or the button on it, shows it large.
export function shownScreen(call: Call, seat: Seat, kind: string): Children {
  const screen = picture(call, seat, "screen", kind);
  if (!screen) return null;
  return [
    h("div", { class: "screen-press", key: "screen-press", on: { click: () => enlargeScreen(call, seat) } }, screen),
    h("div", { class: "stage-tools", key: "screen-tools" }, button([icon("whole"), t("Look closely")], () => enlargeScreen(call, seat), "btn btn-dense")),
  ];
}

export function screenSheet(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  if (!seat?.screen || looked !== seat.id) return null;
  const look = (next: Glass): void => {
    glass = next;
    call.dispatch({ type: "tick", at: Date.now() });
  };
  // Where on the picture, as shares of the frame it fills.
  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return { x: glass.x + ((event.clientX - box.left) / box.width - 0.5) / glass.zoom, y: glass.y + ((event.clientY - box.top) / box.height - 0.5) / glass.zoom };
  };
  return enlarged("screen", t("{name}'s screen", { name: seat.name }), close, [
    h("div", {
      class: "glass-frame glass-large zoomed", key: "frame",
      hook: (frame) => {
        const video = frame.querySelector("video");
        if (video) video.style.transform = `translate(${(0.5 - glass.x) * glass.zoom * 100}%, ${(0.5 - glass.y) * glass.zoom * 100}%) scale(${glass.zoom})`;
      },
      on: {
        wheel: (event) => {
          event.preventDefault();
          look(zoomed(glass, (event as WheelEvent).deltaY < 0 ? NEARER : 1 / NEARER, place(event as WheelEvent)));
        },
        pointerdown: (event) => taps.down(event as PointerEvent),
        pointermove: (event) => {
          const drag = taps.move(event as PointerEvent);
          if (!drag) return;
          const box = (event.currentTarget as Element).getBoundingClientRect();
          const nearer = drag.by === 1 ? glass : zoomed(glass, drag.by, place(event as PointerEvent));
          look(moved(nearer, -drag.dx / box.width / glass.zoom, -drag.dy / box.height / glass.zoom));
        },
        pointerup: (event) => {
          if (taps.up(event as PointerEvent) === "twice") look(glass.zoom > 1 ? WHOLE : zoomed(glass, 2.5, place(event as PointerEvent)));
        },
        pointercancel: (event) => void taps.up(event as PointerEvent),
      },
    }, picture(call, seat, "screen") ?? h("p", { class: "alone" }, t("The screen is coming …"))),
  ], [h("div", { class: "line", key: "nearer" }, zooming(glass, look))]);
}
