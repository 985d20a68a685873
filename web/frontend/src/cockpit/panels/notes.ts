// The mediator's own notes: nobody else sees them, and no export holds them.
import type { Call } from "../../room/call";
import { button, h, icon, type Children } from "../../dom";
import type { NoteState } from "../../room/state";
import { t } from "../../words";
import { notebook } from "../notebook";

const LONGEST = 20_000;

export function notes(call: Call): Children {
  const book = notebook(call);
  book.open();
  const { state, theirs } = call.state.note;
  return [
    h("p", { class: "meta", key: "whose" }, icon("lock"), t("Only you see this. It is in no export and goes when the record is erased.")),
    h("div", { class: "field", key: "note" }, h("label", { for: "note-text" }, t("My notes")),
      h("textarea", {
        id: "note-text", rows: "14", maxlength: LONGEST, autocomplete: "off", "aria-describedby": "note-state",
        props: { readOnly: state === "reading" || state === "unread" },
        hook: (element) => {
          const field = element as HTMLTextAreaElement;
          if (field.value !== book.text) field.value = book.text;
        },
        on: { input: (event) => book.typed((event.currentTarget as HTMLTextAreaElement).value) },
      })),
    h("p", { class: state === "failed" || state === "unread" ? "warn" : "meta", id: "note-state", role: "status", key: "state" }, said(state)),
    state === "unread" && button(t("Try again"), () => book.open(), "btn btn-dense", { key: "again" }),
    theirs && h("section", { class: "banner", "data-tone": "warn", key: "theirs", "aria-label": t("From another page of yours") }, icon("alert"),
      h("div", { class: "stack-s" }, h("p", {}, t("Another page of yours wrote this meanwhile:")),
        h("p", { class: "paper official" }, theirs),
        button(t("Keep both, one below the other"), () => book.merge(), "btn btn-act btn-dense"))),
  ];
}

function said(state: NoteState): string {
  switch (state) {
    case "none":
    case "reading": return t("Reading your notes …");
    case "typing":
    case "saving": return t("Saving …");
    case "saved": return t("Saved");
    case "failed": return t("Not saved: there is no connection. It is kept here and tried again.");
    case "unread": return t("Your notes could not be read just now. Nothing was lost.");
    case "conflict": return t("Not saved yet: decide about the other text first.");
  }
}
