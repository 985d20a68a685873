"""The orders complaints and reports fall under, their articles, ways of mediating, and which authority handles a
report.

Competence (Order 121 Arts 29-32 and 43, Order 20 Arts 25-28 and 38, in wording of our own) is a hint beside a
report; a person decides on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class StatutoryOrder:
    """`*_article` are article numbers of this order; `mediate_working` says which days its mediation clock counts."""

    id: str  # as stored in the journal
    zh: str
    en: str
    since: date
    until: date | None  # last day in force
    accept_days: int  # working days from receipt
    accept_article: int
    mediate_days: int
    mediate_working: bool
    end_article: int
    tell_end_days: int  # working days from the decision to end
    refuse_article: int
    counting_article: int | None  # None: it says nothing on counting
    competence_days: int  # working days for two offices to agree who is competent
    competence_article: int
    verify_days: int  # working days to verify a lead; once as many again with approval
    verify_article: int  # of a lead found in mediation
    report_article: int  # of a report
    testing_article: int
    tell_filing_days: int | None  # working, to tell who reported by name whether a case is filed; None: no rule
    place_article: int  # which authority handles a report: by the place of the conduct
    outpost_article: int  # ... an outpost's part in it
    online_article: int  # ... of those who trade online
    advertising_article: int  # ... of advertising
    elsewhere_article: int  # of a report that is not the authority's to handle
    result_article: int  # what an informant is told, and rewards
    secrecy_article: int  # who reported is kept secret
    special_article: int  # what other rules handle
    other_ways_article: int  # consultations and what else comes as a complaint or report and is none

    def version(self, language: str) -> str:
        """Its name and the day it came into force: the older order was amended, and both are still used."""
        if language.startswith("en"):
            return f"{self.en}, in force since {self.since.isoformat()}"
        return f"{self.zh}（{self.since.year}年{self.since.month}月{self.since.day}日起施行）"


ORDER_121 = StatutoryOrder(
    id="121",
    zh="《市场监督管理投诉举报处理办法》",
    en="Measures for Handling Complaints and Reports (Order 121)",
    since=date(2026, 4, 15),
    until=None,
    accept_days=7,
    accept_article=15,
    mediate_days=60,
    mediate_working=False,
    end_article=23,
    tell_end_days=7,
    refuse_article=16,
    counting_article=45,
    competence_days=7,
    competence_article=33,
    verify_days=15,
    verify_article=27,
    report_article=35,
    testing_article=22,
    tell_filing_days=None,
    place_article=29,
    outpost_article=30,
    online_article=31,
    advertising_article=32,
    elsewhere_article=34,
    result_article=36,
    secrecy_article=37,
    special_article=43,
    other_ways_article=44,
)

ORDER_20 = StatutoryOrder(
    id="20",
    zh="《市场监督管理投诉举报处理暂行办法》",
    en="Interim Measures for Handling Complaints and Reports (Order 20)",
    since=date(2020, 1, 1),
    until=date(2026, 4, 14),
    accept_days=7,
    accept_article=14,
    mediate_days=45,
    mediate_working=True,
    end_article=21,
    tell_end_days=7,
    refuse_article=15,
    counting_article=None,
    competence_days=7,
    competence_article=30,
    verify_days=15,
    verify_article=23,
    report_article=31,
    testing_article=20,
    tell_filing_days=5,
    place_article=25,
    outpost_article=26,
    online_article=27,
    advertising_article=28,
    elsewhere_article=29,
    result_article=32,
    secrecy_article=33,
    special_article=38,
    other_ways_article=39,
)


ORDERS: Mapping[str, StatutoryOrder] = {order.id: order for order in (ORDER_121, ORDER_20)}


class OrderRule(StrEnum):
    """By which day the order is found that governs a complaint's procedure and that its papers cite."""

    RECEIPT = "receipt"  # the day of receipt, until the file is closed
    PROCEDURE = "procedure"  # the day of registration: older substance, newer procedure (实体从旧、程序从新)


def order_for(received: date, today: date | None = None, rule: OrderRule = OrderRule.RECEIPT) -> StatutoryOrder:
    """The order for a complaint received that day and registered `today`, days in the office's zone."""
    day = received if today is None or rule is OrderRule.RECEIPT else max(received, today)
    return ORDER_121 if day >= ORDER_121.since else ORDER_20


