// Forms: choices, large type, suggestions, and that each is sent once.
import { all } from "./all";

// Choice cards: the card follows its radio; a choice may reveal the fields that only it needs.
function followChoices(): void {
  for (const input of all<HTMLInputElement>(".choice input")) {
    input.closest(".choice")?.classList.toggle("choice-on", input.checked);
    if (input.dataset.reveal) (document.getElementById(input.dataset.reveal) as HTMLElement).hidden = !input.checked;
  }
}
document.addEventListener("change", followChoices);
followChoices();

// Large type without leaving the page; the server keeps the choice in a cookie.
for (const form of all<HTMLFormElement>("form[data-large]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const large = document.documentElement.dataset.type !== "large";
    const body = new FormData(form);
    body.set("type", large ? "large" : "normal");
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => undefined);
    document.documentElement.dataset.type = large ? "large" : "";
    if (!button) return;
    button.setAttribute("aria-pressed", String(large));
    button.value = large ? "normal" : "large";
  });
}

// A form is sent once: while its answer is on its way a second press is none. What only hands out a file leaves the page
// as it is, and may be pressed again some seconds later. Heard last, so that what is sent in another way is not counted.
const AGAIN_AFTER = 8000; // milliseconds
const sent = new Set<HTMLFormElement>();
function ended(form: HTMLFormElement): void {
  sent.delete(form);
  for (const button of all("[aria-busy=true]", form)) button.removeAttribute("aria-busy");
}
addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  setTimeout(ended, AGAIN_AFTER, form);
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", (event) => {
  if (event.persisted) all<HTMLFormElement>("form").forEach(ended);
});

// A field whose list is too long to send along: what fits is asked for while somebody types.
for (const input of all<HTMLInputElement>("input[data-suggest]")) {
  let waiting: number | undefined;
  const ask = async () => {
    const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`).catch(() => null);
    if (!answer?.ok) return;
    const found = (await answer.json()) as [string, string][];
    const options = found.map(([code, whole]) => Object.assign(document.createElement("option"), { value: whole, textContent: code }));
    input.list?.replaceChildren(...options);
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(ask, 200);
  });
}
