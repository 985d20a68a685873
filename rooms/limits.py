"""Within which limits the fields of a client's message are.

They only keep nonsense out; what a person is told about their own text is decided by the rules of its command.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints


def _text(value: Any) -> Any:
    """Money comes as text: a binary fraction is not an amount."""
    if value is not None and not isinstance(value, str):
        raise ValueError("money is text")
    return value


def _nothing(value: Any) -> Any:
    return "0.00" if value is None else value


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment names its time zone")
    return value


Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
OptionalId = Annotated[str, StringConstraints(max_length=64)]
"""Or "" for none."""
Text = Annotated[str, StringConstraints(max_length=8_000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Money = Annotated[Decimal, BeforeValidator(_text), Field(max_digits=14)]
MoneyOrNothing = Annotated[Money, BeforeValidator(_nothing)]
"""None is no money."""
Moment = Annotated[datetime, AfterValidator(_with_zone)]
Edition = Annotated[int, Field(ge=0, le=100_000)]
Number = Annotated[int, Field(ge=1, le=100_000)]
Page = Annotated[int, Field(ge=1, le=1_000)]
Coordinate = Annotated[int, Field(ge=0, le=10_000)]
"""Ten thousandths of a page's width or height."""

EXACTLY: Final = ConfigDict(extra="forbid")
"""Of a body: nothing more than what is named."""
