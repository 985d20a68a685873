// Pieces that the phone's and the mediator's screens share: pictures, quality bars, outcomes, the chat.
import type { Call } from "../room/call";
import { button, h, icon, mark, type Children, type VNode } from "../dom";
import { proof } from "../exhibits/proofs";
import { canShareScreen } from "../media/devices";
import type { SoundFrom } from "../media/memory";
import { plea } from "../room/explain";
import { apart, inRoom, isParty, myself, overseers, qualityOf, seatOf } from "../room/selectors";
import type { State } from "../room/state";
import type { Line, Outcome, Seat, Source, Term, View } from "../room/wire";
import { dayAndTime, ending, hourAndMinute, money, qualityWord, t, weakSentence } from "../words";

// The place of the manual that belongs to this page; layout/help.ts lays it over, so that nobody leaves the room for it.
export function helpLink(): VNode {
  return h("a", {
    class: "btn btn-quiet help-button", href: document.querySelector<HTMLLinkElement>("link[rel=help]")?.href ?? "/help", target: "_blank", rel: "noopener",
    "data-help": "", "aria-label": t("Help for this page"), title: t("Help for this page"), "aria-keyshortcuts": "Alt+H",
  }, "?");
}

export function quality(state: State, seat: Seat): VNode | null {
  const level = qualityOf(state, seat);
  if (!level || seat.status === "reconnecting") return null; // of a connection that is not there nothing is measured
  return h("span", {
    class: "quality", "data-q": level, role: "img", "aria-label": t("Network: {quality}", { quality: qualityWord(level) }),
  });
}

// How somebody is away: on their way back, or not to come back by what they came in by.
export function awayBadge(seat: Seat, time = ""): VNode | null {
  if (seat.status !== "reconnecting") return null;
  const ended = ending(seat);
  if (ended) return h("span", { class: "badge", "data-tone": "seal" }, ended);
  return h("span", { class: "badge", "data-tone": "warn" }, time ? t("reconnecting for {time}", { time }) : t("reconnecting"));
}

// The picture of a seat, when one arrives; the element stays the same while its track does.
export function picture(call: Call, seat: Seat, source: Source, kind = "feed"): VNode | null {
  const own = seat.id === call.state.view?.you.seat;
  const track = own
    ? (source === "screen" ? call.equipment.own.screen : call.equipment.own.camera)
    : call.remote.find((r) => r.seat === seat.id && r.source === source)?.track ?? null;
  const announced = source === "screen" ? seat.screen : seat.camera;
  if (!track || (!own && (!announced || rests(call, seat)))) return null;
  return h("video", {
    key: `video-${seat.id}-${source}`,
    class: own && source === "camera" && call.equipment.mirrors ? `${kind} feed-mirror` : source === "screen" ? `${kind} feed-whole` : kind,
    "data-seat": seat.id, "data-source": source,
    "aria-label": own ? t("Your own picture") : source === "screen"
      ? t("{name}'s screen", { name: seat.name }) : t("{name}'s picture", { name: seat.name }),
    playsinline: true, autoplay: true, muted: true,
    props: { muted: true },
    hook: (element) => {
      const video = element as HTMLVideoElement;
      const shown = (video.srcObject as MediaStream | null)?.getTracks()[0];
      if (shown !== track) video.srcObject = new MediaStream([track]);
      // A phone held upright: in a wide tile its picture is shown whole, or a forehead would fill it.
      if (!video.onresize) video.onresize = (): void => void video.toggleAttribute("data-upright", video.videoHeight > video.videoWidth);
      if (video.paused) void video.play().catch(() => undefined); // muted video may always play; a hidden tab may not
    },
    drop: (element) => {
      (element as HTMLVideoElement).srcObject = null;
    },
  });
}

// One's own, as the others see it, to choose by.
export function ownPicture(call: Call): VNode | null {
  const seat = call.state.view && myself(call.state.view);
  const shown = seat && picture(call, seat, "camera", call.equipment.mirrors ? "feed" : "feed feed-plain");
  return shown ? h("div", { class: "preview tile", key: "own-picture" }, shown, h("p", { class: "tile-foot" }, h("span", {}, t("This is what the others see")))) : null;
}

