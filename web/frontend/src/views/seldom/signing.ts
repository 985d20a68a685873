// Signing on a phone: the whole text, how to sign, the pad, the code, and what happens next. One question a screen.
import type { Call } from "../../room/call";
import { button, h, icon, modal, type Children, type VNode } from "../../dom";
import { Pad, written } from "../../sign/pad";
import { seatOf } from "../../room/selectors";
import { base, holding, mySignature, request, short, type Held } from "../../room/signing";
import { Refusal, type Paper, type View } from "../../room/wire";
import { dayAndTime, sentence, t } from "../../words";
import { nameOf } from "../pieces";
import { copies, documentName } from "../signing";

export function signingScreen(call: Call, view: View): VNode {
  return h("main", { class: "reading signing", id: "main", key: "signing" },
    h("nav", { class: "line apart", "aria-label": t("Signing") },
      button([icon("cam"), t("Back to the picture")], () => call.open("none"), "btn btn-quiet")),
    body(call, view));
}

function body(call: Call, view: View): Children {
  const { signing } = view;
  const own = mySignature(view);
  if (!signing || !own) return h("p", { class: "lede" }, t("There is nothing to sign."));
  const held = holding(view);
  if (signing.state === "sealed") return done(view);
  if (signing.state === "void") return voided(view);
  if (own.signed) return [waiting(call, view, held), asking(call, held)];
  if (!own.read) return [reading(call, view, held), asking(call, held)];
  if (!own.electronic) return [agreeing(call, held), asking(call, held)];
  if (!held.way) return [choosing(call, view, held), asking(call, held)];
  return [writing(call, view, held), asking(call, held)];
}

// ---------------------------------------------------------------- the text

function fetched(call: Call, held: Held): void {
  if (held.paper || held.failed || held.working === "text") return;
  held.working = "text";
  void request<Paper>(call.page, base(call.page, held.text)).then((paper) => {
    held.paper = paper;
  }, () => {
    held.failed = true;
  }).finally(() => {
    held.working = "";
    redraw(call);
  });
}

export function paperText(paper: Paper): VNode {
  return h("article", { class: "paper song-text", lang: "zh-CN", key: "paper" },
    h("p", { class: "meta" }, paper.office),
    h("h2", { class: "song" }, paper.title),
    h("p", { class: "meta" }, paper.number),
    h("dl", { class: "facts" }, paper.rows.map((row) => [h("dt", {}, row.label), h("dd", {}, row.value)])),
    paper.before.map(passage),
    paper.clauses.map((clause) => h("section", { class: "clause-line" }, h("h3", {}, clause.label), h("p", { class: "song" }, clause.text))),
    paper.after.map(passage));
}

function passage(one: Paper["before"][number]): VNode {
  return one.style === "heading" ? h("h3", {}, one.text) : h("p", { class: one.style === "note" ? "meta" : "song" }, one.text);
}

function reading(call: Call, view: View, held: Held): Children {
  fetched(call, held);
  const name = documentName(view.signing?.kind ?? "");
  return [
    h("h1", { key: "title" }, t("Please read the whole text first")),
    h("p", { class: "lede", key: "lede" }, t("This is the {document}. You sign exactly this; if one word is changed, everybody signs again.", { document: name })),
    held.failed ? h("div", { class: "banner", "data-tone": "warn", key: "failed" }, icon("offline"), h("div", {}, h("p", {}, t("The text could not be fetched.")),
      button(t("Try again"), () => {
        held.failed = false;
        redraw(call);
      }, "btn btn-dense")))
      : held.paper ? paperText(held.paper) : h("p", { class: "meta", role: "status", key: "loading" }, t("Fetching the text …")),
    held.paper && h("p", { class: "meta", key: "end", hook: (element) => watchEnd(call, held, element) }, t("This is the end of the text."), " ",
      t("Check sum"), " ", h("span", { class: "hash" }, short(held.text))),
    h("div", { class: "actions", key: "actions" },
      held.seen
        ? button(t("I have read it to the end"), () => void call.ask("read_through", { text: held.text }), "btn btn-act btn-big",
          { "aria-busy": call.state.busy === "read_through" ? "true" : undefined })
        : button(t("Go on reading"), () => scrollOn(), "btn btn-act btn-big"),
      button(t("I do not want to sign"), () => ask(call, held, "refuse"), "btn btn-big")),
  ];
}

// The end of the text must have been before the eyes.
function watchEnd(call: Call, held: Held, element: HTMLElement): void {
  if (held.seen || element.dataset.watched === held.text) return;
  element.dataset.watched = held.text;
  const saw = (): void => {
    held.seen = true;
    redraw(call);
  };
  if (typeof IntersectionObserver !== "function") return saw();
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    saw();
  });
  observer.observe(element);
}

