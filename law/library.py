"""The catalogue with the official texts there are, and citing from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from law import grounds
from law.articles import Article, Edition, Standing, Statute
from law.catalogue import catalogue, statutes
from law.grounds import Ground, ending_grounds, refusal_grounds
from law.official import plain_title
from law.orders import chinese_number, order_named


@dataclass(frozen=True, slots=True)
class Text:
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
    texts: Mapping[str, Sequence[Text]] = field(default_factory=dict)  # article -> wordings, newest first

    def article(self, id: str) -> Article:
        """KeyError."""
        return self.articles[id]

    def official(self, id: str, day: date) -> Text | None:
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
        while article.statute.standing(day) is not Standing.IN_FORCE:
            later = next((one for one in self.articles.values() if one.earlier == article.id), None)
            other = self.articles.get(article.earlier) if day < article.statute.since else later
            if other is None or other.id in seen:
                return None
            seen.add(other.id)
            article = other
        return article


def library(texts: Iterable[Text] = ()) -> Library:
    """The catalogue with these official texts."""
    known, articles = statutes(), dict(catalogue())
    wordings: dict[str, list[Text]] = {}
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


def _statute(text: Text, wordings: Mapping[str, Sequence[Text]]) -> Statute:
    """What an office brought and the catalogue does not know."""
    every = [each for versions in wordings.values() for each in versions if each.statute == text.statute]
    days = sorted({each.since for each in every})
    open_ended = any(each.until is None for each in every)
    until = None if open_ended else max(each.until for each in every if each.until is not None)
    editions = tuple(Edition(day, f"{day.year}年施行", f"in force since {day.isoformat()}") for day in days)
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
