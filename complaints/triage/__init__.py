"""Triage: what a complaint may be about, how urgent it is and whose it is, suggested with the words that led there.
Pure.

A suggestion decides nothing: an officer confirms or changes it, and the record says from then on what was confirmed.
Industry, problem and requests are told by a linear model (`learned`), each word of which has a weight that was learned;
urgency and whether it also reports by the weighted words of `lists/`: at one place the longest counts, and each counts
once however often it stands there. So a score can be read off the marked text by hand. Confidence of what is learned is
the share of such suggestions that were right; of the others a score against a constant doubt.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Final, overload

from numpy.typing import NDArray

from complaints import PROBLEMS, REQUESTS, URGENCIES, BadChoice
from complaints.record import ComplaintRegistered
from complaints.record.industries import industry_code
from complaints.record.places import Jurisdiction, place_code, place_in, within
from complaints.triage.learned import (
    LONGEST_TEXT,
    Learned,
    LearnedValue,
    Reading,
    Zone,
    learned as learned_model,
    read,
)
from law.catalogue import Days
from law.library import Library
from law.search import MOST_HITS, Hit, LikelyClass, search

TRIAGE_ANSWERS = ("industry_code", "problem_class", "requests", "urgency", "division", "jurisdiction", "also_reports")


@dataclass(frozen=True, slots=True)
class ConfirmTriage:
    """`changed`: of `TRIAGE_ANSWERS`, those set otherwise than suggested; `lists`: which word lists suggested."""

    industry_code: str = ""
    problem_class: str = ""
    requests: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    division: str = ""
    jurisdiction: str = ""  # id of an office's own area
    also_reports: bool = False
    changed: tuple[str, ...] = ()
    lists: str = ""


@dataclass(frozen=True, slots=True)
class TriageConfirmed:
    """Fields as in `ConfirmTriage`."""

    industry_code: str = ""
    problem_class: str = ""
    requests: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    division: str = ""
    jurisdiction: str = ""
    also_reports: bool = False
    changed: tuple[str, ...] = ()
    lists: str = ""


def confirm(command: ConfirmTriage, before: TriageConfirmed | None) -> Sequence[TriageConfirmed]:
    """BadChoice(field). The same answers once more change nothing."""
    for field, values, among in (
        ("problem_class", (command.problem_class,) if command.problem_class else (), PROBLEMS),
        ("requests", command.requests, REQUESTS),
        ("urgency", command.urgency, URGENCIES),
        ("changed", command.changed, dict.fromkeys(TRIAGE_ANSWERS)),
    ):
        if any(value not in among for value in values) or len(set(values)) != len(values):
            raise BadChoice(field=field)
    if len(command.jurisdiction) > 64 or len(command.lists) > 32:
        raise BadChoice(field="jurisdiction")
    confirmed = TriageConfirmed(
        industry_code(command.industry_code),
        command.problem_class,
        command.requests,
        command.urgency,
        place_code(command.division),
        command.jurisdiction,
        command.also_reports,
        command.changed,
        command.lists,
    )
    same = before is not None and all(getattr(before, name) == getattr(confirmed, name) for name in TRIAGE_ANSWERS)
    return [] if same else [confirmed]


def classified(record: ComplaintRegistered, event: TriageConfirmed) -> ComplaintRegistered:
    """The record with what was confirmed."""
    return replace(
        record,
        industry_code=event.industry_code,
        problem_class=event.problem_class,
        requests=event.requests,
        urgency=event.urgency,
        division=event.division,
        jurisdiction=event.jurisdiction,
        also_reports=event.also_reports,
    )


LISTS: Final = ("industry", "problem", "request", "urgency", "report")  # the first three are learned from
MOST_OFTEN: Final = 8  # places of one word that are looked at: it counts once


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word at `start`…`end` (characters) of one field of the submission, and what it weighs there."""

    field: str
    start: int
    end: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class WordList:
    """`words`: value -> word -> weight; `patterns`: value -> expressions with weights; `extra`: its own rules."""

    name: str
    version: int
    words: Mapping[str, Mapping[str, float]]
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], float], ...]]
    extra: Mapping[str, tuple[str, ...]]
    index: Mapping[str, tuple[tuple[str, float], ...]]  # word -> the values it speaks for
    finder: re.Pattern[str]

    def mentions(self, field: str, text: str) -> Iterator[tuple[str, SpokenWord]]:
        """(value, mention) from left to right, expressions last."""
        text, often = text[:LONGEST_TEXT], Counter[str]()
        for found in self.finder.finditer(text):
            word = found[0]
            often[word] += 1
            if often[word] <= MOST_OFTEN:
                for value, weight in self.index[word]:
                    yield value, SpokenWord(field, found.start(), found.end(), word, weight)
        for value, expressions in self.patterns.items():
            for expression, weight in expressions:
                for found in expression.finditer(text):
                    yield value, SpokenWord(field, found.start(), found.end(), found[0], weight)


