// The mediator's page.
import "webrtc-adapter";
import { Call } from "../room/call";
import { drawCockpit } from "./frame";
import { listenToKeys } from "./keys";
import { notebook } from "./notebook";
import { alsoInModals } from "../dom";
import { readPage } from "../page";
import { myself } from "../room/selectors";
import { noticeBar } from "../views/pieces";
import { announcer } from "../room/voice";

const page = readPage();
const root = document.getElementById("room") as HTMLElement;
const call = new Call(
  page,
  () => drawCockpit(root, call),
  announcer(document.getElementById("announcer") as HTMLElement),
  "video",
  // Opening a session starts its clock, so that is a tap; coming back into one that runs is not.
  ({ view }) => view !== null && (view.session.status === "live" || view.session.status === "recess")
    && (myself(view)?.status === "left" || myself(view)?.status === "invited"),
  document.getElementById("sound") as HTMLElement,
);
listenToKeys(call);
// A refusal must be seen over the dialog that caused it.
alsoInModals(() => (call.state.notice?.tone === "warn" ? noticeBar(call.state, true) : null));
call.start();
notebook(call).open();

// Whoever conducts a mediation is not idle, though nothing but the room's own wire is used for hours.
const STAY_MS = 10 * 60_000;
setInterval(() => {
  const status = call.state.view?.session.status;
  if (!document.hidden && (status === "live" || status === "recess")) void fetch("/api/alive").catch(() => undefined);
}, STAY_MS);
