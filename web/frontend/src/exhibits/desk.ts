// One person's dealings with exhibits: sending, showing, pointing, answering. Views only call its methods.
import type { Call } from "../room/call";
import { Refusal, type Exhibit, type MarkShape, type Point, type Purpose } from "../room/wire";
import { sentence, t } from "../words";
import { Pictures } from "./pictures";
import { grain, held, WHOLE, type Draft, type Glass, type Sending, type Tool } from "./state";
import { Transfer } from "./transfer";

const POINT_MS = 120; // between two places that others are told
const DRAWN = 100; // points of a line at most

export class Desk {
  readonly pictures: Pictures;
  private transfers = new Map<number, Transfer>();
  private number = 0;
  private told = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private pointer: Point | null = null;
  private film: { ms: number; playing: boolean } | null = null;

  constructor(private readonly call: Call) {
    this.pictures = new Pictures(call.page.files, () => call.dispatch({ type: "exhibiting", change: {} }));
  }

  // ---------------------------------------------------------------- sending

  // Pictures chosen together are the pages of one exhibit; documents and films are one each.
  choose(files: File[], purpose: Purpose = "evidence", term = 0): void {
    if (!files.length) return;
    this.change({ draft: { files, purpose, term } });
  }

  leaveOut(index: number): void {
    const { draft } = this.call.state.exhibiting;
    const files = draft?.files.filter((_, n) => n !== index) ?? [];
    this.change({ draft: draft && files.length ? { ...draft, files } : null });
  }

  forget(): void {
    this.change({ draft: null });
  }

  async offer(title: string, only: boolean): Promise<void> {
    const { draft } = this.call.state.exhibiting;
    if (!draft) return;
    this.change({ draft: null });
    const parts = groups(draft);
    await Promise.all(parts.map((part, n) => this.send(part, parts.length > 1 ? `${title} ${n + 1}` : title, only)));
  }

  again(id: number): void {
    const one = this.sending(id);
    if (!one) return;
    this.drop(id);
    void this.send(one.draft, one.title, one.private);
  }

  drop(id: number): void {
    this.transfers.get(id)?.stop();
    this.transfers.delete(id);
    this.change({ sending: this.call.state.exhibiting.sending.filter((one) => one.id !== id) });
  }

  private async send(draft: Draft, title: string, only: boolean): Promise<void> {
    const id = ++this.number;
    const begun: Sending = { id, title, share: 0, state: "sending", why: "", draft, private: only };
    this.change({ sending: [...this.call.state.exhibiting.sending, begun] });
    const transfer = new Transfer(this.call.page.files, this.call.page.csrf, {
      share: (share) => this.update(id, { share }),
      waiting: (yes) => this.update(id, { state: yes ? "waiting" : "sending" }),
      preparing: () => this.update(id, { state: "preparing", share: 1 }),
    });
    this.transfers.set(id, transfer);
    try {
      await transfer.send({ ...draft, title, private: only });
      this.change({ sending: this.call.state.exhibiting.sending.filter((one) => one.id !== id) });
      this.call.notice(only ? t("“{title}” is with the mediator.", { title }) : t("“{title}” is there for everybody.", { title }));
    } catch (error) {
      if (!this.sending(id)) return; // dropped by the person
      const refusal = error instanceof Refusal ? error : new Refusal("unknown");
      const why = sentence(refusal.code, refusal.params);
      this.update(id, { state: "refused", why });
      this.call.notice(why, "warn");
    } finally {
      this.transfers.delete(id);
    }
  }

  private sending(id: number): Sending | undefined {
    return this.call.state.exhibiting.sending.find((one) => one.id === id);
  }

  private update(id: number, change: Partial<Sending>): void {
    this.change({ sending: this.call.state.exhibiting.sending.map((one) => (one.id === id ? { ...one, ...change } : one)) });
  }

