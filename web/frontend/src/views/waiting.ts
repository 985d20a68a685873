// The waiting room: who one waits for, that nothing is recorded, that nobody hears.
import type { Call } from "../room/call";
import { button, h, icon, mark, type VNode } from "../dom";
import { mediatorOf, myself } from "../room/selectors";
import type { Seat, View } from "../room/wire";
import { hourAndMinute, sentence, standing, t } from "../words";
import { helperSentence, largeSwitch, mayHaveHelper } from "./ease";
import { helpLink, ring } from "./pieces";

export function waitingRoom(call: Call, view: View, at: number): VNode {
  const mediator = mediatorOf(view);
  const now = at + call.state.skew;
  const { starts } = view.session;
  return h("div", { class: "flow", key: "waiting" },
    masthead(call, view),
    h("main", { class: "stack", id: "main" },
      h("div", { class: "steps" },
        h("p", { class: "meta" }, t("Step 5 of 5: waiting room")),
        h("ol", { "aria-hidden": "true" }, [1, 2, 3, 4].map(() => h("li", { class: "done" })), h("li", { class: "now" }))),
      h("section", { class: "hush" },
        h("div", { class: "pulse" }, icon("clock")),
        h("h1", {}, t("You are here")),
        h("p", {}, view.session.locked && view.session.status !== "scheduled"
          ? t("The door is locked just now. {name} sees that you are waiting.", { name: mediator?.name ?? "" })
          : t("Waiting for {name}, the mediator, to ask you in", { name: mediator?.name ?? "" }),
          h("br"),
          t("Agreed for "), h("time", { datetime: starts }, hourAndMinute(starts)),
          t(", it is now "), h("time", {}, hourAndMinute(now)))),
      h("ul", { class: "rows card" }, order(view).map((seat) => plate(view, seat))),
      h("div", { class: "banner", "data-tone": "ok" }, icon("lock"),
        h("p", {}, h("b", {}, t("Nothing is being recorded.")), h("br"), h("b", {}, t("Nobody can hear or see you.")))),
      call.state.local.asks && h("div", { class: "banner", key: "asks" }, icon("info"),
        h("p", {}, t("When you are asked in, your browser asks once more whether this page may use camera and microphone. Press “Allow”."))),
      mayHaveHelper(myself(view)) && h("p", { class: "line apart", key: "helper" },
        h("span", {}, myself(view)?.helper ? helperSentence(view, myself(view)!) : t("Is somebody with you to help?")),
        button(myself(view)?.helper ? t("Change") : t("Somebody sits with me"), () => call.open("helper"), "btn")),
      call.state.link === "down" && h("div", { class: "banner", "data-tone": "warn", key: "offline" }, icon("offline"),
        h("p", {}, t("The network is gone just now; it comes back by itself. Your place is kept."))),
      h("div", { class: "actions actions-two" },
        call.page.links.device && h("a", { class: "btn", href: call.page.links.device }, t("Check the phone again")),
        button(t("Leave"), () => call.open("leave")))),
  );
}

function order(view: View): Seat[] {
  const rank = (seat: Seat): number => (seat.role === "mediator" ? 0 : seat.id === view.you.seat ? 2 : 1);
  return [...view.seats].filter((seat) => seat.status !== "removed").sort((a, b) => rank(a) - rank(b));
}

function plate(view: View, seat: Seat): VNode {
  const own = seat.id === view.you.seat;
  return h("li", { class: "row", key: seat.id }, mark(seat.role),
    h("p", { class: "row-main" }, h("b", {}, seat.name), own ? t(" (you)") : t(", {standing}", { standing: seat.organisation || standing(seat) })),
    own ? h("span", { class: "badge", "data-tone": "ok" }, icon("check"), t("here")) : badge(view, seat));
}

function badge(view: View, seat: Seat): VNode {
  if (seat.role === "mediator") {
    return h("span", { class: "badge", "data-tone": "act" },
      view.session.status === "scheduled" ? t("getting ready") : t("in the room"));
  }
  switch (seat.status) {
    case "waiting": return h("span", { class: "badge", "data-tone": "ok" }, icon("check"), t("also waiting"));
    case "present":
    case "reconnecting": return h("span", { class: "badge", "data-tone": "ok" }, icon("check"), t("in the room"));
    case "refused": return h("span", { class: "badge" }, t("does not take part"));
    case "left": return h("span", { class: "badge" }, t("has left for now"));
    default: return h("span", { class: "badge" }, t("not here yet"));
  }
}

export function masthead(call: Call, view: View | null): VNode {
  return h("header", { class: "masthead" }, icon("logo", "logo"),
    h("div", { class: "meta" }, h("b", { class: "brandname" }, t("Yuntiao")), h("br"), view?.session.office || call.page.office),
    helpLink(), call.page.links.type && largeSwitch(call));
}

