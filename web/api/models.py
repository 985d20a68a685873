"""What goes over the interface, both ways: the source of the OpenAPI document, and its check.

Money is text with two decimals; times are ISO 8601 with their zone; numbers of persons come masked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from complaints import PROBLEMS, REQUESTS
from complaints.views import ComplaintRow
from law.orders import APART, ELSEWHERE, MODES
from rooms import MOST_LINE, MOST_PLACE, MOST_TEXT
from rooms.agreement.outcome import MOST_TERMS
from rooms.agreement.rules import MOST_PROOF
from rooms.views import ComplaintPage, ComplaintParty

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_PLACE)]
Account = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_TEXT)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


def _written(value: object) -> object:
    """A moment as RFC 3339 writes it; not seconds since some day, nor a day alone."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise ValueError("a time with its zone, as of RFC 3339")
    return value


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]


def _among(known: Collection[str]) -> AfterValidator:
    def one_of(value: str) -> str:
        if value not in known:
            raise ValueError("not one of these")
        return value

    return AfterValidator(one_of)


def _exact(value: object) -> object:
    """A number with a decimal point is none that holds fen exactly."""
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 548.0 is an integer to JSON
    if isinstance(value, float | bool) or (isinstance(value, str) and not _YUAN.fullmatch(value)):
        raise ValueError("yuan as text, two decimals at most")
    return value


_YUAN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
Money = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, lt=Decimal("1000000000"), max_digits=11, decimal_places=2),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_YUAN.pattern}$"},
                {"type": "integer", "minimum": 0, "maximum": 999_999_999},
            ]
        }
    ),
]

NEXT_MODES = ("", *(mode for mode in MODES if mode != APART))
"""Of one that goes on at a time."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConsumerIn(_Model):
    name: Line
    phone: Annotated[str, StringConstraints(min_length=5, max_length=30)]
    city: Text = ""
    address: Text = ""


class BusinessIn(_Model):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    contact: Text = ""
    phone: Annotated[str, StringConstraints(max_length=30)] = ""
    city: Text = ""
    address: Text = ""
    credit_code: Annotated[str, StringConstraints(max_length=30)] = ""


class ComplaintIn(_Model):
    """A complaint to be registered for the token's office."""

    channel: Literal["hotline", "director", "board", "12315", "petition", "window"]
    received: Moment
    title: Line
    request: Long
    facts: Long
    amount: Money | None = None
    consumer: ConsumerIn
    business: BusinessIn
    source_number: Annotated[str, StringConstraints(max_length=64)] = Field("", description="What it is called there.")
    problem: Annotated[str, _among(("", *PROBLEMS)), Field(json_schema_extra={"enum": ["", *PROBLEMS]})] = ""
    requests: Annotated[
        list[Annotated[str, _among(REQUESTS), Field(json_schema_extra={"enum": list(REQUESTS)})]], Field(max_length=9)
    ] = []
    industry_code: Annotated[str, StringConstraints(max_length=5)] = ""


class TermIn(_Model):
    """One thing that was agreed. `due`, unless it was done at once: the last day on which it is in time."""

    who: Literal["consumer", "business"]
    action: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_LINE)]
    amount: Money | None = None
    how: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LINE)] = ""
    due: date | None = None
    at_once: bool = False


class MediationIn(_Model):
    """A mediation without a room that took place. What the form of the page `/complaints/ID/held` asks."""

    mode: Annotated[str, _among(ELSEWHERE), Field(json_schema_extra={"enum": list(ELSEWHERE)})]
    began: Moment
    ended: Moment
    place: Place = Field("", description="Needed of one on site.")
    consumer_by: Place = Field("", description="Who spoke for the complainant, and as what; empty: nobody.")
    business_by: Place = ""
    others: Place = ""
    course: Account = ""
    proof: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=MOST_PROOF)] = Field(
        [], description="Ids of the complaint’s attachments."
    )
    outcome: Literal["settled", "not_settled", "ended", "adjourned"]
    ground: int | None = Field(None, ge=1, le=20, description="Of one that ended: its number in the order’s article.")
    reason: Account = Field("", description="Which the parties are told.")
    terms: Annotated[list[TermIn], Field(max_length=MOST_TERMS)] = []
    agreement: Literal["wanted", "waived", ""] = Field(
        "", description="Of a settlement: signed by link, waived by both sides, or everything was done at once."
    )
    capacity: Literal["self", "head", "legal_representative", "agent"] | None = Field(
        None, description="By what right who signs for the respondent does."
    )
    basis: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LINE)] = ""
    adjourned_to: Moment | None = None
    next_mode: Annotated[str, _among(NEXT_MODES), Field(json_schema_extra={"enum": list(NEXT_MODES)})] = ""
    next_place: Place = ""


