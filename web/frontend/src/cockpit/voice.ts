// Where no code comes: the mediator, who speaks with the person, says that it is them, and how they knew.
import type { Call } from "../room/call";
import { button, h, icon, modal, type VNode } from "../dom";
import { seatOf } from "../room/selectors";
import { request } from "../room/signing";
import { Refusal, type Seat, type View } from "../room/wire";
import { sentence, t } from "../words";

let problem = "";

// Whoever has the link, is not in yet and has not shown who they are, or says on another device that they cannot.
export function mayBeVouchedFor(seat: Seat): boolean {
  const unknown = seat.identity === "" || Boolean(seat.help);
  return unknown && seat.role !== "supervisor" && (seat.status === "invited" || seat.status === "left");
}

export function openVoice(call: Call, sheet: "voice" | "voice_sign", seat: string): void {
  problem = "";
  call.open(sheet, seat);
}

export function voiceDialog(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  if (!seat) return null;
  const send = async (form: HTMLFormElement): Promise<void> => {
    await request(call.page, `/api/sessions/${call.page.session}/seats/${encodeURIComponent(seat.id)}/voice`, {
      number: value(form, "number"), recognised: value(form, "recognised"),
    });
  };
  return modal("voice", t("Confirm {name} by voice, without a code?", { name: seat.name }), close, [
    h("p", {}, t("Only while you speak with the person yourself. The device that shows the number then has the seat, and the record says that no code was used and that you knew the person.")),
    form(call, close, send,
      h("div", { class: "field" }, h("label", { for: "voice-number" }, t("The 4 digits they read out to you")),
        h("input", { class: "code num", id: "voice-number", name: "number", required: true, inputmode: "numeric", autocomplete: "off", maxlength: "4", pattern: "[0-9]{4}" }),
        h("p", { class: "hint" }, t("They stand on the person's phone, after “No message?” on the page that asks for the code.")))),
  ], [button(t("Back to the room"), close), h("button", { type: "submit", form: "voice-form", class: "btn btn-act" }, t("It is them"))]);
}

export function voiceSignDialog(call: Call, view: View, close: () => void): VNode | null {
  const seat = seatOf(view, call.state.about);
  const { signing } = view;
  if (!seat || signing?.state !== "open") return null;
  const send = async (form: HTMLFormElement): Promise<void> => {
    if (!(await call.ask("confirm_signer_by_voice", { seat: seat.id, text: signing.text, recognised: value(form, "recognised") }))) throw new Refusal("said");
  };
  return modal("voice-sign", t("Let {name} sign without a code?", { name: seat.name }), close, [
    h("p", {}, t("Only where no code comes, and only while you hear or see the person. They still sign themselves, on their own device. Document and record say that no code was used and that you knew the person.")),
    form(call, close, send),
  ], [button(t("Back to the room"), close), h("button", { type: "submit", form: "voice-form", class: "btn btn-act" }, t("It is them"))]);
}

function form(call: Call, close: () => void, send: (form: HTMLFormElement) => Promise<void>, first?: VNode): VNode {
  return h("form", {
    class: "stack-s", id: "voice-form",
    on: {
      submit: (event) => {
        event.preventDefault();
        void send(event.currentTarget as HTMLFormElement).then(close, (error: unknown) => {
          // What the room refuses is said by the bar of notices.
          problem = error instanceof Refusal && error.code !== "said" ? sentence(error.code, error.params) : "";
          call.dispatch({ type: "tick", at: Date.now() });
        });
      },
    },
  },
    first,
    h("div", { class: "field" }, h("label", { for: "voice-recognised" }, t("How did you know who it is?")),
      h("textarea", { id: "voice-recognised", name: "recognised", required: true, minlength: "4", maxlength: "500", rows: "3" }),
      h("p", { class: "hint" }, t("For example: rung on the number on file; told me the order number and what was agreed last week"))),
    problem && h("div", { class: "field", key: "problem" }, h("p", { class: "error", role: "alert" }, icon("alert"), problem)));
}

function value(form: HTMLFormElement, name: string): string {
  return (form.elements.namedItem(name) as HTMLInputElement | HTMLTextAreaElement).value.trim();
}
