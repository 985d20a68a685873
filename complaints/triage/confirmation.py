"""An officer confirms or changes what triage suggested. The record says from then on what was confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from complaints.errors import BadChoice
from complaints.record.industries import industry_code
from complaints.record.places import place_code
from complaints.record.record import ComplaintRegistered
from complaints.vocabulary import PROBLEMS, REQUESTS, URGENCIES

TRIAGE_ANSWERS = ("industry_code", "problem_class", "requests", "urgency", "division", "jurisdiction", "also_reports")


@dataclass(frozen=True, slots=True)
class ConfirmTriage:
    """`changed`: of `TRIAGE_ANSWERS`, those set otherwise than suggested; `lists`: which word lists suggested."""

    industry_code: str = ""
    problem_class: str = ""
    requests: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    division: str = ""
    jurisdiction: str = ""  # id of an office's own area
    also_reports: bool = False
    changed: tuple[str, ...] = ()
    lists: str = ""


@dataclass(frozen=True, slots=True)
class TriageConfirmed:
    """Fields as in `ConfirmTriage`."""

    industry_code: str = ""
    problem_class: str = ""
    requests: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    division: str = ""
    jurisdiction: str = ""
    also_reports: bool = False
    changed: tuple[str, ...] = ()
    lists: str = ""


def confirm(command: ConfirmTriage, before: TriageConfirmed | None) -> Sequence[TriageConfirmed]:
    """BadChoice(field). The same answers once more change nothing."""
    for field, values, among in (
        ("problem_class", (command.problem_class,) if command.problem_class else (), PROBLEMS),
        ("requests", command.requests, REQUESTS),
        ("urgency", command.urgency, URGENCIES),
        ("changed", command.changed, dict.fromkeys(TRIAGE_ANSWERS)),
    ):
        if any(value not in among for value in values) or len(set(values)) != len(values):
            raise BadChoice(field=field)
    if len(command.jurisdiction) > 64 or len(command.lists) > 32:
        raise BadChoice(field="jurisdiction")
    confirmed = TriageConfirmed(
        industry_code(command.industry_code),
        command.problem_class,
        command.requests,
        command.urgency,
        place_code(command.division),
        command.jurisdiction,
        command.also_reports,
        command.changed,
        command.lists,
    )
    same = before is not None and all(getattr(before, name) == getattr(confirmed, name) for name in TRIAGE_ANSWERS)
    return [] if same else [confirmed]


def classified(record: ComplaintRegistered, event: TriageConfirmed) -> ComplaintRegistered:
    """The record with what was confirmed."""
    return replace(
        record,
        industry_code=event.industry_code,
        problem_class=event.problem_class,
        requests=event.requests,
        urgency=event.urgency,
        division=event.division,
        jurisdiction=event.jurisdiction,
        also_reports=event.also_reports,
    )
