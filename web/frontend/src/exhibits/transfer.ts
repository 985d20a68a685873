// Sends the files of one exhibit in pieces: goes on where it was after a broken line, and says how far it is. No DOM.
import { Refusal, type Purpose } from "../room/wire";

const LEAST = 32 * 1024;
const FIRST = 128 * 1024;
const QUICK_MS = 900; // a piece that took less: the next may be larger
const SLOW_MS = 4000;
const PATIENCE_MS = 30_000;
const FINISH_MS = 180_000;
const PAUSE_MS = [500, 1000, 2000, 4000];

export interface Package {
  title: string;
  files: File[];
  private: boolean;
  purpose: Purpose;
  term: number;
}

interface Coming {
  upload: string;
  received: number[];
  piece: number;
}

export interface Told {
  share: (share: number) => void;
  waiting: (yes: boolean) => void; // for the network
  preparing: () => void;
}

export class Transfer {
  private stopped = false;
  private upload = "";
  private piece = FIRST;
  private asked: AbortController | null = null;

  constructor(private readonly address: string, private readonly csrf: string, private readonly told: Told) {}

  // The exhibit's id. Refusal.
  async send(what: Package): Promise<string> {
    const files = await Promise.all(what.files.map(named));
    const begun = await this.patiently<Coming>("/uploads", JSON.stringify({
      title: what.title, private: what.private, purpose: what.purpose, term: what.term,
      files: files.map(({ name, file }) => ({ name, size: file.size })),
    }), PATIENCE_MS);
    this.upload = begun.upload;
    const total = files.reduce((sum, { file }) => sum + file.size, 0);
    let before = 0;
    for (const [number, { file }] of files.entries()) {
      await this.file(file, number, begun, (sent) => this.told.share((before + sent) / total));
      before += file.size;
    }
    this.told.preparing();
    const { exhibit } = await this.patiently<{ exhibit: string }>(`/uploads/${this.upload}/finish`, "", FINISH_MS);
    return exhibit;
  }

  stop(): void {
    this.stopped = true;
    this.asked?.abort();
    if (this.upload) void this.ask(`/uploads/${this.upload}/cancel`, "", PATIENCE_MS, true).catch(() => undefined);
  }

  private async file(file: File, number: number, begun: Coming, sent: (bytes: number) => void): Promise<void> {
    let at = begun.received[number] ?? 0;
    while (at < file.size) {
      const size = Math.min(this.piece, begun.piece, file.size - at);
      const began = Date.now();
      try {
        const now = await this.patiently<Coming>(`/uploads/${this.upload}/${number}?at=${at}`, file.slice(at, at + size), PATIENCE_MS);
        at = now.received[number] ?? at + size;
      } catch (error) {
        const received = error instanceof Refusal && error.code === "out_of_step" ? error.params.received : undefined;
        if (typeof received !== "number" || received === at) throw error;
        at = received; // what the server has, whatever we remember
      }
      const took = Date.now() - began;
      if (took < QUICK_MS) this.piece = Math.min(this.piece * 2, begun.piece);
      else if (took > SLOW_MS) this.piece = Math.max(LEAST, this.piece / 2);
      sent(at);
    }
  }

  // Until the network lets it through: only a refusal ends it.
  private async patiently<T>(path: string, body: BodyInit, within: number): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      if (this.stopped) throw new Refusal("stopped");
      try {
        const answer = await this.ask<T>(path, body, within);
        if (tries) this.told.waiting(false);
        return answer;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.told.waiting(true);
        this.piece = Math.max(LEAST, this.piece / 2);
        await pause(PAUSE_MS[Math.min(tries, PAUSE_MS.length - 1)] ?? 4000);
      }
    }
  }

  // A Refusal is the server's word; everything else may pass by itself.
  private async ask<T>(path: string, body: BodyInit, within: number, last = false): Promise<T> {
    const asked = new AbortController();
    if (!last) this.asked = asked;
    const timer = setTimeout(() => asked.abort(), within);
    try {
      const type = typeof body === "string" ? "application/json" : "application/octet-stream";
      const answer = await fetch(`${this.address}${path}`, {
        method: "POST", body, credentials: "same-origin", cache: "no-store", signal: asked.signal,
        headers: { "X-CSRF-Token": this.csrf, "Content-Type": type },
      });
      const said = (await answer.json()) as T & { error?: { code: string; params?: Record<string, unknown> } };
      if (answer.ok) return said;
      if (said.error && answer.status !== 503) throw new Refusal(said.error.code, said.error.params);
      throw new Error(String(answer.status));
    } finally {
      clearTimeout(timer);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    }
    window.addEventListener("online", done);
  });
}

// Phones and chat programs give pictures endings that are not theirs: it is sent under the one it has by its content.
async function named(file: File): Promise<{ name: string; file: File }> {
  const head = new Uint8Array(await read(file.slice(0, 12)));
  const text = String.fromCharCode(...head);
  const ending = text.startsWith("\xff\xd8\xff") ? "jpg" : text.startsWith("\x89PNG") ? "png"
    : text.startsWith("RIFF") && text.slice(8, 12) === "WEBP" ? "webp"
      : /^....ftyp(hei[cxms]|hev[cx]|mif1|msf1)/s.test(text) ? "heic" : "";
  const picture = /\.(jpe?g|png|webp|heic|heif|gif)$/i;
  const bare = file.name.slice(-200);
  if (!ending || (!picture.test(bare) && bare.includes("."))) return { name: bare, file };
  return { name: `${bare.replace(picture, "")}.${ending}`, file };
}

function read(blob: Blob): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}
