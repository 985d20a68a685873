"""A linear model of what a complaint says: features of its words, their weights, and the words that led there. Pure.

`weights.tsv` is made by `tests.tools.triage_weights` from lists of words and labelled complaints. A feature is a piece
of up to three Chinese characters, a longer word of the lists (the longest at a place), one or two English words, or
a number with what stands before and after it (收我#元). What ends the account, or is asked for by itself, is told apart
by `$`: there stands what somebody wants. A score is a sum of weights, so that it can be read off the marked text; for
what went wrong the surest of its sentences say more, so that what is told beside does not decide by its length. A text
is read once for all questions; which words led there is looked up when somebody asks.

Longer than other modules: what reads a text, weighs it and tells its words is one pass over the same features.
"""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from operator import mul
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
T = TypeVar("T", float, NDArray[Any])

LONGEST_TEXT: Final = 4_000  # characters of a text that are looked at: what a complaint is about is said by then
SHORT: Final = 3  # characters of a piece that need not be listed
WISH: Final = 20  # characters at the end, in which people say what they want
OPENING: Final = 14  # characters in which people say what it is about, after whom they greet
OPENED: Final = 1.5
LEAST_EVIDENCE: Final = 1.0  # sum of weights that speak for a value, by heat: with less nothing is suggested
LEAST_SAID: Final = 0.1  # of them, by more than single characters
HOLDS: Final = 0.4  # from here on one of several values holds
LEAST_SHARE: Final = 0.2  # of the likeliest value, likewise
UNCLEAR, LITTLE = 0.35, 3.0  # likewise a share below the one with evidence below the other, by heat
HUNDREDTHS: Final = np.float32(100)  # a weight is written in them
WHOLE, SENTENCE = 3.0, 2.0  # divide what the whole and each sentence says before they are weighed together
SURER: Final = 4  # power of its likeliest share by which a sentence counts
SHOWN: Final = 6  # stretches of text that are told for a value

_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z'-]*")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[a-z]")
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
_GREETS = re.compile(
    r"【[^】]{0,14}】|(?:尊敬的|各位|市长|领导|您好|你好|首先|打扰|[^，。！：:【]{0,10}(?:反映|来电|诉称|查明|案情|留言|人称))"
    r"[^，。！：:]{0,14}[，。！：:]"
)
"""A greeting, or who notes it (市民来电反映：): what it is about comes after."""
_GREETINGS = 4  # in a row
_ENDS = re.compile(r"[。！？!?；;\n]|\.(?=\s)")
_COMMON = frozenset(
    re.split(
        " ",
        "a an the is are was were be been am i my me we our us they their them he his she her it its you your to of "
        "and or in on at for with by from that this there what who which as so",
    )
)
"""Alone they tell nothing; with a neighbour they may."""
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e")


class Zone(NamedTuple):
    """A text of one field and what its words weigh there: `trade` for what it is about, `matter` for what happened
    and is wanted; 0 where they do not count."""

    field: str
    text: str
    trade: float
    matter: float


Spot = tuple[float, str, int, int]
"""A feature's factor, the field it stands in, start and end: a hundred are made of a sentence."""


