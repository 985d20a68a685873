"""A seeded corpus with personal data of every kind and form planted in it: what de-identification is measured on.

Its names, words and forms are its own (`planted_values`), not the finders' lists; it says where each value stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from casebook.deidentifying.looking import Known
from casebook.deidentifying.planted_values import (
    MAKERS,
    SCARCE,
    Value,
    address_of,
    exact_amount,
    name_of,
    organisation_of,
    phone_of,
)


@dataclass(frozen=True, slots=True)
class Plant:
    """`value` as it stands in `text[start:end]` of a field."""

    kind: str
    form: str
    field: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Planted:
    texts: dict[str, str]
    known: Known
    plants: tuple[Plant, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    known: bool


_SENTENCES: Final = (
    "消费者{name}于{date}在{organisation}办理会员卡，支付{amount}。",
    "{name}称，其于{date}与{organisation}签订合同，约定总价{amount}，已付{amount}。",
    "投诉人的电话是{phone}，身份证号{id}，住{address}。",
    "联系方式：{phone}；住址：{address}；邮箱：{email}。",
    "商家通过微信{account}联系投诉人，并要求转到{bank}。",
    "收款人{name}，账号{bank}，金额{amount}。",
    "店长{name}答应退款，随后又改口，手机{phone}一直打不通。",
    "车辆（车牌{plate}）于{date}送修，维修费{amount}。",
    "订单号{order}，下单时间{date}，实付{amount}。",
    "营业执照上的统一社会信用代码为{code}，经营地址在{address}。",
    "{titled}多次到{organisation}交涉，均未解决。",
    "客服让{titled}加QQ{qq}，又让其把钱打到支付宝{alipay}。",
    "上门安装的师傅{name}留下电话{phone}，说{date}再来。",
    "投诉人提供了转账凭证，流水号{order}，对方户名{name}。",
    "投诉人认为{organisation}收取的{amount}没有依据，要求退还{amount}。",
    "快递从{address}寄出，运单号{order}，收件人{name}。",
    "调解中，{titled}表示愿意退还{amount}，{date}前付清。",
    "双方确认，{organisation}已于{date}向{name}退款{amount}。",
    "家长{name}（身份证{id}）为孩子报名，学费{amount}，可拨{phone}核实。",
    "店员{name}把二维码发给她，微信号：{account}。",
    "证人{name}住在{address}，电话{phone}。",
    "经营者在{organisation}的页面上承诺七日内退款，链接{link}。",
    "她的银行卡{bank}被扣款{amount}，短信发到{phone}。",
    "{name}与{name}一同到店，{name}付的钱。",
)  # fmt: skip
_ENGLISH: Final = (
    "{latin} asked the shop for {yuan} back and left the number {phone}.",
    "On {english_date} {latin} paid {yuan}; the e-mail address is {email}.",
)


def planted(count: int, seed: int) -> Iterator[Planted]:
    random = Random(seed)  # noqa: S311 - a corpus, not a secret
    for _ in range(count):
        yield _one(random)


def _one(random: Random) -> Planted:
    people = [_Person(name_of(random), known) for known in (True, True, False)]
    shops = [(organisation_of(random), known) for known in (True, False)]
    home = address_of(random)[0]
    plants: list[Plant] = []
    texts: dict[str, str] = {}
    for field, count in (("title_zh", 1), ("facts", 6), ("claims", 2), ("process", 5), ("outcome", 2)):
        parts: list[str] = []
        length = 0
        for _ in range(count):
            sentence = random.choice(_SENTENCES if random.random() < 0.95 or field == "title_zh" else _ENGLISH)
            for piece, kind in _cut(sentence):
                value, form = (piece, "") if not kind else _value(random, kind, people, shops, home)
                if kind:
                    plants.append(Plant(_KIND.get(kind, kind), form, field, length, length + len(value), value))
                if form == "before a title":
                    value += random.choice(_TITLES)
                parts.append(value)
                length += len(value)
        texts[field] = "".join(parts)
    known = Known(
        people=tuple(person.name for person in people if person.known),
        organisations=tuple(name for name, is_known in shops if is_known),
        addresses=(home,),
    )
    return Planted(texts, known, tuple(plants))


_TITLES: Final = ("女士", "先生", "老师", "经理", "师傅", "阿姨")
_KIND: Final = {
    "titled": "name",
    "latin": "name",
    "yuan": "amount",
    "english_date": "date",
    "qq": "account",
    "alipay": "account",
}


def _cut(sentence: str) -> Iterator[tuple[str, str]]:
    while sentence:
        before, brace, rest = sentence.partition("{")
        if before:
            yield before, ""
        if not brace:
            return
        kind, _, sentence = rest.partition("}")
        yield "", kind


def _value(random: Random, kind: str, people: list[_Person], shops: list[tuple[str, bool]], home: str) -> Value:
    match kind:
        case "name":
            person = random.choice(people)
            return _person(random, person)
        case "titled":
            person = random.choice(people)
            family = next((one for one in SCARCE if person.name.startswith(one)), person.name[:1])
            if "·" in person.name or "•" in person.name:
                return person.name, "with dot"
            return family, "before a title"
        case "organisation":
            name, is_known = random.choice(shops)
            return name, "on file" if is_known else "not on file"
        case "address":
            return (home, "on file") if random.random() < 0.3 else address_of(random)
        case "phone":
            return phone_of(random)
        case "latin":
            return random.choice(("Ding Xiaohe", "Ms. Zhao", "LI WENTING", "Mr Ouyang", "Xu Haiyan")), "latin"
        case "yuan":
            return f"{random.choice(('RMB ', '¥'))}{exact_amount(random):,}", "english"
        case "english_date":
            month = random.choice(("March", "June", "Nov.", "January"))
            return f"{month} {random.randint(1, 28)}, {random.choice((2024, 2025, 2026))}", "english"
        case _:
            return MAKERS[kind](random)


def _person(random: Random, person: _Person) -> Value:
    name = person.name
    where = "on file" if person.known else "not on file"
    if "·" in name or "•" in name:
        return name, "with dot"
    draw = random.random()
    if person.known and draw < 0.1:
        return " ".join(name), "spaced, on file"
    if person.known and draw < 0.15:
        return f"{name[0]}\n{name[1:]}", "over two lines, on file"
    return name, where
