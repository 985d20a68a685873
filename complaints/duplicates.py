"""Two complaints that may be one dispute: what is looked up, what speaks for it, how sure that is, and what Order 121
lets an officer consider.

A signal's points are about the logarithm (base 2) of how much likelier what was seen is between two tellings of one
dispute than between two disputes about one business (Fellegi and Sunter 1969). They were set on invented complaints
(`complaints.sample`, seed 1) and some written by hand; `yuntiao bench complaints` measures others of both. A person
decides: nothing is merged by a score.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final

from complaints.events import ComplaintRegistered
from law.orders import chinese_number

BRAND: Final = 2  # characters of a brand others are looked up by
_PLACES: Final = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
    "石家庄", "太原", "沈阳", "长春", "哈尔滨", "南京", "杭州", "合肥", "福州", "南昌", "济南", "郑州", "武汉", "长沙",
    "广州", "海口", "成都", "贵阳", "昆明", "西安", "兰州", "西宁", "南宁", "拉萨", "银川", "乌鲁木齐", "呼和浩特",
    "深圳", "苏州", "青岛", "大连", "厦门", "宁波", "无锡", "佛山", "东莞",
)  # fmt: skip
_FORMS: Final = (
    "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "分公司", "个体工商户", "经营部", "经销部", "营业部",
    "旗舰店", "专卖店", "专营店", "俱乐部", "工作室", "商行", "门店",
)  # fmt: skip
# What a business does, as its registered name says it and people leave it out.
_TRADES: Final = (
    "科技", "网络", "信息", "技术", "商贸", "贸易", "实业", "服务", "管理", "咨询", "发展", "文化", "体育", "教育",
    "餐饮", "酒店", "电子", "商务", "销售", "工程", "设计", "器材",
)  # fmt: skip
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
_DIVISION: Final = re.compile(r"^[㐀-鿿]{1,6}?(?:特别行政区|自治区|自治州|自治县|省|市|区|县|旗)(?=[㐀-鿿]{2})")


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
LONGEST_COMPARED: Final = 600  # characters of an account: up to 300 of them are compared at once
ROUNDED: Final = Decimal("0.15")  # of an amount that rounding changes at most: 1,500 is not 2,000
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

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles(self.text[:LONGEST_COMPARED])

    @cached_property
    def told(self) -> frozenset[str]:
        return particulars_told(self.text[:LONGEST_COMPARED])

    @cached_property
    def for_another(self) -> bool:
        return bool(_FOR_ANOTHER.search(self.text[:LONGEST_COMPARED]))

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
    """`name`: phone, consumer, business, amount, date, text. `found`: what was seen, a word of `FOUND`."""

    name: str
    found: str
    points: float


@dataclass(frozen=True, slots=True)
class Resemblance:
    signals: tuple[Signal, ...]

    @property
    def points(self) -> float:
        return sum(signal.points for signal in self.signals)

    @property
    def likely(self) -> bool:
        return self.points >= LIKELY


FOUND: Final = {
    "phone": {"same": 6.0, "for_another": 1.5, "second": -0.5, "other": -3.0},
    "consumer": {"same": 4.5, "known": 1.0, "titled": 1.0, "surname": -1.5, "other": -3.0, "unsaid": -1.0},
    "business": {
        "code": 5.0, "name": 4.5, "short": 3.5, "alike": 1.5, "begins": 0.0, "other_code": -6.0, "other": -5.0,
    },
    "amount": {"same": 2.5, "rounded": 2.0, "near": 0.5, "other": -3.0},
    "date": {"days": 1.0, "weeks": 0.0, "months": -3.0},
    "text": {
        "very": 3.0, "rather": 2.5, "much": 2.5, "some": 1.5, "little": 0.0, "again": 0.0, "hardly": -2.5,
        "nothing": -6.0, "exchanged": -6.0,
    },
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
    )


def resemblance(one: Particulars, other: Particulars) -> Resemblance:
    return Resemblance((*_apart_from_text(one, other), *_signals((("text", _text(one, other)),))))


def _apart_from_text(one: Particulars, other: Particulars) -> tuple[Signal, ...]:
    return _signals(
        (
            ("phone", _phone(one, other)),
            ("consumer", _consumer(one, other)),
            ("business", _business(one, other)),
            ("amount", _amount(one.amount, other.amount)),
            ("date", _date(one.received, other.received)),
        )
    )


def _signals(seen: Sequence[tuple[str, str]]) -> tuple[Signal, ...]:
    return tuple(Signal(name, found, FOUND[name][found]) for name, found in seen if found)


def may_be_likely(one: Particulars, other: Particulars) -> bool:
    """Whether any text could make it likely: comparing texts costs most."""
    return sum(signal.points for signal in _apart_from_text(one, other)) + FOUND["text"]["very"] >= LIKELY


def likely(new: Particulars, others: Sequence[tuple[str, Particulars]]) -> list[tuple[str, Resemblance]]:
    """Of these candidates, by id, the likely ones, likeliest first."""
    found = [(id_, resemblance(new, other)) for id_, other in others if may_be_likely(new, other)]
    return sorted((pair for pair in found if pair[1].likely), key=lambda pair: -pair[1].points)


def _phone(one: Particulars, other: Particulars) -> str:
    if not one.phone_key or not other.phone_key:
        return ""
    if one.phone_key == other.phone_key:
        return "same"
    if _full(one.consumer) and one.consumer == other.consumer:
        return "second"
    return "for_another" if one.for_another or other.for_another else "other"


def _consumer(one: Particulars, other: Particulars) -> str:
    """ "known": the phone has told it already; a person's second dispute has both, too."""
    name, theirs = one.consumer, other.consumer
    if not name or not theirs:
        return "" if _phone(one, other) else "unsaid"
    if name == theirs and _full(name):
        return "known" if _phone(one, other) == "same" else "same"
    if name.isascii() or theirs.isascii():
        return "other" if set(name.lower().split()).isdisjoint(theirs.lower().split()) else "surname"
    if {name[1:], theirs[1:]} in ({"先生", "女士"}, {"先生", "小姐"}):
        return "other"
    if name[0] != theirs[0]:
        return "other"
    return "surname" if _full(name) and _full(theirs) else "titled"


