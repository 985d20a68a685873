// A review gone through by keys: answer, look at what the journal points to, take the moment, on to the next.
// Enter on an answer keeps it, as in any form.

import { chord, shortcuts, turnShortcuts } from "../shortcuts";

export function keys(): void {
  document.addEventListener("keydown", (event) => {
    const key = event.defaultPrevented || !document.getElementById("review-keys") ? null : chord(event);
    if (key !== null && pressed(key)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.id !== "review-keys-on") return;
    turnShortcuts(box.checked);
    const other = document.getElementById("keys-on") as HTMLInputElement | null; // the player's box is the same switch
    if (other) other.checked = box.checked;
  });
  // Whoever went to an entry's second has looked at it: it is what the answer rests on, until they untick it.
  document.addEventListener("click", (event) => {
    const name = (event.target as Element).closest<HTMLElement>("[data-ticks]")?.dataset.ticks;
    const box = name ? (document.getElementById(name) as HTMLInputElement | null) : null;
    if (box) box.checked = true;
  });
  shown();
}

// The line that names the keys comes anew with each step.
export function shown(): void {
  const line = document.getElementById("review-keys"), box = document.getElementById("review-keys-on") as HTMLInputElement | null;
  if (!line || !box) return;
  line.hidden = false;
  box.checked = shortcuts();
}

// Where the focus is, else the first that is open.
function current(): HTMLElement | null {
  const here = document.activeElement?.closest<HTMLElement>(".check-item");
  return here?.querySelector("details[open]") ? here : (document.querySelector(".check-item:has(details[open])") ?? null);
}

function pressed(key: string): boolean {
  if (key === "n") return next();
  const item = current();
  if (!item) return false;
  if (key === "e") return entry(item);
  if (key === "t") return tap(item.querySelector<HTMLButtonElement>("[data-moment]:not([hidden])"));
  const answer = ["1", "2", "3"].includes(key) ? item.querySelectorAll<HTMLInputElement>("input[name=answer]")[Number(key) - 1] : undefined;
  if (!answer) return false;
  answer.focus();
  answer.click();
  return true;
}

// The first entry that is not ticked: to its second where there is a recording.
function entry(item: HTMLElement): boolean {
  const box = item.querySelector<HTMLInputElement>("input[name^=entry_]:not(:checked)");
  if (!box) return true;
  const place = item.querySelector<HTMLElement>(`[data-ticks="${CSS.escape(box.id)}"]`);
  (place ?? box).click();
  (item.querySelector<HTMLInputElement>("input[name=answer]:checked") ?? box).focus();
  return true;
}

function tap(button: HTMLButtonElement | null): boolean {
  button?.click();
  return button !== null;
}

// The next without an answer after this one, or the first; with all answered, to handing on.
function next(): boolean {
  const items = Array.from(document.querySelectorAll<HTMLElement>(".check-item"));
  const open = items.filter((one) => one.hasAttribute("data-unanswered"));
  const at = items.findIndex((one) => one.contains(document.activeElement));
  const to = open.find((one) => items.indexOf(one) > at) ?? open[0];
  const details = to?.querySelector("details");
  if (details) details.open = true;
  const place = to ? to.querySelector<HTMLElement>("summary") : document.getElementById("summary");
  place?.focus();
  (to ?? place)?.scrollIntoView({ block: "nearest" });
  return place !== null;
}
