"""How one dispute is told: the same facts in the words of a hotline's operator, a message board or a form.

A telling is a title and facts; another telling of the same `Dispute` differs as two people's notes of it would.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Final

from complaints.sample.people import Business, Person, addressed
from complaints.sample.trades import Trouble

VOICES: Final = {
    "hotline": ("来电人反映：", "市民来电称，", "来电人称"),
    "director": ("市民致电局长热线反映，", "群众反映："),
    "board": ("您好！", "请领导关注：", "求助！"),
    "12315": ("", "", "投诉内容："),
    "petition": ("信访人反映", "来信反映：", "信访诉求："),
    "window": ("", "现场反映，"),
}
BOUGHT: Final = (
    "{self}于{day}在{who}购买{what}，付款{paid}。",
    "{day}，{self}在{where}的{who}花费{paid}办理{what}。",
    "{self}{day}到{who}消费，项目是{what}，共支付{paid}。",
    "{self}{day}通过{who}买了{what}，总价{paid}。",
    "在{who}（{where}）{day}付了{paid}，是{what}的费用。",
)
THEN: Final = ("现在{told}。", "之后{told}。", "结果{told}。", "近日{told}。", "{told}。")
TRIED: Final = (
    "",
    "多次与商家协商未果。",
    "打电话一直没人接。",
    "找过店长两次，都说再等等。",
    "联系客服，对方答复不予处理。",
    "平台客服也介入过，没有结果。",
    "有付款截图和聊天记录为证。",
    "孩子一直等着用，家里很着急。",
)
WANTED: Final = {
    "refund": ("要求退还{left}。", "希望退款{left}。", "诉求：退回{left}。"),
    "return": ("要求退货退款。", "希望能够退货。"),
    "replace": ("要求更换。", "希望换一个新的。"),
    "repair": ("要求免费维修。", "希望尽快修好。"),
    "damages": ("要求赔偿损失。", "希望依法赔偿。"),
    "quantity": ("要求补足数量。", "希望补齐差额。"),
}
TITLES: Final = (
    "{who}{what}{short}",
    "反映{who}{short}",
    "投诉{who}：{what}",
    "{what}{short}",
    "关于{who}{what}的投诉",
)
SHORT: Final = {
    "contract": ("退费难", "不履行约定", "不退款"),
    "quality": ("质量问题", "有瑕疵"),
    "price": ("乱收费", "价格不实"),
    "counterfeit": ("疑似假货", "售假"),
    "publicity": ("虚假宣传", "夸大宣传"),
    "after_sale": ("售后推诿", "不保修"),
    "safety": ("安全问题", "致人受伤"),
    "measurement": ("缺斤少两", "分量不足"),
}
ENDINGS: Final = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "俱乐部",
    "工作室",
    "经营部",
    "商行",
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """What happened, whoever tells it."""

    consumer: Person
    business: Business
    trouble: Trouble
    what: str
    paid: Decimal
    left: Decimal  # what is in dispute
    bought: date
    first_told: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    title: str
    facts: str
    request: str
    paid: Decimal | None
    business_name: str


def telling(chance: Random, of: Dispute, channel: str, again: bool = False) -> Telling:
    """`again`: told a second time and elsewhere, less exactly: a short name, a round sum, a day off."""
    loose = again and chance.random() < 0.5
    paid = _round(of.left) if again and chance.random() < 0.35 else of.left
    bought = of.bought
    if again and chance.random() < 0.3:
        bought = date.fromordinal(bought.toordinal() + chance.choice((-2, -1, 1, 2)))
    who = _called(chance, of.business) if loose or chance.random() < 0.15 else of.business.name
    request = chance.choice(of.trouble.requests)
    says = {
        "self": chance.choice(("本人", "我", "其", "消费者", addressed(of.consumer))),
        "day": _day(chance, bought),
        "who": who if chance.random() < 0.7 else of.business.brand,
        "where": of.business.district + (of.business.address if chance.random() < 0.4 else ""),
        "what": of.what,
        "paid": _money(chance, of.paid if not loose else _round(of.paid)),
        "left": _money(chance, paid),
        "told": chance.choice(of.trouble.told),
        "short": chance.choice(SHORT[of.trouble.problem]),
    }  # fmt: skip
    wanted = chance.choice(WANTED[request]).format(**says)
    parts = [
        chance.choice(VOICES[channel]),
        chance.choice(BOUGHT),
        chance.choice(THEN),
        chance.choice(TRIED),
        chance.choice(TRIED) if chance.random() < 0.4 else "",
    ]
    return Telling(
        chance.choice(TITLES).format(**says),
        "".join(parts).format(**says) + wanted,
        wanted,
        None if again and chance.random() < 0.15 else paid,
        who,
    )


def _called(chance: Random, business: Business) -> str:
    """A business as people call it: without its place and form, or by its shop's sign."""
    plain = business.name
    for ending in ENDINGS:
        plain = plain.removesuffix(ending)
    for place in (f"武汉市{business.district}", "武汉市", "武汉", "湖北"):
        plain = plain.removeprefix(place)
    return chance.choice((plain, plain, f"{business.brand}{business.trade.name}", f"{plain}（{business.district}店）"))


def _round(amount: Decimal) -> Decimal:
    step = Decimal(1000 if amount >= 5000 else 100 if amount >= 300 else 10)
    return (amount / step).to_integral_value() * step or step


def _money(chance: Random, amount: Decimal) -> str:
    return chance.choice((f"{amount:f}元", f"{amount:f}元", f"人民币{amount:f}元", f"¥{amount:f}"))


def _day(chance: Random, day: date) -> str:
    return chance.choice(
        (
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.month}月{day.day}日",
            day.isoformat(),
            f"{day.year}.{day.month}.{day.day}",
            f"{day.month}月{'上旬' if day.day < 11 else '中旬' if day.day < 21 else '下旬'}",
        )
    )