_TITLES: Final = ("先生", "女士", "小姐", "同学", "师傅", "老师", "阿姨", "大爷", "某", "某某")


def _full(name: str) -> bool:
    return bool(name) and not name.endswith(_TITLES)


def _business(one: Particulars, other: Particulars) -> str:
    if one.code_key and other.code_key:
        return "code" if one.code_key == other.code_key else "other_code"
    if not one.core or not other.core:
        return ""
    if one.core == other.core:
        return "name"
    short, long = sorted((one.brand, other.brand), key=len)
    if len(short) >= 2 and long.startswith(short[:2]) and _within(short, long):
        return "short"
    first = 0
    while first < len(short) and short[first] == long[first]:
        first += 1
    if first < 2:
        return "alike" if any(short[at : at + 3] in long for at in range(len(short) - 2)) else "other"
    return "alike" if first >= len(short) / 2 else "begins"


def _within(short: str, long: str) -> bool:
    """Whether a name is the other with characters left out: 安馨护理院 is 安馨养老护理院."""
    left = iter(long)
    return all(char in left for char in short)


def _amount(one: Decimal | None, other: Decimal | None) -> str:
    if one is None or other is None:
        return ""
    if one == other:
        return "same"
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
    return "days" if days <= 14 else "weeks" if days <= 45 else "months"


def _text(one: Particulars, other: Particulars) -> str:
    if not one.shingles or not other.shingles:
        return ""
    alike = likeness(one.shingles, other.shingles)
    if alike >= 0.45:
        return "exchanged" if _exchanged(one, other) else "very"
    named = shingles(one.business) | shingles(other.business)
    mine, theirs = one.told - named, other.told - named
    shared, fewer = len(mine & theirs), min(len(mine), len(theirs))
    if alike >= 0.25 and shared >= SOME * fewer:
        return "rather"
    if shared >= 3 and shared >= MUCH * fewer:
        return "much"
    if shared >= 2 and shared >= SOME * fewer:  # as a hotline's note of a long account
        return "some"
    if shared >= 2 or (shared and shared >= SOME * fewer):
        return "little"
    claimed = _amount(one.amount, other.amount)
    later = max(one, other, key=lambda told: told.received)
    if claimed != "other" and _AGAIN.search(later.text[:LONGEST_COMPARED]):
        return "again"
    return "hardly" if claimed in ("same", "rounded") else "nothing"