@functools.cache
def word_list(name: str) -> WordList:
    """One of `LISTS`, read once."""
    raw: dict[str, Any] = tomllib.loads(files(__package__).joinpath("lists", f"{name}.toml").read_text("utf-8"))
    words: dict[str, dict[str, float]] = {}
    patterns: dict[str, tuple[tuple[re.Pattern[str], float], ...]] = {}
    extra: dict[str, tuple[str, ...]] = {}
    index: dict[str, list[tuple[str, float]]] = {}
    for value, entry in raw.items():
        if isinstance(entry, list):
            extra[value] = tuple(entry)
        elif isinstance(entry, dict):
            patterns[value] = tuple((re.compile(one["re"]), float(one["weight"])) for one in entry.pop("patterns", ()))
            words[value] = {word: float(weight) for word, weight in entry.items()}
            for word, weight in words[value].items():
                index.setdefault(word, []).append((value, weight))
    # Python's alternation takes the first that fits: the longest must stand first.
    finder = re.compile("|".join(re.escape(word) for word in sorted(index, key=lambda word: (-len(word), word))))
    return WordList(
        name, raw["version"], words, patterns, extra, {word: tuple(values) for word, values in index.items()}, finder
    )


def version() -> str:
    """Of the lists and of what was learned, as a confirmation notes it: what the suggestion came from."""
    return ".".join([*(str(word_list(name).version) for name in LISTS), learned_model().made])


DOUBT = 1.5
IGNORE = "ignore"  # 食物中毒险 says nobody was hurt: such a word only keeps a shorter one from counting
LEAST = 2.0  # score from which one of many is suggested
MOST_ALTERNATIVES = 3
TRADE = {"business": 1.5, "object": 1.0, "title": 1.2, "facts": 1.0, "request": 0.7, "industry": 1.5}
MATTER = {"problem": 1.5, "title": 1.2, "facts": 1.0, "request": 0.8}
FIELDS = tuple(dict.fromkeys((*MATTER, *TRADE)))
ACCOUNT = {"title": 1.0, "facts": 1.0, "request": 1.0}
DENIED_WITHIN = 3  # characters before a word

Scores = dict[str, list[SpokenWord]]
Weigh = Callable[[str, str, SpokenWord], float]


def triage(submission: Submission, jurisdictions: Sequence[Jurisdiction] = ()) -> Triage:
    division, area = _place(submission, jurisdictions)
    urgency = _urgency(submission)
    model = learned_model()
    reading = read(zones(submission), model.words, [one.value for one in urgency])
    industry, problem = _classes(submission, model, reading)
    return Triage(
        industry=industry,
        problem=problem,
        requests=_told(submission, model.questions["request"].suggest(reading.matter)),
        urgency=urgency,
        division=division,
        jurisdiction=area,
        reports=_many(_found(submission, word_list("report"), ACCOUNT)),
        version=version(),
    )


def classes(submission: Submission) -> tuple[Sequence[TriageSuggestion], Sequence[TriageSuggestion]]:
    """Industry and problem alone, as `triage` suggests them."""
    model = learned_model()
    reading = read(zones(submission), model.words, [one.value for one in _urgency(submission)])
    return _classes(submission, model, reading)


def _classes(
    submission: Submission, model: Learned, reading: Reading
) -> tuple[Sequence[TriageSuggestion], Sequence[TriageSuggestion]]:
    return (
        _told(submission, model.questions["industry"].suggest(reading.trade)),
        _told(submission, model.questions["problem"].suggest(reading.matter)),
    )


def problem_shares(text: str) -> NDArray[Any]:
    """How likely each problem is by the words of a text, whether or not one would be suggested."""
    model = learned_model()
    reading = read(zones(Submission(facts=text)), model.words)
    return model.questions["problem"].shares(reading.matter)


