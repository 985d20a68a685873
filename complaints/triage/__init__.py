"""Triage: what a complaint may be about, how urgent it is and whose it is, suggested with the words that led there.
Pure.

A suggestion decides nothing: an officer confirms or changes it, and the record says from then on what was confirmed.
The weighted words of `lists/` are looked for in the text: at one place the longest counts, and each counts once
however often it stands there, so a score can be read off the marked text by hand. Where none of them speaks, a naive
Bayes over characters does. Confidence of the best of several is its score against the next and a constant doubt; of
each of many its own against the doubt alone.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Final

from complaints import BadChoice
from complaints.record import ComplaintRegistered
from complaints.record.industries import industry_code
from complaints.record.places import Jurisdiction, place_code, place_in, within
from complaints.vocabulary import PROBLEMS, REQUESTS, URGENCIES

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


LISTS: Final = ("industry", "problem", "request", "urgency", "report")
LONGEST_TEXT: Final = 4_000  # characters of a text that are looked at: what a complaint is about is said by then
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
    """Of all lists together, as a confirmation notes it: which lists the suggestion came from."""
    return ".".join(str(word_list(name).version) for name in LISTS)


# ------------------------------------------------------------ a model of neighbouring characters


ROWS: Final = {"industry": 1, "problem": 2}  # column of `labelled.tsv`
GRAMS: Final = 1  # the edition of this, beside those of the lists
LEARNED: Final = "tuned"  # the set that is learned from; the others only measure
SMOOTHED: Final = 0.2
_NOT_TEXT: Final = re.compile(r"[^\u4e00-\u9fffA-Za-z]+")
_SHOWN: Final = 4  # pieces that are told


@dataclass(frozen=True, slots=True)
class SpeakingPiece:
    start: int
    end: int
    weight: float  # by how much it speaks more for the value than for the others


@dataclass(frozen=True, slots=True)
class Model:
    """A naive Bayes over pairs and triples of characters, for texts in which no listed word speaks.

    `logs`: value -> piece -> logarithm of its share; `unseen`: of a piece that never stood with the value. What it
    tells it tells with the pieces of the text that led there, and with little confidence: words that somebody chose
    weigh more.
    """

    priors: Mapping[str, float]
    logs: Mapping[str, Mapping[str, float]]
    unseen: Mapping[str, float]
    known: frozenset[str]

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """(value, share of certainty), the likeliest first; empty when no piece is known."""
        pieces = [piece for _, piece in _pieces(text) if piece in self.known]
        if not pieces:
            return []
        scores = {
            value: prior + sum(self.logs[value].get(piece, self.unseen[value]) for piece in pieces)
            for value, prior in self.priors.items()
        }
        top = max(scores.values())
        # Pieces overlap and depend on each other: their evidence counts a third.
        shares = {value: math.exp((score - top) / 3) for value, score in scores.items()}
        whole = sum(shares.values())
        return sorted(((value, share / whole) for value, share in shares.items()), key=lambda one: (-one[1], one[0]))

    def why(self, text: str, value: str) -> Sequence[SpeakingPiece]:
        """The pieces that speak most for it."""
        found: dict[str, SpeakingPiece] = {}
        others = [other for other in self.priors if other != value]
        for at, piece in _pieces(text):
            if piece in self.known and piece not in found:
                own = self.logs[value].get(piece, self.unseen[value])
                rest = sum(self.logs[other].get(piece, self.unseen[other]) for other in others) / len(others)
                if own > rest:
                    found[piece] = SpeakingPiece(at, at + len(piece), round(own - rest, 2))
        return sorted(found.values(), key=lambda piece: (-piece.weight, piece.start))[:_SHOWN]


@functools.cache
def model(name: str) -> Model:
    """The model of a column, made when first asked. `name`: one of `ROWS`.

    Learned from the word lists themselves (a word speaks for its value as often as it weighs) and from the sentences
    the lists were adjusted to.
    """
    counts: dict[str, Counter[str]] = {}
    documents: Counter[str] = Counter()
    for value, words in word_list(name).words.items():
        counted = counts.setdefault(value, Counter())
        for word, weight in words.items():
            for _, piece in _pieces(word):
                counted[piece] += max(1, round(weight))
    column = ROWS[name]
    for line in files(__package__).joinpath("labelled.tsv").read_text("utf-8").splitlines():
        row = line.split("\t")
        if row[0] == LEARNED:
            documents[row[column]] += 1
            counts.setdefault(row[column], Counter()).update(piece for _, piece in _pieces(row[5]))
    known = frozenset(piece for counted in counts.values() for piece in counted)
    logs, unseen = {}, {}
    for value, counted in counts.items():
        total = sum(counted.values()) + SMOOTHED * len(known)
        logs[value] = {piece: math.log((count + SMOOTHED) / total) for piece, count in counted.items()}
        unseen[value] = math.log(SMOOTHED / total)
    whole = sum(documents.values()) + len(counts)
    priors = {value: math.log((documents[value] + 1) / whole) for value in counts}
    return Model(priors, logs, unseen, known)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pairs and triples of characters with where they stand, never across what is no text."""
    start = 0
    for stretch in _NOT_TEXT.split(text):
        at = text.index(stretch, start) if stretch else start
        start = at + len(stretch)
        for size in (2, 3):
            for n in range(len(stretch) - size + 1):
                yield at + n, stretch[n : n + size]


