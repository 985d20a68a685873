// A pad to write a name on: pointer events, smoothing, undo. What is written is kept as numbers, never as a picture.

export type Point = [number, number, number]; // x, y in the pad's own pixels, pressure in thousandths
export interface Drawing {
  width: number;
  height: number;
  strokes: Point[][];
}

export const MOST_STROKES = 80;
export const MOST_POINTS = 4000;
const NEAR = 1.5; // pixels: a point nearer to the last one says nothing new

export function blank(): Drawing {
  return { width: 0, height: 0, strokes: [] };
}

// Long enough to be a name and not a slip of the finger: along all strokes, in widths of the pad.
export function written(drawing: Drawing): boolean {
  let length = 0;
  for (const stroke of drawing.strokes) {
    for (let n = 1; n < stroke.length; n++) {
      const [a, b] = [stroke[n - 1] as Point, stroke[n] as Point];
      length += Math.hypot(b[0] - a[0], b[1] - a[1]);
    }
  }
  return drawing.width > 0 && length >= 0.1 * drawing.width;
}

// How hard: what the pen says, else thinner where the finger is faster.
export function pressure(told: number, distance: number, ms: number): number {
  if (told > 0 && told !== 0.5 && told < 1) return Math.round(told * 1000);
  const speed = distance / Math.max(ms, 1);
  return Math.round(Math.max(200, Math.min(900, 900 - speed * 260)));
}

export function add(stroke: Point[], point: Point): boolean {
  const last = stroke[stroke.length - 1];
  if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < NEAR) return false;
  stroke.push(point);
  return true;
}

export function points(drawing: Drawing): number {
  return drawing.strokes.reduce((n, stroke) => n + stroke.length, 0);
}

// Attach once to a canvas; `changed` after every stroke, undo and clearing.
export class Pad {
  private readonly pen: CanvasRenderingContext2D | null;
  private stroke: Point[] | null = null;
  private at = 0;

  constructor(private readonly canvas: HTMLCanvasElement, readonly drawing: Drawing, private readonly changed: () => void) {
    this.pen = canvas.getContext("2d");
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.up());
    if (typeof ResizeObserver === "function") new ResizeObserver(() => this.redraw()).observe(canvas);
    this.redraw();
  }

  undo(): void {
    this.drawing.strokes.pop();
    this.redraw();
    this.changed();
  }

  clear(): void {
    this.drawing.strokes.length = 0;
    this.drawing.width = this.drawing.height = 0;
    this.redraw();
    this.changed();
  }

  private down(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    const { drawing, canvas } = this;
    if (!drawing.strokes.length) {
      drawing.width = Math.max(1, Math.round(canvas.clientWidth));
      drawing.height = Math.max(1, Math.round(canvas.clientHeight));
    }
    if (drawing.strokes.length >= MOST_STROKES || points(drawing) >= MOST_POINTS) return;
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch { /* a pointer that is gone already */ }
    this.stroke = [];
    this.at = event.timeStamp;
    drawing.strokes.push(this.stroke);
    this.take(event);
  }

  private move(event: PointerEvent): void {
    if (!this.stroke || !event.isPrimary) return;
    event.preventDefault();
    const finer = event.getCoalescedEvents?.() ?? [];
    for (const each of finer.length ? finer : [event]) this.take(each);
  }

  private up(): void {
    if (!this.stroke) return;
    this.stroke = null;
    this.changed();
  }

  private take(event: PointerEvent): void {
    const { stroke, drawing, canvas } = this;
    if (!stroke || points(drawing) >= MOST_POINTS) return;
    const box = canvas.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const place = (value: number, most: number): number => Math.round(Math.max(0, Math.min(1, value)) * most);
    const x = place((event.clientX - box.left) / box.width, drawing.width);
    const y = place((event.clientY - box.top) / box.height, drawing.height);
    const last = stroke[stroke.length - 1];
    const distance = last ? Math.hypot(x - last[0], y - last[1]) : 0;
    if (!add(stroke, [x, y, pressure(event.pressure, distance, event.timeStamp - this.at)])) return;
    this.at = event.timeStamp;
    this.line(stroke, stroke.length - 1);
  }

  redraw(): void {
    const { canvas, pen, drawing } = this;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    if (!pen || !drawing.width) return;
    pen.setTransform(canvas.width / drawing.width, 0, 0, canvas.height / drawing.height, 0, 0);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1c2422";
    for (const stroke of drawing.strokes) for (let n = 0; n < stroke.length; n++) this.line(stroke, n);
  }

  // From the middle before to the middle after, bent towards the point.
  private line(stroke: Point[], n: number): void {
    const { pen, drawing, canvas } = this;
    if (!pen) return;
    const point = stroke[n] as Point;
    const before = stroke[n - 1] ?? point;
    const first = stroke[n - 2] ?? before;
    pen.setTransform(canvas.width / drawing.width, 0, 0, canvas.height / drawing.height, 0, 0);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1c2422";
    pen.lineWidth = 1.6 + (4.2 * point[2]) / 1000;
    pen.beginPath();
    pen.moveTo((first[0] + before[0]) / 2, (first[1] + before[1]) / 2);
    pen.quadraticCurveTo(before[0], before[1], (before[0] + point[0]) / 2, (before[1] + point[1]) / 2);
    if (n === 0) pen.lineTo(point[0] + 0.1, point[1]);
    pen.stroke();
  }
}
