"""The official texts of statutes: read from the files offices have, put beside the catalogue's gists, and cited. Pure.

A text comes as JSON, CSV, Markdown or plain text, with headings in any dress (`第十条`, `**第十条**`, `## 第十条之二`),
tables of contents, chapter lines and stray spaces. `BadText` says what keeps one from being a statute.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from journal.numbers import ascii_digits, is_number
from law import grounds
from law.catalogue import Article, ArticleStanding, Statute, StatuteEdition, catalogue, statutes
from law.grounds import Ground, ending_grounds, refusal_grounds
from law.orders import chinese_number, order_named

MOST_ARTICLES: Final = 1_500
LONGEST_ARTICLE: Final = 8_000
LONGEST_TITLE: Final = 120

_NUMBER: Final = "[零〇一二三四五六七八九十百千0-9０-９]+"
_HEADING: Final = re.compile(rf"^第\s*({_NUMBER})\s*条(?:\s*之\s*({_NUMBER}))?(?:\s|[：:、.．　]|$|(?=[^\s]))")
_CHAPTER: Final = re.compile(rf"^第\s*{_NUMBER}\s*[编分章节](?:\s|　|$|[^条]{{0,30}}$)")
_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_ARTICLE_COLUMNS: Final = ("article", "条", "条文", "条号", "条款", "条次", "序号")
_TEXT_COLUMNS: Final = ("text", "内容", "正文", "条文内容", "原文")
_CHAPTER_COLUMNS: Final = ("chapter", "章", "章节")
_TITLE_COLUMNS: Final = ("title", "法律", "法规", "名称", "法规名称", "标题")


class BadText(Exception):
    """`code`: "empty", "title", "order" (numbers do not rise), "long", "many", "columns", "shape"; `place`: where."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(f"{code}{': ' if place else ''}{place}")
        self.code, self.place = code, place


@dataclass(frozen=True, slots=True)
class OfficialArticle:
    """`suffix` is 2 for 第十条之二, else 0. Paragraphs are lines of `text`."""

    number: int
    suffix: int
    chapter: str
    text: str


@dataclass(frozen=True, slots=True)
class OfficialText:
    title: str
    articles: tuple[OfficialArticle, ...]


def read(text: str) -> OfficialText:
    """Whatever of the three it is. BadText."""
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise BadText("empty")
    if text.lstrip().startswith(("{", "[")):
        return _checked(*_json(text))
    header = text.lstrip().splitlines()[0]
    if any(separator in header for separator in ",\t;") and not _HEADING.match(_bare(header)):
        found = _csv(text, header)
        if found is not None:
            return _checked(*found)
    return _checked(*_plain(text))


def number_of(written: str) -> int:
    """第一百零五条's number is 105, as is 105's. ValueError."""
    written = ascii_digits(written).strip()
    if is_number(written):
        return int(written)
    total = digit = 0
    for char in written:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        elif char in _DIGITS:
            digit = digit * 10 + _DIGITS[char] if digit and not total else _DIGITS[char]
        else:
            raise ValueError(written)
    if not written:
        raise ValueError(written)
    return total + digit


def plain_title(title: str) -> str:
    """By which two writings of a statute's name are the same: 《中华人民共和国价格法》（1997年） is 价格法."""
    bare = re.sub(r"[（(](?=[^（()）]*(?:年|修正|修订|号|公布|施行|草案))[^（()）]*[)）]", "", title)
    bare = re.sub(r"[《》〈〉\s　“”\"#*]", "", bare)
    return bare.removeprefix("中华人民共和国").removesuffix("合同编")


