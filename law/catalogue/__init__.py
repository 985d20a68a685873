"""The catalogue of articles consumer disputes turn on: one table a statute, the topics they are about, what an article
is.

Data (`tables/*.toml`, `topics.toml`, `situations.toml`), read once and checked while it is read: `BadCatalogue` says
what is wrong where. An article is a citation, the days its wording is in force and a gist in our own words, which never
stands in for reading it: official texts are not part of the program, `law.library` puts an office's beside the gists.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from journal.numbers import is_number
from law.orders import chinese_number


class ArticleStanding(StrEnum):
    """What an article was on a given day."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"


@dataclass(frozen=True, slots=True)
class StatuteEdition:
    """A version of a statute in which its cited articles keep their numbers and sense."""

    since: date
    zh: str
    en: str

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Statute:
    """`since` is the day the cited numbering came into force, `until` its last day, None when it still is.

    `short` are other names it goes by, `editions` its versions within that time, oldest first.
    """

    id: str
    zh: str
    en: str
    since: date
    until: date | None = None
    short: tuple[str, ...] = ()
    editions: tuple[StatuteEdition, ...] = ()
    procedural: bool = False  # follows the day a complaint was received

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def standing(self, day: date) -> ArticleStanding:
        if day < self.since:
            return ArticleStanding.NOT_YET
        return ArticleStanding.NO_LONGER if self.until is not None and day > self.until else ArticleStanding.IN_FORCE

    def edition(self, day: date) -> StatuteEdition | None:
        """The one in force on a day."""
        if self.standing(day) is not ArticleStanding.IN_FORCE:
            return None
        return next((edition for edition in reversed(self.editions) if edition.since <= day), None)


@dataclass(frozen=True, slots=True)
class Days:
    """The days a complaint is judged by: what happened, by the day it happened; procedure, by the day of receipt."""

    event: date
    received: date

    @classmethod
    def both(cls, day: date) -> Days:
        return cls(day, day)

    def of(self, statute: Statute) -> date:
        return self.received if statute.procedural else self.event


