// What makes the room easier, the sheets: reading aloud, what everything is called, and who sits beside.
import type { Call } from "../../room/call";
import { button, h, modal, type Children, type VNode } from "../../dom";
import { myself, seatOf } from "../../room/selectors";
import type { Relation, View } from "../../room/wire";
import { t } from "../../words";
import { aloudSentence, helperSentence, mayHaveHelper, relationName } from "../ease";

export function aloudSheet(call: Call, close: () => void): VNode {
  const { aloud } = call;
  const on = aloud?.on === true;
  return modal("aloud", t("Read aloud"), close, [
    h("p", {}, t("The phone reads to you what is announced and what is written in the chat. Others hear it too if your sound is on: earphones help.")),
    h("p", { class: aloud && (aloud.state === "off" || aloud.state === "on") ? "meta" : "warn", role: "status" }, aloudSentence(call)),
  ], [
    button(t("Close"), close),
    aloud && aloud.state !== "unsupported" && button(on ? t("Stop reading aloud") : t("Read aloud from now on"),
      () => aloud.turn(!on, t("From now on this phone reads to you.")), "btn btn-act", { "aria-pressed": String(on) }),
  ]);
}

export function helpSheet(view: View, close: () => void): VNode {
  const row = (term: string, said: string): Children => [h("dt", { key: `t-${term}` }, term), h("dd", { key: `d-${term}` }, said)];
  return modal("help", t("What is this?"), close, [
    h("h3", {}, t("What you can tap")),
    h("dl", { class: "explain" },
      row(t("Sound"), t("Others hear you when it says “Sound on”. Tap to be silent; tap again to be heard.")),
      row(t("Picture"), t("Others see you when it says “Picture on”. Tap it to hide your picture.")),
      row(t("Hand up"), t("Tells the mediator that you want to speak. Tap again to take it back.")),
      row(t("Chat"), t("To write instead of speaking: to everybody, or to the mediator alone.")),
      row(t("More"), t("Recording, sharing your screen, reading aloud, larger type, and ringing the office.")),
      row(t("Leave"), t("You go out of the room. The same link lets you in again.")))
    , h("h3", {}, t("What the words mean")),
    h("dl", { class: "explain" },
      row(t("Mediator"), t("An officer of the market supervision office. Helps both sides agree, and decides nothing for them.")),
      row(t("Mediation"), t("Talking it over with a third person's help. It is voluntary: you may stop at any time, and still go to court.")),
      row(t("Recording"), t("Only who agreed is recorded. It is kept as evidence. You may stop it under “More”.")),
      row(t("Private talk"), t("The mediator speaks with one side alone. The other side hears nothing of it.")),
      row(t("Recess"), t("A break. Nobody hears or sees anybody, nothing is recorded.")),
      row(t("Step"), t("The mediation goes in six steps, from the opening to the closing. Everybody gets a turn.")),
      row(t("Article"), t("A passage of a law. What the room shows is its gist in plain words.")),
      row(t("Agreement"), t("What both sides promise. It counts only when both have said yes to it.")),
      row(t("Helper"), t("Somebody who sits with you: holds the phone, reads to you. Decides nothing for you."))),
    view.session.office_phone && h("p", { class: "meta" }, t("Still not clear? Ask the mediator, or ring {phone}.", { phone: view.session.office_phone })),
  ], [button(t("Close"), close, "btn", { autofocus: true })]);
}

const RELATIONS: readonly Relation[] = ["station", "family", "community", "volunteer", "other"];

export function helperSheet(call: Call, view: View, close: () => void): VNode | null {
  const seat = call.state.about ? seatOf(view, call.state.about) : myself(view);
  if (!seat || !mayHaveHelper(seat)) return null;
  const own = seat.id === view.you.seat;
  const target = own ? "" : seat.id;
  if (seat.helper) {
    return modal("helper", t("Somebody sits with you"), close, [h("p", {}, helperSentence(view, seat))], [
      button(t("Close"), close),
      button(t("Nobody sits here any more"), () => void call.ask("end_assistance", { seat: target }).then((done) => done && close()), "btn btn-seal"),
    ]);
  }
  return modal("helper", own ? t("Does somebody sit with you?") : t("Does somebody sit with {name}?", { name: seat.name }), close, [
    h("p", {}, t("A helper may hold the phone, read aloud and explain. They decide nothing and do not speak for you. Everybody sees who they are, and the record says so.")),
    h("form", {
      id: "helper-form", class: "stack",
      on: {
        submit: (event) => {
          event.preventDefault();
          const form = event.currentTarget as HTMLFormElement;
          const name = form.elements.namedItem("helper") as HTMLInputElement;
          const agreed = form.elements.namedItem("agreed") as HTMLInputElement;
          if (!name.value.trim()) return name.focus();
          if (!agreed.checked) return agreed.focus();
          const relation = (form.elements.namedItem("relation") as HTMLSelectElement).value;
          void call.ask("assist", { helper: name.value.trim(), relation, agreed: true, seat: target }).then((done) => done && close());
        },
      },
    },
      h("div", { class: "field" }, h("label", { for: "helper-name" }, t("The helper's name")),
        h("input", { id: "helper-name", name: "helper", required: true, maxlength: "40", autocomplete: "off" })),
      h("div", { class: "field" }, h("label", { for: "helper-relation" }, t("Who they are")),
        h("select", { id: "helper-relation", name: "relation" }, RELATIONS.map((each) => h("option", { key: each, value: each }, relationName(each))))),
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "agreed", required: true }),
        own ? t("I want this helper. They only help, and keep what they hear to themselves.")
          : t("{name} told me that they want this helper, who only helps and keeps what they hear to themselves.", { name: seat.name }))),
  ], [button(t("Close"), close), h("button", { type: "submit", form: "helper-form", class: "btn btn-act" }, t("Yes, they sit here"))]);
}
