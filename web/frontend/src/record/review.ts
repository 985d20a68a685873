// A review beside the recording: steps are sent without leaving it, what is being typed is kept, moments are taken from
// the player. Without script every form goes the plain way.
import { sendInPlace } from "./in_place";
import { mmss } from "./reel";
import { keys, shown } from "./review_keys";

const PAUSE_MS = 700; // after the last key
const KEPT_FIELDS = 20; // in one request

const work = (): HTMLElement | null => document.getElementById("work");
const at = (): number => Number((document.getElementById("scrub") as HTMLInputElement | null)?.value ?? 0);

let waiting: Record<string, string> = {};
let timer = 0;

function remember(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): void {
  const name = field.dataset.keep;
  if (!name) return;
  waiting[name] = field.value;
  clearTimeout(timer);
  timer = window.setTimeout(() => void keep(), PAUSE_MS);
}

// What could not be kept just now is tried again with the next key.
async function keep(): Promise<void> {
  const address = work()?.dataset.draft;
  const token = work()?.querySelector<HTMLInputElement>("input[name=csrf]")?.value;
  const some = Object.entries(waiting).slice(0, KEPT_FIELDS);
  if (!address || !token || some.length === 0) return;
  waiting = {};
  const body = new URLSearchParams([["csrf", token], ...some]);
  try {
    const answer = await fetch(address, { method: "POST", body, credentials: "same-origin", keepalive: true });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    waiting = { ...Object.fromEntries(some), ...waiting };
  }
}

function takeMoments(): void {
  for (const button of Array.from(document.querySelectorAll<HTMLButtonElement>("[data-moment]"))) button.hidden = false;
}

document.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.dataset?.keep) remember(field);
});

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("[data-moment]");
  const field = button && (document.getElementById(button.dataset.moment ?? "") as HTMLInputElement | null);
  if (!field) return;
  const moment = button?.dataset.at ?? mmss(at());
  if (!field.value.split(/\s+/).includes(moment)) field.value = `${field.value.trim()} ${moment}`.trim();
  field.closest("details")?.setAttribute("open", "");
  remember(field);
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-review]")) return;
  event.preventDefault();
  void send(form);
});

window.addEventListener("pagehide", () => void keep());

function send(form: HTMLFormElement): Promise<void> {
  const sent = form.dataset.key ?? "";
  return sendInPlace(
    form, "work",
    (placed, page) => {
      const heading = page.querySelector("h1")?.childNodes ?? [];
      document.querySelector("h1")?.replaceChildren(...Array.from(heading, (node) => document.importNode(node, true)));
      takeMoments();
      shown();
      focusAfter(placed, sent);
    },
    async () => {
      clearTimeout(timer);
      for (const name of Object.keys(waiting)) if (sent && name.startsWith(`${sent}.`)) delete waiting[name];
      await keep();
    },
  );
}

// To what is wrong; else to the finding that a no asks for; else to the next thing without an answer; else to where the
// step was made.
function focusAfter(placed: HTMLElement, sent: string): void {
  const wrong = placed.querySelector<HTMLElement>("[role=alert], [aria-invalid=true]");
  const next = placed.querySelector<HTMLElement>(".check-item details[open] summary");
  const same = sent ? placed.querySelector<HTMLElement>(`#item-${CSS.escape(sent)} summary`) : null;
  const text = sent === "finding" ? placed.querySelector<HTMLElement>("#finding-text") : null;
  (wrong ?? begun(placed, sent) ?? next ?? text ?? same)?.focus();
}

// A finding about what was just answered with no, resting on the same; nothing that is typed there already is touched.
function begun(placed: HTMLElement, item: string): HTMLElement | null {
  const asking = item ? placed.querySelector<HTMLElement>(`#item-${CSS.escape(item)}[data-asks-finding]`) : null;
  const form = placed.querySelector<HTMLFormElement>("form[data-key=finding]");
  const value = (name: string): HTMLInputElement | null => form?.querySelector(`[name=${name}]`) ?? null;
  const about = value("item"), text = value("text"), moments = value("moments"), entry = value("entry");
  if (!asking || !about || !moments || !entry || text?.value || moments.value || entry.value) return null;
  about.value = item;
  moments.value = Array.from(asking.querySelectorAll(".evidence .num"), (one) => one.textContent.trim()).join(" ");
  entry.value = asking.querySelector<HTMLInputElement>("input[name^=entry_]:checked")?.name.slice("entry_".length) ?? "";
  return value("severity");
}

takeMoments();
keys();
