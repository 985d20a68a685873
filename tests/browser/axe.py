"""What a page is measured with: axe-core, sideways scroll, the size of what fingers must hit.

axe-core comes with the frontend's development packages. It is handed to the page from outside, as a person's own
browser extension would be, so our content policy stays in force while it looks.
"""

from __future__ import annotations

import functools
from typing import Any

from playwright.async_api import Page

from tests import ROOT

SOURCE = ROOT / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
MORE = ("label-content-name-mismatch",)
"""Rules that axe runs only when asked. This one is WCAG 2.5.3: what is read on a button can be said to press it."""
COLOURS = ("color-contrast", "link-in-text-block")
LEAST_TARGET = 44  # px

RUN = """async ([only, without, more]) => {
  document.getAnimations().forEach((each) => { try { each.finish(); } catch { each.cancel(); } });
  const rules = Object.fromEntries([
    ...without.map((rule) => [rule, {enabled: false}]),
    ...more.map((rule) => [rule, {enabled: true}]),
  ]);
  const {violations} = await axe.run(document, {runOnly: only, rules, resultTypes: ["violations"]});
  // What stands on one's own picture is how one is there just now, not what pressing it is called.
  const state = (id, target) => more.includes(id) && target.join().endsWith(".tile-self");
  for (const one of violations) one.nodes = one.nodes.filter(({target}) => !state(one.id, target));
  return violations.filter(({nodes}) => nodes.length).map(({id, help, nodes}) => {
    const at = nodes.slice(0, 4).map(({target, any, all, none}) => {
      const reason = [...any, ...all, ...none].map(({message}) => message).join("; ");
      return `${target.join(" ")} (${reason})`;
    });
    return `${id}: ${help} at ${at.join(" | ")}`;
  });
}"""

TWICE = """() => {
  const shown = [...document.querySelectorAll("h1")].filter((e) => e.getClientRects().length);
  const words = shown.map((e) => e.textContent.trim()).join(" | ");
  return shown.length > 1 ? [`${shown.length} headings of a page: ${words}`] : [];
}"""

WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  const over = [];
  if (document.scrollingElement.scrollWidth > wide) {
    const scrolls = (e) => e && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX)
      ? e !== document.body && e !== document.documentElement : scrolls(e.parentElement));
    const culprits = [...document.body.querySelectorAll("*")].filter((e) => {
      const {right, width} = e.getBoundingClientRect();
      return width && right > wide + 1 && !scrolls(e.parentElement);
    });
    over.push(`the page is ${document.scrollingElement.scrollWidth} of ${wide}`
      + culprits.slice(-3).map((e) => ` <${e.tagName.toLowerCase()} class="${e.getAttribute("class") ?? ""}">`).join());
  }
  for (const dialog of document.querySelectorAll("dialog[open], dialog[open] .dialog-body")) {
    if (dialog.scrollWidth > dialog.clientWidth + 1) {
      over.push(`a dialog is ${dialog.scrollWidth} of ${dialog.clientWidth}`);
    }
  }
  return over;
}"""

SMALL = """(least) => {
  const modal = document.querySelector("dialog[open]");
  const found = [];
  for (const e of (modal ?? document).querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (["hidden", "file"].includes(e.type) || e.closest("[hidden], .vh, .skip")) continue;
    const target = ["radio", "checkbox"].includes(e.type) ? e.closest("label") ?? e.labels?.[0] ?? e : e;
    const {width, height} = target.getBoundingClientRect();
    if (!width && !height) continue;
    // A link inside a sentence is as high as its line (WCAG 2.5.8, inline).
    const sentence = e.tagName === "A" && getComputedStyle(e).display === "inline"
      && e.parentElement.textContent.trim() !== e.textContent.trim();
    if (!sentence && (width < least - 0.5 || height < least - 0.5)) {
      const words = (e.textContent || e.getAttribute("aria-label") || e.name || "").trim().slice(0, 30);
      found.push(`<${e.tagName.toLowerCase()} class="${e.getAttribute("class") ?? ""}"> “${words}” `
        + `is ${Math.round(width)} × ${Math.round(height)}`);
    }
  }
  return found;
}"""


@functools.cache
def source() -> str:
    return SOURCE.read_text(encoding="utf-8")


async def violations(page: Page, rules: tuple[str, ...] = (), *, without: tuple[str, ...] = ()) -> list[str]:
    """One line for each rule broken; all rules of `TAGS` (except those in `without`) and that nothing is said twice, or
    only the named ones."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(source())
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
    found: list[str] = await page.evaluate(RUN, [only, [*without], [] if rules else [*MORE]])
    return found if rules else [*found, *await page.evaluate(TWICE)]


async def sideways(page: Page) -> list[str]:
    """What sticks out to the side, if anything does."""
    found: list[str] = await page.evaluate(WIDER)
    return found


async def small_targets(page: Page, least: int = LEAST_TARGET) -> list[str]:
    found: list[str] = await page.evaluate(SMALL, least)
    return found


async def text_size(page: Page, percent: int) -> None:
    """On the page alone, as 大字 does it, so that nothing reflows for its sake: harder than a browser's own setting."""
    size = f"{percent}%" if percent != 100 else ""
    await page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", size)


async def browser_text_size(page: Page, percent: int) -> None:
    """As a person sets it in the browser: rem grows, and media queries in em see a narrower screen."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * percent // 100}})
    await devtools.detach()


async def settle(page: Page) -> Any:
    """In front (a page behind others draws no frames) and laid out, with nothing that fades in half there."""
    await page.bring_to_front()
    return await page.evaluate("""async () => {
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
      document.getAnimations().forEach((each) => { try { each.finish(); } catch { each.cancel(); } });
    }""")
