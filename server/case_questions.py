"""What is asked of the casebook: triage says which trade words are of, the law which articles an account turns on."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from casebook.search.entries import fen
from casebook.search.question import LONGEST_ACCOUNT, Question, alike, asked
from complaints.triage.suggestions import Submission, triage
from law.articles import Days
from law.library import Library
from law.suggestions import suggest

_LIKELY: Final = 0.5  # confidence from which a trade counts


def typed(library: Library, text: str, days: Days) -> Question:
    """A person's words."""
    trades = triage(Submission(title=text[:200])).industry
    industry = trades[0].value if trades and trades[0].confidence >= _LIKELY else ""
    return asked(text, library, days, industry)


def like_complaint(
    library: Library,
    title: str,
    request: str,
    facts: str,
    problem: str,
    industry: str,
    amount: Decimal | None,
    days: Days,
) -> Question:
    """A complaint that looks for its like. `problem`, `industry`: codes, "" when not known; `amount` in yuan."""
    account = "\n".join((title, request, facts[:LONGEST_ACCOUNT]))
    suggestions = suggest(library, account, problem, industry, days)
    best = suggestions[0].score if suggestions else 1.0
    implied = [(one.article.id, round(one.score / best, 3)) for one in suggestions]
    return alike(title, request, facts, implied, industry, problem, fen(amount))
