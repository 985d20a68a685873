"""What is put for people and businesses: one stand-in for each, by whatever they are called, and one of each alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from casebook import Known
from casebook.deidentifying import COMMON, COMPOUND, SEPARATORS, SURNAMES, Found, any_of, chinese, plain, word_list
from casebook.deidentifying.businesses import ENGLISH_TRADES, called_short, cores, put_for
from casebook.deidentifying.persons import HONORIFIC, SOMEBODY

MOST_NAMES: Final = 400

_PARTS = re.compile(
    rf"(?P<nick>[小老阿])?(?P<family>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{HONORIFIC}|队|校|科|店|嫂|妈|爸|伯|爷|婆|头|老)?"
)
_TITLE_AFTER = re.compile(rf"(?:{HONORIFIC})")
_FAMILY = re.compile(SURNAMES)
_POST = re.compile(any_of(word_list("people", "posts")))
_BUYER = re.compile(
    r"(?:消费者|投诉人|举报人|申请人|原告|顾客|客人|业主|市民|来电人|患者|本人|我是|我叫|我姓)[是叫]?[\s：:（(]{0,2}$"
)
_STAFF = re.compile(rf"(?:{_POST.pattern}|{any_of(word_list('people', 'staff'))})[是叫]?[\s：:（(]{{0,2}}$")
KIN: Final = re.compile(r"(?P<who>[\u4e00-\u9fffA-Za-z]{2,4}?)(?P<kin>妈妈|爸爸|奶奶|爷爷|外婆|外公|妈|爸)")
"""Of a child's: 可可妈妈."""
_SAME = re.compile(
    r"[（(，,\s]{0,2}(?:真名|本名|大名|原名|实名|全名|真姓名|外号|绰号|小名|又名|大号|自称|网名|微信名|人称|人喊|称其|大家叫|[都们]叫|[都们]喊)(?:他|她)?(?:好像|就|应该)?(?:是|叫|为)?[\s：:“\"「]{0,2}"
    r"|[”\"」]\s?(?:系|即|就是)\s?[“\"「]?"
)
"""Also “黎叔”系黎晓明."""
_ANONYMOUS = re.compile(rf"(?P<family>{SURNAMES})某")


@dataclass(frozen=True, slots=True)
class Mention:
    """Of somebody, in a text: the family name ("" where none is seen), the rest of a full name, what they are called by."""

    words: str
    family: str
    given: str
    title: str
    buyer: bool
    staff: bool = False
    """Whether it stands behind what somebody of a business is: 店长, 技师."""

    @property
    def full(self) -> bool:
        return bool(self.family and self.given)


def _mention(view: str, start: int, end: int) -> Mention:
    words = re.sub(SEPARATORS, "", view[start:end])
    parts = _PARTS.fullmatch(words)
    if parts is None or (parts["nick"] and parts["given"]):
        return Mention(words, "", "", "", buyer=False)
    before = view[max(0, start - 8) : start]
    title = parts["title"] or (after[0] if (after := _TITLE_AFTER.match(view, end)) else "")
    return Mention(
        words, parts["family"], parts["given"], title, bool(_BUYER.search(before)), bool(_STAFF.search(before))
    )


def _alike(mentions: Sequence[Mention]) -> list[Mention]:
    """Who buys or sells where they are named once does so wherever they are called the same."""
    buyers, staff = ({one.words for one in mentions if getattr(one, side)} for side in ("buyer", "staff"))
    return [replace(one, buyer=one.words in buyers, staff=one.words in staff) for one in mentions]


def titled(view: str, start: int, end: int) -> re.Match[str] | None:
    """The title behind what is a family name, or one character, and no more: 王女士, 魁哥."""
    return _TITLE_AFTER.match(view, end) if end - start == 1 or _FAMILY.fullmatch(view, start, end) else None


