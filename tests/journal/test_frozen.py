"""Frozen records that are made quickly are what they would be otherwise."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from journal.frozen import quickly


@dataclass(frozen=True, slots=True)
class Slow:
    name: str
    kind: str = "goods"
    kept: dict[str, int] = field(default_factory=dict)


@quickly
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    kind: str = "goods"
    kept: dict[str, int] = field(default_factory=dict)


def test_it_is_made_of_the_same_fields_with_the_same_defaults() -> None:
    for given in (("a",), ("a", "service"), ("a", "service", {"b": 1})):
        slow, quick = Slow(*given), Quick(*given)
        assert [getattr(slow, one.name) for one in fields(Slow)] == [getattr(quick, one.name) for one in fields(Quick)]
        assert repr(quick) == repr(slow).replace("Slow", "Quick")
    assert Quick(kind="b", name="a") == Quick("a", "b")
    with pytest.raises(TypeError):
        Quick()  # type: ignore[call-arg]


def test_it_is_frozen_once_it_is_made() -> None:
    made = Quick("a")
    assert type(made) is Quick
    with pytest.raises(FrozenInstanceError):
        made.name = "b"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        made.other = 1  # type: ignore[attr-defined]
    assert made.name == "a"


def test_each_has_defaults_of_its_own() -> None:
    Quick("a").kept["b"] = 1
    assert Quick("a").kept == {}


def test_it_is_copied_and_sent_as_any_other() -> None:
    made = Quick("a", kept={"b": 1})
    assert replace(made, name="c") == Quick("c", kept={"b": 1})
    assert pickle.loads(pickle.dumps(made)) == made


def test_what_is_made_otherwise_than_field_by_field_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        name: str

        def __post_init__(self) -> None: ...

    with pytest.raises(TypeError, match="Checked"):
        quickly(Checked)
