"""All finders over all texts of a case: one name is one name everywhere, one factor is for all amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from casebook import MARKED, MOST, NOTHING, Known, MarkedSpan
from casebook.deidentifying import (
    COMMON,
    COMPOUND,
    ENGLISH,
    HINT,
    NOT_NAMES,
    PUTS,
    SEPARATORS,
    SURNAMES,
    Found,
    any_of,
    chinese,
    found_dates,
    found_times,
    is_place,
    numbers as am,
    places,
    plain,
    put_at,
    tagger,
    word_list,
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
from casebook.deidentifying.persons import HONORIFIC, SOMEBODY, found_names, whole_given
from law import dictionary

_SAID = re.compile(r"[（(]([\u4e00-\u9fff]{2})[\u4e00-\u9fff]{0,2}[:：\s]{0,2}$")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,9}[条款项]")
_LAW = re.compile(r"《[^》\n]{2,50}(?:法|条例|办法|规定|通则|细则|解释|规范|意见|标准)[^》\n]{0,12}》")
_LONGEST_NAME, _MOST_NAMES = 60, 400
Likely = Sequence[float]
CERTAIN: Final = 7
"""The weight from which on a finder need not be weighed."""
EVERYDAY, RARE_WORDS = 0.08, 0.01
ALONE: Final = 0.1
"""The same of one character as somebody's name: most are of words."""
CALLED: Final = 0.9
"""The chance from which on a word that is hardly ever a name is one: 业务员叫高兴."""
LIKELY: Final = 0.02
"""Of a character that a finder proposed: the chance of being of a name from which on it is hidden."""


def look(texts: Mapping[str, str], known: Known = NOTHING) -> dict[str, tuple[MarkedSpan, ...]]:
    """Places of every text, none decided. At most `MOST` of each."""
    views = {name: plain(text) for name, text in texts.items()}
    factor = am.factor_of([*known.amounts, *(value for view in views.values() for *_, value in am.amounts(view))])
    each = {name: _found(view, known, factor) for name, view in views.items()}
    again = _again(views, {name: found for name, (found, _) in each.items()})
    every = {name: _everywhere(view, *each[name], again) for name, view in views.items()}
    people = [(name, at) for name, found in every.items() for at, one in enumerate(found) if one.kind == "name"]
    puts = stand_ins([(views[name], every[name][at].start, every[name][at].end) for name, at in people], known.people)
    for (name, at), put in zip(people, puts, strict=True):
        every[name][at] = replace(every[name][at], put=put)
    return {name: _spans(view, every[name]) for name, view in views.items()}


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
    """All of them: nobody is called 伍仟元, though a sum as round as that stays as it is."""
    return [Found(start, end, "sum", "") for start, end, _ in am.amounts(view)]


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
    maybe = [one for one in maybe if one.weight > HINT]
    told = [_tagged(view, *each) for each in tagged if _mean(likely, each[0], each[1]) >= _needed(view, *each)]
    weighed = [kept for one in (*told, *maybe) if (kept := _weighed(one, likely)) is not None]
    all_know = [match.span() for form in (_LAW, _ARTICLE, EVERYBODYS_BRAND) for match in form.finditer(view)]
    named = [
        one
        for one in weighed
        if one.weight >= CERTAIN
        or not (
            (says_nothing(view[one.start : one.end], one.kind) and not _called(view, one, likely))
            or any(start <= one.start and one.end <= end for start, end in all_know)
        )
    ]
    whole = [_whole(view, one) for one in named]
    said = [
        one
        for one in whole
        if one.weight >= CERTAIN or not says_nothing(view[one.start : one.end], one.kind) or _called(view, one, likely)
    ]
    said += [Found(*match.span(), "name", SOMEBODY, 5) for match in _COUPLE.finditer(view)]
    return merged([*sure, *_beside(said, numbered)]), likely


_COUPLE = re.compile(r"(?<=。)[\u4e00-\u9fff]{2,3}(?=夫妇|夫妻)")
"""Whom a sentence begins with: 时千夫妇."""
_BEYOND = re.compile(
    r"(?:\s?(?:负?[一二三四五六七八九十\d]{1,2}[楼层](?![上下])|[一二三四五六七八九十\d]{1,2}期(?![间待望限])|顶楼|楼[上下]|[东西南北]{1,2}侧|斜?对面))+"
)
"""Of an address, behind what names it: 顶楼, 二期, 斜对面."""


