// Keys of the cockpit, each with Alt: what it does, and the sheet that lists them.
import type { Call } from "../room/call";
import { button, h, modal, type VNode } from "../dom";
import { inRoom, myself, nextPhase, waiting } from "../room/selectors";
import { TABS } from "../room/state";
import { agreementKey } from "./panels/agreement";
import { widen } from "./wide";
import { chord, shortcuts, turnShortcuts } from "../shortcuts";
import type { Side, View } from "../room/wire";
import { t } from "../words";
import TABLES from "../../../help/keys.json";

const LISTED = TABLES.find((table) => table.page === "room")?.keys ?? [];

interface Key {
  key: string; // as typed, in lower case
  says: string;
  works: (view: View) => boolean;
  does: (call: Call, view: View) => void;
}

const live = (view: View): boolean => view.session.status === "live";
const under = (view: View): boolean => live(view) || view.session.status === "recess";
const here = (view: View): boolean => under(view) && inRoom(myself(view)!);

const mayTalk = (view: View, side: Side): boolean => live(view) && here(view) && view.caucus?.side !== side;

const ACTIONS: Readonly<Record<string, Pick<Key, "works" | "does">>> = {
  n: { works: (view) => live(view) && here(view) && !view.caucus && nextPhase(view.session.phase) !== null,
    does: (call, view) => {
      const phase = nextPhase(view.session.phase);
      if (phase) void call.ask("enter_phase", { phase });
    } },
  m: { works: under, does: (call) => void call.toggleMic() },
  v: { works: under, does: (call) => void call.toggleCamera() },
  a: { works: (view) => here(view) && waiting(view).length > 0,
    does: (call, view) => {
      const first = [...waiting(view)].sort((a, b) => (a.waiting_since ?? "").localeCompare(b.waiting_since ?? ""))[0];
      if (first) void call.ask("admit", { seat: first.id });
    } },
  c: { works: (view) => mayTalk(view, "consumer"), does: (call) => call.open("talk", "consumer") },
  b: { works: (view) => mayTalk(view, "business"), does: (call) => call.open("talk", "business") },
  p: { works: (view) => here(view) && view.caucus !== null, does: (call) => void call.ask("end_caucus") },
  r: { works: here, does: (call, view) => void call.ask(live(view) ? "start_recess" : "end_recess") },
  l: { works: here, does: (call, view) => void call.ask("set_door", { locked: !view.session.locked }) },
  w: { works: (view) => here(view) && view.law !== null, does: (call) => void call.ask("put_law_away") },
  e: { works: under, does: (call) => call.open("end") },
  d: { works: () => true,
      does: (call) => {
        if (call.state.tab === "agreement") widen(call);
        else call.dispatch({ type: "tab", tab: "agreement" });
      } },
  "/": { works: () => true, does: (call) => goTo(call, "law", "law-search") },
  t: { works: () => true, does: (call) => goTo(call, "notes", "note-text") },
  k: { works: () => true, does: (call) => call.open("keys") },
};

// The manual lists what is bound, and calls it the same.
export const KEYS: readonly Key[] = LISTED.flatMap(({ key, says }) => {
  const typed = key.replace("Alt ", "");
  const action = ACTIONS[typed];
  return action ? [{ key: typed, says, ...action }] : [];
});

const OF_THE_AGREEMENT = new Set(["a", "r", "e", "u"]);

function goTo(call: Call, tab: (typeof TABS)[number], field: string): void {
  call.dispatch({ type: "tab", tab });
  document.getElementById(field)?.focus();
}

// Off while typing and in dialogs.
export function listenToKeys(call: Call): void {
  document.addEventListener("keydown", (event) => {
    const typed = document.querySelector("dialog[open]") ? null : chord(event);
    if (typed === null) return;
    const { view } = call.state;
    if (!view || view.session.status === "closed" || view.session.status === "cancelled") return;
    // The agreement's tab has letters of its own; one that does nothing there just now must not call a recess instead.
    if (call.state.tab === "agreement" && (agreementKey(call, view, typed) || OF_THE_AGREEMENT.has(typed))) {
      event.preventDefault();
      return;
    }
    const tab = /^[1-9]$/.test(typed) ? TABS[Number(typed) - 1] : undefined;
    const key = KEYS.find((each) => each.key === typed);
    if (tab) call.dispatch({ type: "tab", tab });
    else if (key?.works(view)) key.does(call, view);
    else return;
    event.preventDefault();
  });
}

export function keysSheet(call: Call, close: () => void): VNode {
  const row = (key: string, says: string): VNode => h("li", { class: "row", key }, h("span", { class: "key-names" }, key.split(" ").map((one) => [h("kbd", { key: one }, one), " "])), h("span", { class: "row-main" }, says));
  return modal("keys", t("Keys"), close, [
    h("label", { class: "check" },
      h("input", {
        type: "checkbox", props: { checked: shortcuts() },
        on: {
          change: (event) => {
            turnShortcuts((event.currentTarget as HTMLInputElement).checked);
            call.dispatch({ type: "tick", at: Date.now() });
          },
        },
      }), t("Use keys together with Alt (off while typing)")),
    h("ul", { class: "rows keys" },
      row(`Alt 1–${TABS.length}`, t("Tabs of the file")),
      KEYS.map((key) => row(`Alt ${key.key.toUpperCase()}`, t(key.says))),
      row("Alt H", t("Help for this page")),
      row("Alt A R E U", t("In the agreement: a new clause, ask both about what is open, change the one in hand, put back what was removed")),
      row("Tab", t("From one control to the next")),
      row("← →", t("Within tabs and tools")),
      row("Esc", t("Close what is on top"))),
  ], [button(t("Close"), close, "btn", { autofocus: true })]);
}
