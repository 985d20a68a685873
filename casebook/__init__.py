"""Typical cases: de-identified, classified, cited, commented on, reviewed and published. Pure.

Here is what readers and search are given: a case, what is checked of it, what many of them came to, and the places in
its texts that may name somebody. A `Span` holds where such a place is and of what kind, what is put there instead, and
a person's verdict; never the words themselves. `file` is the state of the work on a case, a fold of `case/<id>`;
`decisions` what may be done to it. Raw texts are never in the journal.

An old compendium is cut here into its cases and their parts; what is not recognised is kept, not lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Final, Protocol

STREAM = "case"

TEXTS = ("title_zh", "title_en", "facts", "claims", "process", "outcome", "experience")
"""The texts of a case, in the order they are read. All are looked through before anything is published."""

NEEDED = ("title_zh", "facts", "outcome")
"""Without these there is no case."""

LONGEST = {
    "title_zh": 80, "title_en": 160, "facts": 8_000, "claims": 2_000, "process": 8_000, "outcome": 4_000,
    "experience": 4_000, "comment": 6_000, "reason": 500, "remarks": 2_000, "put": 60, "name": 40,
}  # fmt: skip
"""Characters."""

LONGEST_TOPIC = 24  # of an office's own, in Chinese; twice as many in English


class CaseState(StrEnum):
    """draft → approved (nothing in it names anybody) → review (the board has it) → published → withdrawn."""

    DRAFT = "draft"
    APPROVED = "approved"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Case:
    """De-identified. Only where `state` is "published" may anybody outside its office find it.

    `number`: 云案〔2026〕0012号 with the office's prefix. `industry`: GB/T 4754-2017, "" to a class; `problem`: one of
    `complaints.PROBLEMS`; `tags`: `law.catalogue.topics`; `articles`: ids of `law.catalogue`, as in force
    on `event_date`. `claimed` and `settled` yuan, rounded with one factor so that their proportion stays; `days` from
    receipt to the decision. `edition` counts what was published from 1; 0 before. `office`: its id.
    """

    id: str
    number: str
    title_zh: str
    title_en: str
    industry: str
    problem: str
    tags: tuple[str, ...]
    facts: str
    claims: str
    process: str
    outcome: str
    experience: str
    articles: tuple[str, ...]
    comment: str
    comment_by: str
    claimed: Decimal | None
    settled: Decimal | None
    days: int | None
    event_date: date
    state: str
    edition: int
    sample: bool
    office: str

    def title(self, language: str) -> str:
        return self.title_en if language.startswith("en") and self.title_en else self.title_zh


def stream(case: str) -> str:
    """The name of a case's stream."""
    return f"{STREAM}/{case}"


FEW: Final = 3
MOST_ARTICLES: Final = 6


