"""What tables have of one complaint, as pure functions of its history.

Loads no library of databases or pages: processes that read an import's rows make these too (`server.imports.encoding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple

from complaints.clocks import deadlines, open_clocks, running_among
from complaints.complaint import Complaint
from complaints.duplicates import brand_key, code_mark, phone_mark
from complaints.events import written
from complaints.insight.history import ComplaintHistory
from complaints.insight.respondents import Mark, marks
from complaints.notices.rules import undelivered, untold
from complaints.record.record import PartyRecord
from complaints.record.rules import MERGED, merged_numbers
from complaints.statistics.facts import Fact, fact
from law import Deadline, WorkingCalendar
from server.complaints.words import mark, number_tokens, tokens
from server.db.clock_rows import written_clock

Row = dict[str, Any]
NATIONAL: Final = WorkingCalendar()
PARTY_FIELDS: Final = tuple(field.name for field in fields(PartyRecord))
_FACT_FIELDS: Final = tuple(field.name for field in fields(Fact))
_read_fact: Final = attrgetter(*_FACT_FIELDS)


class Filed(NamedTuple):
    """A complaint at a moment as the list has it, but for its place. `words`: each once, with a space between."""

    row: Row
    words: str


class ComplaintRows(NamedTuple):
    """`fact`: of `complaint_facts`. `marks`: of its respondent. `clocks`: those that run, None where there never was a
    dispute about competence."""

    filed: Filed
    fact: Row
    marks: tuple[Mark, ...]
    clocks: Sequence[Deadline] | None = None

    def numbered(self, number: str) -> ComplaintRows:
        """Of one that was made without its number, what is made with it."""
        row, words = self.filed
        there = f" {words} "
        new = [word for word in dict.fromkeys(number_tokens(number)) if f" {word} " not in there]
        return self._replace(filed=Filed({**row, "number": number}, " ".join((words, *new))))


def complaint_rows(
    id: str, history: ComplaintHistory, zone: str, calendar: WorkingCalendar = NATIONAL
) -> ComplaintRows:
    """`zone`, `calendar`: of its office."""
    complaint = history.complaint
    counted = fact(id, history.followed, zone)
    return ComplaintRows(
        filed_complaint(id, complaint, zone, calendar),
        dict(zip(_FACT_FIELDS, _read_fact(counted), strict=True)),
        marks(complaint.record.business, complaint.record.division),
        open_clocks(complaint, zone, calendar) if complaint.disputes else None,
    )


def filed_complaint(complaint: str, state: Complaint, zone: str, calendar: WorkingCalendar = NATIONAL) -> Filed:
    row = complaint_now(complaint, state, zone, calendar)
    code = row["industry_code"]
    filters = (
        mark("office", row["office"]),
        mark("channel", row["channel"]),
        mark("state", row["state"]),
        mark("problem", row["problem_class"]),
        *((mark("industry", code[:1]), mark("industry", code[:3])) if code else ()),
    )
    return Filed(row, " ".join(tokens(state.record, merged_numbers(state), filters)))


def complaint_now(complaint: str, state: Complaint, zone: str, calendar: WorkingCalendar = NATIONAL) -> Row:
    record = state.record
    clocks = deadlines(state, zone, calendar)
    current = running_among(state, clocks)
    return {
        "id": complaint,
        "office": record.office,
        "number": record.number,
        "state": state.state.value if state.merged is None else MERGED,
        "channel": record.channel,
        "received": record.received,
        "title": record.title,
        "request": record.request,
        "facts": record.facts,
        "amount": record.amount,
        "industry": record.industry,
        "problem": record.problem,
        "law_order": record.order,
        "consumer": written(record.consumer),  # as the journal has it: what is empty has no word
        "business": written(record.business),
        "consumer_title": record.consumer.title,
        "business_title": record.business.title,
        "deadlines": f"[{','.join(map(written_clock, clocks))}]",
        # What stands still is due on no day yet.
        "running": current.code if current and not current.standing else "",
        "next_due": current.due if current and not current.standing else None,
        "loss_recovered": state.loss_recovered,
        "promises_due": state.promises_due,
        "telling": "failed" if undelivered(state) else "owed" if untold(state) else "",
        "problem_class": record.problem_class,
        "industry_code": record.industry_code,
        "division": record.division,
        "phone_mark": phone_mark(record),
        "code_mark": code_mark(record),
        "brand": brand_key(record.business.title),
    }