def of_people(places: Sequence[tuple[str, int, int]], known: Iterable[str] = ()) -> list[str]:
    """What is put at each place (text, from, to): the same for one person, by whatever they are called.

    Full names make the persons. A family name with a title, a given name and 小 with one of its characters are of the
    person with that name if there is but one; somebody who buys is not the manager of the same family name. 老王 is
    the one manager of that name.
    """
    mentions = _alike([_mention(*place) for place in places])
    full = dict.fromkeys(filter(None, (re.sub(SEPARATORS, "", plain(each)) for each in known)), _NEITHER)  # not of “-”
    for mention in mentions:
        if mention.full and (len(full) < MOST_NAMES or mention.family + mention.given in full):
            whole = mention.family + mention.given
            buyer, staff = full.get(whole, _NEITHER)
            full[whole] = buyer or mention.buyer, staff or mention.staff
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
    of_kin = {one.words: kin["who"] for one in mentions if (kin := KIN.fullmatch(one.words)) and kin["who"] in every}
    every = [of_kin.get(who, who) for who in every]
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
    if (kin := KIN.fullmatch(mention.words)) and not mention.family:
        return stand_in + kin["kin"]
    kept = not mention.full and view[start:end].endswith(mention.title) and _POST.fullmatch(mention.title)
    return stand_in + mention.title if kept else stand_in


_NEITHER: Final = (False, False)


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


def _whose(mention: Mention, full: Mapping[str, tuple[bool, bool]]) -> str:
    """The full name of whom this is, or what they are called."""
    if mention.full:
        whole = mention.family + mention.given
        longer = [name for name in full if len(name) == 3 and name[1:] == whole]  # 国庆 of 佟国庆
        return longer[0] if len(longer) == 1 else whole
    words = mention.words
    if mention.family:
        post = bool(_POST.fullmatch(mention.title))
        nick = mention.words[0] in "小老阿" and mention.words[0] != mention.family
        like = [name for name in full if name.startswith(mention.family)]
        like = [name for name in like if not _another(mention, *full[name], post or (nick and len(like) > 1))]
        return like[0] if len(like) == 1 else mention.family + (mention.title or "某")
    called = _without_address(words)
    like = [name for name in full if called in name[1:]]
    return like[0] if len(like) == 1 else words


def _another(mention: Mention, buyer: bool, staff: bool, sells: bool) -> bool:
    """Whether who has the same family name is not the one with the full name: one buys and the other sells."""
    if buyer:
        return sells or mention.staff
    return mention.buyer if staff else mention.staff and not mention.buyer


def _without_address(words: str) -> str:
    """勇 of 小勇, 勇勇 and 勇哥."""
    if len(words) == 2 and words[0] in "小老阿":
        return words[1]
    return words[0] if len(words) == 2 and (words[0] == words[1] or words[1] in "哥姐叔姨嫂子") else words


def _name(who: str, taken: dict[str, str], some: Set[str], alike: int) -> None:
    """王某; two of one family name are told apart: 王某, 王某甲, 王某乙, also from who is called 王某 in the text."""
    if len(taken) >= MOST_NAMES:
        taken[who] = SOMEBODY
        return
    family = next((one for one in COMPOUND if who.startswith(one)), who[:1])
    base = f"{family}某" if family in COMMON and len(family) == 1 else SOMEBODY
    others = sum(put.startswith(base) for put in taken.values()) + (family in some and alike > 1)
    taken[who] = base if not others else base + "甲乙丙丁戊己庚辛壬癸"[(others - 1) % 10]


# ------------------------------------------------------------ businesses

_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_LEGAL: Final = re.compile(r"(?:有限)?(?:责任)?公司$|集团$|店$|中心$")


def of_businesses(places: Sequence[tuple[str, int, int]], puts: Sequence[str], known: Iterable[str] = ()) -> list[str]:
    """What is put at each place (text, from, to) where `puts` says what it is: 某公司, and for another one 某甲公司.

    A short name is of the longer one that has its core, if there is but one; so is what a judgment says it calls it.
    """
    words = [re.sub(SEPARATORS, "", view[start:end]) for view, start, end in places]
    meant = {word: put for word, put in zip(words, puts, strict=True) if len(words) and put != _SOME_BUSINESS}
    whose = _joined(dict.fromkeys([*(re.sub(SEPARATORS, "", plain(one)) for one in known), *words]))
    for (view, _, end), (other, start, _), long, short in zip(places, places[1:], words, words[1:], strict=False):
        if view is other and whose[long] != whose[short] and called_short(view, end, start):
            less, more = whose[short], whose[long]
            whose = {word: more if who == less else who for word, who in whose.items()}
    kinds: dict[str, str] = {}
    for word in sorted(meant, key=len, reverse=True):
        kinds.setdefault(whose[word], meant[word])
    taken: dict[str, str] = {}
    for who in dict.fromkeys(whose[word] for word in words):
        taken[who] = told_apart(kinds.get(who, _SOME_BUSINESS), taken.values())
    return [taken[whose[word]] for word in words]


