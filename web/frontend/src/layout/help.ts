// Keys, and help: Alt+H, and function keys that press the button that names them (no letters: WCAG 2.1.4).
import { chord, shortcuts, switchShortcuts } from "../shortcuts";
import { all } from "./all";

if (!shortcuts()) {
  for (const one of all("[accesskey]")) one.removeAttribute("accesskey");
  for (const line of all("[data-accesskeys]")) line.hidden = true;
}
for (const place of all("[data-single-keys]")) switchShortcuts(place);

// Not while a dialog is open.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat) return;
  if (!shortcuts() || document.querySelector("dialog[open]")) return;
  const button = all<HTMLButtonElement>("button[data-key]").find((one) => one.dataset.key === event.key && !one.disabled);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// The place of the manual that belongs to this page is laid over it, so that nothing typed and no call is lost.
async function help(): Promise<void> {
  const href = document.querySelector<HTMLLinkElement>("link[rel=help]")?.href;
  if (!href || document.querySelector("dialog[open]")) return;
  const place = new URL(href);
  place.searchParams.set("part", place.hash.slice(1));
  const answer = await fetch(place.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const read = page?.querySelector("dialog");
  if (!read) {
    window.open(href, "_blank", "noopener");
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.adoptNode(read);
  dialog.removeAttribute("open");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!(event.target instanceof Element) || !event.target.closest("[data-help]")) return;
  event.preventDefault();
  void help();
});

document.addEventListener("keydown", (event) => {
  if (chord(event) !== "h") return;
  event.preventDefault();
  void help();
});
