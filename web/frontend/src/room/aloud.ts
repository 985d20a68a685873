// Reading aloud: announcements and chat by the browser's own voice, for whoever asked for it on this device.
// What cannot be heard is said in words: no voice for the language, or a browser without any.

const KEPT = "yuntiao-read-aloud";
const MOST_WAITING = 6; // sentences; older ones are dropped, the newest matters
const LONGEST = 400; // characters of one: some voices stop in the middle of longer ones
const PATIENCE_MS = 4000;

export type Voice = "off" | "on" | "unsupported" | "no_voice" | "silent";

export class Aloud {
  state: Voice = "off";
  private readonly synthesis: SpeechSynthesis | null;
  private waiting: string[] = [];
  private speaking = false;
  private watch: number | undefined;

  constructor(private readonly language: string, private readonly changed: () => void) {
    this.synthesis = "speechSynthesis" in window && typeof SpeechSynthesisUtterance === "function" ? window.speechSynthesis : null;
    if (!this.synthesis) this.state = "unsupported";
    else if (kept()) this.state = "on";
    // Voices come late in some browsers; what was missing may be there now.
    this.synthesis?.addEventListener?.("voiceschanged", () => {
      if (this.state === "no_voice" && this.voice() !== null) this.tell("on");
    });
  }

  get on(): boolean {
    return this.state === "on" || this.state === "silent" || this.state === "no_voice";
  }

  turn(on: boolean, first = ""): void {
    if (!this.synthesis) return;
    keep(on);
    if (!on) this.stop();
    this.tell(on ? "on" : "off");
    if (on && first) this.say(first); // from the tap itself: phones let nothing speak before one
  }

  say(sentence: string): void {
    if (!this.synthesis || !this.on || !sentence.trim()) return;
    if (this.voice() === null) return this.tell("no_voice");
    this.waiting.push(sentence.trim().slice(0, LONGEST));
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    if (!this.speaking) this.next();
  }

  stop(): void {
    this.waiting = [];
    this.speaking = false;
    window.clearTimeout(this.watch);
    this.synthesis?.cancel();
  }

  // undefined: the browser names no voices and may have one all the same; null: it names some, none for this language.
  private voice(): SpeechSynthesisVoice | null | undefined {
    const voices = this.synthesis?.getVoices() ?? [];
    if (!voices.length) return undefined;
    const wanted = this.language.slice(0, 2);
    const fits = voices.filter((voice) => voice.lang.toLowerCase().startsWith(wanted));
    return fits.find((voice) => voice.lang.replace("_", "-").toLowerCase() === this.tag().toLowerCase()) ?? fits[0] ?? null;
  }

  private tag(): string {
    return this.language === "zh" ? "zh-CN" : "en-GB";
  }

  private next(): void {
    const sentence = this.waiting.shift();
    this.speaking = sentence !== undefined;
    if (sentence === undefined || !this.synthesis) return;
    const utterance = new SpeechSynthesisUtterance(sentence);
    const voice = this.voice();
    utterance.lang = voice?.lang ?? this.tag();
    if (voice) utterance.voice = voice;
    utterance.rate = 0.9; // a little slower than the voice's own pace
    let heard = false;
    const done = (): void => {
      window.clearTimeout(this.watch);
      if (this.speaking) this.next();
    };
    utterance.onstart = (): void => {
      heard = true;
      window.clearTimeout(this.watch);
      if (this.state === "silent") this.tell("on");
    };
    utterance.onend = done;
    utterance.onerror = (event): void => {
      if (event.error !== "canceled" && event.error !== "interrupted") this.tell("silent");
      done();
    };
    this.watch = window.setTimeout(() => {
      if (heard || !this.speaking) return;
      this.tell("silent");
      this.synthesis?.cancel();
      done();
    }, PATIENCE_MS);
    this.synthesis.speak(utterance);
  }

  private tell(state: Voice): void {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}

function kept(): boolean {
  try {
    return window.localStorage.getItem(KEPT) === "on";
  } catch {
    return false;
  }
}

function keep(on: boolean): void {
  try {
    window.localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A private window: the choice lasts as long as the page.
  }
}
