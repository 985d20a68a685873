"""A statutory clock as a row keeps it."""

from __future__ import annotations

from typing import Any

from law import Deadline as Clock


def clock_row(clock: Clock) -> dict[str, Any]:
    return {
        "code": clock.code,
        "due": clock.due.isoformat(),
        "start": clock.start.isoformat(),
        "article_zh": clock.article_zh,
        "article_en": clock.article_en,
        "days": [{"date": d.date.isoformat(), "number": d.number, "zh": d.zh, "en": d.en} for d in clock.days],
        "estimated": clock.estimated,
        "standing": clock.standing,
        "left": clock.left,
    }
