// Signing at the mediator's desk: who has signed, the own signature, and the seal at the end, with a question.
import type { Call } from "../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../dom";
import { written } from "../sign/pad";
import { seatOf } from "../room/selectors";
import { base, holding, mySignature, request, short, type Held } from "../room/signing";
import type { View } from "../room/wire";
import { dayAndTime, t } from "../words";
import { nameOf } from "../views/pieces";
import { documentName } from "../views/signing";
import { padPart, state, work } from "../views/seldom/signing";
import { openVoice } from "./voice";

// Into the tab of the agreement, below its clauses.
export function signingPart(call: Call, view: View): Children {
  const { signing } = view;
  const held = holding(view);
  if (view.draft.sealed) return [sealed(call, view)];
  if (!signing || signing.state !== "open") return [signing?.state === "void" ? voided(view) : null, view.draft.agreed ? offering(call, view, held) : null];
  return [
    h("section", { class: "paper stack-s", key: "signing", "aria-labelledby": "signing-title" },
      h("h2", { id: "signing-title" }, t("Signing: {document}", { document: documentName(signing.kind) })),
      h("p", { class: "meta" }, `${signing.number} · `, t("Check sum"), " ", h("span", { class: "hash" }, short(signing.text))),
      h("ul", { class: "rows" }, signing.signers.map((one) => h("li", { class: "row", key: one.seat },
        h("span", { class: "row-main" }, h("b", {}, nameOf(view, seatOf(view, one.seat))),
          one.basis && h("span", { class: "meta" }, " ", one.basis), one.reason && h("p", { class: "meta" }, t("Why not: {reason}", { reason: one.reason }))),
        mayVouch(view, one) && button([icon("phone"), t("No code comes …")], () => openVoice(call, "voice_sign", one.seat), "btn btn-quiet btn-dense"),
        state(one)))),
      problem(held),
      signing.next === "parties" && h("p", { class: "meta" }, signing.seal_only ? t("Both sides sign on their phones. You do not sign: you put the office’s seal on.") : t("Both sides sign on their phones. You are next.")),
      signing.next === "mediator" && ownSignature(call, view, held),
      mySignature(view)?.signed && button(t("Take my signature back"), () => void call.ask("withdraw_signature", { text: signing.text }), "btn btn-quiet btn-dense"),
      button(t("Stop signing …"), () => ask(call, held, "call_off"), "btn btn-quiet btn-dense")),
    asking(call, view, held),
  ];
}

// A side's signer who is in the room and has not shown by a code who they are.
function mayVouch(view: View, one: NonNullable<View["signing"]>["signers"][number]): boolean {
  return one.side !== null && one.read && !one.confirmed && !one.signed && seatOf(view, one.seat)?.status === "present";
}

export function signButton(call: Call, view: View, primary: boolean): VNode {
  const held = holding(view);
  return button(t("Ask both to sign"), () => work(call, held, "offer", async () => {
    await request(call.page, base(call.page), {});
  }), primary ? "btn btn-act btn-dense" : "btn btn-dense", { key: "offer", "aria-busy": held.working === "offer" ? "true" : undefined });
}

export function sealButton(call: Call, view: View): VNode {
  const held = holding(view);
  return button([icon("shield"), view.signing?.seal_only ? t("Seal without my signature …") : t("Put the seal on …")], () => ask(call, held, "seal"), "btn btn-seal", { key: "seal", "aria-busy": held.working === "seal" ? "true" : undefined });
}

function offering(call: Call, view: View, held: Held): VNode {
  return h("section", { class: "stack-s", key: "offer" },
    problem(held),
    h("p", { class: "meta" }, view.draft.waived.length === 2
      ? t("Both do without a written agreement: the record is signed instead.")
      : call.page.seal_only ? t("Order: both sides, the seal; your office’s papers are sealed without your signature. If anything is changed in between, every signature is void.")
        : t("Order: both sides, you, the seal. If anything is changed in between, every signature is void.")));
}

// The stored drawing first, where there is one: one press and its code.
function ownSignature(call: Call, view: View, held: Held): VNode {
  if (held.way === "" && call.page.saved_signature === "kept") return savedSignature(call, held);
  const drawn = held.way !== "typed";
  const sign = (): void => {
    const name = seatOf(view, view.you.seat)?.name ?? "";
    if (drawn && !written(held.drawing)) {
      held.problem = t("Please write your name on the pad first.");
      call.dispatch({ type: "tick", at: Date.now() });
      return;
    }
    work(call, held, "sign", async () => {
      if (drawn && !(await call.ask("consent_handwriting", { text: held.text }))) return;
      await request(call.page, `${base(call.page, held.text)}/sign`, { name, drawn: drawn ? held.drawing : null });
    });
  };
  return h("div", { class: "stack-s", key: "own" },
    call.page.saved_signature === "locked" && h("p", { class: "meta", key: "locked" }, t("Your saved signature is locked: a wrong code was entered five times.")),
    drawn && padPart(call, held),
    h("p", { class: "line" },
      button(t("Sign as mediator"), sign, "btn btn-act btn-dense", { "aria-busy": held.working === "sign" ? "true" : undefined }),
      button(drawn ? t("Sign with my typed name") : t("Write by hand"), () => {
        held.way = drawn ? "typed" : "drawn";
        call.dispatch({ type: "tick", at: Date.now() });
      }, "btn btn-quiet btn-dense")));
}

