// Of the browser's, what TypeScript does not know yet (W3C mediacapture-transform, as Chromium has it), and what the build puts in.
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<VideoFrame>;
}

declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: "video" });
  readonly writable: WritableStream<VideoFrame>;
}

declare const BACKGROUND_WORKER: string; // addresses
