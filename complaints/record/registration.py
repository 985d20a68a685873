"""What the record of a complaint must hold, and how long its texts may be."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from complaints.errors import (
    BadAmount,
    BadChoice,
    TooLong,
)
from complaints.events import (
    ComplaintEvent,
    ComplaintRegistered,
)
from complaints.record.record import ObjectRecord, PartyRecord, Proxy, SourceNumber
from complaints.state import LONGEST, filled, short
from complaints.vocabulary import AGES, CHANNELS, ID_KINDS, MODES, PROBLEMS, REQUESTS, SEXES, URGENCIES

MOST_REPRESENTATIVES = 2  # Order 121 Art 12
MOST_JOINT = 200
_FEN = Decimal("0.01")
_DEAREST = Decimal("1000000000")


def check_registration(record: ComplaintRegistered) -> None:
    """DomainError says what is missing or cannot be."""
    for name, text in (("title", record.title), ("request", record.request), ("facts", record.facts)):
        filled(name, text)
        short(name, text)
    short_record(record)
    filled("consumer_name", record.consumer.name)
    filled("business_name", record.business.title)
    for amount in (record.amount, record.object.paid):
        # Money has whole fen, and no dispute over a purchase reaches a billion.
        if not (amount is None or (amount.is_finite() and 0 <= amount < _DEAREST and amount == amount.quantize(_FEN))):
            raise BadAmount
    _among("channel", CHANNELS, record.channel, *[source.channel for source in record.sources])
    if record.mode:
        _among("mode", MODES, record.mode)
    if record.problem_class:
        _among("problem_class", PROBLEMS, record.problem_class)
    _among("requests", REQUESTS, *record.requests)
    _among("urgency", URGENCIES, *record.urgency)
    for person in (record.consumer, *record.joint):
        _among("sex", SEXES, person.sex)
        _among("age_band", AGES, person.age_band)
        _among("id_kind", ID_KINDS, person.id_kind)
    if len(record.representatives) > MOST_REPRESENTATIVES:
        raise BadChoice(field="representatives")
    if len(record.joint) > MOST_JOINT:
        raise TooLong(field="joint", most=MOST_JOINT)
    if record.proxy is not None:
        filled("proxy_name", record.proxy.name)


def _among(field: str, known: Container[str], *values: str) -> None:
    for value in values:
        if value not in known:
            raise BadChoice(field=field)


# ------------------------------------------------------------ lengths


LONGEST_OTHER: Final = 500  # characters of a record's text that has no limit of its own, sealed numbers included
LONGEST_TEXT: Final = 20_000  # of any text of any event
MOST_OF_EVENT: Final = 400_000  # characters of all its texts together
MOST_ITEMS: Final = 200  # of any list of a record

_LISTS: Final = ("sources", "representatives", "requests", "urgency", "keywords", "joint")


def _texts_of(kind: type[Any], *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.type == "str" and one.name not in without)


_RECORD: Final = _texts_of(ComplaintRegistered, *LONGEST)
_KINDS: Final[tuple[type[Any], ...]] = (PartyRecord, ObjectRecord, Proxy, SourceNumber)
_PARTS: Final = {kind: _texts_of(kind) for kind in _KINDS}
_read: Final[dict[type[Any], Callable[[Any], tuple[str, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _PARTS.items()
}
_read[ComplaintRegistered] = attrgetter(*_RECORD)


def short_record(record: ComplaintRegistered) -> None:
    """TooLong where one of its texts or lists is; `check_registration` says it of title, request and facts."""
    for name in _LISTS:
        if len(getattr(record, name)) > MOST_ITEMS:
            raise TooLong(field=name, most=MOST_ITEMS)
    _short(_RECORD, _read[ComplaintRegistered](record))
    parts = (record.consumer, record.business, *record.joint, record.object, *record.sources)
    for part in parts if record.proxy is None else (*parts, record.proxy):
        _short(_PARTS[type(part)], _read[type(part)](part))
    for name in ("representatives", "requests", "urgency", "keywords"):
        _short((name,) * len(getattr(record, name)), getattr(record, name))


def short_event(event: ComplaintEvent) -> None:
    """TooLong where a text is, or all of them together: the last gate before anything is written down.

    Forms, interfaces and imports have limits of their own, with a sentence at the field; nothing longer gets past here.
    """
    whole = 0
    for name, length in _lengths(event, type(event).__name__):
        whole += length
        if length > LONGEST_TEXT:
            raise TooLong(field=name, most=LONGEST_TEXT)
        if whole > MOST_OF_EVENT:
            raise TooLong(field=name, most=MOST_OF_EVENT)


def _short(names: Iterable[str], texts: Iterable[str]) -> None:
    for name, text in zip(names, texts, strict=True):
        if len(text) > LONGEST_OTHER:
            raise TooLong(field=name, most=LONGEST_OTHER)


def _lengths(value: Any, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, str):
        yield name, len(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _lengths(getattr(value, one.name), one.name)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _lengths(key, name)
            yield from _lengths(one, str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _lengths(one, name)