function scrollOn(): void {
  const main = document.getElementById("main");
  const box = main && main.scrollHeight > main.clientHeight + 4 ? main : document.scrollingElement;
  box?.scrollBy({ top: Math.round(window.innerHeight * 0.6) });
}

// ---------------------------------------------------------------- whether electronically

// E-signature Law Art 3: the sides agree to it. Who would rather sign on paper says so, and the mediator reads it.
function agreeing(call: Call, held: Held): Children {
  return [
    h("h1", { key: "title" }, t("Do you agree to sign electronically?")),
    h("p", { class: "lede", key: "lede" }, t("You and the other side would sign on your phones, as an electronic document, instead of on paper. It needs both sides' agreement; nobody has to.")),
    h("p", { class: "meta", key: "law" }, t("Electronic Signature Law, Article 3. Your answer is kept in the record.")),
    h("div", { class: "actions", key: "actions" },
      button(t("I agree to sign electronically"), () => void call.ask("agree_electronic_form", { text: held.text }), "btn btn-act btn-big",
        { "aria-busy": call.state.busy === "agree_electronic_form" ? "true" : undefined }),
      button(t("I would rather sign on paper"), () => {
        held.reason = t("I would rather sign on paper.");
        ask(call, held, "refuse");
      }, "btn btn-big")),
  ];
}

// ---------------------------------------------------------------- how

function choosing(call: Call, view: View, held: Held): Children {
  const choose = (way: "drawn" | "typed"): void => {
    if (way === "typed") {
      held.way = way;
      held.name = held.name || (seatOf(view, view.you.seat)?.name ?? "");
      return redraw(call);
    }
    void call.ask("consent_handwriting", { text: held.text }).then((agreed) => {
      if (agreed) held.way = way;
      redraw(call);
    });
  };
  const choice = (way: "drawn" | "typed", label: string, about: string): VNode => h("button", {
    type: "button", class: "choice", key: way, on: { click: () => choose(way) },
  }, icon(way === "drawn" ? "pen" : "text-size"), h("b", {}, label), h("span", { class: "meta" }, about));
  return [
    h("h1", { key: "title" }, t("How would you like to sign?")),
    h("div", { class: "choices", key: "choices" },
      choice("drawn", t("Write my name with a finger"), t("I agree that the office keeps my handwriting")),
      choice("typed", t("Type my name instead"), t("Counts the same, and the document says that it was typed"))),
    h("p", { class: "lede", key: "notice" },
      t("Your handwriting is sensitive personal data. It is printed on this document, of which both sides and the office have a copy; the strokes are kept encrypted in the file of the complaint, for ten years at least, and destroyed with it. It serves no other purpose. Without agreeing you can type your name.")),
    h("div", { class: "actions", key: "actions" }, button(t("I do not want to sign"), () => ask(call, held, "refuse"), "btn btn-big")),
  ];
}

// ---------------------------------------------------------------- the pad and the code

function writing(call: Call, view: View, held: Held): Children {
  const own = mySignature(view);
  const drawn = held.way === "drawn";
  const ready = drawn ? written(held.drawing) : held.name.trim().length > 0;
  const confirmed = own?.confirmed === true;
  return [
    h("h1", { key: "title" }, drawn ? t("Please write your name") : t("Please type your name")),
    h("p", { class: "lede", key: "lede" }, t("{document} {number}, clauses: {n}.", {
      document: documentName(view.signing?.kind ?? ""), number: view.signing?.number ?? "", n: view.draft.clauses.length,
    })),
    own?.basis || own?.capacity === "agent" ? h("p", { class: "meta", key: "proxy" }, t("You sign for the party you act for: {basis}", { basis: own.basis })) : null,
    drawn ? padPart(call, held) : h("div", { class: "field", key: "typed" }, h("label", { for: "sign-name" }, t("Your name")),
      h("input", {
        class: "input", id: "sign-name", maxlength: "60", autocomplete: "name", props: { value: held.name },
        on: { input: (event) => type(call, held, "name", event) },
      })),
    problem(held),
    own?.by_voice ? h("p", { class: "meta", key: "voice" }, t("The mediator has confirmed that it is you. You need no code; the document says so.")) : null,
    held.phone && !confirmed ? codePart(call, view, held) : null,
    h("div", { class: "actions", key: "actions" },
      confirmed
        ? button(t("Sign"), () => sign(call, view, held), "btn btn-act btn-big", busy(held, "sign"))
        : held.phone ? null
          : button(t("Done: send me a code"), () => {
            if (ready) return sendCode(call, held);
            held.problem = drawn ? t("Please write your name on the pad first.") : t("Please type your name first.");
            return redraw(call);
          }, "btn btn-act btn-big", busy(held, "code")),
      button(t("Sign in another way"), () => {
        held.way = "";
        held.problem = "";
        redraw(call);
      }, "btn"),
      button(t("I do not want to sign"), () => ask(call, held, "refuse"), "btn")),
    h("p", { class: "meta", key: "sum" }, t("Check sum of the text"), " ", h("span", { class: "hash" }, short(held.text)), ". ",
      t("The signature counts for this text only.")),
  ];
}

