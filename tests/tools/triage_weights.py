"""Makes `complaints/triage/weights.tsv`: python -m tests.tools.triage_weights

Learned from what `triage_texts` reads. A softmax (industry, problem) or one logistic regression a value (requests),
whose weights are drawn to those of the word lists: what is listed speaks from the beginning, what the texts say
otherwise is corrected. A complaint whose trade is named is told a second time without the name, so that what people did
and held must tell it; and for the trade each round hears another half of every text, with other stretches blotted out.
A word that lies within another listed word (染发膏: 染发) says nothing there.

How hot shares are, how far the likeliest may be relied on and from where on it is sure is measured on the texts of
`JUDGES`, by models made without all that the same hand wrote, or without a third of what the maker of the model wrote;
what may be chance is taken off.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy
from numpy.typing import NDArray

import complaints.triage
from complaints import PROBLEMS, REQUESTS
from complaints.triage.learned import (
    HOLDS,
    SHORT,
    Learned,
    Spots,
    Vocabulary,
    Zone,
    longer,
    parse,
    read,
    relied_on,
    weighed,
)
from tests.tools.triage_texts import SEED, Lesson, learned_from, lessons, listed_words

Floats = NDArray[numpy.float32]
Places = NDArray[numpy.int64]
INTO: Final = Path(str(files(complaints.triage))) / "weights.tsv"
THIRDS: Final = 3
SMOOTHED: Final = 0.3  # added to what was counted
LEAST: Final = 0.06  # smaller weights are left out
GOODS: Final = 0.35  # what is sold in shops is also in other trades' hands: such a word says less
NAMED: Final = 0.3  # share of sureness from which on a listed word names its trade
UNNAMED: Final = 0.7  # weight of a complaint told again without the words that name its trade
FEWEST: Final = 6  # features that must be left of it
STRETCH: Final = 4  # characters, at most
JUDGES: Final = (
    *("tuned", "fresh", "held_out", "stranger", "elsewhere"),
    *("letters", "varied", "further", "spoken", "offices"),
)
ECHOED: Final = "echoed"  # written after what was wrong of others: not learned from where these are measured
MARGIN: Final = 1.64  # deviations by which what is sure may be wrong by chance alone


@dataclass(frozen=True, slots=True)
class Recipe:
    """`kind`: as of `Weights`. `prior`: weight of a listed word that is sure; `counted`: of what counting tells of each
    feature; `ridge`: how much weights are drawn to both; `unheard`: share of its features that a lesson is told
    without, others in each round, so that none is relied on alone; `blotted`: share of its characters, in stretches of
    up to `STRETCH`, of which nothing is heard at all, since the pieces of one word stand in for each other; `often`:
    lessons a feature is in, or it is left out; `slight`: as is one with no greater weight.

    `surely`: what share is sure, of one and of all that are.
    """

    kind: str
    prior: float
    ridge: float
    step: float
    rounds: int
    surely: float = 0.0
    counted: float = 0.0
    unheard: float = 0.0
    blotted: float = 0.0
    often: int = 2
    slight: float = 0.1

    @property
    def several(self) -> bool:
        return self.kind == "several"


RECIPES: Final[Mapping[str, Recipe]] = {
    "industry": Recipe("one", 4.0, 0.7, 0.16, 48, 0.99, unheard=0.5, blotted=0.3, slight=0.35),
    "problem": Recipe("sentences", 1.5, 1.0, 0.06, 44, 0.97, counted=0.3, often=3, slight=0.2),
    "request": Recipe("several", 2.5, 0.5, 0.06, 60, slight=0.2),
}


def made_of() -> str:
    """Digest of all it is learned from, and of how."""
    whole = hashlib.sha256(str(sorted(RECIPES.items())).encode())
    for part in learned_from():
        whole.update(part)
    return whole.hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Table:
    """Features of lessons as sparse rows, and the same by columns."""

    rows: int
    columns: int
    row: Places
    column: Places
    value: Floats
    order: Places  # by column
    spans: Places  # the characters of all lessons that it is read from: from and to

    def heard(self, recipe: Recipe, chance: numpy.random.Generator) -> Table:
        """Some of it, by chance."""
        kept = (chance.random(len(self.value)) >= recipe.unheard) & ~self._blotted(recipe.blotted, chance)
        moved = numpy.cumsum(kept) - 1
        order = moved[self.order[kept[self.order]]]
        return Table(
            self.rows, self.columns, self.row[kept], self.column[kept], self.value[kept], order, self.spans[kept]
        )

    def _blotted(self, share: float, chance: numpy.random.Generator) -> NDArray[numpy.bool_]:
        """Whether a stretch that cannot be read touches it."""
        characters = int(self.spans.max(initial=0))
        stretch = numpy.repeat(numpy.arange(characters), chance.integers(1, STRETCH + 1, characters))[:characters]
        gone = (chance.random(characters) < share)[stretch]
        before = numpy.concatenate([[0], numpy.cumsum(gone)])
        return numpy.asarray(before[self.spans[:, 1]] > before[self.spans[:, 0]])

    def times(self, weights: Floats) -> Floats:
        return _sums(self.rows, self.row, weights, self.column, self.value)

    def back(self, slopes: Floats) -> Floats:
        order = self.order
        return _sums(self.columns, self.column[order], slopes, self.row[order], self.value[order])


AT_ONCE: Final = 4096  # products that are summed while they lie in the processor's cache


def _sums(rows: int, into: Places, what: Floats, of: Places, factors: Floats) -> Floats:
    """Row `into` of the result has the sum of rows `of` of `what`, each by its factor; `into` ascends."""
    found = numpy.zeros((rows, what.shape[1]), numpy.float32)
    for at in range(0, len(into), AT_ONCE):
        part = slice(at, at + AT_ONCE)
        starts = numpy.flatnonzero(numpy.diff(into[part], prepend=-1))
        found[into[part][starts]] += numpy.add.reduceat(what[of[part]] * factors[part, None], starts, axis=0)
    return found


Spans = Mapping[str, tuple[int, int]]


def table(rows: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int], spans: Sequence[Spans] = ()) -> Table:
    """`spans`: of each row where its features stand, from 0; without them nothing can be blotted out."""
    row, column, value, characters = list[int](), list[int](), list[float](), list[tuple[int, int]]()
    begin = 0
    for at, found in enumerate(rows):
        read_at = spans[at] if spans else {}
        for feature, factor in found.items():
            if (place := vocabulary.get(feature)) is not None:
                first, last = read_at.get(feature, (0, 0))
                row.append(at)
                column.append(place)
                value.append(factor)
                characters.append((begin + first, begin + last))
        begin += max((last for _, last in read_at.values()), default=0)
    columns = numpy.array(column, numpy.int64)
    return Table(
        len(rows),
        len(vocabulary),
        numpy.array(row, numpy.int64),
        columns,
        numpy.array(value, numpy.float32),
        numpy.argsort(columns, kind="stable"),
        numpy.array(characters, numpy.int64).reshape(-1, 2),
    )


def counted(seen: Table, labels: Floats) -> Floats:
    """By how much each feature is commoner beside a value than beside the others: less where it is rare."""
    had = replace(seen, value=numpy.ones_like(seen.value)).back(labels) + SMOOTHED
    tells = numpy.log(had / (labels.sum(0) + 1))
    often = had.sum(1, keepdims=True)
    return _floats((tells - tells.mean(1, keepdims=True)) * often / (often + 4))


def learn(recipe: Recipe, seen: Table, labels: Floats, sizes: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Weights and starts, by Adam over all lessons at once."""
    weights, starts = prior.copy(), numpy.zeros(labels.shape[1], numpy.float32)
    slopes_seen = [numpy.zeros_like(weights), numpy.zeros_like(weights)]
    starts_seen = [numpy.zeros_like(starts), numpy.zeros_like(starts)]
    chance = numpy.random.default_rng(SEED)
    for turn in range(1, recipe.rounds + 1):
        heard = seen.heard(recipe, chance) if recipe.unheard else seen
        wrong = _floats((_shares(heard.times(weights) + starts, recipe.several) - labels) * sizes[:, None])
        step = recipe.step * (1 - turn / (recipe.rounds + 1))
        weights -= _adam(slopes_seen, heard.back(wrong) + recipe.ridge * (weights - prior), step, turn)
        starts -= _adam(starts_seen, wrong.sum(0), step, turn)
    return weights, starts