def _json(text: str) -> tuple[str, Iterable[OfficialArticle]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadText("shape") from fault
    if not isinstance(whole, dict) or not isinstance(whole.get("articles"), list):
        raise BadText("shape")
    return str(whole.get("title") or ""), [_row(row, place) for place, row in enumerate(whole["articles"], 1)]


def _csv(text: str, header: str) -> tuple[str, Iterable[OfficialArticle]] | None:
    """None where the first line names no columns of a statute: a title may hold a comma as well."""
    separator = max(",\t;", key=header.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        names = [name.strip().lower() for name in next(rows)]
        columns = {
            what: next((names.index(name) for name in known if name in names), -1)
            for what, known in {
                "article": _ARTICLE_COLUMNS,
                "text": _TEXT_COLUMNS,
                "chapter": _CHAPTER_COLUMNS,
                "title": _TITLE_COLUMNS,
            }.items()
        }
        if columns["article"] < 0 and columns["text"] < 0:
            return None
        if columns["article"] < 0 or columns["text"] < 0:
            raise BadText("columns", "article" if columns["article"] < 0 else "text")
        title, found = "", []
        for place, row in enumerate(rows, 2):
            cells = {what: row[at].strip() if 0 <= at < len(row) else "" for what, at in columns.items()}
            if not any(cells.values()):
                continue
            title = title or cells["title"]
            found.append(_row(cells, place))
    except csv.Error as fault:
        raise BadText("shape") from fault
    return title, found


def _row(row: Any, place: int) -> OfficialArticle:
    if not isinstance(row, Mapping):
        raise BadText("shape", str(place))
    written = _bare(str(row.get("article") or ""))
    heading = _HEADING.match(written)
    try:
        number = number_of(heading[1] if heading else written)
        suffix = number_of(heading[2]) if heading and heading[2] else 0
    except ValueError as fault:
        raise BadText("shape", str(place)) from fault
    return OfficialArticle(
        number, suffix, _line(str(row.get("chapter") or "")), _paragraphs(str(row.get("text") or ""))
    )


def _plain(text: str) -> tuple[str, Iterable[OfficialArticle]]:
    title = chapter = ""
    found: list[OfficialArticle] = []
    heading: tuple[int, int, str] | None = None
    body: list[str] = []

    def close() -> None:
        # A table of contents names articles without a text.
        if heading is not None and (written := _paragraphs("\n".join(body))):
            found.append(OfficialArticle(heading[0], heading[1], heading[2], written))

    for line in text.splitlines():
        bare = _bare(line)
        if not bare:
            continue
        opened = _HEADING.match(bare)
        if opened:
            close()
            suffix = number_of(opened[2]) if opened[2] else 0
            heading, body = (number_of(opened[1]), suffix, chapter), [bare[opened.end() :]]
        elif _CHAPTER.match(bare):
            close()
            heading, body, chapter = None, [], _line(bare)
        elif heading is not None:
            body.append(bare)
        elif not title:
            title = bare
    close()
    return title, found


def _bare(line: str) -> str:
    """Without the dress of Markdown and the indents of a word processor."""
    line = line.replace("\u00a0", " ").replace("\u200b", "").strip(" \t　")
    line = re.sub(r"^(?:#{1,6}\s*|>\s*|[-*+]\s+)+", "", line)
    return re.sub(r"(\*\*|__)(.+?)\1", r"\2", line).strip(" \t　")


def _line(text: str) -> str:
    return re.sub(r"[\s　]+", " ", text).strip()


def _paragraphs(text: str) -> str:
    lines = (_line(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _checked(title: str, articles: Iterable[OfficialArticle]) -> OfficialText:
    title, found = _line(re.sub(r"[《》#*]", "", title)), tuple(articles)
    if not found:
        raise BadText("empty")
    if len(found) > MOST_ARTICLES:
        raise BadText("many")
    if len(title) > LONGEST_TITLE:
        raise BadText("title")
    before = (0, 0)
    for one in found:
        here = (one.number, one.suffix)
        place = f"第{one.number}条" + (f"之{one.suffix}" if one.suffix else "")
        if here <= before:
            raise BadText("order", place)
        if not one.text:
            raise BadText("empty", place)
        if len(one.text) > LONGEST_ARTICLE:
            raise BadText("long", place)
        before = here
    return OfficialText(title, found)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One article's official wording. `statute` is a known one's id, or made from the title; `until` may be open."""

    statute: str
    title: str
    number: int
    suffix: int
    text: str
    since: date
    until: date | None = None
    chapter: str = ""

    @property
    def article(self) -> str:
        return f"{self.statute}-{self.number}" + (f".{self.suffix}" if self.suffix else "")


@dataclass(frozen=True, slots=True)
class Library:
    articles: Mapping[str, Article]
    texts: Mapping[str, Sequence[ArticleText]] = field(default_factory=dict)  # article -> wordings, newest first

    def article(self, id: str) -> Article:
        """KeyError."""
        return self.articles[id]

    def official(self, id: str, day: date) -> ArticleText | None:
        """The wording in force on a day, None when none was brought for it."""
        return next(
            (
                text
                for text in self.texts.get(id, ())
                if text.since <= day and (text.until is None or day <= text.until)
            ),
            None,
        )

    def then(self, article: Article, day: date) -> Article | None:
        """What was in force on a day in this article's place, as far as is known; itself when it was."""
        seen = {article.id}
        while article.statute.standing(day) is not ArticleStanding.IN_FORCE:
            later = next((one for one in self.articles.values() if one.earlier == article.id), None)
            other = self.articles.get(article.earlier) if day < article.statute.since else later
            if other is None or other.id in seen:
                return None
            seen.add(other.id)
            article = other
        return article


def library(texts: Iterable[ArticleText] = ()) -> Library:
    """The catalogue with these official texts."""
    known, articles = statutes(), dict(catalogue())
    wordings: dict[str, list[ArticleText]] = {}
    own: dict[str, Statute] = {}
    for text in sorted(texts, key=lambda each: (each.since, each.number, each.suffix), reverse=True):
        wordings.setdefault(text.article, []).append(text)
    for id, versions in wordings.items():
        if id in articles:
            continue
        newest = versions[0]
        statute = known.get(newest.statute) or own.setdefault(newest.statute, _statute(newest, wordings))
        articles[id] = Article(statute, newest.number, "", "", suffix=newest.suffix)
    return Library(articles, wordings)


def known_statute(title: str) -> Statute | None:
    """The catalogue's statute of this name that is in force now, else the latest that was."""
    wanted = plain_title(title)
    named = [statute for statute in statutes().values() if wanted and plain_title(statute.zh) == wanted]
    return max(named, key=lambda statute: statute.since, default=None)


def _statute(text: ArticleText, wordings: Mapping[str, Sequence[ArticleText]]) -> Statute:
    """What an office brought and the catalogue does not know."""
    every = [each for versions in wordings.values() for each in versions if each.statute == text.statute]
    days = sorted({each.since for each in every})
    open_ended = any(each.until is None for each in every)
    until = None if open_ended else max(each.until for each in every if each.until is not None)
    editions = tuple(StatuteEdition(day, f"{day.year}年施行", f"in force since {day.isoformat()}") for day in days)
    return Statute(text.statute, text.title, text.title, days[0], until, editions=editions)


AMONG: Final = {grounds.REFUSE: refusal_grounds, grounds.END: ending_grounds}
_ITEM: Final = re.compile(r"[（(]([一二三四五六七八九十]{1,3})[）)]")
_NUMBERS: Final[Mapping[str, int]] = {chinese_number(n): n for n in range(1, 100)}


def citation_item(text: str, number: int) -> str:
    """What stands behind （三）, without the number and the mark at its end; "" where there is no such item."""
    found = [(at, _NUMBERS.get(at[1], 0)) for at in _ITEM.finditer(text)]
    for place, (at, which) in enumerate(found):
        if which == number:
            end = found[place + 1][0].start() if place + 1 < len(found) else len(text)
            # The last item ends with its sentence; a further paragraph may follow it.
            return re.split(r"[；;。\n]", text[at.end() : end].strip(), maxsplit=1)[0].strip()
    return ""


def citation_words(order: str, duty: str, number: int, library: Library | None, day: date, language: str) -> str:
    """A ground as a paper says it: quoted from the order where its text was imported, else in our formal wording.

    `duty`: REFUSE or END. "" for a number that the order does not know.
    """
    ground = ground_of(order, duty, number)
    if ground is None:
        return ""
    if library is not None and not language.startswith("en"):
        rule = order_named(order)  # a complaint may be handled by another order than that of its day
        day = max(day, rule.since) if rule.until is None else min(max(day, rule.since), rule.until)
        official = library.official(f"order-{order}-{grounds.article_of(order, duty)}", day)
        if official is not None and (quoted := citation_item(official.text, number)):
            return f"“{quoted}”"
    return ground.formal(language)


def ground_of(order: str, duty: str, number: int) -> Ground | None:
    return next((one for one in AMONG[duty](order) if one.number == number), None)
