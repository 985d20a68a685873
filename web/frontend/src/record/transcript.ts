// The transcript beside the film: the line that is being said is marked and kept in sight, and a word is found in it.

interface Said {
  item: HTMLElement;
  from: number;
  to: number;
}

export function transcript(): (at: number) => void {
  const list = document.getElementById("transcript");
  if (!list) return () => {};
  const lines: Said[] = Array.from(list.querySelectorAll<HTMLElement>("li[data-from]"), (item) => (
    { item, from: Number(item.dataset.from), to: Number(item.dataset.to) }
  ));
  find(list);
  let now: HTMLElement[] = [], touched = -Infinity;
  // Whoever reads elsewhere is not pulled back at once.
  for (const kind of ["wheel", "touchmove", "keydown"]) list.addEventListener(kind, () => (touched = performance.now()), { passive: true });
  return (at) => {
    const said = lines.filter((line) => line.from <= at && at < line.to).map((line) => line.item);
    if (said.length === 0 || (said.length === now.length && said.every((item, n) => item === now[n]))) return;
    for (const item of now) item.removeAttribute("aria-current");
    for (const item of said) item.setAttribute("aria-current", "true");
    now = said;
    const first = said[0];
    if (first && performance.now() - touched > 5000 && !list.contains(document.activeElement?.closest("form") ?? null)) {
      list.scrollTop += first.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
    }
  };
}

function find(list: HTMLElement): void {
  const box = document.getElementById("tr-search"), field = document.getElementById("tr-find") as HTMLInputElement | null;
  const told = document.getElementById("tr-found");
  if (!box || !field || !told) return;
  box.hidden = false;
  const look = (): void => {
    const wanted = field.value.trim().toLocaleLowerCase();
    let found = 0;
    for (const item of list.querySelectorAll<HTMLElement>("li")) {
      const text = item.querySelector<HTMLElement>("[data-text]");
      if (!text) continue;
      const plain = text.textContent ?? "", at = wanted ? plain.toLocaleLowerCase().indexOf(wanted) : -1;
      if (text.querySelector("mark")) text.textContent = plain;
      item.hidden = wanted !== "" && at < 0;
      if (at < 0) continue;
      found += 1;
      const mark = document.createElement("mark");
      mark.textContent = plain.slice(at, at + wanted.length);
      text.replaceChildren(plain.slice(0, at), mark, plain.slice(at + wanted.length));
    }
    told.textContent = wanted === "" ? "" : found ? String(found) : (told.dataset.none ?? "");
  };
  field.addEventListener("input", look);
}
