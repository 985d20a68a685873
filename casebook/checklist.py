"""What somebody vouches for before the board gets a case, and what it can see for itself."""

from __future__ import annotations

from casebook.case import Case

CHECKS = ("nobody_known", "both_sides", "outcome_true", "law_in_force", "useful")
"""Vouched for by who sends a case on: nobody in it can be known, even by the neighbours; both sides' views are told
fairly; the outcome is the one on file; each article was read and was in force; a colleague would act differently for
having read it."""


def gaps(case: Case) -> tuple[str, ...]:
    """What is still thin, seen without reading: shown, never an obstacle."""
    found = []
    if not case.title_en:
        found.append("title_en")
    if len(case.experience) < 40:
        found.append("experience")
    if not case.articles:
        found.append("articles")
    if not case.tags:
        found.append("tags")
    if not case.industry:
        found.append("industry")
    if not case.problem:
        found.append("problem")
    if not case.comment:
        found.append("comment")
    if case.claimed is None or case.settled is None:
        found.append("figures")
    return tuple(found)