def _adam(seen: list[Floats], slope: Floats, step: float, turn: int) -> Floats:
    seen[0] = 0.9 * seen[0] + 0.1 * slope
    seen[1] = 0.99 * seen[1] + 0.01 * slope * slope
    return _floats(step * (seen[0] / (1 - 0.9**turn)) / (numpy.sqrt(seen[1] / (1 - 0.99**turn)) + 1e-6))


def _floats(numbers: NDArray[Any]) -> Floats:
    return numpy.asarray(numbers, numpy.float32)


def _shares(scores: Floats, several: bool) -> Floats:
    if several:
        return _floats(1 / (1 + numpy.exp(-numpy.clip(scores, -30, 30))))
    raised = numpy.exp(scores - scores.max(1, keepdims=True))
    return _floats(raised / raised.sum(1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Question:
    """What is learned of one question; `rows` of its lessons, the sentence each feature stands in, and where."""

    recipe: Recipe
    values: tuple[str, ...]
    lessons: Sequence[Lesson]
    rows: Sequence[Mapping[str, float]]
    sentences: Sequence[Mapping[str, int]]
    spans: Sequence[Spans]
    listed: Sequence[tuple[str, str, float]]
    unnamed: Mapping[int, Mapping[str, float]]

    def vocabulary(self, without: Sequence[bool]) -> dict[str, int]:
        """What is in several texts; one that is told at length is no second text."""
        rows = [at for at, out in enumerate(without) if not out and not self.lessons[at].again]
        often = Counter(f for at in rows for row in (self.rows[at], self.unnamed.get(at, {})) for f in row)
        always = {feature for _, word, _ in self.listed for feature in self.of_word(word)}
        return {
            f: at
            for at, f in enumerate(sorted({f for f, count in often.items() if count >= self.recipe.often} | always))
        }

    def of_word(self, word: str) -> list[str]:
        """What is wanted is listed as it stands at the end."""
        return [f"${feature}" if self.recipe.several else feature for feature in _of_word(word)]

    def fold(self, lesson: Lesson) -> str:
        """What is left out together: what one hand wrote, or a third of what the maker of the model wrote."""
        return lesson.of if lesson.of in ("", ECHOED) else lesson.hand or str(lesson.number % THIRDS)

    def folds(self) -> list[str]:
        return sorted({self.fold(lesson) for lesson in self.lessons} - {"", ECHOED})

    def unseen(self, fold: str) -> Scored:
        """What a model says of the texts of a fold that has not seen it."""
        folds = [self.fold(lesson) for lesson in self.lessons]
        vocabulary, weights, starts = self.learned([of in (fold, ECHOED) for of in folds])
        mine = [at for at, of in enumerate(folds) if of == fold and self.lessons[at].of in JUDGES]
        mine = [at for at in mine if not self.lessons[at].again]
        seen = table([self.rows[at] for at in mine], vocabulary)
        whole = seen.times(weights) + starts
        scores, sentences = self.said(mine, vocabulary, weights, whole, starts)
        evidence = seen.times(numpy.maximum(weights, 0))
        pieces = _floats(numpy.bincount(seen.row, minlength=len(mine)))
        return Scored(scores, whole, evidence, pieces, sentences, self.labels()[mine])

    def measured(self) -> tuple[Bounds, str]:
        """What shares mean, and what was right of what had not been seen."""
        parts, told = list[Scored](), list[str]()
        for fold in self.folds():
            part = self.unseen(fold)
            parts.append(part)
            told.append(f"{fold} {_right(part.scores, part.labels, self.recipe).mean():.3f} of {len(part.labels)}")
        every = Scored(*(numpy.concatenate(part) for part in zip(*parts, strict=True)))
        bounds, figures = _bounds(every, self.recipe)
        return bounds, f"{figures} ({', '.join(told)})"

    def said(
        self, mine: Sequence[int], vocabulary: Mapping[str, int], weights: Floats, whole: Floats, starts: Floats
    ) -> tuple[Floats, Floats]:
        """Scores as `Weights.suggest` has them, and how many sentences each text has."""
        parts, of = list[dict[str, float]](), list[int]()
        for place, at in enumerate(mine):
            some: dict[int, dict[str, float]] = {}
            for feature, factor in self.rows[at].items():
                if feature in vocabulary:
                    some.setdefault(self.sentences[at][feature], {})[feature] = factor
            parts += some.values()
            of += [place] * len(some)
        many = _floats(numpy.bincount(of, minlength=len(mine)))
        if self.recipe.kind != "sentences":
            return whole, many
        each, places = table(parts, vocabulary).times(weights) + starts, numpy.array(of)
        return numpy.stack([weighed(one, each[places == place]) for place, one in enumerate(whole)]), many

    def prior(self, vocabulary: Mapping[str, int]) -> Floats:
        found = numpy.zeros((len(vocabulary), len(self.values)), numpy.float32)
        for value, word, share in self.listed:
            less = GOODS if value == "F52" else 1.0
            for feature in self.of_word(word):
                at = vocabulary[feature], self.values.index(value)
                found[at] = max(found[at], self.recipe.prior * share * less)
        if self.unnamed:
            listed = {feature for _, word, _ in self.listed for feature in self.of_word(word) if not feature.isascii()}
            own = found.copy()
            for feature in listed:
                outer = vocabulary[feature]
                for inner in _inner(feature) & listed:
                    found[outer] -= numpy.where(own[outer] > 0, 0, own[vocabulary[inner]])
        return found

    def labels(self) -> Floats:
        found = numpy.zeros((len(self.lessons), len(self.values)), numpy.float32)
        for at, lesson in enumerate(self.lessons):
            for value in lesson.values[self.name()] or ():
                found[at, self.values.index(value)] = 1
        return found

    def name(self) -> str:
        return next(name for name, recipe in RECIPES.items() if recipe is self.recipe)

    def learned(self, without: Sequence[bool]) -> tuple[dict[str, int], Floats, Floats]:
        vocabulary = self.vocabulary(without)
        taught = [at for at, out in enumerate(without) if not out]
        again = [at for at in taught if at in self.unnamed]
        sizes = _floats(
            numpy.array(
                [*(self.lessons[at].weight for at in taught), *(UNNAMED * self.lessons[at].weight for at in again)]
            )
        )
        rows = [*(self.rows[at] for at in taught), *(self.unnamed[at] for at in again)]
        seen = table(rows, vocabulary, [self.spans[at] for at in (*taught, *again)])
        labels = self.labels()[[*taught, *again]]
        prior = _floats(self.prior(vocabulary) + self.recipe.counted * counted(seen, labels * sizes[:, None]))
        return vocabulary, *learn(self.recipe, seen, labels, sizes, prior)


def unnamed(rows: Sequence[Mapping[str, float]], names: Sequence[frozenset[str]]) -> dict[int, dict[str, float]]:
    """Rows without the words that name their trade and what overlaps these: what people do and hold must tell it."""
    found = {}
    for at, (row, named) in enumerate(zip(rows, names, strict=True)):
        gone = [feature for feature in row if feature in named]
        if gone:
            left = {
                feature: factor
                for feature, factor in row.items()
                if feature[0] in "%!$" or not any(feature in one or one in feature for one in gone)
            }
            if len(left) >= FEWEST:
                found[at] = left
    return found


def _inner(word: str) -> set[str]:
    """The words within a word: dye for hair (染发膏) is none of the hairdresser's (染发)."""
    return {word[a:b] for a in range(len(word)) for b in range(a + 2, len(word) + 1)} - {word}


def _of_word(word: str) -> list[str]:
    """An English word's features are its stems; of several words only the last two, together."""
    if not word.isascii():
        return [word]
    numbers: dict[str, int] = {}
    every = Vocabulary(lambda feature: numbers.setdefault(feature, len(numbers)), {})
    read([Zone("facts", word, 1.0, 0.0)], every)
    return [one for one in numbers if " " in one][-1:] or [*numbers]


@dataclass(frozen=True, slots=True)
class Bounds:
    """As `Weights` has them."""

    heat: float
    sure: float
    trust: tuple[float, ...] = (0.0,)


class Scored(NamedTuple):
    """Of texts that had not been seen, a row each; `whole`: scores by all words together, `pieces`: how many
    features it has, in how many `sentences`."""

    scores: Floats
    whole: Floats
    evidence: Floats
    pieces: Floats
    sentences: Floats
    labels: Floats


def _right(scores: Floats, labels: Floats, recipe: Recipe) -> NDArray[Any]:
    if recipe.several:
        return numpy.asarray(((_shares(scores, True) >= HOLDS) == (labels == 1)).all(1))
    return numpy.asarray(labels[numpy.arange(len(labels)), scores.argmax(1)] == 1)


def _bounds(found: Scored, recipe: Recipe) -> tuple[Bounds, str]:
    several, scores, labels = recipe.several, found.scores, found.labels

    def loss(heat: float) -> float:
        shares = numpy.clip(_shares(scores / heat, several), 1e-6, 1 - 1e-6)
        of = labels * numpy.log(shares) + ((1 - labels) * numpy.log(1 - shares) if several else 0)
        return float(-of.sum(1).mean())

    heat = min((round(0.5 + 0.1 * n, 1) for n in range(40)), key=loss)
    right = _right(scores / heat, labels, recipe)
    if several:
        return Bounds(heat, 0.6), f"{right.mean():.3f}"
    every, best = numpy.arange(len(labels)), scores.argmax(1)
    apart = (scores.max(1) - numpy.partition(scores, -2, axis=1)[:, -2]) / found.evidence[every, best].clip(1e-6)
    shares, whole = _shares(scores / heat, several), _shares(found.whole / heat, several)
    reasons = (shares.max(1), apart, found.pieces, whole[every, best], found.sentences)
    told = numpy.stack(relied_on(*reasons, log=numpy.log, clip=numpy.clip), axis=-1)
    trust = tuple(round(float(one), 3) for one in _logistic(told, right))
    trusted = 1 / (1 + numpy.exp(-told @ numpy.array(trust)))
    order = numpy.argsort(-trusted, kind="stable")
    so_far = surely(numpy.cumsum(right[order]), numpy.arange(1, len(order) + 1))
    often = max((at + 1 for at in range(len(order)) if so_far[at] >= recipe.surely), default=0)
    line = max(round(float(trusted[order][often - 1]), 4), recipe.surely) if often else 1.0
    sure = trusted >= line
    held = right[sure].mean() if sure.any() else 0.0
    return Bounds(heat, line, trust), f"{right.mean():.3f}, sure {sure.mean():.3f} of them {held:.3f}"


def _logistic(told: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Weights by which what was told says whether it was right, by Newton's steps."""
    weights = numpy.zeros(told.shape[1])
    for _ in range(30):
        chance = 1 / (1 + numpy.exp(-told @ weights))
        slope = told.T @ (right - chance) - weights
        curve = (told * (chance * (1 - chance))[:, None]).T @ told + numpy.eye(len(weights))
        weights += numpy.linalg.solve(curve, slope)
    return weights


def surely(right: NDArray[Any], of: NDArray[Any]) -> NDArray[Any]:
    """The share that is right, less what may be chance: Wilson's lower bound."""
    share, chance = right / of, MARGIN**2 / of
    least = (share + chance / 2 - numpy.sqrt(chance * (share * (1 - share) + chance / 4))) / (1 + chance)
    return numpy.asarray(least)


def questions() -> dict[str, Question]:
    listed, every = listed_words(RECIPES), lessons()
    long = frozenset(
        word for words in listed.values() for _, word, _ in words if len(word) > SHORT and not word.isascii()
    )
    numbers: dict[str, int] = {}
    words = Vocabulary(lambda feature: numbers.setdefault(feature, len(numbers)), longer(long))
    readings = [read(lesson.zones, words, lesson.flags) for lesson in every]
    names = list(numbers)
    found = {}
    for name, recipe in RECIPES.items():
        trade = name == "industry"
        mine, rows, sentences = list[Lesson](), list[dict[str, float]](), list[dict[str, int]]()
        spans = list[Spans]()
        for lesson, reading in zip(every, readings, strict=True):
            if lesson.values.get(name) is not None:
                mine.append(lesson)
                spots = reading.trade if trade else reading.matter
                rows.append({names[at]: spot[0] for at, spot in spots.items()})
                sentences.append({names[at]: n for at, n in zip(spots, spots.sentences.tolist(), strict=True)})
                spans.append(_spans(spots, names))
        if trade:
            values = {value for lesson in mine for value in lesson.values[name] or ()}
            values |= {value for value, _, _ in listed[name]}
            ordered = tuple(sorted(values))
        else:
            ordered = tuple(PROBLEMS if name == "problem" else REQUESTS)
        question = Question(recipe, ordered, mine, rows, sentences, spans, listed[name], {})
        if trade:
            question = replace(question, unnamed=unnamed(rows, list(_names(question))))
        found[name] = question
    return found


def _spans(spots: Spots, names: Sequence[str]) -> Spans:
    """Where each feature stands in all fields, one after the other."""
    lengths: dict[str, int] = {}
    for _, field, _, last in spots.values():
        lengths[field] = max(lengths.get(field, 0), last)
    begins = dict(zip(lengths, accumulate(lengths.values(), initial=0), strict=False))
    return {names[at]: (begins[field] + first, begins[field] + last) for at, (_, field, first, last) in spots.items()}


def _names(question: Question) -> Iterable[frozenset[str]]:
    """Of each lesson, the words that name its trade; none of samples and phrases, nor of shops, which goods name."""
    by_value: dict[str, set[str]] = {}
    for value, word, share in question.listed:
        if value != "F52" and share > NAMED:
            by_value.setdefault(value, set()).update(one for one in question.of_word(word) if len(one) > 1)
    for lesson in question.lessons:
        values = lesson.values["industry"] or () if lesson.of not in ("", "reworded") and not lesson.again else ()
        yield frozenset(one for value in values for one in by_value.get(value, ()))


def written(name: str, question: Question, bounds: Bounds) -> list[str]:
    """The lines of one question."""
    vocabulary, weights, starts = question.learned([False] * len(question.lessons))
    start = "\t".join(f"{value}={begin:.2f}" for value, begin in zip(question.values, starts, strict=True))
    trust = ",".join(map(str, bounds.trust))
    lines = ["\t".join(("@", name, question.recipe.kind, str(bounds.heat), str(bounds.sure), trust, start))]
    for feature, at in vocabulary.items():
        tells = abs(weights[at]).max() >= question.recipe.slight
        kept = [(place, float(weight)) for place, weight in enumerate(weights[at]) if tells and abs(weight) >= LEAST]
        if kept or (name == "industry" and len(feature) > SHORT and not feature.isascii()):
            lines.append("\t".join([feature, *(f"{place}:{weight * 100:.0f}" for place, weight in kept)]))
    return lines


def parsed_again(name: str) -> Learned:
    """One question, learned anew."""
    return parse("\n".join(written(name, questions()[name], Bounds(1.0, 1.0))))


def main() -> None:
    lines = [f"made\t{made_of()}"]
    for name, question in questions().items():
        bounds, told = question.measured()
        figures = f"{bounds}, of what had not been seen {told}"
        sys.stdout.write(f"{name}: {len(question.lessons)} lessons, {figures}\n")
        sys.stdout.flush()
        lines += written(name, question, bounds)
    INTO.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
