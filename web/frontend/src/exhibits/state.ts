// What a page knows of exhibits besides the room's view: what is being sent, and how this person looks at what is shown.
import type { MarkShape, Point, Purpose } from "../room/wire";

// Of a page: `zoom` from 1, and the middle of what is seen as shares of the page.
export interface Glass {
  zoom: number;
  x: number;
  y: number;
}

export const WHOLE: Glass = { zoom: 1, x: 0.5, y: 0.5 };
export const MOST_ZOOM = 8;

// Files that were chosen and have no title yet.
export interface Draft {
  files: File[];
  purpose: Purpose;
  term: number;
}

export interface Sending {
  id: number;
  title: string;
  share: number; // of the bytes, 0…1
  state: "sending" | "waiting" | "preparing" | "refused";
  why: string; // the sentence of a refusal
  draft: Draft;
  private: boolean;
}

export type Tool = "hand" | MarkShape;

export interface Exhibiting {
  draft: Draft | null;
  sending: Sending[];
  tool: Tool;
  glass: Glass | null; // null: as whoever shows it looks
  page: number; // of an exhibit one looks at by oneself
  drawing: Point[]; // a mark that is not finished
  pointer: Point | null; // by keyboard
  dispute: string; // exhibit whose reason is being written
}

export function exhibiting(): Exhibiting {
  return { draft: null, sending: [], tool: "hand", glass: null, page: 1, drawing: [], pointer: null, dispute: "" };
}

// Nothing of the page leaves its frame for emptiness.
export function held({ zoom, x, y }: Glass): Glass {
  const z = Math.min(MOST_ZOOM, Math.max(1, zoom));
  const edge = 0.5 / z;
  const within = (at: number): number => Math.min(1 - edge, Math.max(edge, at));
  return { zoom: z, x: within(x), y: within(y) };
}

// Nearer or farther, so that the point under the finger stays under it.
export function zoomed(glass: Glass, by: number, at: { x: number; y: number }): Glass {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, glass.zoom * by));
  const share = glass.zoom / zoom;
  return held({ zoom, x: at.x + (glass.x - at.x) * share, y: at.y + (glass.y - at.y) * share });
}

export function moved(glass: Glass, dx: number, dy: number): Glass {
  return held({ ...glass, x: glass.x + dx, y: glass.y + dy });
}

// The part of a page of this size that is seen, for an SVG's viewBox.
export function frame(glass: Glass, width: number, height: number): string {
  const { zoom, x, y } = held(glass);
  const [w, h] = [width / zoom, height / zoom];
  return [x * width - w / 2, y * height - h / 2, w, h].map((n) => Math.round(n * 100) / 100).join(" ");
}

export function grain(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000);
}
