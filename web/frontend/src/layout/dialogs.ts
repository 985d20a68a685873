// Dialogs: the browser's own, modal, Esc closes, focus returns to the button.
// Heard at the document, as copying is: parts of a page are drawn anew while it is open.
import { all } from "./all";

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = event.target.closest<HTMLElement>("[data-open]");
  if (opener) {
    event.preventDefault();
    (document.getElementById(opener.dataset.open ?? "") as HTMLDialogElement).showModal();
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});

// What was refused comes back with its dialog open where it is written, far below what is seen: it is laid over the page
// again, and the field that is wrong is the one that is read out.
for (const dialog of all<HTMLDialogElement>("dialog[open]:not(.help-part)")) {
  const wrong = dialog.querySelector(".error[id]");
  const field = wrong?.parentElement?.querySelector<HTMLElement>("input, select, textarea");
  dialog.removeAttribute("open");
  dialog.showModal();
  if (!wrong || !field) continue;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", wrong.id);
  field.focus();
}
