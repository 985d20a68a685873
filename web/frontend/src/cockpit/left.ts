// The left column: phases with the one button that goes on, and the script card.
import type { Call } from "../room/call";
import { button, h, icon, type VNode } from "../dom";
import { nextPhase, phaseIndex, phaseMs } from "../room/selectors";
import { checkItem } from "../room/state";
import { PHASES, type OpeningItem, type View } from "../room/wire";
import { duration, phaseName, t } from "../words";
import { kindCard } from "./kind";
import { openingDone, openingLabel, OPENING_ITEMS, scriptOf } from "./script";

export function leftColumn(call: Call, view: View, at: number): VNode {
  const { phase, status } = view.session;
  const next = nextPhase(phase);
  const here = phaseIndex(phase);
  return h("aside", { class: "cp-left", "aria-label": t("Phases and script"), key: "left" },
    h("ol", { class: "phases", "aria-label": t("Phases of the mediation") }, PHASES.map((each, index) => {
      const spent = each === phase ? phaseMs(call.state, at) + before(view, each) : view.clock.phases[each] ?? 0;
      const done = index < here;
      return h("li", { key: each, class: each === phase ? "now" : done ? "done" : false, "aria-current": each === phase ? "step" : undefined },
        h("span", { class: "dot" }),
        done && status === "live" && !view.caucus
          ? button(phaseName(each), () => void call.ask("enter_phase", { phase: each }), "phase-back", { title: t("Go back to: {phase}", { phase: phaseName(each) }) })
          : h("span", {}, phaseName(each)),
        spent > 0 && h("span", { class: "num" }, duration(spent)));
    })),
    status === "live" && view.caucus && h("p", { class: "meta", key: "private" }, t("The next step begins when everybody is together again.")),
    status === "live" && !view.caucus && next && button(t("Next: {phase}", { phase: phaseName(next) }),
      () => void call.ask("enter_phase", { phase: next }), "btn btn-act", { "aria-keyshortcuts": "Alt+N", key: "next" }),
    status === "live" && !next && phase && button(t("Write down the result …"), () => call.open("end"), "btn btn-act", { key: "result" }),
    phase && script(call, view),
    phase && kindCard(call, view, phase, tick),
    phase && phase !== "opening" && covered(call, view));
}

// What earlier stays in this phase add up to; the server's sum holds the running one too.
function before(view: View, phase: keyof View["clock"]["phases"]): number {
  return Math.max(0, (view.clock.phases[phase] ?? 0) - view.clock.phase_ms);
}

function script(call: Call, view: View): VNode | null {
  const { phase } = view.session;
  if (!phase) return null;
  const { say, items } = scriptOf(phase, view, call.page.language);
  return h("section", { class: "script", "aria-label": t("Script card"), key: `script-${phase}` },
    h("h2", {}, t("What to say now")),
    h("blockquote", {}, say),
    h("fieldset", { class: "stack-s" }, h("legend", { class: "vh" }, t("To be asked in this phase")),
      phase === "opening" && OPENING_ITEMS.map((item) => h("label", { class: "check", key: item },
        h("input", {
          type: "checkbox", props: { checked: call.state.covered[`opening:${item}`] ?? view.opening[item] },
          on: { change: (event) => cover(call, item, (event.currentTarget as HTMLInputElement).checked) },
        }), openingLabel(item))),
      items.map(([id, label]) => {
        const item = checkItem(phase, id);
        return h("label", { class: "check", key: item },
          h("input", {
            type: "checkbox", props: { checked: call.state.covered[item] ?? view.script.includes(item) },
            on: { change: (event) => tick(call, item, (event.currentTarget as HTMLInputElement).checked) },
          }), label);
      })));
}

// As `cover`, for what is an aid and no duty.
function tick(call: Call, item: string, done: boolean): void {
  call.dispatch({ type: "check", item, done });
  void call.ask("check_item", { item, done }).then((agreed) => {
    if (!agreed) call.dispatch({ type: "check", item, done: null });
  });
}

// Shows the tick at once, until the room's view says the same; a refusal takes it back.
function cover(call: Call, item: OpeningItem, done: boolean): void {
  const mark = `opening:${item}`;
  call.dispatch({ type: "check", item: mark, done });
  void call.ask("cover_opening", { item, done }).then((agreed) => {
    if (!agreed) call.dispatch({ type: "check", item: mark, done: null });
  });
}

function covered(call: Call, view: View): VNode {
  const done = OPENING_ITEMS.filter((item) => view.opening[item]);
  const open = OPENING_ITEMS.filter((item) => !view.opening[item]);
  return h("div", { class: "stack-s", key: "covered" },
    done.length > 0 && h("p", { class: "meta" }, t("Done in the opening: {items}", { items: done.map(openingDone).join(t(", ")) })),
    open.length > 0 && h("div", { class: "banner", "data-tone": "warn" }, icon("alert"),
      h("div", {}, h("p", {}, t("Not done in the opening: {items}", { items: open.map(openingDone).join(t(", ")) })),
        open.map((item) => button(t("Done now: {item}", { item: openingDone(item) }),
          () => void call.ask("cover_opening", { item, done: true }), "btn btn-dense btn-quiet", { key: item })))));
}