_SOME_BUSINESS: Final = put_for("")


def told_apart(put: str, taken: Iterable[str]) -> str:
    """某公司, 某甲公司, 某乙公司: the first that is not taken."""
    every = {*taken}
    each = (put, *(f"{put[:1]}{stem}{put[1:]}" for stem in _STEMS))
    return next((one for one in each if one not in every), put)


def _joined(words: Iterable[str]) -> dict[str, str]:
    """Of each name the longest that is of the same business."""
    whose: dict[str, str] = {}
    for word in sorted(words, key=len, reverse=True)[:MOST_NAMES]:
        own = _own(word)
        like = {whose[other] for other in whose if any(one in other for one in own)}
        like = like or {whose[other] for other in whose if any(word.startswith(core) for core in _cores(other))}
        whose[word] = like.pop() if len(like) == 1 else word
    return whose


def _cores(word: str) -> list[str]:
    return [core for core in cores(word) if len(core) > 2]


def _own(word: str) -> list[str]:
    """What another name of the same business has in it: 信达 of 信达公司, 大河鱼庄."""
    short = _LEGAL.sub("", word)
    return [one for one in dict.fromkeys((word, short)) if len(one) >= 2 and (one == word or cores(word))]


def business_beside(words: str, put: str, named: Mapping[str, str]) -> str:
    """For a business marked by hand, beside those hidden already."""
    whose = _joined([*named, words])
    same = next((other for other in named if whose[other] == whose[words]), None)
    return named[same] if same is not None else told_apart(put, named.values())


# ------------------------------------------------------------ in English

_PEOPLE: Final = "ABCDEFGHIJKLMNOP"
_BUSINESSES: Final = "XYZWVUTSRQ"
_ADDRESSED: Final = re.compile(r"(?P<title>Mr|Mrs|Ms|Miss|Madam|Dr)\b\.?\s*")
_SAID_AS: Final[Mapping[str, str]] = {"Mr": "Mr.", "Dr": "Dr."} | dict.fromkeys(("Mrs", "Ms", "Miss", "Madam"), "Ms.")
_WORD: Final = re.compile(r"[^\W\d_]+")
NOT_ALONE: Final = frozenset(word_list("people", "english_words_like_names"))
"""Words that are of a name in one place and of none elsewhere, lower case."""


def people_in_english(said: Sequence[str]) -> list[str]:
    """Person A, and Ms. B where the text says so: one letter for each, by whatever they are called, in the order they come.

    A name with fewer words is of the only one that has them all; Mr. Tang is not Lucy Tang, if she is Ms. elsewhere.
    """
    titles = [_SAID_AS[match["title"]] if (match := _ADDRESSED.match(words)) else "" for words in said]
    parts = [frozenset(map(str.lower, _WORD.findall(_ADDRESSED.sub("", words)))) for words in said]
    addressed: dict[frozenset[str], str] = {}
    for part, title in zip(parts, titles, strict=True):
        addressed[part] = addressed.get(part, "") or title
    whose: dict[tuple[frozenset[str], str], frozenset[str]] = {}
    for part, title in dict.fromkeys(zip(parts, titles, strict=True)):
        longer = [one for one in addressed if part < one and (not title or addressed[one] in ("", title))]
        longer = [one for one in longer if not any(one < other for other in longer)]
        longer = [one for one in longer if title and addressed[one] == title] or longer
        whose[part, title] = longer[0] if len(longer) == 1 else part
    called = dict.fromkeys(whose.values(), "")
    for (_, title), who in whose.items():
        called[who] = called[who] or title
    put = {who: f"{called[who] or 'Person'} {_letter(_PEOPLE, at)}" for at, who in enumerate([*called][:MOST_NAMES])}
    return [put.get(whose[one], "Somebody") for one in zip(parts, titles, strict=True)]


