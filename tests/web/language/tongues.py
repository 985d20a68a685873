"""Which text of a page stands in another language than its element says (WCAG 3.1.2)."""

from __future__ import annotations

import re
from collections.abc import Collection
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNREAD = {"script", "style", "title"}  # a title has its page's language: it names a tab
_LEAST = 6  # characters: fewer are mostly names, which have no language
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]+")


class _Reader(HTMLParser):
    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self.within: list[tuple[str, str]] = []
        self.found: list[str] = []
        self.names = names

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            inherited = self.within[-1][1] if self.within else ""
            self.within.append((tag, dict(attrs).get("lang") or inherited))

    def handle_endtag(self, tag: str) -> None:
        while tag in [one for one, _ in self.within] and self.within.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.within or any(tag in _UNREAD for tag, _ in self.within):
            return
        said = data.strip()
        for name in self.names:
            said = said.replace(name, "")
        chinese = len(_HAN.findall(said))
        if self.within[-1][1].startswith("en") and chinese >= _LEAST and chinese > 2 * len(_LATIN.findall(said)):
            self.found.append(said)


def unmarked(page: str, names: Collection[str] = ()) -> list[str]:
    """Chinese texts of a page in which English is said to stand; without `names`, of offices, businesses and people."""
    reader = _Reader(sorted(names, key=len, reverse=True))
    reader.feed(page)
    return reader.found
