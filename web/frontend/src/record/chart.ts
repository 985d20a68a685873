// The picture over time on a record: where the recording is, going anywhere by a tap, and the gaps told in words.

export class Chart {
  private readonly svg = document.getElementById("chart");
  private readonly cursor = document.getElementById("cursor");
  private readonly told = document.getElementById("told");
  private readonly first: number;
  private readonly last: number;
  private readonly left: number;
  private readonly right: number;

  constructor(private readonly seek: (at: number) => void) {
    const given = this.svg?.dataset ?? {};
    [this.first, this.last] = [Number(given.first), Number(given.last)];
    [this.left, this.right] = [Number(given.left), Number(given.right)];
    if (!this.svg || !(this.last > this.first)) return;
    this.cursor?.removeAttribute("visibility");
    this.svg.addEventListener("click", (event) => this.tapped(event));
    this.svg.addEventListener("focusin", (event) => this.tell((event.target as Element).closest("[data-gap]")));
    this.svg.addEventListener("keydown", (event) => this.walk(event));
  }

  at(seconds: number): void {
    const share = (seconds - this.first) / (this.last - this.first);
    const x = this.left + (this.right - this.left) * Math.min(1, Math.max(0, share));
    this.cursor?.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
  }

  // A gap is told and gone to; anywhere else the recording goes to just there, not to where the bar begins.
  private tapped(event: MouseEvent): void {
    const target = event.target as Element;
    const link = target.closest("a"), gap = target.closest("[data-gap]");
    const exact = gap ?? (link?.querySelector("rect") ? null : link); // points and times of day
    if (event.ctrlKey || event.metaKey || event.shiftKey || !this.svg) return;
    event.preventDefault();
    event.stopPropagation();
    this.tell(gap);
    if (exact?.hasAttribute("data-seek")) {
      this.seek(Number(exact.getAttribute("data-seek")));
      return;
    }
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 1000;
    if (x < this.left - 4) return; // the names
    this.seek(this.first + ((x - this.left) / (this.right - this.left)) * (this.last - this.first));
  }

  private tell(gap: Element | null): void {
    if (!this.told || !gap) return;
    this.told.textContent = gap.getAttribute("aria-label");
    for (const one of Array.from(document.querySelectorAll("tr.chosen"))) one.classList.remove("chosen");
    document.getElementById((gap.getAttribute("href") ?? "").slice(1))?.classList.add("chosen");
  }

  // One stop for the tab key; arrows go from gap to gap.
  private walk(event: KeyboardEvent): void {
    const gap = (event.target as Element).closest("[data-gap]");
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!gap || !way) return;
    event.preventDefault();
    event.stopPropagation();
    const all = Array.from(document.querySelectorAll<SVGElement>("[data-gap]"));
    const next = all[(all.indexOf(gap as SVGElement) + way + all.length) % all.length];
    gap.setAttribute("tabindex", "-1");
    next?.setAttribute("tabindex", "0");
    next?.focus();
  }
}
