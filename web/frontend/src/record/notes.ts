// Notes beside a record: the moment is filled in from the player, and a note is sent without leaving it.
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
    void send(form);
  });
}

// The answer is the whole page as it is then; only the notes of it are taken. Whatever fails is sent the plain way.
async function send(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams();
    new FormData(form).forEach((value, name) => body.append(name, String(value)));
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("notes");
    if (!fresh) throw new Error("no notes in the answer");
    const placed = document.importNode(fresh, true);
    document.getElementById("notes")?.replaceWith(placed);
    const wrong = placed.querySelector<HTMLElement>("[aria-invalid=true]");
    (wrong ?? placed.querySelector<HTMLElement>("#note-new"))?.focus();
  } catch {
    button?.removeAttribute("aria-busy");
    form.submit();
  }
}
