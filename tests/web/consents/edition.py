"""The consent texts as the pages show them now, in the form in which `web.join` keeps them.

`python -m tests.web.consents.edition` writes the newest edition's files, and says the digest that goes into EDITIONS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from html.parser import HTMLParser

from aiohttp.test_utils import TestClient, TestServer

from rooms.joining import consents
from tests.web.client import Browser
from tests.web.fakes import CODE, World
from tests.web.fakes.people import EAST_LAKE
from web import Site
from web.http import cookies
from web.i18n import words_of
from web.join.invitation import data_handler

_MARKS = {"h1": "# ", "h2": "## ", "li": "- ", "label": "- ", "p": "", "legend": ""}
_MANY = 7777  # years, to find where the text names them


class _Reader(HTMLParser):
    """What stands in <main>, block by block: without the way there, the version and the buttons. `part`: of a page that
    asks two questions, which of them; "" for the one that has the page's name."""

    def __init__(self) -> None:
        super().__init__()
        self.part = ""
        self.blocks: list[str] = []
        self._open: list[tuple[str, bool, str]] = []  # tag, whether it is left out, which question begins here
        self._pieces: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "use", "br", "meta", "link", "img"):
            return
        names = (dict(attrs).get("class") or "").split()
        out = tag == "svg" or "steps" in names or "actions" in names or (tag == "p" and "meta" in names)
        self._open.append((tag, out, dict(attrs).get("data-consent") or ""))
        if tag in _MARKS and self._read:
            self._pieces = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing of ours that closes itself holds text."""

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _, _ = self._open.pop()
            if closed == tag:
                break
        if tag in _MARKS and self._pieces:
            self.blocks.append(_MARKS[tag] + " · ".join(self._pieces))
            self._pieces = None

    def handle_data(self, data: str) -> None:
        if self._pieces is not None and self._read and data.strip():
            self._pieces.append(" ".join(data.split()))

    @property
    def _read(self) -> bool:
        part = "".join(part for _, _, part in self._open)
        shown = any(tag == "main" for tag, _, _ in self._open) and not any(out for _, out, _ in self._open)
        return shown and part == self.part


async def shown(kind: str, language: str) -> str:
    """One file's content, as the pages would have it now."""
    singular, plural = await _blocks(kind, language, 1), await _blocks(kind, language, _MANY)
    return "".join(f"{line}\n" for line in _merged(singular, plural))


async def _blocks(kind: str, language: str, years: int) -> list[str]:
    site = Site("http://yuntiao.example", True, False, consents.version(years), years, captions=True)
    world = World(site)
    async with TestClient(TestServer(world.app())) as client:
        person = Browser(client, cookies={cookies.LANGUAGE: language})
        secret = world.link()
        await person.get(f"/j/{secret}")
        await person.post(f"/j/{secret}/start")
        await person.get("/join/code")
        await person.post("/join/code/send")
        await person.get("/join/code?sent=1")
        await person.post("/join/code", {"code": CODE})
        page_of = {"transcribe": "recording"}.get(kind, kind)
        if page_of == "recording":
            await person.get("/join/notice")
            await person.post("/join/notice", {"answer": "yes"})
        reader = _Reader()
        for path, part in ((f"/join/{page_of}", kind if kind != page_of else ""), (f"/join/texts/{kind}", "")):
            page, reader.part = await person.get(path), part
            assert page.status == 200, (path, page.location)
            reader.feed(page.text)
        named = data_handler(EAST_LAKE, words_of(language))
        return [block.replace(named, "{handler}") for block in reader.blocks]


def _merged(singular: list[str], plural: list[str]) -> Iterator[str]:
    for one, many in zip(singular, plural, strict=True):
        if one == many:
            yield one
        else:
            yield f"1|{one}"
            yield f"n|{many.replace(str(_MANY), '{years}')}"


async def _write() -> None:
    folder = consents.FOLDER / consents.EDITION
    if consents.EDITIONS[consents.EDITION]:
        raise SystemExit(f"{consents.EDITION} is taken: add a new date with an empty digest to web.join.EDITIONS")
    folder.mkdir(parents=True, exist_ok=True)
    for kind in consents.kinds_of(consents.EDITION):
        for language in consents.LANGUAGES:
            path = consents.file(consents.EDITION, kind, language)
            path.write_text(await shown(kind, language), "utf-8")
    print(f'"{consents.EDITION}": "{consents.digest(consents.EDITION)}"')  # noqa: T201 - for the person


if __name__ == "__main__":
    asyncio.run(_write())