// The camera in use: its other side, its light.
export function cameraRows(call: Call, then: () => void = () => undefined): Children {
  const { torch } = call.equipment;
  const row = (name: string, label: string, about: string, press: () => void): VNode =>
    h("li", { key: name }, button([icon(name), h("span", { class: "row-main" }, h("b", {}, label), h("br"), h("span", { class: "lede" }, about))], () => {
      then();
      press();
    }, "row row-press"));
  return [
    call.equipment.look !== "none" && row("image", t("Show everything sharp"), t("What is behind you is hidden now."), () => call.equipment.setLook("none")),
    call.equipment.otherSide !== null && row("flip", t("Turn the camera round"), call.equipment.shows === "environment" ? t("To the front camera, to show yourself.") : t("To the back camera, for example to show the goods."), () => void call.equipment.flip()),
    torch !== null && row("torch", torch ? t("Turn the torch off") : t("Turn the torch on"), torch ? t("It is on.") : t("It is off."), () => void call.equipment.light(!torch)),
  ];
}

// Sound comes first on a weak network, theirs or ours: a last picture standing still would say otherwise.
export function rests(call: Call, seat: Seat): boolean {
  const { view } = call.state;
  const own = view && seatOf(view, view.you.seat);
  return seat.paused.includes("from") || (own?.paused.includes("to") ?? false);
}

// Who oversees, as long as they are there: nobody looks on unseen.
export function overseen(view: View): VNode | null {
  const names = overseers(view).filter((seat) => seat.id !== view.you.seat).map((seat) => seat.name);
  if (!names.length) return null;
  return h("section", { class: "overseen", key: "overseen", "aria-label": t("Supervision") }, mark("supervisor"),
    h("p", {}, t("{names} of the office's supervision is looking on, and says nothing.", { names: names.join(t(", ")) }),
      view.caucus ? [" ", t("Not in this private talk.")] : null));
}

// Why there are no pictures, to whose network it is.
export function weakNetwork(view: View): VNode | null {
  const own = seatOf(view, view.you.seat);
  if (!own?.paused.length || !inRoom(own)) return null;
  return h("section", { class: "banner", "data-tone": "warn", key: "weak", "aria-label": t("Connection") }, icon("offline"), h("p", {}, weakSentence(own.paused)));
}

// Beside a person whose network carries no more than sound.
export function weakBadge(seat: Seat): VNode | null {
  if (!seat.paused.length || seat.status !== "present") return null;
  return h("span", { class: "badge", "data-tone": "warn", key: "weak" }, t("weak network, sound first"));
}

// What their browser hides: whoever wants to see a broken thing must know why they do not.
export function backgroundBadge(seat: Seat): VNode | null {
  if (!seat.camera || seat.background === "none" || seat.status !== "present") return null;
  return h("span", { class: "badge", key: "background" }, seat.background === "blurred" ? t("background blurred") : t("background drawn"));
}

// The picture, or the person's mark where none is sent.
export function face(call: Call, seat: Seat): Children {
  // In a recess nobody is seen: a last picture standing still would say otherwise.
  const hidden = call.state.view?.session.status === "recess" && seat.id !== call.state.view.you.seat;
  if (hidden) return h("span", { class: "no-feed" }, mark(seat.role, "mark mark-big"));
  return picture(call, seat, "screen") ?? picture(call, seat, "camera")
    ?? h("span", { class: "no-feed" }, mark(seat.role, "mark mark-big"));
}

export function nameOf(view: View, seat: Seat | undefined): string {
  if (!seat) return "";
  return seat.id === view.you.seat ? t("You") : seat.name;
}

// ---------------------------------------------------------------- outcome

export function outcomeTitle(outcome: Outcome): string {
  switch (outcome.kind) {
    case "settled": return t("An agreement was reached");
    case "not_settled": return t("No agreement was reached");
    case "ended": return t("The mediation is terminated by law");
    case "adjourned": return t("The mediation continues at another time");
  }
}

function sideName(view: View, side: Term["who"]): string {
  const seat = view.seats.find((s) => s.role === side);
  return seat?.organisation || seat?.name || (side === "consumer" ? t("The consumer") : t("The business"));
}

