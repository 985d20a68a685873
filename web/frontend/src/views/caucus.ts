// Private talks on every screen: the strip over a talk one is in, the card for who waits, the note to the mediator.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../dom";
import { inRoom, mediatorOf, sinceMs } from "../room/selectors";
import type { Seat, Side, View } from "../room/wire";
import { duration, t } from "../words";
import { chatLines } from "./pieces";
import { gapWaits, slipsButton } from "./slips";

// The side as it is spoken of: by name while its one person is here, else by what it is.
export function sideName(view: View, side: Side): string {
  const principal = view.seats.find((seat) => seat.role === side);
  return principal?.name || (side === "consumer" ? t("the consumer") : t("the business"));
}

export function otherSide(side: Side): Side {
  return side === "consumer" ? "business" : "consumer";
}

// Over the room of whoever is in the talk: with whom, how long, who does not hear it.
export function privateStrip(call: Call, view: View, at: number): VNode | null {
  const { caucus } = view;
  if (!caucus || !caucus.inside) return null;
  const away = sideName(view, otherSide(caucus.side));
  return h("section", { class: "private-strip", "aria-label": t("Private talk"), key: "private" },
    h(view.you.mediator ? "b" : "h1", {}, view.you.mediator ? t("You are talking with {name} in private", { name: sideName(view, caucus.side) })
      : t("{name} is talking with you in private", { name: mediatorOf(view)?.name ?? "" })),
    h("span", { class: "clock" }, h("span", { class: "vh" }, t("Talking for ")), duration(sinceMs(call.state, caucus.since, at))),
    h("span", {}, t("{name} hears and sees nothing; this is not recorded", { name: away })),
    view.you.mediator && button(t("Done: bring {name} back", { name: away }), () => void call.ask("end_caucus"), "btn btn-act btn-dense", {
      "aria-busy": call.state.busy === "end_caucus" ? "true" : undefined, "aria-keyshortcuts": "Alt+P",
    }),
    slipsButton(call, view));
}

// For whoever waits: a calm card that answers the worry first.
export function waitingCard(call: Call, view: View, at: number): VNode {
  const { caucus } = view;
  const mediator = mediatorOf(view)?.name ?? "";
  const mine = view.you.side !== null;
  const line = (name: string, text: Children): VNode => h("li", {}, icon(name, "icon ok"), h("span", {}, text));
  return h("section", { class: "hush", key: "caucus" },
    h("div", { class: "pulse" }, icon("caucus")),
    h("h1", {}, caucus?.side === "consumer" ? t("{name} is talking with the consumer in private", { name: mediator })
      : t("{name} is talking with the business in private", { name: mediator })),
    h("p", { class: "fig clock" }, h("span", { class: "vh" }, t("Talking for ")), duration(sinceMs(call.state, caucus?.since ?? null, at))),
    h("p", { class: "meta" }, t("Usually no longer than 10 minutes; you are brought back by yourself")),
    h("ul", {},
      line("lock", [t("You do not hear what they say, and your sound and picture do "), h("b", {}, t("not")), t(" reach them.")]),
      line("pause", t("Nothing is being recorded, neither there nor here.")),
      mine && line("check", t("What you told the mediator alone is passed on only if you agree.")),
      mine && line("clock", t("In a moment the mediator can talk with you in private too."))),
    (view.slips.length > 0 || gapWaits(view)) && slipsButton(call, view));
}

// What one writes to the mediator while waiting; their answers stand above it.
export function noteToMediator(call: Call, view: View): VNode {
  const mediator = mediatorOf(view);
  const name = mediator?.name ?? "";
  const { caucus } = view;
  const lines = view.chat.filter((line) => line.caucus !== undefined && line.caucus === caucus?.number).slice(-4);
  return h("form", {
    class: "room-note", key: "note", "aria-label": t("A note to the mediator"),
    on: {
      submit: (event) => {
        event.preventDefault();
        const field = (event.currentTarget as HTMLFormElement).elements.namedItem("note") as HTMLInputElement;
        const text = field.value.trim();
        if (!text || !mediator) {
          field.focus();
          return;
        }
        void call.ask("say", { text, to: mediator.id }).then((done) => {
          if (done && field.value.trim() === text) field.value = ""; // kept when it could not be sent
        });
      },
    },
  },
    lines.length > 0 && h("ul", { class: "chatlog", "aria-label": t("Messages"), key: "notes" }, chatLines(view, lines)),
    h("label", { class: "label", for: "note" }, t("A note to {name}, which nobody else in the room sees", { name })),
    h("div", {},
      h("input", { class: "input", id: "note", name: "note", maxlength: "1000", autocomplete: "off", placeholder: t("For example: I need at least ¥2,000 back") }),
      h("button", { class: "btn btn-act", type: "submit" }, t("Send"))));
}

// Of neither side: whether they come along is the mediator's to say.
export function interpretersAlong(call: Call, view: View): string[] {
  return call.state.along ? neutral(view).map((seat) => seat.id) : [];
}

function neutral(view: View): Seat[] {
  return view.seats.filter((seat) => seat.role === "interpreter" && seat.side === null && inRoom(seat));
}

// The mediator's two ways into a talk, and who comes along.
export function caucusTools(call: Call, view: View, tool: (name: string, label: string, press: () => void, pressed?: boolean, keys?: string) => VNode): Children {
  const { caucus } = view;
  const go = (side: Side): void => {
    if (caucus?.side === side) void call.ask("end_caucus");
    else call.open("talk", side);
  };
  return [
    tool("caucus", t("With the consumer"), () => go("consumer"), caucus?.side === "consumer" || undefined, "c"),
    tool("caucus", t("With the business"), () => go("business"), caucus?.side === "business" || undefined, "b"),
    neutral(view).length > 0 && tool("check", t("Interpreter comes along"), () => call.dispatch({ type: "along", on: !call.state.along }), call.state.along),
  ];
}

// Nobody is sent out of the room by a slip of the finger.
export function talkQuestion(call: Call, view: View, close: () => void): VNode | null {
  const side = call.state.about as Side;
  if (view.session.status !== "live" || view.caucus?.side === side) return null;
  return modal("talk", side === "consumer" ? t("Talk with the consumer alone?") : t("Talk with the business alone?"), close, [
    h("p", {}, t("{name} waits, and hears and sees nothing. Nothing is recorded until all are together again.", { name: sideName(view, otherSide(side)) })),
  ], [button(t("Not now"), close), button(t("Talk alone"), () => {
    close();
    void call.ask("start_caucus", { side, interpreters: interpretersAlong(call, view) });
  }, "btn btn-act", { autofocus: true })]);
}

// Over the picture of whoever waits outside of a talk.
export function outsideNote(seat: Seat): VNode {
  return h("p", { class: "outside-note" }, h("b", {}, t("{name} is waiting quietly", { name: seat.name })), h("span", {}, t("They can write to you")));
}
