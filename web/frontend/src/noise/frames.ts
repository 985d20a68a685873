// Sound comes in pieces of any length and is worked on in frames of one length. Pure.

export class Frames {
  private waiting: Float32Array;
  private done: number[] = [];
  private filled = 0;

  constructor(private readonly length: number, private readonly work: (frame: Float32Array) => void) {
    this.waiting = new Float32Array(length);
  }

  // As many samples as were given: those worked on longest ago, after silence for as long as there are too few.
  through(piece: Float32Array): Float32Array<ArrayBuffer> {
    for (const sample of piece) {
      this.waiting[this.filled++] = sample;
      if (this.filled < this.length) continue;
      this.work(this.waiting);
      this.done.push(...this.waiting);
      this.filled = 0;
    }
    const out = new Float32Array(piece.length);
    const lacking = Math.max(0, piece.length - this.done.length);
    out.set(this.done.splice(0, piece.length - lacking), lacking);
    return out;
  }
}
