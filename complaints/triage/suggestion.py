"""What triage says: values with a confidence and the words that led to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from complaints.triage.words import Mention

SURE = 0.6  # from here on a suggestion is offered as chosen


@dataclass(frozen=True, slots=True)
class Submission:
    """The texts a complaint is judged by. `place`: address and city of the respondent, as far as known."""

    title: str = ""
    request: str = ""
    facts: str = ""
    business: str = ""
    object: str = ""
    industry: str = ""  # as somebody else wrote it
    problem: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confidence` 0…1: the share of such suggestions that were right, roughly (`yuntiao bench triage` measures it)."""

    value: str
    confidence: float
    mentions: tuple[Mention, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mention.word for mention in self.mentions))


@dataclass(frozen=True, slots=True)
class Triage:
    """The best first; empty where nothing speaks for anything. `offices` are ids of jurisdictions."""

    industry: Sequence[Suggestion]
    problem: Sequence[Suggestion]
    requests: Sequence[Suggestion]
    urgency: Sequence[Suggestion]
    division: Sequence[Suggestion]
    jurisdiction: Sequence[Suggestion]
    reports: Sequence[Suggestion]
    version: str
