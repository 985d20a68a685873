// Going through the places of a case by single keys: next, previous, hide, keep, all of a kind, undo. Every key presses a
// button that is on the page; without script the buttons do the same.

const KEPT = "yuntiao-single-keys"; // the cockpit's switch is the same one
const TYPING = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select";
const places = (): HTMLFormElement[] => Array.from(document.querySelectorAll<HTMLFormElement>(".place-form[data-undecided]"));
const hide = (form: HTMLFormElement | undefined): HTMLButtonElement | null => form?.querySelector<HTMLButtonElement>("button[value=hidden]") ?? null;

function on(): boolean {
  try {
    return window.localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

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
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || !on()) return;
  if ((event.target as HTMLElement).closest(TYPING)) return;
  const typed = event.key.toLowerCase();
  if (typed === "j" || typed === "k") go(typed === "j" ? 1 : -1);
  else {
    const button = KEYS[typed]?.();
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});

const sheet = document.getElementById("keys");
const chosen = document.getElementById("keys-on") as HTMLInputElement | null;
if (sheet && chosen) {
  sheet.hidden = false;
  chosen.checked = on();
  chosen.addEventListener("change", () => {
    try {
      window.localStorage.setItem(KEPT, chosen.checked ? "on" : "off");
    } catch {
      // A private window keeps nothing.
    }
  });
}

// Who came here from a decision goes on at the next place without reaching for it.
if (location.hash.startsWith("#p-")) hide(document.querySelector<HTMLFormElement>(".places > li:target > .place-form[data-undecided]") ?? undefined)?.focus();

export {};
