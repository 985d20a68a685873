"""Invented people, businesses and disputes, and how one dispute is told in the words of different channels.

The four digits after a mobile number's first three name its home register; they begin with 000 here. Unified
social credit codes have a right check character and an organisation part that begins with MAQ, beyond what registrars
have given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Final

from complaints.record.identifiers import CREDIT_ALPHABET, credit_check
from complaints.sample.trades import TRADES, Trade, Trouble

SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
GIVEN: Final = (
    "小禾月晓雪静芳凯青波立敏强磊洋勇艳杰娟涛超秀霞平刚桂英华建国文婷欣怡宇浩然子轩梓涵嘉琪诗雨佳慧丽红玉兰春梅海燕志明"
)
PREFIXES: Final = tuple(f"1{second}{third}" for second in "356789" for third in "0123456789")
DIVISIONS: Final = (
    ("420102", "江岸区"),
    ("420103", "江汉区"),
    ("420104", "硚口区"),
    ("420105", "汉阳区"),
    ("420106", "武昌区"),
    ("420107", "青山区"),
    ("420111", "洪山区"),
    ("420112", "东西湖区"),
    ("420114", "蔡甸区"),
    ("420115", "江夏区"),
    ("420116", "黄陂区"),
)
STREETS: Final = (
    "云桥路",
    "知遇街",
    "橙果大道",
    "清晏路",
    "望湖街",
    "竹溪路",
    "梧桐里",
    "长春藤路",
    "石榴巷",
    "南枝路",
)
_FIRST: Final = "悦云橙知乐星禾木青蓝晨暖小锦恒瑞友启鼎佳美尚宏博优微初森格朗逸沐泽"
_SECOND: Final = "动桥果遇途屿满禾光川野语家田谷舟尚涵源禧晟辰霖逸境范森朗洋盛美达诚"
_THIRD: Final = ("", "", "", "里", "人", "时代", "生活", "坊", "季")


@dataclass(frozen=True, slots=True)
class SamplePerson:
    name: str
    phone: str
    sex: str
    age_band: str
    address: str


@dataclass(frozen=True, slots=True)
class SampleBusiness:
    """`brand` is what people call it, `name` how it is registered."""

    brand: str
    name: str
    code: str
    trade: Trade
    division: str
    district: str
    address: str
    phone: str


def phone(chance: Random) -> str:
    return f"{chance.choice(PREFIXES)}000{chance.randrange(100_000):05d}"


def person(chance: Random) -> SamplePerson:
    given = chance.choice(GIVEN) + (chance.choice(GIVEN) if chance.random() < 0.75 else "")
    return SamplePerson(
        chance.choice(SURNAMES) + given,
        phone(chance),
        chance.choice(("female", "male")),
        chance.choices(("18_39", "40_59", "60_over", ""), (40, 30, 14, 16))[0],
        f"{chance.choice(DIVISIONS)[1]}{chance.choice(STREETS)}{chance.randint(1, 299)}号",
    )


def addressed(one: SamplePerson) -> str:
    """By surname, as people give their name on the phone."""
    return one.name[0] + ("先生" if one.sex == "male" else "女士")


def credit_code(chance: Random, division: str) -> str:
    first = f"91{division}MAQ{''.join(chance.choices(CREDIT_ALPHABET, k=6))}"
    return first + credit_check(first)


def businesses(chance: Random, most: int) -> list[SampleBusiness]:
    """All that are complained about, the most complained about first."""
    found = []
    for trade in chance.choices(TRADES, [trade.share for trade in TRADES], k=most):
        brand = chance.choice(_FIRST) + chance.choice(_SECOND) + chance.choice(_THIRD)
        division, district = chance.choice(DIVISIONS)
        place = chance.choice(("武汉", "武汉市", f"武汉市{district}", "湖北", ""))
        found.append(
            SampleBusiness(
                brand,
                f"{place}{brand}{chance.choice(trade.signs)}",
                credit_code(chance, division),
                trade,
                division,
                district,
                f"{chance.choice(STREETS)}{chance.randint(1, 499)}号",
                phone(chance),
            )
        )
    return found


# ------------------------------------------------------------ tellings


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
class SampleDispute:
    """What happened, whoever tells it."""

    consumer: SamplePerson
    business: SampleBusiness
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


def telling(chance: Random, of: SampleDispute, channel: str, again: bool = False) -> Telling:
    """Tell a dispute in the words of a hotline's operator, a message board or a form, as two people's notes of it
    differ.

    `again`: told a second time and elsewhere, less exactly: a short name, a round sum, a day off.
    """
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


def _called(chance: Random, business: SampleBusiness) -> str:
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
