// The big screen: takes its token out of the address, then looks every few seconds and draws what it was told. It is made
// to run for weeks: one request at a time, two charts that are drawn again, and nothing that is added each time.
import { BarChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import type { ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CanvasRenderer, GridComponent]);

const LONGEST = 10_000; // ms a look may take
const MOST_REST = 60_000; // ms between tries while nothing answers
const OLD = 30_000; // ms after which the figures are called old

interface Named { name: string; count: number }
interface Day { name: string; received: number; handled: number }
interface Place extends Named { code: string; heat: number }
interface Spot { name: string; said: string; course: string }
interface Told {
  at: string; alarm: boolean; version: string; figures: Record<string, string>;
  channels: Named[]; days: Day[]; places: Place[]; spots: Spot[];
}

// ------------------------------------------------------------ the token

// Behind the "#" it was sent to nobody. It leaves the address bar before anything else is asked for.
const entering = document.querySelector<HTMLFormElement>("form[data-screen-enter]");
const brought = location.hash.slice(1);
if (brought) history.replaceState(null, "", location.pathname + location.search);
if (entering && brought) {
  const field = entering.querySelector<HTMLInputElement>("[name=token]");
  if (field) field.value = brought;
  entering.submit();
}

// ------------------------------------------------------------ drawing

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function items(list: Element, count: number): HTMLElement[] {
  while (list.children.length > count) list.lastElementChild?.remove();
  while (list.children.length < count) list.append(document.createElement("li"));
  return Array.from(list.children) as HTMLElement[];
}

function said(item: HTMLElement, parts: readonly [tag: string, text: string, css?: string][]): void {
  if (item.children.length !== parts.length || parts.some(([tag], n) => item.children[n]?.localName !== tag)) {
    item.replaceChildren(...parts.map(([tag], n) => (n ? [" ", document.createElement(tag)] : [document.createElement(tag)])).flat());
  }
  parts.forEach(([, text, css], n) => {
    const part = item.children[n];
    if (!part) return;
    if (part.textContent !== text) part.textContent = text;
    if (css) part.className = css;
  });
}

class Wall {
  private readonly charts = new Map<string, ECharts>();
  private last: Told | null = null;

  constructor(private readonly place: HTMLElement) {
    for (const one of Array.from(place.querySelectorAll<HTMLElement>("[data-chart]"))) {
      one.hidden = false;
      one.setAttribute("role", "img");
      one.setAttribute("aria-labelledby", `wall-${one.dataset.chart ?? ""}`);
      this.list(one.dataset.chart ?? "")?.classList.add("vh"); // the same in numbers, for who does not see it
      this.charts.set(one.dataset.chart ?? "", init(one, null, { renderer: "canvas" }));
    }
    const again = (): void => {
      for (const chart of Array.from(this.charts.values())) chart.resize();
      if (this.last) this.drawn(this.last);
    };
    new ResizeObserver(again).observe(place);
    for (const wish of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
      window.matchMedia(wish).addEventListener?.("change", again);
    }
  }

  private list(name: string): HTMLElement | null {
    return this.place.querySelector<HTMLElement>(`[data-list="${name}"]`);
  }

  shows(told: Told): void {
    this.last = told;
    for (const one of Array.from(this.place.querySelectorAll<HTMLElement>("[data-figure]"))) {
      const text = one.dataset.figure === "at" ? told.at : told.figures[one.dataset.figure ?? ""];
      if (text !== undefined && one.textContent !== text) one.textContent = text;
    }
    const alarm = this.place.querySelector<HTMLElement>("[data-alarm]");
    if (alarm) alarm.dataset.alarm = told.alarm ? "yes" : "";
    const channels = this.list("channels"), days = this.list("days"), places = this.list("places"), spots = this.list("spots");
    if (channels) items(channels, told.channels.length).forEach((item, n) => said(item, [["span", told.channels[n]?.name ?? ""], ["b", String(told.channels[n]?.count ?? ""), "num"]]));
    if (days) items(days, told.days.length).forEach((item, n) => said(item, [["span", told.days[n]?.name ?? ""], ["b", `${told.days[n]?.received ?? 0} / ${told.days[n]?.handled ?? 0}`, "num"]]));
    if (places) {
      items(places, told.places.length).forEach((item, n) => {
        item.dataset.heat = String(told.places[n]?.heat ?? 0);
        said(item, [["b", told.places[n]?.name ?? ""], ["span", String(told.places[n]?.count ?? ""), "num"]]);
      });
    }
    if (spots) items(spots, told.spots.length).forEach((item, n) => said(item, [["b", told.spots[n]?.name ?? ""], ["span", [told.spots[n]?.said, told.spots[n]?.course].filter(Boolean).join(" · ")]]));
    for (const none of Array.from(this.place.querySelectorAll<HTMLElement>("[data-none]"))) {
      none.hidden = (none.dataset.none === "channels" ? told.channels : told.spots).length > 0;
    }
    const known = new Map(told.places.map((one) => [one.code, one]));
    const heat = (area: SVGElement): number => known.get(area.dataset.place ?? "")?.heat ?? 0;
    for (const area of Array.from(this.place.querySelectorAll<SVGElement>("[data-place]")).sort((a, b) => heat(b) - heat(a))) {
      area.setAttribute("class", `h-${heat(area)}`);
      area.parentNode?.prepend(area); // no neighbour covers the edge of one with more
    }
    for (const count of Array.from(this.place.querySelectorAll<SVGElement>("[data-count]"))) {
      count.textContent = String(known.get(count.dataset.count ?? "")?.count ?? "");
    }
    this.labelled(known);
    this.drawn(told);
  }