class Ended(Protocol):
    """Of a case: fen, days; `settled` None when nothing was agreed to."""

    @property
    def claimed(self) -> int | None: ...

    @property
    def settled(self) -> int | None: ...

    @property
    def days(self) -> int | None: ...

    @property
    def articles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class QuarterSpread:
    """Of `count` values: the lower quarter's end, the middle, the upper quarter's beginning (nearest rank)."""

    low: int
    middle: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`share`: of what was claimed, in percent, of settled cases. `articles`: id and how many rest on it."""

    cases: int
    settled: int
    share: QuarterSpread | None
    days: QuarterSpread | None
    articles: tuple[tuple[str, int], ...]

    @property
    def enough(self) -> bool:
        return self.cases >= FEW


def outcomes(ended: Iterable[Ended]) -> Outcomes:
    found = list(ended)
    shares = [
        round(100 * one.settled / one.claimed)
        for one in found
        if one.settled is not None and one.claimed is not None and one.claimed > 0
    ]
    cited = Counter(article for one in found for article in one.articles)
    often = sorted(cited.items(), key=lambda item: (-item[1], item[0]))
    return Outcomes(
        cases=len(found),
        settled=sum(one.settled is not None for one in found),
        share=_spread(shares),
        days=_spread([one.days for one in found if one.days is not None]),
        articles=tuple((article, count) for article, count in often if count > 1)[:MOST_ARTICLES],
    )


def _spread(values: Sequence[int]) -> QuarterSpread | None:
    if len(values) < FEW:
        return None
    ranked = sorted(values)

    def at(share: float) -> int:
        return ranked[max(0, ceil(share * len(ranked)) - 1)]

    return QuarterSpread(at(0.25), at(0.5), at(0.75), len(ranked))


CHECKS = ("nobody_known", "both_sides", "outcome_true", "law_in_force", "useful")
"""Vouched for by who sends a case on: nobody in it can be known, even by the neighbours; both sides' views are told
fairly; the outcome is the one on file; each article was read and was in force; a colleague would act differently for
having read it."""


def gaps(case: Case) -> tuple[str, ...]:
    """What is still thin, seen without reading: shown, never an obstacle."""
    found = []
    if not case.title_en:
        found.append("title_en")
    if len(case.experience) < 40:
        found.append("experience")
    if not case.articles:
        found.append("articles")
    if not case.tags:
        found.append("tags")
    if not case.industry:
        found.append("industry")
    if not case.problem:
        found.append("problem")
    if not case.comment:
        found.append("comment")
    if case.claimed is None or case.settled is None:
        found.append("figures")
    return tuple(found)


HIDDEN, KEPT, PENDING = "hidden", "kept", ""
VERDICTS: Final = (HIDDEN, KEPT, PENDING)
MOST: Final = 600  # spans of one text


@dataclass(frozen=True, slots=True)
class Known:
    """What the file says of the people: found wherever it stands. `others`: numbers and words that lead to somebody."""

    people: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    amounts: tuple[Decimal, ...] = field(default=())  # of the file, so that its factor counts for the texts too


NOTHING = Known()


MARKED: Final = "other"
KINDS: Final = frozenset((
    "name", "phone", "id", "bank", "account", "order", "code", "plate", "email", "link", "number", "address",
    "organisation", "amount", "date", "time", "institution", MARKED,
))  # fmt: skip
"""What a place may be of; `MARKED` where a person marked it and nothing says what it is."""


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """`start` and `end` count characters of the raw text. `by_hand`: a person marked it, no rule did."""

    start: int
    end: int
    kind: str
    put: str
    verdict: str = PENDING
    by_hand: bool = False

    @property
    def id(self) -> str:
        return f"{self.start}-{self.end}"


def sound(spans: Sequence[MarkedSpan], length: int) -> bool:
    """In order, within the text, none over another."""
    edge = 0
    for span in spans:
        if not edge <= span.start < span.end <= length or span.verdict not in VERDICTS:
            return False
        edge = span.end
    return len(spans) <= MOST


def searched_again(standing: Iterable[MarkedSpan], found: Iterable[MarkedSpan]) -> tuple[MarkedSpan, ...]:
    """Of a text that stayed as it was: what is found in it now that other texts say more, beside what stands. What
    somebody decided or marked stays, and nothing is lost that is not found again."""
    standing = list(standing)
    decided = [one for one in standing if one.by_hand or one.verdict != PENDING]
    new = [one for one in found if not _over(one, decided)]
    left = [one for one in standing if one not in decided and not _over(one, new)]
    return tuple(sorted((*decided, *new, *left), key=lambda one: one.start))


def _over(span: MarkedSpan, others: Iterable[MarkedSpan]) -> bool:
    return any(span.start < one.end and one.start < span.end for one in others)


def masked(text: str, spans: Iterable[MarkedSpan]) -> str:
    """What is not decided yet is hidden: nothing shows by being forgotten."""
    return "".join(piece for piece, _ in pieces(text, spans))


def pieces(text: str, spans: Iterable[MarkedSpan]) -> list[tuple[str, MarkedSpan | None]]:
    """The masked text cut at the spans; each piece with the span it stands for."""
    out: list[tuple[str, MarkedSpan | None]] = []
    at = 0
    for span in spans:
        if span.start > at:
            out.append((text[at : span.start], None))
        out.append((text[span.start : span.end] if span.verdict == KEPT else span.put, span))
        at = span.end
    if at < len(text):
        out.append((text[at:], None))
    return out


def sides(text: str, spans: Iterable[MarkedSpan]) -> list[tuple[str, str, MarkedSpan | None]]:
    """The raw and the masked text cut alike: what stood there, what will, and the span it is about."""
    out: list[tuple[str, str, MarkedSpan | None]] = []
    at = 0
    for put, span in pieces(text, spans):
        length = len(put) if span is None else span.end - span.start
        out.append((text[at : at + length], put, span))
        at += length
    return out


# ------------------------------------------------------------ compendium


MOST_CASES: Final = 400
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "facts": ("基本案情", "案情简介", "案情回顾", "案情介绍", "案情", "案例简介", "投诉内容", "事情经过", "案件事实", "facts"),
    "claims": ("消费者诉求", "投诉诉求", "诉求", "投诉请求", "双方主张", "争议焦点", "claims"),
    "process": ("处理过程", "调解过程", "处理经过", "调解经过", "办理过程", "调查处理", "process"),
    "outcome": ("处理结果", "调解结果", "办理结果", "结果", "outcome"),
    "experience": (
        "案例评析", "案件评析", "评析", "案例点评", "律师点评", "专家点评", "法律分析", "法理分析", "法律依据", "适用法条", "法条链接", "相关法条",
        "典型意义", "经验启示", "经验", "启示", "工作启示", "办案心得", "消费提示", "消费警示", "experience", "comment",
    ),
}  # fmt: skip
_LABELS: Final = {label: part for part, labels in PARTS.items() for label in labels}
_LABEL = re.compile(
    rf"^\s*+(?:[（(]?[一二三四五六七八九十0-9０-９]{{1,3}}[）)、.．]\s*+)?[【\[〔]?\s*+(?P<label>{'|'.join(sorted(_LABELS, key=len, reverse=True))})\s*+[】\]〕]?\s*+"
    r"(?:[:：]\s*+(?P<rest>.*)|$)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*[（(]?[一二三四五六七八九十0-9０-９]{1,3}[）)、.．]\s*")
_BEGIN = re.compile(
    r"^\s*[【\[]?(?:典型)?(?:案例|案件|case)\s*[一二三四五六七八九十百0-9０-９]{1,4}\s*[】\]]?\s*[:：、.．]?\s*(?P<title>.*)$",
    re.IGNORECASE,
)


_TITLED = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十百]{1,4}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|[0-9０-９]{1,3}[、.．])\s*(?P<title>\S.{3,44}(?:案|纠纷|争议|纠纷案例|投诉案例))$"
)
"""一、健身房关门退卡纠纷案: a heading without a style."""
_TITLE_LABEL = re.compile(r"^\s*(?:案例名称|案例标题|案件名称|标题|案由|名称|案例)\s*(?:[:：]\s*(?P<title>.*)|$)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`level`: of a heading, from 1; 0 for running text."""

    text: str
    level: int = 0


