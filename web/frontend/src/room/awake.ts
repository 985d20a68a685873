// Keeps the screen on while somebody is in the room: a phone that goes to sleep leaves the mediation.

interface Sentinel extends EventTarget {
  released: boolean;
  release(): Promise<void>;
}

export class Awake {
  private wanted = false;
  private asking = false;
  private sentinel: Sentinel | null = null;

  // Call as often as you like, also when the page comes to the front: a browser lets go whenever it is hidden.
  async keep(wanted: boolean): Promise<void> {
    this.wanted = wanted;
    if (!wanted) {
      const had = this.sentinel;
      this.sentinel = null;
      await had?.release().catch(() => undefined);
      return;
    }
    const lock = (navigator as { wakeLock?: { request(type: "screen"): Promise<Sentinel> } }).wakeLock;
    if (!lock || this.asking || (this.sentinel && !this.sentinel.released) || document.visibilityState !== "visible") return;
    this.asking = true;
    this.sentinel = await lock.request("screen").catch(() => null); // a low battery may refuse
    this.asking = false;
    if (!this.wanted) await this.keep(false);
  }
}
