// Plays what is heard: one audio element per person, apart from the pictures, so that sound never depends on them.
import type { RemoteTrack } from "./media";

export class Sound {
  private elements = new Map<string, HTMLAudioElement>();

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
        this.place.append(element);
        this.elements.set(seat, element);
      }
      const playing = (element.srcObject as MediaStream | null)?.getTracks()[0];
      if (playing !== track) element.srcObject = new MediaStream([track]);
    }
    void this.play();
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
