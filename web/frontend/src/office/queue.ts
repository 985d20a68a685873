// The queue by keyboard, the next case by a key, and what can be undone only as long as it can. Every press is a button or
// link without script too.

const KEPT = "yuntiao-queue-keys"; // "off": this officer's browser takes no keys here (WCAG 2.1.4)
const choice = document.querySelector<HTMLElement>("[data-queue-keys]");
const box = choice?.querySelector<HTMLInputElement>("input");

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // nothing may be kept here: they are on, and can be turned off on each page
  }
}

function show(on: boolean): void {
  for (const key of Array.from(document.querySelectorAll<HTMLElement>("[data-key-shown]"))) key.hidden = !on;
}

if (!box) show(kept()); // elsewhere: as it was chosen in the queue

if (choice && box) {
  choice.hidden = false;
  box.checked = kept();
  show(box.checked);
  box.addEventListener("change", () => {
    show(box.checked);
    try {
      localStorage.setItem(KEPT, box.checked ? "on" : "off");
    } catch {
      // It holds for this page.
    }
  });
}

let pressed = false; // a page acts once: whoever holds the key down accepts nothing they have not seen

document.addEventListener("keydown", (event) => {
  if (!(box ? box.checked : kept()) || pressed || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest("input, select, textarea, a, button, summary, [contenteditable]") && !(at === box && event.key !== "Enter")) return;
  const wanted = event.key === "Enter" ? "Enter" : event.key.toLowerCase();
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

export {};