def _called(view: str, one: Found, likely: Likely) -> bool:
    words = view[one.start : one.end]
    return one.kind == "name" and words in NOT_NAMES and _mean(likely, one.start, one.end) >= CALLED


def _whole(view: str, one: Found) -> Found:
    if one.kind == "name" and one.weight < CERTAIN:
        return replace(one, end=whole_given(view, one.start, one.end))
    if one.kind == "address" and (beyond := _BEYOND.match(view, one.end)):
        return replace(one, end=beyond.end())
    if one.kind not in ("organisation", "institution") or one.weight >= CERTAIN:
        return one
    start, end = whole_name(view, one.start, one.end, one.kind)
    put = put_in(view[start:end]) if one.kind == "institution" and one.put == put_in("") else one.put
    return replace(one, start=start, end=end, put=put)


def _mean(likely: Likely, start: int, end: int) -> float:
    return sum(likely[start:end]) / (end - start)


def _needed(view: str, start: int, end: int, kind: str) -> float:
    """Words of everyday have to be likely names; what is in no dictionary need not be."""
    if kind == "name" and end - start == 1:
        return ALONE
    everyday = kind == "address" or all(
        len(word) > 1 and tag[:2] not in ("nr", "nz", "nt") and dictionary.has_word(word)
        for word, tag in dictionary.tag(view[start:end])
    )
    return EVERYDAY if everyday else RARE_WORDS


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


def _weighed(one: Found, likely: Likely) -> Found | None:
    """What a finder proposed, as far as it is likely; what stands on file is certain."""
    if one.weight >= CERTAIN:
        return one
    start, end = one.start, one.end
    least = max(LIKELY, max(likely[start:end]) / 5)
    while start < end and likely[start] < least:
        start += 1
    while start < end and likely[end - 1] < least:
        end -= 1
    return replace(one, start=start, end=end) if start < end else None


def _beside(weighed: Iterable[Found], found: Sequence[Found]) -> Iterator[Found]:
    """Without what is of a day, a sum or a number of more weight: 10月8日搬离创意大厦 is two."""
    taken = {at for one in found for at in range(one.start, one.end)}
    for one in weighed:
        if one.weight >= CERTAIN or not any(at in taken for at in range(one.start, one.end)):
            yield one
            continue
        start = one.start
        for at in range(one.start, one.end + 1):
            if at == one.end or at in taken:
                if at - start > 1:
                    yield replace(one, start=start, end=at)
                start = at + 1


def _again(views: Mapping[str, str], found: Mapping[str, Sequence[Found]]) -> dict[tuple[str, str], str]:
    """What was found once is the same wherever it stands again, whatever is around it there: words and kind -> put."""
    again: dict[tuple[str, str], str] = {}
    for name, places_ in found.items():
        for one in places_:
            text = views[name][one.start : one.end]
            if one.kind == "name":
                text = re.sub(SEPARATORS, "", text)
            if len(text) > _LONGEST_NAME or len(again) >= _MOST_NAMES:
                continue  # a run of signs without end is no name, and each is looked for in all of the text
            if one.kind == "name" and 2 <= len(text) <= 4 and _HAN.fullmatch(text):
                again[(text, "name")] = one.put
                if (family := _FAMILY.match(text)) and len(given := text[family.end() :]) == 2:
                    again[(given, "name")] = one.put
            elif one.kind in ("organisation", "institution"):
                every = (text, *cores(text), *shortened(text, views.values()))
                again |= {(each, one.kind): one.put for each in every if len(each) >= 2}
                if short := shop_core(text):
                    again[(short, one.kind)] = one.put
    return again


