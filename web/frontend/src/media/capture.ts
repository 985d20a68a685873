// One device of ours while it is in use: notices when a call, another app or a pulled plug takes it, and gets it
// back by itself where that is possible. Says by name what happened; no words, no DOM, no connection.
import { troubleOf, type Trouble } from "./devices";

export interface Surroundings {
  open: () => Promise<MediaStreamTrack>;
  present: (deviceId: string) => Promise<boolean>; // whether the device is still plugged in
  seen: () => boolean; // whether the page is in front: behind, no browser gives a device away
}

export interface CaptureEvents {
  // What is to be sent from now on; null while there is nothing.
  track: (track: MediaStreamTrack | null) => void;
  taken: () => void; // by a call or another app
  unplugged: (instead: string) => void; // another one is used now: its name
  back: () => void; // the same one again
  lost: (why: Trouble) => void; // and it could not be had again: a tap is needed
}

const BRIEF_MS = 1500; // shorter interruptions nobody needs to know of
const AGAIN_MS = [1000, 3000, 9000];

export class Capture {
  track: MediaStreamTrack | null = null;
  private wanted = false; // in use by the person's will, even if just now it is not to be had
  private told = false; // that it was taken
  private opening = false;
  private tries = 0;
  private brief: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly around: Surroundings, private readonly on: CaptureEvents,
    private readonly briefMs = BRIEF_MS, private readonly againMs = AGAIN_MS,
  ) {}

  // In use from now on. Resolves to why not, or nothing.
  async start(): Promise<Trouble | null> {
    const before = this.wanted;
    this.wanted = true;
    const why = await this.take();
    if (why && !before) this.wanted = false;
    return why;
  }

  // Another device in its place, by the person's will. The one before ends first: many phones give one camera at a time. What
  // is sent goes from one to the next with nothing in between. Where that fails `undo` makes the one before the one to open.
  async change(undo: () => void): Promise<Trouble | null> {
    if (!this.wanted || this.opening) return null;
    clearTimeout(this.again);
    this.opening = true;
    this.let();
    const why = await this.take();
    if (why) {
      undo();
      const still = await this.take();
      if (still && this.wanted) {
        this.on.track(null);
        this.on.lost(still);
      }
    }
    this.opening = false;
    this.told = false;
    return why;
  }

  use(track: MediaStreamTrack): void {
    this.let();
    this.wanted = true;
    this.track = track;
    track.addEventListener("ended", this.ended);
    track.addEventListener("mute", this.muted);
    track.addEventListener("unmute", this.unmuted);
    if (track.muted) this.muted();
    this.on.track(track);
  }

  // By the person's will, or with the room: the light goes out.
  stop(): void {
    this.wanted = this.told = false;
    this.tries = 0;
    clearTimeout(this.brief);
    clearTimeout(this.again);
    const had = this.track;
    this.let();
    if (had) this.on.track(null);
  }

  // Something was plugged in or out.
  async changed(): Promise<void> {
    if (!this.wanted || this.opening) return;
    const id = this.track?.getSettings?.().deviceId;
    if (this.track?.readyState === "live" && (!id || await this.around.present(id))) return;
    await this.retake(true);
  }

  // The page is in front again.
  async shown(): Promise<void> {
    if (!this.wanted) return;
    this.tries = 0;
    if (!this.track || this.track.readyState === "ended") await this.retake(false);
    else if (this.track.muted) {
      // A call that is over gives some browsers' devices back, others' not.
      clearTimeout(this.brief);
      this.brief = setTimeout(() => void (this.track?.muted && this.retake(false)), this.briefMs);
    }
  }

  // Whoever thinks better of it meanwhile is left without.
  private async take(): Promise<Trouble | null> {
    try {
      const track = await this.around.open();
      if (this.wanted) this.use(track);
      else track.stop();
      return null;
    } catch (error) {
      return troubleOf(error);
    }
  }

  private let(): void {
    const { track } = this;
    if (!track) return;
    this.track = null;
    track.removeEventListener("ended", this.ended);
    track.removeEventListener("mute", this.muted);
    track.removeEventListener("unmute", this.unmuted);
    track.stop();
  }

  private readonly ended = (): void => {
    const id = this.track?.getSettings?.().deviceId;
    this.let();
    this.on.track(null);
    void (id ? this.around.present(id) : Promise.resolve(true)).then((there) => this.retake(!there));
  };

  private readonly muted = (): void => {
    clearTimeout(this.brief);
    this.brief = setTimeout(() => {
      if (!this.track?.muted || this.told) return;
      this.told = true;
      this.on.taken();
    }, this.briefMs);
  };

  private readonly unmuted = (): void => {
    clearTimeout(this.brief);
    if (!this.told) return;
    this.told = false;
    this.on.back();
  };

  // Once more by itself, some times; then on a tap, when the page comes to the front, or when a device is plugged in.
  private async retake(unplugged: boolean): Promise<void> {
    if (!this.wanted || this.opening || !this.around.seen()) return;
    clearTimeout(this.again);
    this.opening = true;
    const why = await this.take();
    this.opening = false;
    if (!this.wanted) return;
    if (why === null) {
      this.tries = 0;
      this.told = false;
      if (unplugged) this.on.unplugged(this.track?.label ?? "");
      else this.on.back();
    } else {
      const wait = why === "refused" ? undefined : this.againMs[this.tries++];
      if (this.tries === 1 || why === "refused") this.on.lost(why);
      if (wait !== undefined) this.again = setTimeout(() => void this.retake(unplugged), wait);
    }
  }
}

// Whether a device is among those plugged in. Without permission browsers name none: then it counts as there.
export async function present(deviceId: string): Promise<boolean> {
  const found = await navigator.mediaDevices.enumerateDevices();
  const named = found.filter((device) => device.deviceId);
  return !named.length || named.some((device) => device.deviceId === deviceId);
}
