"""The canonical form: what an event's two hashes are taken over, written down here once more by hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from journal import (
    ERASED,
    SYSTEM,
    Actor,
    Draft,
    Event,
    StreamBroken,
    WrittenData,
    canonical,
    chain_hash,
    content_hash,
    sealed,
    unaccounted,
    verify,
)

AT = datetime(2026, 6, 24, 1, 2, 3, 4, tzinfo=UTC)
ZHOU = Actor("officer", "u1", "周敏", "mediator", "o1")


def events() -> list[Event]:
    drafts = [Draft("Said", {"text": "退款", "a": [1, None]}, AT, ZHOU), Draft("Left", {}, AT), Draft("Left", {}, AT)]
    return sealed("session/s1", 0, "", drafts, salt=lambda: "5a" * 16)


def erased(event: Event) -> Event:
    return replace(event, salt="", data={}, actor=replace(event.actor, name=""))


@given(st.text(), st.text(), st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(1, 9), st.text())
def test_hashes_are_taken_over_the_canonical_form(
    stream: str, kind: str, naive: datetime, version: int, name: str
) -> None:
    at, by = naive.replace(tzinfo=UTC), Actor("officer", "u1", name, "mediator", "o1")
    data = {"b": [1, None, True], "a": name, "amount": "1.50"}
    who = [by.kind, by.id, by.name, by.role, by.office]
    content = hashlib.sha256(f"00\n{canonical({'actor': who, 'data': data})}".encode()).hexdigest()
    assert content_hash("00", by, data) == content
    assert content_hash("00", by, WrittenData(canonical(data))) == content
    stamped = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    header = {"at": stamped, "content": content, "stream": stream, "type": kind, "version": version}
    expected = hashlib.sha256(f"ab\n{canonical(header)}".encode()).hexdigest()
    assert chain_hash("ab", stream, version, kind, at, content) == expected


def test_the_hashes_are_taken_over_exactly_these_bytes() -> None:
    first, second, _ = events()
    who = '["officer","u1","周敏","mediator","o1"]'
    content = "5a" * 16 + '\n{"actor":' + who + ',"data":{"a":[1,null],"text":"退款"}}'
    assert first.content == hashlib.sha256(content.encode()).hexdigest()
    header = '{"at":"2026-06-24T01:02:03.000004Z","content":"%s","stream":"session/s1","type":"%s","version":%d}'
    assert first.hash == hashlib.sha256(("\n" + header % (first.content, "Said", 1)).encode()).hexdigest()
    chained = f"{first.hash}\n" + header % (second.content, "Left", 2)
    assert second.hash == hashlib.sha256(chained.encode()).hexdigest()


def test_the_same_content_twice_commits_to_two_different_digests() -> None:
    twice = [sealed("session/s1", 0, "", [Draft("Left", {}, AT)])[0] for _ in range(2)]
    assert twice[0].content != twice[1].content


def test_an_erased_event_still_verifies_and_so_does_what_follows() -> None:
    first, second, third = events()
    verify([erased(first), second, third])
    verify([first, erased(second), third])


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"text": "不退款"}},
        {"actor": replace(ZHOU, name="别人")},
        {"actor": replace(ZHOU, id="u2")},
        {"salt": "00" * 16},
        {"salt": ""},  # content left behind without its salt
        {"content": "00" * 32},
        {"at": AT.replace(year=2027)},
        {"type": "Heard"},
        {"hash": "00" * 32},
    ],
)
def test_whatever_is_changed_in_an_event_is_found(change: dict[str, object]) -> None:
    first, second, third = events()
    with pytest.raises(StreamBroken) as broken:
        verify([replace(first, **change), second, third])  # type: ignore[arg-type]
    assert broken.value.version == 1


def test_an_erased_events_header_is_still_held() -> None:
    first, second, third = events()
    with pytest.raises(StreamBroken):
        verify([replace(erased(first), type="Heard"), second, third])


def test_an_erasure_nobody_accounted_for_is_named() -> None:
    first, second, third = events()
    (note,) = sealed("session/s1", 3, third.hash, [Draft(ERASED, {"versions": [1], "reason": "到期"}, AT, SYSTEM)])
    assert unaccounted([first, second, third]) == []
    assert unaccounted([erased(first), second, third]) == [1]
    assert unaccounted([erased(first), second, third, note]) == []
    assert unaccounted([erased(first), erased(second), third, note]) == [2]
    assert unaccounted([erased(first), second, third, erased(note)]) == [1, 4]
