"""A linear model of what a complaint says: features of its words, their weights, and the words that led there. Pure.

`weights.tsv` is made by `tests.tools.triage_weights` from lists of words and labelled complaints. A feature is a piece
of up to three Chinese characters, a longer word of the lists (the longest at a place), one or two English words, or
a number with what stands before and after it (收我#元). What ends the account, or is asked for by itself, is told apart
by `$`: there stands what somebody wants. A score is a sum of weights, so that it can be read off the marked text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from typing import Final

LONGEST_TEXT: Final = 4_000  # characters of a text that are looked at: what a complaint is about is said by then
SHORT: Final = 3  # characters of a piece that need not be listed
WISH: Final = 20  # characters at the end, in which people say what they want
OPENING: Final = 14  # characters in which people say what it is about
OPENED: Final = 1.5
LEAST_EVIDENCE: Final = 1.0  # sum of weights that speak for a value: with less nothing is suggested
HOLDS: Final = 0.4  # from here on one of several values holds
LEAST_SHARE: Final = 0.2  # of the likeliest value, likewise
SHOWN: Final = 6  # stretches of text that are told for a value

_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z'-]*")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NUMBER = re.compile(
    r"(?:[0-9](?:[0-9.,]{0,12}[0-9])?|[一二三四五六七八九十百千万两几半]{1,12})[多来]?"
    r"(块九|块|元|毛|斤|克|度|吨|平|天|个月|月|年|次|节|针|倍|条|家|回|趟|个|岁|分|公里|小时|点|折|万|千|百|%)?"
)
_BESIDE = re.compile(
    "(?:商场|超市|广场|小区|学校|医院|火车站|高铁站|地铁站?|公园|菜市场|市场|购物中心|写字楼|商业街|步行街|酒店|宾馆|机场|大学|中学"
    "|小学|公司|单位|药店|银行|村)(?:里面的?|里头的?|里的|内的|门口的?|旁边的?|对面的?|附近的?|楼上的?|楼下的?|边上的?|后面的?"
    "|隔壁的?|外面的?|[一二三四五六七八九负0-9]{1,2}楼的?|停车场)"
)
"""A place something is in or beside tells nothing of its trade."""
_COMMON = frozenset(
    re.split(
        " ",
        "a an the is are was were be been am i my me we our us they their them he his she her it its you your to of "
        "and or in on at for with by from that this there what who which as so",
    )
)
"""Alone they tell nothing; with a neighbour they may."""
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e")


@dataclass(frozen=True, slots=True)
class Zone:
    """A text of one field and what its words weigh there. `flags`: features that other rules found in it."""

    field: str
    text: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a feature stands, and with what factor."""

    field: str
    start: int
    end: int
    factor: float


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A stretch of one field and by how much it speaks more for a value than for the others."""

    field: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class LearnedValue:
    """`share` 0…1: of such suggestions about as many were right, on texts that had not been learned from."""

    value: str
    share: float
    sure: bool
    words: Sequence[LearnedWord]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one question. `several`: any number of values may hold; otherwise the likeliest.

    `heat` divides scores before they become shares, and from `sure` on a share was right nearly always: both measured
    on texts that had not been learned from.
    """

    values: tuple[str, ...]
    several: bool
    heat: float
    sure: float
    start: tuple[float, ...]
    features: Mapping[str, Mapping[int, float]]  # value's place -> weight

    def suggest(self, spots: Mapping[str, Spot]) -> list[LearnedValue]:
        """The likeliest first; none for which hardly anything speaks."""
        scores, found = list(self.start), list[tuple[Spot, Mapping[int, float]]]()
        for feature, spot in spots.items():
            if weights := self.features.get(feature):
                found.append((spot, weights))
                factor = spot.factor
                for at, weight in weights.items():
                    scores[at] += weight * factor
        shares = self._shares(scores)
        ranked = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
        told: list[LearnedValue] = []
        for at in ranked[: len(scores) if self.several else _CONSIDERED]:
            if self.several and shares[at] < HOLDS:
                break
            words = self._words(found, at)
            first = at == ranked[0]
            if sum(word.weight for word in words) >= LEAST_EVIDENCE and not (first and shares[at] < LEAST_SHARE):
                sure = shares[at] >= self.sure and (self.several or first)
                told.append(LearnedValue(self.values[at], shares[at], sure, words))
            elif first:
                break
        return told

    def _shares(self, scores: Sequence[float]) -> list[float]:
        if self.several:
            return [1 / (1 + exp(-max(-30.0, min(30.0, score / self.heat)))) for score in scores]
        top = max(scores)
        raised = [exp((score - top) / self.heat) for score in scores]
        whole = sum(raised)
        return [one / whole for one in raised]

    def _words(self, found: Iterable[tuple[Spot, Mapping[int, float]]], value: int) -> list[LearnedWord]:
        """The stretches that speak most for the value; pieces that touch or overlap are one."""
        pieces: dict[str, dict[tuple[int, int], float]] = {}
        for spot, weights in found:
            if (own := weights.get(value, 0.0)) <= _SPEAKS or spot.end <= spot.start:
                continue
            more = own if self.several else own - (sum(weights.values()) - own) / (len(self.values) - 1)
            if more > _SPEAKS:
                place = pieces.setdefault(spot.field, {})
                place[spot.start, spot.end] = place.get((spot.start, spot.end), 0.0) + more * spot.factor
        words: list[LearnedWord] = []
        for field, places in pieces.items():
            start, end, weight = -1, -1, 0.0
            for (begin, stop), one in sorted(places.items()):
                if begin < end:
                    end, weight = max(end, stop), weight + one
                else:
                    if end > start:
                        words.append(LearnedWord(field, start, end, round(weight, 2)))
                    start, end, weight = begin, stop, one
            if end > start:
                words.append(LearnedWord(field, start, end, round(weight, 2)))
        words.sort(key=lambda word: (-word.weight, word.field, word.start))
        return [word for word in words[:SHOWN] if word.weight >= _TELLS * words[0].weight]


