"""Searching articles, and suggesting them for an account."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Literal, NamedTuple

from journal.numbers import ascii_digits
from law import dictionary
from law.catalogue import Article, ArticleStanding, Days, catalogue, situations, topics
from law.library import Library, number_of, plain_title

LONGEST_QUERY = 120
MOST_HITS = 30

_PLACE = re.compile(
    r"(?:第\s{0,3})?([零〇一二三四五六七八九十百]{1,8}|[0-9]{1,3})\s{0,3}条(?:\s{0,3}之\s{0,3}([一二三四五六七八九十]|[0-9]))?"
)
_ENGLISH_PLACE = re.compile(r"\b(?:art(?:icle)?s?\.?)\s*([0-9]{1,3})\b")
_BARE = re.compile(r"\s*([0-9]{1,3})\s*")
_CHINESE = re.compile(r"[㐀-鿿]+")
_WORD = re.compile(r"[a-z][a-z'-]+|[0-9]+")
_STOP = frozenset(
    re.split(
        r"\s+",
        "的 了 和 是 在 不 我 要 有 可以 怎么 什么 吗 呢 一个 这个 没有 就 也 都 还 被 把 给 对 到 说 能 会 吧 后 前 "
        "时 法 规定 情况 问题 应当 消费者 商家 经营者 the a an of to in is was on for and or my i it not no be with "
        "that this what how can do does did at by from they their have has had are were business consumer",
    )
)
_ENDINGS = ("ing", "ies", "ed", "es", "s")
_NAMED, _PLACED, _CITED = 6.0, 12.0, 60.0
_TOPIC_WEIGHT = (9.0, 6.0, 4.0, 3.0)  # by its place among an article's topics
_SEARCH_SAID_AGAIN = 0.25
_OWN_WORD, _OFFICIAL_WORD = 2.0, 0.6
_OFFICE_WORD = 3.0  # of a text an office brought, which has no gist
_VERBATIM, _LEAST_VERBATIM = 12.0, 4  # where all that was asked stands word for word, of so many characters at least
_OUT_OF_FORCE = 0.4  # of the score
_SEARCH_OFTEN = 1.15
_RARE = 6.0
_RESEMBLANCE = 14.0
_LEAST_LIKE = 0.08
_LIKE_BY_RANK = (1.0, 0.9, 0.8, 0.7)
_LONE = 0.4  # of a single character against a pair
_ONE_WORD = 0.75  # where no more than one is shared
_ONE_PIECE = 0.4  # likewise, of what was counted
_UNSEEN = 0.5  # of what no situation says
_IN_CLASS, _IN_TRADE = 2.0, 1.0  # where it is sure
_WORTH = 0.2  # of the best score: less is chance


@dataclass(frozen=True, slots=True)
class Hit:
    """`why` are the words of the question that led here, or the citation."""

    article: Article
    score: float
    why: tuple[str, ...]
    standing: ArticleStanding


@dataclass(frozen=True, slots=True)
class TopicWord:
    """A topic's word as it stands in a text."""

    topic: str
    word: str  # of the topic's list
    at: int
    said: str  # as it stands there: all of an English word


class LikelyClass(NamedTuple):
    """What a question may be about, by whoever can tell: a problem class or a division of trade, `share` 0 to 1, and
    the words that say so."""

    code: str
    share: float
    words: tuple[str, ...]


def search(
    library: Library,
    query: str,
    days: Days,
    most: int = MOST_HITS,
    problems: Sequence[LikelyClass] = (),
    trades: Sequence[LikelyClass] = (),
) -> list[Hit]:
    """Best first; nothing for an empty question. `problems`, `trades`: articles that are usual there come forward, and
    are found where no word of it is in a list."""
    asked = ascii_digits(query).strip().lower()[:LONGEST_QUERY]
    if not asked:
        return []
    place, rest = _place(asked)
    named, rest = _named(library, rest)
    if place is None and named and (bare := _BARE.fullmatch(rest)):  # 消法53: nothing but a statute and a number
        place, rest = (int(bare[1]), 0), ""
    mentioned = mentions(rest)
    covered = {char for mention in mentioned for char in range(mention.at, mention.at + len(mention.said))}
    loose = "".join(" " if at in covered else char for at, char in enumerate(rest))
    words = _words(loose)
    alike = _alike(rest)
    found = []
    for article in library.articles.values():
        score, why = _score(library, article, place, named, mentioned, words)
        if article.id in alike:
            resemblance, shared = alike[article.id]
            score += _RESEMBLANCE * resemblance
            why.extend(shared)
        if _verbatim(library, article, rest.strip()):
            score += _VERBATIM
            why.append(rest.strip())
        for weight, likely in _usual(article, problems, trades):
            score += weight
            why.extend(likely.words)
        if score > 0:
            standing = article.statute.standing(days.of(article.statute))
            weighed = (
                score
                * (_SEARCH_OFTEN if article.often else 1)
                * (1 if standing is ArticleStanding.IN_FORCE else _OUT_OF_FORCE)
            )
            found.append(Hit(article, round(weighed, 3), tuple(dict.fromkeys(why)), standing))
    found.sort(key=lambda hit: (-hit.score, hit.standing is not ArticleStanding.IN_FORCE, hit.article.number))
    return [hit for hit in found[:most] if hit.score >= _WORTH * found[0].score]


