// From a chosen file to an exhibit: the buttons, what it is to be called, and how far it is.
import type { Call } from "../room/call";
import { button, h, icon, type Attrs, type Children, type VNode } from "../dom";
import type { Purpose, View } from "../room/wire";
import { t } from "../words";

const PICTURES = "image/jpeg,image/png,image/webp,image/heic,image/heif";
const FILES = `${PICTURES},application/pdf,video/mp4,video/quicktime,video/webm`;
const MOST_TITLE = 60;

export function picker(call: Call, key: string, label: Children, kind: string, attrs: Attrs, purpose: Purpose = "evidence", term = 0): VNode {
  return h("label", { class: `${kind} picker`, key },
    h("input", {
      type: "file", class: "vh", ...attrs,
      on: {
        change: (event) => {
          const input = event.currentTarget as HTMLInputElement;
          call.exhibits.choose(Array.from(input.files ?? []), purpose, term);
          input.value = ""; // the same file may be chosen again
        },
      },
    }), label);
}

export function pickers(call: Call, purpose: Purpose = "evidence", term = 0): VNode {
  return h("div", { class: "stack-s", key: "pickers" },
    picker(call, "camera", [icon("cam"), t("Take a photo")], "btn btn-big", { accept: PICTURES, capture: "environment" }, purpose, term),
    picker(call, "gallery", [icon("image"), t("Choose photos, PDF or a film")], "btn btn-big", { accept: FILES, multiple: true }, purpose, term));
}

export function filePicker(call: Call): VNode {
  return picker(call, "file", [icon("file"), t("Add an exhibit")], "btn btn-dense", { accept: FILES, multiple: true });
}

// What is about to be sent, seen before it leaves the phone. What this browser cannot draw is named by its sign.
const blind = new WeakSet<File>();
function thumbnail(call: Call, file: File): VNode {
  if (!file.type.startsWith("image/") || blind.has(file)) return h("span", { class: "chosen-sign", key: "sign" }, icon(file.type.startsWith("image/") ? "image" : "file"));
  return h("img", {
    class: "chosen-picture", key: "picture", alt: "",
    hook: (element) => {
      const picture = element as HTMLImageElement;
      if (!picture.src) picture.src = URL.createObjectURL(file);
    },
    drop: (element) => URL.revokeObjectURL((element as HTMLImageElement).src),
    on: {
      error: () => {
        blind.add(file);
        call.exhibits.change({});
      },
    },
  });
}

// What is it? One question, with the usual answers to tap.
export function naming(call: Call, view: View): VNode | null {
  const { draft } = call.state.exhibiting;
  if (!draft) return null;
  const proof = draft.purpose === "performance";
  const usual = proof ? [t("Refund receipt"), t("Transfer screenshot")]
    : [t("Proof of payment"), t("Chat record"), t("Photo of the goods"), t("Contract or order")];
  return h("form", {
    class: "field exhibit-naming", key: "naming",
    on: {
      submit: (event) => {
        event.preventDefault();
        const { elements } = event.currentTarget as HTMLFormElement;
        const title = elements.namedItem("title") as HTMLInputElement;
        const only = elements.namedItem("only") as HTMLInputElement | null;
        if (title.value.trim()) void call.exhibits.offer(title.value.trim().slice(0, MOST_TITLE), only?.checked ?? false);
        else title.focus();
      },
    },
  },
    draft.files.length > 1 && h("p", { class: "meta", key: "many" }, t("{n} files chosen", { n: draft.files.length })),
    h("ul", { class: "chosen", key: "chosen", "aria-label": t("What you have chosen") }, draft.files.map((file, index) => h("li", { key: `${file.name}-${file.size}-${file.lastModified}` },
      thumbnail(call, file), h("span", { class: "meta" }, file.name),
      button(icon("cross"), () => call.exhibits.leaveOut(index), "btn btn-dense btn-icon", { "aria-label": t("Leave out {name}", { name: file.name }) })))),
    h("label", { for: "exhibit-title" }, proof ? t("What does it show?") : t("What is it?")),
    h("input", { id: "exhibit-title", name: "title", maxlength: String(MOST_TITLE), autocomplete: "off", enterkeyhint: "send" }),
    h("div", { class: "line", role: "group", "aria-label": t("Usual names") }, usual.map((word) => button(word, () => {
      const title = document.getElementById("exhibit-title") as HTMLInputElement | null;
      if (title) title.value = word;
    }, "btn btn-dense", { key: word }))),
    !view.you.mediator && view.you.side !== null && !proof && h("label", { class: "check tall" }, h("input", { type: "checkbox", name: "only", id: "exhibit-only", checked: view.caucus !== null }),
      h("span", {}, t("For the mediator only, until I release it"))),
    h("p", { class: "meta" }, t("What the room sees is drawn anew, without where and with which phone it was taken. The original is kept sealed; only the mediator of the case and authorised supervisors can take it out, as evidence.")),
    h("div", { class: "two" }, button(t("Not now"), () => call.exhibits.forget(), "btn"), h("button", { type: "submit", class: "btn btn-act" }, t("Send it"))));
}

export function underWay(call: Call): VNode | null {
  const { sending } = call.state.exhibiting;
  if (!sending.length) return null;
  return h("ul", { class: "rows", key: "sending", "aria-label": t("Being sent") }, sending.map((one) => {
    const percent = Math.round(one.share * 100);
    const word = one.state === "refused" ? one.why : one.state === "waiting" ? t("The network is gone. It resumes by itself, nothing is lost.")
      : one.state === "preparing" ? t("It has arrived and is being made ready …") : t("{n} % sent", { n: percent });
    return h("li", { class: "row", key: `sending-${one.id}` },
      h("span", { class: "row-main" }, h("b", {}, one.title), h("br"), h("span", { class: one.state === "refused" ? "danger" : "meta", role: "status" }, word),
        one.state !== "refused" && h("progress", { class: "thin", max: "100", value: one.state === "preparing" ? undefined : String(percent), "aria-label": t("{title}: how much is sent", { title: one.title }) })),
      one.state === "refused" && button(t("Try again"), () => call.exhibits.again(one.id), "btn btn-dense"),
      button(one.state === "refused" ? t("Do not upload it") : t("Stop"), () => call.exhibits.drop(one.id), "btn btn-quiet btn-dense", { "aria-label": t("Do not send “{title}”", { title: one.title }) }));
  }));
}
