// The chat as this page holds it: a run of lines without a gap that ends with the newest. Older ones come by page.
import { t } from "../words";
import type { Line, View } from "./wire";

const MOST_MISSED = 200; // lines missed while away that are fetched to the last; of more, the newest page
const MOST_ALOUD = 3; // of missed lines read out one by one

// Lines and a page of them as one run: no line twice, and what a gap parts from the newest is left out.
export function joined(lines: Line[], page: Line[]): Line[] {
  const byNumber = new Map([...lines, ...page].map((line) => [line.n, line]));
  const run = [...byNumber.values()].sort((a, b) => a.n - b.n);
  let from = run.length - 1;
  while (from > 0 && run[from - 1]!.n === run[from]!.n - 1) from--;
  return run.slice(Math.max(0, from));
}

export function lastOf(lines: Line[]): number {
  return lines[lines.length - 1]?.n ?? 0;
}

export interface ChatOf {
  lines: () => Line[];
  view: () => View | null;
  add: (lines: Line[]) => void;
  page: (body: { after?: number; before?: number }) => Promise<Line[] | null>; // null: it could not be had
  announce: (sentence: string, alone: boolean) => void; // `alone`: written to us and nobody else
}

export class Chat {
  older = false; // a page of older lines is on its way
  private wanted = 0; // the newest number heard of
  private fetching = false;
  private heard = -1; // up to here it is history, or was announced

  constructor(private readonly on: ChatOf) {}

  // A view names the number of the newest line there is for us.
  seen(last: number | undefined): void {
    if (last === undefined) return;
    if (this.heard < 0) this.heard = last;
    this.wanted = Math.max(this.wanted, last);
    void this.catchUp();
  }

  came(line: Line): void {
    this.wanted = Math.max(this.wanted, line.n);
    if (line.n === lastOf(this.on.lines()) + 1 && !this.fetching) {
      this.on.add([line]);
      this.tell([line]);
    }
    else void this.catchUp();
  }

  async before(): Promise<void> {
    const first = this.on.lines()[0]?.n ?? 0;
    if (this.older || first <= 1) return;
    this.older = true;
    try {
      const page = await this.on.page({ before: first });
      if (page) this.on.add(page);
    } finally {
      this.older = false;
    }
  }

  private async catchUp(): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    const came: Line[] = [];
    try {
      for (;;) {
        const last = lastOf(this.on.lines());
        if (last >= this.wanted) return;
        const near = last > 0 && this.wanted - last <= MOST_MISSED;
        const page = await this.on.page(near ? { after: last } : {});
        if (!page?.length || lastOf(page) <= last) return; // the next view or line tries again
        this.on.add(page);
        came.push(...page);
      }
    } finally {
      this.fetching = false;
      this.tell(came);
    }
  }

  private tell(lines: Line[]): void {
    const view = this.on.view();
    const news = lines.filter((line) => line.n > this.heard);
    this.heard = Math.max(this.heard, lastOf(news));
    const others = news.filter((line) => line.seat !== view?.you.seat);
    if (others.length > MOST_ALOUD) return this.on.announce(t("{n} new messages.", { n: others.length }), false);
    for (const line of others) {
      const name = view?.seats.find((seat) => seat.id === line.seat)?.name ?? "";
      this.on.announce(t("{name} wrote: {text}", { name, text: line.text }), line.to !== "" && line.to === view?.you.seat);
    }
  }
}
