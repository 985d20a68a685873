// A mediation as the server would describe it, for tests to change.
import { initial, NO_DRAFT, reduce, type State } from "@/room/state";
import type { Happening, Seat, View } from "@/room/wire";

export const T0 = 1_000_000;

export function seat(id: string, change: Partial<Seat> = {}): Seat {
  return {
    id, role: id as Seat["role"], side: id === "consumer" || id === "business" ? id : null, name: id, organisation: "", city: "",
    status: "present", mode: "video", hears: true, muted: false, muted_by: "", camera: true, background: "none", screen: false, hand: false, speaking: false,
    spoke_ms: 0, speaking_since: null, waiting_since: null, away_since: null, away_cause: "", recording: true, quality: null, paused: [],
    consents: { participate: true, record: true, transcribe: null }, helper: null, call: "", ...change,
  };
}

export function view(you: string, change: Partial<View> = {}, session: Partial<View["session"]> = {}): View {
  return {
    session: {
      id: "s", number: "n", title: "t", ordinal: 1, office: "o", office_phone: "1", starts: "2026-06-24T02:00:00.000Z",
      status: "live", phase: "opening", locked: false, opened: "2026-06-24T02:00:00.000Z", closed: null, recess_since: null,
      live: [], ...session,
    },
    you: { seat: you, role: you as Seat["role"], side: you === "consumer" || you === "business" ? you : null, mediator: you === "mediator", removed: "" },
    seats: [seat("mediator"), seat("consumer"), seat("business")],
    clock: { session_ms: 60_000, phase_ms: 10_000, phases: { opening: 10_000 }, speaker: null, caucus_ms: {} },
    caucus: null, consulting: [], channel: "both", slips: [], gap: null,
    captions: { allowed: true, on: false, seats: [] }, reads_captions: false,
    recording: { on: true, seats: [], refused: [], failed: "" },
    opening: { identity: false, rights: false, recusal: false, sham: false },
    chat: [], outcome: null, draft: NO_DRAFT, signing: null, documents: [], closed: null, corrections: [], case: null, law: null, typical: null, card: null, script: [], proofs: [], exhibits: { list: [], shown: null, floor: "" }, ...change,
  };
}

export function seen(state: State, now: View, version = state.version + 1, events: Happening[] = []): State {
  const said = now.chat?.length ? reduce(state, { type: "lines", lines: now.chat }) : state;
  const message = { version, now: new Date(T0).toISOString(), view: { ...now, parts: {}, lines: said.lines.length }, events };
  return reduce(said, { type: "view", at: T0, message });
}

export function started(now: View): State {
  return seen(reduce(initial(), { type: "up" }), now);
}

export function happening(type: string, data: Record<string, unknown>): Happening {
  return { version: 1, type, at: "", actor: { kind: "officer", name: "", seat: "mediator" }, data };
}
