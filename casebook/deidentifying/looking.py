"""All finders over all texts of a case: one name is one name everywhere, one factor is for all amounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from casebook import MARKED, MOST, NOTHING, Known, MarkedSpan
from casebook.deidentifying import (
    ENGLISH,
    HINT,
    NOT_GIVEN,
    NOT_NAMES,
    PUTS,
    SEPARATORS,
    SURNAMES,
    Found,
    chinese,
    days_of_laws,
    found_dates,
    found_times,
    is_place,
    numbers as am,
    places,
    plain,
    put_at,
    tagger,
)
from casebook.deidentifying.businesses import (
    EVERYBODYS_BRAND,
    cores,
    english_places,
    found_shops,
    found_trades,
    literal,
    organisations,
    put_for,
    put_in,
    says_nothing,
    shop_core,
    shortened,
    whole_name,
)
from casebook.deidentifying.numbers import documents, numbers, without_standards
from casebook.deidentifying.persons import SOMEBODY, found_names, whole_given
from casebook.deidentifying.stand_ins import (
    KIN,
    MOST_NAMES,
    beside_in_english,
    business_beside,
    put_beside,
    titled,
    with_stand_ins,
)
from law import dictionary

_SAID = re.compile(r"[（(]([\u4e00-\u9fff]{2})[\u4e00-\u9fff]{0,2}[:：\s]{0,2}$")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,9}[条款项]")
_LAW = re.compile(r"《[^》\n]{2,50}(?:法|条例|办法|规定|通则|细则|解释|规范|意见|标准)[^》\n]{0,12}》")
_HEADING = re.compile(r"[民刑行]\s?[事政]\s?[判裁调]\s?[决定解]\s?书")
_FAMILY = re.compile(SURNAMES)
_LONGEST_NAME = 60
Likely = Sequence[float]
CERTAIN: Final = 7
"""The weight from which on a finder need not be weighed."""
CALLED: Final = 0.9
"""The chance from which on a word that is hardly ever a name is one: 业务员叫高兴."""
SURE: Final = 0.3
"""The chance from which on what a name begins with is of it, though it is a word of everyday: 不二."""
EDGE: Final = 0.03
"""The same of what is beside a place."""
BESIDE: Final = 0.06
"""The same of what is left of a place that a sum or a day is within."""
AGAIN: Final = 0.04
"""The same of a word of everyday that was a name elsewhere in the text; a tenth where that is as good as sure."""
NAMED: Final = 0.5
LIKELY: Final = 0.005
"""Of a character at the edge of a place: the chance of being of a name from which on it is hidden."""


def look(texts: Mapping[str, str], known: Known = NOTHING) -> dict[str, tuple[MarkedSpan, ...]]:
    """Places of every text, none decided. At most `MOST` of each."""
    views = {name: plain(text) for name, text in texts.items()}
    factor = am.factor_of([*known.amounts, *(value for view in views.values() for *_, value in am.amounts(view))])
    each = {name: _found(view, known, factor) for name, view in views.items()}
    likely = {name: chances for name, (_, chances) in each.items()}
    again = _again(views, {name: found for name, (found, _) in each.items()}, likely)
    parts = {
        name: [part for one in found for part in _apart(views[name], one, again)] for name, (found, _) in each.items()
    }
    again = _again(views, parts, likely)
    every = {name: _everywhere(view, parts[name], likely[name], again) for name, view in views.items()}
    _of_one_kind(views, every)
    with_stand_ins(views, every, known)
    return {name: _spans(view, every[name]) for name, view in views.items()}


_NAMED: Final = ("name", "organisation", "institution")


def _of_one_kind(views: Mapping[str, str], every: Mapping[str, list[Found]]) -> None:
    """The same words are of one kind wherever they stand: the kind that most of them are of, then the weightiest; what a
    business on record or in the text is called in short is that business."""
    said: dict[str, list[Found]] = {}
    for name, found in every.items():
        for one in found:
            if one.kind in _NAMED and one.end - one.start > 1:
                said.setdefault(views[name][one.start : one.end], []).append(one)
    kinds = {words: _kind_of(ones) for words, ones in said.items()}
    shorts = {
        core
        for words, like in kinds.items()
        if like.kind == "organisation"
        for core in (*cores(words), shop_core(words))
        if len(core) > 2
    }
    for name, found in every.items():
        for at, one in enumerate(found):
            words = views[name][one.start : one.end]
            if one.kind not in _NAMED or one.weight > CERTAIN or words not in kinds:
                continue
            like = kinds[words]
            if words in shorts and one.kind != "organisation":
                found[at] = replace(one, kind="organisation", put=put_for(words))
            elif like.kind != one.kind and one.weight < CERTAIN:
                found[at] = replace(one, kind=like.kind, put=like.put)


def _kind_of(ones: Sequence[Found]) -> Found:
    counted = Counter(one.kind for one in ones)
    return max(ones, key=lambda one: (counted[one.kind], one.weight, one.kind == "organisation"))


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


def certain(view: str, known: Known, factor: Decimal) -> list[Found]:
    """Days, times, sums, and what leads to somebody by a number; and what stands on file."""
    found = [*found_dates(view), *found_times(view)]
    blocked = list(view)
    for start, end in [*((one.start, one.end) for one in found), *((start, end) for start, end, _ in am.amounts(view))]:
        blocked[start:end] = "¤" * (end - start)
    found += am.found_amounts(view, factor, not chinese(view))
    found += documents(view)
    found += numbers(without_standards(view), without_standards("".join(blocked)))
    for address in known.addresses:
        found += literal(view, address, "address", "某处", 9)
    for other in known.others:
        found += literal(view, other, "number", "（号码略）", 9)
    return found


def sums(view: str) -> list[Found]:
    """All of them, and days of laws: nobody is called 伍仟元, though what is as round or as public stays as it is."""
    return [Found(*span, "sum", "") for span in (*(one[:2] for one in am.amounts(view)), *days_of_laws(view))]


def proposed(view: str, known: Known = NOTHING) -> list[Found]:
    """What the finders take for names, businesses and places: to be weighed."""
    found = [*places(view), *organisations(view, known.organisations), *found_trades(view)]
    found += (Found(start, end, "organisation", put, weight) for start, end, put, weight in found_shops(view))
    return [*found, *english_places(view), *found_names(view, known.people)]


def _found(view: str, known: Known, factor: Decimal) -> tuple[list[Found], Likely]:
    sure, maybe = certain(view, known, factor), proposed(without_standards(view), known)
    if not chinese(view):
        return merged([*sure, *maybe]), []
    numbered = [*sure, *sums(view)]
    tagged, likely = tagger.tagged(without_standards(view), maybe, numbered)
    told = [*(_tagged(view, *each) for each in tagged), *(one for one in maybe if one.weight > HINT)]
    weighed = [kept for one in told if (kept := _weighed(view, one, likely)) is not None]
    all_know = [match.span() for form in (_LAW, _ARTICLE, _HEADING, EVERYBODYS_BRAND) for match in form.finditer(view)]
    named = [
        one
        for one in weighed
        if one.weight >= CERTAIN
        or not (
            (says_nothing(view[one.start : one.end], one.kind) and not _called(view, one, likely))
            or any(start <= one.start and one.end <= end for start, end in all_know)
        )
    ]
    whole = [part for one in named for part in _companies(view, _whole(view, one, likely))]
    said = [
        one
        for one in whole
        if one.weight >= CERTAIN or not says_nothing(view[one.start : one.end], one.kind) or _called(view, one, likely)
    ]
    said += [Found(*match.span(), "name", SOMEBODY, 5) for form in (_COUPLE, _SIGNED) for match in form.finditer(view)]
    said += [Found(*span, "organisation", put_for(""), 2) for span in named_twice(view)]
    return merged([*sure, *_beside(said, numbered, likely)]), likely


_H: Final = "\u4e00-\u9fff"
_PHRASE: Final = (
    rf"(?P<name>(?:(?![的了我你他她它们这那哪每各某本有没不也都就还又再后前])[{_H}]|(?<=[{_H}])[不就]){{2,5}}?)"
)
_AT_PHRASE: Final = (
    re.compile(
        rf"(?:(?<=[在去到从跟找])|(?<=通过)){_PHRASE}(?=(?:报|拍|订|办|买|吃|做|租|充|剪|修|定|学|配|寄|参加|购|消费|存|洗|打印|上课|上班|请|约|喝|理发|烫|染|换|装|加|看)"
        rf"(?:的|了|过|卡|[{_H}]?的)|参加)"
    ),
    re.compile(rf"(?<=要求){_PHRASE}(?=退还|返还|赔|照价|道歉|履行)"),
    re.compile(
        rf"(?:(?<=[，。；！？、：“（(\s])|^|(?<=隔壁)|(?<=要求)|(?<=叫)){_PHRASE}(?=的(?:老板|店主|店长|店员|客服|前台|师傅|教练|老师|阿姨|导购|经理|技师|中介|人)|[）)])",
        re.MULTILINE,
    ),
)
_NO_PHRASE: Final = frozenset("上里下中前后时边内外间店家处地网号天年月次个人")


def named_twice(view: str) -> Iterator[tuple[int, int]]:
    """A phrase of everyday where something was bought, which the text names once more: 在一把过报的名, 一把过说."""
    phrases = dict.fromkeys(match["name"] for pattern in _AT_PHRASE for match in pattern.finditer(view))
    for name in list(phrases)[:MOST_NAMES]:
        if name[-1] in _NO_PHRASE or view.count(name) < 2 or says_nothing(name, "organisation"):
            continue
        tags = dictionary.tag(name)
        if (tags[1:] or tags[0][1][0] not in "nsj") and not any(tag[0] in "rpu" and word != "过" for word, tag in tags):
            at = -1
            while (at := view.find(name, at + 1)) >= 0:
                yield at, at + len(name)


_COUPLE = re.compile(r"(?<=。)[\u4e00-\u9fff]{2,3}(?=夫妇|夫妻)")
"""Whom a sentence begins with: 时千夫妇."""
_SIGNED = re.compile(rf"(?<=[，。；,;\s]){SURNAMES}(?=。?\s*$)")
"""Who signs with the family name: 竹叶山社区7门101，龚。"""
_BEYOND = re.compile(
    r"(?:\s?(?:负?[一二三四五六七八九十\d]{1,2}[楼层](?![上下])|[一二三四五六七八九十\d]{1,2}期(?![间待望限])|顶楼|楼[上下]|[东西南北]{1,2}侧|斜?对面))+"
)
"""Of an address, behind what names it: 顶楼, 二期, 斜对面."""


def _called(view: str, one: Found, likely: Likely) -> bool:
    text = view[one.start : one.end]  # 周二 is a day
    return one.kind == "name" and text in NOT_NAMES and text[0] != "周" and _mean(likely, one.start, one.end) >= CALLED


_MARKS_BEFORE = re.compile(r"[，。；！？、：,;!?:\s“\"「『【]*")
_DOT = r"[·•・‧∙⋅]"
_DOT_BEFORE = re.compile(rf"(?:(?<![\u4e00-\u9fff])|(?<=[在是的于住买到从找]))[\u4e00-\u9fff]{{2,5}}{_DOT}$")
_DOT_AFTER = re.compile(rf"{_DOT}[\u4e00-\u9fff]{{1,6}}(?![\u4e00-\u9fff])")


def _dotted(view: str, one: Found) -> Found:
    """Of 融信·海上城 both sides are the name, whichever was found."""
    before = _DOT_BEFORE.search(view, max(0, one.start - 7), one.start)
    after = _DOT_AFTER.match(view, one.end)
    return replace(one, start=before.start() if before else one.start, end=after.end() if after else one.end)


def _whole(view: str, one: Found, likely: Likely) -> Found:
    if one.weight < CERTAIN and (signs := _MARKS_BEFORE.match(view, one.start, one.end)):
        one = replace(one, start=min(signs.end(), one.end - 1))
    if one.kind in ("address", "organisation"):
        one = _dotted(view, one)
    if one.kind == "name" and one.weight < CERTAIN:
        return replace(one, end=whole_given(view, one.start, one.end))
    if one.kind == "address" and one.weight < CERTAIN:
        one = _with_edges(view, one, likely)
    if one.kind == "address" and (beyond := _BEYOND.match(view, one.end)):
        return replace(one, end=beyond.end())
    if one.kind not in ("organisation", "institution") or one.weight >= CERTAIN:
        return one
    one = _with_edges(view, one, likely)
    start, end = whole_name(view, one.start, one.end, one.kind)
    if start > one.start and likely[one.start] >= SURE:  # 不 of 不二
        start = one.start
    put = put_in(view[start:end]) if one.kind == "institution" and one.put == put_in("") else one.put
    return replace(one, start=start, end=end, put=put)


_NEXT_COMPANY = re.compile(
    r"(?<=公司)(?:诉被告|诉称|诉|与|和|及|、|向|对|[（(]以?下?简称[为：:]{0,2}[“\"]?)(?=[\u4e00-\u9fff]{2})"
)

_SIDE = re.compile(r"(?:被?(?:上诉|申请|投诉|举报)人|原告|被告|第三人)(?=.{2})")


def _companies(view: str, one: Found) -> Iterator[Found]:
    """Each of two: 信达公司诉被告广源公司, 武汉信达建材有限公司（以下简称信达公司."""
    at = one.start
    if one.kind == "organisation" and one.weight < CERTAIN:
        side = _SIDE.match(view, one.start, one.end)
        at = side.end() if side else at
        for match in _NEXT_COMPANY.finditer(view, one.start, one.end):
            yield replace(one, start=at, end=match.start(), put=put_for(view[at : match.start()]))
            at = match.end()
    yield replace(one, start=at, put=put_for(view[at : one.end])) if at > one.start else one


def _with_edges(view: str, one: Found, likely: Likely) -> Found:
    """所 of 辛庄所: what is beside a business and less likely of it, up to three characters."""
    start, end = one.start, one.end
    while start > max(0, one.start - 3) and likely[start - 1] >= EDGE and _may_be_of_a_name(view[start - 1]):
        start -= 1
    while end < min(len(view), one.end + 3) and likely[end] >= EDGE and _may_be_of_a_name(view[end]):
        end += 1
    return replace(one, start=start, end=end)


def _may_be_of_a_name(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char not in NOT_GIVEN and char != "夫"  # of 夫妇


def _mean(likely: Likely, start: int, end: int) -> float:
    return sum(likely[start:end]) / (end - start)


def _tagged(view: str, start: int, end: int, kind: str) -> Found:
    text = view[start:end]
    match kind:
        case "organisation":
            put = put_for(text)
        case "address":
            put = put_at(text)
        case "institution":
            put = put_in(text)
        case _:
            put = SOMEBODY
    return Found(start, end, kind, put, 6 if kind == "institution" else 4)


def _weighed(view: str, one: Found, likely: Likely) -> Found | None:
    """As far as it is likely; what stands on file is certain."""
    if one.weight >= CERTAIN:
        return one
    start, end = one.start, one.end
    least = max(LIKELY, max(likely[start:end]) / 12)
    while start < end and likely[start] < least:
        start += 1
    while start < end and likely[end - 1] < least:
        end -= 1
    if start == end or _mean(likely, start, end) < tagger.needed(view, start, end, one.kind, likely):
        return None
    return replace(one, start=start, end=end)


def _beside(weighed: Iterable[Found], found: Sequence[Found], likely: Likely) -> Iterator[Found]:
    """Without what is of a day, a sum or a number of more weight: 10月8日搬离创意大厦 is two."""
    taken = {at for one in found for at in range(one.start, one.end)}
    for one in weighed:
        if one.weight >= CERTAIN or not any(at in taken for at in range(one.start, one.end)):
            yield one
            continue
        start = one.start
        for at in range(one.start, one.end + 1):
            if at == one.end or at in taken:
                if at - start > 1 and _mean(likely, start, at) >= BESIDE:
                    yield replace(one, start=start, end=at)
                start = at + 1


Again = dict[tuple[str, str], tuple[str, float]]
"""Words and kind: what is put, and how likely they have to be where they stand again, if they are a word of everyday."""


def _again(views: Mapping[str, str], found: Mapping[str, Sequence[Found]], likely: Mapping[str, Likely]) -> Again:
    """What was found once is the same wherever it stands again, whatever is around it there."""
    again: Again = {}
    for name, places_ in found.items():
        for one in places_:
            text = views[name][one.start : one.end]
            if one.kind == "name":
                text = re.sub(SEPARATORS, "", text)
            if len(text) > _LONGEST_NAME or len(again) >= MOST_NAMES:
                continue  # a run of signs without end is no name, and each is looked for in all of the text
            every: list[str] = []
            if one.kind == "name" and 2 <= len(text) <= 4 and _HAN.fullmatch(text):
                every.append(text)
                if kin := KIN.fullmatch(text):
                    every.append(kin["who"])
                if (family := _FAMILY.match(text)) and len(given := text[family.end() :]) == 2:
                    every.append(given)
            elif one.kind in ("organisation", "institution"):
                every += (text, *cores(text), *shortened(text, views.values()), shop_core(text))
            sure = bool(likely[name]) and _mean(likely[name], one.start, one.end) >= NAMED
            for each in every:
                if len(each) >= 2:
                    least = min(AGAIN / 10 if sure else AGAIN, again.get((each, one.kind), ("", 1.0))[1])
                    again[each, one.kind] = one.put, least
    return again


_LINK = re.compile(r"(?:变为|变成|更名为|改名为|诉请|请求|要求|起诉|[和与跟及向对给的说称让则也把被派各写、])")
_LINK_BEFORE = re.compile(r"(?:变为|变成|更名为|改名为|诉请|请求|要求|起诉|[和与跟及向对给的说称让把被、])$")


def _apart(view: str, one: Found, known: Again) -> Iterator[Found]:
    """祁连山 and 海棠 of 祁连山和海棠各, where either is known from elsewhere."""
    words = view[one.start : one.end]
    if one.weight < CERTAIN and one.kind in _NAMED and len(words) > 2:
        for (text, kind), (put, _) in known.items():
            rest = len(words) - len(text)
            if not 0 < rest < len(words):
                continue
            if words.startswith(text) and (link := _LINK.match(words, len(text))):
                yield Found(one.start, one.start + len(text), kind, put, one.weight)
                if one.end - one.start - link.end() > 1:
                    yield from _apart(view, replace(one, start=one.start + link.end()), known)
                return
            if words.endswith(text) and (link := _LINK_BEFORE.search(words[:rest])) and link.start() > 1:
                yield from _apart(view, replace(one, end=one.start + link.start()), known)
                yield Found(one.start + rest, one.end, kind, put, one.weight)
                return
    yield one


def _everywhere(view: str, found: list[Found], likely: Likely, again: Again) -> list[Found]:
    """With what was found elsewhere, and a title that stands behind a family name alone: 王女士."""
    more = [
        each
        for (text, kind), (put, least) in again.items()
        if text in view
        for each in literal(view, text, kind, put, 2)
        if not (likely and dictionary.has_word(text)) or _mean(likely, each.start, each.end) >= least
    ]
    every = merged([*found, *more])
    begun = {one.start for one in every}
    return [
        replace(one, end=title.end())
        if one.kind == "name" and (title := titled(view, one.start, one.end)) and title.start() not in begun
        else one
        for one in every
    ]


def _spans(view: str, every: list[Found]) -> tuple[MarkedSpan, ...]:
    english = not chinese(view)
    return tuple(
        MarkedSpan(one.start, one.end, one.kind, _in_english(one) if english else _fitting(view, one))
        for one in merged(every)
    )[:MOST]


def _in_english(one: Found) -> str:
    return ENGLISH.get(one.kind) or (f"an {one.kind}" if chinese(one.put) else one.put)


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


def guessed(words: str, named: Mapping[str, str], english: bool = False) -> tuple[str, str, tuple[str, ...]]:
    """Of words that a person marked: the kind, what to put, and what else it is called by. `named`: who is hidden, and as
    what, so that nobody else is called the same. `english`: whether the text is."""
    view = plain(words)
    whole = [one for one in certain(view, NOTHING, Decimal(1)) if one.start == 0 and one.end == len(view)]
    if whole:
        sure = max(whole, key=lambda one: one.weight)
        return sure.kind, _in_english(sure) if english else sure.put, ()
    if english:
        kind = "organisation" if any(found_shops(view)) else "name"
        return kind, beside_in_english(view, kind, named), ()
    if (put := put_in(view)) != put_in(""):
        return "institution", put, ()
    if (put := put_for(view)) != put_for(""):
        return "organisation", business_beside(view, put, named), tuple(core for core in cores(view) if len(core) >= 3)
    if is_place(view):
        return "address", put_at(view), ()
    if re.fullmatch(r"[\d\s\-]+", view):
        return "number", PUTS["number"], ()
    if put := put_beside(view, named):
        return "name", put, ()
    return MARKED, "某某", ()