def _verbatim(library: Library, article: Article, asked: str) -> bool:
    texts = library.texts.get(article.id, ())[:1]
    return len(asked) >= _LEAST_VERBATIM and any(asked in text.text.lower() for text in texts)


def _usual(
    article: Article, problems: Sequence[LikelyClass], trades: Sequence[LikelyClass]
) -> Iterator[tuple[float, LikelyClass]]:
    """The likeliest class an article is usual in: less where it is usual in many."""
    if of := [one for one in problems if one.code in article.problems]:
        best = max(of, key=lambda one: one.share)
        yield _IN_CLASS * best.share / sqrt(len(article.problems)), best
    if of := [one for one in trades if one.code.startswith(article.industries)]:
        best = max(of, key=lambda one: one.share)
        yield _IN_TRADE * best.share, best


def mentions(text: str) -> list[TopicWord]:
    """The topics' words in a text, the longest where several begin, in order; none overlaps another."""
    found: list[TopicWord] = []
    for match in _vocabulary().finditer(text.lower()):
        word = _listed(match[0])
        found.append(TopicWord(_word_topics()[word], word, match.start(), match[0]))
    return found


@cache
def _word_topics() -> Mapping[str, str]:
    return {word: topic.id for topic in topics().values() for word in topic.words}


@cache
def _vocabulary() -> re.Pattern[str]:
    return vocabulary(_word_topics())