export function termFacts(view: View, term: Term): VNode {
  return h("dl", { class: "facts" },
    h("dt", {}, t("Who does what")), h("dd", {}, sideName(view, term.who), t(": "), term.action),
    term.amount !== null && [h("dt", {}, t("Amount")), h("dd", { class: "money" }, money(term.amount))],
    h("dt", {}, t("By when")),
    h("dd", {}, term.performance === "on_the_spot"
      ? t("Done on the spot") : term.due ? h("time", { datetime: term.due }, dayAndTime(term.due)) : t("Not fixed")),
    term.how && [h("dt", {}, t("How")), h("dd", {}, term.how)],
  );
}

export function outcomeFacts(call: Call, view: View, outcome: Outcome): Children {
  return [
    outcome.terms.map((term, index) => h("div", { class: "paper", key: `term-${index}` },
      outcome.terms.length > 1 && h("h3", {}, t("Promise {n}", { n: index + 1 })), termFacts(view, term), proof(call, view, term, index + 1))),
    outcome.kind === "ended" && h("p", {},
      t("Ground: {ground}", { ground: call.page.grounds.find((g) => g.number === outcome.ground)?.gist ?? "" })),
    outcome.adjourned_to && h("p", {}, t("New time: "), h("time", { datetime: outcome.adjourned_to }, dayAndTime(outcome.adjourned_to))),
    outcome.kind === "settled" && Number(outcome.loss_recovered) > 0 && h("p", {},
      t("Loss recovered: "), h("b", { class: "money" }, money(outcome.loss_recovered))),
    outcome.note && h("p", { class: "lede" }, outcome.note),
  ];
}

export function seenList(view: View): VNode {
  const seen = new Set(view.outcome?.seen ?? []);
  const objections = view.outcome?.objections ?? [];
  const listed = view.seats.filter((seat) => seat.role === "consumer" || seat.role === "business" || (view.you.mediator && objections.some((one) => one.seat === seat.id)));
  return h("ul", { class: "rows" }, listed.map((seat) => {
    const objection = view.you.mediator && objections.find((one) => one.seat === seat.id);
    return h("li", { class: "row", key: seat.id },
      mark(seat.role), h("span", { class: "row-main" }, nameOf(view, seat), objection && [h("br"), h("q", { class: "danger" }, objection.reason)]),
      objection && h("span", { class: "badge", "data-tone": "seal", key: "objects" }, icon("alert"), t("says it is not right")),
      seen.has(seat.id)
        ? h("span", { class: "badge", "data-tone": "ok" }, icon("check"), t("has looked at it"))
        : h("span", { class: "badge", "data-tone": "warn" }, inRoom(seat) ? t("not looked at yet") : t("not in the room")));
  }));
}

// ---------------------------------------------------------------- chat

export function chatLog(call: Call, view: View): VNode {
  const { chat } = view;
  if (!chat.length) return h("p", { class: "meta", key: "no-chat" }, t("What is written here appears for those it is addressed to and stays in the record."));
  const first = chat[0]!.n;
  return h("ul", {
    key: "chatlog", class: "chatlog", tabindex: "0", "aria-label": t("Messages"),
    on: {
      scroll: (event) => {
        if ((event.currentTarget as HTMLElement).scrollTop < NEAR) void call.chat.before();
      },
    },
    hook: (element) => kept(element, first, chat[chat.length - 1]!, view.you.seat),
  },
    first > 1 && h("li", { class: "chatlog-older", key: "older" }, button(t("Show older messages"), () => void call.chat.before(), "btn btn-quiet btn-dense")),
    chatLines(view, chat));
}

const NEAR = 48; // pixels: as good as at the edge
const places = new WeakMap<HTMLElement, { first: number; last: number; height: number }>();

