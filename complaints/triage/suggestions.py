"""From words to suggestions: values with a confidence and the words that led to each.

Confidence of the best of several is its score against the next and a constant doubt; of each of many its own against
the doubt alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from complaints.record.places import Jurisdiction, place_in, within
from complaints.triage.words import GRAMS, LONGEST_TEXT, Mention, WordList, model, version, word_list

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

Scores = dict[str, list[Mention]]
Weigh = Callable[[str, str, Mention], float]


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
    best: dict[tuple[str, str], Mention] = {}
    for field, factor in fields.items():
        text = getattr(submission, field)
        for value, mention in words.mentions(field, text):
            if value == IGNORE:
                continue
            weight = mention.weight * factor * (weigh(field, text, mention) if weigh else 1.0)
            counted = Mention(field, mention.start, mention.end, mention.word, round(weight, 3))
            known = best.get((value, mention.word))
            if weight > 0 and (known is None or known.weight < weight):
                best[value, mention.word] = counted
    scores: Scores = {}
    for (value, _word), mention in best.items():
        scores.setdefault(value, []).append(mention)
    return scores


def _with_grams(name: str, submission: Submission, listed: list[Suggestion]) -> list[Suggestion]:
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
    mentions = [Mention(field, one.start, one.end, text[one.start : one.end], one.weight) for one in pieces]
    first = next((one for one in listed if one.value == value), None)
    made = first or _suggestion(value, min(share, MOST_BY_GRAMS), mentions)
    return [made, *(one for one in listed if one.value != value)][:MOST_ALTERNATIVES]


def _otherwise(told: Mapping[str, Sequence[Suggestion]]) -> list[Suggestion]:
    """The problem class that the trade, the request or an injury make likely where no word tells it."""
    for rule in word_list("problem").extra["otherwise"]:
        question, start, value = rule.split()
        for known in told[question]:
            if known.value.startswith(start):
                return [_suggestion(value, GUESSED, known.mentions)]
    return []


def _asked(field: str, text: str, mention: Mention) -> float:
    """In the request a word is asked for; in the account only after "要求" and the like, in the same sentence."""
    if field == "request":
        return 1.0
    before = text[max(0, mention.start - ASKED_WITHIN) : mention.start]
    before = _SENTENCE_END.split(before)[-1]
    asked = max((before.rfind(word) for word in word_list("request").extra["asks"]), default=-1)
    if asked >= 0 or (field == "title" and not before):
        return 1.0
    return 0.3 if field == "title" else 0.0


def _not_denied(field: str, text: str, mention: Mention) -> float:
    before = text[max(0, mention.start - DENIED_WITHIN) : mention.start]
    return 0.0 if before.endswith(word_list("urgency").extra["denied"]) else 1.0


def _one(scores: Scores) -> list[Suggestion]:
    ranked = sorted(((_sum(mentions), value) for value, mentions in scores.items()), reverse=True)
    found = []
    for place, (score, value) in enumerate(ranked[:MOST_ALTERNATIVES]):
        rival = ranked[1][0] if place == 0 and len(ranked) > 1 else ranked[0][0] if place else 0.0
        found.append(_suggestion(value, score / (score + rival + DOUBT), scores[value]))
    return found


def _many(scores: Scores) -> list[Suggestion]:
    ranked = sorted(((_sum(mentions), value) for value, mentions in scores.items()), reverse=True)
    return [_suggestion(value, score / (score + DOUBT), scores[value]) for score, value in ranked if score >= LEAST]


def _place(submission: Submission, jurisdictions: Sequence[Jurisdiction]) -> tuple[list[Suggestion], list[Suggestion]]:
    """The respondent's division, and the office's area it lies in: by a zone's or street's name, else by division."""
    division: list[Suggestion] = []
    areas: Scores = {}
    code = ""
    for field, sure in (("place", 0.95), ("business", 0.6), ("facts", 0.5)):
        text = getattr(submission, field)[:LONGEST_TEXT]
        found = place_in(text) if text and not code else None
        if found:
            code = found.division.code
            mention = Mention(field, found.start, found.end, text[found.start : found.end], sure)
            division.append(_suggestion(code, sure if found.sure else sure / 2, [mention]))
        for area in jurisdictions:
            for word in area.words:
                if (at := text.find(word)) >= 0:
                    areas.setdefault(area.id, []).append(Mention(field, at, at + len(word), word, 4 * sure))
    if code and division[0].confidence >= 0.5:
        for area in jurisdictions:
            # The narrower the division that an area names, the more it says.
            depth = max((len(wider.rstrip("0")) for wider in area.divisions if within(code, wider)), default=0)
            if depth:
                mention = division[0].mentions[0]
                weighed = Mention(mention.field, mention.start, mention.end, mention.word, depth / 3)
                areas.setdefault(area.id, []).append(weighed)
    return division, _one(areas)


def _sum(mentions: Iterable[Mention]) -> float:
    return round(sum(mention.weight for mention in mentions), 3)


def _suggestion(value: str, confidence: float, mentions: Iterable[Mention]) -> Suggestion:
    heaviest = sorted(mentions, key=lambda mention: (-mention.weight, mention.field, mention.start))
    return Suggestion(value, round(min(confidence, 0.99), 2), tuple(heaviest))


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
class Suggestion:
    """A value with the words that led to it.

    `confidence` 0…1: the share of such suggestions that were right, roughly (`yuntiao bench triage` measures it).
    """

    value: str
    confidence: float
    mentions: tuple[Mention, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mention.word for mention in self.mentions))


@dataclass(frozen=True, slots=True)
class Triage:
    """The best first; empty where nothing speaks for anything. `offices` are ids of jurisdictions."""

    industry: Sequence[Suggestion]
    problem: Sequence[Suggestion]
    requests: Sequence[Suggestion]
    urgency: Sequence[Suggestion]
    division: Sequence[Suggestion]
    jurisdiction: Sequence[Suggestion]
    reports: Sequence[Suggestion]
    version: str
