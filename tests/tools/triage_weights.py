"""Makes `complaints/triage/weights.tsv`: python -m tests.tools.triage_weights

Learned from lists of words (`data/triage/words`), complaints with labels (`SOURCES`) and the program's own samples;
`kept.tsv` is only measured. A softmax (industry, problem) or one logistic regression a value (requests), whose weights
are drawn to those of the word lists: what is listed speaks from the beginning, what the texts say otherwise is
corrected. A complaint whose trade is named is told a second time without the name, so that what people did and held
must tell it. A word that lies within another listed word (染发 in 染发膏) says nothing there.

How hot shares are and from where on they are sure is measured on thirds of the texts of `JUDGES`, which were written
after most of the lists of words and which a model made from the rest had not seen; what may be chance is taken off.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy
from numpy.typing import NDArray

import complaints.triage
import tests.tools.data
from complaints import PROBLEMS, REQUESTS
from complaints.sample import samples
from complaints.triage import Submission, flags, zones
from complaints.triage.learned import HOLDS, SHORT, Learned, Vocabulary, Zone, longer, parse, read

Floats = NDArray[numpy.float32]
Places = NDArray[numpy.int64]
HERE: Final = files(tests.tools.data) / "triage"
SOURCES: Final = ("labelled.tsv", "stranger.tsv", "written.tsv", "further.tsv", "confusable.tsv")
TRADES: Final = ("trades.txt", "goods.txt")
WORDS: Final = (*TRADES, "scenes.txt", "problems.txt", "requests.txt")
LISTED: Final = files(complaints.triage) / "lists"
LISTS: Final = (*(f"{name}.toml" for name in ("industry", "problem", "request")), "signs.toml")
PHRASES: Final = (("industry", "scenes.txt", 0.6), ("problem", "problems.txt", 0.8), ("request", "requests.txt", 0.8))
INTO: Final = Path(str(files(complaints.triage))) / "weights.tsv"
SAMPLES, SEED, OF_A_SAMPLE = 250, 17, 0.4
THIRDS: Final = 3
SMOOTHED: Final = 0.3  # added to what was counted
LEAST: Final = 0.06  # smaller weights are left out
BESIDE: Final = 0.7  # of a word that is also told beside other trades
GOODS: Final = 0.35  # what is sold in shops is also in other trades' hands: such a word says less
NAMED: Final = 0.3  # share of sureness from which on a listed word names its trade
UNNAMED: Final = 0.7  # weight of a complaint told again without the words that name its trade
FEWEST: Final = 6  # features that must be left of it
JUDGES: Final = ("varied", "further")  # written after most of the lists of words
MARGIN: Final = 1.64  # deviations by which what is sure may be wrong by chance alone


@dataclass(frozen=True, slots=True)
class Recipe:
    """`prior`: weight of a listed word that is sure; `counted`: of what counting tells of every feature; `ridge`: how
    much weights are drawn to both; `often`: lessons a feature is in, or it is left out; `slight`: as is
    one with no greater weight.

    `surely`: share of right ones from which on it is sure, told by shares and (`apart`) by how far the next one is.
    """

    several: bool
    prior: float
    ridge: float
    step: float
    rounds: int
    surely: float = 0.0
    apart: bool = False
    counted: float = 0.0
    often: int = 2
    slight: float = 0.1


RECIPES: Final[Mapping[str, Recipe]] = {
    "industry": Recipe(False, 4.0, 0.7, 0.08, 36, 0.97, apart=True, slight=0.15),
    "problem": Recipe(False, 1.5, 1.0, 0.06, 44, 0.97, apart=True, counted=0.3, often=3),
    "request": Recipe(True, 2.5, 0.5, 0.06, 60),
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """`values` None: not said. `judges`: written after the lists of words; `reworded`: after texts of a stranger."""

    zones: tuple[Zone, ...]
    flags: tuple[str, ...]
    values: Mapping[str, frozenset[str] | None]
    weight: float = 1.0
    measured: bool = False
    complaint: bool = False
    judges: bool = False
    reworded: bool = False


def made_of() -> str:
    """Digest of all it is learned from, and of how."""
    whole = hashlib.sha256(str(sorted(RECIPES.items())).encode())
    texts = [*(HERE / name for name in SOURCES), *(HERE / "words" / name for name in WORDS)]
    for path in (*texts, *(LISTED / name for name in LISTS)):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:8]


def lessons() -> list[Lesson]:
    return [*_complaints(), *_phrases(), *_samples()]


def _complaints() -> Iterable[Lesson]:
    for source in SOURCES:
        for line in (HERE / source).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            name, industry, problem, requests, _, text = line.split("\t")
            unsaid = requests == "-" and name in ("held_out", "confusable")
            asked = None if unsaid else frozenset(requests.split(",")) - {"", "-"}
            values = {"industry": frozenset({industry}), "problem": frozenset({problem}), "request": asked}
            yield replace(
                _lesson(Submission(facts=text), values, 1.0),
                measured=name not in ("written", "reworded"),
                complaint=name != "reworded",
                judges=name in JUDGES,
                reworded=name == "reworded",
            )


def _phrases() -> Iterable[Lesson]:
    for question, source, weight in PHRASES:
        values: frozenset[str] = frozenset()
        for line in (HERE / "words" / source).read_text("utf-8").splitlines():
            if line.startswith("["):
                values = frozenset(filter(None, line.strip("[]").split(",")))
            elif line and not line.startswith("#"):
                yield _lesson(Submission(facts=line), {question: values}, weight)
                if question == "request":
                    yield _lesson(Submission(request=line), {question: values}, weight)


def _samples() -> Iterable[Lesson]:
    for one in samples(SAMPLES, SEED):
        submission = Submission(
            title=one.title,
            request=one.request,
            facts=one.facts,
            business=one.business_name,
            object=one.bought_what,
        )
        values = {"industry": frozenset({one.industry_code[:3]}), "problem": frozenset({one.problem})}
        yield _lesson(submission, values, OF_A_SAMPLE)


def _lesson(
    submission: Submission,
    values: Mapping[str, frozenset[str] | None],
    weight: float,
) -> Lesson:
    return Lesson(tuple(zones(submission)), flags(submission), values, weight)


def listed_words() -> dict[str, list[tuple[str, str, float]]]:
    """Question -> (value, word, share of sureness). A word of several values says less for each."""
    found: dict[str, list[tuple[str, str, float]]] = {}
    trades = [
        (code, word.replace("_", " "))
        for name in TRADES
        for line in (HERE / "words" / name).read_text("utf-8").splitlines()
        if not line.startswith("#")
        for code, *words in [line.split()]
        for word in words
    ]
    of = Counter(word.rstrip("~") for _, word in set(trades))
    found["industry"] = [
        (code, word.rstrip("~"), (BESIDE if word.endswith("~") else 1.0) / of[word.rstrip("~")] ** 0.5)
        for code, word in dict.fromkeys(trades)
    ]
    for question in RECIPES:
        table = tomllib.loads((LISTED / f"{question}.toml").read_text("utf-8"))
        for value, entry in table.items():
            if isinstance(entry, dict) and value != "ignore":
                found.setdefault(question, []).extend(
                    (value, word, float(weight) / 4)
                    for word, weight in entry.items()
                    if word != "patterns" and word not in of
                )
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """Features of lessons as sparse rows, and the same by columns."""

    rows: int
    columns: int
    row: Places
    column: Places
    value: Floats
    order: Places  # by column

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


def table(rows: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int]) -> Table:
    row, column, value = list[int](), list[int](), list[float]()
    for at, found in enumerate(rows):
        for feature, factor in found.items():
            if (place := vocabulary.get(feature)) is not None:
                row.append(at)
                column.append(place)
                value.append(factor)
    columns = numpy.array(column, numpy.int64)
    return Table(
        len(rows),
        len(vocabulary),
        numpy.array(row, numpy.int64),
        columns,
        numpy.array(value, numpy.float32),
        numpy.argsort(columns, kind="stable"),
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
    for turn in range(1, recipe.rounds + 1):
        wrong = _floats((_shares(seen.times(weights) + starts, recipe.several) - labels) * sizes[:, None])
        step = recipe.step * (1 - turn / (recipe.rounds + 1))
        weights -= _adam(slopes_seen, seen.back(wrong) + recipe.ridge * (weights - prior), step, turn)
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
    """What is learned of one question; `rows` of its lessons."""

    recipe: Recipe
    values: tuple[str, ...]
    lessons: Sequence[Lesson]
    rows: Sequence[Mapping[str, float]]
    listed: Sequence[tuple[str, str, float]]
    unnamed: Mapping[int, Mapping[str, float]]

    def vocabulary(self, without: Sequence[bool]) -> dict[str, int]:
        rows = [at for at, out in enumerate(without) if not out]
        often = Counter(f for at in rows for row in (self.rows[at], self.unnamed.get(at, {})) for f in row)
        always = {feature for _, word, _ in self.listed for feature in self.of_word(word)}
        return {
            f: at
            for at, f in enumerate(sorted({f for f, count in often.items() if count >= self.recipe.often} | always))
        }

    def of_word(self, word: str) -> list[str]:
        """What is wanted is listed as it stands at the end."""
        return [f"${feature}" if self.recipe.several else feature for feature in _of_word(word)]

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
        seen = table([*(self.rows[at] for at in taught), *(self.unnamed[at] for at in again)], vocabulary)
        labels = self.labels()[[*taught, *again]]
        prior = _floats(self.prior(vocabulary) + self.recipe.counted * counted(seen, labels * sizes[:, None]))
        return vocabulary, *learn(self.recipe, seen, labels, sizes, prior)

    def measured(self) -> tuple[tuple[float, float, float], str]:
        """Heat, from where on it is sure and apart, and what was right of what had not been seen."""
        thirds = [at % THIRDS if lesson.measured else -1 for at, lesson in enumerate(self.lessons)]
        scores, evidence, labels, kept = list[Floats](), list[Floats](), self.labels(), list[int]()
        for third in range(THIRDS):
            vocabulary, weights, starts = self.learned(
                [of == third or lesson.reworded for of, lesson in zip(thirds, self.lessons, strict=True)]
            )
            mine = [at for at, of in enumerate(thirds) if of == third and self.lessons[at].judges]
            seen = table([self.rows[at] for at in mine], vocabulary)
            scores.append(seen.times(weights) + starts)
            evidence.append(seen.times(numpy.maximum(weights, 0)))
            kept += mine
        return _heat(numpy.concatenate(scores), numpy.concatenate(evidence), labels[kept], self.recipe)


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


def _heat(scores: Floats, evidence: Floats, labels: Floats, recipe: Recipe) -> tuple[tuple[float, float, float], str]:
    several = recipe.several

    def loss(heat: float) -> float:
        shares = numpy.clip(_shares(scores / heat, several), 1e-6, 1 - 1e-6)
        of = labels * numpy.log(shares) + ((1 - labels) * numpy.log(1 - shares) if several else 0)
        return float(-of.sum(1).mean())

    heats = [round(0.5 + 0.1 * n, 1) for n in range(40)]
    heat = min(heats, key=loss)
    shares = _shares(scores / heat, several)
    if several:
        right = ((shares >= HOLDS) == (labels == 1)).all(1)
        return (heat, 0.6, 0.0), f"{right.mean():.3f}"
    every, best = numpy.arange(len(labels)), scores.argmax(1)
    right, second = labels[every, best] == 1, numpy.partition(scores, -2, axis=1)[:, -2]
    trust, apart = shares.max(1), (scores.max(1) - second) / evidence[every, best].clip(1e-6)
    found = (0, 1.0, 0.0)  # how many are sure, from which share on and from how far apart
    for least in numpy.quantile(apart, numpy.linspace(0, 0.8, 17)) if recipe.apart else [0.0]:
        order = [at for at in numpy.argsort(-trust, kind="stable") if apart[at] >= least]
        so_far = surely(numpy.cumsum(right[order]), numpy.arange(1, len(order) + 1))
        if often := max((at + 1 for at in range(len(order)) if so_far[at] >= recipe.surely), default=0):
            found = max(found, (often, round(float(trust[order][often - 1]), 4), round(float(least), 4)))
    often, line, least = found
    bounds = (heat, max(0.6, line), least)
    return bounds, f"{right.mean():.3f}, sure {often / len(every):.2f}"


def surely(right: NDArray[Any], of: NDArray[Any]) -> NDArray[Any]:
    """The share that is right, less what may be chance: Wilson's lower bound."""
    share, chance = right / of, MARGIN**2 / of
    least = (share + chance / 2 - numpy.sqrt(chance * (share * (1 - share) + chance / 4))) / (1 + chance)
    return numpy.asarray(least)