def businesses_in_english(said: Sequence[str]) -> list[str]:
    """Gym X, Company Y: a letter for each; a short name is of the only longer one that begins with it."""
    words = [tuple(map(str.lower, _WORD.findall(name))) for name in said]
    whose: dict[tuple[str, ...], tuple[str, ...]] = {}
    for word in sorted(dict.fromkeys(words), key=len, reverse=True)[:MOST_NAMES]:
        longer = {whose[other] for other in whose if other[: len(word)] == word}
        whose[word] = longer.pop() if len(longer) == 1 else word
    trades: dict[tuple[str, ...], str] = {}
    for name, word in zip(said, words, strict=True):
        who = whose.get(word, word)
        trades[who] = trades.get(who, "") or _trade(name)
    put = {
        who: f"{trades[who] or 'Business'} {_letter(_BUSINESSES, at)}" for at, who in enumerate([*trades][:MOST_NAMES])
    }
    return [put.get(whose.get(word, word), "Business") for word in words]


def _trade(name: str) -> str:
    """What it says last that it is: School of Bright Minds English School."""
    said = [(match.end(), trade) for trade, ending in ENGLISH_ENDINGS if (match := ending.search(name))]
    return max(said)[1] if said else ""


ENGLISH_ENDINGS: Final = [
    (trade, re.compile(rf"\b(?:{any_of(endings.split())})(?![A-Za-z])")) for trade, endings in ENGLISH_TRADES.items()
]


def _letter(letters: str, at: int) -> str:
    return letters[at] if at < len(letters) else str(at + 1)


def beside_in_english(words: str, kind: str, named: Mapping[str, str]) -> str:
    """For somebody or a business marked by hand in an English text, beside those hidden already."""
    if words in named:
        return named[words]
    of_people = kind == "name"
    letters = _PEOPLE if of_people else _BUSINESSES
    every = (people_in_english if of_people else businesses_in_english)([words])[0].rsplit(" ", 1)[0]
    taken = {put.rsplit(" ", 1)[-1] for put in named.values()}
    free = (letter for at in range(len(named) + len(letters)) if (letter := _letter(letters, at)) not in taken)
    return f"{every} {next(free)}"


def _again_in_english(view: str, found: Sequence[Found], said: Iterable[tuple[str, str]]) -> Iterator[Found]:
    """Where who and what is hidden elsewhere (words and kind) is called by less: Okafor, Lucy, Star Digital."""
    kinds: dict[str, str] = {}
    for words, kind in list(said)[:MOST_NAMES]:
        whole = _ADDRESSED.sub("", words)
        parts = _WORD.findall(whole) if kind == "name" else [_without_trade(whole)]
        for part in (whole, *parts):
            if len(part) > 2 and part[0].isupper() and part.lower() not in NOT_ALONE:
                kinds.setdefault(part, kind)
    if kinds:
        taken = {at for one in found for at in range(one.start, one.end)}
        for match in re.finditer(rf"(?<!\w)(?:{any_of(map(re.escape, kinds))})(?!\w)", view):
            if taken.isdisjoint(range(*match.span())):
                yield Found(*match.span(), kinds[match[0]], "", 2)


def _without_trade(name: str) -> str:
    """Golden Bull of Golden Bull Fitness Co., Ltd.; all, where one word would be left."""
    short = re.sub(rf"(?:\s(?:{any_of(' '.join(ENGLISH_TRADES.values()).split())}))+$", "", name)
    return short if " " in short else name


# ------------------------------------------------------------ in each text


def with_stand_ins(views: Mapping[str, str], every: Mapping[str, list[Found]], known: Known) -> None:
    """Puts at each person and business of `every` text the stand-in of whoever it is; a text is Chinese or English."""
    english = [name for name, view in views.items() if not chinese(view)]
    said = [(views[name][one.start : one.end], one.kind) for name in english for one in every[name] if one.kind in _WHO]
    for name in english:
        every[name].extend(_again_in_english(views[name], [*every[name]], said))
        every[name].sort(key=lambda one: one.start)
    for kind in _WHO:
        for names in ([name for name in views if name not in english], english):
            which = [(name, at) for name in names for at, one in enumerate(every[name]) if one.kind == kind]
            where = [(views[name], every[name][at].start, every[name][at].end) for name, at in which]
            if names is english:
                words = [view[start:end] for view, start, end in where]
                puts = people_in_english(words) if kind == "name" else businesses_in_english(words)
            elif kind == "name":
                puts = of_people(where, known.people)
            else:
                puts = of_businesses(where, [every[name][at].put for name, at in which], known.organisations)
            for (name, at), put in zip(which, puts, strict=True):
                every[name][at] = replace(every[name][at], put=put)


_WHO: Final = ("name", "organisation")