export function padPart(call: Call, held: Held): VNode {
  return h("div", { class: "stack-s", key: "pad" },
    h("div", { class: "pad", role: "group", "aria-label": held.drawing.strokes.length ? t("Pad for your name, written on") : t("Pad for your name, empty") },
      h("canvas", {
        opaque: true, key: `canvas-${held.text}`, tabindex: "-1", "aria-hidden": "true",
        hook: (element) => attach(call, held, element as HTMLCanvasElement),
      })),
    h("div", { class: "line apart" }, h("p", { class: "meta" }, t("With your finger; slowly is fine")),
      h("span", { class: "line" },
        button(t("Undo"), () => pads.get(held)?.undo(), "btn", { "aria-label": t("Undo the last stroke") }),
        button(t("Wipe it off"), () => pads.get(held)?.clear(), "btn"))));
}

const pads = new Map<Held, Pad>();
const attached = new WeakMap<HTMLCanvasElement, Held>();

function attach(call: Call, held: Held, canvas: HTMLCanvasElement): void {
  if (attached.get(canvas) === held) return;
  attached.set(canvas, held);
  pads.clear();
  pads.set(held, new Pad(canvas, held.drawing, () => {
    held.problem = "";
    redraw(call);
  }));
}

function codePart(call: Call, view: View, held: Held): VNode {
  return h("form", {
    class: "field", key: "code",
    on: {
      submit: (event) => {
        event.preventDefault();
        sign(call, view, held);
      },
    },
  },
    h("label", { for: "sign-code" }, t("The 6 digits sent to {phone}", { phone: held.phone })),
    h("input", {
      class: "code num", id: "sign-code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6",
      props: { value: held.code }, on: { input: (event) => type(call, held, "code", event) },
    }),
    h("p", { class: "hint" }, t("Whoever types it signs in your name: tell it to nobody.")),
    h("p", { class: "hint" }, t("The office's system makes the code and checks it; you sign without a certificate of your own, and the document says so.")),
    h("button", { class: "btn btn-act btn-big", type: "submit", ...busy(held, "sign") }, t("Sign")),
    button(t("Send another code"), () => sendCode(call, held), "btn", busy(held, "code")));
}

function sendCode(call: Call, held: Held): void {
  work(call, held, "code", async () => {
    const { phone } = await request<{ phone: string }>(call.page, `${base(call.page, held.text)}/code`, {});
    held.phone = phone;
  });
}

function sign(call: Call, view: View, held: Held): void {
  if (held.way === "drawn" && !written(held.drawing)) {
    held.problem = t("Please write your name on the pad first.");
    return redraw(call);
  }
  const name = held.way === "typed" ? held.name.trim() : seatOf(view, view.you.seat)?.name ?? "";
  if (!name) {
    held.problem = t("Please type your name first.");
    return redraw(call);
  }
  work(call, held, "sign", async () => {
    await request(call.page, `${base(call.page, held.text)}/sign`, { name, code: held.code, drawn: held.way === "drawn" ? held.drawing : null });
    held.code = "";
  });
}

// ---------------------------------------------------------------- afterwards

function waiting(call: Call, view: View, held: Held): Children {
  return [
    h("h1", { key: "title" }, t("You have signed")),
    h("p", { class: "lede", key: "lede" }, nextSentence(view)),
    progress(view),
    h("div", { class: "actions", key: "actions" },
      button(t("Take my signature back"), () => ask(call, held, "withdraw"), "btn btn-big")),
  ];
}

export function nextSentence(view: View): string {
  switch (view.signing?.next) {
    case "parties": return t("The other side is still signing.");
    case "mediator": return t("Both sides have signed. Now the mediator signs.");
    case "seal": return t("Everybody has signed. The office's seal comes last; then it is in effect.");
    default: return "";
  }
}

export function progress(view: View): VNode {
  const rows = view.signing?.signers ?? [];
  return h("ul", { class: "rows", key: "progress" }, rows.map((one) => h("li", { class: "row", key: one.seat },
    h("span", { class: "row-main" }, h("b", {}, nameOf(view, seatOf(view, one.seat))), one.basis && h("span", { class: "meta" }, " ", one.basis)),
    state(one))));
}

