"""Two complaints that may be one dispute: what is looked up, what speaks for it, how sure that is, and what Order 121
lets an officer consider; what many people tell alike.

A signal's points are about the logarithm (base 2) of how much likelier what was seen is between two tellings of one
dispute than between two disputes about one business (Fellegi and Sunter 1969). They were set by hand, then drawn by
regression towards accounts written by hand and invented complaints (`complaints.sample`, seed 1); `yuntiao bench
complaints` measures others of both. A person decides: nothing is merged by a score.

Longer than other modules: a signal is read beside the others.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from complaints.events import ComplaintRegistered
from complaints.likeness import (
    LONGEST_COMPARED,
    Told,
    anew,
    crowd,
    days,
    exchanged,
    for_another,
    groups,
    homes,
    last_four,
    likeness,
    numbers,
    read,
    said,
    shingles,
    sums,
)
from complaints.triage import problem_shares

BRAND: Final = 2  # characters of a brand others are looked up by
_NAMES: Final = {kind: tuple(words.split()) for kind, words in groups()["names"].items()}
_PLACES, _FORMS, _TRADES = (_NAMES[kind] for kind in ("places", "forms", "trades"))
# In their order, by the two characters they begin or end with.
_BY_BEGINNING: Final = {two: [place for place in _PLACES if place[:2] == two] for two in {one[:2] for one in _PLACES}}
_BY_END: Final = {two: [form for form in _FORMS if form[-2:] == two] for two in {one[-2:] for one in _FORMS}}
_SHORT_TRADES: Final = {
    "驾驶员培训学校": "驾校", "驾驶培训学校": "驾校", "驾驶员培训": "驾校", "驾驶培训": "驾校", "汽车维修": "汽修",
    "不动产经纪": "房产中介", "房地产经纪": "房产中介", "房产经纪": "房产中介", "医疗美容": "医美", "口腔门诊": "口腔",
}  # fmt: skip
_SHOPS: Final = "店行馆部坊铺庄"
_LONG_TRADES: Final = re.compile("驾驶员?培训(?:学校)?|汽车维修|(?:不动产|房地产|房产)经纪|医疗美容|口腔门诊")
_BRACKETS: Final = re.compile(r"[（(【\[].{0,60}?[）)】\]]")
_NOISE: Final = re.compile(r"[\W_]+")
_DIVISION: Final = re.compile(
    r"^[㐀-鿿]{1,6}?(?:特别行政区|自治区|自治州|自治县|省|(?<![超城门股夜])市|(?<![小社园校景院])区|县|旗(?!舰))(?=[㐀-鿿]{2})"
)


@lru_cache(maxsize=4096)
def core(name: str) -> str:
    """A business's name without its place, legal form and bracketed additions; "" when nothing is left.

    武汉市洪山区悦动健身服务有限公司 → 悦动健身服务; 悦动健身（光谷店） → 悦动健身.
    """
    left = name.lower() if name.isalnum() else _NOISE.sub("", _BRACKETS.sub("", name)).lower()
    for _ in range(3):  # province, city, district
        places = _BY_BEGINNING.get(left[:2], ())
        place = next((place for place in places if left.startswith(place) and len(left) > len(place) + 1), "")
        left = left[len(place) :].lstrip("省市" if len(left) > len(place) + 2 else "")
        if place:
            continue
        division = _DIVISION.match(left)
        left = left[division.end() :] if division else left
    forms = _BY_END.get(left[-2:], ())
    form = next((form for form in forms if left.endswith(form) and len(left) > len(form) + 1), "")
    return left[: len(left) - len(form)] if form else left


@lru_cache(maxsize=4096)
def brand(name: str) -> str:
    """The core without what the business does, at the end of its name."""
    left = core(name)
    shorter = True
    while shorter:
        shorter = False
        for trade in _TRADES:
            if left.endswith(trade) and len(left) > len(trade) + 1:
                left, shorter = left[: -len(trade)], True
    return left


def brand_key(name: str) -> str:
    """ "" for a name too short to look anything up by."""
    found = core(name)[:BRAND]
    return found if len(found) == BRAND else ""


def phone_mark(record: ComplaintRegistered) -> int | None:
    """Of the consumer's phone; the digest is keyed, so its mark names nobody either."""
    return _mark(record.consumer.phone_key)


