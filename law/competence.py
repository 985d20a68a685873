"""Which authority handles a report, by what is reported: hints beside a report, which a person decides on.

Order 121 Arts 29-32 and 43, Order 20 Arts 25-28 and 38, in wording of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from law.orders import ORDER_20, Citation, StatutoryOrder

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
