// The cockpit as a whole: head, three columns, dialogs, single keys.
import type { Call } from "../room/call";
import { button, h, icon, modal, patch, type VNode } from "../dom";
import { phaseMs, screenOf, seatOf, sessionMs, speakerNow } from "../room/selectors";
import { captionsSheet } from "../views/seldom/captions";
import { talkQuestion } from "../views/caucus";
import { devicesSheet } from "../views/devices";
import { helperSheet } from "../views/seldom/ease";
import { volumeRow, volumeSheet } from "../views/seldom/volume";
import { screenSheet } from "../views/enlarged";
import { cameraRows, helpLink, noticeBar, outcomeFacts, outcomeTitle, ownPicture } from "../views/pieces";
import { voidQuestion } from "../views/signing";
import { standstill } from "../views/waiting";
import type { View } from "../room/wire";
import { duration, longDuration, phaseName, t } from "../words";
import { endDialog } from "./end";
import { keysSheet } from "./keys";
import { leftColumn } from "./left";
import { middle, recordingLine } from "./middle";
import { network } from "./network";
import { rightColumn } from "./right";
import { drawSmallWindow } from "./small_window";
import { isWide } from "./wide";
import { telephoneDialog } from "./telephone";
import { voiceDialog, voiceSignDialog } from "./voice";

export function drawCockpit(root: HTMLElement, call: Call): void {
  const { view } = call.state;
  const at = Date.now();
  const screen = screenOf(call.state);
  root.classList.toggle("cockpit", view !== null && screen !== "closed" && screen !== "over" && screen !== "cancelled");
  root.classList.toggle("cockpit-wide", root.classList.contains("cockpit") && call.state.tab === "agreement" && isWide(call));
  if (!view || screen === "over" || screen === "cancelled") {
    patch(root, screen === "connecting" ? connecting(call) : standstill(call, screen === "over" ? call.state.ending : screen));
  } else if (screen === "closed") {
    patch(root, closed(call, view));
  } else {
    patch(root, head(call, view, at), leftColumn(call, view, at), middle(call, view, at), rightColumn(call, view), dialogs(call, view), voidQuestion(call, view));
  }
  drawSmallWindow(call, at);
}

function connecting(call: Call): VNode {
  return h("main", { class: "flow", id: "main", key: "connecting" }, h("section", { class: "hush" },
    h("h1", {}, t("Opening the room …")), h("progress", { class: "thin", "aria-label": t("Connecting") }),
    call.state.tries > 1 && h("p", {}, t("The network is slow. This is try {n}; you need not tap anything.", { n: call.state.tries }))));
}

function head(call: Call, view: View, at: number): VNode {
  const speaker = speakerNow(call.state, at);
  const { session } = view;
  return h("header", { class: "cp-top", key: "head" }, icon("logo", "logo"),
    h("div", { class: "cp-title" },
      h("h1", {}, h("button", { // what is cut off stands whole under the file's first tab
        type: "button", class: "cp-name", title: `${between(view)} ${session.title}`.trim(),
        on: { click: () => call.dispatch({ type: "tab", tab: "case" }) },
      }, between(view) && h("span", {}, between(view)), h("span", {}, session.title))),
      h("span", { class: "meta num" }, session.number, " · ", t("Mediation {n}", { n: session.ordinal }))),
    recordingLine(view),
    h("dl", { class: "clocks" },
      clock(t("This mediation"), longDuration(sessionMs(call.state, at))),
      session.phase && clock(phaseName(session.phase), duration(phaseMs(call.state, at))),
      speaker && clock(speaker.seat.id === view.you.seat ? t("You are speaking") : t("{name} is speaking", { name: speaker.seat.name }), duration(speaker.ms))),
    h("div", { class: "line" },
      h("span", { class: "bell-place", key: "bell", opaque: true, hook: takeBell }),
      helpLink(),
      button(h("kbd", {}, "Alt K"), () => call.open("keys"), "btn btn-quiet btn-dense", { "aria-label": `${t("Keys")} Alt K`, title: t("Keys"), "aria-keyshortcuts": "Alt+K" }),
      button(t("Leave"), () => call.open("leave"), "btn btn-quiet btn-dense"),
      session.status !== "scheduled" && button(t("End the mediation …"), () => call.open("end"), "btn btn-seal btn-dense")));
}