def code_mark(record: ComplaintRegistered) -> int | None:
    return _mark(record.business.code_key)


def _mark(digest: str) -> int | None:
    """Fits a signed 64-bit column; two of a million differ with near certainty, and the score compares whole keys."""
    return int(digest[:15], 16) if digest else None


LIKELY: Final = 7.0  # points from which a pair is suggested
ROUNDED: Final = Decimal("0.15")  # of an amount that rounding changes at most: 1,500 is not 2,000
EXACT: Final = 3  # digits before noughts of an amount that hardly anybody else claims: 2,380, and not 2,000
NAMED: Final = 30  # an amount below it stands in many a text
DAYS: Final = 90  # between two receipts; beyond it nobody tells the same dispute anew


@dataclass(frozen=True)
class Particulars:
    """What of a complaint is compared. Keys are keyed digests: they tell the same from another and nothing else."""

    phone_key: str
    consumer: str
    code_key: str
    business: str
    amount: Decimal | None
    received: datetime
    text: str
    tail: str = ""  # the last four digits of the phone

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles(self.text[:LONGEST_COMPARED])

    @cached_property
    def told(self) -> Told:
        return read(self.text)

    @cached_property
    def named(self) -> Told:
        """What its business's name tells already."""
        return read(self.business)

    @cached_property
    def problems(self) -> NDArray[Any]:
        """How likely each kind of problem is."""
        return problem_shares(self.text[:LONGEST_COMPARED])

    @cached_property
    def numbers(self) -> frozenset[str]:
        return numbers(self.text)

    @cached_property
    def homes(self) -> frozenset[tuple[str, ...]]:
        return homes(self.text)

    @cached_property
    def days(self) -> frozenset[tuple[int, int]]:
        return days(self.text)

    @cached_property
    def said(self) -> str:
        return said(self.text)

    @cached_property
    def anew(self) -> bool:
        return anew(self.text)

    @cached_property
    def last_four(self) -> str:
        return self.tail or last_four(f"{self.consumer} {self.text}")

    @cached_property
    def name(self) -> str:
        """As it stands before brackets: 王女士（尾号5076）."""
        return _BRACKETS.sub("", self.consumer).strip()

    @cached_property
    def for_another(self) -> bool:
        return for_another(self.text)

    @cached_property
    def core(self) -> str:
        return core(self.business)

    @cached_property
    def brand(self) -> str:
        """Its trade by the word most say."""
        short = _LONG_TRADES.sub(lambda found: _SHORT_TRADES[found[0]], brand(self.business))
        return short[:-1] if len(short) > 3 and short[-1] in _SHOPS else short


@dataclass(frozen=True, slots=True)
class Signal:
    """`name`: of `FOUND`; `found`: what was seen, a word of it."""

    name: str
    found: str
    points: float


