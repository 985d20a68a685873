// How pictures are laid out: who speaks large or everybody alike, and one's own picture in a corner. Both choices are this browser's.
import type { Call } from "../room/call";
import { button, h, icon, mark, type Children, type VNode } from "../dom";
import type { Seat, View } from "../room/wire";
import { t } from "../words";
import { face, nameOf } from "./pieces";

export type Layout = "speaker" | "grid";
export type Corner = "top-start" | "top-end" | "bottom-start" | "bottom-end";
interface Place { x: number; y: number }

const ROUND: readonly Corner[] = ["bottom-end", "bottom-start", "top-start", "top-end"];
const LAYOUT = "yuntiao.layout";
const CORNER = "yuntiao.corner";
const A_DRAG = 8; // pixels; less is a press

const chosen: Record<string, string> = {}; // where nothing can be kept: this page only

function kept<Choice extends string>(name: string, choices: readonly Choice[], otherwise: Choice): Choice {
  let said = chosen[name];
  try {
    said ??= window.localStorage.getItem(name) ?? undefined;
  } catch { /* a private window */ }
  return choices.find((one) => one === said) ?? otherwise;
}

function keep(call: Call, name: string, choice: string): void {
  chosen[name] = choice;
  try {
    window.localStorage.setItem(name, choice);
  } catch { /* a private window */ }
  call.dispatch({ type: "tick", at: Date.now() });
}

// The mediator sees both sides alike until they ask for something else.
export function layoutOf(view: View): Layout {
  return kept<Layout>(LAYOUT + (view.you.mediator ? ".cockpit" : ""), ["speaker", "grid"], view.you.mediator ? "grid" : "speaker");
}

export function turnLayout(call: Call, view: View): void {
  keep(call, LAYOUT + (view.you.mediator ? ".cockpit" : ""), layoutOf(view) === "grid" ? "speaker" : "grid");
  call.look();
}

// Said as what a press brings.
export function layoutWord(view: View): string {
  return layoutOf(view) === "grid" ? t("Speaker large") : t("All alike");
}

export function layoutSwitch(call: Call, view: View): VNode {
  const word = layoutWord(view);
  return button(icon(layoutOf(view) === "grid" ? "speaker-large" : "grid"), () => turnLayout(call, view), "btn btn-quiet btn-icon", { key: "layout", "aria-label": word, title: word });
}

// ---------------------------------------------------------------- one's own picture

// In which quarter of its frame something lies.
export function cornerAt(place: Place, frame: { left: number; top: number; width: number; height: number }): Corner {
  const end = place.x > frame.left + frame.width / 2;
  const bottom = place.y > frame.top + frame.height / 2;
  return bottom ? (end ? "bottom-end" : "bottom-start") : end ? "top-end" : "top-start";
}

// Where an arrow key takes it.
export function towards(corner: Corner, key: string): Corner {
  const [row, side] = corner.split("-") as ["top" | "bottom", "start" | "end"];
  switch (key) {
    case "ArrowUp": return `top-${side}`;
    case "ArrowDown": return `bottom-${side}`;
    case "ArrowLeft": return `${row}-start`;
    case "ArrowRight": return `${row}-end`;
    default: return corner;
  }
}

function cornerName(corner: Corner): string {
  switch (corner) {
    case "top-start": return t("top left");
    case "top-end": return t("top right");
    case "bottom-start": return t("bottom left");
    case "bottom-end": return t("bottom right");
  }
}

let drag: { from: Place; moved: boolean } | null = null;
let dragged = false; // the click that ends a drag is none

export function selfView(call: Call, view: View, own: Seat, badges: Children = null): VNode {
  const corner = kept(CORNER, ROUND, "bottom-end");
  const drop = (event: Event): void => {
    const element = event.currentTarget as HTMLElement;
    dragged = drag?.moved ?? false;
    drag = null;
    const box = element.getBoundingClientRect();
    element.style.transform = "";
    if (!dragged || event.type === "pointercancel" || !element.offsetParent) return;
    keep(call, CORNER, cornerAt({ x: box.left + box.width / 2, y: box.top + box.height / 2 }, element.offsetParent.getBoundingClientRect()));
  };
  return h("button", {
    type: "button", class: "tile tile-self", key: "self", "data-corner": corner, "data-speaking": own.speaking,
    "aria-label": t("You: your own picture, {corner}. Press, drag or use the arrow keys to move it.", { corner: cornerName(corner) }),
    on: {
      click: () => {
        if (!dragged) keep(call, CORNER, ROUND[(ROUND.indexOf(corner) + 1) % ROUND.length] ?? corner);
        dragged = false;
      },
      keydown: (event) => {
        const { key } = event as KeyboardEvent;
        if (!key.startsWith("Arrow")) return;
        event.preventDefault();
        keep(call, CORNER, towards(corner, key));
      },
      pointerdown: (event) => {
        const { clientX, clientY, pointerId } = event as PointerEvent;
        (event.currentTarget as HTMLElement).setPointerCapture?.(pointerId);
        drag = { from: { x: clientX, y: clientY }, moved: false };
        dragged = false;
      },
      pointermove: (event) => {
        if (!drag) return;
        const { clientX, clientY } = event as PointerEvent;
        const [dx, dy] = [clientX - drag.from.x, clientY - drag.from.y];
        drag.moved ||= Math.hypot(dx, dy) > A_DRAG;
        if (drag.moved) (event.currentTarget as HTMLElement).style.transform = `translate(${dx}px, ${dy}px)`;
      },
      pointerup: drop,
      pointercancel: drop,
    },
  },
    face(call, own),
    h("span", { class: "tile-foot" }, mark(own.role), h("b", {}, nameOf(view, own)), badges));
}
