"""An old compendium, as paragraphs, cut into its cases and their parts. Pure; what is not recognised is kept, not lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from casebook import LONGEST, TEXTS

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
