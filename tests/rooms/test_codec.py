from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, strategies as st

from journal import SYSTEM, Actor, Draft, sealed, verify
from rooms import events as codec, events as e
from rooms.vocabulary import Consent

times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
money = st.decimals(min_value=0, max_value=10**9, places=2)
st.register_type_strategy(datetime, times)
st.register_type_strategy(Decimal, money)
events: st.SearchStrategy[e.SessionEvent] = st.one_of([st.from_type(kind) for kind in codec.KINDS.values()])


@given(events, times)
def test_every_event_survives_the_journal_and_its_json(event: e.SessionEvent, at: datetime) -> None:
    actor = Actor("party", "s1", "陈女士", "consumer", "o1")
    draft = codec.event_draft(event, at, actor)
    entries = sealed("session/x1", 0, "", [draft])
    verify(entries)
    assert json.loads(json.dumps(draft.data)) == draft.data
    back = codec.session_entry(entries[0])
    assert (back.session, back.version, back.event, back.at, back.actor) == ("x1", 1, event, at, actor)


def leaves(kind: Any) -> set[Any]:
    found: set[Any] = set()
    for part in get_args(kind) or (kind,):
        if isinstance(part, type) and is_dataclass(part):
            hints = get_type_hints(part)
            for field in fields(part):
                found |= leaves(hints[field.name])
        elif get_args(part):
            found |= leaves(part)
        else:
            found.add(part)
    return found


def test_only_kinds_of_values_that_the_codec_knows_are_used() -> None:
    known = {str, int, bool, float, datetime, Decimal, type(None), Ellipsis}
    used = set().union(*(leaves(kind) for kind in codec.KINDS.values()))
    assert {kind for kind in used - known if not issubclass(kind, StrEnum)} == set()


def test_an_entry_from_before_a_field_was_added_still_decodes_and_one_from_later_too() -> None:
    old = codec.event_draft(e.Said("s1", "话"), datetime(2026, 1, 1, tzinfo=UTC))
    data = {**{name: value for name, value in old.data.items() if name != "to"}, "mood": "calm"}
    (entry,) = sealed("session/x1", 0, "", [Draft(old.type, data, old.at, SYSTEM)])
    assert codec.session_entry(entry).event == e.Said("s1", "话", "")


def test_an_unknown_type_is_not_silently_dropped() -> None:
    (entry,) = sealed("session/x1", 0, "", [Draft("Vanished", {}, datetime(2026, 1, 1, tzinfo=UTC))])
    with pytest.raises(KeyError):
        codec.session_entry(entry)


def test_words_are_written_by_value_and_times_with_a_z() -> None:
    data = codec.plain(e.LinkIssued("s1", "l1", datetime(2026, 4, 20, 9, tzinfo=UTC)))
    assert data["expires"] == "2026-04-20T09:00:00.000000Z"
    assert codec.plain(e.ConsentGiven("s1", Consent.RECORD, "v1"))["kind"] == "record"