export function state(one: NonNullable<View["signing"]>["signers"][number]): VNode {
  if (one.signed) return h("span", { class: "badge", "data-tone": "ok" }, icon("check"), one.how === "typed" ? t("signed (typed)") : t("signed"), " ", dayAndTime(one.signed), one.by_voice ? [" · ", t("known by voice, no code")] : null);
  if (one.refused) return h("span", { class: "badge", "data-tone": "seal" }, t("does not want to sign"));
  if (one.confirmed) return h("span", { class: "badge", "data-tone": "warn" }, one.by_voice ? t("known by voice, no code") : t("identity confirmed"));
  if (one.read) return h("span", { class: "badge", "data-tone": "warn" }, t("has read it"));
  return h("span", { class: "badge" }, t("not yet"));
}

function voided(view: View): Children {
  const why = view.signing?.voided;
  return [
    h("h1", { key: "title" }, why?.reason === "edited" ? t("The text was changed: every signature is void") : t("Signing was stopped")),
    h("p", { class: "lede", key: "lede" }, t("Nothing that was signed counts. The mediator asks you again once the text stands.")),
    why?.note ? h("p", { key: "note" }, why.note) : null,
  ];
}

function done(view: View): Children {
  return [h("h1", { key: "title" }, t("{document} is in effect", { document: documentName(view.signing?.kind ?? "") })),
    h("p", { class: "lede", key: "lede" }, t("Both sides and the mediator have signed, and the office's seal is on.")),
    h("p", { key: "standing" }, standing(view.documents.find((one) => one.kind === view.signing?.kind))),
    progress(view), copies(view)];
}

// What the seal is worth: server/signing/seals.py says the same on the paper.
function standing(sealed: View["documents"][number] | undefined): string {
  switch (sealed?.assurance) {
    case "provider": return t("The certificate of the seal was issued by {certifier}. Keep the PDF file; for a paper copy with the office's stamp, ask the office.", { certifier: sealed.certifier });
    case "unified": return t("It is sealed by {certifier} with an e-seal of the national unified system, which has the effect of a stamp.", { certifier: sealed.certifier });
    default: return t("Keep the PDF file: its seal shows that it comes from the office and was not changed. For a paper copy with the office's stamp, ask the office.");
  }
}

// ---------------------------------------------------------------- no

function ask(call: Call, held: Held, what: Held["asking"]): void {
  held.asking = what;
  redraw(call);
}

function asking(call: Call, held: Held): VNode | null {
  const close = (): void => ask(call, held, "");
  if (held.asking === "withdraw") {
    return modal("withdraw", t("Take your signature back?"), close,
      [h("p", {}, t("Until the seal is on you may do that. Everybody sees it, and the mediator's signature goes with yours. You can sign again."))],
      [button(t("Keep it"), close, "btn", { autofocus: true }), button(t("Take my signature back"), () => {
        close();
        held.phone = held.code = "";
        void call.ask("withdraw_signature", { text: held.text });
      }, "btn btn-seal")]);
  }
  if (held.asking !== "refuse") return null;
  return modal("refuse", t("Not sign?"), close,
    [
      h("p", {}, t("You need not sign. Everybody sees that you did not; why is read by the mediator only and kept in the record. You can change your mind.")),
      h("div", { class: "field" }, h("label", { for: "refuse-reason" }, t("Why not?")),
        h("textarea", { id: "refuse-reason", rows: "3", maxlength: "500", props: { value: held.reason }, on: { input: (event) => type(call, held, "reason", event) } })),
      problem(held),
    ],
    [button(t("Think it over"), close, "btn", { autofocus: true }), button(t("I do not sign"), () => {
      const reason = held.reason.trim();
      if (!reason) {
        held.problem = t("Please write in a few words why not.");
        return redraw(call);
      }
      held.problem = "";
      void call.ask("refuse_signing", { text: held.text, reason }).then((told) => told && close());
      return undefined;
    }, "btn btn-seal")]);
}

// ---------------------------------------------------------------- pieces

function problem(held: Held): VNode | null {
  return held.problem ? h("p", { class: "error", role: "alert", key: "problem" }, icon("alert"), held.problem) : null;
}

function busy(held: Held, what: string): Record<string, string | undefined> {
  return { "aria-busy": held.working === what ? "true" : undefined };
}

function type(call: Call, held: Held, field: "name" | "code" | "reason", event: Event): void {
  held[field] = (event.currentTarget as HTMLInputElement).value;
  if (held.problem) {
    held.problem = "";
    redraw(call);
  }
}

function redraw(call: Call): void {
  call.dispatch({ type: "tick", at: Date.now() });
}

// One request at a time; a refusal becomes a sentence above the field.
export function work(call: Call, held: Held, what: string, doing: () => Promise<void>): void {
  if (held.working) return;
  held.working = what;
  held.problem = "";
  redraw(call);
  void doing().catch((error: unknown) => {
    const refusal = error instanceof Refusal ? error : new Refusal("unknown");
    held.problem = sentence(refusal.code, refusal.params);
  }).finally(() => {
    held.working = "";
    redraw(call);
  });
}

