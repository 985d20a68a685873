// What fingers and a mouse do on a picture: a tap, two taps, a drag, two fingers that move apart.
const A_DRAG = 8; // pixels; less is a tap
const TWICE_MS = 350;

interface Finger {
  x: number;
  y: number;
}

// How far it went since the last time, in pixels, and by how much two fingers moved apart.
export interface Drag {
  dx: number;
  dy: number;
  by: number;
}

export class Taps {
  private fingers = new Map<number, Finger>();
  private start: Finger = { x: 0, y: 0 };
  private strayed = false; // a drag, or more than one finger: no tap
  private tapped: Finger & { at: number } = { x: 0, y: 0, at: -TWICE_MS };

  get many(): boolean {
    return this.fingers.size > 1;
  }

  down(event: PointerEvent): void {
    (event.currentTarget as Element | null)?.setPointerCapture?.(event.pointerId);
    const finger = { x: event.clientX, y: event.clientY };
    this.fingers.set(event.pointerId, finger);
    if (this.fingers.size === 1) {
      this.start = finger;
      this.strayed = false;
    } else this.strayed = true;
  }

  // Null where nothing is pressed.
  move(event: PointerEvent): Drag | null {
    const before = this.fingers.get(event.pointerId);
    if (!before) return null;
    const now = { x: event.clientX, y: event.clientY };
    this.fingers.set(event.pointerId, now);
    if (gap(now, this.start) > A_DRAG) this.strayed = true;
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    return other ? { dx: dx / 2, dy: dy / 2, by: (gap(now, other) || 1) / (gap(before, other) || 1) } : { dx, dy, by: 1 };
  }

  // "twice" comes for the second of two taps.
  up(event: PointerEvent): "" | "once" | "twice" {
    if (!this.fingers.delete(event.pointerId) || this.strayed || event.type === "pointercancel") return "";
    const twice = event.timeStamp - this.tapped.at < TWICE_MS && gap(this.tapped, this.start) < 4 * A_DRAG;
    this.tapped = { ...this.start, at: twice ? -TWICE_MS : event.timeStamp };
    return twice ? "twice" : "once";
  }
}

function gap(one: Finger, other: Finger): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
