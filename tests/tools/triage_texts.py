"""What triage learns from: complaints with labels, phrases, the program's own samples and lists of words.

`data/triage/kept.tsv`, `unseen.tsv` and `drawn.tsv` are only measured and never read here.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import complaints.triage
import tests.tools.data
from complaints.sample import samples
from complaints.triage import Submission, flags, zones
from complaints.triage.learned import Zone

DATA: Final = files(tests.tools.data)
HERE: Final = DATA / "triage"
LISTED: Final = files(complaints.triage) / "lists"
SOURCES: Final = (
    "labelled.tsv",
    "stranger.tsv",
    "written.tsv",
    "further.tsv",
    "confusable.tsv",
    "letters.tsv",
    "spoken.tsv",
    "offices.tsv",
    "echoed.tsv",
    "hinted.tsv",
    "briefed.tsv",
)
UNSAID: Final = ("held_out", "confusable", "letters", "spoken", "offices", "echoed", "hinted")
ELSEWHERE: Final = "elsewhere.tsv"
BESIDE: Final = "beside.txt"
TRADES: Final = ("trades.txt", "goods.txt")
WORDS: Final = (*TRADES, "scenes.txt", "problems.txt", "requests.txt")
LISTS: Final = (*(f"{name}.toml" for name in ("industry", "problem", "request")), "signs.toml")
PHRASES: Final = (("industry", "scenes.txt", 0.6), ("problem", "problems.txt", 0.8), ("request", "requests.txt", 0.8))
SAMPLES, SEED, OF_A_SAMPLE = 250, 17, 0.4
BESIDE_OTHERS: Final = 0.7  # of a word that is also told beside other trades
AT_LENGTH: Final = 0.25  # weight of a complaint told again at length

HANDS: Final = {
    **dict.fromkeys(("tuned", "fresh", "held_out"), "lists"),
    **dict.fromkeys(("stranger", "reworded"), "stranger"),
    **{name: name for name in ("elsewhere", "offices")},
}
"""Who wrote a set, of those of others than the maker of the model; `reworded` says again what `stranger` says."""

Values = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Lesson:
    """`values` None: not said. `of`: the set of a complaint, "" of what is none, and `number` within all of them;
    `again`: it tells the complaint of that number once more."""

    zones: tuple[Zone, ...]
    flags: tuple[str, ...]
    values: Values
    weight: float = 1.0
    of: str = ""
    number: int = -1
    again: bool = False

    @property
    def hand(self) -> str:
        return HANDS.get(self.of, "")


@dataclass(frozen=True, slots=True)
class Complaint:
    of: str
    values: Values
    text: str


def lessons() -> list[Lesson]:
    return [*_complaints(), *_at_length(), *_phrases(), *_samples()]


def learned_from() -> list[bytes]:
    """All of it, but for the samples."""
    texts = [HERE / name for name in (*SOURCES, ELSEWHERE, BESIDE)]
    others = [*(HERE / "words" / name for name in WORDS), *(LISTED / name for name in LISTS)]
    return [*(path.read_bytes() for path in (*texts, *others)), *(one.text.encode() for one in _elsewhere())]


def complaints_told() -> Iterator[Complaint]:
    for source in SOURCES:
        for line in (HERE / source).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            name, industry, problem, requests, _, text = line.split("\t")
            unsaid = requests == "-" and name in UNSAID
            yield Complaint(name, _values(industry, problem, None if unsaid else requests), text)
    yield from _elsewhere()


def _elsewhere() -> Iterator[Complaint]:
    """Complaints that were written for other measurements, by how they begin."""
    texts: dict[str, list[str]] = {}
    for line in (HERE / ELSEWHERE).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, industry, problem, requests, opening = line.split("\t")
        if name not in texts:
            table = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))["text"]
            texts[name] = [re.sub(r"[\n\t]", " ", _MARKED.sub(r"\1", one["text"])) for one in table]
        (text,) = [one for one in texts[name] if one.startswith(opening)]
        yield Complaint("elsewhere", _values(industry, problem, None if requests == "-" else requests), text)


_MARKED: Final = re.compile("⟦[a-z_]+(?:#[a-z])?:([^⟧]*)⟧")


def _values(industry: str, problem: str, requests: str | None) -> Values:
    return {
        "industry": None if industry == "?" else frozenset({industry}),
        "problem": None if problem == "?" else frozenset({problem}),
        "request": None if requests is None else frozenset(requests.split(",")) - {"", "-"},
    }


def _complaints() -> Iterable[Lesson]:
    for number, one in enumerate(complaints_told()):
        yield _lesson(Submission(facts=one.text), one.values, 1.0, one.of, number)


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
    submission: Submission, values: Values, weight: float, of: str = "", number: int = -1, again: bool = False
) -> Lesson:
    return Lesson(tuple(zones(submission)), flags(submission), values, weight, of, number, again)


def _at_length() -> Iterator[Lesson]:
    """Each short complaint told once more within what stands beside the matter in letters and notes, so that this does
    not decide; not for the trade, which is told less well by it."""
    chance = random.Random(SEED)
    before, beside, after = (
        {english: [line for line in lines if line.isascii() == english] for english in (False, True)}
        for lines in _beside()
    )
    for number, one in enumerate(complaints_told()):
        if one.of in ("letters", "elsewhere"):
            continue
        english = one.text.isascii()
        parts = re.split(r"(?<=[。！？!?])", one.text) if chance.random() < 0.5 else [one.text]
        told = [
            *_some(before[english], 2, chance),
            *_stopped(parts[:1]),
            *_some(beside[english], 2, chance),
            *_stopped(filter(None, parts[1:])),
            *_some(beside[english], 2, chance),
            *_some(after[english], 1, chance),
        ]
        text = (" " if english else "").join(told)
        yield _lesson(Submission(facts=text), {**one.values, "industry": None}, AT_LENGTH, one.of, number, again=True)


def _some(lines: Sequence[str], most: int, chance: random.Random) -> list[str]:
    return chance.sample(lines, min(len(lines), chance.randint(0, most)))


def _stopped(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield part if part[-1] in "。！？!?.，；" else f"{part}{'.' if part.isascii() else '。'}"


def _beside() -> tuple[list[str], list[str], list[str]]:
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in (HERE / BESIDE).read_text("utf-8").splitlines():
        if line.startswith("["):
            here = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            here.append(line)
    return found["before"], found["beside"], found["after"]


def listed_words(questions: Iterable[str]) -> dict[str, list[tuple[str, str, float]]]:
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
        (code, word.rstrip("~"), (BESIDE_OTHERS if word.endswith("~") else 1.0) / of[word.rstrip("~")] ** 0.5)
        for code, word in dict.fromkeys(trades)
    ]
    for question in questions:
        table = tomllib.loads((LISTED / f"{question}.toml").read_text("utf-8"))
        for value, entry in table.items():
            if isinstance(entry, dict) and value != "ignore":
                found.setdefault(question, []).extend(
                    (value, word, float(weight) / 4)
                    for word, weight in entry.items()
                    if word != "patterns" and word not in of
                )
    return found