_TIES: Final = {
    "phone": ("same", "last_four", "second", "for_another"), "consumer": ("same", "known"), "number": ("same",),
    "home": ("same",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resemblance:
    signals: tuple[Signal, ...]

    @property
    def points(self) -> float:
        return sum(signal.points for signal in self.signals)

    @property
    def likely(self) -> bool:
        return self.points >= LIKELY

    @property
    def tied(self) -> bool:
        """By more than wording, sums and a surname."""
        return any(signal.found in _TIES.get(signal.name, ()) for signal in self.signals)


FOUND: Final = {
    "phone": {
        "same": 3.5, "last_four": 4.0, "for_another": 2.0, "second": 0.0, "other": -4.5, "other_last_four": -4.0,
    },
    "consumer": {"same": 5.0, "known": 0.0, "titled": 2.0, "surname": -1.5, "other": -4.5, "unsaid": 0.5},
    "business": {
        "code": 4.5, "name": 2.0, "short": 3.0, "alike": 3.0, "begins": 0.5, "branch": -1.5, "other_code": -6.0,
        "other": -8.0,
    },
    "amount": {"exact": 4.0, "same": 3.5, "rounded": 2.0, "told": 0.0, "near": 0.0, "other": -5.0},
    "date": {"soon": 1.5, "days": 1.0, "weeks": 0.0, "months": -3.0},
    "number": {"same": 5.0, "other": -5.5},
    "home": {"same": 3.0, "other": -6.5},
    "day": {"same": 2.0, "other": -1.5},
    "text": {
        "very": 3.5, "much": 3.5, "some": 3.5, "little": 1.5, "hardly": 0.5, "nothing": -2.0, "exchanged": -6.0,
    },
    "thing": {"other": -3.5},
    "event": {"other": -2.5},
    "problem": {"same": 2.0, "other": -1.5},
    "count": {"other": -2.0},
    "crowd": {"all": -4.0},
    "said": {"again": 2.5, "further": 3.0, "anew": -3.0, "second": -4.0},
}  # fmt: skip


def particulars(record: ComplaintRegistered) -> Particulars:
    return Particulars(
        record.consumer.phone_key,
        record.consumer.name,
        record.business.code_key,
        record.business.title,
        record.amount,
        record.received,
        f"{record.title} {record.facts}",
        record.consumer.phone_masked[-4:],
    )


def resemblance(one: Particulars, other: Particulars) -> Resemblance:
    return Resemblance((*_apart_from_text(one, other), *_signals(tuple(_told(one, other)))))


def _apart_from_text(one: Particulars, other: Particulars) -> tuple[Signal, ...]:
    return _signals(
        (
            ("phone", _phone(one, other)),
            ("consumer", _consumer(one, other)),
            ("business", _business(one, other)),
            ("amount", _claimed(one, other)),
            ("date", _date(one.received, other.received)),
            ("number", _among(one.numbers, other.numbers)),
            ("home", _home(one, other)),
            ("day", _among(one.days, other.days)),
        )
    )


def _among(mine: frozenset[Any], theirs: frozenset[Any]) -> str:
    return "" if not mine or not theirs else "same" if mine & theirs else "other"


def _home(one: Particulars, other: Particulars) -> str:
    """A building without a door may be that of the door."""
    pairs = list(itertools.product(one.homes, other.homes))
    if not pairs:
        return ""
    if any(a == b and len(a) > 1 for a, b in pairs):
        return "same"
    return "" if any(a[: len(b)] == b[: len(a)] for a, b in pairs) else "other"


def _signals(seen: Sequence[tuple[str, str]]) -> tuple[Signal, ...]:
    return tuple(Signal(name, found, FOUND[name][found]) for name, found in seen if found)


def may_be_likely(one: Particulars, other: Particulars) -> bool:
    """Whether any text could make it likely: comparing texts costs most. That one goes on from the other says something
    of who may be one person only."""
    seen = _apart_from_text(one, other)
    one_person = any(signal.found in _MAY_BE_ONE.get(signal.name, ()) for signal in seen)
    return sum(signal.points for signal in seen) + (_MOST_BY_TEXT if one_person else _MOST_BY_WORDS) >= LIKELY


def likely(new: Particulars, others: Sequence[tuple[str, Particulars]]) -> list[tuple[str, Resemblance]]:
    """Of these candidates, by id, the likely ones, likeliest first. What only its wording ties to one of them ties it
    to nobody when another person tells the same: one may be of either."""
    found = [(id_, other, resemblance(new, other)) for id_, other in others if may_be_likely(new, other)]
    found = [one for one in found if one[2].likely]
    loose = [other for _, other, said in found if not said.tied]
    kept = [
        (id_, said)
        for id_, other, said in found
        if said.tied
        or (
            not any(apart(other, rival) for rival in loose)
            and not any(
                apart(new, rival) and may_be_likely(other, rival) and resemblance(other, rival).likely
                for _, rival in others
                if rival is not other
            )
        )
    ]
    return sorted(kept, key=lambda pair: -pair[1].points)


def apart(one: Particulars, other: Particulars) -> bool:
    """Two people, by their numbers or names."""
    if _phone(one, other) in ("same", "last_four", "second"):
        return False
    if (one.phone_key and other.phone_key) or _phone(one, other) == "other_last_four":
        return not (one.name == other.name and _full(one.name))
    return _consumer(one, other) in ("other", "surname")


_MAY_BE_ONE: Final = {"phone": ("same", "last_four"), "consumer": ("same", "known", "titled", "surname")}
_MOST_BY_WORDS: Final = max(FOUND["text"].values())
_MOST_BY_TEXT: Final = _MOST_BY_WORDS + max(FOUND["said"].values())


def _phone(one: Particulars, other: Particulars) -> str:
    if not one.phone_key or not other.phone_key:
        if not one.last_four or not other.last_four:
            return ""
        return "last_four" if one.last_four == other.last_four else "other_last_four"
    if one.phone_key == other.phone_key:
        return "same"
    if _full(one.name) and one.name == other.name:
        return "second"
    return "for_another" if one.for_another or other.for_another else "other"


def _consumer(one: Particulars, other: Particulars) -> str:
    """ "known": the phone has told it already; a person's second dispute has both, too."""
    name, theirs = one.name, other.name
    if not name or not theirs:
        return "" if _phone(one, other) else "unsaid"
    if name == theirs and _full(name):
        return "known" if _phone(one, other) == "same" else "same"
    if name.isascii() or theirs.isascii():
        return _english(name, theirs)
    if {name[1:], theirs[1:]} in ({"先生", "女士"}, {"先生", "小姐"}):
        return "other"
    if name[0] != theirs[0]:
        return "other"
    if _full(name) and _full(theirs):
        return "surname"
    return "known" if _phone(one, other) == "same" else "titled"


def _english(name: str, other: str) -> str:
    """Mr Chen, T. Chen and Tom Chen may be one, Tom and Amy Chen are two."""
    mine, theirs = (
        set(re.split(r"[ .,]+", one.lower())) - {"", "mr", "mrs", "ms", "miss", "dr"} for one in (name, other)
    )
    if mine.isdisjoint(theirs):
        return "other"
    rest, others = mine - theirs, theirs - mine
    initials = not rest or not others or {one[0] for one in rest} == {one[0] for one in others}
    short = not rest or not others or 1 in {len(one) for one in rest | others}
    return "titled" if initials and short else "surname"


_TITLES: Final = ("先生", "女士", "小姐", "同学", "师傅", "老师", "阿姨", "大爷", "大妈", "某", "*", "＊", "×", "○")


def _full(name: str) -> bool:
    return bool(name) and not name.endswith(_TITLES)


def _business(one: Particulars, other: Particulars) -> str:
    if one.code_key and other.code_key:
        return "code" if one.code_key == other.code_key else "other_code"
    if not one.core or not other.core:
        return ""
    if one.core == other.core:
        return "name"
    if _branch(one.business, other.business):
        return "branch"
    short, long = sorted((one.brand, other.brand), key=len)
    if len(short) >= 2 and long.startswith(short[:2]) and _within(short, long):
        return "short"
    first = 0
    while first < len(short) and short[first] == long[first]:
        first += 1
    if first < 2:
        return "alike" if any(short[at : at + 3] in long for at in range(len(short) - 2)) else "other"
    return "alike" if first > len(short) / 2 or set(short[first:]) & set(long[first:]) else "begins"


def _branch(one: str, other: str) -> bool:
    """Two shops of one name: 老盛昌汤包王家墩店, 老盛昌汤包（徐东店）."""
    mine, theirs = (_SHOP.search(name.replace(")", "").replace("）", "")) for name in (one, other))
    return bool(mine and theirs and mine[1] != theirs[1] and not {mine[1], theirs[1]} & set(_FORMS))


_SHOP: Final = re.compile("([㐀-鿿]{2}(?:店|校区|分校|分店|分院))$")


def _within(short: str, long: str) -> bool:
    """Whether a name is the other with characters left out: 安馨护理院 is 安馨养老护理院."""
    left = iter(long)
    return all(char in left for char in short)


def _claimed(one: Particulars, other: Particulars) -> str:
    """ "told": what one claims the other's account names, beside another claim or none."""
    found = _amount(one.amount, other.amount)
    if found in ("", "other"):
        for claims, tells in ((one, other), (other, one)):
            if claims.amount and claims.amount >= NAMED and float(claims.amount) in sums(tells.text):
                return "told"
    return found


def _amount(one: Decimal | None, other: Decimal | None) -> str:
    if one is None or other is None:
        return ""
    if one == other:
        return "exact" if len(one.normalize().as_tuple().digits) >= EXACT else "same"
    apart, larger = abs(one - other), max(one, other)
    if apart <= larger * ROUNDED and any(
        _round(one, step) == other or _round(other, step) == one for step in (10, 100, 1000) if larger >= 2 * step
    ):
        return "rounded"
    return "near" if apart <= larger / 10 else "other"


def _round(amount: Decimal, step: int) -> Decimal:
    return (amount / step).to_integral_value() * step


def _date(one: datetime, other: datetime) -> str:
    days = abs((one - other).total_seconds()) / 86_400
    return "soon" if days <= 3 else "days" if days <= 14 else "weeks" if days <= 45 else "months"


def _told(one: Particulars, other: Particulars) -> Iterator[tuple[str, str]]:
    """What the accounts say, the names of their businesses apart."""
    mine, theirs = (each.told - one.named - other.named for each in (one, other))
    both = mine & theirs
    two = bool(mine.things and theirs.things and not both.things)
    newer = max(one, other, key=lambda told: told.received)
    later = newer.said
    alike = likeness(one.shingles, other.shingles)
    found = _text(both.weight, both.weight / max(min(mine.weight, theirs.weight), 1), alike)
    claimed = _amount(one.amount, other.amount) in ("exact", "same", "rounded")
    if found == "very" and _phone(one, other) == "same":
        found = "exchanged" if two or (not claimed and exchanged(one.text, other.text)) else found
    yield "text", found if one.shingles and other.shingles else ""
    if found not in ("very", "exchanged"):
        yield "thing", "other" if two else ""
        another = mine.doings and theirs.doings and not both.doings
        yield "event", "other" if another and later != "again" else ""  # who asks again tells what has become of it
    person = _phone(one, other) == "same" or _consumer(one, other) == "same"
    if found in ("little", "hardly", "nothing") and (person or (claimed and _consumer(one, other) == "titled")):
        yield "problem", _problem(one, other)
    if person and not later and found in ("hardly", "nothing") and newer.anew:
        later = "anew"
    if _phone(one, other) not in ("same", "last_four") and _consumer(one, other) in ("titled", "unsaid", ""):
        yield "count", _counted(mine, theirs)
        by_all = (
            (both.doings and both.doings <= crowd()) or _SHARED.search(one.business) or _SHARED.search(other.business)
        )
        tied = one.numbers & other.numbers or both.counts or _home(one, other) == "same"
        yield "crowd", "all" if both.weight and by_all and not tied else ""
    known = _phone(one, other) in ("same", "last_four") or _consumer(one, other) == "same"
    yield "said", later if known or (later != "further" and _consumer(one, other) in ("titled", "surname")) else ""


def _text(shared: int, share: float, alike: float) -> str:
    """`shared`: by weight; `share`: of what the shorter tells."""
    if alike >= 0.45:
        return "very"
    if (shared >= 6 and share >= 0.4) or (alike >= 0.25 and shared >= 3):
        return "much"
    if shared >= 4 and share >= 0.3:
        return "some"
    if shared >= 3 or (shared >= 2 and share >= 0.3):
        return "little"
    return "hardly" if shared >= 2 or share >= 0.15 else "nothing"


def _problem(one: Particulars, other: Particulars) -> str:
    """By the model that triage asks; it is asked of one person's complaints only, and
    of notes of a like sum, as it takes longest."""
    alike = float(np.sqrt(one.problems * other.problems).sum())  # Bhattacharyya's coefficient
    return "same" if alike >= 0.75 else "other" if alike < 0.35 else ""


_SHARED: Final = re.compile(
    "物业|小区|供水|供电|供热|热力|燃气|停车|公交|置业|地产|学校|中学|小学|食堂"
)  # serves many at once


def _counted(mine: Told, theirs: Told) -> str:
    """Lessons left to one and to another."""
    units = {re.sub("[0-9]+", "", one) for one in mine.counts} & {re.sub("[0-9]+", "", one) for one in theirs.counts}
    return "other" if units and mine.counts.isdisjoint(theirs.counts) else ""


# ------------------------------------------------------------ many people, one matter


LOOKED_AT: Final = 100  # of the nearest
TOLD_ALIKE: Final = ("very", "much", "some", "little")


def by_others(new: Particulars, others: Sequence[FiledComplaint]) -> list[FiledComplaint]:
    """Of them, nearest first, those in which other people, or nobody who is named, tell the same of this business. They
    are as many disputes."""
    near = sorted(others, key=lambda one: abs(one.of.received - new.received))[:LOOKED_AT]
    return [one for one in near if _by_others(new, one.of)]


def _by_others(one: Particulars, other: Particulars) -> bool:
    if (
        _business(one, other) not in ("code", "name", "short", "alike")
        or _date(one.received, other.received) == "months"
    ):
        return False
    seen = resemblance(one, other)
    told = {signal.name: signal.found for signal in seen.signals}
    return told.get("text") in TOLD_ALIKE and told.keys().isdisjoint(("thing", "event")) and not seen.tied


# ------------------------------------------------------------ hints of Order 121


BEGUN: Final = frozenset({"accepted", "mediating", "settled", "performing", "ended", "refused", "closed"})
MANY: Final = 3  # complaints of one person about one business
ALL_AT_ONCE: Final = 10  # people about one business
PEOPLE: Final = 3  # names behind one number
LONG: Final = timedelta(days=90)
SHORT: Final = timedelta(days=7)
LARGE: Final = 20  # pieces of one purchase: more than most households need before they spoil
FIRMS: Final = 5  # businesses that one person complains of
_PIECES: Final = re.compile(r"([0-9]{1,6})\s?(?:件|个|只|盒|瓶|箱|包|袋|支|台|套|份|桶|罐|条|提|打|双)?")


@dataclass(frozen=True, slots=True)
class FiledComplaint:
    """A complaint on file beside the one that is looked at."""

    id: str
    number: str
    state: str
    problem: str
    of: Particulars


@dataclass(frozen=True, slots=True)
class RepeatHint:
    """`rule`: "16.2", "17.1", "17.2", "17.2b" (several people), "17.4", "17.5" (many businesses); `evidence`: the
    complaints it rests on."""

    rule: str
    count: int
    evidence: tuple[FiledComplaint, ...]


def hints(new: Particulars, problem: str, others: Sequence[FiledComplaint], quantity: str = "") -> list[RepeatHint]:
    """What Order 121 lets an officer consider (Art 16 item 2, Art 17), in the order of the articles. Never decisions.

    They count what is on file and say where; whether it means anything a person decides. A shop that shuts leaves many
    people with the same complaint, and they are all right. `quantity`: as it is on file.
    """
    found = []
    begun = [one for one in others if one.state in BEGUN and resemblance(new, one.of).likely]
    if begun:
        found.append(RepeatHint("16.2", len(begun), tuple(begun)))
    if (many := pieces(quantity)) >= LARGE:
        found.append(RepeatHint("17.1", many, ()))
    theirs = [one for one in others if new.phone_key and one.of.phone_key == new.phone_key]
    same = [one for one in theirs if same_business(new, one.of) and abs(one.of.received - new.received) <= LONG]
    if len(same) + 1 >= MANY:
        found.append(RepeatHint("17.2", len(same) + 1, tuple(same)))
    at_once = [
        one
        for one in others
        if one.problem == problem
        and one.of.phone_key != new.phone_key
        and same_business(new, one.of)
        and abs(one.of.received - new.received) <= SHORT
    ]
    if len({one.of.phone_key for one in at_once}) + 1 >= ALL_AT_ONCE:
        found.append(RepeatHint("17.2b", len(at_once) + 1, tuple(at_once)))
    names = {one.of.consumer for one in theirs} | {new.consumer}
    if len(names) >= PEOPLE:
        found.append(RepeatHint("17.4", len(names), tuple(theirs)))
    others_of = [one for one in theirs if abs(one.of.received - new.received) <= LONG]
    firms = {one.of.code_key or one.of.core for one in others_of} | {new.code_key or new.core}
    if len(firms - {""}) >= FIRMS:
        found.append(RepeatHint("17.5", len(firms - {""}), tuple(others_of)))
    return found


def pieces(quantity: str) -> int:
    """Of a quantity that counts pieces; 0 of a weight, a length or what is no number."""
    found = _PIECES.fullmatch(unicodedata.normalize("NFKC", quantity).strip())
    return int(found[1]) if found else 0


def same_business(one: Particulars, other: Particulars) -> bool:
    """By the credit code where both have one, else by the core of the name."""
    if one.code_key and other.code_key:
        return one.code_key == other.code_key
    return bool(one.core) and one.core == other.core
