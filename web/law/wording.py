"""Articles as pages and scripts are given them: in the reader's language, what they were when, why they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from complaints import vocabulary
from complaints.record.industries import industry_name
from law.articles import Article, Days, Standing
from law.library import Library
from law.search import Hit
from law.suggestions import Reason, Suggestion


def entry(library: Library, article: Article, days: Days, language: str) -> dict[str, Any]:
    """`then`: what was in force on that day instead, where this one was not and it is known."""
    day, statute = days.of(article.statute), article.statute
    standing, edition, official = statute.standing(day), statute.edition(day), library.official(article.id, day)
    instead = None if standing is Standing.IN_FORCE else library.then(article, day)
    return {
        "id": article.id,
        "citation": article.citation(language),
        "gist": article.gist(language),
        "official": "" if official is None else official.text,
        "since": statute.since.isoformat(),
        "until": "" if statute.until is None else statute.until.isoformat(),
        "edition": "" if edition is None else edition.name(language),
        "standing": standing.value,
        "on": day.isoformat(),
        "then": None if instead is None else {"id": instead.id, "citation": instead.citation(language)},
    }


def found(library: Library, hits: Iterable[Hit], days: Days, language: str) -> list[dict[str, Any]]:
    return [{**entry(library, hit.article, days, language), "why": list(hit.why)} for hit in hits]


def suggested(library: Library, suggestions: Iterable[Suggestion], days: Days, language: str) -> list[dict[str, Any]]:
    return [
        {**entry(library, each.article, days, language), "why": [reason(why, language) for why in each.why]}
        for each in suggestions
    ]


def reason(why: Reason, language: str) -> str:
    """A word as the account has it, or the name of a class."""
    match why.kind:
        case "problem":
            return vocabulary.name(vocabulary.PROBLEMS, why.value, language)
        case "industry":
            return industry_name(why.value, language)
        case _:
            return why.value