// A page of one sentence: sent back, signed in elsewhere, refused, left, removed, let in no longer.
export function standstill(call: Call, code: string): VNode {
  const [title, lede] = words(code, call.page.links.back !== undefined);
  const reason = code === "removed" ? call.state.view?.you.removed : "";
  const back = code === "sent_back" || code === "left" || code === "elsewhere" || code === "busy" || code === "locked" || code === "disk_reserve" || code === "restarting";
  return h("div", { class: "flow", key: "standstill" },
    masthead(call, call.state.view),
    h("main", { class: "stack", id: "main" },
      h("h1", {}, title),
      reason && h("section", { class: "card stack-s", key: "reason" },
        h("h2", {}, t("The mediator's reason")), h("p", {}, reason)),
      h("p", { class: "lede" }, lede),
      h("div", { class: "actions" },
        code === "sign_in_needed" && h("a", { class: "btn btn-act btn-big", href: `/sign-in?next=${encodeURIComponent(window.location.pathname)}` }, t("Sign in again")),
        call.page.links.back && code !== "sign_in_needed" && [h("a", { class: "btn btn-act btn-big", href: call.page.links.back }, t("Look on again")),
          h("a", { class: "btn btn-big", href: call.page.links.desk }, t("Back to supervision"))],
        code === "apart" && h("a", { class: "btn btn-act btn-big", href: call.page.links.session ? `${call.page.links.session}/apart` : "/join" }, t("Go on")),
        back && !call.page.links.back && button(code === "elsewhere" ? t("Go on here") : code === "disk_reserve" || code === "restarting" ? t("Try again") : t("Back to the waiting room"), () => void call.arrive(), "btn btn-act btn-big"),
        code === "link_used" && h("a", { class: "btn btn-act btn-big", href: "/join/again" }, t("Go on here")),
        !call.page.links.back && ring(call))));
}

function words(code: string, looksOn: boolean): [string, string] {
  switch (code) {
    case "link_revoked":
      return [t("Your link is no longer valid"), t("The office has withdrawn it or sent you a new one. You are out of the room: nobody hears or sees you now. Look for a newer text message, or ring the office.")];
    case "link_used":
      return [t("Your link is in use in another browser or on another phone"), t("Go on there. If that was not you, ring the office now and they will send you a new one.")];
    case "link_expired":
      return [t("Your link has expired"), t("You are out of the room: nobody hears or sees you now. Ring the office and they will send you a new one.")];
    case "sign_in_needed":
      return [t("You have been signed out"), t("Your sign-in was ended, or your account was changed. You are out of the room: nobody hears or sees you now. Sign in again to come back.")];
    case "withheld":
    case "unknown_session":
      return looksOn
        ? [t("You may no longer look on here"), t("This office or looking on has been taken from you. You neither hear nor see the room any more.")]
        : [t("Mediations are withheld from you at present"), t("You are out of the room: nobody hears or sees you now. Ask your administrator.")];
    case "sent_back":
      return [t("Please wait outside once more"), t("The mediator will ask you in again. Nobody hears you now, and you are not recorded.")];
    case "apart":
      return [t("The mediation goes on in your own time"), t("Nobody hears or sees you now. From here on each side reads, writes and answers in its own time.")];
    case "elsewhere":
      return [t("You went on with another device"), t("This seat has room for one device. To go on here, tap the button; the other device is then signed out.")];
    case "removed":
      return [t("You were asked to leave the room"), t("The reason is in the record. If you see it differently, ring the office.")];
    case "left":
      return [t("You have left the room"), t("Your seat is kept. You can come back as long as the mediation lasts.")];
    case "refused":
      return [t("You chose not to take part"), t("Whether to take part is your own decision. The office will tell you how the complaint proceeds.")];
    case "cancelled":
      return [t("This mediation was called off"), t("The office will get in touch about another time.")];
    case "session_over":
    case "closed":
    case "already_closed":
      return [t("This mediation is over"), t("The session has ended. If you have a question, ring the office.")];
    case "not_allowed":
      return [t("This room is in a colleague's hands"), t("Only the mediator of this session can enter its cockpit.")];
    case "busy":
      return [t("The room is very busy just now"), t("Please try again in a moment.")];
    case "locked":
      return [t("The door is locked just now"), t("Nobody is let in at the moment. Try again in a few minutes, or ring the office.")];
    case "disk_reserve": case "restarting":
      return [t("This mediation cannot be opened just now"), sentence(code)];
    default:
      return [t("You cannot come in with this link now"), t("Open the link in your message once more. If that does not help, ring the office.")];
  }
}
