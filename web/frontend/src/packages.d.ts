// Of packages without types: what is used of them; and the addresses that the build gives their files.
declare module "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js" {
  interface Model {
    HEAPU8: Uint8Array;
    HEAPF32: Float32Array;
    _getModelBufferMemoryOffset(): number;
    _loadModel(bytes: number): number;
    _getInputMemoryOffset(): number;
    _runInference(): number;
    _getOutputMemoryOffset(): number;
  }
  export default function create(options: { locateFile: (name: string) => string; print: () => void; printErr: () => void }): Promise<Model>;
}

declare module "@jitsi/rnnoise-wasm/dist/rnnoise.js" {
  interface Program {
    HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _rnnoise_create(): number;
    _rnnoise_process_frame(state: number, out: number, into: number): number;
  }
  export default function create(options: { locateFile: (name: string) => string }): Promise<Program>;
}

declare module "*.wasm" {
  const address: string;
  export default address;
}

declare module "*.tflite" {
  const address: string;
  export default address;
}
