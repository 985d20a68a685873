// A dashboard's chart as one that answers: what is pointed at is named, a long time can be narrowed, a bar opens its records.
// It is drawn from the table below it, which says the same in numbers; without script the page's own drawing stays.
import { BarChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import type { ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

// On a canvas, and with words drawn on it: elements with styles of their own are not allowed here.
use([BarChart, CanvasRenderer, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent]);

const LONG = 24; // columns of time that are seen at once; a slider moves them, so that a wheel or a finger scrolls the page

interface Row {
  name: string;
  now: number;
  other: number | null;
  said: string; // as the table says it
  otherSaid: string;
  records: string; // address
  hot: boolean;
}

// `still`: the page's own drawing, which has a bar for each row.
function rows(still: HTMLElement): Row[] {
  const bars = still.querySelectorAll("li rect");
  return Array.from(document.querySelectorAll<HTMLTableRowElement>("table.figures tbody tr"), (tr, n) => {
    const cells = Array.from(tr.cells, (cell) => (cell.textContent ?? "").trim());
    const other = tr.dataset.other === undefined ? null : Number(tr.dataset.other);
    return {
      name: cells[0] ?? "", now: Number(tr.dataset.now ?? NaN), other, said: cells[1] ?? "",
      otherSaid: other === null ? "" : (cells[cells.length - 2] ?? ""), records: tr.cells[1]?.querySelector("a")?.href ?? "",
      hot: bars[n]?.classList.contains("c-seal") ?? false,
    };
  }).filter((row) => !Number.isNaN(row.now)); // the last is of all, and of some there is nothing to divide by
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function options(found: readonly Row[], upright: boolean, beside: string, width: number): Record<string, unknown> {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125;
  const text = { color: token("ink-2"), fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
  const now = document.querySelector("table.figures thead th.end")?.textContent ?? "";
  const names = {
    type: "category", data: found.map((row) => row.name), inverse: !upright, axisTick: { show: false },
    axisLine: { lineStyle: { color: token("edge") } },
    axisLabel: { ...text, color: token("ink"), ...(upright ? {} : { width: Math.min(size * 14, width * 0.36), overflow: "truncate", interval: 0 }) },
  };
  const counts = { type: "value", splitLine: { lineStyle: { color: token("line") } }, axisLabel: { ...text, hideOverlap: true } };
  const compared = beside !== "" && found.some((row) => row.other !== null);
  return {
    animation: false, textStyle: text, color: [token("act"), token("edge")],
    grid: { left: 4, right: 16, top: compared ? size * 3 : 8, bottom: upright && found.length > LONG ? size * 4.5 : 4, containLabel: true },
    legend: compared ? { top: 0, left: 0, textStyle: text, itemHeight: size * 0.8 } : undefined,
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" },
      backgroundColor: token("surface"), borderColor: token("edge"), textStyle: { ...text, color: token("ink") },
      formatter: (pointed: { dataIndex: number }[]): string => {
        const row = found[pointed[0]?.dataIndex ?? -1];
        return row ? [row.name, `${now}: ${row.said}`, ...(row.otherSaid ? [`${beside}: ${row.otherSaid}`] : [])].join("\n") : "";
      },
    },
    dataZoom: upright && found.length > LONG ? [{ type: "slider", startValue: found.length - LONG, endValue: found.length - 1, height: size * 2, bottom: 4, textStyle: text, brushSelect: false, showDataShadow: false, fillerColor: token("act-soft"), borderColor: token("edge"), handleStyle: { color: token("act") }, moveHandleStyle: { color: token("act") } }] : undefined,
    xAxis: upright ? names : counts, yAxis: upright ? counts : names,
    series: [
      { type: "bar", name: now, data: found.map((row) => ({ value: row.now, ...(row.hot ? { itemStyle: { color: token("seal") } } : {}) })), barMaxWidth: 28, barMinHeight: 2 },
      ...(compared ? [{ type: "bar", name: beside, data: found.map((row) => row.other), barMaxWidth: 28 }] : []),
    ],
  };
}

function drawn(still: HTMLElement): void {
  const found = rows(still), upright = still.dataset.live === "time", beside = still.dataset.beside ?? "";
  if (!found.length) return;
  const place = document.createElement("div");
  place.className = "chart-live";
  place.setAttribute("role", "img");
  place.setAttribute("aria-labelledby", "chart");
  still.before(place);
  still.hidden = true;
  for (const words of Array.from(document.querySelectorAll<HTMLElement>("[data-still]"))) words.hidden = true;
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
  place.style.blockSize = `${upright ? em * 20 : em * (4 + found.length * 2.6)}px`;
  const chart: ECharts = init(place, null, { renderer: "canvas" });
  const draw = (): void => {
    chart.resize();
    chart.setOption(options(found, upright, beside, place.clientWidth), true);
  };
  draw();
  // The whole row or column leads there: a bar may be thinner than a finger.
  const at = (event: { offsetX: number; offsetY: number }): Row | undefined => {
    const point = [event.offsetX, event.offsetY];
    if (!chart.containPixel("grid", point)) return undefined;
    const place = chart.convertFromPixel({ seriesIndex: 0 }, point) as number[];
    return found[Math.round(place[upright ? 0 : 1] ?? -1)];
  };
  chart.getZr().on("mousemove", (event) => chart.getZr().setCursorStyle(at(event)?.records ? "pointer" : "default"));
  chart.getZr().on("click", (event) => {
    const row = at(event);
    if (row?.records) window.location.assign(row.records);
  });
  new ResizeObserver(draw).observe(place);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", draw);
}

for (const still of Array.from(document.querySelectorAll<HTMLElement>("[data-live]"))) drawn(still);
