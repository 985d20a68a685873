// The week: a mediation is dragged to another time, or moved with the arrow keys. Either only chooses the time; the page that
// follows warns of what speaks against it, and moves it.

const table = document.querySelector<HTMLTableElement>("[data-calendar]");
const said = document.querySelector<HTMLElement>("[data-calendar-said]");
const back = table?.dataset.back ?? "";

function go(move: string, cell: HTMLElement): void {
  const query = new URLSearchParams({ starts: cell.dataset.starts ?? "", back });
  window.location.assign(`${move}?${query.toString()}`);
}

if (table) {
  drag(table);
  keys(table);
}

function cellOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("td[data-starts]") : null;
}

function takes(cell: HTMLElement | null): cell is HTMLElement {
  return cell !== null && cell.dataset.state !== "past";
}

function drag(calendar: HTMLElement): void {
  let move = "";
  let over: HTMLElement | null = null;
  const mark = (cell: HTMLElement | null): void => {
    over?.classList.remove("target");
    over = cell;
    over?.classList.add("target");
  };
  calendar.addEventListener("dragstart", (event) => {
    const booking = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-move]") : null;
    move = booking?.dataset.move ?? "";
    if (!move || !booking || !event.dataTransfer) return;
    event.dataTransfer.setDragImage(booking, 16, 16); // also where a link in it was taken hold of
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", move);
  });
  calendar.addEventListener("dragover", (event) => {
    const cell = cellOf(event.target);
    if (!move || !takes(cell)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "move";
    if (cell !== over) mark(cell);
  });
  calendar.addEventListener("drop", (event) => {
    const cell = cellOf(event.target);
    if (!move || !takes(cell)) return;
    event.preventDefault();
    go(move, cell);
  });
  calendar.addEventListener("dragend", () => {
    mark(null);
    move = "";
  });
}

function keys(calendar: HTMLTableElement): void {
  let chosen: HTMLTableCellElement | null = null;
  const choose = (cell: HTMLTableCellElement | null): void => {
    chosen?.classList.remove("target");
    chosen = cell;
    if (!cell) return;
    cell.classList.add("target");
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (said) said.textContent = (calendar.dataset.said ?? "").replace("{when}", cell.dataset.when ?? "");
  };
  calendar.addEventListener("keydown", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>(".move") : null;
    const booking = link?.closest<HTMLElement>("[data-move]");
    if (!link || !booking) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      const from = chosen ?? (cellOf(link) as HTMLTableCellElement);
      choose(neighbour(calendar, from, step[0] ?? 0, step[1] ?? 0) ?? chosen);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      if (takes(chosen)) go(booking.dataset.move ?? "", chosen);
    } else if (event.key === "Escape") {
      choose(null);
      if (said) said.textContent = "";
    }
  });
  calendar.addEventListener("focusout", () => choose(null));
}

function neighbour(calendar: HTMLTableElement, cell: HTMLTableCellElement, right: number, down: number): HTMLTableCellElement | null {
  const rows = Array.from(calendar.tBodies[0]?.rows ?? []);
  const row = rows[rows.indexOf(cell.parentElement as HTMLTableRowElement) + down];
  const next = row?.cells[cell.cellIndex + right];
  return next && next.matches("td") ? next : null;
}

export {};