def class_shares(submission: Submission) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """How likely each industry and each problem is by its words, whether or not one would be suggested; nothing of
    those of which next to nothing is said."""
    model = learned_model()
    reading = read(zones(submission), model.words, [one.value for one in _urgency(submission)])
    found = []
    for name, spots in (("industry", reading.trade), ("problem", reading.matter)):
        question = model.questions[name]
        shares = question.shares(spots).tolist() if spots else []
        found.append({value: share for value, share in zip(question.values, shares, strict=False) if share >= 0.01})
    return found[0], found[1]


def zones(submission: Submission) -> list[Zone]:
    """Its texts by what they weigh."""
    return [
        Zone(field, text[:LONGEST_TEXT], TRADE.get(field, 0.0), MATTER.get(field, 0.0))
        for field in FIELDS
        if (text := getattr(submission, field))
    ]


def flags(submission: Submission) -> tuple[str, ...]:
    """What other rules find in it, as the problem is told by: that somebody was hurt, or is a child."""
    return tuple(one.value for one in _urgency(submission))


def _urgency(submission: Submission) -> list[TriageSuggestion]:
    return _many(_found(submission, word_list("urgency"), ACCOUNT, _not_denied))


def _told(submission: Submission, values: Sequence[LearnedValue]) -> list[TriageSuggestion]:
    return [TriageSuggestion(one.value, _hundredths(one), _Mentions(submission, one), one.sure) for one in values]


def _hundredths(one: LearnedValue) -> float:
    """Rounded so that what is sure never has the figure of what is not."""
    whole = math.ceil(one.share * 100) if one.sure else math.floor(one.share * 100)
    return min(max(whole, 1), 99) / 100


class _Mentions(Sequence[SpokenWord]):
    """Read off the text when somebody looks at them."""

    def __init__(self, submission: Submission, value: LearnedValue) -> None:
        self._submission, self._value = submission, value

    @functools.cached_property
    def _read(self) -> tuple[SpokenWord, ...]:
        found = []
        for word in self._value.words():
            text: str = getattr(self._submission, word.field)
            found.append(SpokenWord(word.field, word.start, word.end, text[word.start : word.end], word.weight))
        return tuple(found)

    def __len__(self) -> int:
        return len(self._read)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._read == tuple(other)

    def __hash__(self) -> int:
        return hash(self._read)

    @overload
    def __getitem__(self, at: int) -> SpokenWord: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[SpokenWord, ...]: ...
    def __getitem__(self, at: int | slice) -> SpokenWord | tuple[SpokenWord, ...]:
        return self._read[at]


def _found(submission: Submission, words: WordList, fields: Mapping[str, float], weigh: Weigh | None = None) -> Scores:
    """Each word counts where it weighs most."""
    best: dict[tuple[str, str], SpokenWord] = {}
    for field, factor in fields.items():
        text = getattr(submission, field)
        for value, mention in words.mentions(field, text):
            if value == IGNORE:
                continue
            weight = mention.weight * factor * (weigh(field, text, mention) if weigh else 1.0)
            counted = SpokenWord(field, mention.start, mention.end, mention.word, round(weight, 3))
            known = best.get((value, mention.word))
            if weight > 0 and (known is None or known.weight < weight):
                best[value, mention.word] = counted
    scores: Scores = {}
    for (value, _word), mention in best.items():
        scores.setdefault(value, []).append(mention)
    return scores


def _not_denied(field: str, text: str, mention: SpokenWord) -> float:
    before = text[max(0, mention.start - DENIED_WITHIN) : mention.start]
    return 0.0 if before.endswith(word_list("urgency").extra["denied"]) else 1.0


def _one(scores: Scores) -> list[TriageSuggestion]:
    ranked = sorted(((_sum(mentions), value) for value, mentions in scores.items()), reverse=True)
    found = []
    for place, (score, value) in enumerate(ranked[:MOST_ALTERNATIVES]):
        rival = ranked[1][0] if place == 0 and len(ranked) > 1 else ranked[0][0] if place else 0.0
        found.append(_suggestion(value, score / (score + rival + DOUBT), scores[value]))
    return found


def _many(scores: Scores) -> list[TriageSuggestion]:
    ranked = sorted(((_sum(mentions), value) for value, mentions in scores.items()), reverse=True)
    return [_suggestion(value, score / (score + DOUBT), scores[value]) for score, value in ranked if score >= LEAST]


