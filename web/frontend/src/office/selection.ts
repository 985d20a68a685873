// Several complaints of a page of the list: how many are chosen, all of them at once, and the boxes by keyboard. Without
// script every box and button works as it is.

const bar = document.querySelector<HTMLFormElement>("#selection");
const boxes = Array.from(document.querySelectorAll<HTMLInputElement>("input[name=of][form=selection]"));
const all = bar?.querySelector<HTMLInputElement>("[data-all] input");

function count(): void {
  const chosen = boxes.filter((one) => one.checked).length;
  const said = bar!.querySelector<HTMLElement>("[data-chosen]")!;
  const text = (said.dataset.chosen ?? "").replace("%", String(chosen));
  if (said.textContent !== text) said.textContent = text; // a live region says each change once
  all!.checked = chosen === boxes.length;
  all!.indeterminate = chosen > 0 && chosen < boxes.length;
  bar!.dataset.any = chosen ? "yes" : "no";
}

function choose(some: HTMLInputElement[], on: boolean): void {
  for (const one of some) one.checked = on;
  count();
}

let last = 0; // the box a range begins at

function upTo(at: number): void {
  choose(boxes.slice(Math.min(last, at), Math.max(last, at) + 1), boxes[at]!.checked);
}

function pressed(event: KeyboardEvent): void {
  const at = boxes.indexOf(event.target as HTMLInputElement);
  if (at < 0 || event.isComposing || event.altKey) return;
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step && !event.ctrlKey && !event.metaKey) {
    const next = boxes[at + step];
    if (next && event.shiftKey) {
      last = at;
      next.checked = boxes[at]!.checked;
      upTo(at + step);
    }
    next?.focus();
  } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    choose(boxes, true);
  } else if (event.key === "Escape" && boxes.some((one) => one.checked)) {
    choose(boxes, false);
  } else {
    return;
  }
  event.preventDefault();
}

if (bar && all && boxes.length) {
  bar.querySelector<HTMLElement>("[data-all]")!.hidden = false;
  all.addEventListener("change", () => choose(boxes, all.checked));
  boxes.forEach((box, at) => {
    box.addEventListener("click", (event) => {
      if (event.shiftKey) upTo(at);
      last = at;
      count();
    });
  });
  document.addEventListener("keydown", pressed);
  addEventListener("pageshow", count); // boxes a browser ticks again when one comes back
  count();
}

export {};
