// Puts something else behind somebody, frame by frame, beside the page. Until somebody can be told from what is behind them
// everything is hidden: nobody sees a room that was to be hidden. Owns the model, the canvases and the pace.
import createModel from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js";
import program from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.wasm";
import weights from "@twilio/video-processors/dist/build/selfie_segmentation_landscape.tflite";
import { drawOffice } from "./office";
import { Pace } from "./pace";
import { fitted, HIGH, opacity, softened, steady, WIDE } from "./softening";
import type { FromWorker, ToWorker } from "./background";
import type { Look } from "./looks";

const MOST_PIXELS = 1280 * 720; // to a frame; more is made smaller
const TICK_MS = 1000 / 20; // where frames have to be fetched

const page = self as unknown as {
  postMessage: (message: FromWorker, moved?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

type Pen = OffscreenCanvasRenderingContext2D;
function canvas(wide: number, high: number, read = false): Pen {
  return new OffscreenCanvas(wide, high).getContext("2d", { willReadFrequently: read })!;
}

let model: Awaited<ReturnType<typeof createModel>> | null = null;
let look: Exclude<Look, "none"> = "blurred";
let office = "";
let frames = 0;
let hung = false; // the office is drawn
const pace = new Pace();
const mask = new Float32Array(WIDE * HIGH);
const small = canvas(WIDE, HIGH, true);
const cut = canvas(WIDE, HIGH); // where somebody is, as opacity
const behind = canvas(1, 1);
const out = canvas(1, 1);

async function load(): Promise<void> {
  const [made, file] = await Promise.all([createModel({ locateFile: () => program, print: () => undefined, printErr: () => undefined }), fetch(weights).then((answer) => answer.arrayBuffer())]);
  made.HEAPU8.set(new Uint8Array(file), made._getModelBufferMemoryOffset());
  if (made._loadModel(file.byteLength) !== 0) throw new Error("the model was not taken");
  model = made;
}

function compose(frame: CanvasImageSource, width: number, height: number): void {
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  const [wide, high] = [Math.round(width * scale / 2) * 2, Math.round(height * scale / 2) * 2];
  const changed = out.canvas.width !== wide || out.canvas.height !== high;
  if (changed) Object.assign(out.canvas, { width: wide, height: high });
  const fit = fitted(width, height);
  if (changed || frames++ % pace.every === 0) watch(frame, fit.wide, fit.high, changed);
  out.globalCompositeOperation = "copy";
  out.drawImage(frame, 0, 0, wide, high);
  out.globalCompositeOperation = "destination-in";
  out.drawImage(cut.canvas, 0, 0, fit.wide, fit.high, 0, 0, wide, high);
  out.globalCompositeOperation = "destination-over";
  out.drawImage(behind.canvas, 0, 0, wide, high);
}

// Where somebody is, and what is behind them.
function watch(frame: CanvasImageSource, wide: number, high: number, changed: boolean): void {
  small.drawImage(frame, 0, 0, wide, high);
  const pixels = small.getImageData(0, 0, wide, high).data;
  if (changed) mask.fill(0);
  if (model) {
    const to = model._getInputMemoryOffset() / 4;
    if (changed) model.HEAPF32.fill(0, to, to + WIDE * HIGH * 3);
    for (let y = 0, from = 0; y < high; y++) {
      for (let x = 0, at = to + y * WIDE * 3; x < wide; x++, from += 4, at += 3) {
        model.HEAPF32[at] = pixels[from]! / 255;
        model.HEAPF32[at + 1] = pixels[from + 1]! / 255;
        model.HEAPF32[at + 2] = pixels[from + 2]! / 255;
      }
    }
    model._runInference();
    const seen = model._getOutputMemoryOffset() / 4;
    steady(mask, model.HEAPF32.subarray(seen, seen + WIDE * HIGH));
  }
  const shape = new ImageData(wide, high);
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) shape.data[(y * wide + x) * 4 + 3] = 255 * opacity(mask[y * WIDE + x]!);
  cut.putImageData(shape, 0, 0);
  if (look === "blurred") {
    const soft = softened(pixels, mask, wide, high);
    if (behind.canvas.width !== soft.wide || behind.canvas.height !== soft.high) Object.assign(behind.canvas, { width: soft.wide, height: soft.high });
    behind.putImageData(new ImageData(soft.data as Uint8ClampedArray<ArrayBuffer>, soft.wide, soft.high), 0, 0);
  } else if (changed || !hung) {
    const { width, height } = out.canvas;
    Object.assign(behind.canvas, { width, height });
    drawOffice(behind, width, height, office);
    hung = true;
  }
}

function judge(began: number): void {
  const now = performance.now();
  if (model && pace.take(now - began, now)) page.postMessage({ kind: "slow" });
}

async function follow(readable: ReadableStream<VideoFrame>, writable: WritableStream<VideoFrame>): Promise<void> {
  const reader = readable.getReader(), writer = writable.getWriter();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const began = performance.now();
      const { timestamp, displayWidth, displayHeight } = value;
      try {
        compose(value, displayWidth, displayHeight);
      } finally {
        value.close();
      }
      await writer.write(new VideoFrame(out.canvas, { timestamp, alpha: "discard" }));
      judge(began);
    }
    await writer.close();
  } catch {
    page.postMessage({ kind: "failed" }); // nobody listens any more where it was stopped
  }
}

page.onmessage = ({ data }): void => {
  switch (data.kind) {
    case "look":
      ({ look, office } = data);
      hung = false;
      frames = 0;
      break;
    case "streams":
      void follow(data.readable, data.writable);
      break;
    case "ticks":
      setInterval(() => page.postMessage({ kind: "tick" }), TICK_MS); // a page in the back is not slowed down by it
      break;
    case "frame": {
      const began = performance.now();
      compose(data.frame, data.frame.width, data.frame.height);
      data.frame.close();
      const made = out.canvas.transferToImageBitmap();
      page.postMessage({ kind: "made", made }, [made]);
      judge(began);
    }
  }
};

load().catch(() => page.postMessage({ kind: "failed" }));