// Older lines come in above what is read, which stays where it is; the newest is followed by whoever is down there.
function kept(element: HTMLElement, first: number, newest: Line, you: string): void {
  if (!element.clientHeight) { // in a dialog that opens after this
    if (!places.has(element)) requestAnimationFrame(() => element.clientHeight && kept(element, first, newest, you));
    return;
  }
  const before = places.get(element);
  if (!before) element.scrollTop = element.scrollHeight;
  else if (before.last !== newest.n) {
    const below = element.scrollTop + element.clientHeight >= before.height - NEAR;
    if (below || newest.seat === you) element.scrollTop = element.scrollHeight;
  } else if (first < before.first) element.scrollTop += element.scrollHeight - before.height;
  places.set(element, { first, last: newest.n, height: element.scrollHeight });
}

export function chatLines(view: View, lines: View["chat"]): VNode[] {
  return lines.map((line) => {
    const seat = seatOf(view, line.seat);
    const to = line.to ? nameOf(view, seatOf(view, line.to)) : line.caucus ? t("those in the private talk") : t("everybody");
    return h("li", { key: `line-${line.n}` },
      seat ? mark(seat.role) : null, h("span", { class: "said" }, line.text),
      h("span", { class: "meta" }, t("{from} to {to}", { from: nameOf(view, seat), to }), " · ", hourAndMinute(line.at),
        line.caucus ? [" · ", t("private")] : null));
  });
}

// The addressee of a message: parties may write to all or to the mediator only.
// What somebody in this place may well write.
export function messageExample(view: View): string {
  switch (view.you.role) {
    case "mediator": return t("For example: please send the receipt, from the 12th");
    case "consumer": return t("For example: I paid ¥2,000 on the 12th and have the receipt");
    case "business": return t("For example: we can refund ¥2,000 by Friday");
    case "representative": return t("For example: I have to ask whom I speak for; five minutes, please");
    case "lawyer": return t("For example: please put the date of payment into clause 2");
    case "interpreter": return t("For example: please say the amount again");
    case "companion": return t("For example: please speak a little slower");
    default: return t("For example: I cannot hear the business well");
  }
}

export function chatForm(call: Call, view: View, id: string): VNode {
  const { caucus } = view;
  const addressees = view.seats.filter((seat) => seat.id !== view.you.seat && seat.status !== "removed"
    && (view.you.mediator ? seat.status === "present" || seat.status === "reconnecting" : seat.role === "mediator"));
  return h("form", {
    class: "field", key: `${id}-form`,
    on: {
      submit: (event) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const text = form.elements.namedItem("text") as HTMLTextAreaElement;
        const to = form.elements.namedItem("to") as HTMLSelectElement;
        const said = text.value.trim();
        if (!said) {
          text.focus();
          return;
        }
        void call.ask("say", { text: said, to: to.value, caucus: caucus?.inside ? caucus.number : 0 }).then((done) => {
          if (done && text.value.trim() === said) text.value = ""; // kept when it could not be sent
        });
      },
    },
  },
    h("label", { for: `${id}-to` }, t("To")),
    h("select", { id: `${id}-to`, name: "to" },
      !apart(view) && h("option", { value: "", key: "all" }, caucus ? t("those in the private talk") : t("everybody")),
      addressees.map((seat) => h("option", { key: seat.id, value: seat.id }, t("only {name}", { name: seat.name })))),
    h("label", { for: `${id}-text` }, t("Message")),
    h("textarea", {
      id: `${id}-text`, name: "text", rows: "2", maxlength: "1000", placeholder: messageExample(view),
      on: {
        keydown: (event) => {
          const key = event as KeyboardEvent;
          if (key.key !== "Enter" || key.shiftKey || key.isComposing) return; // Enter inside an input method is not "send"
          key.preventDefault();
          (key.currentTarget as HTMLTextAreaElement).form?.requestSubmit?.();
        },
      },
    }),
    h("button", { class: "btn btn-act", type: "submit" }, t("Send")),
  );
}

// `alert`: inside a dialog, where the page's own live region is out of reach.
export function noticeBar(state: State, alert = false): VNode | null {
  if (!state.notice) return null;
  return h(alert ? "div" : "aside", {
    class: alert ? "toast toast-in" : "toast", key: "notice", "data-tone": state.notice.tone,
    ...(alert ? { role: "alert" } : { "aria-label": t("Message") }),
  },
    icon(state.notice.tone === "warn" ? "alert" : "info"), h("p", {}, state.notice.text));
}

