"""What a month tells: new terms, classes whose rate changed for good, and what the season brings next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight import RESPONDENT, TRADE, WORD, Counts
from complaints.insight.examination import Examination
from complaints.insight.spots import NewTerm, SeasonNote, ShiftedClass
from law import dictionary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTH: Final = 28
LEAST: Final = 5  # complaints with it, or it is not told
RARE: Final = 0.15  # of the month's rate: what was rarer than that in the year before is new
MOST: Final = 8  # of a kind
TREND_WEEKS: Final = 156
LATELY: Final = 26  # weeks in which a change is news
NEXT: Final = 30  # days ahead
TIMES: Final = 1.25
LEAST_EXPECTED: Final = 10.0


def new_terms(counts: Counts, last: int) -> list[NewTerm]:
    """The most of the month that the year before hardly had; of words that lie in one another the longer, when it is
    said as often."""
    month, before = counts.within(last - MONTH + 1, last), counts.within(0, last - MONTH)
    days = max(last - MONTH + 1, 1)
    rare = before * MONTH <= RARE * month * days
    which = np.nonzero((month >= LEAST) & rare)[0] if days >= MONTH else np.zeros(0, np.int64)
    order = which[np.lexsort((before[which], -month[which]))]
    found: list[NewTerm] = []
    for n in order:
        one = NewTerm(counts.kind, counts.keys[int(n)], int(month[n]), int(before[n]))
        if counts.kind == WORD:
            inside = [at for at, other in enumerate(found) if one.key in other.key or other.key in one.key]
            if inside and any(len(found[at].key) >= len(one.key) or one.seen < 0.8 * found[at].seen for at in inside):
                continue
            found = [other for at, other in enumerate(found) if at not in inside]
        found.append(one)
        if len(found) >= 3 * MOST:
            break
    if counts.kind == WORD:  # a turn of speech says more than a word of the dictionary
        found.sort(key=lambda one: (-one.seen * (1.5 if phrase(one.key) else 1.0), one.key))
    return found[:MOST]


def news(examined: Examination) -> tuple[NewTerm, ...]:
    return tuple(
        one for kind in (WORD, RESPONDENT, TRADE) for one in new_terms(examined.counts(kind), examined.table.last)
    )


def shifted_classes(kind: str, keys: Sequence[str], totals: Floats, exposure: Floats, day: date) -> list[ShiftedClass]:
    """`totals`, `exposure`: classes × days, both of which end with `day`."""
    weeks = min(totals.shape[1] // 7, TREND_WEEKS)
    if weeks < 8:
        return []
    found = []
    for key, seen, borne in zip(keys, totals, exposure, strict=True):
        y = seen[len(seen) - 7 * weeks :].reshape(weeks, 7).sum(axis=1)
        e = borne[len(borne) - 7 * weeks :].reshape(weeks, 7).sum(axis=1) / 7
        if y.sum() < weeks or not key:
            continue
        cuts = change_points(y, e)
        if not cuts or weeks - cuts[-1].at > LATELY:
            continue
        cut = cuts[-1]
        going = fit_slope(y[cut.at :], e[cut.at :])
        found.append(
            ShiftedClass(
                kind,
                key,
                day - timedelta(days=7 * (weeks - cut.at) - 1),
                round(cut.before, 1),
                round(cut.after, 1),
                round(going.by, 3) if going is not None and going.sure else None,
            )
        )
    found.sort(key=lambda one: -abs(one.after - one.before))
    return found[:MOST]


def coming_season(examined: Examination) -> list[SeasonNote]:
    """Trades that the next thirty days bring more complaints of, by the season alone. Nothing before a whole year was
    seen: one cannot know."""
    last, seasons, totals = examined.table.last, examined.seasons, examined.totals
    if last + 1 < 365:
        return []
    found = []
    for group, key in enumerate(examined.table.groups):
        if not key:
            continue
        now = float(seasons[group, max(last - NEXT + 1, 0) : last + 1].mean())
        ahead = float(seasons[group, last + 1 : last + 1 + NEXT].mean())
        end = last + 1
        lately = float(totals[group, end - NEXT : end].sum())
        borne = float(examined.exposure[group, max(last - NEXT + 1, 0) : last + 1].sum())
        due = lately / max(borne, 1e-9) * float(examined.exposure[group, last + 1 : last + 1 + NEXT].sum())
        if ahead < TIMES * now or due < LEAST_EXPECTED:
            continue
        year = totals[group, end - 365 : end - 365 + NEXT].sum()
        found.append(SeasonNote(key, round(ahead / now, 2), round(due, 1), int(year)))
    found.sort(key=lambda one: -one.expected * (1 - 1 / one.times))
    return found[:MOST]


# ------------------------------------------------------------ terms


LONGEST_TERM: Final = 6  # characters of a phrase
SHORTEST_TERM: Final = 3
NEARLY: Final = 0.8  # of the times a term is said
_CLAUSE: Final = re.compile(r"[\u3400-\u9fff]+")
# What the desk's own language is made of: tells nothing of what happened.
STOP: Final = frozenset(
    "的了和是在与及或等被把对向将为以于从到由其该这那此我你他她它们您本人自己消费者投诉人被投诉人市民群众来电来信来访"
    "反映投诉举报诉求要求希望请求表示认为说称现在之后目前当时今天昨天近日上旬中旬下旬已经没有不是可以能够进行处理"
    "先生女士您好领导关注求助问题情况商家公司店铺门店客服平台电话联系协商未果答复不予多次一直都不也就还又再并且但是因为"
    "所以如果通过购买支付付款消费花费共计总价费用项目办理元万元年月日号时分有限公司有限责任"
)
_WORDS: Final = frozenset(
    {
        "投诉", "反映", "举报", "诉求", "要求", "希望", "请求", "消费者", "本人", "市民", "来电人", "来电", "信访人",
        "现在", "之后", "目前", "结果", "近日", "多次", "协商", "未果", "答复", "处理", "商家", "公司", "有限公司",
        "有限责任", "联系", "客服", "对方", "平台", "没有", "不予", "希望能够", "能够", "进行", "通过", "购买", "支付",
        "付款", "总价", "消费", "花费", "费用", "项目", "办理", "先生", "女士", "您好", "领导", "关注", "求助", "上旬",
        "中旬", "下旬", "人民币", "截图", "聊天记录", "为证", "一直", "电话", "问题", "内容", "投诉内容", "现场",
        "群众", "致电", "热线", "局长", "来信", "称其", "我们", "他们", "因为", "所以", "但是", "如果", "这个", "那个",
        "依法", "赔偿", "退还", "退款", "尽快", "一个", "两次", "再等", "店长", "武汉市", "湖北省", "共计", "认为",
        "表示", "可以", "已经", "不是", "还是", "就是", "什么", "怎么", "其中", "以及", "关于", "介入", "有限责任公司",
    }
)  # fmt: skip
_PERSON: Final = re.compile(r".{1,2}(?:先生|女士|小姐|老师|师傅|阿姨|大爷)$")


def terms(text: str, names: Collection[str] = ()) -> frozenset[str]:
    """Words and phrases of a complaint's text, by jieba's dictionary, each once: what could be new.

    A term is a word of two characters and more, or two neighbouring pieces when that makes three to six characters:
    names and new turns of speech, which no dictionary has, come apart and are found again as such pairs. `names`: of
    the people it is about; no term that is a part of one, or holds one, is given.
    """
    found: set[str] = set()
    for clause in _CLAUSE.findall(text):
        pieces = dictionary.cut(clause)
        before = ""
        for piece in pieces:
            plain = piece not in _WORDS and not (len(piece) == 1 and piece in STOP)
            if plain and len(piece) > 1:
                found.add(piece)
            if plain and before and SHORTEST_TERM <= len(before) + len(piece) <= LONGEST_TERM:
                found.add(before + piece)
            before = piece if plain else ""
    people = [name for name in names if len(name) > 1]
    return frozenset(
        term for term in found if not _PERSON.match(term) and not any(name in term or term in name for name in people)
    )


def stands_alone(term: str, texts: Iterable[str]) -> bool:
    """Whether a phrase is what people say and not a piece of something longer: nothing that stands before or behind it
    does so nearly always. A word of the dictionary is one."""
    if not phrase(term):
        return True
    before, behind, times = Counter[str](), Counter[str](), 0
    for text in texts:
        for found in re.finditer(re.escape(term), text):
            times += 1
            before[_beside(text, found.start() - 1)] += 1
            behind[_beside(text, found.end())] += 1
    del before[""], behind[""]
    return max([*before.values(), *behind.values()], default=0) <= NEARLY * times


def _beside(text: str, at: int) -> str:
    """A character, "" where a clause ends."""
    return text[at] if 0 <= at < len(text) and _CLAUSE.match(text[at]) else ""


def pieces(seen: Mapping[str, int]) -> frozenset[str]:
    """Of terms and how often each was said: those that are nearly always said as part of a longer one."""
    return frozenset(
        term
        for term, times in seen.items()
        if any(term != other and term in other and often >= NEARLY * times for other, often in seen.items())
    )


TOGETHER: Final = 0.3  # of the mentions of a phrase's rarer word, those that are in the phrase


def holds_together(term: str, seen: Mapping[str, int]) -> bool:
    """Whether complaints use it as a term, and not two common words that happened to meet. A word of the dictionary is
    one. `seen`: how many complaints have each term."""
    parts = dictionary.cut(term)
    known = [seen[part] for part in parts if len(part) > 1 and seen.get(part)] if len(parts) > 1 else []
    return not known or seen.get(term, 0) >= TOGETHER * min(known)


def phrase(term: str) -> bool:
    """Whether it stands for two pieces rather than a word of the dictionary."""
    return len(dictionary.cut(term)) > 1


# ------------------------------------------------------------ change points and slopes


SHORTEST_STRETCH: Final = 4  # weeks of a stretch
PRICE: Final = 3.0  # of a cut, times ln(weeks)
WEEKS: Final = 4  # a slope is told by these
_SURE: Final = 1.96


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """From week `at` on (0 the first) the rate, in complaints a week of ordinary exposure, was another."""

    at: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change in four weeks as a share (0.1 is a tenth more), with its 95 % range; `sure`: the range leaves 0 out."""

    by: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0 or self.high < 0