def questions() -> dict[str, Question]:
    listed, every = listed_words(), lessons()
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
        mine, rows = list[Lesson](), list[dict[str, float]]()
        for lesson, reading in zip(every, readings, strict=True):
            if lesson.values.get(name) is not None:
                mine.append(lesson)
                spots = reading.trade if trade else reading.matter
                rows.append({names[at]: spot[0] for at, spot in spots.items()})
        if trade:
            values = {value for lesson in mine for value in lesson.values[name] or ()}
            values |= {value for value, _, _ in listed[name]}
            ordered = tuple(sorted(values))
        else:
            ordered = tuple(PROBLEMS if name == "problem" else REQUESTS)
        question = Question(recipe, ordered, mine, rows, listed[name], {})
        if trade:
            question = replace(question, unnamed=unnamed(rows, list(_names(question))))
        found[name] = question
    return found


def _names(question: Question) -> Iterable[frozenset[str]]:
    """Of each lesson, the words that name its trade; none of samples and phrases, nor of shops, which goods name."""
    by_value: dict[str, set[str]] = {}
    for value, word, share in question.listed:
        if value != "F52" and share > NAMED:
            by_value.setdefault(value, set()).update(one for one in question.of_word(word) if len(one) > 1)
    for lesson in question.lessons:
        values = lesson.values["industry"] or () if lesson.complaint else ()
        yield frozenset(one for value in values for one in by_value.get(value, ()))


