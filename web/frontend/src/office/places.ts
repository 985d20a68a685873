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
  m: () => {
    const found = selected();
    if (found) mark(found);
    else document.querySelector<HTMLInputElement>("#mark input[name=words]")?.focus();
    return null;
  },
};

// ---- What no rule found is marked by selecting it: with a mouse at once, by touch with the button that appears, by keys
// with Alt M. Wherever the words stand they are hidden; the page that comes offers to undo it.

const LONGEST = 60;
const OFF = "yuntiao-select-hides";

interface Selected {
  readonly words: string;
  readonly field: string;
}

function selected(): Selected | null {
  const range = window.getSelection();
  if (!range || range.isCollapsed) return null;
  const side = (node: Node | null): HTMLElement | null => (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>("[data-raw]") ?? null;
  const text = side(range.anchorNode);
  const words = range.toString().trim();
  if (!text || text !== side(range.focusNode) || words.length === 0 || words.length > LONGEST) return null;
  return { words, field: text.dataset.raw ?? "" };
}

function mark(found: Selected): void {
  const form = document.querySelector<HTMLFormElement>("#mark");
  if (!form) return;
  for (const [name, value] of Object.entries({ words: found.words, field: found.field, put: "" })) {
    const input = form.querySelector<HTMLInputElement>(`[name=${name}]`);
    if (input) input.value = value;
  }
  form.requestSubmit();
}

function listenToSelecting(): void {
  const line = document.getElementById("selecting");
  const box = line?.querySelector("input");
  const bar = document.getElementById("select-hides");
  if (!line || !box || !bar) return;
  line.hidden = false;
  try {
    box.checked = window.localStorage.getItem(OFF) !== "off";
  } catch {
    // nothing can be kept: on, as ever
  }
  box.addEventListener("change", () => {
    try {
      window.localStorage.setItem(OFF, box.checked ? "on" : "off");
    } catch {
      // it lasts as long as the page
    }
  });
  let pointer = "";
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
  });
  document.addEventListener("mouseup", (event) => {
    if (pointer !== "mouse" || !box.checked || event.detail > 2) return;
    const found = selected();
    if (found) mark(found);
  });
  document.addEventListener("selectionchange", () => {
    bar.hidden = selected() === null || (pointer === "mouse" && box.checked);
  });
  bar.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  bar.addEventListener("click", () => {
    const found = selected();
    if (found) mark(found);
  });
}

listenToSelecting();

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