def vocabulary(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of `words` at each place.

    An English word begins where no letter stands before it, and is found to its end; Chinese has no such border.
    """
    english: dict[str, list[str]] = {}
    chinese: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        (english if word[0].isascii() else chinese).setdefault(word[0], []).append(re.escape(word[1:]))
    # By first character: a place is then compared with those few words that can begin there, not with all of them.
    first = [rf"(?<![a-z])(?:{_branches(english)})[a-z]*"] if english else []
    return re.compile("|".join([*first, _branches(chinese)] if chinese else first))


def _branches(by_first: Mapping[str, list[str]]) -> str:
    return "|".join(f"{re.escape(char)}(?:{'|'.join(rests)})" for char, rests in by_first.items())


def _listed(said: str) -> str:
    """The longest word of the lists that it begins with."""
    words = _word_topics()
    return next(said[:end] for end in range(min(len(said), _longest_word()), 0, -1) if said[:end] in words)


@cache
def _longest_word() -> int:
    return max(map(len, _word_topics()))


@cache
def rarity(topic: str) -> float:
    """How much a topic tells apart: those of few articles most."""
    having = sum(topic in article.topics for article in catalogue().values())
    return 1 + log(_RARE / max(1, min(having, int(_RARE)))) / 3


def _score(
    library: Library,
    article: Article,
    place: tuple[int, int] | None,
    named: frozenset[str],
    mentioned: Sequence[TopicWord],
    words: Sequence[str],
) -> tuple[float, list[str]]:
    score, why = 0.0, []
    of_named = article.statute.id in named
    if place == (article.number, article.suffix):
        score += _CITED if of_named else 0 if named else _PLACED
        if score:
            why.append(article.place("zh"))
    if of_named:
        score += _NAMED
        why.append(article.statute.zh)
    counted: set[str] = set()
    for mention in mentioned:
        if mention.topic in article.topics:
            rank = min(article.topics.index(mention.topic), len(_TOPIC_WEIGHT) - 1)
            again = _SEARCH_SAID_AGAIN if mention.topic in counted else 1
            score += _TOPIC_WEIGHT[rank] * rarity(mention.topic) * again
            counted.add(mention.topic)
            why.append(mention.said)
        if mention.word in _own_text(article):
            score += _OWN_WORD
            why.append(mention.said)
    for word in words:
        if _holds(_own_text(article), word):
            score += _OWN_WORD
            why.append(word)
        elif any(_holds(text.text.lower(), word) for text in library.texts.get(article.id, ())[:1]):
            score += _OFFICIAL_WORD if article.zh else _OFFICE_WORD
            why.append(word)
    return score, why


@dataclass(frozen=True, slots=True)
class _Sayings:
    """All that is said in the situations.

    `whose`: the articles of each; `lengths`: of each as a vector; `weights`: how much a piece tells; `places`: piece ->
    in which it stands; `counts`: piece -> article -> how often.
    """

    whose: tuple[tuple[str, ...], ...]
    lengths: tuple[float, ...]
    weights: Mapping[str, float]
    places: Mapping[str, tuple[int, ...]]
    counts: Mapping[str, Mapping[str, float]]


@cache
def _sayings() -> _Sayings:
    pieces = [(_pieces(said), situation.articles) for situation in situations() for said in situation.said]
    places: dict[str, list[int]] = {}
    for place, (found, _) in enumerate(pieces):
        for piece in found:
            places.setdefault(piece, []).append(place)
    weights = {piece: log(len(pieces) / len(where)) * _piece_weight(piece) for piece, where in places.items()}
    counts: dict[str, dict[str, float]] = {}
    for found, articles in pieces:
        for piece in found:
            if len(piece) > 1:
                count = counts.setdefault(piece, {})
                for rank, article in enumerate(articles):
                    count[article] = count.get(article, 0.0) + _like_by_rank(rank)
    return _Sayings(
        tuple(articles for _, articles in pieces),
        tuple(sqrt(sum(weights[piece] ** 2 for piece in found)) for found, _ in pieces),
        weights,
        {piece: tuple(where) for piece, where in places.items()},
        counts,
    )


def _alike(question: str) -> dict[str, tuple[float, list[str]]]:
    """Article -> how much the question resembles what is said where it answers, 0 to 1, and the words they share."""
    asked, sayings = _pieces(question), _sayings()
    unseen = log(len(sayings.whose)) * _UNSEEN
    length = sqrt(sum(sayings.weights.get(piece, unseen * _piece_weight(piece)) ** 2 for piece in asked))
    shared: dict[int, float] = {}
    words = Counter[int]()
    for piece in asked:
        for place in sayings.places.get(piece, ()):
            shared[place] = shared.get(place, 0.0) + sayings.weights[piece] ** 2
            words[place] += len(piece) > 1
    best: dict[str, tuple[float, int]] = {}
    for place, sum_shared in shared.items():
        like = sum_shared / (sayings.lengths[place] * length) * (1 if words[place] > 1 else _ONE_WORD)
        if like >= _LEAST_LIKE:
            for rank, article in enumerate(sayings.whose[place]):
                share = like * _like_by_rank(rank)
                best[article] = max(best.get(article, (0.0, 0)), (share, -place))
    found = {
        article: (share, _stretches(question, {piece for piece in asked if -place in sayings.places.get(piece, ())}))
        for article, (share, place) in best.items()
    }
    for article, (share, pieces) in _counted(asked, sayings, unseen).items():
        known, why = found.get(article, (0.0, ()))
        found[article] = known + share * (1 if len(pieces) > 1 else _ONE_PIECE), why or _stretches(question, pieces)
    return found


def _counted(asked: Set[str], sayings: _Sayings, unseen: float) -> dict[str, tuple[float, set[str]]]:
    """Article -> the share of what the pieces tell that tells of it, whichever saying has them, and those pieces."""
    long = [piece for piece in asked if len(piece) > 1]
    whole = sum(sayings.weights.get(piece, unseen) for piece in long)
    found: dict[str, tuple[float, set[str]]] = {}
    for piece in long:
        if piece in sayings.counts:
            counts = sayings.counts[piece]
            seldom = sum(counts.values()) + 1
            for article, count in counts.items():
                share, pieces = found.setdefault(article, (0.0, set()))
                pieces.add(piece)
                found[article] = share + sayings.weights[piece] * count / seldom / whole, pieces
    return found


def _like_by_rank(rank: int) -> float:
    return _LIKE_BY_RANK[min(rank, len(_LIKE_BY_RANK) - 1)]


def _pieces(text: str) -> frozenset[str]:
    """Characters and their pairs, and the stems of English words."""
    pairs = {run[n : n + size] for run in _CHINESE.findall(text) for size in (1, 2) for n in range(len(run) - size + 1)}
    return frozenset(pairs | {_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP})


def _piece_weight(piece: str) -> float:
    return _LONE if len(piece) == 1 else 1.0


def _stretches(text: str, shared: Set[str]) -> list[str]:
    """The shared pieces of two characters or more as they stand in the text, those that touch as one."""
    marked = [False] * len(text)
    for piece in shared:
        if len(piece) > 1:
            for found in re.finditer(re.escape(piece), text):
                marked[found.start() : found.end()] = [True] * len(piece)
    return [text[match.start() : match.end()] for match in re.finditer("1+", "".join(map(str, map(int, marked))))]


@cache
def _own_text(article: Article) -> str:
    names = " ".join(name for topic in article.topics for name in (topics()[topic].zh, topics()[topic].en))
    return f"{article.zh} {article.en} {article.words} {names} {article.statute.zh} {article.statute.en}".lower()


def _holds(text: str, word: str) -> bool:
    if not word[0].isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}", text) is not None


def _place(asked: str) -> tuple[tuple[int, int] | None, str]:
    found = _PLACE.search(asked) or _ENGLISH_PLACE.search(asked)
    if not found:
        return None, asked
    try:
        number = number_of(found[1])
        suffix = number_of(found[2]) if found.re is _PLACE and found[2] else 0
    except ValueError:
        return None, asked
    return (number, suffix), f"{asked[: found.start()]} {asked[found.end() :]}"


def _named(library: Library, asked: str) -> tuple[frozenset[str], str]:
    """Statutes by their name or a short one, the longest name first; what is left of the question."""
    names = [
        (name, article.statute.id)
        for article in {article.statute.id: article for article in library.articles.values()}.values()
        for name in (plain_title(article.statute.zh).lower(), article.statute.en.lower(), *article.statute.short)
    ]
    found: set[str] = set()
    longest = max((name for name, _ in names if name and name in asked), key=len, default="")
    if longest:
        found = {id for name, id in names if name == longest}
        asked = asked.replace(longest, " ")
    return frozenset(found), asked


def _words(text: str) -> list[str]:
    found: dict[str, None] = {}
    for run in _CHINESE.findall(text):
        for word in dictionary.cut(run):
            if len(word) > 1 and word not in _STOP:
                found[word] = None
    for word in _WORD.findall(text):
        stem = _stem(word)
        if len(stem) > 2 and word not in _STOP:
            found[stem] = None
    return list(found)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def matched(hits: Iterable[Hit]) -> list[str]:
    """Their ids, in order."""
    return [hit.article.id for hit in hits]


MOST = 8
LONGEST_ACCOUNT = 20_000
MOST_WORDS = 8  # of one topic that are told: English words have any ending

_SUGGESTED_TOPIC_WEIGHT = (3.0, 2.2, 1.6, 1.2)
_SUGGESTION_SAID_AGAIN = 0.25  # more for a topic of which several words speak
_PROBLEM, _INDUSTRY = 1.5, 1.2
_SUGGESTION_OFTEN = 1.15
_LEAST = 2.5
_GENERAL = frozenset({"damages", "food", "online", "performance", "refund", "whom_to_claim", "burden", "choice"})
"""Topics that hardly tell one dispute from another: half the weight."""


@dataclass(frozen=True, slots=True)
class SuggestionReason:
    """`word` as it stands in the account; `problem` and `industry` as the complaint's codes."""

    kind: Literal["word", "problem", "industry"]
    value: str


@dataclass(frozen=True, slots=True)
class ArticleSuggestion:
    article: Article
    score: float
    why: tuple[SuggestionReason, ...]


def suggest(
    library: Library, account: str, problem: str, industry: str, days: Days, most: int = MOST
) -> list[ArticleSuggestion]:
    """Best first. `account`: what is asked and said to have happened; `problem`, `industry`: codes, "" when unknown."""
    said: dict[str, list[str]] = {}
    for mention in mentions(account[:LONGEST_ACCOUNT]):
        words = said.setdefault(mention.topic, [])
        if len(words) < MOST_WORDS and mention.said not in words:
            words.append(mention.said)
    found = []
    for article in library.articles.values():
        if not article.in_force(days.of(article.statute)):
            continue
        score, why = 0.0, list[SuggestionReason]()
        for rank, topic in enumerate(article.topics):
            if topic in said:
                weight = (
                    _SUGGESTED_TOPIC_WEIGHT[min(rank, len(_SUGGESTED_TOPIC_WEIGHT) - 1)]
                    * rarity(topic)
                    * (0.5 if topic in _GENERAL else 1)
                )
                score += weight * (1 + _SUGGESTION_SAID_AGAIN * min(3, len(said[topic]) - 1))
                why.extend(SuggestionReason("word", word) for word in said[topic])
        if problem and problem in article.problems:
            score += _PROBLEM
            why.append(SuggestionReason("problem", problem))
        if any(industry.startswith(code) for code in article.industries) and industry:
            score += _INDUSTRY
            why.append(SuggestionReason("industry", industry))
        if score >= _LEAST:
            score *= _SUGGESTION_OFTEN if article.often else 1
            found.append(ArticleSuggestion(article, round(score, 2), tuple(dict.fromkeys(why))))
    found.sort(key=lambda each: (-each.score, each.article.statute.since, each.article.number))
    return found[:most]