class Recorded(BaseModel):
    """`session`: what it is on file as."""

    session: str
    complaint: str


class Registered(BaseModel):
    id: str
    number: str


class DeadlineOut(BaseModel):
    code: str
    due: date


class PartyOut(BaseModel):
    name: str
    organisation: str
    phone_masked: str
    city: str
    address: str
    credit_code: str

    @classmethod
    def of(cls, party: ComplaintParty) -> PartyOut:
        return cls(
            name=party.name,
            organisation=party.organisation,
            phone_masked=party.phone,
            city=party.city,
            address=party.address,
            credit_code=party.credit_code,
        )


class ComplaintOut(BaseModel):
    id: str
    number: str
    title: str
    channel: str
    state: str
    received: AwareDatetime
    amount: str | None
    consumer: str
    business: str
    loss_recovered: str
    deadline: DeadlineOut | None

    @classmethod
    def of(cls, row: ComplaintRow) -> ComplaintOut:
        return cls(**_row(row))


class ComplaintDetail(ComplaintOut):
    request: str
    facts: str
    order: str
    parties: dict[str, PartyOut]
    deadlines: list[DeadlineOut]

    @classmethod
    def of_page(cls, page: ComplaintPage) -> ComplaintDetail:
        return cls(
            **_row(page.row),
            request=page.request,
            facts=page.facts,
            order=page.order,
            parties={"consumer": PartyOut.of(page.consumer), "business": PartyOut.of(page.business)},
            deadlines=[DeadlineOut(code=one.code, due=one.due) for one in page.deadlines],
        )


class ComplaintsOut(BaseModel):
    """Newest receipt first. `older`: what `before` is for the next window; null when this is all."""

    complaints: list[ComplaintOut]
    total: int
    page: int
    pages: int
    older: int | None


class FigureOut(BaseModel):
    """`value` null: there is nothing to divide by or to order."""

    name: str
    version: int
    group: str
    value: str | None
    unit: str
    top: int
    bottom: int | None


class StatisticsOut(BaseModel):
    first: date
    last: date
    as_of: AwareDatetime | None
    by: str
    figures: list[FigureOut]


class ProblemOut(BaseModel):
    """Why a cell keeps its row out. `column`: the member's name as it came."""

    code: str
    column: str
    params: dict[str, object]
    sentence: str


class IntakeRow(BaseModel):
    """`number`: what the channel calls it; `complaint` and `complaint_number`: what it became, null for none, and
    for what was registered as a report or consultation ("apart")."""

    row: int
    outcome: Literal["taken", "updated", "duplicate", "refused", "fixed", "dropped", "apart"]
    number: str
    complaint: str | None
    complaint_number: str | None
    problems: list[ProblemOut]


class IntakeReport(BaseModel):
    """What became of the rows. Refused ones wait in the office to be mended; an empty row is not named."""

    batch: str
    counts: dict[str, int]
    rows: list[IntakeRow]


class ErrorBody(BaseModel):
    code: str
    params: dict[str, object]


class Error(BaseModel):
    error: ErrorBody


def _row(row: ComplaintRow) -> dict[str, Any]:
    deadline = row.deadline
    return {
        "id": row.id,
        "number": row.number,
        "title": row.title,
        "channel": row.channel,
        "state": row.state,
        "received": row.received,
        "amount": None if row.amount is None else f"{row.amount:.2f}",
        "consumer": row.consumer,
        "business": row.business,
        "loss_recovered": f"{row.loss_recovered:.2f}",
        "deadline": None if deadline is None else DeadlineOut(code=deadline.code, due=deadline.due),
    }
