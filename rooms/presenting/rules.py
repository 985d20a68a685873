"""What lies on the table (an article of law, a typical case), and the lists of the script card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never, cast

from law.articles import Article
from law.library import Library
from rooms import commands as c, events as e
from rooms.codec import SessionEntry, plain, wire_time
from rooms.errors import BadValue
from rooms.events import SessionEvent
from rooms.view import messages as w
from rooms.vocabulary import Phase

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class ShownLaw:
    """The article on the table, since when."""

    leaf: e.Leaf
    at: datetime


def article_leaf(library: Library, article: Article, on: date) -> e.Leaf:
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


def decide_law(command: c.LawCommand, shown: ShownLaw | None) -> list[SessionEvent]:
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


def law_after(event: e.LawEvent, entry: SessionEntry) -> ShownLaw | None:
    match event:
        case e.LawShown(leaf=found):
            return ShownLaw(found, entry.at)
        case e.LawPutAway():
            return None
        case _:
            assert_never(event)


def law_view(shown: ShownLaw | None) -> w.ArticleView | None:
    return None if shown is None else cast(w.ArticleView, {**plain(shown.leaf), "at": wire_time(shown.at)})


@dataclass(frozen=True, slots=True)
class ShownCase:
    """The typical case on the table, since when. Parties see none before the mediator shows it."""

    leaf: e.TypicalLeaf
    at: datetime


def decide_typical(command: c.TypicalCommand, shown: ShownCase | None) -> list[SessionEvent]:
    match command:
        case c.ShowTypical(leaf=None):
            raise BadValue(field="case")
        case c.ShowTypical(leaf=found):
            assert found is not None
            return [] if shown is not None and shown.leaf == found else [e.TypicalShown(found)]
        case c.PutTypicalAway():
            return [] if shown is None else [e.TypicalPutAway()]
        case _:
            assert_never(command)


def typical_after(event: e.TypicalEvent, entry: SessionEntry) -> ShownCase | None:
    match event:
        case e.TypicalShown(leaf=found):
            return ShownCase(found, entry.at)
        case e.TypicalPutAway():
            return None
        case _:
            assert_never(event)


def typical_view(shown: ShownCase | None) -> w.TypicalView | None:
    return None if shown is None else cast(w.TypicalView, {**plain(shown.leaf), "at": wire_time(shown.at)})


ITEMS: Mapping[Phase, tuple[str, ...]] = {
    Phase.OPENING: ("introduced", "voluntary", "recording_explained", "assisted_asked"),
    Phase.CONSUMER_STATEMENT: ("when_and_how_much", "used_and_left", "request_and_reason", "summed_up"),
    Phase.BUSINESS_STATEMENT: ("facts_agreed", "facts_disputed", "refund_terms", "may_decide"),
    Phase.DISCUSSION: ("undisputed_named", "open_points_named", "law_explained"),
    Phase.PROPOSAL: ("who_does_what", "how_much_by_when", "both_answered", "performable"),
    Phase.CLOSING: ("read_out", "next_steps", "ways_out_told"),
}
"""The script card: what the mediator asks for in each phase. Kept in the journal, shown to the mediator alone.

What the opening owes by law is apart (`OpeningCovered`); these are aids, and nothing waits for them.
"""
KNOWN = frozenset(f"{phase.value}.{item}" for phase, items in ITEMS.items() for item in items)


def decide_script(command: c.ScriptCommand, checked: frozenset[str]) -> list[SessionEvent]:
    if command.item not in KNOWN:
        raise BadValue(field="item")
    return [] if (command.item in checked) is command.done else [e.ItemChecked(command.item, command.done)]


def script_after(checked: frozenset[str], event: e.ScriptEvent) -> frozenset[str]:
    return checked | {event.item} if event.done else checked - {event.item}
