"""Invented people and businesses. Names are drawn from parts; phones have a form no network gives out, 1xx 000 xxxxx.

The four digits after a mobile number's first three name its home register; they begin with 000 here. Unified
social credit codes have a right check character and an organisation part that begins with MAQ, beyond what registrars
have given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from complaints.codes import CREDIT_ALPHABET, credit_check
from complaints.sample.trades import TRADES, Trade

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
class Person:
    name: str
    phone: str
    sex: str
    age_band: str
    address: str


@dataclass(frozen=True, slots=True)
class Business:
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


def person(chance: Random) -> Person:
    given = chance.choice(GIVEN) + (chance.choice(GIVEN) if chance.random() < 0.75 else "")
    return Person(
        chance.choice(SURNAMES) + given,
        phone(chance),
        chance.choice(("female", "male")),
        chance.choices(("18_39", "40_59", "60_over", ""), (40, 30, 14, 16))[0],
        f"{chance.choice(DIVISIONS)[1]}{chance.choice(STREETS)}{chance.randint(1, 299)}号",
    )


def addressed(one: Person) -> str:
    """By surname, as people give their name on the phone."""
    return one.name[0] + ("先生" if one.sex == "male" else "女士")


def credit_code(chance: Random, division: str) -> str:
    first = f"91{division}MAQ{''.join(chance.choices(CREDIT_ALPHABET, k=6))}"
    return first + credit_check(first)


def businesses(chance: Random, most: int) -> list[Business]:
    """All that are complained about, the most complained about first."""
    found = []
    for trade in chance.choices(TRADES, [trade.share for trade in TRADES], k=most):
        brand = chance.choice(_FIRST) + chance.choice(_SECOND) + chance.choice(_THIRD)
        division, district = chance.choice(DIVISIONS)
        place = chance.choice(("武汉", "武汉市", f"武汉市{district}", "湖北", ""))
        found.append(
            Business(
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
