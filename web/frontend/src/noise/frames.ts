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

const MOST_WAIT = 60; // milliseconds
const STEADY = 50; // pieces that had to be waited for: nothing has queued for half a second
const AT_ONCE = 2; // milliseconds in which a piece comes that lay there

// How long sound has waited to be worked on, beyond what it takes when nothing waits. The microphone's clock and ours agree
// neither in their beginning nor in their speed, so that is what it took the last time that nothing had queued.
export class Waiting {
  private least = Infinity;
  private steady = 0;
  private gone = 0; // pieces let go, one after another
  private next = NaN; // when the piece after the last one begins, in microseconds
  dropped = 0; // milliseconds of sound that nobody will hear, because they came too late
  longest = 0; // wait of a piece that was worked on

  // Whether a piece has waited too long. `timestamp` and `length` in microseconds, `now` and `read` in milliseconds: what it
  // took until the piece was there.
  late(timestamp: number, length: number, now: number, read: number): boolean {
    const behind = now - timestamp / 1000;
    this.steady = read > AT_ONCE && read < (3 * length) / 1000 ? this.steady + 1 : 0; // after a standstill one waits, too
    // Half a second of nothing but late pieces is no queue: the microphone itself comes later from now on.
    this.least = this.steady >= STEADY || this.gone >= STEADY ? behind : Math.min(behind, this.least);
    // The browser lets go of what its own queue has no room for.
    if (timestamp > this.next + length / 2) this.dropped += (timestamp - this.next) / 1000;
    this.next = timestamp + length;
    const waited = behind - this.least;
    this.gone = waited > MOST_WAIT ? this.gone + 1 : 0;
    if (this.gone) {
      this.dropped += length / 1000;
      return true;
    }
    this.longest = Math.max(this.longest, waited);
    return false;
  }
}