class Spots(dict[int, Spot]):
    """Features of a text by their numbers; no longer changed once the arrays were asked for. `ends`: of the sentences,
    by field."""

    def __init__(self, ends: Mapping[str, Sequence[int]]) -> None:
        super().__init__()
        self.ends = ends

    @cached_property
    def sentences(self) -> NDArray[np.intp]:
        """A number for the sentence each stands in."""
        begins, ends, begin = dict[str, int](), list[int](), 0
        for field, own in self.ends.items():
            begins[field] = begin
            ends += [begin + end for end in own]
            ends.append(begin := begin + LONGEST_TEXT + 1)
        return np.searchsorted(ends, [begins.get(field, 0) + start for _, field, start, _ in self.values()], "right")

    @cached_property
    def told(self) -> NDArray[np.intp]:
        """The sentences that have features."""
        return np.unique(self.sentences)

    @cached_property
    def parted(self) -> Floats:
        """A row for each of them, 1 for each feature in it."""
        return np.asarray(self.told[:, None] == self.sentences, np.float32)

    @cached_property
    def arrays(self) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Numbers, factors, and the factors of more than single characters."""
        factors = np.array([spot[0] for spot in self.values()], np.float32)
        long = np.array([spot[3] - spot[2] > 1 for spot in self.values()], np.bool_)
        return np.fromiter(self, np.intp, len(self)), factors, factors * long


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A stretch of one field and by how much it speaks more for a value than for the others."""

    field: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class LearnedValue:
    """`share` 0…1: of such suggestions about as many were right, on texts that had not been learned from; it is higher
    of one that is sure than of any that is not.

    `words()`: the stretches that speak most for it.
    """

    value: str
    share: float
    sure: bool
    words: Callable[[], Sequence[LearnedWord]]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one question. `kind`: `several` values may hold, or only the likeliest, told by the whole (`one`) or by its
    sentences too (`sentences`).

    `heat` divides scores before they become shares. How far the likeliest may be relied on is told by its share, by how
    far it is from the next one (a text that also has words of another trade is less so), by how much was said in how
    many sentences and by its share by all words together: `trust` weighs these, and from `sure` on it is sure. All were
    measured on texts that had not been learned from, most by hands nothing was learned from. `rows`: a feature's
    weights by value; `sums` of each row.
    """

    values: tuple[str, ...]
    kind: str
    heat: float
    sure: float
    trust: tuple[float, ...]
    start: Floats
    rows: Floats
    sums: Floats

    def suggest(self, spots: Spots) -> list[LearnedValue]:
        """The likeliest first; none for which hardly anything speaks."""
        places, factors, said = spots.arrays
        rows, sums = self.rows[places], self.sums[places]
        scores = whole = self.start + factors @ rows
        if self.kind == "sentences":
            scores = weighed(whole, np.asarray(self.start + spots.parted * factors @ rows, np.float32))
        shares = plain = self._shares(scores)
        ranked = np.argsort(-scores, kind="stable").tolist()
        if not self.several:
            best = ranked[0]
            evidence = float(factors @ np.maximum(rows[:, best], 0))
            apart = float(scores[best] - scores[ranked[1]]) / evidence if evidence > 0 else 0.0
            of_whole = plain if scores is whole else self._shares(whole)
            reasons = (float(shares[best]), apart, len(places), float(of_whole[best]), len(spots.told))
            shares = self._relied_on(shares, best, reasons)
        told: list[LearnedValue] = []
        for at in ranked[: len(ranked) if self.several else _CONSIDERED]:
            share, first = float(shares[at]), at == ranked[0]
            if self.several and share < HOLDS:
                break
            more = self._more(rows[:, at], sums)
            evidence = float(factors @ more)
            told_by = float(plain[at])
            hardly = first and (told_by < LEAST_SHARE or (told_by < UNCLEAR and evidence < LITTLE * self.heat))
            if evidence >= LEAST_EVIDENCE * self.heat and said @ more >= LEAST_SAID and not hardly:
                sure = share >= self.sure and (self.several or first)
                told.append(LearnedValue(self.values[at], share, sure, _Words(spots, more)))
            elif first:
                break
        return told

    def shares(self, spots: Spots) -> NDArray[Any]:
        """Of each value, in the order of `values`."""
        places, factors, _ = spots.arrays
        return self._shares(self.start + factors @ self.rows[places])

    def _shares(self, scores: Floats) -> NDArray[Any]:
        scores = scores / self.heat
        if self.several:
            return 1 / (1 + np.exp(-np.clip(scores, -30.0, 30.0)))
        raised = np.exp(scores - scores.max())
        return np.asarray(raised / raised.sum())

    def _relied_on(
        self, shares: NDArray[Any], best: int, told_by: tuple[float, float, float, float, float]
    ) -> NDArray[Any]:
        """Shares as they held: the likeliest by `trust`, the others as much less or more together."""
        told = relied_on(*told_by, log=math.log, clip=_clipped)
        trusted = 1 / (1 + math.exp(-sum(map(mul, self.trust, told))))
        others = max(1 - float(shares[best]), 1e-6)
        found = shares * ((1 - trusted) / others)
        found[best] = trusted
        return np.asarray(found)

    @property
    def several(self) -> bool:
        return self.kind == "several"

    def _more(self, own: Floats, sums: Floats) -> Floats:
        """By how much each feature speaks more for a value than for the others; 0 where it hardly does."""
        more = own if self.several else own - (sums - own) / np.float32(len(self.values) - 1)
        return np.asarray(np.where(np.minimum(own, more) > _SPEAKS, more, 0), np.float32)


def weighed(whole: Floats, sentences: Floats) -> Floats:
    """Scores of a text, of which several sentences speak: the whole, and each by how sure it is. One sentence says as
    much as the whole."""
    if len(sentences) < 2:
        return whole
    shares = np.exp((sentences - sentences.max(1, keepdims=True)) / SENTENCE)
    shares /= shares.sum(1, keepdims=True)
    surer = shares.max(1) ** SURER
    said = np.log(surer @ shares / surer.sum() + 1e-9)
    return np.asarray((whole + WHOLE * said) / (1 + WHOLE / SENTENCE), np.float32)


def relied_on(
    share: T, apart: T, pieces: T, whole: T, sentences: T, *, log: Callable[[Any], T], clip: Callable[..., Any]
) -> tuple[T, ...]:
    """What tells how far likeliest values may be relied on, of one or of many at once; `whole`: their shares by all
    words together. One is reckoned by Python itself, a tenth of what arrays of one take."""
    odds = [log(one / (1 - one)) for one in (clip(told, 1e-4, 1 - 1e-4) for told in (share, whole))]
    return clip(share, 1, 1), odds[0], apart, log(1 + pieces), odds[1], log(clip(sentences, 1, None))


def _clipped(value: float, low: float, high: float | None) -> float:
    return max(value, low) if high is None else min(max(value, low), high)


@dataclass(frozen=True, slots=True)
class _Words:
    """Called, the stretches that speak most for a value; pieces that overlap are one. A piece that tells next to
    nothing makes none longer."""

    spots: Mapping[int, Spot]
    more: Floats

    def __call__(self) -> list[LearnedWord]:
        pieces: dict[str, dict[tuple[int, int], float]] = {}
        for (factor, field, start, end), more in zip(self.spots.values(), self.more.tolist(), strict=True):
            if more and end > start:
                place = pieces.setdefault(field, {})
                place[start, end] = place.get((start, end), 0.0) + more * factor
        words: list[LearnedWord] = []
        least = _FAINT * max((one for places in pieces.values() for one in places.values()), default=0.0)
        for field, places in pieces.items():
            start, end, weight = -1, -1, 0.0
            for (begin, stop), one in sorted(places.items()):
                if one < least:
                    continue
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
_FAINT = 0.05  # of the weight of the strongest piece


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`place`: a feature's number, None where nothing was learned of it. `longer`: words of more than `SHORT`
    characters by their first ones, the longest first."""

    place: Callable[[str], int | None]
    longer: Mapping[str, Sequence[str]]


