"""A command as no page would send it, one text of it far too long; and all texts of what it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

HUGE = "长" * 1_000_000


def longer(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """For each text in it, by the name of its field: the same with that text too long."""
    match value:
        case str():
            yield name, HUGE
        case tuple():
            for at, one in enumerate(value):
                for which, put in longer(one, name):
                    yield which, (*value[:at], put, *value[at + 1 :])
        case Mapping():
            for key, one in value.items():
                for which, put in longer(one, name):
                    yield which, {**value, key: put}
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                for which, put in longer(getattr(value, one.name), one.name):
                    yield which, replace(value, **{one.name: put})


def texts(value: Any) -> Iterator[str]:
    """All of them, however deep."""
    match value:
        case str():
            yield value
        case Mapping():
            for pair in value.items():
                yield from texts(pair)
        case list() | tuple():
            for part in value:
                yield from texts(part)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                yield from texts(getattr(value, one.name))