def change_points(seen: Floats, exposure: Floats) -> list[ChangePoint]:
    """The weeks at which the rate changed, by optimal partitioning: the cuts of greatest Poisson likelihood less their
    price.

    Exact. The price of a cut grows with how much the counts are spread beyond Poisson, so restless classes need more.
    `exposure`: how much a week draws beside an ordinary one (its days' sum over 7).
    """
    weeks = len(seen)
    if weeks < 2 * SHORTEST_STRETCH or not seen.sum():
        return []
    cuts = [0, *partition(seen, exposure, PRICE * np.log(weeks) * dispersion(seen, exposure)), weeks]
    rates = [float(seen[a:b].sum() / max(exposure[a:b].sum(), 1e-9)) for a, b in pairwise(cuts)]
    return [ChangePoint(cuts[n], rates[n - 1], rates[n]) for n in range(1, len(rates))]


def partition(seen: Floats, exposure: Floats, price: float) -> list[int]:
    """The beginnings of stretches but the first. O(weeks²)."""
    weeks = len(seen)
    counts = np.concatenate([[0.0], np.cumsum(seen)])
    borne = np.concatenate([[0.0], np.cumsum(exposure)])
    best, before = np.full(weeks + 1, np.inf), np.zeros(weeks + 1, np.int64)
    best[0] = -price
    for end in range(SHORTEST_STRETCH, weeks + 1):
        starts = np.arange(0, end - SHORTEST_STRETCH + 1)
        y, e = counts[end] - counts[starts], np.maximum(borne[end] - borne[starts], 1e-9)
        with np.errstate(divide="ignore", invalid="ignore"):
            cost = best[starts] + price - np.where(y > 0, y * np.log(y / e), 0.0)
        before[end] = starts[int(np.argmin(cost))]
        best[end] = cost.min()
    cuts, at = [], weeks
    while before[at] > 0:
        at = int(before[at])
        cuts.append(at)
    return cuts[::-1]


