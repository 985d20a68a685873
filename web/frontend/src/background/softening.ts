// The arithmetic on small pictures: where somebody is, made steady, and what is behind them, made unreadable. Pure.

export const WIDE = 256; // what the model looks at
export const HIGH = 144;
const BLOCK = 4; // so many pixels to a side become one before they are blurred
const REACH = 2; // pixels to each side, twice: about a twentieth of the picture's width
const SEEN = 0.35; // below, it is background for certain
const SURE = 0.75; // above, it is somebody
const LATEST = 0.6; // weight of the latest look: edges do not flicker

// How large a picture lies in what the model looks at, unstretched.
export function fitted(width: number, height: number): { wide: number; high: number } {
  const scale = Math.min(WIDE / width, HIGH / height);
  return { wide: Math.max(1, Math.round(width * scale)), high: Math.max(1, Math.round(height * scale)) };
}

// Brings `mask` (0…1, WIDE to a row) towards what was found.
export function steady(mask: Float32Array, found: ArrayLike<number>): void {
  for (let i = 0; i < mask.length; i++) mask[i]! += LATEST * (found[i]! - mask[i]!);
}

export function opacity(likely: number): number {
  const x = Math.min(1, Math.max(0, (likely - SEEN) / (SURE - SEEN)));
  return x * x * (3 - 2 * x);
}

export interface Soft { data: Uint8ClampedArray; wide: number; high: number }

// What is behind: `pixels` is RGBA, `wide` × `high`. Somebody's own colours do not run into it.
export function softened(pixels: ArrayLike<number>, mask: Float32Array, wide: number, high: number): Soft {
  const w = Math.ceil(wide / BLOCK), h = Math.ceil(high / BLOCK);
  let planes = new Float32Array(w * h * 4); // red, green, blue, weight
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const to = (Math.floor(y / BLOCK) * w + Math.floor(x / BLOCK)) * 4, from = (y * wide + x) * 4;
      const weight = 1.01 - opacity(mask[y * WIDE + x]!);
      planes[to]! += weight * pixels[from]!;
      planes[to + 1]! += weight * pixels[from + 1]!;
      planes[to + 2]! += weight * pixels[from + 2]!;
      planes[to + 3]! += weight;
    }
  }
  for (let pass = 0; pass < 2; pass++) planes = spread(spread(planes, w, h, 4, w * 4), h, w, w * 4, 4);
  const data = new Uint8ClampedArray(w * h * 4);
  for (let i = 0; i < data.length; i += 4) {
    const weight = planes[i + 3]!;
    for (let c = 0; c < 3; c++) data[i + c] = planes[i + c]! / weight;
    data[i + 3] = 255;
  }
  return { data, wide: w, high: h };
}

// Every value becomes the sum of those within reach along a row of `length`; there are `rows` of them.
function spread(from: Float32Array, length: number, rows: number, step: number, row: number): Float32Array<ArrayBuffer> {
  const to = new Float32Array(from.length);
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < length; n++) {
      for (let d = -REACH; d <= REACH; d++) {
        const at = r * row + Math.min(length - 1, Math.max(0, n + d)) * step;
        for (let c = 0; c < 4; c++) to[r * row + n * step + c]! += from[at + c]!;
      }
    }
  }
  return to;
}
