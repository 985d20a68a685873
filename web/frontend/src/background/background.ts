// One's own picture with something else behind oneself: from the camera's track the one to be sent and shown. No words.
import type { Look } from "./looks";

export type ToWorker =
  | { kind: "look"; look: Exclude<Look, "none">; office: string }
  | { kind: "streams"; readable: ReadableStream<VideoFrame>; writable: WritableStream<VideoFrame> }
  | { kind: "ticks" }
  | { kind: "frame"; frame: ImageBitmap };
export type FromWorker = { kind: "failed" | "slow" | "tick" } | { kind: "made"; made: ImageBitmap };

export type Failure = "failed" | "slow";

const FRAMES = 20;

export class Background {
  private worker: Worker | null = null;
  private camera: MediaStreamTrack | null = null;
  private made: MediaStreamTrack | null = null;
  private end: () => void = () => undefined;

  constructor(private readonly office: string, private readonly failed: (why: Failure) => void) {}

  // Made of `camera` until another is given, or `stop`. The camera itself stays whose it was.
  through(camera: MediaStreamTrack, look: Exclude<Look, "none">): MediaStreamTrack {
    if (camera !== this.camera || !this.made) {
      this.stop();
      this.camera = camera;
      const worker = this.worker = new Worker(BACKGROUND_WORKER);
      const fail = (why: Failure): void => {
        if (worker === this.worker) this.failed(why);
      };
      worker.onerror = () => fail("failed");
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === "failed" || data.kind === "slow") fail(data.kind);
      };
      this.made = typeof MediaStreamTrackGenerator === "function" ? this.piped(worker, camera) : this.drawn(worker, camera);
    }
    this.tell({ kind: "look", look, office: this.office });
    return this.made;
  }

  stop(): void {
    this.end();
    this.end = () => undefined;
    this.made?.stop();
    this.worker?.terminate();
    this.worker = this.camera = this.made = null;
  }

  // The frames never come to the page (Chromium).
  private piped(worker: Worker, camera: MediaStreamTrack): MediaStreamTrack {
    const { readable } = new MediaStreamTrackProcessor<VideoFrame>({ track: camera, maxBufferSize: 1 });
    const made = new MediaStreamTrackGenerator<VideoFrame>({ kind: "video" });
    const { writable } = made;
    worker.postMessage({ kind: "streams", readable, writable }, [readable, writable]);
    return made;
  }

  // Elsewhere each is fetched, made and drawn.
  private drawn(worker: Worker, camera: MediaStreamTrack): MediaStreamTrack {
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: new MediaStream([camera]) });
    void video.play().catch(() => undefined);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d")!;
    let busy = false;
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "tick" && !busy && video.readyState >= 2 && video.videoWidth) {
        busy = true;
        createImageBitmap(video).then((frame) => worker.postMessage({ kind: "frame", frame }, [frame]), () => { busy = false; });
      } else if (data.kind === "made") {
        busy = false;
        const { made } = data;
        if (canvas.width !== made.width || canvas.height !== made.height) Object.assign(canvas, { width: made.width, height: made.height });
        pen.drawImage(made, 0, 0);
        made.close();
      }
    });
    this.tell({ kind: "ticks" });
    this.end = () => video.pause();
    return canvas.captureStream(FRAMES).getVideoTracks()[0]!;
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }
}