def _exchanged(one: Particulars, other: Particulars) -> bool:
    """Whether one person's two texts are one form in which another thing was put: 饼干 for 果汁."""
    if _phone(one, other) != "same" or _amount(one.amount, other.amount) in ("same", "rounded"):
        return False
    mine, theirs = ("".join(_SAID.findall(each.text[:LONGEST_COMPARED])) for each in (one, other))
    first = next((at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
    if first < ROUND:
        return False
    mine, theirs = mine[first:], theirs[first:]
    for a, b in itertools.product(range(1, EXCHANGED), repeat=2):
        if len(mine) >= a + ROUND and mine[a : a + ROUND] == theirs[b : b + ROUND]:
            left, right = mine[:a], theirs[:b]
            return set(left).isdisjoint(right) and bool(particulars_told(left) and particulars_told(right))
    return False


ROUND, EXCHANGED = 4, 13  # characters that stay on either side; that are exchanged
MUCH, SOME = 0.3, 0.15  # of what is particular about the shorter text
_AGAIN: Final = re.compile(
    r"上次|[前昨]天(?:投诉|反映|打)|上周(?:投诉|反映)|之前(?:投诉|反映)|已经(?:投诉|反映)|次(?:投诉|反映)|写过|补充|催办|刚刚报|还没人|没人管|没下文|"
    r"没给说法|转过去|同一件事|再说明|没有?回复|没有?回音|无果|wrote on|[Ff]ollow(?:ing)?[ -]up|[Nn]o (?:reply|answer)"
)
_FOR_ANOTHER: Final = re.compile(
    "我[爸妈哥姐弟妹]|爸爸|妈妈|父亲|母亲|爷爷|奶奶|外[公婆]|老伴|媳妇|丈夫|妻子|老[公婆]|儿子|女儿|岳[父母]|代(?:为)?投诉|替.{1,6}投诉|受.{1,6}委托|"
    "my (?:mother|father|mum|dad|wife|husband|son|daughter|parents)"
)


# ------------------------------------------------------------ likeness of texts


SHINGLE: Final = 2
_SAID: Final = re.compile(r"[^\W0-9_]+")


def shingles(text: str) -> frozenset[str]:
    """Every two neighbouring characters of words; figures and signs are left out, amounts and days are signals of their
    own."""
    found = set[str]()
    for run in _SAID.findall(text):
        found.update(run[at : at + SHINGLE] for at in range(len(run) - SHINGLE + 1))
    return frozenset(found)


# Of two characters: in more than one of a hundred complaints written by hand, or a channel's own words.
_EVERYWHERE: Final = frozenset(
    re.findall(
        "..",
        "出来时候孩子公司自己电话道歉合同下来回来赔偿门口店里小时老板多收平台客服里面什么第二服务网上免费半年老师厂家以后师傅广告医院会员"
        "进去定金打电上写差价老人没人剩下押金商家天天照片已经重新分钟东西视频别人发现系统检测回去市民知道来电电人反映热线投诉消费费者购买"
        "拒绝处理解决希望联系店家请求查处责令举报奖励给予销售予举报奖一赔赔十十并局长市长信箱群众诉求工单转办用户网民留言店员今天昨天前天昨晚现在当时当天后来结果突然一直如果"
        "因为所以可是但是然后到现怎么凭什为什可以肯定根本不是不了不管不让不能不肯不到不好不同不换不认不会不知不来不要不用不予不接",
    )
)
_ANYWHERE: Final = frozenset("的了一是在有我他她你们就都说要求给个这那退钱没还")
_NUMERALS: Final = frozenset("零〇一二两三四五六七八九十百千万块元点多")
_WORDS: Final = re.compile(
    r"\b(?!(?:about|after|again|also|answer|asked|back|been|before|bought|customer|days|from|have|into|just|mails?|manager|money|more|"
    r"nobody|only|other|paid|please|price|refund|refuses?d?|reply|returned|said|same|says|service|shop|staff|still|that|their|them|then|"
    r"there|they|this|time|told|until|very|want|weeks?|were|what|when|which|while|will|with|would|your)\b)[a-z]{4,}"
)
_COUNTED: Final = re.compile(
    r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3})(节|课时|次|桌|斤|克|公里|天|年|个月|件|箱|平米)"
)
_DIGITS: Final = {chinese_number(n): n for n in range(1, 100)} | {"两": 2}


def particulars_told(text: str) -> frozenset[str]:
    """What few other texts have: two neighbouring characters of things and doings, and what was counted."""
    found = {two for two in shingles(text) if not two.isascii() and _ANYWHERE.isdisjoint(two)}
    found = {two for two in found if two not in _EVERYWHERE and not _NUMERALS.issuperset(two)}
    found.update(_WORDS.findall(text.lower()))
    for many, unit in _COUNTED.findall(text):
        number = int(many) if many.isascii() else _DIGITS.get(many, 0)
        if number > 3:  # of fewer many speak
            found.add(f"{number}{unit}")
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of neighbouring characters two texts have in common (Jaccard), 0 to 1; 0 when either says nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


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
