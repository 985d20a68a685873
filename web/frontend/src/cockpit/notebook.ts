// The mediator's own notes: saved with every pause in typing, kept while the network is gone, never overwriting another page.
import type { Call } from "../room/call";
import type { NoteState } from "../room/state";

const REST_MS = 700;
const AGAIN_MS = 3000;

interface Saved {
  edition: number;
  text: string;
}

export class Notebook {
  text = "";
  private edition = 0;
  private timer: number | undefined;
  private saving = false;
  private dirty = false;
  private read = false;
  private writing = ""; // what is on its way

  constructor(private readonly call: Call) {
    // Whoever closes the page within a pause loses nothing: the browser sends what is left after the page is gone.
    window.addEventListener("pagehide", () => {
      if (!this.dirty && !this.saving) return;
      this.leave();
      if (!this.saving) void this.send(true);
    });
  }

  open(): void {
    if (this.read || !this.call.page.note) return;
    this.read = true;
    this.tell("reading");
    void this.load();
  }

  typed(text: string): void {
    this.text = text;
    this.dirty = true;
    this.tell("typing");
    this.later(REST_MS);
  }

  // Both texts, this page's first: nothing anybody wrote is dropped.
  merge(): void {
    const { theirs } = this.call.state.note;
    this.typed([this.text.trim(), theirs.trim()].filter(Boolean).join("\n\n"));
    this.call.dispatch({ type: "note", note: { theirs: "" } });
  }

  private async load(): Promise<void> {
    const saved = await this.fetched({});
    if (saved && saved !== "changed") {
      this.edition = saved.edition;
      const left = this.left();
      if (!this.dirty && left !== null && left.edition === saved.edition && left.text !== saved.text) {
        this.typed(left.text); // what the last page sent as it went is still on its way, or was lost
        return;
      }
      if (!this.dirty) this.text = saved.text;
      this.tell("saved");
      return;
    }
    this.read = false;
    this.tell("unread");
  }

  // Within this tab only, from a page that goes to the one that comes after it.
  private leave(): void {
    try {
      window.sessionStorage.setItem(`note ${this.call.page.note}`, JSON.stringify({ edition: this.edition, text: this.text }));
    } catch {
      // A private window: the request that goes out with the page is all there is.
    }
  }

  private left(): Saved | null {
    try {
      const kept = window.sessionStorage.getItem(`note ${this.call.page.note}`);
      window.sessionStorage.removeItem(`note ${this.call.page.note}`);
      return kept === null ? null : (JSON.parse(kept) as Saved);
    } catch {
      return null;
    }
  }

  private later(ms: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), ms);
  }

  private async send(last = false): Promise<void> {
    if (this.saving || !this.dirty || this.call.state.note.theirs) return;
    this.saving = true;
    this.dirty = false;
    this.writing = this.text;
    this.tell("saving");
    const body = new URLSearchParams({ seen: String(this.edition), text: this.writing });
    const saved = await this.fetched({ method: "POST", body, keepalive: last });
    this.saving = false;
    if (saved === "changed") await this.differ();
    else if (!saved) {
      this.dirty = true;
      this.tell("failed");
      this.later(AGAIN_MS);
    } else {
      this.edition = saved.edition;
      if (this.dirty) this.later(REST_MS);
      else this.tell("saved");
    }
  }

  // Another page of this mediator wrote meanwhile: theirs is shown beside, ours stays in the field.
  private async differ(): Promise<void> {
    const other = await this.fetched({});
    this.dirty = true;
    if (!other || other === "changed") return this.later(AGAIN_MS);
    this.edition = other.edition;
    if (other.text === this.text) return this.later(0);
    this.call.dispatch({ type: "note", note: { state: "conflict", theirs: other.text } });
  }

  private async fetched(asked: RequestInit): Promise<Saved | "changed" | null> {
    const headers = { Accept: "application/json", "X-CSRF-Token": this.call.page.csrf ?? "" };
    try {
      const response = await fetch(this.call.page.note as string, { ...asked, headers });
      if (response.status === 409) return "changed";
      return response.ok ? ((await response.json()) as Saved) : null;
    } catch {
      return null;
    }
  }

  private tell(state: NoteState): void {
    if (this.call.state.note.state !== state) this.call.dispatch({ type: "note", note: { state } });
  }
}

let book: Notebook | undefined;

export function notebook(call: Call): Notebook {
  book ??= new Notebook(call);
  return book;
}
