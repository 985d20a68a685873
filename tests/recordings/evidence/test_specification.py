"""What docs/evidence/ says of events and sheets is what the program has: a verifier can be written from it alone."""

from __future__ import annotations

import dataclasses
import json
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import pytest

from complaints import events as of_complaint, procedure, record
from recordings.evidence import authenticity, sheets
from recordings.evidence.lines import LOOKS, WITHHOLDABLE, DecodedLines
from recordings.gap_ledger import CAUSES
from rooms import events as e, vocabulary
from rooms.vocabulary import Side
from tests import ROOT
from tests.recordings.evidence.log import SYSTEM, WHEN
from tests.recordings.evidence.papers import FILES, SIGNING
from tests.recordings.evidence.test_exhibits import TOLD as EXHIBITS
from tests.recordings.evidence.told import OFFICER, Story

FOLDER: Final = ROOT / "docs" / "evidence"
EVENTS: Final = (FOLDER / "events.md").read_text()
SHEETS: Final = (FOLDER / "sheets.md").read_text()
SESSION: Final = {kind.__name__: kind for kind in get_args(e.SessionEvent)}
COMPLAINT: Final = (
    record.AttachmentAdded,
    record.AttachmentRemoved,
    record.AttachmentTaken,
    of_complaint.MediationScheduled,
    of_complaint.ContentErased,
    procedure.OfficerCalled,
    of_complaint.PhoneRevealed,
)
BY_SEAT: Final = {"seats"}
"""Fields of sheets whose members are named after seats; what these members hold has names of its own."""
BY_CONTENT: Final = {"could_hear_ms", "hears", "sees", "missing_ms"}
"""Likewise, and after causes; their members hold none."""


def section(text: str, heading: str) -> str:
    """Up to the next heading of the same or a higher rank."""
    rank = heading.count("#")
    (found,) = re.findall(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{rank}}} |\Z)", text, re.M | re.S)
    return str(found)


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and not set(line) <= set("|-"):
            yield cells


def table(text: str) -> dict[str, list[str]]:
    """By the first cell without its backticks; headers stand for themselves."""
    return {cells[0].strip("`"): cells[1:] for cells in rows(text)}


