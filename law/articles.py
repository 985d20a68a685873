"""What an article of a statute is here: citation, the days its wording is in force, a gist in our own words.

The official texts are not part of the program; a gist never stands in for reading the article.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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

    `problems` (complaints.vocabulary.PROBLEMS) and `industries` (beginnings of GB/T 4754 codes) are where it is usual.
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