def order_named(id: str) -> StatutoryOrder:
    """KeyError for an order this program does not know."""
    return ORDERS[id]


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in one version of an order: its article, and within it a paragraph or an item (0: the whole)."""

    order: StatutoryOrder
    article: int
    paragraph: int = 0
    item: int = 0

    def text(self, language: str) -> str:
        """With the order's version."""
        return self.order.version(language) + (", " if language.startswith("en") else "") + self.place(language)

    def cited(self, language: str) -> str:
        """As papers and sentences name it: with the order, without its version."""
        return (f"{self.order.en}, " if language.startswith("en") else self.order.zh) + self.place(language)

    def place(self, language: str) -> str:
        """Where in the order."""
        if language.startswith("en"):
            place = f"Art {self.article}" + (f"({self.paragraph})" if self.paragraph else "")
            return place + (f" item {self.item}" if self.item else "")
        place = f"第{chinese_number(self.article)}条"
        place += f"第{chinese_number(self.paragraph)}款" if self.paragraph else ""
        return place + (f"第{chinese_number(self.item)}项" if self.item else "")


def chinese_number(number: int) -> str:
    """1–999 as articles are numbered: 15 is 十五, 110 is 一百一十."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


ROOM: Final = "video"
"""In a room of this installation; what journals from before 2026-11-29 mean where they say nothing."""

APART: Final = "apart"
"""Online as well, each side in its own time; the program calls it asynchronous mediation."""

OURS: Final = frozenset({ROOM, APART})
"""Held by this program."""

PHONE, ON_SITE = "phone", "on_site"

MODES: Final[Mapping[str, tuple[str, str]]] = {
    ROOM: ("网络视频、音频", "video and audio over the internet"),
    APART: ("互联网（错时）", "online, not at one time"),
    PHONE: ("电话", "telephone"),
    ON_SITE: ("现场", "on site"),
    "audio": ("网络音频", "audio over the internet"),
    "other_video": ("网络视频（其他工具）", "video by other means"),
    "internet": ("互联网（文字）", "in writing over the internet"),
}
"""Chinese and English."""

ELSEWHERE: Final = tuple(mode for mode in MODES if mode not in OURS)
"""Without a room of ours: recorded afterwards, and the paper says so."""


def mode_name(mode: str, language: str) -> str:
    """An unknown one as it is."""
    names = MODES.get(mode or ROOM)
    return mode if names is None else names[1] if language.startswith("en") else names[0]


CONDUCT, PLATFORM, SELLER, MEDIA, ONLINE_AD, OWN_AD, MONOPOLY, DRUG = (
    "conduct",
    "platform",
    "seller",
    "media",
    "online_ad",
    "own_ad",
    "monopoly",
    "drug",
)
SUBJECTS: Final[Mapping[str, tuple[str, str]]] = {
    CONDUCT: ("线下经营行为", "Conduct at a place of business"),
    PLATFORM: ("平台经营者，自建网站、其他网络服务经营者", "A platform, or a trader’s own site or service online"),
    SELLER: ("平台内经营者", "A seller on a platform"),
    MEDIA: ("大众传播媒介上的广告", "Advertising in mass media"),
    ONLINE_AD: ("互联网广告", "Advertising online"),
    OWN_AD: ("广告主自行发布的互联网广告", "Advertising online that the advertiser published itself"),
    MONOPOLY: ("垄断、公平竞争审查事项", "Monopoly, fair-competition review"),
    DRUG: ("药品、医疗器械、化妆品注册备案事项", "Registration of drugs, medical devices or cosmetics"),
}
"""What a report is about, as far as the authority that handles it depends on that: Chinese and English."""


@dataclass(frozen=True, slots=True)
class CompetenceRule:
    """One rule of competence and where it stands."""

    citation: Citation
    zh: str
    en: str

    def text(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    @property
    def key(self) -> str:
        """As a decision names it: 31.2."""
        where = self.citation
        return f"{where.article}.{where.paragraph}" if where.paragraph else str(where.article)


_PLACE = (
    "处理权限随被举报行为的发生地确定，归该地县级以上市场监管部门；其他法律、行政法规、部门规章有专门规定的，从其规定。",
    "The authority, of a county or above, where the conduct took place; special rules come first.",
)
_OUTPOST = (
    "派出机构在县级局确定的权限内、以县级局名义办理；法律、法规另行授权的除外。",
    "An outpost acts in the county bureau’s name and within what the bureau has set, unless a law empowers it.",
)
_PLATFORM = (
    "被举报人是平台经营者，或者通过自建网站、其他网络服务经营的，归其住所地县级以上市场监管部门。",
    "A platform’s, or of a trader’s own site: the authority of a county or above at its domicile.",
)
_SELLER = (
    "被举报人是平台内经营者的，归其实际经营地县级以上市场监管部门；平台住所地的部门先收到的，也可以办理。",
    "A seller’s on a platform: the authority of a county or above where it does business; that of the platform’s "
    "domicile may handle it when it received it first.",
)
_MEDIA = (
    "大众传播媒介上的违法广告，归广告发布者所在地市场监管部门。",
    "Unlawful advertising in mass media: the authority where the publisher is.",
)
_ONLINE_AD = (
    "互联网广告，广告主或者广告经营者所在地的部门先收到的，也可以办理。",
    "Advertising online: the authority where the advertiser or its agency is may handle it when it received it first.",
)
_OWN_AD = (
    "广告主自己发布的违法互联网广告，归广告主所在地市场监管部门。",
    "Published online by the advertiser itself: the authority where the advertiser is.",
)
_MONOPOLY = (
    "涉嫌垄断，或者违反公平竞争审查规定的，按国家市场监管总局的专门规定办理。",
    "Monopoly and fair-competition review: by the State Administration’s own rules.",
)
_MONOPOLY_20 = (
    "涉嫌垄断的，按国家市场监管总局的专项规定办理；专项规定没有写明的，可以参照该办法。",
    "Monopoly: by the State Administration’s own rules, and by this order where those are silent.",
)
_DRUG = (
    "涉嫌违反药品、医疗器械、化妆品注册备案规定的，按国家市场监管总局或者国家药监局的专门规定办理。",
    "Registration of drugs, devices or cosmetics: by the rules of the State Administration or of the Medical Products "
    "Administration.",
)
_DRUG_20 = (
    "药品监管、知识产权部门办理举报，同样适用该办法；法律、法规另有规定的除外。",
    "Drug and intellectual-property authorities follow the same order, unless a law says otherwise.",
)


def rules(order: StatutoryOrder, subject: str) -> Sequence[CompetenceRule]:
    """What decides who handles a report on `subject`, the most special rule first; outposts last."""
    older = order is ORDER_20
    articles: Mapping[str, Sequence[tuple[int, int, tuple[str, str]]]] = {
        PLATFORM: [(order.online_article, 1, _PLATFORM)],
        SELLER: [(order.online_article, 2, _SELLER)],
        MEDIA: [(order.advertising_article, 1, _MEDIA)],
        ONLINE_AD: [(order.advertising_article, 1, _MEDIA), (order.advertising_article, 2, _ONLINE_AD)],
        OWN_AD: [(order.advertising_article, 3, _OWN_AD)],
        MONOPOLY: [(order.special_article, 2, _MONOPOLY_20 if older else _MONOPOLY)],
        DRUG: [(order.special_article, 3, _DRUG_20 if older else _DRUG)],
    }
    found = [*articles.get(subject, [(order.place_article, 0, _PLACE)]), (order.outpost_article, 0, _OUTPOST)]
    return [CompetenceRule(Citation(order, article, paragraph), *words) for article, paragraph, words in found]


DISPUTE: Final = "dispute"
"""That a dispute over competence was settled, and it is ours (Order 121 Art 33), in the place of a rule's key."""


def grounds(order: StatutoryOrder, subject: str) -> Sequence[CompetenceRule]:
    """The rules on which an authority can be competent for a report on `subject`; what outposts may is none."""
    return [rule for rule in rules(order, subject) if rule.citation.article != order.outpost_article]