def longer(words: Iterable[str]) -> dict[str, list[str]]:
    """As `Vocabulary` has them."""
    found: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        found.setdefault(word[: SHORT + 1], []).append(word)
    return found


class Reading(NamedTuple):
    """The features of a text by their numbers, each where it weighs most: for its trade, and for what happened."""

    trade: Spots
    matter: Spots


def read(zones: Sequence[Zone], words: Vocabulary, flags: Iterable[str] = ()) -> Reading:
    """`zones`: the account (`facts`) and what is asked for (`request`) are told from the others by their names.
    `flags`: what other rules found."""
    ends = {zone.field: [match.end() for match in _ENDS.finditer(zone.text)] for zone in zones}
    trade, matter = Spots(ends), Spots(ends)
    for field, text, of_trade, of_matter in zones:
        pieces = _pieces(text, words)
        if of_trade:
            opening = _begun(text) + OPENING if _CHINESE.search(text) else 3 * OPENING
            hidden = [(match.start(), match.end()) for match in _BESIDE.finditer(text)]
            counting = pieces
            if hidden:
                counting = [one for one in pieces if not any(begin <= one[1] < stop for begin, stop in hidden)]
            for at, start, end in counting:
                factor = of_trade * OPENED if start < opening else of_trade
                if (known := trade.get(at)) is None or known[0] < factor:
                    trade[at] = (factor, field, start, end)
        if of_matter:
            for at, start, end in (*pieces, *_numbers(text, words)):
                if (known := matter.get(at)) is None or known[0] < of_matter:
                    matter[at] = (of_matter, field, start, end)
    told = [zone for zone in zones if zone.matter]
    for feature, spot in (*_wish(told, words), *((f"!{flag}", (1.0, "facts", 0, 0)) for flag in flags)):
        if (place := words.place(feature)) is not None:
            matter.setdefault(place, spot)
    for mark, into, seen in (
        ("!", matter, list(_seen(told, signs().matter))),
        ("%", trade, list(_seen([zone for zone in zones if zone.trade], signs().trade))),
    ):
        for n, (name, spot) in enumerate(seen):
            for feature in (f"{mark}{name}", *(f"{mark}{other}&{name}" for other, _ in seen[:n])):
                if (place := words.place(feature)) is not None:
                    into.setdefault(place, spot)
    return Reading(trade, matter)