  async bring(attachment: string): Promise<void> {
    try {
      const answer = await fetch(`${this.call.page.files}/attachments/${attachment}`, {
        method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": this.call.page.csrf },
      });
      const said = (await answer.json()) as { error?: { code: string; params?: Record<string, unknown> } };
      if (said.error) this.call.notice(sentence(said.error.code, said.error.params), "warn");
    } catch {
      this.call.notice(sentence("offline"), "warn");
    }
  }

  // ---------------------------------------------------------------- showing

  get mayShow(): boolean {
    const { view } = this.call.state;
    return view !== null && (view.you.mediator || view.exhibits.floor === view.you.seat);
  }

  get shown(): Exhibit | undefined {
    const { view } = this.call.state;
    return view?.exhibits.list.find((one) => one.id === view.exhibits.shown?.exhibit);
  }

  // What this person sees of what is shown: their own look, else that of whoever shows it.
  glass(): Glass {
    const { glass } = this.call.state.exhibiting;
    if (glass) return glass;
    const look = this.call.state.view?.exhibits.shown?.look;
    return look ? held({ zoom: look.zoom / 100, x: look.x / 10_000, y: look.y / 10_000 }) : WHOLE;
  }

  // `shared`: of what is shown, by whoever shows it.
  look(glass: Glass | null, shared: boolean): void {
    this.change({ glass });
    if (shared) this.point(this.pointer);
  }

  point(pointer: Point | null): void {
    this.pointer = pointer;
    clearTimeout(this.later);
    const wait = this.told + POINT_MS - Date.now();
    if (wait > 0) this.later = setTimeout(() => this.tell(), wait);
    else this.tell();
  }

  playing(ms: number, playing: boolean): void {
    this.film = { ms: Math.round(ms), playing };
    this.point(null);
  }

  private tell(): void {
    if (!this.mayShow || !this.shown) return;
    this.told = Date.now();
    const { zoom, x, y } = this.glass();
    const film = this.shown.kind === "film" ? this.film : null;
    this.call.tell("point_exhibit", {
      zoom: Math.round(zoom * 100), x: grain(x), y: grain(y), pointer: this.pointer, ms: film?.ms ?? null, playing: film?.playing ?? false,
    });
  }

  show(exhibit: string, page = 1): void {
    this.film = null;
    this.change({ glass: null, drawing: [], tool: "hand" });
    void this.call.ask("show_exhibit", { exhibit, page });
  }

  putAway(): void {
    this.change({ tool: "hand", drawing: [] });
    void this.call.ask("put_away_exhibit");
  }

  turn(by: number): void {
    const shown = this.call.state.view?.exhibits.shown;
    const pages = this.shown?.pages.length ?? 0;
    const page = (shown?.page ?? 0) + by;
    if (page >= 1 && page <= pages) void this.call.ask("turn_page", { page });
  }

  take(tool: Tool): void {
    this.change({ tool, drawing: [] });
  }

  draw(points: Point[]): void {
    this.change({ drawing: points });
  }

  mark(shape: MarkShape, points: Point[]): void {
    this.change({ drawing: [] });
    const kept = shape === "pen" ? thinned(points) : points.length > 1 ? [points[0]!, points[points.length - 1]!] : [];
    if (kept.length > 1) void this.call.ask("mark_exhibit", { shape, points: kept });
  }

  change(change: Partial<Call["state"]["exhibiting"]>): void {
    this.call.dispatch({ type: "exhibiting", change });
  }
}

function groups(draft: Draft): Draft[] {
  const pictures = draft.files.filter((file) => !/\.(pdf|mp4|m4v|mov|webm)$/i.test(file.name));
  const others = draft.files.filter((file) => !pictures.includes(file));
  return [...(pictures.length ? [pictures] : []), ...others.map((file) => [file])].map((files) => ({ ...draft, files }));
}

// So many points as a line needs, evenly taken.
function thinned(points: Point[]): Point[] {
  if (points.length <= DRAWN) return points;
  const step = (points.length - 1) / (DRAWN - 1);
  return Array.from({ length: DRAWN }, (_, n) => points[Math.round(n * step)]!);
}