DOUBT = 1.5
IGNORE = "ignore"  # 维修费 asks for no repair: such a word only keeps a shorter one from counting
GUESSED = 0.35
WEAK = 0.36  # up to here listed words hardly tell
MOST_BY_GRAMS = 0.5
LEAST = 2.0  # score from which one of many is suggested
MOST_ALTERNATIVES = 3
TRADE = {"business": 1.5, "object": 1.0, "title": 1.2, "facts": 1.0, "request": 0.7, "industry": 1.5}
MATTER = {"problem": 1.5, "title": 1.2, "facts": 1.0, "request": 0.8}
ACCOUNT = {"title": 1.0, "facts": 1.0, "request": 1.0}
DENIED_WITHIN = 3  # characters before a word
ASKED_WITHIN = 30
_SENTENCE_END = re.compile(r"[。！？；!?;\n]")

Scores = dict[str, list[SpokenWord]]
Weigh = Callable[[str, str, SpokenWord], float]


def triage(submission: Submission, jurisdictions: Sequence[Jurisdiction] = ()) -> Triage:
    division, area = _place(submission, jurisdictions)
    industry = _with_grams("industry", submission, _one(_found(submission, word_list("industry"), TRADE)))
    requests = _many(_found(submission, word_list("request"), ACCOUNT, _asked))
    urgency = _many(_found(submission, word_list("urgency"), ACCOUNT, _not_denied))
    told = {"industry": industry[:1], "request": requests, "urgency": urgency}
    problem = _one(_found(submission, word_list("problem"), MATTER)) or _otherwise(told)
    return Triage(
        industry=industry,
        problem=_with_grams("problem", submission, problem),
        requests=requests,
        urgency=urgency,
        division=division,
        jurisdiction=area,
        reports=_many(_found(submission, word_list("report"), ACCOUNT)),
        version=f"{version()}+{GRAMS}",
    )


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


def _with_grams(name: str, submission: Submission, listed: list[TriageSuggestion]) -> list[TriageSuggestion]:
    """What listed words hardly tell, pairs of characters may: then theirs comes first, never surely."""
    if listed and listed[0].confidence > WEAK:
        return listed
    learned, text = model(name), submission.facts or submission.title
    ranked = learned.ranked(text[:LONGEST_TEXT])
    if not ranked:
        return listed
    value, share = ranked[0]
    pieces = learned.why(text[:LONGEST_TEXT], value)
    field = "facts" if submission.facts else "title"
    mentions = [SpokenWord(field, one.start, one.end, text[one.start : one.end], one.weight) for one in pieces]
    first = next((one for one in listed if one.value == value), None)
    made = first or _suggestion(value, min(share, MOST_BY_GRAMS), mentions)
    return [made, *(one for one in listed if one.value != value)][:MOST_ALTERNATIVES]


def _otherwise(told: Mapping[str, Sequence[TriageSuggestion]]) -> list[TriageSuggestion]:
    """The problem class that the trade, the request or an injury make likely where no word tells it."""
    for rule in word_list("problem").extra["otherwise"]:
        question, start, value = rule.split()
        for known in told[question]:
            if known.value.startswith(start):
                return [_suggestion(value, GUESSED, known.mentions)]
    return []


def _asked(field: str, text: str, mention: SpokenWord) -> float:
    """In the request a word is asked for; in the account only after "要求" and the like, in the same sentence."""
    if field == "request":
        return 1.0
    before = text[max(0, mention.start - ASKED_WITHIN) : mention.start]
    before = _SENTENCE_END.split(before)[-1]
    asked = max((before.rfind(word) for word in word_list("request").extra["asks"]), default=-1)
    if asked >= 0 or (field == "title" and not before):
        return 1.0
    return 0.3 if field == "title" else 0.0


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
    return TriageSuggestion(value, round(min(confidence, 0.99), 2), tuple(heaviest))


# ------------------------------------------------------------ what triage says


SURE = 0.6  # from here on a suggestion is offered as chosen


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
    """

    value: str
    confidence: float
    mentions: tuple[SpokenWord, ...]

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
