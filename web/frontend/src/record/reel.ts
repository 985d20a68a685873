// What is to be played at a moment of a recording, and what stands in for what is not there. No DOM.
// All times are seconds from the recording's origin.

export type PieceRow = [src: string, start: number, end: number, picture: boolean];
export type HoleRow = [start: number, end: number, source: string, why: string, writing?: boolean]; // `writing`: not sealed yet
export type CueRow = [start: number, end: number, text: string];

export interface Strand {
  who: string;
  name: string;
  role: string;
  pieces: PieceRow[];
  holes: HoleRow[];
}

export interface Recording {
  origin: string;
  seconds: number;
  film: string; // "" while there is none
  strands: Strand[];
  cues: CueRow[];
  phases: [start: number, name: string][];
}

// Between two files of one recording: shorter than this nothing was missed.
export const SEAM = 0.35;

export type Spot =
  | { kind: "piece"; src: string; start: number; end: number; picture: boolean }
  | { kind: "gap"; until: number; why: string; last: boolean }; // `last`: nothing comes after it

export function spot(strand: Strand, at: number, seconds: number): Spot {
  let next: PieceRow | undefined;
  for (const piece of strand.pieces) {
    if (piece[2] <= at) continue;
    if (piece[1] - SEAM <= at) return { kind: "piece", src: piece[0], start: piece[1], end: piece[2], picture: piece[3] };
    next = piece;
    break;
  }
  const until = next ? next[1] : seconds;
  return { kind: "gap", until, why: why(strand, at), last: !next };
}

// What the ledger says of this moment: of the sound, else of the picture. "" where it says nothing.
export function why(strand: Strand, at: number, ...sources: string[]): string {
  const wanted = sources.length ? sources : ["mic", "screen", "camera"];
  for (const source of wanted) {
    const hole = strand.holes.find((one) => one[2] === source && one[0] <= at && at < one[1]);
    if (hole) return hole[3];
  }
  return "";
}

// Whether what is not there to be played at this moment is still being written.
export function isWriting(strand: Strand, at: number): boolean {
  return strand.holes.some((one) => one[4] === true && one[0] <= at && at < one[1]);
}

export function cuesAt(cues: CueRow[], at: number): string[] {
  return cues.filter((cue) => cue[0] <= at && at < cue[1]).map((cue) => cue[2]);
}

export function phaseAt(phases: Recording["phases"], at: number): string {
  let name = "";
  for (const [start, called] of phases) if (start <= at) name = called;
  return name;
}

export function clamp(at: number, seconds: number): number {
  return Math.min(seconds, Math.max(0, Number.isFinite(at) ? at : 0));
}

// 23:40; minutes go on counting after an hour, as in the fields of the page.
export function mmss(at: number): string {
  const whole = Math.floor(Math.max(0, at));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

export type Order =
  | { kind: "toggle" }
  | { kind: "by"; seconds: number }
  | { kind: "frame"; way: -1 | 1 }
  | { kind: "speed"; way: -1 | 1 }
  | { kind: "captions" }
  | { kind: "whole" };

// The keys of the player; null for every other key.
export function order(key: string): Order | null {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "k": return { kind: "toggle" };
    case "j": return { kind: "by", seconds: -10 };
    case "l": return { kind: "by", seconds: 10 };
    case "ArrowLeft": return { kind: "by", seconds: -5 };
    case "ArrowRight": return { kind: "by", seconds: 5 };
    case ",": return { kind: "frame", way: -1 };
    case ".": return { kind: "frame", way: 1 };
    case "<": return { kind: "speed", way: -1 };
    case ">": return { kind: "speed", way: 1 };
    case "c": return { kind: "captions" };
    case "f": return { kind: "whole" };
    default: return null;
  }
}