def kind(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (held,) = (one for one in inner if one is not type(None))
        return f"{kind(held)} or null"
    if origin in (tuple, list):
        return f"list of {kind(inner[0])}"
    if origin is dict:
        return f"map of {kind(inner[1])}"
    if issubclass(hint, StrEnum) or dataclasses.is_dataclass(hint):
        return str(hint.__name__)
    return {str: "text", int: "whole", bool: "flag", datetime: "stamp", Decimal: "money"}[hint]


def default(field: dataclasses.Field[Any]) -> str:
    value = field.default
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    if value is dataclasses.MISSING:
        return ""
    return f" = {json.dumps(str(value) if isinstance(value, str | Decimal) else value)}"


def fields(of: Any) -> str:
    """As the second column has them."""
    hints = get_type_hints(of)
    return ", ".join(f"`{one.name}` {kind(hints[one.name])}{default(one)}" for one in dataclasses.fields(of)) or "–"


def held(of: Any) -> Iterator[type[Any]]:
    """Records and enumerations among the kinds of a record's or event's fields, at any depth."""
    for hint in get_type_hints(of).values():
        for one in _leaves(hint):
            if dataclasses.is_dataclass(one):
                yield one
                yield from held(one)
            elif issubclass(one, StrEnum):
                yield one


def _leaves(hint: Any) -> Iterator[type[Any]]:
    inner = [one for one in get_args(hint) if one is not Ellipsis]
    if not inner:
        yield hint
    for one in inner:
        yield from _leaves(one)


# ---------------------------------------------------------------- events


def test_the_list_of_the_sessions_events_is_whole_and_has_nothing_else() -> None:
    named = re.findall(r"^\| `([A-Z]\w+)` \|", section(EVENTS, "## The session's stream"), re.M)
    assert sorted(named) == sorted(SESSION)


@pytest.mark.parametrize("name", sorted(SESSION))
def test_an_event_of_a_session_is_told_with_every_field_its_kind_and_its_default(name: str) -> None:
    assert table(section(EVENTS, "## The session's stream"))[name][0] == fields(SESSION[name])


def test_the_events_of_a_complaint_that_are_told_are_told_with_every_field() -> None:
    told = table(section(EVENTS, "## The complaint's stream"))
    told.pop("event")
    assert {name: cells[0] for name, cells in told.items()} == {one.__name__: fields(one) for one in COMPLAINT}


def test_records_and_enumerations_are_those_that_events_hold() -> None:
    used = {one for event in (*SESSION.values(), *COMPLAINT) for one in held(event)}
    told = table(section(EVENTS, "## Records")), table(section(EVENTS, "## Enumerations"))
    records = {one.__name__: fields(one) for one in used if not issubclass(one, StrEnum)}
    values = {one.__name__: ", ".join(f"`{v.value}`" for v in one) for one in used if issubclass(one, StrEnum)}
    assert {name: cells[0] for name, cells in told[0].items() if name != "record"} == records
    assert {name: cells[0] for name, cells in told[1].items() if name != "enumeration"} == values
    assert all(vars(vocabulary)[name] in used for name in values)


def test_what_is_withheld_and_what_is_a_look_is_said_of_just_those_events() -> None:
    told = {**table(section(EVENTS, "## The session's stream")), **table(section(EVENTS, "## The complaint's stream"))}
    assert {name for name, cells in told.items() if cells[1].startswith("**withheld**")} == WITHHOLDABLE
    assert {name for name, cells in told.items() if cells[1].startswith("a look")} == LOOKS


# ---------------------------------------------------------------- sheets


def apart() -> DecodedLines:
    """A session with a private talk in which an exhibit was shown."""
    shown = e.ExhibitShown("xa", "m", 1, 1, Side.CONSUMER)
    return Story(before_recording=[(e.CaucusStarted(1, Side.CONSUMER), OFFICER), (shown, OFFICER)]).record().decoded


def waiting() -> DecodedLines:
    """A session in which somebody's sound and picture took their time."""
    return Story(before_recording=[(e.MediaAwaited("c", WHEN, "connection"), SYSTEM)]).record().decoded


def whispering() -> DecodedLines:
    """A session in which two of one side spoke among themselves, and a number was corrected."""
    whispered: list[tuple[e.SessionEvent, tuple[str, ...]]] = [
        (e.ConsultingStarted("c", "b"), OFFICER),
        (e.PhoneCorrected("c", "139****0002"), OFFICER),
    ]
    return Story(before_recording=whispered).record().decoded


def test_every_sheet_is_told_with_its_editions_and_nothing_else_is() -> None:
    several = (Story().record().decoded, apart(), waiting(), whispering())
    editions = {name: {sheets.edition(name, told) for told in several} for name in sheets.DERIVED}
    editions["authenticity"] = {authenticity.earlier([f"{one}x"]) for one in ("media/", "exhibits/", "signed/")}
    editions["authenticity"] |= {authenticity.FOURTH, authenticity.FIFTH, authenticity.SIXTH, authenticity.EDITION}
    editions["signatures"] |= sheets.before("signatures", several[0], sheets.NEWEST["signatures"])
    told = table(section(SHEETS, "## Which sheets there are"))
    told.pop("sheet")
    assert {name: cells[0] for name, cells in told.items()} == {
        name: ", ".join(map(str, sorted(those))) for name, those in editions.items()
    }
    headings = re.findall(r"^## (.*)$", SHEETS, re.M)
    assert headings[2:] == list(told)


def test_every_field_of_a_sheet_is_named_in_its_section() -> None:
    told = Story(before_recording=(*SIGNING, *EXHIBITS), of_complaint=FILES).record().decoded
    made = {name: sheets.derive(name, told) for name in sheets.names(told)}
    made |= {name: sheets.derive(name, apart()) for name in ("gaps", "timing")}
    made["people"] = sheets.derive("people", whispering())
    made["authenticity"] = authenticity.authenticity(told, ["media/c/2026-0-camera.webm", "attachments/a1.jpeg"])
    assert made.keys() == {*sheets.DERIVED, "authenticity"}
    for name, sheet in made.items():
        text = section(SHEETS, f"## {name}") + "edition sheet"
        text += EVENTS if name == "outcome" else ""
        assert [key for key in sorted(set(names_in(sheet))) if not re.search(rf"\b{key}\b", text)] == [], name


def names_in(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        for inner in value:
            yield from names_in(inner)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            if name not in BY_CONTENT:
                yield from names_in(list(inner.values()) if name in BY_SEAT else inner)


def test_every_cause_of_a_gap_is_told() -> None:
    told = table(section(SHEETS, "### Causes"))
    told.pop("cause")
    assert sorted(told) == sorted(CAUSES)


def test_the_words_about_every_kind_of_item_stand_there_to_the_letter() -> None:
    said = section(SHEETS, "### What is said of each kind")
    told = {name: table(section(said, f"#### `{name}`")) for name in re.findall(r"^#### `(\w+)`$", said, re.M)}
    for words in told.values():
        words.pop("aspect")
    assert told == {
        name: {aspect: list(pair) for aspect, pair in words.items()} for name, words in authenticity.KINDS.items()
    }
    before = section(SHEETS, "### What was said before")
    for kind, those in (
        *authenticity.EARLIER.items(),
        *authenticity.TO_THE_FOURTH.items(),
        *authenticity.TO_THE_SIXTH.items(),
    ):
        for aspect, (zh, en) in those.items():
            assert f"| `{kind}` | {aspect} | {zh} | {en} |" in before
    for now, then in authenticity.TO_THE_FIFTH.items():
        assert f"“{then}”" in before
        assert f"“{now}”" in before
