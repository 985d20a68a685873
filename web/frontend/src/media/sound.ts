// Plays what is heard: one audio element per person, apart from the pictures, so that sound never depends on them.
import type { RemoteTrack } from "./media";

const SOFT = 0.25; // of the room while the interpreter speaks above it

// Whether a page may say how loud an element is. iPhones keep every volume at full; since iOS 15 what was set is read back until the next task.
export let volumeFixed = false;

export function tryVolume(element: { volume: number } = document.createElement("audio")): Promise<void> {
  element.volume = 0.5;
  return new Promise((done) => setTimeout(() => {
    volumeFixed = element.volume !== 0.5;
    done();
  }));
}

export class Sound {
  private elements = new Map<string, HTMLAudioElement>();
  private soft: ReadonlySet<string> = new Set();
  private levels: Readonly<Record<string, number>> = {};
  private off = false;
  private speaker = ""; // the device it comes out of; "": the system's

  constructor(private readonly place: HTMLElement, private readonly blocked: (yes: boolean) => void) {}

  show(tracks: RemoteTrack[]): void {
    const mics = new Map(tracks.filter((t) => t.source === "mic").map((t) => [t.seat, t.track]));
    for (const [seat, element] of this.elements) {
      if (mics.has(seat)) continue;
      element.srcObject = null;
      element.remove();
      this.elements.delete(seat);
    }
    for (const [seat, track] of mics) {
      let element = this.elements.get(seat);
      if (!element) {
        element = document.createElement("audio");
        element.dataset.seat = seat;
        element.autoplay = true;
        element.muted = this.off;
        this.place.append(element);
        this.elements.set(seat, element);
        if (this.speaker) void this.direct(element);
      }
      const playing = (element.srcObject as MediaStream | null)?.getTracks()[0];
      if (playing !== track) element.srcObject = new MediaStream([track]);
    }
    this.adjust();
    void this.play();
  }

  // Nothing comes out of this device, or everything again.
  mute(off: boolean): void {
    this.off = off;
    for (const element of this.elements.values()) element.muted = off;
  }

  // Out of another device from now on. Where a browser cannot, nothing changes.
  async through(speaker: string): Promise<void> {
    if (speaker === this.speaker) return;
    this.speaker = speaker;
    await Promise.all([...this.elements.values()].map((element) => this.direct(element)));
  }

  private async direct(element: HTMLAudioElement): Promise<void> {
    await element.setSinkId?.(this.speaker).catch(() => undefined);
  }

  // Whoever is named is played softer. (An iPhone keeps every volume at full: there one hears both alike.)
  soften(soft: ReadonlySet<string>): void {
    this.soft = soft;
    this.adjust();
  }

  // How loud each is played, by seat: 1 is full, as is whoever is not named.
  level(levels: Readonly<Record<string, number>>): void {
    this.levels = levels;
    this.adjust();
  }

  private adjust(): void {
    for (const [seat, element] of this.elements) {
      const volume = (this.soft.has(seat) ? SOFT : 1) * (this.levels[seat] ?? 1);
      if (element.volume !== volume) element.volume = volume;
    }
  }

  // Again after a tap, when the browser did not allow sound without one.
  async play(): Promise<void> {
    let refused = false;
    for (const element of this.elements.values()) {
      if (!element.paused) continue;
      await element.play().catch((error: unknown) => {
        if (error instanceof Error && error.name === "NotAllowedError") refused = true;
      });
    }
    this.blocked(refused);
  }
}
