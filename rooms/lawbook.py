"""Articles on the table: which one the room looks at. The mediator shows it and puts it away; all see the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, assert_never

from law.articles import Article
from law.library import Library, library
from rooms import commands as c, events as e
from rooms.codec import Happened, plain
from rooms.errors import BadValue
from rooms.events import SessionEvent
from rooms.moments import moment

if TYPE_CHECKING:
    from rooms.session import Session

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Shown:
    """What lies on the table, since when."""

    leaf: e.Leaf
    at: datetime


def leaf(library: Library, article: Article, on: date) -> e.Leaf:
    """An article as it is shown for a day."""
    statute = article.statute
    edition, official = statute.edition(on), library.official(article.id, on)
    return e.Leaf(
        article=article.id,
        citation={language: article.citation(language) for language in LANGUAGES},
        gist={language: article.gist(language) for language in LANGUAGES},
        official="" if official is None else official.text,
        since=statute.since.isoformat(),
        until="" if statute.until is None else statute.until.isoformat(),
        edition={} if edition is None else {language: edition.name(language) for language in LANGUAGES},
        on=on.isoformat(),
        standing=statute.standing(on).value,
    )


async def from_catalogue(session: Session, article: str) -> e.Leaf | None:
    """Where there is nothing but the catalogue: for the day the session begins."""
    shelf = library()
    found = shelf.articles.get(article)
    return None if found is None else leaf(shelf, found, session.starts.date())


def decided(command: c.LawCommand, shown: Shown | None) -> list[SessionEvent]:
    match command:
        case c.ShowLaw(leaf=None):
            raise BadValue(field="article")
        case c.ShowLaw(leaf=found):
            assert found is not None
            return [] if shown is not None and shown.leaf == found else [e.LawShown(found)]
        case c.PutLawAway():
            return [] if shown is None else [e.LawPutAway()]
        case _:
            assert_never(command)


def after(event: e.LawEvent, entry: Happened) -> Shown | None:
    match event:
        case e.LawShown(leaf=found):
            return Shown(found, entry.at)
        case e.LawPutAway():
            return None
        case _:
            assert_never(event)


def view(shown: Shown | None) -> dict[str, Any] | None:
    return None if shown is None else {**plain(shown.leaf), "at": moment(shown.at)}
