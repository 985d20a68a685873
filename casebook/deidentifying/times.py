"""Times of day, coarsened to morning, noon, afternoon, evening, night: with a day and a place a minute says who it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying.views import NUMERALS, Found, digits_of

_PART = r"(?P<part>凌晨|清晨|清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|今早|今晚|昨晚|当晚|早|晚)"
_N = f"[0-9{''.join(NUMERALS)}十]"
_CLOCK = re.compile(
    rf"(?:{_PART}\s?)?(?<![\d:：.\-])(?P<hour>[01]?\d|2[0-4])\s?[:：]\s?[0-5]\d(?:\s?[:：]\s?[0-5]\d)?(?![\d:：])"
)
_SPOKEN = re.compile(
    rf"{_PART}\s?(?P<hour>{_N}{{1,3}})\s?[点时](?!间|候)(?:半|钟|整|一刻|三刻|{_N}{{1,3}}分?)?(?:多|过|左右|许)?"
)
_EXACT = re.compile(rf"(?<![\d.])(?P<hour>{_N}{{1,3}})\s?[点时]\s?{_N}{{1,3}}\s?分(?!之)")
_ENGLISH = re.compile(r"\b(?:at\s+)?(?P<hour>1[0-2]|0?[1-9])(?:[:.][0-5]\d)?\s?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE)
_PARTS: Final = ((6, "凌晨"), (11, "上午"), (13, "中午"), (18, "下午"), (25, "晚上"))


def found_times(view: str) -> Iterator[Found]:
    for pattern in (_CLOCK, _SPOKEN, _EXACT):
        for match in pattern.finditer(view):
            hour = _hour(match["hour"])
            if hour <= 24:
                part = match["part"] if "part" in pattern.groupindex else None
                put = part or next(name for until, name in _PARTS if hour < until)
                yield Found(match.start(), match.end(), "time", put, 7)
    for match in _ENGLISH.finditer(view):
        put = "in the morning" if match["half"].lower() == "a" else "later in the day"
        yield Found(match.start(), match.end(), "time", put, 8)


def _hour(text: str) -> int:
    tens, ten, ones = text.partition("十")
    if ten:
        return int(digits_of(tens) or 1) * 10 + int(digits_of(ones) or 0)
    return int(digits_of(text) or 25)
