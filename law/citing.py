"""The words of one item of an article, out of an official text that an office imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from law import duties
from law.grounds import Ground, ending_grounds, refusal_grounds
from law.library import Library
from law.orders import chinese_number, order_named

AMONG: Final = {duties.REFUSE: refusal_grounds, duties.END: ending_grounds}
_ITEM: Final = re.compile(r"[（(]([一二三四五六七八九十]{1,3})[）)]")
_NUMBERS: Final[Mapping[str, int]] = {chinese_number(n): n for n in range(1, 100)}


def item(text: str, number: int) -> str:
    """What stands behind （三）, without the number and the mark at its end; "" where there is no such item."""
    found = [(at, _NUMBERS.get(at[1], 0)) for at in _ITEM.finditer(text)]
    for place, (at, which) in enumerate(found):
        if which == number:
            end = found[place + 1][0].start() if place + 1 < len(found) else len(text)
            # The last item ends with its sentence; a further paragraph may follow it.
            return re.split(r"[；;。\n]", text[at.end() : end].strip(), maxsplit=1)[0].strip()
    return ""


def words(order: str, duty: str, number: int, library: Library | None, day: date, language: str) -> str:
    """A ground as a paper says it: quoted from the order where its text was imported, else in our formal wording.

    `duty`: REFUSE or END. "" for a number that the order does not know.
    """
    ground = ground_of(order, duty, number)
    if ground is None:
        return ""
    if library is not None and not language.startswith("en"):
        rule = order_named(order)  # a complaint may be handled by another order than that of its day
        day = max(day, rule.since) if rule.until is None else min(max(day, rule.since), rule.until)
        official = library.official(f"order-{order}-{duties.article_of(order, duty)}", day)
        if official is not None and (quoted := item(official.text, number)):
            return f"“{quoted}”"
    return ground.formal(language)


def ground_of(order: str, duty: str, number: int) -> Ground | None:
    return next((one for one in AMONG[duty](order) if one.number == number), None)
