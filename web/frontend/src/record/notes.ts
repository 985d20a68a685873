// Notes beside a record: the moment is filled in from the player, and a note is sent without leaving it.
import { sendInPlace } from "./in_place";
import { mmss } from "./reel";

export function notes(at: () => number): void {
  document.addEventListener("focusin", (event) => {
    const text = event.target as Element;
    if (!(text instanceof HTMLTextAreaElement) || text.value || !text.closest(".note-form")) return;
    const moment = text.form?.querySelector<HTMLInputElement>("input[name=at]");
    if (moment && at() > 0) moment.value = mmss(at());
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches(".note-form")) return;
    event.preventDefault();
    void sendInPlace(form, "notes", (placed) => {
      const wrong = placed.querySelector<HTMLElement>("[aria-invalid=true]");
      (wrong ?? placed.querySelector<HTMLElement>("#note-new"))?.focus();
    });
  });
}
