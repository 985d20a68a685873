// The room in a small window of its own above the mediator's other work: faces, who speaks and the microphone where the browser has
// such windows for pages, else the picture of whoever speaks in one for videos.
import type { Call } from "../room/call";
import { button, h, icon, mark, patch, type VNode } from "../dom";
import { isParty, myself, outside, present, screenOf, sessionMs, stageOrder, waiting } from "../room/selectors";
import type { View } from "../room/wire";
import { face } from "../views/pieces";
import { longDuration, t } from "../words";
import { recordingLine } from "./middle";

interface PageWindows {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

const SIZE = { width: 400, height: 300 };

let page: Window | null = null;
let video: HTMLVideoElement | null = null; // that stands alone: ours, so that it stays when a tile goes

function pageWindows(): PageWindows | undefined {
  return (window as { documentPictureInPicture?: PageWindows }).documentPictureInPicture;
}

// The picture of whoever speaks, else of anybody else who has one.
function speaker(call: Call, view: View): HTMLVideoElement | null {
  const { main } = stageOrder(view, call.state.spoke);
  const others = Array.from(document.querySelectorAll<HTMLVideoElement>(".tiles .tile:not(.tile-self) video[data-seat]"));
  return others.find((one) => one.dataset.seat === main?.id) ?? others[0] ?? null;
}

function follow(alone: HTMLVideoElement, now: HTMLVideoElement): void {
  if (alone.srcObject === now.srcObject) return;
  alone.srcObject = now.srcObject;
  alone.dataset.seat = now.dataset.seat ?? "";
}

async function openVideo(call: Call, now: HTMLVideoElement): Promise<void> {
  const alone = Object.assign(document.createElement("video"), { muted: true, autoplay: true, playsInline: true, className: "vh" });
  alone.setAttribute("aria-hidden", "true");
  alone.addEventListener("leavepictureinpicture", () => {
    alone.remove();
    alone.srcObject = null;
    if (video === alone) video = null;
    call.dispatch({ type: "tick", at: Date.now() });
  });
  document.body.append(alone);
  follow(alone, now);
  try {
    await alone.play(); // before its first frame it may not
    await alone.requestPictureInPicture();
    video = alone;
  } catch (error) {
    alone.remove();
    throw error;
  }
}

function shown(): boolean {
  return page !== null || (video !== null && document.pictureInPictureElement === video);
}

export function smallWindowTool(call: Call, view: View, tool: (name: string, label: string, press: () => void, pressed?: boolean) => VNode): VNode | null {
  if (!pageWindows() && !(document.pictureInPictureEnabled && speaker(call, view))) return null;
  return tool("small-window", shown() ? t("Close the small window") : t("Small window"), () => {
    if (shown()) closeSmallWindow();
    else void open(call).catch(() => call.notice(t("The small window could not be opened."), "warn"));
  });
}

async function open(call: Call): Promise<void> {
  const { view } = call.state;
  const windows = pageWindows();
  if (!view) return;
  if (!windows) {
    const found = speaker(call, view);
    if (found) await openVideo(call, found);
  } else {
    const opened = await windows.requestWindow(SIZE);
    const { head, documentElement } = opened.document;
    documentElement.lang = document.documentElement.lang;
    opened.document.title = document.title;
    for (const sheet of Array.from(document.querySelectorAll("link[rel=stylesheet]"))) head.append(sheet.cloneNode());
    opened.document.body.className = document.body.className;
    opened.addEventListener("pagehide", () => {
      patch(opened.document.body);
      if (page === opened) page = null;
      call.dispatch({ type: "tick", at: Date.now() });
    });
    page = opened;
  }
  call.dispatch({ type: "tick", at: Date.now() });
}

function closeSmallWindow(): void {
  const [closing, alone] = [page, shown() && !page];
  page = video = null;
  closing?.close();
  if (alone) void document.exitPictureInPicture().catch(() => undefined);
}

// After every drawing of the room: the small window follows it, and ends with it.
export function drawSmallWindow(call: Call, at: number): void {
  const { view } = call.state;
  if (!shown()) return;
  const screen = screenOf(call.state);
  if (!view || (screen !== "room" && screen !== "recess")) return closeSmallWindow();
  if (page) return patch(page.document.body, small(call, view, at));
  const now = speaker(call, view);
  if (video && now) follow(video, now);
}

function small(call: Call, view: View, at: number): VNode {
  const own = myself(view);
  const on = call.state.local.mic === "ready" && own?.muted === false;
  const others = present(view).filter((seat) => seat !== own && !outside(view, seat) && (isParty(seat) || seat.camera || seat.screen || seat.speaking));
  const knocking = waiting(view).length;
  return h("main", { class: "small-window", key: "small" },
    h("p", { class: "line apart" }, recordingLine(view), h("span", { class: "clock" }, longDuration(sessionMs(call.state, at)))),
    knocking > 0 && h("p", { class: "badge", "data-tone": "warn", key: "door" }, t("{n} waiting at the door.", { n: knocking })),
    h("div", { class: "small-tiles", key: "tiles" }, others.map((seat) => h("div", { class: "tile", key: `tile-${seat.id}`, "data-speaking": seat.speaking },
      face(call, seat), h("p", { class: "tile-foot" }, mark(seat.role), h("b", {}, seat.name), seat.speaking && h("span", { class: "speaking" }, t("speaking")))))),
    h("p", { class: "line apart" },
      button([icon(on ? "mic" : "mic-off"), on ? t("Sound on") : t("Muted")], () => void call.toggleMic(), "btn btn-dense", { "aria-pressed": String(on) }),
      button(t("Back to the room"), () => {
        closeSmallWindow();
        window.focus();
      }, "btn btn-act btn-dense")));
}