@dataclass(frozen=True, slots=True)
class Article:
    """`topics` are what it is about, the first one most of all; `id` is stable: `<statute>-<number>`.

    `problems` (complaints.PROBLEMS) and `industries` (beginnings of GB/T 4754 codes) are where it is usual.
    `earlier` is the id of the article it took the place of. Gists are "" for what an office brought itself.
    """

    statute: Statute
    number: int
    zh: str
    en: str
    topics: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    words: str = ""
    earlier: str = ""
    often: bool = False  # among those that are reached for most
    suffix: int = 0  # 2 for 第十条之二

    @property
    def id(self) -> str:
        return f"{self.statute.id}-{self.key}"

    @property
    def key(self) -> str:
        return f"{self.number}.{self.suffix}" if self.suffix else str(self.number)

    def gist(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def citation(self, language: str) -> str:
        return self.statute.name(language) + ", " + self.place("en") if language.startswith("en") else self._zh()

    def place(self, language: str) -> str:
        """Where in the statute."""
        if language.startswith("en"):
            return f"Art {self.number}" + (f"-{self.suffix}" if self.suffix else "")
        return f"第{chinese_number(self.number)}条" + (f"之{chinese_number(self.suffix)}" if self.suffix else "")

    def _zh(self) -> str:
        return f"《{self.statute.zh}》{self.place('zh')}"

    def in_force(self, day: date) -> bool:
        return self.statute.standing(day) is ArticleStanding.IN_FORCE


class BadCatalogue(Exception):
    """A table of the catalogue cannot be right."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`words` are what people call it, in both languages, in lower case."""

    id: str
    zh: str
    en: str
    words: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@cache
def topics() -> Mapping[str, Topic]:
    found: dict[str, Topic] = {}
    whose: dict[str, str] = {}
    for id, entry in tomllib.loads((files(__name__) / "topics.toml").read_text("utf-8")).items():
        words = tuple(dict.fromkeys(word.lower() for word in (*entry["words"], entry["zh"], entry["en"])))
        for word in words:
            if whose.setdefault(word, id) != id:
                raise BadCatalogue(f"topics: “{word}” is of {whose[word]} and of {id}")
        found[id] = Topic(id, entry["zh"], entry["en"], words)
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class Situation:
    """What citizens say when they ask, and the articles that answer it, the most telling first."""

    articles: tuple[str, ...]
    said: tuple[str, ...]


@cache
def situations() -> tuple[Situation, ...]:
    table = tomllib.loads((files(__name__) / "situations.toml").read_text("utf-8"))
    found = tuple(Situation(tuple(entry["articles"]), tuple(entry["said"])) for entry in table["situation"])
    for situation in found:
        for id in situation.articles:
            if id not in catalogue():
                raise BadCatalogue(f"situations: no article {id} for “{situation.said[0]}”")
    return found


@cache
def catalogue() -> Mapping[str, Article]:
    """Every article by its id, statutes in the order of their files, articles by number."""
    found: dict[str, Article] = {}
    for table in sorted(_tables(files(__name__) / "tables"), key=lambda entry: entry.name):
        for article in statute_table(table.name, tomllib.loads(table.read_text("utf-8"))):
            found[article.id] = article
    for article in found.values():
        if article.earlier and article.earlier not in found:
            raise BadCatalogue(f"{article.id}: no article {article.earlier}")
    return MappingProxyType(found)


def _tables(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _tables(entry)
        elif entry.name.endswith(".toml"):
            yield entry


@cache
def statutes() -> Mapping[str, Statute]:
    return MappingProxyType({article.statute.id: article.statute for article in catalogue().values()})


def article(id: str) -> Article:
    """KeyError when the catalogue has no such article."""
    return catalogue()[id]


def statute_table(name: str, table: Mapping[str, Any]) -> list[Article]:
    """BadCatalogue."""
    try:
        editions = tuple(StatuteEdition(_day(entry["since"]), entry["zh"], entry["en"]) for entry in table["editions"])
        statute = Statute(
            id=table["id"],
            zh=table["zh"],
            en=table["en"],
            since=_day(table["since"]),
            until=_day(table["until"]) if "until" in table else None,
            short=tuple(word.lower() for word in table.get("short", ())),
            editions=editions,
            procedural=bool(table.get("procedural", False)),
        )
        numbers = sorted(int(key) for key in table if is_number(key))
        found = [_article(statute, number, table[str(number)]) for number in numbers]
    except (KeyError, TypeError, ValueError) as fault:
        raise BadCatalogue(f"{name}: {fault!r}") from fault
    days = [edition.since for edition in editions]
    if not days or days != sorted(days) or days[0] != statute.since or (statute.until and statute.until < days[-1]):
        raise BadCatalogue(f"{name}: its editions are not in order from its first day")
    return found


def _article(statute: Statute, number: int, entry: Mapping[str, Any]) -> Article:
    made = Article(
        statute,
        number,
        entry["zh"],
        entry["en"],
        tuple(entry["topics"]),
        tuple(entry["problems"]),
        tuple(entry.get("industries", ())),
        entry.get("words", ""),
        entry.get("earlier", ""),
        bool(entry.get("often", False)),
    )
    if unknown := set(made.topics) - topics().keys():
        raise BadCatalogue(f"{made.id}: no topic {min(unknown)}")
    if extra := entry.keys() - {"zh", "en", "topics", "problems", "industries", "words", "earlier", "often"}:
        raise BadCatalogue(f"{made.id}: nothing is called {min(extra)}")
    if not (made.topics and made.zh.strip() and made.en.strip()):
        raise BadCatalogue(f"{made.id}: a topic and both gists are needed")
    return made


def _day(value: Any) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no day")
    return value
