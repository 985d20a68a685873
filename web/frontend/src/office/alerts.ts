// Alerts wherever a mediator is: a sound, the title, a toast that moves nothing, the browser's own notification, the bell with
// its history. And pages that stay up to date: parts marked `data-live` are fetched anew when their record changed.

import { audioContext, play } from "../tones";

interface Alert {
  id: string;
  kind: string;
  text: string;
  outside: string;
  path: string;
  at: string;
  fresh?: boolean;
}

interface News {
  alert?: Alert;
  changed?: { session: string };
}

const bell = document.querySelector<HTMLDetailsElement>("[data-alerts]");
const aside = document.body.hasAttribute("data-alerts-aside"); // a live room: nothing leads away from it
const QUIET = "yuntiao.alerts.quiet";
const SOUNDED = "yuntiao.alerts.sounded";
const TOAST_LASTS = 8000;
const AGAIN_AFTER = 3000;

// ---------------------------------------------------------------- what is kept in this browser

function kept(name: string): string {
  try { return window.localStorage.getItem(name) ?? ""; } catch { return ""; }
}

function keep(name: string, value: string): void {
  try { window.localStorage.setItem(name, value); } catch { /* a browser that keeps nothing: this page only */ }
}

let quiet = kept(QUIET) === "yes";

// ---------------------------------------------------------------- sound

// Two soft notes. Until the page was pressed in once a browser may stay silent: title and notification say it too.
async function sound(id: string): Promise<void> {
  if (quiet || kept(SOUNDED) === id) return; // another window has just played it
  keep(SOUNDED, id);
  const context = audioContext();
  if (!context) return;
  try { await context.resume(); } catch { return; }
  play(context, { pitches: [660, 880], apart: 0.16, lasts: 0.3, volume: 0.06 });
}

document.addEventListener("pointerdown", () => { if (!quiet) void audioContext()?.resume().catch(() => undefined); }, { once: true }); // Safari lets only a press begin it

// ---------------------------------------------------------------- title and notification

const title = document.title;
let unseen = 0;

function looked(): void {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
}

document.addEventListener("visibilitychange", looked);
window.addEventListener("focus", looked);

function outside(alert: Alert): void {
  if (!document.hidden && document.hasFocus()) return;
  unseen += 1;
  document.title = `(${unseen}) ${alert.text}`;
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(alert.outside, { tag: alert.id });
    shown.onclick = () => {
      window.focus();
      if (!aside) window.location.assign(alert.path);
      shown.close();
    };
  } catch { /* phones want a service worker for it: the title has it */ }
}

function leads(link: HTMLAnchorElement, alert: Alert): void {
  link.href = alert.path;
  link.textContent = alert.text;
  if (!aside) return;
  link.target = "_blank";
  link.rel = "noopener";
}

// ---------------------------------------------------------------- toast

function toast(alert: Alert): void {
  const toasts = document.querySelector<HTMLElement>("[data-toasts]");
  if (!toasts || document.hidden || alert.path === window.location.pathname) return; // the room shows its own
  const shown = document.createElement("p");
  shown.className = "toast";
  const link = document.createElement("a");
  leads(link, alert);
  shown.append(link);
  toasts.append(shown);
  window.setTimeout(() => shown.remove(), TOAST_LASTS);
}

// ---------------------------------------------------------------- the bell

const part = <E extends HTMLElement>(name: string): E | null => bell?.querySelector<E>(`[data-${name}]`) ?? null;
let fresh = 0;

function counted(): void {
  const count = part("count");
  if (!count) return;
  count.hidden = fresh === 0;
  count.textContent = String(fresh);
}

function entered(alert: Alert): HTMLLIElement {
  const row = document.createElement("li");
  const link = document.createElement("a");
  const when = document.createElement("time");
  row.dataset.alert = alert.id;
  if (alert.fresh) row.dataset.fresh = "";
  leads(link, alert);
  when.className = "meta num";
  when.dateTime = alert.at;
  when.textContent = new Date(alert.at).toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  row.append(link, " ", when);
  return row;
}

// What the socket told while the history was on its way may be missing there.
const meanwhile = new Map<string, Alert>();
let filled = false;