def written(name: str, question: Question, bounds: tuple[float, float, float]) -> list[str]:
    """The lines of one question."""
    vocabulary, weights, starts = question.learned([False] * len(question.lessons))
    start = "\t".join(f"{value}={begin:.2f}" for value, begin in zip(question.values, starts, strict=True))
    kind = "several" if question.recipe.several else "one"
    lines = ["\t".join(("@", name, kind, *map(str, bounds), start))]
    for feature, at in vocabulary.items():
        tells = abs(weights[at]).max() >= question.recipe.slight
        kept = [(place, float(weight)) for place, weight in enumerate(weights[at]) if tells and abs(weight) >= LEAST]
        if kept or (name == "industry" and len(feature) > SHORT and not feature.isascii()):
            lines.append("\t".join([feature, *(f"{place}:{weight:.2f}" for place, weight in kept)]))
    return lines


def parsed_again(name: str) -> Learned:
    """One question, learned anew."""
    return parse("\n".join(written(name, questions()[name], (1.0, 1.0, 0.0))))


def main() -> None:
    lines = [f"made\t{made_of()}"]
    for name, question in questions().items():
        bounds, told = question.measured()
        figures = f"heat, sure, apart {bounds}, of what had not been seen {told}"
        sys.stdout.write(f"{name}: {len(question.lessons)} lessons, {figures}\n")
        sys.stdout.flush()
        lines += written(name, question, bounds)
    INTO.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
