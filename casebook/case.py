"""A case as readers, search and the compendium are given it. Owns the names of its texts and states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

STREAM = "case"

TEXTS = ("title_zh", "title_en", "facts", "claims", "process", "outcome", "experience")
"""The texts of a case, in the order they are read. All are looked through before anything is published."""

NEEDED = ("title_zh", "facts", "outcome")
"""Without these there is no case."""

LONGEST = {
    "title_zh": 80, "title_en": 160, "facts": 8_000, "claims": 2_000, "process": 8_000, "outcome": 4_000,
    "experience": 4_000, "comment": 6_000, "reason": 500, "remarks": 2_000, "put": 60, "name": 40,
}  # fmt: skip
"""Characters."""


class State(StrEnum):
    """draft → approved (nothing in it names anybody) → review (the board has it) → published → withdrawn."""

    DRAFT = "draft"
    APPROVED = "approved"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Case:
    """De-identified. Only where `state` is "published" may anybody outside its office find it.

    `number`: 云案〔2026〕0012号 with the office's prefix. `industry`: GB/T 4754-2017, "" to a class; `problem`: one of
    `complaints.vocabulary.PROBLEMS`; `tags`: `law.catalogue.topics`; `articles`: ids of `law.catalogue`, as in force
    on `event_date`. `claimed` and `settled` yuan, rounded with one factor so that their proportion stays; `days` from
    receipt to the decision. `edition` counts what was published from 1; 0 before. `office`: its id.
    """

    id: str
    number: str
    title_zh: str
    title_en: str
    industry: str
    problem: str
    tags: tuple[str, ...]
    facts: str
    claims: str
    process: str
    outcome: str
    experience: str
    articles: tuple[str, ...]
    comment: str
    comment_by: str
    claimed: Decimal | None
    settled: Decimal | None
    days: int | None
    event_date: date
    state: str
    edition: int
    sample: bool
    office: str

    def title(self, language: str) -> str:
        return self.title_en if language.startswith("en") and self.title_en else self.title_zh


def stream(case: str) -> str:
    """The name of a case's stream."""
    return f"{STREAM}/{case}"
