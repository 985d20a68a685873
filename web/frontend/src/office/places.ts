// Going through the places of a case by keys with Alt: next, previous, hide, keep, all of a kind, undo. Every key presses a
// button that is on the page; without script the buttons do the same.

import { chord, switchShortcuts } from "../shortcuts";

const places = (): HTMLFormElement[] => Array.from(document.querySelectorAll<HTMLFormElement>(".place-form[data-undecided]"));
const hide = (form: HTMLFormElement | undefined): HTMLButtonElement | null => form?.querySelector<HTMLButtonElement>("button[value=hidden]") ?? null;

// The place one is at: where the focus is, else the one the address names, else the first.
function here(): HTMLFormElement | undefined {
  const focused = document.activeElement?.closest<HTMLFormElement>(".place-form[data-undecided]");
  const named = document.querySelector<HTMLFormElement>(".places > li:target > .place-form[data-undecided]");
  return focused ?? named ?? places()[0];
}

function go(by: number): void {
  const every = places();
  const focused = document.activeElement?.closest<HTMLFormElement>(".place-form[data-undecided]");
  const at = focused ? every.indexOf(focused) + by : every.indexOf(here() as HTMLFormElement);
  const form = every[(at + every.length) % every.length];
  form?.closest("details")?.setAttribute("open", "");
  hide(form)?.focus();
}

const KEYS: Readonly<Record<string, () => HTMLButtonElement | null | undefined>> = {
  a: () => hide(here()),
  r: () => here()?.querySelector<HTMLButtonElement>("button[value=kept]"),
  g: () => document.querySelector<HTMLButtonElement>(`[data-all="${CSS.escape(here()?.dataset.kind ?? "")}"] button`),
  u: () => document.querySelector<HTMLButtonElement>("#done button"),
};

document.addEventListener("keydown", (event) => {
  const typed = chord(event);
  if (typed === null) return;
  if (typed === "j" || typed === "k") go(typed === "j" ? 1 : -1);
  else {
    const button = KEYS[typed]?.();
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});

switchShortcuts(document.getElementById("keys"));

// Who came here from a decision goes on at the next place without reaching for it.
if (location.hash.startsWith("#p-")) hide(document.querySelector<HTMLFormElement>(".places > li:target > .place-form[data-undecided]") ?? undefined)?.focus();
