// A part of the page over the whole screen, where the browser lets it.
interface OldDocument extends Document {
  webkitFullscreenEnabled?: boolean;
  webkitFullscreenElement?: Element | null;
  webkitExitFullscreen?: () => void;
}

// Safari before 16.4 has it under a name of its own; on an iPhone only a bare video could, so there it is not offered.
export const fullScreen = {
  possible(): boolean {
    const page = document as OldDocument;
    return Boolean(page.fullscreenEnabled || page.webkitFullscreenEnabled);
  },
  shown(): boolean {
    const page = document as OldDocument;
    return Boolean(page.fullscreenElement ?? page.webkitFullscreenElement);
  },
  enter(box: HTMLElement): void {
    const old = box as HTMLElement & { webkitRequestFullscreen?: () => void };
    if (typeof box.requestFullscreen === "function") void box.requestFullscreen().catch(() => undefined);
    else old.webkitRequestFullscreen?.();
  },
  leave(): void {
    const page = document as OldDocument;
    if (typeof page.exitFullscreen === "function") void page.exitFullscreen().catch(() => undefined);
    else page.webkitExitFullscreen?.();
  },
};