function savedSignature(call: Call, held: Held): VNode {
  return h("form", {
    class: "field", key: "saved", novalidate: true,
    on: { submit: (event) => {
      event.preventDefault();
      if (!held.code.trim()) {
        document.getElementById("saved-code")?.focus();
        return;
      }
      work(call, held, "sign", async () => {
        if (!(await call.ask("consent_handwriting", { text: held.text }))) return;
        try {
          await request(call.page, `${base(call.page, held.text)}/sign`, { name: "", saved: held.code });
        } finally {
          held.code = "";
        }
      });
    } },
  },
    h("label", { for: "saved-code" }, t("The code of your saved signature")),
    h("p", { class: "hint" }, t("Its drawing is placed under the paper; the paper and the record say so.")),
    h("span", { class: "line" },
      h("input", {
        id: "saved-code", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "24", class: "num code-field", props: { value: held.code },
        on: { input: (event) => { held.code = (event.currentTarget as HTMLInputElement).value; } },
      }),
      h("button", { class: "btn btn-act btn-dense", type: "submit", "aria-busy": held.working === "sign" ? "true" : undefined }, t("Sign with the saved signature")),
      button(t("Write by hand"), () => {
        held.way = "drawn";
        call.dispatch({ type: "tick", at: Date.now() });
      }, "btn btn-quiet btn-dense")));
}

function asking(call: Call, view: View, held: Held): VNode | null {
  const close = (): void => ask(call, held, "");
  if (held.asking === "seal") {
    return modal("seal", t("Put the office's seal on?"), close,
      [view.signing?.seal_only && h("p", {}, t("You do not sign it yourself. It bears both sides’ signatures and the office’s seal, names you as the mediator and says that you do not sign.")),
        h("p", {}, t("With the seal it is in effect. Nothing in it can be changed or taken back after that; both sides get their copies."))],
      [button(t("Do not seal yet"), close, "btn", { autofocus: true }), button(t("Put the seal on"), () => {
        close();
        work(call, held, "seal", async () => {
          await request(call.page, `${base(call.page, held.text)}/seal`, {}, 60);
        });
      }, "btn btn-seal")]);
  }
  if (held.asking === "call_off") {
    return modal("call-off", t("Stop signing?"), close,
      [h("p", {}, t("Every signature is void then, and everybody sees it. You can ask both to sign again."))],
      [button(t("Go on signing"), close, "btn", { autofocus: true }), button(t("Stop signing"), () => {
        close();
        void call.ask("call_off_signing", { reason: "" });
      }, "btn btn-seal")]);
  }
  return null;
}

function sealed(call: Call, view: View): VNode {
  return h("section", { class: "paper stack-s", key: "sealed" },
    h("h2", {}, t("{document} is in effect", { document: documentName(view.signing?.kind ?? "") })),
    view.documents.map((one) => h("p", { key: one.id },
      h("a", { href: `/sessions/${encodeURIComponent(call.page.session)}/documents/${encodeURIComponent(one.id)}` }, icon("down"), one.number),
      " ", h("span", { class: "meta" }, dayAndTime(one.at), " · ", one.level === "B-T" ? t("signed inside the PDF, with the time stamp of an authority") : t("signed inside the PDF")))),
    h("p", { class: "meta" }, t("Both sides have been sent a link to their copy. End the mediation with this result when you are ready.")));
}

function voided(view: View): VNode {
  const why = view.signing?.voided;
  const names = (why?.seats ?? []).map((seat) => nameOf(view, seatOf(view, seat))).join(t(", "));
  return h("div", { class: "banner", "data-tone": "warn", key: "void" }, icon("alert"), h("div", {},
    h("p", {}, why?.reason === "edited" ? t("The text was changed: every signature is void.") : t("Signing was stopped.")),
    names && h("p", { class: "meta" }, t("Void: {names}", { names }))));
}

function problem(held: Held): VNode | null {
  return held.problem ? h("p", { class: "error", role: "alert", key: "problem" }, icon("alert"), held.problem) : null;
}

function ask(call: Call, held: Held, what: Held["asking"]): void {
  held.asking = what;
  call.dispatch({ type: "tick", at: Date.now() });
}