  /** Of labels that would lie upon each other the one of the most complaints stays; the list says all. */
  private labelled(known: Map<string, Place>): void {
    const count = (one: SVGElement): number => known.get(one.dataset.label ?? "")?.count ?? -1;
    const labels = Array.from(this.place.querySelectorAll<SVGElement>("[data-label]")).sort((a, b) => count(b) - count(a));
    const taken: DOMRect[] = [];
    for (const label of labels) {
      const box = label.getBoundingClientRect();
      const free = taken.every((one) => box.right <= one.left || one.right <= box.left || box.bottom <= one.top || one.bottom <= box.top);
      label.setAttribute("visibility", free ? "visible" : "hidden");
      if (free) taken.push(box);
    }
  }

  private drawn(told: Told): void {
    const size = parseFloat(getComputedStyle(this.place).fontSize) * 0.8;
    const text = { color: token("ink"), fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
    const axis = { axisTick: { show: false }, axisLine: { lineStyle: { color: token("edge") } } };
    const grid = { left: 4, right: size * 3, top: size * 1.2, bottom: 4, containLabel: true };
    const label = { show: true, color: token("ink"), fontSize: size, fontFamily: text.fontFamily };
    this.charts.get("channels")?.setOption({
      animation: false, textStyle: text, grid,
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", inverse: true, data: told.channels.map((one) => one.name), ...axis, axisLabel: { ...text, interval: 0 } },
      series: [{ type: "bar", data: told.channels.map((one) => one.count), barMaxWidth: size * 1.8, itemStyle: { color: token("act") }, label: { ...label, position: "right" } }],
    }, true);
    const bars = (name: "received" | "handled", color: string): Record<string, unknown> => ({
      type: "bar", name, data: told.days.map((one) => one[name]), itemStyle: { color: token(color) }, barGap: "10%",
    });
    this.charts.get("days")?.setOption({
      animation: false, textStyle: text, grid: { ...grid, right: 4 },
      xAxis: { type: "category", data: told.days.map((one) => one.name), ...axis, axisLabel: { ...text, hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: token("line") } }, axisLabel: { ...text, color: token("ink-2") } },
      series: [bars("received", "act"), bars("handled", "consumer")],
    }, true);
  }

  // Everything goes: what a screen no longer may show it does not go on showing.
  over(text: string): void {
    for (const chart of Array.from(this.charts.values())) chart.dispose();
    this.charts.clear();
    const told = document.createElement("p");
    told.className = "wall-over";
    told.setAttribute("role", "alert");
    told.textContent = text;
    this.place.replaceChildren(told);
  }

  old(text: string): void {
    const state = this.place.querySelector<HTMLElement>("[data-state]");
    if (!state) return;
    state.dataset.state = text ? "old" : "";
    const at = this.last?.at ?? state.textContent ?? "";
    if (text) state.textContent = text.replace("{at}", at);
    else if (!state.querySelector("[data-figure]")) {
      const figure = document.createElement("span");
      figure.dataset.figure = "at";
      figure.textContent = at;
      state.replaceChildren(figure);
    }
  }
}

// ------------------------------------------------------------ looking

async function look(address: string): Promise<Told | string> {
  const stopped = new AbortController();
  const timer = setTimeout(() => stopped.abort(), LONGEST);
  try {
    const answer = await fetch(address, { signal: stopped.signal, cache: "no-store", headers: { Accept: "application/json" } });
    if (answer.status === 401) return String(((await answer.json()) as { over?: string }).over ?? "");
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()) as Told;
  } finally {
    clearTimeout(timer);
  }
}

function keep(place: HTMLElement): void {
  const wall = new Wall(place), every = Number(place.dataset.every) * 1000;
  let rest = every, good = Date.now();
  const again = async (): Promise<void> => {
    try {
      const told = await look(place.dataset.screen ?? "");
      if (typeof told === "string") {
        wall.over(told);
        return;
      }
      if (told.version !== place.dataset.version) { // a new edition of the program: of its page too
        location.reload();
        return;
      }
      wall.old("");
      wall.shows(told);
      good = Date.now();
      rest = every;
    } catch {
      rest = Math.min(MOST_REST, rest * 1.5);
    }
    if (Date.now() - good > OLD) wall.old(place.dataset.old ?? "");
    setTimeout(() => void again(), rest);
  };
  void again();
}

const wall = document.querySelector<HTMLElement>("[data-screen]");
if (wall) keep(wall);
