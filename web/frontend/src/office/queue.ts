// The queue by keyboard, the next case by a key, and what can be undone only as long as it can. Every press is a button or
// link without script too.

import { chord, listening, shortcuts, switchShortcuts } from "../shortcuts";

function show(on: boolean): void {
  for (const key of Array.from(document.querySelectorAll<HTMLElement>("[data-key-shown]"))) key.hidden = !on;
}

show(shortcuts());
const choice = document.querySelector<HTMLElement>("[data-queue-keys]");
switchShortcuts(choice, show);

let pressed = false; // a page acts once: whoever holds the key down accepts nothing they have not seen

document.addEventListener("keydown", (event) => {
  if (pressed || event.repeat) return;
  const at = event.target instanceof Element ? event.target : document.body;
  const enter = event.key === "Enter" && !event.altKey && listening(event) && !at.closest("input, a, button, summary");
  const wanted = enter ? "Enter" : chord(event);
  if (wanted === null) return;
  const target = Array.from(document.querySelectorAll<HTMLElement>("[data-press]")).find((one) => one.dataset.press === wanted);
  if (!target) return;
  event.preventDefault();
  pressed = true;
  target.click();
});

// Pages that are come back to out of the browser's memory act again.
addEventListener("pageshow", () => { pressed = false; });

for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-seconds]"))) {
  setTimeout(() => form.remove(), Number(form.dataset.seconds) * 1000);
}