_CONSIDERED = 3  # values of which one holds
_SPEAKS = 0.05
_TELLS = 0.1  # of the weight of the first word: less is not told


def features(
    zones: Sequence[Zone], *, trade: bool, listed: frozenset[str], flags: Iterable[str] = ()
) -> dict[str, Spot]:
    """Each feature where it weighs most. `trade`: what it is about, rather than what happened and is wanted.

    `zones`: the account (`facts`) and what is asked for (`request`) are told from the others by their names.
    """
    found: dict[str, Spot] = {}

    def note(feature: str, field: str, start: int, end: int, factor: float) -> None:
        known = found.get(feature)
        if known is None or known.factor < factor:
            found[feature] = Spot(field, start, end, factor)

    longest = max(map(len, listed), default=0)
    for zone in zones:
        text = zone.text[:LONGEST_TEXT]
        opening = OPENING if _CHINESE.search(text) else 3 * OPENING
        hidden = [(match.start(), match.end()) for match in _BESIDE.finditer(text)] if trade else []
        for feature, start, end in _pieces(text, listed, longest):
            if not any(begin <= start < stop for begin, stop in hidden):
                note(feature, zone.field, start, end, zone.factor * (OPENED if trade and start < opening else 1.0))
        if not trade:
            for feature, start, end in _numbers(text):
                note(feature, zone.field, start, end, zone.factor)
    if not trade:
        for feature, field, start, end in _wish(zones, listed, longest):
            note(f"${feature}", field, start, end, 1.0)
        for flag in flags:
            note(f"!{flag}", "facts", 0, 0, 1.0)
        seen = [(name, *spot) for name, expression in signs() if (spot := _first(expression, zones))]
        for at, (name, field, start, end) in enumerate(seen):
            note(f"!{name}", field, start, end, 1.0)
            for other, *_ in seen[:at]:
                note(f"!{other}&{name}", field, start, end, 1.0)
    return found


