// The record of a mediation: composition only. Without script the page still plays, lists and jumps.
import { Chart } from "./chart";
import { notes } from "./notes";
import { Player } from "./player";
import { order, type Recording } from "./reel";
import { transcript } from "./transcript";
import { chord, listening, switchShortcuts } from "../shortcuts";
import { speak } from "../words";

interface Page {
  language: string;
  zone: string;
  words: Record<string, string>;
  at: number;
  who: string;
  player: Recording;
}

const page = JSON.parse(document.getElementById("page-data")?.textContent ?? "{}") as Page;
speak(page.language, page.words, page.zone);

const locale = page.language === "zh" ? "zh-CN" : "en-GB";
const clock = new Intl.DateTimeFormat(locale, { timeZone: page.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const stamp = new Intl.DateTimeFormat(locale, {
  timeZone: page.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

const chart = new Chart((at) => player.seek(at));
const lines = transcript();
const player = new Player(page.player, (at) => clock.format(at), (at) => (chart.at(at), lines(at)));
player.show(page.who, page.at);
notes(() => player.at);

// Who looks stands there; when, goes with the clock.
const marks = Array.from(document.querySelectorAll<HTMLTimeElement>("time[data-now]"));
const now = (): void => {
  const at = new Date(), text = stamp.format(at);
  for (const mark of marks) [mark.dateTime, mark.textContent] = [at.toISOString(), text];
};
now();
setInterval(now, 1000);

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const target = event.target as Element;
  const who = target.closest("[data-who]"), mark = target.closest("[data-seek]");
  if (!who && !mark) return;
  event.preventDefault();
  if (who) player.show(who.getAttribute("data-who") ?? "");
  else {
    player.seek(Number(mark?.getAttribute("data-seek")));
    player.play();
    document.getElementById("player")?.scrollIntoView({ block: "nearest" });
  }
});

switchShortcuts(document.getElementById("keys"), (on) => {
  const other = document.getElementById("review-keys-on") as HTMLInputElement | null; // the same switch
  if (other) other.checked = on;
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || !listening(event)) return;
  const target = event.target as HTMLElement;
  if (event.key.startsWith("Arrow") && target.closest("[role=region], [type=radio]")) return; // it scrolls, or chooses
  const key = event.key.startsWith("Arrow") ? (event.altKey ? null : event.key) : chord(event, true);
  const wish = key === null ? null : order(key);
  if (!wish) return;
  event.preventDefault();
  switch (wish.kind) {
    case "toggle": return player.toggle();
    case "by": return player.seek(player.at + wish.seconds);
    case "frame": return player.frame(wish.way);
    case "speed": return player.faster(wish.way);
    case "captions": return player.caption();
    case "whole": return player.whole();
  }
});
