// In what capacity somebody acts for a side, and what each side asks for: the mediator writes it down.
import type { Call } from "../../room/call";
import { sideTitle, SIDES } from "../../room/drafting";
import { button, h, icon, mark, type Children, type VNode } from "../../dom";
import { inRoom } from "../../room/selectors";
import type { Capacity, Seat, Side, View } from "../../room/wire";
import { standing, t } from "../../words";

const CAPACITIES: readonly Capacity[] = ["self", "legal_representative", "head", "guardian", "agent"];

interface Typed {
  capacity: Capacity;
  special: boolean;
  basis: string;
}
const typed = new Map<string, Typed>();
const claims = new Map<Side, string>();

export function capacityName(capacity: Capacity): string {
  switch (capacity) {
    case "self": return t("in person");
    case "legal_representative": return t("legal representative");
    case "head": return t("person in charge");
    case "guardian": return t("guardian");
    case "agent": return t("authorised agent");
  }
}

function speakers(view: View): Seat[] {
  return view.seats.filter((seat) => ["consumer", "business", "representative", "lawyer"].includes(seat.role)
    && (inRoom(seat) || view.draft.authorities[seat.id]));
}

export function authorities(call: Call, view: View): Children {
  const open = view.seats.filter((seat) => view.draft.unproven.includes(seat.id));
  const known = speakers(view).filter((seat) => view.draft.authorities[seat.id]);
  return [
    open.map((seat) => form(call, view, seat, seat.role === "consumer" || seat.role === "business")),
    known.length > 0 && h("details", { key: "known" }, h("summary", {}, t("In what capacity they attend ({n})", { n: known.length })),
      h("ul", { class: "rows" }, known.map((seat) => row(call, view, seat)))),
  ];
}

function row(call: Call, view: View, seat: Seat): VNode {
  const held = view.draft.authorities[seat.id];
  if (typed.has(seat.id)) return h("li", { key: seat.id }, form(call, view, seat, true));
  return h("li", { class: "row", key: seat.id }, mark(seat.role), h("span", { class: "row-main" }, h("b", {}, seat.name), h("br"),
    h("span", { class: "meta" }, held ? capacityName(held.capacity) : "", held?.capacity === "agent" ? (held.special ? t(", may settle") : t(", may not settle")) : "",
      held?.basis ? `（${held.basis}）` : "")),
    button(t("Change"), () => {
      if (held) typed.set(seat.id, { capacity: held.capacity, special: held.special, basis: held.basis });
      call.dispatch({ type: "tick", at: Date.now() });
    }, "btn btn-dense", { "aria-label": t("Change by what right {name} acts", { name: seat.name }) }));
}

// Open where a party cannot answer without it; folded for somebody who only might.
function form(call: Call, view: View, seat: Seat, open: boolean): VNode {
  const now: Typed = typed.get(seat.id) ?? { capacity: seat.role === "business" ? "head" : "agent", special: false, basis: "" };
  const id = (name: string): string => `authority-${seat.id}-${name}`;
  const change = (to: Partial<Typed>): void => {
    typed.set(seat.id, { ...(typed.get(seat.id) ?? now), ...to });
    call.dispatch({ type: "tick", at: Date.now() });
  };
  const agent = now.capacity === "agent";
  const principal = seat.role === "consumer" || seat.role === "business";
  const body = h("form", {
    class: "stack-s", novalidate: true,
    on: {
      submit: (event) => {
        event.preventDefault();
        const said = typed.get(seat.id) ?? now;
        void call.ask("record_authority", { seat: seat.id, capacity: said.capacity, special: agent && said.special, basis: said.basis.trim() }).then((done) => {
          if (!done) return;
          typed.delete(seat.id);
          call.dispatch({ type: "tick", at: Date.now() });
        });
      },
    },
  },
    h("div", { class: "field" }, h("label", { for: id("capacity") }, t("{name} acts as", { name: seat.name })),
      h("select", {
        id: id("capacity"), props: { value: now.capacity },
        on: { change: (event) => change({ capacity: (event.currentTarget as HTMLSelectElement).value as Capacity }) },
      }, CAPACITIES.filter((each) => principal || each !== "self").map((each) => h("option", { value: each, key: each }, capacityName(each))))),
    agent && h("label", { class: "check", key: "special" }, h("input", {
      type: "checkbox", props: { checked: now.special }, on: { change: (event) => change({ special: (event.currentTarget as HTMLInputElement).checked }) },
    }), t("Special authorisation: may settle, admit and waive")),
    h("div", { class: "field", key: "basis" }, h("label", { for: id("basis") }, agent ? t("Which paper, of which day") : t("What was shown (may stay empty)")),
      h("input", {
        id: id("basis"), maxlength: "200", autocomplete: "off", props: { value: now.basis },
        on: { input: (event) => change({ basis: (event.currentTarget as HTMLInputElement).value }) },
      })),
    h("div", { class: "line" }, h("button", { class: "btn btn-dense", type: "submit" }, t("Write it down")),
      typed.has(seat.id) && view.draft.authorities[seat.id] && button(t("Cancel"), () => {
        typed.delete(seat.id);
        call.dispatch({ type: "tick", at: Date.now() });
      }, "btn btn-quiet btn-dense")));
  const title = t("In what capacity does {name} attend? ({standing})", { name: seat.name, standing: standing(seat) });
  if (!open) return h("details", { key: `authority-${seat.id}` }, h("summary", {}, title), body);
  return h("section", { class: "paper stack-s", key: `authority-${seat.id}`, "aria-label": title },
    h("div", { class: "banner", "data-tone": "warn" }, icon("alert"), h("p", {}, title, " ", t("Until it is written down, this person cannot answer."))), body);
}

// For the record, above all when nothing comes of it: what each side asks for and why. No offers.
export function claimSheet(call: Call, view: View): VNode {
  return h("details", { key: "claims", class: "stack-s" }, h("summary", {}, t("What each side asks for, and why")),
    h("p", { class: "meta" }, t("Goes into the record. Offers made on the way do not belong here; everybody in the room can read it.")),
    SIDES.map((side) => claim(call, view, side)));
}

function claim(call: Call, view: View, side: Side): VNode {
  const kept = view.draft.claims[side];
  const now = claims.get(side) ?? kept;
  return h("div", { class: "field", key: side }, h("label", { for: `claim-${side}` }, sideTitle(view, side)),
    h("textarea", {
      id: `claim-${side}`, rows: "3", maxlength: "1000", props: { value: now },
      on: {
        input: (event) => {
          claims.set(side, (event.currentTarget as HTMLTextAreaElement).value);
          call.dispatch({ type: "tick", at: Date.now() });
        },
      },
    }),
    h("div", { class: "line" },
      now.trim() !== kept && button(t("Save"), () => void call.ask("put_claim", { side, text: now }).then((done) => done && claims.delete(side)), "btn btn-dense"),
      side === "consumer" && !now && view.case && button(t("Take it from the complaint"), () => {
        claims.set(side, view.case?.request ?? "");
        call.dispatch({ type: "tick", at: Date.now() });
      }, "btn btn-quiet btn-dense")));
}
