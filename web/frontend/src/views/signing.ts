// Signing on a phone, what stands in the room: the strip under the picture, everybody's copy, and the question before signatures are
// void. What is signed in, ./seldom/signing, is fetched when somebody is to sign.
import type { Call } from "../room/call";
import { button, h, icon, modal, type VNode } from "../dom";
import { seatOf } from "../room/selectors";
import { mySignature, signsHere } from "../room/signing";
import type { View } from "../room/wire";
import { dayAndTime, t } from "../words";
import { nameOf } from "./pieces";

export function documentName(kind: string): string {
  switch (kind) {
    case "agreement": return t("Mediation agreement");
    case "failure": return t("Record of failure to settle");
    default: return t("Mediation record");
  }
}

// Under the picture: something is to be signed, or has been.
export function signingStrip(call: Call, view: View): VNode | null {
  const { signing } = view;
  const own = mySignature(view);
  if (!signing || !own || !signsHere(view)) return null;
  const todo = signing.state === "open" && !own.signed;
  const label = signing.state === "sealed" ? t("Signed and sealed: in effect")
    : signing.state === "void" ? t("The signatures are void: the text was changed")
      : own.signed ? t("You have signed. See who is next") : t("Please sign the {document}", { document: documentName(signing.kind) });
  return h("section", { class: "draft-strip", key: "signing-strip", "aria-label": t("Signing") },
    button([icon(todo ? "pen" : "file"), label], () => call.open("signing"), todo ? "btn btn-act" : "btn"));
}

// Everybody's own copy, in the room and after it.
export function copies(view: View): VNode | null {
  if (!view.documents.length || view.you.mediator) return null;
  return h("section", { class: "card stack-s", key: "copies", "aria-labelledby": "copies-title" },
    h("h2", { id: "copies-title" }, t("Your copy")),
    view.documents.map((one) => h("p", { key: one.id },
      h("a", { class: "btn btn-act btn-big", href: `/room/documents/${encodeURIComponent(one.id)}`, download: "" },
        icon("down"), t("Download: {document} (PDF)", { document: documentName(one.kind) })),
      h("span", { class: "meta" }, `${one.number} · ${dayAndTime(one.at)}`))),
    h("p", { class: "meta" }, t("A link to it was sent to your phone as well. Keep the file as it is: printed or photographed it loses its seal.")));
}

// Before anything that makes every signature void: by a key, a button, or a form that is sent.
export function voidQuestion(call: Call, view: View): VNode | null {
  const { doubt } = call;
  if (!doubt) return null;
  const names = (view.signing?.signers ?? []).filter((one) => one.signed).map((one) => nameOf(view, seatOf(view, one.seat))).join(t(", "));
  return modal("doubt", t("Make every signature void?"), () => doubt(false),
    [h("p", {}, t("The text is out for signing. If you go on, every signature so far is void, and everybody sees that.")),
      names && h("p", {}, t("Signed so far: {names}", { names }))],
    [button(t("Leave it as it is"), () => doubt(false), "btn", { autofocus: true }), button(t("Go on: signatures are void"), () => doubt(true), "btn btn-seal")]);
}
