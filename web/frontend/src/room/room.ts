// A party's page: the waiting room and the phone room.
import "webrtc-adapter";
import { Aloud } from "./aloud";
import { Call } from "./call";
import { alsoInModals } from "../dom";
import { readPage } from "../page";
import { myself } from "./selectors";
import { announcer } from "./voice";
import { drawPhone } from "../views/phone";
import { noticeBar } from "../views/pieces";
import type { Mode } from "./wire";

const page = readPage();
const root = document.getElementById("room") as HTMLElement;
const mode = (root.dataset.mode || "video") as Mode;
const announce = announcer(document.getElementById("announcer") as HTMLElement);
const aloud = new Aloud(page.language, () => call.dispatch({ type: "tick", at: Date.now() }));
const call: Call = new Call(
  page,
  () => drawPhone(root, call),
  (sentence) => {
    announce(sentence);
    aloud.say(sentence);
  },
  mode,
  // Opening the page is coming to the door, also after having left.
  ({ view }) => {
    const status = view ? myself(view)?.status : undefined;
    return (status === "invited" || status === "left") && view?.session.status !== "closed";
  },
  document.getElementById("sound") as HTMLElement,
);
call.aloud = aloud;
window.addEventListener("pagehide", () => aloud.stop());
// A refusal must be seen over the dialog that caused it.
alsoInModals(() => (call.state.notice?.tone === "warn" ? noticeBar(call.state, true) : null));
call.start();
