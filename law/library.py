"""Articles to look up: the catalogue, and beside it the official texts an office brought.

A library is a value: adding a text makes another one. Official articles that the catalogue does not hold stand in it
without a gist. Every text has its first and last day; `official` gives the wording that was in force on a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from law.articles import Article, Edition, Standing, Statute
from law.catalogue import catalogue, statutes
from law.official import plain_title


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
