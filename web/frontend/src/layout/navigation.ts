// Tabs, and the navigation's headings.
import { all } from "./all";

// Tabs: plain links to stacked sections, upgraded to the ARIA pattern (arrow keys, Home, End).
for (const list of all(".tabs[data-tabs]")) {
  const tabs = all<HTMLAnchorElement>("a", list);
  const panelOf = (tab: HTMLAnchorElement) => document.getElementById(tab.hash.slice(1)) as HTMLElement;
  const show = (tab: HTMLAnchorElement | undefined, focus = false) => {
    for (const one of tabs) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      panelOf(one).hidden = one !== tab;
    }
    if (focus) tab?.focus();
  };
  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.removeAttribute("aria-current");
    tab.setAttribute("aria-controls", panelOf(tab).id);
    panelOf(tab).setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      show(tab);
    });
    tab.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(tab);
      const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
      const to = places[event.key];
      if (to === undefined && event.key !== " ") return;
      event.preventDefault();
      show(to === undefined ? tab : tabs[(to + tabs.length) % tabs.length], to !== undefined);
    });
  }
  show(tabs.find((tab) => tab.hash === location.hash) ?? tabs[0]);
}

// The navigation's headings: closed by Esc, by a press elsewhere, and when the focus goes on.
const headings = all<HTMLDetailsElement>(".nav-group");
const shut = (but: EventTarget | null) => {
  for (const heading of headings) if (heading.open && !heading.contains(but as Node)) heading.open = false;
};
for (const heading of headings) {
  heading.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !heading.open) return;
    heading.open = false;
    heading.querySelector("summary")?.focus();
  });
  heading.addEventListener("focusout", (event) => {
    if (event.relatedTarget) shut(event.relatedTarget);
  });
}
if (headings.length) document.addEventListener("pointerdown", (event) => shut(event.target));