def _everywhere(view: str, found: list[Found], likely: Likely, again: Mapping[tuple[str, str], str]) -> list[Found]:
    """With what was found elsewhere, and a title that stands behind a family name alone: 王女士."""
    more = [
        each
        for (text, kind), put in again.items()
        if text in view
        for each in literal(view, text, kind, put, 2)
        if not (likely and dictionary.has_word(text)) or _mean(likely, each.start, each.end) >= EVERYDAY / 2
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
    return "a party" if one.kind == "name" else ENGLISH.get(one.kind, one.put)


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


def guessed(words: str, named: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """Of words that a person marked: the kind, what to put, and what else it is called by. `named`: who is hidden, and as
    what, so that nobody else is called the same."""
    view = plain(words)
    whole = [one for one in certain(view, NOTHING, Decimal(1)) if one.start == 0 and one.end == len(view)]
    if whole:
        sure = max(whole, key=lambda one: one.weight)
        return sure.kind, sure.put, ()
    if (put := put_in(view)) != put_in(""):
        return "institution", put, ()
    if (put := put_for(view)) != put_for(""):
        return "organisation", put, tuple(core for core in cores(view) if len(core) >= 3)
    if is_place(view):
        return "address", put_at(view), ()
    if re.fullmatch(r"[\d\s\-]+", view):
        return "number", PUTS["number"], ()
    if put := put_beside(view, named):
        return "name", put, ()
    return MARKED, "某某", ()


_PARTS = re.compile(
    rf"(?P<nick>[小老阿])?(?P<family>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{HONORIFIC}|队|校|科|店|嫂|妈|爸|伯|爷|婆|头)?"
)
_TITLE_AFTER = re.compile(rf"(?:{HONORIFIC})")
_FAMILY = re.compile(SURNAMES)
_POST = re.compile(any_of(word_list("people", "posts")))
_BUYER = re.compile(
    r"(?:消费者|投诉人|举报人|申请人|原告|顾客|客人|业主|市民|来电人|患者|本人|我是|我叫|我姓)[是叫]?[\s：:（(]{0,2}$"
)
_SAME = re.compile(
    r"[（(，,\s]{0,2}(?:真名|本名|大名|原名|实名|全名|真姓名|外号|绰号|小名|又名|大号|自称|网名|微信名|人称|人喊|称其|大家叫|[都们]叫|[都们]喊)(?:他|她)?(?:好像|就|应该)?(?:是|叫|为)?[\s：:“\"「]{0,2}"
)
_ANONYMOUS = re.compile(rf"(?P<family>{SURNAMES})某")


@dataclass(frozen=True, slots=True)
class Mention:
    """Of somebody, in a text: the family name ("" where none is seen), the rest of a full name, what they are called by."""

    words: str
    family: str
    given: str
    title: str
    buyer: bool

    @property
    def full(self) -> bool:
        return bool(self.family and self.given)


def _mention(view: str, start: int, end: int) -> Mention:
    words = re.sub(SEPARATORS, "", view[start:end])
    parts = _PARTS.fullmatch(words)
    if parts is None or (parts["nick"] and parts["given"]):
        return Mention(words, "", "", "", buyer=False)
    title = parts["title"] or (after[0] if (after := _TITLE_AFTER.match(view, end)) else "")
    return Mention(words, parts["family"], parts["given"], title, bool(_BUYER.search(view, max(0, start - 8), start)))


def titled(view: str, start: int, end: int) -> re.Match[str] | None:
    """The title behind what is a family name, or one character, and no more: 王女士, 魁哥."""
    return _TITLE_AFTER.match(view, end) if end - start == 1 or _FAMILY.fullmatch(view, start, end) else None


def stand_ins(places: Sequence[tuple[str, int, int]], known: Iterable[str] = ()) -> list[str]:
    """What is put at each place (text, from, to): the same for one person, by whatever they are called.

    Full names make the persons. A family name with a title, a given name and 小 with one of its characters are of the
    person with that name if there is but one; somebody who buys is not the manager of the same family name. 老王 is
    the one manager of that name.
    """
    mentions = [_mention(*place) for place in places]
    full = dict.fromkeys(filter(None, (re.sub(SEPARATORS, "", plain(each)) for each in known)), False)  # not of “-”
    for mention in mentions:
        if mention.full and (len(full) < _MOST_NAMES or mention.family + mention.given in full):
            whole = mention.family + mention.given
            full[whole] = full.get(whole, False) or mention.buyer
    whose = [_whose(mention, full) for mention in mentions]
    joined: dict[str, str] = {}
    for (view, _, end), (other, start, _), one, two in zip(places, places[1:], whose, whose[1:], strict=False):
        if view is other and one != two and 0 <= start - end <= 16 and _SAME.fullmatch(view, end, start):
            less, more = sorted((one, two), key=lambda who: (who in full, len(who)))
            joined[less] = more
    for family in {
        mention.family for mention in mentions if mention.family
    }:  # 老王 is 王经理, who is the only manager Wang
        here = {who: one for who, one in zip(whose, mentions, strict=True) if one.family == family}
        posts = [who for who, one in here.items() if _POST.fullmatch(one.title)]
        if len(posts) == 1 and not any(one.full for one in here.values()):
            joined.setdefault(family + "某", posts[0])
    every = [joined.get(who, who) for who in whose]
    some = {
        match["family"] for view in dict.fromkeys(view for view, _, _ in places) for match in _ANONYMOUS.finditer(view)
    }
    taken: dict[str, str] = {}
    for who in dict.fromkeys([name for name in full if name in every] + every):
        _name(who, taken, some, sum(name[0] == who[0] for name in full))
    return [_put(taken[who], mention, *place) for who, mention, place in zip(every, mentions, places, strict=True)]


def _put(stand_in: str, mention: Mention, view: str, start: int, end: int) -> str:
    """姓王 becomes 姓某; a post that is hidden with a family name stays: 王某经理."""
    if view[start - 1 : start] == "姓" and end - start == 1:
        return "某"
    kept = not mention.full and view[start:end].endswith(mention.title) and _POST.fullmatch(mention.title)
    return stand_in + mention.title if kept else stand_in


def put_beside(words: str, named: Mapping[str, str]) -> str:
    """For somebody marked by hand, beside those hidden already; "" for what is no name by its look."""
    who = re.sub(SEPARATORS, "", words)
    if not (_PARTS.fullmatch(who) and 2 <= len(who) <= 4) and not re.fullmatch(r"[A-Z][a-z]+|[小老阿].|(.)\1", who):
        return ""
    taken = {re.sub(SEPARATORS, "", plain(name)): put for name, put in named.items()}
    if who not in taken:
        parts = _PARTS.fullmatch(who)
        _name(parts["family"] + who if parts and parts["nick"] else who, taken, frozenset(), 0)
        return list(taken.values())[-1]
    return taken[who]


def _whose(mention: Mention, full: Mapping[str, bool]) -> str:
    """The full name of whom this is, or what they are called."""
    if mention.full:
        whole = mention.family + mention.given
        longer = [name for name in full if len(name) == 3 and name[1:] == whole]  # 国庆 of 佟国庆
        return longer[0] if len(longer) == 1 else whole
    words = mention.words
    if mention.family:
        post = bool(_POST.fullmatch(mention.title))
        like = [name for name, buyer in full.items() if name.startswith(mention.family) and not (buyer and post)]
        return like[0] if len(like) == 1 else mention.family + (mention.title or "某")
    called = _without_address(words)
    like = [name for name in full if called in name[1:]]
    return like[0] if len(like) == 1 else words


def _without_address(words: str) -> str:
    """勇 of 小勇, 勇勇 and 勇哥."""
    if len(words) == 2 and words[0] in "小老阿":
        return words[1]
    return words[0] if len(words) == 2 and (words[0] == words[1] or words[1] in "哥姐叔姨嫂子") else words


def _name(who: str, taken: dict[str, str], some: Set[str], alike: int) -> None:
    """王某; two of one family name are told apart: 王某, 王某甲, 王某乙, also from who is called 王某 in the text."""
    if len(taken) >= _MOST_NAMES:
        taken[who] = SOMEBODY
        return
    family = next((one for one in COMPOUND if who.startswith(one)), who[:1])
    base = f"{family}某" if family in COMMON and len(family) == 1 else SOMEBODY
    others = sum(put.startswith(base) for put in taken.values()) + (family in some and alike > 1)
    taken[who] = base if not others else base + "甲乙丙丁戊己庚辛壬癸"[(others - 1) % 10]
