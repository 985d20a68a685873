// Whoever has no device takes part by an ordinary call: rung at the number on file, or dialling in with a code.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Child, type VNode } from "../dom";
import { seatOf } from "../room/selectors";
import { request } from "../room/signing";
import { Refusal, type Seat, type View } from "../room/wire";
import { sentence, t } from "../words";

type Code = { number: string; code: string; expires: string };

let problem = "";
let busy = "";
let given: Code | null = null;

// Whoever is not there, or was and is away.
function mayBeCalled(call: Call, seat: Seat): boolean {
  const away = seat.status === "invited" || seat.status === "left" || Boolean(seat.away_since);
  return Boolean(call.page.phone) && away && !seat.call && seat.role !== "mediator" && seat.role !== "supervisor";
}

export function telephoneButton(call: Call, seat: Seat): Child {
  if (seat.call) {
    return button([icon("phone"), t("Hang up")], () => void press(call, seat, "hang-up"), "btn btn-dense", {
      "aria-label": t("Hang up the call with {name}", { name: seat.name }),
    });
  }
  return mayBeCalled(call, seat) && button([icon("phone"), t("By telephone …")], () => open(call, seat), "btn btn-quiet btn-dense", {
    "aria-label": t("Let {name} take part by telephone", { name: seat.name }),
  });
}

export function telephoneBadge(seat: Seat): Child {
  const said = saidOf(seat);
  return said && h("span", { class: "badge", "data-tone": seat.call ? "act" : "warn", role: "status" }, icon("phone"), said);
}

function saidOf(seat: Seat): string {
  switch (seat.call) {
    case "calling": return t("calling …");
    case "ringing": return t("it rings …");
    case "asked": return t("is being asked for consent …");
    case "answered": return "";
    default: return seat.status === "present" ? "" : endedBy(seat.call_ended ?? "");
  }
}

function endedBy(cause: string): string {
  switch (cause) {
    case "person": return t("has hung up");
    case "busy": return t("the line was busy");
    case "no_answer": return t("nobody answered");
    case "rejected": return t("declined the call");
    case "wrong_number": return t("the number is not in use");
    case "unreachable": return t("the telephone could not be reached");
    case "trunk": return t("the telephone line did not put the call through");
    case "lost": return t("the telephone line broke");
    case "no_consent": return t("did not agree by telephone");
    case "server": return t("the call was cut off; call again");
    default: return "";
  }
}

function open(call: Call, seat: Seat): void {
  problem = "";
  given = null;
  call.open("telephone", seat.id);
}

export function telephoneDialog(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  if (!seat) return null;
  return modal("telephone", t("{name} by telephone", { name: seat.name }), close, [
    h("p", {}, t("They are called at the number on file. A recorded voice says who calls and that the mediation is recorded; they say their answers and press keys, and what they say to agree is kept as sound. Then they wait at the door like everybody.")),
    call.page.dials_in && h("p", {}, t("Or give them a code: they dial in by themselves, whenever it suits them until the mediation is over.")),
    given && h("div", { class: "field", key: "code", role: "status" },
      h("p", {}, t("Dial {number}, then press these 8 digits:", { number: given.number })),
      h("p", { class: "dial-code num" }, `${given.code.slice(0, 4)} ${given.code.slice(4)}`),
      h("p", { class: "hint" }, t("It is shown this once. A new one ends this one, and only the first telephone that uses it can use it again."))),
    problem && h("div", { class: "field", key: "problem" }, h("p", { class: "error", role: "alert" }, icon("alert"), problem)),
  ], [
    button(t("Back to the room"), close),
    call.page.dials_in && button(given ? t("New code") : t("Code to dial in"), () => void press(call, seat, "dial-in"), "btn", { "aria-busy": busy === "dial-in" ? "true" : undefined }),
    button([icon("phone"), t("Call now")], () => void press(call, seat, "call", close), "btn btn-act", { "aria-busy": busy === "call" ? "true" : undefined }),
  ]);
}

async function press(call: Call, seat: Seat, what: "call" | "hang-up" | "dial-in", done?: () => void): Promise<void> {
  if (busy) return;
  busy = what;
  problem = "";
  call.dispatch({ type: "tick", at: Date.now() });
  try {
    const told = await request<Code>(call.page, `/api/sessions/${call.page.session}/seats/${encodeURIComponent(seat.id)}/${what}`, {});
    if (what === "dial-in") given = told;
    done?.();
  } catch (error) {
    problem = error instanceof Refusal ? sentence(error.code, error.params) : sentence("unknown");
    if (what === "hang-up") call.notice(problem, "warn");
  } finally {
    busy = "";
    call.dispatch({ type: "tick", at: Date.now() });
  }
}
