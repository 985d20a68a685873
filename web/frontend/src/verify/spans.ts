// Stretches of time, in milliseconds since 1970; `until` is after `from` or the same.

export interface Span {
  from: number;
  until: number;
}

// One thing that is or is not the case, over time.
export class Line {
  private since: number | null = null;
  private readonly done: Span[] = [];

  get on(): boolean {
    return this.since !== null;
  }

  put(on: boolean, at: number): void {
    if (on && this.since === null) this.since = at;
    else if (!on && this.since !== null) {
      this.done.push({ from: this.since, until: at });
      this.since = null;
    }
  }

  spans(end: number): Span[] {
    return this.since === null ? this.done : [...this.done, { from: this.since, until: Math.max(end, this.since) }];
  }
}

export function total(spans: Span[]): number {
  return spans.reduce((sum, span) => sum + span.until - span.from, 0);
}

// Sorted, those that overlap or touch made one.
export function union(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out[out.length - 1];
    if (last && span.from <= last.until) last.until = Math.max(last.until, span.until);
    else out.push({ ...span });
  }
  return out;
}

// What of `spans` none of `others` covers; both unions.
export function subtract(spans: Span[], others: Span[]): Span[] {
  let left = spans;
  for (const other of others) {
    left = left.flatMap(({ from, until }) => [
      { from, until: Math.min(until, other.from) }, { from: Math.max(from, other.until), until },
    ].filter((part) => part.from < part.until));
  }
  return left;
}
