// What can be read off the state: whose turn it is, running clocks, who records. Pure; `at` is the client's clock.
import type { State } from "./state";
import { PHASES, type Leaf, type Phase, type Seat, type View } from "./wire";

export type Screen =
  | "connecting" | "waiting" | "room" | "recess" | "closed" | "over" | "arriving" | "left" | "cancelled";

export function myself(view: View): Seat | undefined {
  return view.seats.find((seat) => seat.id === view.you.seat);
}

export function seatOf(view: View, id: string): Seat | undefined {
  return view.seats.find((seat) => seat.id === id);
}

export function mediatorOf(view: View): Seat | undefined {
  return view.seats.find((seat) => seat.role === "mediator");
}

// Has neither microphone nor camera in the room.
export function watches(seat: Seat | undefined): boolean {
  return seat?.role === "observer" || seat?.role === "supervisor";
}

// Whoever oversees the office and is in the room: everybody is shown that, all the time.
export function overseers(view: View): Seat[] {
  return present(view).filter((seat) => seat.role === "supervisor");
}

export function inRoom(seat: Seat): boolean {
  return seat.status === "present" || seat.status === "reconnecting";
}

export function present(view: View): Seat[] {
  return view.seats.filter(inRoom);
}

// Whether a private talk goes on without this viewer.
export function apart(view: View): boolean {
  return view.caucus !== null && !view.caucus.inside;
}

// Whether somebody sits outside of the private talk that is on.
export function outside(view: View, seat: Seat): boolean {
  return view.caucus !== null && !view.caucus.members.includes(seat.id);
}

// Whom this viewer is with: everybody in the room, or in the private talk.
export function together(view: View): Seat[] {
  return present(view).filter((seat) => seat.id === view.you.seat || view.caucus === null || (view.caucus.inside && !outside(view, seat)));
}

export function isParty(seat: Seat | undefined): boolean {
  return seat?.role === "consumer" || seat?.role === "business";
}

// Which screen a party sees; the connection's state lies over it and is not one.
export function screenOf(state: State): Screen {
  const { view } = state;
  if (view?.closed || view?.session.status === "closed") return "closed";
  if (view?.session.status === "cancelled") return "cancelled";
  if (state.link === "over") return "over";
  if (!view) return "connecting";
  const seat = myself(view);
  if (!seat) return "connecting";
  switch (seat.status) {
    case "waiting": return "waiting";
    case "present":
    case "reconnecting": return view.session.status === "recess" ? "recess" : "room";
    case "left": return "left";
    case "removed":
    case "refused": return "over";
    case "invited": return "arriving";
  }
}

// Media is wanted while seated in a room that has not ended.
export function mediaWanted(state: State): boolean {
  const screen = screenOf(state);
  return (screen === "room" || screen === "recess") && state.view?.session.status !== "scheduled";
}

export type Turn = "yours" | "listen" | "all" | "mediator";

// Whose word it is in a phase, for this viewer.
export function turnOf(view: View): Turn {
  switch (view.session.phase) {
    case "consumer_statement": return view.you.side === "consumer" ? "yours" : "listen";
    case "business_statement": return view.you.side === "business" ? "yours" : "listen";
    case "discussion":
    case "proposal": return "all";
    default: return "mediator";
  }
}

export function phaseIndex(phase: Phase | null): number {
  return phase ? PHASES.indexOf(phase) : -1;
}

export function nextPhase(phase: Phase | null): Phase | null {
  return PHASES[phaseIndex(phase) + 1] ?? null;
}

function elapsed(state: State, at: number): number {
  return Math.max(0, at - state.at);
}

export function sessionMs(state: State, at: number): number {
  const { view } = state;
  if (!view) return 0;
  const running = view.session.opened !== null && view.session.closed === null;
  return view.clock.session_ms + (running ? elapsed(state, at) : 0);
}

export function phaseMs(state: State, at: number): number {
  const { view } = state;
  if (!view) return 0;
  return view.clock.phase_ms + (view.session.status === "live" ? elapsed(state, at) : 0);
}

export function spokeMs(state: State, seat: Seat, at: number): number {
  // What is said in private does not count.
  return seat.spoke_ms + (seat.speaking && !state.view?.caucus ? elapsed(state, at) : 0);
}

export function speakerNow(state: State, at: number): { seat: Seat; ms: number } | null {
  const speaker = state.view?.clock.speaker;
  const seat = speaker && state.view ? seatOf(state.view, speaker.seat) : undefined;
  return speaker && seat ? { seat, ms: speaker.ms + elapsed(state, at) } : null;
}

// The same as somebody is told it of others: what one says oneself is nobody else's turn.
export function otherNow(state: State, at: number): Seat | undefined {
  const now = speakerNow(state, at)?.seat;
  return now?.id === state.view?.you.seat ? undefined : now;
}

export function sinceMs(state: State, iso: string | null, at: number): number {
  return iso ? Math.max(0, at + state.skew - Date.parse(iso)) : 0;
}

export function unread(state: State): number {
  const you = state.view?.you.seat;
  return (state.view?.chat ?? []).filter((line) => line.n > state.read && line.seat !== you).length;
}

export function qualityOf(state: State, seat: Seat): number {
  if (seat.id === state.view?.you.seat && state.local.level) return state.local.level;
  return state.quality[seat.id] ?? seat.quality ?? 0;
}

// Parties in the room who have yet to look at a proposed outcome; the room closes without those who are not there.
export function notSeen(view: View): Seat[] {
  const seen = new Set(view.outcome?.seen ?? []);
  return view.seats.filter((seat) => isParty(seat) && inRoom(seat) && !seen.has(seat.id));
}

// Somebody else who shows their screen.
export function sharing(view: View): Seat | undefined {
  return together(view).find((seat) => seat.screen && seat.id !== view.you.seat);
}

export function waiting(view: View): Seat[] {
  return view.seats.filter((seat) => seat.status === "waiting");
}

// Who of the others speaks: whoever began first, so that an answer thrown in turns nothing over.
export function otherSpeaking(view: View): Seat | undefined {
  const speaking = together(view).filter((seat) => seat.speaking && seat.id !== view.you.seat);
  return speaking.sort((a, b) => (a.speaking_since ?? "").localeCompare(b.speaking_since ?? ""))[0];
}

// Who is large: a screen being shared, else whoever of the others spoke last, else the mediator, else whoever is there.
// One's own picture is never large: what one says oneself changes nothing.
export function stageOrder(view: View, spoke = ""): { main: Seat | undefined; small: Seat[] } {
  const others = together(view).filter((seat) => seat.id !== view.you.seat);
  const main = others.find((seat) => seat.screen) ?? others.find((seat) => seat.id === spoke)
    ?? others.find((seat) => seat.role === "mediator") ?? others[0];
  return { main, small: others.filter((seat) => seat !== main) };
}

// An article's words in a language; Chinese where there are no others.
export function leafIn(leaf: Leaf, language: string): { citation: string; gist: string; edition: string } {
  const said = (words: Record<string, string>): string => words[language] ?? words.zh ?? "";
  return { citation: said(leaf.citation), gist: said(leaf.gist), edition: said(leaf.edition) };
}
