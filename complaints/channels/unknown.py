"""What a value that nobody knew means, once somebody has said so: for the complaints it came with, and for mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from complaints.channels.mapping import CHOICES, FIELDS, ChannelMapping, known_status
from complaints.errors import BadChoice
from complaints.events import plain
from complaints.record.record import ComplaintRegistered, EarlierHandling, UnknownValue
from complaints.vocabulary import Names

CONCLUDED: Final = ("refused", "settled", "ended", "withdrawn")
"""Of `complaints.vocabulary.STATUSES`: how one that is closed came out."""


def meanings(field: str) -> Mapping[str, Names]:
    """What a value of this field can mean; nothing where its words are only kept."""
    return CHOICES.get(field, {}) if FIELDS.get(field) in ("choice", "choices", "kind") else {}


def concluded(state: str, result: str) -> str:
    """A status, told more exactly by a result of one word: longer ones are for people to read."""
    word = known_status(result.strip())
    return word if state == "closed" and word in CONCLUDED else state


def knowing(mapping: ChannelMapping, values: Mapping[tuple[str, str], str]) -> ChannelMapping:
    """Which also knows what an office has said of (field, word)."""
    known = {field: dict(among) for field, among in mapping.values.items()}
    for (field, said), value in values.items():
        known.setdefault(field, {}).setdefault(said.lower(), value)
    return replace(mapping, values=known)


def checked(field: str, value: str) -> str:
    """BadChoice."""
    if value not in meanings(field):
        raise BadChoice(field=field)
    return value


def with_meaning(record: ComplaintRegistered, field: str, said: str, value: str) -> ComplaintRegistered:
    """With what somebody says it means, where nobody has put anything else there meanwhile."""
    left = tuple(one for one in record.unknown if one != UnknownValue(field, said))
    record = replace(record, unknown=left)
    match field:
        case "requests":
            others = any(one.field == field for one in left)
            known = tuple(one for one in record.requests if one != "other" or others)
            return replace(record, requests=tuple(dict.fromkeys((*known, value))))
        case "urgency":
            return replace(record, urgency=tuple(dict.fromkeys((*record.urgency, value))))
        case "problem_class":
            return replace(record, problem_class=value) if record.problem_class in ("", "other") else record
        case "consumer_sex" | "consumer_age_band" | "consumer_id_kind":
            part = field.removeprefix("consumer_")
            before = getattr(record.consumer, part)
            if before not in ("", "other"):
                return record
            return replace(record, consumer=_with(record.consumer, part, value))
        case "object_kind":
            return replace(record, object=replace(record.object, kind=value))
        case "mode":
            return replace(record, mode=value)
        case "kind":
            return replace(record, also_reports=record.also_reports or value == "both")
        case "status":
            earlier = record.earlier or EarlierHandling("received")
            return replace(record, earlier=replace(earlier, state=concluded(value, earlier.result), said=said))
        case _:
            return record


def source_changes(record: ComplaintRegistered) -> dict[str, Any]:
    """What a complaint's channel says of its handling, as an update of it tells (`SourceUpdated`)."""
    return {"earlier": plain(record.earlier), "unknown": plain(record.unknown)}


def _with(whole: Any, name: str, value: str) -> Any:
    return replace(whole, **{name: value})
