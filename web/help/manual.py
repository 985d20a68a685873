"""The user manual as pages: chapters read from docs/manual, in the reader's language.

A chapter is Markdown without HTML: `# title {#name}`, a paragraph, and a `## task {#anchor}` for each section.
`![what it shows](picture://desk)` is a picture that `tests.tools.pictures` took of the running program; where nobody
took it, nothing stands there.
"""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from web import i18n
from web.help import CHAPTERS, PARTIES
from web.http.responses import ASSETS, Assets
from web.http.security import anyone, known_officer
from web.rendering import render

_PACKED: Final = Path(__file__).parents[1] / "manual"  # in an installed package; beside the sources it is in docs
FOLDER: Final = _PACKED if _PACKED.is_dir() else Path(__file__).parents[2] / "docs" / "manual"
PICTURES: Final = "manual"  # below the static folder, by language

_ANCHOR = re.compile(r"\{#([a-z][a-z0-9-]{0,60})\}$")
_PICTURE = re.compile(r"picture://([a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Section:
    anchor: str
    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    title: str
    lede: Markup
    sections: Sequence[Section]

    def section(self, anchor: str) -> Section | None:
        return next((one for one in self.sections if one.anchor == anchor), None)


class _Renderer(RendererHTML):
    """Pictures that were taken, and links between chapters as links between pages."""

    pictures: Mapping[str, Markup] = {}

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        named = _PICTURE.fullmatch(str(tokens[idx].attrGet("src")))
        picture = self.pictures.get(named[1]) if named else None
        if picture is None:
            return ""
        return Markup('<img {} alt="{}">').format(picture, tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        target = str(tokens[idx].attrGet("href"))
        return Markup('<a href="{}">').format(re.sub(r"^([a-z]+)\.md(?=#|$)", r"/help/\1", target))


def _reader(pictures: Mapping[str, Markup]) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    assert isinstance(made.renderer, _Renderer)
    made.renderer.pictures = pictures
    return made


def read_chapter(name: str, text: str, pictures: Mapping[str, Markup] | None = None) -> Chapter:
    """ValueError: a heading without an anchor, or an anchor twice."""
    reader = _reader(pictures or {})
    parts: list[tuple[str, str, list[Token]]] = []
    tokens, at = reader.parse(text), 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            heading = tokens[at + 1].content
            anchor = _ANCHOR.search(heading)
            if anchor is None or anchor[1] in {one for one, _title, _body in parts}:
                raise ValueError(f"{name}: “{heading}” needs an anchor of its own")
            parts.append((anchor[1], heading[: anchor.start()].rstrip(), []))
            at += 3
            continue
        parts[-1][2].append(token)
        at += 1
    bodies = [
        (anchor, title, Markup(reader.renderer.render(body, reader.options, {}).replace("<p></p>\n", "")))  # noqa: S704
        for anchor, title, body in parts
    ]
    _first, title, lede = bodies[0]
    return Chapter(name, title, lede, tuple(Section(*one) for one in bodies[1:]))


class Manual:
    """The chapters of an installation, each read when first asked for."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._chapters: dict[tuple[str, str], Chapter] = {}

    def chapter(self, language: str, name: str) -> Chapter:
        """KeyError: there is none."""
        if name not in CHAPTERS:
            raise KeyError(name)
        key = language, name
        if key not in self._chapters:
            text = (FOLDER / language / f"{name}.md").read_text(encoding="utf-8")
            pictures = {picture: self._attributes(language, picture) for picture in _PICTURE.findall(text)}
            self._chapters[key] = read_chapter(name, text, {one: found for one, found in pictures.items() if found})
        return self._chapters[key]

    def _attributes(self, language: str, picture: str) -> Markup | None:
        path = f"{PICTURES}/{language}/{picture}.webp"
        try:
            file = self._assets.file(path)
        except KeyError:
            return None
        from PIL import Image  # by the first reader of a picture: a server starts without it

        with Image.open(io.BytesIO(file.body)) as image:
            width, height = image.size
        return Markup('class="shot" src="{}" width="{}" height="{}"').format(self._assets.address(path), width, height)


MANUAL: web.AppKey[Manual] = web.AppKey("manual", Manual)


@functools.cache
def keys() -> Sequence[Mapping[str, Any]]:
    """What keys.json lists: `page`, `title`, `keys` of `key` and `says`. The scripts bind from the same file."""
    read: list[dict[str, Any]] = json.loads(Path(__file__).with_name("keys.json").read_text(encoding="utf-8"))
    return read


def _listed(request: web.Request, open_: str = "") -> list[Chapter]:
    """Of the people's chapters everybody is told; of the staff's, staff and whoever has one open."""
    manual, language = request.app[MANUAL], i18n.language(request)
    staff = known_officer(request) is not None
    shown = [name for name in CHAPTERS if staff or name in PARTIES or name == open_]
    return [manual.chapter(language, name) for name in shown]


@anyone
async def contents(request: web.Request) -> web.StreamResponse:
    return render(request, "help/contents.html", chapters=_listed(request))


@anyone
async def chapter_page(request: web.Request) -> web.StreamResponse:
    """`?part=` is one section, as the dialog that pages lay over themselves; `?print` is for paper."""
    name = request.match_info["chapter"]
    chapter = request.app[MANUAL].chapter(i18n.language(request), name)
    if "part" in request.query:
        return render(request, "help/part.html", chapter=chapter, section=chapter.section(request.query["part"]))
    paper = "print" in request.query
    return render(request, "help/chapter.html", chapter=chapter, chapters=_listed(request, name), paper=paper)


@anyone
async def key_list(request: web.Request) -> web.StreamResponse:
    words = i18n.words_for(request)

    def said(text: str) -> str:
        # What the room's script says has the room's context.
        found = words.pgettext("room", text)
        return words.gettext(text) if found == text else found

    return render(request, "help/keys.html", tables=keys(), said=said)


def register(app: web.Application) -> None:
    app[MANUAL] = Manual(app[ASSETS])
    app.router.add_get("/help", contents, name="help")
    app.router.add_get("/help/keys", key_list, name="help_keys")
    app.router.add_get(f"/help/{{chapter:{'|'.join(CHAPTERS)}}}", chapter_page, name="help_chapter")
