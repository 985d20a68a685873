"""Typed session events to the journal's JSON and back, and JSON as it goes to browsers.

An event's type in the journal is its class name, its data the fields by name: enumerations by value, money as
text, times as ISO 8601 UTC with `Z`. Fields added later have defaults, so that old entries still decode.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints, overload

from journal import SYSTEM, Actor, Draft, Event, stamp
from rooms.events import SessionEvent

KINDS: Mapping[str, type[SessionEvent]] = {kind.__name__: kind for kind in get_args(SessionEvent)}

STREAM = "session"


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A journal entry with its event decoded: what, when, by whom, and its place in the session's stream."""

    session: str
    version: int
    event: SessionEvent
    at: datetime
    actor: Actor = SYSTEM


def stream(session: str) -> str:
    """The name of a session's stream."""
    return f"{STREAM}/{session}"


def event_draft(event: SessionEvent, at: datetime, actor: Actor = SYSTEM) -> Draft:
    return Draft(type(event).__name__, plain(event), at, actor)


def session_entry(entry: Event) -> SessionEntry:
    """KeyError for a type no session knows. Of an erased entry there is nothing to decode: see `history`."""
    made: SessionEvent = typed(KINDS[entry.type], entry.data)
    return SessionEntry(entry.stream.partition("/")[2], entry.version, made, entry.at, entry.actor)


def history(entries: Iterable[Event]) -> list[SessionEntry]:
    """What is still known: entries whose content was erased are left out."""
    return [session_entry(entry) for entry in entries if not entry.erased]


def plain(value: Any) -> Any:
    """Dataclasses and what they hold, as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def typed(wanted: Any, value: Any) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
        origin = get_origin(wanted)
    if origin is tuple:
        return tuple(typed(get_args(wanted)[0], item) for item in value)
    if origin is dict:
        return {key: typed(get_args(wanted)[1], item) for key, item in value.items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = _hints(wanted)
        return wanted(**{name: typed(hints[name], item) for name, item in value.items() if name in hints})
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is Decimal or (isinstance(wanted, type) and issubclass(wanted, StrEnum)):
        return wanted(value)
    return value


@overload
def wire_time(at: datetime) -> str: ...
@overload
def wire_time(at: datetime | None) -> str | None: ...
def wire_time(at: datetime | None) -> str | None:
    """A moment as it stands on the wire: ISO 8601, UTC, milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ------------------------------------------------------------ JSON for browsers

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode_json(value: Any) -> str:
    """The JSON text: UTF-8 as it is, no spaces.

    Half of a surrogate pair, which UTF-8 has no bytes for, becomes a question mark.
    """
    text = _JSON.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def merge_json(*objects: str) -> str:
    """One object with the members of all, put together from texts already made."""
    return "{" + ",".join(text[1:-1] for text in objects if text != "{}") + "}"


def json_size(text: str) -> int:
    """Bytes on the wire."""
    return len(text) if text.isascii() else len(text.encode())
