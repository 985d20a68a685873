// What may stand behind somebody in their picture, whether this device can do that, and what was chosen on it.

export type Look = "none" | "blurred" | "office";
export const LOOKS: readonly Look[] = ["none", "blurred", "office"];

export interface Abilities {
  runs: boolean; // everything it takes is there
  touch: boolean; // a phone or tablet
  cores: number; // 0: not said
  memory: number; // GB, 0: not said
}

// weak: it would, but heat and lost frames would cost more than the background does.
export type Able = "yes" | "weak" | "no";

const FEWEST_CORES = 4;
const LEAST_MEMORY = 3;

export function judged({ runs, touch, cores, memory }: Abilities): Able {
  if (!runs) return "no";
  return touch && ((cores && cores < FEWEST_CORES) || (memory && memory < LEAST_MEMORY)) ? "weak" : "yes";
}

// A module with one instruction on 128 bits: older browsers do not take it, and without it nothing is quick enough.
const WIDE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

let found: Able | undefined;
export function able(): Able {
  found ??= judged({
    runs: typeof Worker === "function" && typeof OffscreenCanvas === "function" && typeof createImageBitmap === "function"
      && typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(WIDE))
      && (typeof MediaStreamTrackGenerator === "function" || typeof HTMLCanvasElement.prototype.captureStream === "function"),
    touch: window.matchMedia("(pointer: coarse)").matches,
    cores: navigator.hardwareConcurrency ?? 0,
    memory: (navigator as { deviceMemory?: number }).deviceMemory ?? 0,
  });
  return found;
}

const NAME = "yuntiao.background";
let unkept: Look | undefined; // in a browser that keeps nothing: for as long as the page stands

export function chosenLook(): Look {
  if (able() !== "yes") return "none";
  let said: string | null | undefined = unkept;
  try {
    said ??= window.localStorage.getItem(NAME);
  } catch { /* a private window */ }
  return LOOKS.find((look) => look === said) ?? "none";
}

export function chooseLook(look: Look): void {
  unkept = look;
  try {
    window.localStorage.setItem(NAME, look);
  } catch { /* a private window */ }
}
