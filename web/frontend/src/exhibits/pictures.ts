// Pages of exhibits as pictures in memory: fetched once, nothing of them in the browser's cache, the oldest forgotten.

const KEPT = 24;
const AGAIN_MS = 3000;

export type Picture = { state: "coming" } | { state: "there"; address: string } | { state: "failed" };

export class Pictures {
  private readonly held = new Map<string, Picture>();

  constructor(private readonly files: string, private readonly changed: () => void) {}

  page(exhibit: string, page: number): Picture {
    const path = `${this.files}/exhibits/${encodeURIComponent(exhibit)}/pages/${page}`;
    const found = this.held.get(path);
    if (found) {
      this.held.delete(path); // the newest is last
      this.held.set(path, found);
      return found;
    }
    const coming: Picture = { state: "coming" };
    this.held.set(path, coming);
    void this.fetch(path);
    return coming;
  }

  // So that turning a page shows it at once.
  ahead(exhibit: string, page: number, pages: number): void {
    if (page < pages) this.page(exhibit, page + 1);
  }

  private async fetch(path: string): Promise<void> {
    try {
      const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.held.set(path, { state: "there", address: URL.createObjectURL(await answer.blob()) });
    } catch {
      this.held.set(path, { state: "failed" });
      setTimeout(() => {
        if (this.held.get(path)?.state === "failed") this.held.delete(path);
        this.changed();
      }, AGAIN_MS);
    }
    for (const [old, picture] of this.held) {
      if (this.held.size <= KEPT) break;
      this.held.delete(old);
      if (picture.state === "there") URL.revokeObjectURL(picture.address);
    }
    this.changed();
  }
}
