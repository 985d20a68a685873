// The picture of a session over time: phases, people, what was recorded and what is missing. SVG painted by class.
import { h, type Children, type VNode } from "../dom";
import type { Span } from "./spans";
import { phase } from "./sentences";
import type { Speech } from "./speech";
import { gathered, type Story } from "./story";

const LEFT = 130;
const RIGHT = 980;
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]; // seconds between two times on the axis
const MOST_TICKS = 9;

export function chart(story: Story, speech: Speech, causeName: (cause: string) => string): VNode | null {
  const edges = [...story.phases, ...story.people.flatMap((person) => [...person.waiting, ...person.present])];
  if (!edges.length) return null;
  const first = Math.min(...edges.map((span) => span.from));
  const last = Math.max(first + 10_000, ...edges.map((span) => span.until));
  const x = (at: number): number => round(LEFT + (RIGHT - LEFT) * Math.min(1, Math.max(0, (at - first) / (last - first))));
  const bar = (span: Span, y: number, height: number, css: string, title: string, label = ""): Children => {
    const start = x(span.from);
    const width = Math.max(1.5, round(x(span.until) - start));
    const told = `${title} ${speech.clock(span.from, true)}–${speech.clock(span.until, true)}`;
    return [
      h("rect", { class: css, x: start, y, width, height, rx: 2 }, h("title", {}, told)),
      label && width > 8 + wide(label) && h("text", { class: "inv", x: start + width / 2, y: y + height / 2 + 5, "text-anchor": "middle" }, label),
    ];
  };
  const shapes: Children[] = [];
  const row = (name: string, y: number): void => void shapes.push(h("text", { class: "strong", x: 0, y }, clipped(name)));

  row(speech.t("Phase"), 43);
  story.phases.forEach((span, i) => {
    const name = speech.list([phase(span.phase)]);
    shapes.push(bar(span, 26, 24, i % 2 ? "c-line" : "c-act", name, name));
  });
  let y = 64;
  for (const person of story.people) {
    if (!person.present.length && !person.waiting.length) continue;
    const colour = ["mediator", "consumer", "business"].includes(person.role) ? person.role : "other";
    row(person.name, y + 15);
    for (const span of person.waiting) shapes.push(bar(span, y + 8, 4, `c-${colour}-soft`, speech.t("{name} waiting", { name: person.name })));
    for (const span of person.present) shapes.push(bar(span, y, 20, `c-${colour}-soft`, speech.t("{name} in the room", { name: person.name })));
    for (const span of person.speaking) shapes.push(bar(span, y + 3, 14, `c-${colour}`, speech.t("{name} speaking", { name: person.name })));
    for (const span of person.away) shapes.push(bar(span, y - 2, 24, "s-gap", speech.t("{name} cut off", { name: person.name })));
    for (const gap of [...gathered(person.gaps), ...person.unnamed.map((span) => ({ ...span, cause: "unexplained" }))]) shapes.push(bar(gap, y + 23, 5, "c-gap", `${person.name}: ${causeName(gap.cause)}`));
    for (const span of person.recorded) shapes.push(bar(span, y + 23, 5, "c-seal", speech.t("{name} recorded", { name: person.name })));
    y += 42;
  }
  if (story.recesses.length) {
    row(speech.t("Recess"), y + 15);
    for (const span of story.recesses) shapes.push(bar(span, y, 20, "c-amber", speech.t("Recess"), speech.t("Recess")));
    y += 32;
  }
  if (story.caucuses.length) {
    row(speech.t("Private talk"), y + 15);
    for (const span of story.caucuses) {
      shapes.push(bar(span, y, 20, span.side === "consumer" ? "c-consumer" : "c-business", speech.t("Private talk"), speech.t("Private talk")));
    }
    y += 32;
  }
  const axis = y + 2;
  const step = (STEPS.find((seconds) => (last - first) / 1000 / seconds <= MOST_TICKS) ?? 14_400) * 1000;
  const ticks: Children[] = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) {
    ticks.push(
      h("path", { class: "grid", d: `M${x(at)} 20V${axis}` }),
      h("text", { x: x(at), y: axis + 18, "text-anchor": "middle" }, speech.clock(at, step < 60_000)),
    );
  }
  const label = speech.t("Picture of the session over time; the tables below say the same");
  return h("svg", { class: "chart", viewBox: `0 0 1000 ${axis + 26}`, role: "img", "aria-label": label },
    ...ticks, ...shapes, h("path", { class: "axis", d: `M${LEFT} ${axis}H${RIGHT}` }));
}

// Roughly, at 13 px: a Chinese character is square, a Latin one half.
function wide(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 13 : 7.5), 0);
}

function clipped(text: string): string {
  let out = text;
  while (wide(out) > 118) out = `${out.replace(/…$/, "").slice(0, -1)}…`;
  return out;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