export function soundTap(call: Call): VNode | null {
  if (!call.state.local.soundBlocked) return oneTable(call);
  return h("section", { class: "banner sound-tap", "data-tone": "warn", key: "sound-tap", "aria-label": t("Sound") }, icon("sound"),
    h("div", {}, h("p", {}, t("The browser is waiting for a tap before it plays sound.")),
      button(t("Tap to hear"), () => call.hearEverybody(), "btn btn-act btn-dense")));
}

// Two phones at one table. The question lies over the pictures, so that nothing moves for it.
function oneTable(call: Call): VNode | null {
  const { echo, sound } = call.state.local;
  const off = sound === "other";
  if (!off && (!echo || sound)) return null;
  const choice = (to: SoundFrom, label: string, kind: string): VNode => button(label, () => void call.soundFrom(to), kind);
  return h("section", { class: off ? "banner sound-tap" : "banner one-table", key: "one-table", "aria-label": t("Sound") }, icon("sound"),
    h("div", {}, h("p", {}, off ? t("This phone's microphone and loudspeaker are off: you use the other phone's sound.") : plea("echo")),
      h("div", { class: "line" }, off
        ? choice("", t("Use this phone's sound again"), "btn btn-act btn-dense")
        : [choice("other", t("Use the other phone's sound"), "btn btn-act btn-dense"), choice("apart", t("We sit apart"), "btn btn-dense")])));
}

// Only where there is another way.
export function otherWay(call: Call, kind = "btn btn-quiet btn-big"): VNode | null {
  if (call.state.local.relay === "none") return null;
  return button(t("Try another way"), () => {
    call.open("none");
    void call.tryOtherWay();
  }, kind);
}

export function ring(call: Call, kind = "btn btn-quiet btn-big"): VNode | null {
  const number = call.page.office_phone;
  if (!number) return null;
  return h("a", { class: kind, href: `tel:${number.replace(/[^\d+]/g, "")}` },
    icon("phone"), t("Ring {office}", { office: call.page.office_short || call.page.office }));
}

// ---------------------------------------------------------------- what the browser asks

// Before it does: as on the device check of a party.
export function promptAhead(call: Call): VNode | null {
  return call.state.local.asks ? h("div", { class: "stack-s", key: "asks" },
    h("p", {}, t("Your browser then asks whether this page may use camera and microphone. Press “Allow”.")), promptPicture()) : null;
}

// While it does: nobody is seen or heard before that is answered.
export function promptNow(): VNode {
  return h("section", { class: "hush", key: "asked" },
    h("h2", {}, t("Your browser asks you something now")),
    h("p", { role: "alert" }, t("It asks whether this page may use camera and microphone. Press “Allow”, or you are neither seen nor heard.")),
    promptPicture());
}

function promptPicture(): VNode {
  const button = (kind: "yes" | "no", x: number, y: number, wide: number, high: number, label: string): VNode[] => [
    h("rect", { class: `prompt-${kind}`, x: String(x), y: String(y), width: String(wide), height: String(high), rx: "10" }),
    h("text", { class: `prompt-${kind}`, x: String(x + wide / 2), y: "95", dy: ".35em" }, label),
  ];
  return h("svg", { class: "prompt", viewBox: "0 0 300 150", role: "img", "aria-label": t("Picture: a small window with two buttons. “Allow” is the one to press.") },
    h("rect", { class: "prompt-window", x: "20", y: "6", width: "260", height: "124", rx: "14" }),
    h("path", { class: "prompt-line", d: "M48 31h200M48 48h140" }),
    button("no", 40, 76, 98, 38, t("Block")), button("yes", 156, 70, 108, 50, t("Allow")),
    h("path", { class: "prompt-hand", d: "M238 146c-9-4-14-14-16-22-1-5 5-7 8-3l5 7v-21c0-6 8-6 8 0v12c9 0 15 3 15 11 0 6-2 11-4 16" }));
}

// Screen sharing is for the mediator, the parties, their representatives and lawyers.
export function mayShare(state: State): boolean {
  const seat = state.view ? myself(state.view) : undefined;
  const role = seat?.role;
  return canShareScreen() && (role === "mediator" || isParty(seat) || role === "representative" || role === "lawyer");
}
