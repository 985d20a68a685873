// What a page does by the clock.
import { all } from "./all";

// A button that may be pressed again after some seconds counts them down.
for (const button of all<HTMLButtonElement>("button[data-wait]")) {
  const left = button.querySelector<HTMLElement>("[data-left]");
  const ready = button.querySelector<HTMLElement>("[data-ready]");
  const number = left?.querySelector(".num");
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    button.disabled = seconds > 0;
    if (left) left.hidden = seconds <= 0;
    if (ready) ready.hidden = seconds > 0;
    if (number) number.textContent = String(Math.max(0, seconds));
    if (seconds > 0) setTimeout(tick, 250);
  };
  tick();
}

// What ends by itself says so two minutes before, and again when it has ended; more time is asked for where there is some.
const WARNED = 120_000; // milliseconds before the end
const LONGEST = 2 ** 30; // of a timer, in milliseconds
for (const place of all("[data-ends]")) {
  const key = `yuntiao-ends-${place.dataset.name}`;
  const lasts = Number(place.dataset.ends) * 1000;
  const before = place.querySelector<HTMLElement>("[data-before]");
  const after = place.querySelector<HTMLElement>("[data-after]");
  let ends = kept(key);
  let timer: number | undefined;
  const begin = () => {
    ends = Date.now() + lasts;
    keep(key, ends);
  };
  const look = () => {
    clearTimeout(timer);
    const left = ends - Date.now();
    if (!ends) return;
    place.hidden = left > WARNED;
    if (before) before.hidden = left <= 0;
    if (after) after.hidden = left > 0;
    if (left > 0) timer = window.setTimeout(look, Math.min(left > WARNED ? left - WARNED : left, LONGEST) + 50);
  };
  if (place.hasAttribute("data-fresh")) begin();
  look();
  // A page that was asleep finds out when it is looked at again.
  document.addEventListener("visibilitychange", look);
  place.querySelector("[data-more]")?.addEventListener("click", async () => {
    const answer = await fetch(place.dataset.alive ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    begin();
    look();
  });
}

// A private window may keep nothing.
function kept(key: string): number {
  try {
    return Number(sessionStorage.getItem(key)) || 0;
  } catch {
    return 0;
  }
}

function keep(key: string, value: number): void {
  try {
    sessionStorage.setItem(key, String(value));
  } catch {
    // it holds for this page
  }
}

// Somebody else has to do something first: once it is done, the page has what `data-until` names, and is shown anew.
const LOOKED_AGAIN = 4000; // milliseconds
for (const place of all("[data-until]")) {
  const look = async () => {
    const answer = document.hidden ? null : await fetch(location.href, { cache: "no-store" }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page && (answer.redirected || page.querySelector(place.dataset.until ?? ""))) location.reload();
    else setTimeout(look, LOOKED_AGAIN);
  };
  setTimeout(look, LOOKED_AGAIN);
}