async function fill(): Promise<void> {
  const list = part("history");
  if (!bell || !list) return;
  filled = true;
  meanwhile.clear();
  const answer = await fetch(bell.dataset.list ?? "", { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const { alerts } = (await answer.json()) as { alerts: Alert[] };
  for (const one of alerts) meanwhile.delete(one.id);
  alerts.unshift(...Array.from(meanwhile.values()).reverse());
  list.replaceChildren(...alerts.map(entered));
  fresh = alerts.filter((one) => one.fresh).length;
  const none = part("none");
  if (none) none.hidden = alerts.length > 0;
  counted();
}

function asked(): void {
  const possible = typeof Notification !== "undefined";
  const ask = part("ask");
  const denied = part("denied");
  if (ask) ask.hidden = !possible || Notification.permission !== "default";
  if (denied) denied.hidden = !possible || Notification.permission !== "denied";
}

function sounding(): void {
  const button = part<HTMLButtonElement>("sound");
  button?.setAttribute("aria-pressed", String(!quiet));
  const [on, off] = [part("on"), part("off")];
  if (on) on.hidden = quiet;
  if (off) off.hidden = !quiet;
}

if (bell) {
  bell.hidden = false;
  asked();
  sounding();
  part("sound")?.addEventListener("click", () => {
    quiet = !quiet;
    keep(QUIET, quiet ? "yes" : "");
    sounding();
  });
  part("ask")?.querySelector("button")?.addEventListener("click", () => void Notification.requestPermission().then(asked));
  bell.addEventListener("toggle", () => {
    if (!bell.open || fresh === 0) return;
    const csrf = bell.querySelector<HTMLInputElement>("input[name=csrf]");
    void fetch(bell.dataset.read ?? "", { method: "POST", body: new URLSearchParams({ csrf: csrf?.value ?? "" }), redirect: "manual" });
    fresh = 0;
    counted();
  });
}

// ---------------------------------------------------------------- pages that stay up to date

const SOON = 400;
const DESK_AGAIN = 5000; // an import changes a desk a thousand times
let waiting = 0;
let renewed = 0;

function changed(session: string): void {
  const head = document.querySelector<HTMLElement>("[data-live-of]");
  if (head && head.dataset.liveOf !== session) return;
  if (!document.querySelector("[data-live]") || waiting) return;
  waiting = window.setTimeout(() => {
    waiting = 0;
    renewed = Date.now();
    void renew();
  }, Math.max(SOON, head ? 0 : renewed + DESK_AGAIN - Date.now()));
}

// What somebody types into, or has opened, stays as it is until they are done with it.
function busy(part: Element): boolean {
  const focused = document.activeElement;
  const typing = focused !== null && part.contains(focused) && focused.matches("input:not([readonly]), textarea, select");
  return typing || part.querySelector("dialog[open], details[open]") !== null;
}

async function renew(): Promise<void> {
  const answer = await fetch(window.location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of Array.from(document.querySelectorAll<HTMLElement>("[data-live][id]"))) {
    const now = page.getElementById(old.id);
    if (!now || busy(old) || (now.textContent === old.textContent && now.querySelectorAll("form").length === old.querySelectorAll("form").length)) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const index = focused ? Array.from(old.querySelectorAll("a, button")).indexOf(focused) : -1;
    old.replaceChildren(...Array.from(now.childNodes));
    if (index >= 0) Array.from(old.querySelectorAll<HTMLElement>("a, button"))[index]?.focus({ preventScroll: true });
  }
}

// ---------------------------------------------------------------- the socket

let active = Date.now();
for (const kind of ["pointerdown", "keydown", "focus"]) window.addEventListener(kind, () => { active = Date.now(); });

// Being told is no sign that somebody is there: who has left for longer than they stay signed in is not kept signed in by it.
function away(): boolean {
  return Date.now() - active > Number(bell?.dataset.idle ?? "0") * 1000;
}

function heard(news: News): void {
  if (news.alert) {
    const alert = { ...news.alert, fresh: true };
    void sound(alert.id);
    outside(alert);
    if (bell) {
      toast(alert);
      meanwhile.set(alert.id, alert);
      if (part("history")?.querySelector(`[data-alert="${CSS.escape(alert.id)}"]`)) return; // told by the history just before
      fresh += 1;
      counted();
      part("history")?.prepend(entered(alert));
      const none = part("none");
      if (none) none.hidden = true;
    }
  }
  if (news.changed && !away()) changed(news.changed.session);
}

function connect(before: boolean): void {
  const socket = new WebSocket(`${window.location.protocol === "https:" ? "wss" : "ws"}://${window.location.host}${bell?.dataset.socket ?? ""}`);
  socket.onopen = () => {
    bell?.setAttribute("data-connected", "");
    void fill(); // only now: what happens before the socket is open nobody tells, but for the history
    if (!before) return;
    changed(document.querySelector<HTMLElement>("[data-live-of]")?.dataset.liveOf ?? "");
  };
  socket.onmessage = (event) => heard(JSON.parse(String(event.data)) as News);
  socket.onclose = () => {
    bell?.removeAttribute("data-connected");
    if (!filled) void fill();
    const again = (): void => { if (away()) window.setTimeout(again, AGAIN_AFTER); else connect(true); };
    window.setTimeout(again, AGAIN_AFTER);
  };
}

if (bell) connect(false);
