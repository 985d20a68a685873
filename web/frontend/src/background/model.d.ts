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

declare module "*.wasm" {
  const address: string;
  export default address;
}

declare module "*.tflite" {
  const address: string;
  export default address;
}