// The page brings it (office/bell.html); office/alerts.ts fills it, and finds it wherever it stands.
function takeBell(into: HTMLElement): void {
  const bell = document.querySelector("[data-alerts]");
  if (bell && bell.parentElement !== into) into.append(bell);
}

// Who is against whom: what a mediator with three rooms in a morning looks for first.
function between(view: View): string {
  const side = (role: "consumer" | "business"): string => {
    const seat = view.seats.find((each) => each.role === role);
    return (role === "business" && seat?.organisation) || seat?.name || "";
  };
  return [side("consumer"), side("business")].filter(Boolean).join(" · ");
}

function clock(label: string, value: string): VNode {
  return h("div", { key: label }, h("dt", {}, label), h("dd", { class: "clock" }, value));
}

function closed(call: Call, view: View): VNode {
  return h("main", { class: "flow", id: "main", key: "closed" }, h("div", { class: "stack closed-page" },
    h("h1", {}, view.closed ? outcomeTitle(view.closed) : t("The mediation is over")),
    h("p", { class: "lede" }, t("The session has ended. The recording is being put together; the complaint's record follows by itself.")),
    view.closed && h("section", { class: "card stack", "aria-label": t("The result") }, outcomeFacts(call, view, view.closed)),
    h("p", { class: "meta" }, session(view), " · ", longDuration(call.state.view ? view.clock.session_ms : 0)),
    h("div", { class: "line" },
      call.page.links.session && h("a", { class: "btn btn-act", href: call.page.links.session }, t("To the session's page")),
      call.page.links.desk && h("a", { class: "btn", href: call.page.links.desk }, t("To the desk")),
      helpLink())),
    noticeBar(call.state));
}

function session(view: View): string {
  return `${view.session.number} ${view.session.title}`;
}

function dialogs(call: Call, view: View): VNode | null {
  const close = (): void => call.open("none");
  switch (call.state.sheet) {
    case "end": return endDialog(call, view);
    case "leave":
      return modal("leave", t("Leave the cockpit?"), close,
        [h("p", {}, t("The mediation continues without you until you come back: nobody can be let in, no phase begins. To stop for a while, take a recess."))],
        [button(t("Stay"), close, "btn", { autofocus: true }), button(t("Leave"), () => void call.leave(), "btn btn-seal")]);
    case "talk": return talkQuestion(call, view, close);
    case "remove": return remove(call, view, close);
    case "telephone": return telephoneDialog(call, view, close);
    case "voice": return voiceDialog(call, view, close);
    case "voice_sign": return voiceSignDialog(call, view, close);
    case "network": return network(call, view, close);
    case "devices": return devicesSheet(call, close, ownPicture(call), [cameraRows(call), volumeRow(call)]);
    case "volume": return volumeSheet(call, view, close);
    case "captions": return captionsSheet(call, view, close);
    case "keys": return keysSheet(call, close);
    case "screen": return screenSheet(call, view, close);
    case "helper": return helperSheet(call, view, close);
    case "unmute": return null;
    default: return null;
  }
}

function remove(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  if (!seat) return null;
  return modal("remove", t("Ask {name} to leave?", { name: seat.name }), close, [
    h("p", {}, t("The person leaves at once and comes back only with a new link. The reason goes into the journal.")),
    h("form", {
      class: "field", id: "remove-form",
      on: {
        submit: (event) => {
          event.preventDefault();
          const field = (event.currentTarget as HTMLFormElement).elements.namedItem("reason") as HTMLInputElement;
          const reason = field.value.trim();
          if (!reason) {
            field.focus();
            return;
          }
          void call.ask("remove", { seat: seat.id, reason }).then((done) => done && close());
        },
      },
    }, h("label", { for: "reason" }, t("Reason")), h("input", { id: "reason", name: "reason", required: true, maxlength: "200" })),
  ], [button(t("Back to the room"), close), h("button", { type: "submit", form: "remove-form", class: "btn btn-seal" }, t("Ask to leave"))]);
}
