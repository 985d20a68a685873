"""Why a statutory date is the date it is, day by day, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import law
from complaints.views import Deadline

TESTING: Final = law.TESTING  # the labels of a day that testing takes out
MOST_DAYS: Final = 16  # more than these are told in a sentence, not drawn one by one


@dataclass(frozen=True, slots=True)
class DayCell:
    date: date
    top: str
    label: str
    counted: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Why:
    code: str
    due: date
    start: date
    article: str
    cells: Sequence[DayCell]
    skipped: Sequence[str]  # what was not counted, each named once
    counted: int
    estimated: bool
    days_left: int  # negative: overdue
    share: float  # of the time that has passed, 0…1
    paused: int = 0  # days of testing, which do not count
    standing: bool = False  # the clock stands still: `due` is the earliest date that can be
    left: int = 0  # counted days that remain of one that stands still
    running: bool = True  # False: what it was for is done

    @property
    def tone(self) -> str:
        if self.standing:
            return ""
        if self.days_left <= 0:
            return "danger"
        return "warn" if self.days_left == 1 else ""


def why(deadline: Deadline, received: date, today: date, language: str) -> Why:
    """`received` decides which order applies when the words have to be found in another language."""
    days, article = list(deadline.days), deadline.article
    if language.startswith("en") and deadline.labels_en:
        days = [(day, label, counts) for (day, _, counts), label in zip(deadline.days, deadline.labels_en, strict=True)]
        article = deadline.article_en
    elif language.startswith("en"):
        days, article = _english(deadline, received)
    counted = sum(1 for _day, _label, counts in days if counts)
    skipped = tuple(dict.fromkeys(label for day, label, counts in days if not counts and day != deadline.start))
    whole = max(1, (deadline.due - deadline.start).days)
    return Why(
        code=deadline.code,
        due=deadline.due,
        start=deadline.start,
        article=article,
        cells=_cells(days, deadline.due) if len(days) <= MOST_DAYS else (),
        skipped=skipped,
        counted=counted,
        estimated=deadline.estimated,
        days_left=(deadline.due - today).days,
        share=min(1.0, max(0.0, (today - deadline.start).days / whole)),
        paused=sum(1 for _day, label, _counts in days if label in TESTING),
        standing=deadline.standing,
        left=deadline.left,
        running=deadline.running,
    )


def _cells(days: Sequence[tuple[date, str, bool]], due: date) -> list[DayCell]:
    """The month is written where it begins or changes."""
    cells: list[DayCell] = []
    before: date | None = None
    for day, label, counted in days:
        fresh = before is None or before.month != day.month
        top = f"{day.month}/{day.day}" if fresh else str(day.day)
        cells.append(DayCell(day, top, label, counted, day == due))
        before = day
    return cells


def _english(deadline: Deadline, received: date) -> tuple[list[tuple[date, str, bool]], str]:
    """Count again with the law package, which has both languages; keep the stored words if the dates differ."""
    order, calendar = law.order_for(received), law.WorkingCalendar()
    counts: dict[str, Callable[[date, law.Order, law.WorkingCalendar], law.Deadline]] = {
        "accept": law.accept_by,
        "mediate": law.mediate_by,
        "tell_end": law.tell_end_by,
        "competence": law.competence_by,
    }
    count = counts.get(deadline.code)
    if count is None:
        return list(deadline.days), deadline.article
    told = count(deadline.start, order, calendar)
    if told.due != deadline.due:
        return list(deadline.days), deadline.article
    return [(day.date, day.label("en"), day.counted) for day in told.days], told.article("en")
