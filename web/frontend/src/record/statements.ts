// What a record quotes, beside the film: a press is sent without leaving the page, and the focus stays at its sentence.
// Without script every form goes the plain way.
import { chord, switchShortcuts } from "../shortcuts";
import { sendInPlace } from "./in_place";

const area = (): HTMLElement | null => document.getElementById("statements");
const rows = (): HTMLElement[] =>
  Array.from(area()?.querySelectorAll<HTMLElement>("[data-statement]") ?? []).filter((row) => row.getClientRects().length > 0);

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-choice]")) return;
  event.preventDefault();
  void send(form);
});

function send(form: HTMLFormElement): Promise<void> {
  const row = form.closest<HTMLElement>("[data-statement]"), all = rows(), place = row ? all.indexOf(row) : -1;
  const open = Array.from(area()?.querySelectorAll("details[id][open]") ?? [], (one) => one.id);
  return sendInPlace(form, "statements", () => {
    for (const id of open) (document.getElementById(id) as HTMLDetailsElement | null)?.setAttribute("open", "");
    keyLine();
    settle(row?.id ?? "", place);
  });
}

// To what went wrong; to the sentence, where it can still be seen; else to the one that stands in its place now.
function settle(id: string, place: number): void {
  const wrong = area()?.querySelector<HTMLElement>("[role=alert]");
  if (wrong) return wrong.focus();
  const all = rows(), row = all.find((one) => one.id === id) ?? all[Math.min(Math.max(place, 0), all.length - 1)];
  row?.querySelector<HTMLElement>("[data-choose]")?.focus();
}

function here(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-statement]") ?? rows()[0] ?? null;
}

function pressed(key: string): boolean {
  if (key === "u") return tap(area()?.querySelector("[data-undo]"));
  const all = rows(), row = here();
  if (!row) return false;
  switch (key) {
    case "n":
    case "p": {
      const inside = row.contains(document.activeElement), step = !inside ? 0 : key === "n" ? 1 : -1;
      const to = all[Math.min(Math.max(all.indexOf(row) + step, 0), all.length - 1)];
      to?.querySelector<HTMLElement>("[data-choose]")?.focus();
      to?.scrollIntoView({ block: "nearest" });
      return true;
    }
    case "s": return tap(row.querySelector("[data-play]"));
    case "x": return tap(row.querySelector("[data-choose]"));
    case "e": {
      const edit = row.querySelector<HTMLDetailsElement>("[data-edit]");
      if (!edit) return false;
      edit.open = true;
      edit.querySelector("textarea")?.focus();
      return true;
    }
    default: return false;
  }
}

function tap(target: Element | null | undefined): boolean {
  (target as HTMLElement | null | undefined)?.click();
  return Boolean(target);
}

// The line that names the keys comes anew with each step; the player's box is the same switch.
function keyLine(): void {
  switchShortcuts(document.getElementById("statement-keys"), (on) => {
    const other = document.getElementById("keys-on") as HTMLInputElement | null;
    if (other) other.checked = on;
  });
}

document.addEventListener("keydown", (event) => {
  const key = event.defaultPrevented ? null : chord(event);
  if (key !== null && pressed(key)) event.preventDefault();
});
keyLine();
