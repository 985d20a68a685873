// Notices that somebody goes on speaking while they are muted. Measured on this device, and sent nowhere.
const EACH_MS = 200;
const LOUD = 0.02; // of full scale: a voice before the device, not the room behind it
const LOOKS = 10; // of which so many are loud where somebody speaks:
const ENOUGH = 7;

export class Speech {
  private looks: boolean[] = [];

  // Whether somebody has been speaking for a while, `level` being how loud it is now.
  goesOn(level: number): boolean {
    this.looks = [...this.looks, level > LOUD].slice(-LOOKS);
    return this.looks.filter(Boolean).length >= ENOUGH;
  }
}

export class Unheard {
  private watched: MediaStreamTrack | null = null;
  private end: () => void = () => undefined;

  // `told`: false where it cannot be said just now.
  constructor(private readonly told: () => boolean) {}

  // Of this microphone, while its person is muted: it is said once. null: they are not.
  watch(track: MediaStreamTrack | null): void {
    if (track === this.watched) return;
    this.end();
    this.watched = track;
    if (!track) return;
    try {
      this.listen(track);
    } catch { /* a browser that cannot measure: nothing is said */ }
  }

  private listen(track: MediaStreamTrack): void {
    const copy = track.clone(); // the track itself gives silence while it is muted
    copy.enabled = true;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(new MediaStream([copy])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const speech = new Speech();
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
      if (speech.goesOn(level) && this.told()) this.end();
    }, EACH_MS);
    this.end = (): void => {
      clearInterval(timer);
      copy.stop();
      void context.close().catch(() => undefined);
      this.end = (): void => undefined;
    };
  }
}
