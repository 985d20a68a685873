"""Our own form of cases that go out and come in, as JSON. Loads little: a confined child reads what comes by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from casebook import LONGEST, LONGEST_TOPIC, MOST_CASES
from server.confinement import Declined

FORM: Final = "yuntiao-cases/1"
LARGEST: Final = 16 << 20  # bytes


class ExchangedTopic(BaseModel):
    """A topic an office added, by its names; `under`: the topic of the law catalogue above it."""

    model_config = ConfigDict(extra="forbid")

    under: Annotated[str, Field(min_length=1, max_length=40)]
    zh: Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC)]
    en: Annotated[str, Field(max_length=2 * LONGEST_TOPIC)] = ""


class ExchangedCase(BaseModel):
    """One case of a file: texts in plain characters, codes of the standards we use, money as text."""

    model_config = ConfigDict(extra="forbid")

    title_zh: Annotated[str, Field(min_length=1, max_length=LONGEST["title_zh"])]
    title_en: Annotated[str, Field(max_length=LONGEST["title_en"])] = ""
    facts: Annotated[str, Field(min_length=1, max_length=LONGEST["facts"])]
    claims: Annotated[str, Field(max_length=LONGEST["claims"])] = ""
    process: Annotated[str, Field(max_length=LONGEST["process"])] = ""
    outcome: Annotated[str, Field(min_length=1, max_length=LONGEST["outcome"])]
    experience: Annotated[str, Field(max_length=LONGEST["experience"])] = ""
    comment: Annotated[str, Field(max_length=LONGEST["comment"])] = ""
    comment_by: Annotated[str, Field(max_length=80)] = ""
    industry: Annotated[str, Field(pattern=r"^([A-T]([0-9]{2,4})?)?$")] = ""
    problem: Annotated[str, Field(max_length=32)] = ""
    tags: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=12)] = ()
    topics: Annotated[tuple[ExchangedTopic, ...], Field(max_length=12)] = ()
    articles: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=20)] = ()
    claimed: Annotated[Decimal | None, Field(ge=0, le=1_000_000_000, decimal_places=2)] = None
    settled: Annotated[Decimal | None, Field(ge=0, le=1_000_000_000, decimal_places=2)] = None
    days: Annotated[int | None, Field(ge=0, le=10_000)] = None
    event: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$")] = ""
    number: Annotated[str, Field(max_length=64)] = ""
    office: Annotated[str, Field(max_length=120)] = ""
    edition: Annotated[int, Field(ge=0, le=10_000)] = 0


class ExchangedCases(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Annotated[str, Field(pattern=f"^{FORM}$")]
    public: bool = False
    cases: Annotated[tuple[ExchangedCase, ...], Field(min_length=1, max_length=MOST_CASES)]


def schema() -> dict[str, Any]:
    """JSON Schema of the form."""
    return ExchangedCases.model_json_schema()


def parsed(content: bytes) -> ExchangedCases:
    """Declined: case_file, with `why`: large, form, and `place` where a field is wrong."""
    if len(content) > LARGEST:
        raise Declined("case_file", why="large")
    try:
        return ExchangedCases.model_validate_json(content)
    except ValidationError as fault:
        place = ".".join(str(part) for part in fault.errors()[0]["loc"])[:80]
        raise Declined("case_file", why="form", place=place) from None
