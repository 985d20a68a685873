"""All finders over all texts of a case: one name is one name everywhere, one factor is for all amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from casebook import MOST, NOTHING, Known, MarkedSpan
from casebook.deidentifying import Found, chinese, numbers as am, plain
from casebook.deidentifying.businesses import english_places, found_shops, found_trades, shop_core
from casebook.deidentifying.numbers import ENGLISH, found_dates, found_times, numbers
from casebook.deidentifying.organisations import cores, literal, organisations
from casebook.deidentifying.persons import found_names
from casebook.deidentifying.places import places

_SAID = re.compile(r"[（(]([\u4e00-\u9fff]{2})[\u4e00-\u9fff]{0,2}[:：\s]{0,2}$")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LONGEST_NAME, _MOST_NAMES = 60, 400


def look(texts: Mapping[str, str], known: Known = NOTHING) -> dict[str, tuple[MarkedSpan, ...]]:
    """Places of every text, none decided. At most `MOST` of each."""
    views = {name: plain(text) for name, text in texts.items()}
    factor = am.factor_of([*known.amounts, *(value for view in views.values() for *_, value in am.amounts(view))])
    taken: dict[str, str] = {}
    found = {name: _found(view, known, factor, taken) for name, view in views.items()}
    again = _again(views, found)
    return {name: _spans(view, found[name], again) for name, view in views.items()}


def factor(texts: Iterable[str], known: Known) -> Decimal:
    """By which every amount of the case is multiplied before it is rounded."""
    return am.factor_of([*known.amounts, *(value for text in texts for *_, value in am.amounts(plain(text)))])


IDENTIFYING = frozenset(
    {"phone", "id", "bank", "account", "order", "code", "plate", "email", "link", "number", "name", "address"}
)


def residue(text: str) -> list[str]:
    """What in a masked text still leads to a person, as far as rules see it."""
    (spans,) = look({"": text}).values()
    found = [text[span.start : span.end] for span in spans if span.kind in IDENTIFYING]
    return [words for words in found if "某" not in words and "略" not in words]


def _found(view: str, known: Known, factor: Decimal, taken: dict[str, str]) -> list[Found]:
    found = [*found_dates(view), *found_times(view)]
    sums = am.amounts(view)
    blocked = list(view)
    for start, end in [*((one.start, one.end) for one in found), *((start, end) for start, end, _ in sums)]:
        blocked[start:end] = "¤" * (end - start)
    english = not chinese(view)
    found += am.found_amounts(view, factor, english)
    found += numbers(view, "".join(blocked))
    found += places(view)
    for address in known.addresses:
        found += literal(view, address, "address", "某处", 9)
    for other in known.others:
        found += literal(view, other, "number", "（号码略）", 9)
    found += organisations(view, known.organisations)
    found += found_trades(view)
    found += (Found(start, end, "organisation", put, weight) for start, end, put, weight in found_shops(view))
    found += english_places(view)
    found += found_names(view, known.people, taken)
    return merged(found)


def _again(views: Mapping[str, str], found: Mapping[str, Sequence[Found]]) -> dict[tuple[str, str], str]:
    """What was found once is the same wherever it stands again, whatever is around it there: words and kind -> put."""
    again: dict[tuple[str, str], str] = {}
    for name, places_ in found.items():
        for one in places_:
            text = views[name][one.start : one.end]
            if len(text) > _LONGEST_NAME or len(again) >= _MOST_NAMES:
                continue  # a run of signs without end is no name, and each is looked for in all of the text
            if one.kind == "name" and 2 <= len(text) <= 4 and _HAN.fullmatch(text):
                again[(text, "name")] = one.put
            elif one.kind == "organisation":
                again |= {(name, "organisation"): one.put for name in (text, *cores(text)) if len(name) >= 3}
                if short := shop_core(text):
                    again[(short, "organisation")] = one.put
    return again


def _spans(view: str, found: list[Found], again: Mapping[tuple[str, str], str]) -> tuple[MarkedSpan, ...]:
    english = not chinese(view)
    more = [each for (text, kind), put in again.items() if text in view for each in literal(view, text, kind, put, 2)]
    return tuple(
        MarkedSpan(one.start, one.end, one.kind, ENGLISH.get(one.kind, one.put) if english else _fitting(view, one))
        for one in merged([*found, *more])
    )[:MOST]


def _fitting(view: str, one: Found) -> str:
    """（电话138…） becomes （电话略）, not （电话（电话略））."""
    said = _SAID.search(view, max(0, one.start - 8), one.start)
    return "略" if said and one.put.startswith("（" + said[1]) else one.put


def merged(found: Sequence[Found]) -> list[Found]:
    """Without overlaps: of those that touch the weightiest says what it is, and all of them is hidden."""
    out: list[Found] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        if out and one.start < out[-1].end:
            last = out[-1]
            heavier = max((last, one), key=lambda each: (each.weight, each.end - each.start))
            out[-1] = Found(last.start, max(last.end, one.end), heavier.kind, heavier.put, heavier.weight)
        else:
            out.append(one)
    return out
