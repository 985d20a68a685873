// A letter, figure or sign acts with Alt only, and not at all for who has turned that off (WCAG 2.1.4): one rule and one
// switch for room, queue, player, review and cases, kept by this browser.

const KEPT = "yuntiao-single-keys";
const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=hidden]), textarea, select, [contenteditable]";
const SIGNS: Readonly<Record<string, string>> = { Comma: ",<", Period: ".>", Slash: "/?" };

let unkept: boolean | undefined; // where nothing can be kept, a choice lasts as long as the page

export function shortcuts(): boolean {
  try {
    return unkept ?? window.localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

export function turnShortcuts(on: boolean): void {
  try {
    window.localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    unkept = on;
  }
}

// A page's own box for it, shown only where a script listens.
export function switchShortcuts(place: HTMLElement | null, changed: (on: boolean) => void = () => undefined): void {
  const box = place?.querySelector("input");
  if (!place || !box) return;
  place.hidden = false;
  box.checked = shortcuts();
  box.addEventListener("change", () => {
    turnShortcuts(box.checked);
    changed(box.checked);
  });
}

// What may act at all just now: not while typing, not while an input method is at work.
export function listening(event: KeyboardEvent): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || !shortcuts()) return false;
  return !(event.target instanceof Element && event.target.closest(TYPING));
}

// The key that is pressed together with Alt, in lower case; null: none.
export function chord(event: KeyboardEvent, held = false): string | null {
  if (!event.altKey || (event.repeat && !held) || event.getModifierState("AltGraph") || !listening(event)) return null;
  return named(event.key, event.code, event.shiftKey);
}

// On a Mac, Alt with a key types another sign: there the key itself says which it is.
export function named(key: string, code: string, shift: boolean): string | null {
  if (/^[!-~]$/.test(key)) return key.toLowerCase();
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1]?.toLowerCase() ?? SIGNS[code]?.[shift ? 1 : 0] ?? null;
}