def dispersion(seen: Floats, exposure: Floats) -> float:
    """Variance beyond Poisson as a factor, 1 at the least: from differences of neighbouring weeks, which a step of the
    rate hardly touches, the middle half of them."""
    if len(seen) < 3:
        return 1.0
    rate = max(float(seen.sum() / max(exposure.sum(), 1e-9)), 1e-9)
    due = rate * np.maximum(exposure, 1e-9)
    # (a/ea - b/eb)² has the expectation rate·(1/ea + 1/eb)
    between = (seen[1:] / exposure[1:] - seen[:-1] / exposure[:-1]) ** 2 / (
        rate * (1 / exposure[1:] + 1 / exposure[:-1])
    )
    if due.mean() < 1:
        return 1.0
    return max(1.0, float(np.median(between)) / 0.455)  # the median of χ² with one degree


def fit_slope(seen: Floats, exposure: Floats) -> Slope | None:
    """A log-linear quasi-Poisson regression of the newest stretch.

    None when there is too little to say: under eight weeks or ten complaints.
    """
    if len(seen) < 2 * SHORTEST_STRETCH or seen.sum() < 10:
        return None
    at = np.arange(len(seen), dtype=np.float64) - (len(seen) - 1) / 2
    a, b = float(np.log(seen.sum() / exposure.sum())), 0.0
    for _ in range(50):
        mean = exposure * np.exp(np.clip(a + b * at, -30, 30))
        score = np.array([(seen - mean).sum(), ((seen - mean) * at).sum()])
        information = np.array([[mean.sum(), (mean * at).sum()], [(mean * at).sum(), (mean * at * at).sum()]])
        step = np.linalg.solve(information + 1e-9 * np.eye(2), score)
        a, b = a + float(np.clip(step[0], -1, 1)), b + float(np.clip(step[1], -0.5, 0.5))
        if np.abs(step).max() < 1e-10:
            break
    mean = exposure * np.exp(np.clip(a + b * at, -30, 30))
    spread = max(1.0, float(((seen - mean) ** 2 / np.maximum(mean, 1e-9)).sum() / (len(seen) - 2)))
    off = _SURE * float(
        np.sqrt(spread / max(float((mean * at * at).sum() - (mean * at).sum() ** 2 / mean.sum()), 1e-9))
    )
    return Slope(*(float(np.expm1(np.clip(WEEKS * one, -20, 20))) for one in (b, b - off, b + off)))