def cut(paragraphs: Iterable[Paragraph]) -> list[dict[str, str]]:
    """Texts by field, a case each, at most `MOST_CASES`. What stands before a case's first label is its account."""
    told = said(paragraphs)
    return assembled(told, begins(told))


def said(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Those with words in them."""
    return [one for one in paragraphs if one.text.strip()]


def begins(told: Sequence[Paragraph]) -> list[int]:
    """Of paragraphs with words, the places where cases begin. Without any sign of one all is one case."""
    level, found, waiting = _level(told), list[int](), False
    for at, one in enumerate(told):
        label, begin, named = _signs(one, one.text.strip())
        if label is None and (begin is not None or named is not None or (level and one.level == level)):
            if begin is None or not (found and waiting):  # else the heading, and then the same again as text
                found.append(at)
            waiting = True
        else:
            waiting = False
    return found or ([0] if told else [])


def assembled(told: Sequence[Paragraph], starts: Sequence[int]) -> list[dict[str, str]]:
    """The cases that begin at these places, each to where the next begins; those without account or outcome left out."""
    ends = [*starts[1:], len(told)]
    cases = [piece(told[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [case for case in cases if case.get("facts") or case.get("outcome")][:MOST_CASES]


def piece(told: Sequence[Paragraph]) -> dict[str, str]:
    """One case: its title first, its parts by their labels. A heading further on is text of it: two cases were joined."""
    first = told[0].text.strip()
    label, begin, named = _signs(told[0], first)
    title = (named or begin)["title"] or "" if named or begin else "" if label else first  # type: ignore[index]
    found: dict[str, list[str]] = {"title_zh": [title.strip()] if title.strip() else []}
    part, waiting = "facts", True
    for one in told if label else told[1:]:
        text = one.text.strip()
        label, begin, _ = _signs(one, text)
        if label is not None:
            part, text = _LABELS[label["label"].lower()], (label["rest"] or "").strip()
            if part == "experience" and label["label"] not in ("经验", "经验启示", "启示"):
                text = f"{label['label']}：{text}"
        elif waiting and begin is not None:
            found["title_zh"] = [begin["title"].strip() or "".join(found["title_zh"])]
            continue
        elif waiting and not found["title_zh"]:
            found["title_zh"], waiting = [text], False
            continue
        waiting = False
        if text:
            found.setdefault(part, []).append(text)
    return _fitted({name: "\n".join(lines) for name, lines in found.items() if any(lines)})


def _signs(one: Paragraph, text: str) -> tuple[re.Match[str] | None, re.Match[str] | None, re.Match[str] | None]:
    """Whether it is a part's label, a case's beginning, or a title with its label."""
    label = _LABEL.match(text)
    if label is not None:
        return label, None, None
    named = _TITLE_LABEL.match(text) if not one.level else None
    begin = _BEGIN.match(text) or (_TITLED.match(text) if not one.level else None)
    return None, begin, named if begin is None else None


def label_of(text: str) -> str:
    """The part of a case that a column's head or a line names, "" for none."""
    match = _LABEL.match(text)
    return _LABELS[match["label"].lower()] if match is not None and not match["rest"] else ""


def is_title(text: str) -> bool:
    """Whether a column of this head holds what cases are called."""
    return bool(_TITLE_LABEL.match(text))


def _level(told: Sequence[Paragraph]) -> int:
    """Of the headings that cases begin with: the one under which labels or accounts come, if it is used again."""
    often = Counter(_NUMBERED.sub("", one.text).strip() for one in told if one.level)
    levels = [
        one.level
        for one in told
        if one.level and not _LABEL.match(one.text) and often[_NUMBERED.sub("", one.text).strip()] == 1
    ]  # what stands over a part of every case is no title: 当事人情况
    return next((level for level in sorted(set(levels), reverse=True) if levels.count(level) >= 2), 0)


def _fitted(case: dict[str, str]) -> dict[str, str]:
    """Too long a text is cut where it has to be, and says so."""
    return {
        name: text if len(text) <= LONGEST[name] else text[: LONGEST[name] - 12] + "\n（原文过长，已截断）"[:12]
        for name, text in case.items()
        if name in TEXTS
    }
