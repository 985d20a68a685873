"""What may still say who it was in a text that names nobody: shown to whoever approves, with the words, as a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from casebook.deidentifying.views import plain

MOST: Final = 40
_RULES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("age", re.compile(r"(?:\d{1,3}|[一二三四五六七八九十百]{1,4})\s?(?:周岁|岁)")),
    ("office", re.compile(r"(?:人大代表|政协委员|局长|处长|镇长|村支书|书记|校长|院长|网红|主播|明星|运动员|劳模)")),
    ("unique", re.compile(r"(?:首例|全国第一|全市唯一|唯一一家|热搜|上了新闻|电视台|报道过|视频播放|刷屏)")),
    ("health", re.compile(r"(?:怀孕|流产|癌|肿瘤|艾滋|残疾|抑郁|精神病|手术|过敏性休克|骨折)")),
    ("institution", re.compile(r"[\u4e00-\u9fff]{2,10}(?:大学|学院|中学|小学|医院|派出所|法院|所|局)(?![部长员])")),
    ("place", re.compile(r"[\u4e00-\u9fff]{2,5}(?:省|市|区|县|镇|乡|村)(?![场面])")),
    ("quoted", re.compile(r"[“\"「『][^”\"」』\n]{2,20}[”\"」』]")),
    ("number", re.compile(r"(?<![\d年月])\d{4,}(?![\d年元])")),
    ("time", re.compile(r"(?:上午|下午|晚上|凌晨)?\d{1,2}[:：点时]\d{0,2}分?")),
    ("relation", re.compile(r"(?:孙子|孙女|外孙|双胞胎|再婚|离异|独居|养女|养子|烈属)")),
)
"""Codes; their sentences are the pages'."""


@dataclass(frozen=True, slots=True)
class Hint:
    code: str
    field: str
    words: str
    around: str


def hints(texts: Mapping[str, str]) -> list[Hint]:
    """Of masked texts, the first `MOST`."""
    return list(_hints(texts))[:MOST]


def _hints(texts: Mapping[str, str]) -> Iterator[Hint]:
    seen: set[tuple[str, str]] = set()
    for name, text in texts.items():
        view = plain(text)
        for code, pattern in _RULES:
            for match in pattern.finditer(view):
                if "某" in match[0] or "略" in match[0] or (code, match[0]) in seen:
                    continue
                seen.add((code, match[0]))
                yield Hint(
                    code, name, text[match.start() : match.end()], text[max(0, match.start() - 10) : match.end() + 10]
                )
