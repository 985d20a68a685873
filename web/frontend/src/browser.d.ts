// Of the browser's, what TypeScript does not know yet (W3C mediacapture-transform, as Chromium has it), and what the build puts in.
declare class MediaStreamTrackProcessor<Data> {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<Data>;
}

declare class MediaStreamTrackGenerator<Data> extends MediaStreamTrack {
  constructor(init: { kind: "audio" | "video" });
  readonly writable: WritableStream<Data>;
}

// Addresses.
declare const BACKGROUND_WORKER: string;
declare const NOISE_WORKER: string;