def _begun(text: str) -> int:
    """Where the account begins."""
    at = 0
    for _ in range(_GREETINGS):
        if not (found := _GREETS.match(text, at)):
            break
        at = found.end()
    return at


class Sign(NamedTuple):
    """In each language by itself: an expression whose branches all begin with letters is found fast."""

    name: str
    chinese: re.Pattern[str] | None
    english: re.Pattern[str] | None


class Signs(NamedTuple):
    """What single words do not tell, of what went wrong and of the trade: each alone speaks, and two together."""

    matter: tuple[Sign, ...]
    trade: tuple[Sign, ...]


@cache
def signs() -> Signs:
    table = tomllib.loads((files(__package__) / "lists" / "signs.toml").read_text("utf-8"))
    return Signs(_signs(table), _signs(table["trade"]))


def _signs(table: Mapping[str, Any]) -> tuple[Sign, ...]:
    return tuple(
        Sign(
            name,
            _any([one for one in expressions if not one.isascii()]),
            _any([one for one in expressions if one.isascii()]),
        )
        for name, expressions in table.items()
        if isinstance(expressions, list)
    )


def _any(expressions: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(expressions)) if expressions else None


def _seen(zones: Sequence[Zone], signs: Iterable[Sign]) -> Iterator[tuple[str, Spot]]:
    """The signs, each where it first stands; small letters are looked at."""
    starts, whole = list[int](), ""
    for zone in zones:
        starts.append(len(whole))
        whole += f"{zone.text}。"
    small = whole.lower()
    if len(small) != len(whole):
        small = whole
    chinese, english = bool(_CHINESE.search(small)), bool(_LETTER.search(small))
    for name, in_chinese, in_english in signs:
        found = in_chinese.search(small) if chinese and in_chinese else None
        if found is None and english and in_english:
            found = in_english.search(small)
        if found:
            zone = zones[n := bisect_right(starts, found.start()) - 1]
            start = found.start() - starts[n]
            yield name, (1.0, zone.field, start, min(found.end() - starts[n], len(zone.text)))


