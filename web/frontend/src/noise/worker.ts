// Takes the noise out of sound, ten milliseconds at a time, beside the page.
import create from "@jitsi/rnnoise-wasm/dist/rnnoise.js";
import program from "@jitsi/rnnoise-wasm/dist/rnnoise.wasm";
import { Frames, Waiting } from "./frames";
import type { FromNoise, ToNoise } from "./noise";

const RATE = 48_000; // the only one it knows
const FRAME = 480;
const SCALE = 32_768; // it reckons in whole numbers of 16 bits

const page = self as unknown as {
  postMessage: (message: FromNoise) => void;
  onmessage: ((event: MessageEvent<ToNoise>) => void) | null;
  waiting: Waiting; // to be looked at from outside
};

async function start(): Promise<void> {
  const rnnoise = await create({ locateFile: () => program });
  const state = rnnoise._rnnoise_create();
  const place = rnnoise._malloc(FRAME * 4);
  const frames = new Frames(FRAME, (frame) => {
    const at = place / 4;
    for (let i = 0; i < FRAME; i++) rnnoise.HEAPF32[at + i] = frame[i]! * SCALE;
    rnnoise._rnnoise_process_frame(state, place, place);
    for (let i = 0; i < FRAME; i++) frame[i] = rnnoise.HEAPF32[at + i]! / SCALE;
  });
  page.onmessage = ({ data: { readable, writable } }) => void follow(readable.getReader(), writable.getWriter(), frames);
  page.postMessage("ready");
}

async function follow(reader: ReadableStreamDefaultReader<AudioData>, writer: WritableStreamDefaultWriter<AudioData>, frames: Frames): Promise<void> {
  const waiting = page.waiting = new Waiting();
  try {
    for (;;) {
      const asked = performance.now();
      const { done, value } = await reader.read();
      if (done) break;
      const { sampleRate, numberOfFrames, timestamp } = value;
      if (sampleRate !== RATE) throw new Error(`${sampleRate} samples a second`);
      const now = performance.now();
      if (waiting.late(timestamp, (numberOfFrames * 1_000_000) / sampleRate, now, now - asked)) {
        value.close(); // talking to one another matters more than a syllable
        continue;
      }
      const piece = new Float32Array(numberOfFrames);
      value.copyTo(piece, { planeIndex: 0, format: "f32-planar" });
      value.close();
      const data = frames.through(piece);
      await writer.write(new AudioData({ format: "f32-planar", sampleRate, numberOfFrames, numberOfChannels: 1, timestamp, data }));
    }
    await writer.close();
  } catch {
    page.postMessage("failed"); // nobody listens any more where it was stopped
  }
}

start().catch(() => page.postMessage("failed"));
