"""Events of cases and notes to the journal's JSON and back: an event's type is its class name, its data the fields.

Money is text with two decimals, days and times ISO 8601. Fields added later have defaults, so old entries decode.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from journal import Actor, Draft
from journal.events import stamp


def draft(event: Any, at: datetime, actor: Actor) -> Draft:
    return Draft(type(event).__name__, plain(event), at, actor)


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def typed(wanted: Any, value: Any) -> Any:
    """KeyError, TypeError or ValueError for what is none."""
    if value is None:
        return None
    if get_origin(wanted) in (Union, types.UnionType):
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
    origin = get_origin(wanted)
    if origin is tuple:
        return tuple(typed(get_args(wanted)[0], item) for item in value)
    if origin in (dict, Mapping):
        return {key: typed(get_args(wanted)[1], item) for key, item in value.items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = _hints(wanted)
        return wanted(**{name: typed(hints[name], item) for name, item in value.items() if name in hints})
    if wanted in (datetime, date):
        return wanted.fromisoformat(value)
    if wanted is Decimal or (isinstance(wanted, type) and issubclass(wanted, StrEnum)):
        return wanted(value)
    return value