def _wish(zones: Sequence[Zone], words: Vocabulary) -> Iterator[tuple[str, Spot]]:
    by_name = {zone.field: zone.text for zone in zones}
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
    numbers: dict[str, int] = {}
    every = Vocabulary(lambda feature: numbers.setdefault(feature, len(numbers)), words.longer)
    pieces = _pieces(text[start : start + LONGEST_TEXT // 10], every)
    told = list(numbers)
    for at, begin, end in pieces:
        yield f"${told[at]}", (1.0, field, start + begin, start + end)


def _pieces(text: str, words: Vocabulary) -> list[tuple[int, int, int]]:
    """(number, start, end) of what is known."""
    place, longer = words.place, words.longer
    found: list[tuple[int, int, int]] = []
    before, begun, ended = "", 0, 0
    for match in _RUN.finditer(text):
        run, start, stop = match[0], match.start(), match.end()
        if run.isascii():
            word = stem(run)
            if word not in _COMMON and (at := place(word)) is not None:
                found.append((at, start, stop))
            if before and start - ended <= 1 and (at := place(f"{before} {word}")) is not None:
                found.append((at, begun, stop))
            before, begun, ended = word, start, stop
            continue
        before, length = "", stop - start
        for size in range(1, SHORT + 1):
            for n, at in enumerate(map(place, [run[n : n + size] for n in range(length - size + 1)]), start):
                if at is not None:
                    found.append((at, n, n + size))
        covered = 0
        for n in range(length - SHORT):
            if n >= covered and (listed := longer.get(run[n : n + SHORT + 1])):
                for word in listed:
                    if run.startswith(word, n):
                        covered = n + len(word)
                        if (at := place(word)) is not None:
                            found.append((at, start + n, start + covered))
                        break
    return found


def _numbers(text: str, words: Vocabulary) -> Iterator[tuple[int, int, int]]:
    for match in _NUMBER.finditer(text):
        unit, start, end = match[1] or "", match.start(), match.end()
        if not unit and len(match[0]) < 2 and not match[0].isascii():
            continue  # 一样, 一直
        before = text[max(0, start - 2) : start]
        told = [(f"#{unit}", start)] if unit else []
        if before:
            told.append((f"{before[-1]}#", start - 1))
            if unit:
                told.append((f"{before[-1]}#{unit}", start - 1))
        if len(before) == 2:
            told.append((f"{before}#", start - 2))
        for feature, begin in told:
            if (at := words.place(feature)) is not None:
                yield at, begin, end


@lru_cache(10_000)
def stem(word: str) -> str:
    word = word.lower().removesuffix("'s").strip("'-")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class Learned:
    """`made`: a digest of what it was learned from. `features`: their numbers."""

    made: str
    features: Mapping[str, int]
    words: Vocabulary
    questions: Mapping[str, Weights]


@cache
def learned() -> Learned:
    """The model, read when first asked."""
    return parse((files(__package__) / "weights.tsv").read_text("utf-8"))


def _table(features: int, values: int, places: list[int], told: list[str]) -> Floats:
    """Weights by feature and value, read all at once: one by one half a million of them held up a page for a second."""
    table = np.zeros((features, values), np.float32)
    if told:
        numbers = np.array("\t".join(told).replace(":", "\t").split("\t"), np.float32)
        each = [some.count(":") for some in told]
        table[np.repeat(places, each), numbers[::2].astype(np.intp)] = numbers[1::2] / HUNDREDTHS
    return table


def parse(table: str) -> Learned:
    """`@`, question, kind, heat, sure, trust by commas, value=start…; below it each feature and its
    place:weight… in hundredths."""
    features: dict[str, int] = {}
    made, heads, told = "", list[list[str]](), list[tuple[list[int], list[str]]]()
    for line in table.splitlines():
        first, _, rest = line.partition("\t")
        if first == "made":
            made = rest
        elif first == "@":
            heads.append(rest.split("\t"))
            told.append(([], []))
        elif first:
            place = features.setdefault(first, len(features))
            if rest:
                told[-1][0].append(place)
                told[-1][1].append(rest)
    tables = [_table(len(features), len(head) - 5, *rows) for head, rows in zip(heads, told, strict=True)]
    questions = {}
    for (name, kind, heat, sure, trust, *starts), rows in zip(heads, tables, strict=True):
        values, start = zip(*(one.split("=") for one in starts), strict=True)
        begin = np.array(start, np.float32)
        weighs = tuple(float(one) for one in trust.split(","))
        questions[name] = Weights(values, kind, float(heat), float(sure), weighs, begin, rows, rows.sum(1))
    listed = (
        word
        for word in features
        if len(word) > SHORT and not word.isascii() and word[0] not in "$!%" and "#" not in word
    )
    return Learned(made, features, Vocabulary(features.get, longer(listed)), questions)
