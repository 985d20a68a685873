// Noise taken out of one's own sound (RNNoise) where the browser does not do it itself, or where somebody wants it. What was
// chosen is this browser's. Whatever goes wrong, the sound goes on as the microphone gives it. No words.

export type Choice = "automatic" | "on" | "off";
export const CHOICES: readonly Choice[] = ["automatic", "on", "off"];

const NAME = "yuntiao.noise";
let unkept: Choice | undefined; // in a browser that keeps nothing: for as long as the page stands

export function chosenNoise(): Choice {
  let said: string | null | undefined = unkept;
  try {
    said ??= window.localStorage.getItem(NAME);
  } catch { /* a private window */ }
  return CHOICES.find((choice) => choice === said) ?? "automatic";
}

export function chooseNoise(choice: Choice): void {
  unkept = choice;
  try {
    window.localStorage.setItem(NAME, choice);
  } catch { /* a private window */ }
}

// Chromium and what is made of it, as phones' own browsers and WeChat's are. Elsewhere sound would have to go through the audio
// graph, which alone takes 30 ms; Firefox and Safari take noise out themselves.
export function canSuppress(): boolean {
  return typeof MediaStreamTrackGenerator === "function" && typeof MediaStreamTrackProcessor === "function" && typeof AudioData === "function"
    && typeof Worker === "function" && typeof WebAssembly === "object";
}

// Whether ours is to do it: `own` is what the browser says of its own, undefined where it says nothing.
export function ours(choice: Choice, own: boolean | undefined): boolean {
  return choice === "on" || (choice === "automatic" && own !== true);
}

export type FromNoise = "ready" | "failed";
export interface ToNoise { readable: ReadableStream<AudioData>; writable: WritableStream<AudioData> }

export class Noise {
  private worker: Worker | null = null;
  private made: MediaStreamTrack | null = null;

  // `lost`: the sound must come from the microphone itself again.
  constructor(private readonly lost: () => void) {}

  // The microphone's sound without its noise, once that runs; null: not here, or another was given meanwhile.
  through(mic: MediaStreamTrack): Promise<MediaStreamTrack | null> {
    this.stop();
    if (!canSuppress()) return Promise.resolve(null);
    const worker = this.worker = new Worker(NOISE_WORKER);
    return new Promise((resolve) => {
      const fail = (): void => {
        resolve(null);
        if (worker !== this.worker) return;
        const ran = this.made !== null;
        this.stop();
        if (ran) this.lost();
      };
      worker.onerror = fail;
      worker.onmessage = ({ data }: MessageEvent<FromNoise>) => {
        if (data === "failed" || worker !== this.worker) return fail();
        const { readable } = new MediaStreamTrackProcessor<AudioData>({ track: mic });
        const made = this.made = new MediaStreamTrackGenerator<AudioData>({ kind: "audio" });
        const { writable } = made;
        worker.postMessage({ readable, writable } satisfies ToNoise, [readable, writable]);
        resolve(made);
      };
    });
  }

  stop(): void {
    this.worker?.terminate();
    this.made?.stop();
    this.worker = this.made = null;
  }
}
