"""How much of what was planted or written by hand is found."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from casebook import Known, MarkedSpan
from casebook.deidentifying.looking import look
from tests.tools.data.planted_texts import Plant, Planted


@dataclass(frozen=True, slots=True)
class Miss:
    """`left` is what of the value would still be read."""

    kind: str
    form: str
    value: str
    left: str
    around: str


@dataclass(slots=True)
class Measured:
    """`needless`: spans that touch nothing planted."""

    planted: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)
    spans: int = 0
    needless: Counter[str] = field(default_factory=Counter)
    alarms: list[tuple[str, str, str]] = field(default_factory=list)  # kind, words and what is around, of the needless

    @property
    def recall(self) -> float:
        return 1 - self.missed.total() / max(1, self.planted.total())

    @property
    def precision(self) -> float:
        return 1 - self.needless.total() / max(1, self.spans)

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.planted + other.planted,
            self.missed + other.missed,
            self.misses + other.misses,
            self.spans + other.spans,
            self.needless + other.needless,
            self.alarms + other.alarms,
        )

    def recall_of(self, kind: str) -> float:
        return 1 - self.missed[kind] / max(1, self.planted[kind])


def measure(corpus: Iterable[Planted]) -> Measured:
    measured = Measured()
    for one in corpus:
        found = look(one.texts, one.known)
        for plant in one.plants:
            measured.planted[plant.kind] += 1
            text = one.texts[plant.field]
            left = _left(plant, text, found[plant.field])
            if left:
                measured.missed[plant.kind] += 1
                around = text[max(0, plant.start - 12) : plant.end + 8]
                measured.misses.append(Miss(plant.kind, plant.form, plant.value, left, around))
        for name, spans in found.items():
            measured.spans += len(spans)
            here = [plant for plant in one.plants if plant.field == name]
            for span in spans:
                if not any(span.start < plant.end and plant.start < span.end for plant in here):
                    measured.needless[span.kind] += 1
                    text = one.texts[name]
                    around = text[max(0, span.start - 12) : span.end + 8]
                    measured.alarms.append((span.kind, text[span.start : span.end], around))
    return measured


def _left(plant: Plant, text: str, spans: Iterable[MarkedSpan]) -> str:
    """Letters, digits and characters of the value under no span; "" when all of it is hidden."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    return "".join(text[at] for at in range(plant.start, plant.end) if at not in covered and text[at].isalnum())


FIELD = "facts"
_MARK = re.compile(r"⟦(?P<kind>[a-z]+):(?P<words>[^⟦⟧]+)⟧")

_WORDS = ("name", "organisation", "institution", "address", "amount", "date", "time")
_STRANGERS = files(__package__) / "deidentify"
KINDS = frozenset((*_WORDS, "phone", "id", "bank", "account", "order", "plate", "email", "code", "link"))


def written(held: bool) -> Iterator[Planted]:
    """Those the rules were made with, or those `held` back from it. The style is the plant's form."""
    for entry in _entries(files(__package__) / "written.toml"):
        if bool(entry.get("held", False)) == held:
            yield _planted(entry)


def finders() -> Iterator[Planted]:
    """Texts written with the finders, for the forms these were weak in."""
    return map(_planted, _entries(files(__package__) / "finders.toml"))


def harder() -> Iterator[Planted]:
    """Texts written for the second round, for the kinds that were missed most."""
    return map(_planted, _entries(files(__package__) / "harder.toml"))


def called() -> Iterator[Planted]:
    """Texts written for the third round: whoever and whatever is called by a word of everyday."""
    return map(_planted, _entries(files(__package__) / "called.toml"))


def regions() -> Iterator[Planted]:
    """Texts written for the fourth round: of many regions and trades, as ordinary as strangers write them."""
    return map(_planted, _entries(files(__package__) / "regions.toml"))


def strangers(kept: bool) -> dict[str, list[Planted]]:
    """Texts by who had not read the rules, by kind of text: those to tune with, or those `kept` out of it."""
    return _of_folder(_STRANGERS / "kept" if kept else _STRANGERS)


def sealed() -> dict[str, list[Planted]]:
    """Texts written before a round of work began and not read since, by kind of text; `called` before the third."""
    return _of_folder(_STRANGERS / "sealed")


def _of_folder(folder: Traversable) -> dict[str, list[Planted]]:
    found = {
        file.name.removesuffix(".toml"): [_planted(entry) for entry in _entries(file)]
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }
    return dict(sorted(found.items()))


def _entries(file: Traversable) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))["text"]
    return entries


def _planted(entry: Mapping[str, Any]) -> Planted:
    return _read(entry["text"], entry["style"], tuple(entry.get("known", ())))


def _read(marked: str, style: str, known: tuple[str, ...]) -> Planted:
    text, plants, at = "", list[Plant](), 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        words, at = match["words"], match.end()
        plants.append(Plant(match["kind"], style, FIELD, len(text), len(text) + len(words), words))
        text += words
    people = tuple(one for one in known if len(one) <= 4)
    return Planted({FIELD: text + marked[at:]}, Known(people, tuple(set(known) - set(people))), tuple(plants))