@cache
def signs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What went wrong as single words do not tell it: each alone speaks, and two together."""
    table = tomllib.loads((files(__package__) / "lists" / "signs.toml").read_text("utf-8"))
    return tuple(
        (name, re.compile("|".join(expressions), re.IGNORECASE))
        for name, expressions in table.items()
        if isinstance(expressions, list)
    )


def _first(expression: re.Pattern[str], zones: Sequence[Zone]) -> tuple[str, int, int] | None:
    for zone in zones:
        if found := expression.search(zone.text[:LONGEST_TEXT]):
            return zone.field, found.start(), found.end()
    return None


def _wish(zones: Sequence[Zone], listed: frozenset[str], longest: int) -> Iterator[tuple[str, str, int, int]]:
    by_name = {zone.field: zone.text[:LONGEST_TEXT] for zone in zones}
    field = next((name for name in ("request", "facts", "title") if by_name.get(name, "").strip()), "")
    if not field:
        return
    text = by_name[field].rstrip(" 。！？!?.\n")
    if field == "request":
        start = 0
    elif _CHINESE.search(text):
        start = max(0, len(text) - WISH)
    else:
        start = max((text.rfind(mark) for mark in ".!?"), default=-1) + 1
    for feature, begin, end in _pieces(text[start : start + LONGEST_TEXT // 10], listed, longest):
        yield feature, field, start + begin, start + end


def _pieces(text: str, listed: frozenset[str], longest: int) -> Iterator[tuple[str, int, int]]:
    before: tuple[str, int, int] | None = None
    for match in _RUN.finditer(text):
        run, at = match[0], match.start()
        if run.isascii():
            word = stem(run)
            if word not in _COMMON:
                yield word, at, match.end()
            if before and at - before[2] <= 1:
                yield f"{before[0]} {word}", before[1], match.end()
            before = (word, at, match.end())
            continue
        before, covered = None, 0
        for n in range(len(run)):
            for size in range(1, min(SHORT, len(run) - n) + 1):
                yield run[n : n + size], at + n, at + n + size
            if n >= covered:
                for size in range(min(longest, len(run) - n), SHORT, -1):
                    if run[n : n + size] in listed:
                        yield run[n : n + size], at + n, at + n + size
                        covered = n + size
                        break


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _NUMBER.finditer(text):
        unit, start, end = match[1] or "", match.start(), match.end()
        if not unit and len(match[0]) < 2 and not match[0].isascii():
            continue  # 一样, 一直
        before = text[max(0, start - 2) : start]
        if unit:
            yield f"#{unit}", start, end
        if before:
            yield f"{before[-1]}#", start - 1, end
            if unit:
                yield f"{before[-1]}#{unit}", start - 1, end
        if len(before) == 2:
            yield f"{before}#", start - 2, end


def stem(word: str) -> str:
    word = word.lower().removesuffix("'s").strip("'-")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class Learned:
    """`made`: a digest of what it was learned from. `listed`: words longer than `SHORT` that are features."""

    made: str
    listed: frozenset[str]
    questions: Mapping[str, Weights]


@cache
def learned() -> Learned:
    """The model, read when first asked."""
    return parse((files(__package__) / "weights.tsv").read_text("utf-8"))


def parse(table: str) -> Learned:
    """`@`, question, one or several, heat, sure, then value=start…; below it feature and place:weight… of each."""
    made, questions, features_of = "", dict[str, Weights](), dict[str, dict[int, float]]()
    listed: set[str] = set()
    for line in table.splitlines():
        first, *rest = line.split("\t")
        if first == "made":
            made = rest[0]
        elif first == "@":
            name, several, heat, sure, *starts = rest
            pairs = [start.split("=") for start in starts]
            features_of = {}
            values, start = tuple(value for value, _ in pairs), tuple(float(number) for _, number in pairs)
            questions[name] = Weights(values, several == "several", float(heat), float(sure), start, features_of)
        elif first:
            features_of[first] = {int(at): float(weight) for at, weight in (one.split(":") for one in rest)}
            if len(first) > SHORT and not first.isascii() and first[0] not in "$!" and "#" not in first:
                listed.add(first)
    return Learned(made, frozenset(listed), questions)
