"""A small catalogue of articles a mediator reaches for: citation, time in force, gist in our own words.

The official texts are not part of the program; a gist never stands in for reading the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from law.orders import chinese_number


@dataclass(frozen=True, slots=True)
class Statute:
    """`since` is the day the cited version came into force, `until` its last day, None when it still is."""

    id: str
    zh: str
    en: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """`topics` are the words it is found under; `id` is stable: `<statute>-<number>`."""

    statute: Statute
    number: int
    zh: str
    en: str
    topics: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.statute.id}-{self.number}"

    def gist(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def citation(self, language: str) -> str:
        if language.startswith("en"):
            return f"{self.statute.en}, Art {self.number}"
        return f"《{self.statute.zh}》第{chinese_number(self.number)}条"

    def in_force(self, day: date) -> bool:
        return self.statute.since <= day and (self.statute.until is None or day <= self.statute.until)


CONSUMER = Statute("consumer", "消费者权益保护法", "Consumer Protection Law", date(2014, 3, 15))
REGULATION = Statute(
    "consumer-regulation", "消费者权益保护法实施条例", "Implementing Regulation of the Consumer Law", date(2024, 7, 1)
)
PREPAID = Statute(
    "prepaid",
    "最高人民法院关于审理预付式消费民事纠纷案件适用法律若干问题的解释",
    "Supreme People's Court Interpretation on Prepaid Consumption",
    date(2025, 5, 1),
)
ONLINE = Statute(
    "online",
    "最高人民法院关于审理网络消费纠纷案件适用法律若干问题的规定（一）",
    "Supreme People's Court Provisions on Online Consumption (1)",
    date(2022, 3, 15),
)
CIVIL = Statute("civil", "民法典", "Civil Code", date(2021, 1, 1))
ORDER_121 = Statute(
    "order-121", "市场监督管理投诉举报处理办法", "Measures for Handling Complaints and Reports", date(2026, 4, 15)
)

ARTICLES: tuple[Article, ...] = (
    Article(
        CONSUMER,
        26,
        "格式条款里减轻商家责任、限制消费者权利的不公平内容不算数；与消费者有重大关系的内容要显著提示，问了要说明。",
        "Unfair standard terms that cut the consumer's rights or the business's liability are void; terms that matter "
        "must be pointed out and explained on request.",
        ("standard_terms", "refund"),
    ),
    Article(
        CONSUMER,
        39,
        "消费争议有五条路：自己协商、请消费者组织等调解、向行政部门投诉、有仲裁协议的去仲裁、去法院起诉。",
        "Five ways out of a consumer dispute: negotiate, have it mediated, complain to an agency, arbitrate where "
        "agreed, go to court.",
        ("ways_out",),
    ),
    Article(
        CONSUMER,
        53,
        "先收钱的，要按约定给东西或服务；没做到，消费者可以要求照做或退预付款，并可要利息和必要的合理花费。",
        "Whoever is paid in advance must deliver as agreed; otherwise the consumer may ask for delivery or the money "
        "back, with interest and reasonable expenses.",
        ("prepaid", "refund"),
    ),
    Article(
        CONSUMER,
        55,
        "商家欺诈的，消费者可以要求在损失之外加赔价款或费用的三倍，不足500元的按500元。",
        "For fraud the consumer may claim three times the price on top, at least ¥500.",
        ("fraud", "damages"),
    ),
    Article(
        REGULATION,
        22,
        "预付式消费要订明内容、价款、退款办法等；没有按约定提供的，应按消费者要求履行或退还预付款。",
        "Prepaid contracts must state content, price and how refunds work; if not delivered as agreed, perform or "
        "return the money as the consumer asks.",
        ("prepaid", "refund"),
    ),
    Article(
        PREPAID,
        9,
        "写着“不退款”“排除解除权”之类的格式条款，消费者可以主张无效。",
        "Standard terms that exclude cancelling or getting prepaid money back can be held void.",
        ("prepaid", "standard_terms", "refund"),
    ),
    Article(
        PREPAID,
        14,
        "付款后七日内，消费者可以要求退回预付本金；订约时已经用过同样商品或服务的除外，约定更优惠的从约定。",
        "Within seven days of paying the consumer may have the prepaid principal back, unless the same goods or "
        "service were already known to them; better terms prevail.",
        ("prepaid", "refund"),
    ),
    Article(
        PREPAID,
        15,
        "合同解除或无效后，商家退还剩余预付款并付利息；剩余是已付的钱减去已用部分的价款。",
        "Once the contract is ended or void the business returns the balance with interest: what was paid less the "
        "price of what was used.",
        ("prepaid", "refund"),
    ),
    Article(
        ONLINE,
        1,
        "电商格式条款里“签收即认可”“商家有最终解释权”、不许投诉起诉等内容无效。",
        "Online terms such as 'signing for it means accepting it', 'final interpretation is ours' or a ban on "
        "complaining are void.",
        ("online", "standard_terms"),
    ),
    Article(
        CIVIL,
        496,
        "提供格式条款的一方要公平，并合理提示、说明与对方有重大关系的内容；没有提示说明、对方没注意到的，对方可以说它不算合同内容。",
        "The side that drafts standard terms must be fair and point out what matters; a term that was not pointed out "
        "can be treated as not agreed.",
        ("standard_terms",),
    ),
    Article(
        CIVIL,
        497,
        "格式条款不合理地免自己责任、加重对方责任、限制或排除对方主要权利的，无效。",
        "Standard terms that unreasonably free their author, burden the other side or take away its main rights are "
        "void.",
        ("standard_terms",),
    ),
    Article(
        CIVIL,
        577,
        "没有履行合同或者履行不合约定的，要继续履行、补救或者赔偿损失。",
        "Whoever does not perform as agreed must perform, remedy or pay for the loss.",
        ("breach",),
    ),
    Article(
        ORDER_121,
        18,
        "双方都同意，市场监管部门才用调解处理投诉；也鼓励双方自己和解。",
        "A complaint is mediated only when both sides agree; settling on their own is encouraged.",
        ("procedure",),
    ),
    Article(
        ORDER_121,
        20,
        "调解可以到场，也可以通过互联网、电话、音频、视频进行。",
        "Mediation may be held on the spot or by internet, telephone, sound or video.",
        ("procedure",),
    ),
    Article(
        ORDER_121,
        24,
        "现场谈成的一般要做调解书，当场履行或双方都不要的除外；不做调解书也要留好调解记录。",
        "An agreement reached on the spot is put into a mediation agreement unless performed at once or waived by "
        "both; otherwise a record is kept.",
        ("procedure",),
    ),
)


def article(id: str) -> Article:
    """KeyError when the catalogue has no such article."""
    return {item.id: item for item in ARTICLES}[id]


def about(topics: Sequence[str], on: date) -> list[Article]:
    """Articles in force on a day that share a topic, those sharing most first; all in force when none is asked."""
    wanted = set(topics)
    valid = [item for item in ARTICLES if item.in_force(on)]
    if not wanted:
        return valid
    found = [item for item in valid if wanted & set(item.topics)]
    return sorted(found, key=lambda item: -len(wanted & set(item.topics)))
