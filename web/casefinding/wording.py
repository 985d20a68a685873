"""Found cases as pages and scripts are given them: in the reader's language, with why each is shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from casebook.case import Case
from casebook.outcomes import Outcomes, Spread
from casebook.search.ranking import Reason
from casebook.views import FoundCase
from complaints import vocabulary
from complaints.record.industries import industry_name
from law.catalogue import catalogue
from web.i18n import N_

TEXTS: Final[Mapping[str, str]] = {
    "facts": N_("Facts"),
    "claims": N_("What was asked"),
    "process": N_("How it was mediated"),
    "outcome": N_("What it came to"),
    "experience": N_("Experience"),
}


def hit(found: FoundCase, language: str) -> dict[str, Any]:
    case = found.case
    return {
        "id": case.id,
        "number": case.number,
        "title": case.title(language),
        "sample": case.sample,
        "outcome": case.outcome,
        "experience": case.experience,
        **came_to(case, language),
        "industry": industry_name(case.industry, language) if case.industry else "",
        "problem": vocabulary.name(vocabulary.PROBLEMS, case.problem, language),
        "articles": [
            {"id": id_, "citation": catalogue()[id_].citation(language)} for id_ in case.articles if id_ in catalogue()
        ],
        "alike": found.alike,
        "why": list(dict.fromkeys(reason(one, language) for one in found.why)),
    }


def came_to(case: Case, language: str) -> dict[str, Any]:
    """Money as text with two decimals, None where there is none; `share` of the claim in percent."""
    share = None
    if case.claimed and case.settled is not None:
        share = round(100 * case.settled / case.claimed)
    return {"claimed": _money(case.claimed), "settled": _money(case.settled), "share": share, "days": case.days}


def reason(why: Reason, language: str) -> str:
    match why.kind:
        case "article":
            article = catalogue().get(why.value)
            return why.value if article is None else article.citation(language)
        case "industry":
            return industry_name(why.value, language)
        case "problem":
            return vocabulary.name(vocabulary.PROBLEMS, why.value, language)
        case "amount":
            return f"¥{Decimal(why.value) / 100:,.2f}"
        case "also":
            return f"≈ {why.value}"
        case _:
            return why.value


def outcomes(of: Outcomes, language: str) -> dict[str, Any] | None:
    """None with too few cases to say anything."""
    if not of.enough:
        return None
    return {
        "cases": of.cases,
        "settled": of.settled,
        "settled_share": round(100 * of.settled / of.cases),
        "share": _spread(of.share),
        "days": _spread(of.days),
        "articles": [
            {"id": id_, "citation": catalogue()[id_].citation(language), "cases": count}
            for id_, count in of.articles
            if id_ in catalogue()
        ],
    }


def _spread(of: Spread | None) -> dict[str, int] | None:
    return None if of is None else {"low": of.low, "middle": of.middle, "high": of.high}


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
