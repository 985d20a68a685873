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


@dataclass(frozen=True, slots=True)
class Kept:
    """Of persons and businesses: how many there are, how many keep one stand-in wherever they are named, how many
    stand-ins there are, and how many of these mean one of them alone."""

    entities: int = 0
    one: int = 0
    stand_ins: int = 0
    alone: int = 0
    torn: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Who has several, or what means several, and these."""

    def __add__(self, other: Kept) -> Kept:
        return Kept(
            self.entities + other.entities,
            self.one + other.one,
            self.stand_ins + other.stand_ins,
            self.alone + other.alone,
            self.torn + other.torn,
        )

    @property
    def one_share(self) -> float:
        return self.one / max(1, self.entities)

    @property
    def alone_share(self) -> float:
        return self.alone / max(1, self.stand_ins)


def kept_apart(corpus: Iterable[Planted]) -> Kept:
    """Of texts in which it is marked who is who. What is left as it stands is read as a stand-in of its own."""
    return sum(map(_kept_in, (one for one in corpus if any(plant.who for plant in one.plants))), Kept())


def _kept_in(one: Planted) -> Kept:
    spans = look(one.texts, one.known)
    put: dict[str, set[str]] = {}
    for plant in one.plants:
        if plant.kind in ("name", "organisation"):
            over = [span for span in spans[plant.field] if span.start < plant.end and plant.start < span.end]
            read = over[0].put if over else plant.value
            if plant.kind == "name" and (stand_in := _STAND_IN.match(read)):
                read = stand_in[0]
            if read != "某":  # 姓某 is of whoever it says
                put.setdefault(f"{plant.kind} {plant.who or plant.value}", set()).add(read)
    whose: dict[str, set[str]] = {}
    for who, every in put.items():
        for each in every:
            whose.setdefault(each, set()).add(who)
    torn = [(each, tuple(sorted(several))) for each, several in (*put.items(), *whose.items()) if len(several) > 1]
    ones = sum(len(every) == 1 for every in put.values()), sum(len(every) == 1 for every in whose.values())
    return Kept(len(put), ones[0], len(whose), ones[1], tuple(torn))


_STAND_IN = re.compile(r"(?:某人|[\u4e00-\u9fff]某)[甲乙丙丁戊己庚辛壬癸]?")
"""Of 王某甲经理 without the post."""


def _left(plant: Plant, text: str, spans: Iterable[MarkedSpan]) -> str:
    """Letters, digits and characters of the value under no span; "" when all of it is hidden."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    return "".join(text[at] for at in range(plant.start, plant.end) if at not in covered and text[at].isalnum())


FIELD = "facts"
_MARK = re.compile(r"⟦(?P<kind>[a-z]+)(?:#(?P<who>[a-z]))?:(?P<words>[^⟦⟧]+)⟧")
"""`⟦name#a:老谭⟧` is of the same person or business as every mark with that letter."""

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


def mailboxes() -> Iterator[Planted]:
    """Texts written for the sixth round: citizens' letters of every kind, and what is said where nobody is named."""
    return map(_planted, _entries(files(__package__) / "mailboxes.toml"))


def everyday() -> Iterator[Planted]:
    """Texts written for the seventh round: notices, cases of Word files, and who is called by words of everyday."""
    return map(_planted, _entries(files(__package__) / "everyday.toml"))


def papers() -> Iterator[Planted]:
    """Texts written for the eighth round: papers as plain as offices write them, and letters with names of everyday."""
    return map(_planted, _entries(files(__package__) / "papers.toml"))


def drawn() -> Iterator[Planted]:
    """Texts written for the tenth round: citizens' letters, notes, chats and court prose; names in them were drawn by
    lot, since whoever writes many repeats them."""
    return map(_planted, _entries(files(__package__) / "drawn.toml"))


def plain_prose() -> Iterator[Planted]:
    """Texts written for the tenth round in which little is named: read and measured, and not learnt from."""
    return map(_planted, _entries(files(__package__) / "plain.toml"))


def papers_drawn() -> Iterator[Planted]:
    """Texts written for the tenth round: notices, bulletins and cases with names that were drawn by lot."""
    return map(_planted, _entries(files(__package__) / "papers_drawn.toml"))


def strangers(kept: bool) -> dict[str, list[Planted]]:
    """Texts by who had not read the rules, by kind of text: those to tune with, or those `kept` out of it."""
    return _of_folder(_STRANGERS / "kept" if kept else _STRANGERS)


def sealed() -> dict[str, list[Planted]]:
    """Texts written before a round of work began and not read since, by kind of text: `called` before the third,
    `everyday` and `papers` (notices, cases of Word files) before the seventh, `signboards` and `bulletins` (the same,
    in a second manner) before the eighth, `drawn` and `papers_drawn` before the tenth."""
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
        plants.append(Plant(match["kind"], style, FIELD, len(text), len(text) + len(words), words, match["who"] or ""))
        text += words
    people = tuple(one for one in known if len(one) <= 4)
    return Planted({FIELD: text + marked[at:]}, Known(people, tuple(set(known) - set(people))), tuple(plants))
