"""What the bodies of messages have in common: nothing beyond what is named, and the kinds of text and money in them.

Limits only keep nonsense out; what a person is told about their own text is decided in rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from rooms import commands as c

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=8_000)]


def _written(value: Any) -> Any:
    """Money comes as text: a binary fraction is not an amount."""
    if value is not None and not isinstance(value, str):
        raise ValueError("money is text")
    return value


Money = Annotated[Decimal, BeforeValidator(_written), Field(max_digits=14)]


class Body(BaseModel):
    """Nothing more than what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    pass


class OnSeat(Body):
    seat: Id


@dataclass(frozen=True, slots=True)
class CommandMessage:
    body: type[Body]
    build: Callable[[Any], c.Command]