def _place(
    submission: Submission, jurisdictions: Sequence[Jurisdiction]
) -> tuple[list[TriageSuggestion], list[TriageSuggestion]]:
    """The respondent's division, and the office's area it lies in: by a zone's or street's name, else by division."""
    division: list[TriageSuggestion] = []
    areas: Scores = {}
    code = ""
    for field, sure in (("place", 0.95), ("business", 0.6), ("facts", 0.5)):
        text = getattr(submission, field)[:LONGEST_TEXT]
        found = place_in(text) if text and not code else None
        if found:
            code = found.division.code
            mention = SpokenWord(field, found.start, found.end, text[found.start : found.end], sure)
            division.append(_suggestion(code, sure if found.sure else sure / 2, [mention]))
        for area in jurisdictions:
            for word in area.words:
                if (at := text.find(word)) >= 0:
                    areas.setdefault(area.id, []).append(SpokenWord(field, at, at + len(word), word, 4 * sure))
    if code and division[0].confidence >= 0.5:
        for area in jurisdictions:
            # The narrower the division that an area names, the more it says.
            depth = max((len(wider.rstrip("0")) for wider in area.divisions if within(code, wider)), default=0)
            if depth:
                mention = division[0].mentions[0]
                weighed = SpokenWord(mention.field, mention.start, mention.end, mention.word, depth / 3)
                areas.setdefault(area.id, []).append(weighed)
    return division, _one(areas)


def _sum(mentions: Iterable[SpokenWord]) -> float:
    return round(sum(mention.weight for mention in mentions), 3)


def _suggestion(value: str, confidence: float, mentions: Iterable[SpokenWord]) -> TriageSuggestion:
    heaviest = sorted(mentions, key=lambda mention: (-mention.weight, mention.field, mention.start))
    return TriageSuggestion(value, round(min(confidence, 0.99), 2), tuple(heaviest), confidence >= SURE)


def law_search(library: Library, query: str, days: Days, most: int = MOST_HITS) -> list[Hit]:
    """A search in the law at hand that also knows what the question is about, by its words as of a complaint."""
    told = triage(Submission(facts=query))
    problems, trades = (
        [LikelyClass(one.value, one.confidence, one.words) for one in found] for found in (told.problem, told.industry)
    )
    return search(library, query, days, most, problems, trades)


@dataclass(frozen=True, slots=True)
class FinerName:
    """Of 12315's vocabulary, in Chinese as it is entered there."""

    zh: str
    en: str
    weight: float
    said: re.Pattern[str]


@functools.cache
def finer_names() -> Mapping[str, tuple[FinerName, ...]]:
    """By the class they roll up to."""
    table = tomllib.loads(files(__package__).joinpath("lists", "finer.toml").read_text("utf-8"))
    return {
        problem: tuple(FinerName(zh, one["en"], one["weight"], re.compile(one["re"])) for zh, one in names.items())
        for problem, names in table.items()
        if isinstance(names, dict)
    }


SAID_AGAIN: Final = 0.2  # more for each further place, of at most `MOST_OFTEN`


def finer(submission: Submission, problem: str) -> FinerName | None:
    """What 12315 calls it, within a class; None where no name is told by words."""
    text = "\n".join(getattr(submission, field)[:LONGEST_TEXT] for field in ACCOUNT).lower()
    best, most = None, 0.0
    for name in finer_names().get(problem, ()):
        often = sum(1 for _ in itertools.islice(name.said.finditer(text), MOST_OFTEN))
        if often and (score := name.weight * (1 + SAID_AGAIN * (often - 1))) > most:
            best, most = name, score
    return best


# ------------------------------------------------------------ what triage says


SURE = 0.6  # from here on a suggestion by lists is offered as chosen


@dataclass(frozen=True, slots=True)
class Submission:
    """The texts a complaint is judged by. `place`: address and city of the respondent, as far as known."""

    title: str = ""
    request: str = ""
    facts: str = ""
    business: str = ""
    object: str = ""
    industry: str = ""  # as somebody else wrote it
    problem: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TriageSuggestion:
    """A value with the words that led to it.

    `confidence` 0…1: the share of such suggestions that were right, roughly (`yuntiao bench triage` measures it).
    `sure`: offered as chosen.
    """

    value: str
    confidence: float
    mentions: Sequence[SpokenWord]
    sure: bool

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mention.word for mention in self.mentions))


@dataclass(frozen=True, slots=True)
class Triage:
    """The best first; empty where nothing speaks for anything. `offices` are ids of jurisdictions."""

    industry: Sequence[TriageSuggestion]
    problem: Sequence[TriageSuggestion]
    requests: Sequence[TriageSuggestion]
    urgency: Sequence[TriageSuggestion]
    division: Sequence[TriageSuggestion]
    jurisdiction: Sequence[TriageSuggestion]
    reports: Sequence[TriageSuggestion]
    version: str
