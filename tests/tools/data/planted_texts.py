"""Texts with planted values, to measure what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from casebook import Known

Value = tuple[str, str]
"""A text and the form it is in."""

FAMILY: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
SCARCE: Final = (
    "欧阳",
    "上官",
    "诸葛",
    "司徒",
    "慕容",
    "尉迟",
    "鄢",
    "缪",
    "佘",
    "逯",
    "桂",
    "艾",
    "翟",
    "瞿",
    "单",
    "解",
    "盖",
    "揭",
)
GIVEN: Final = (
    "小禾月晓雪静芳青波立敏强磊洋勇艳杰娟涛超秀霞平刚桂英华建国文婷欣怡宇浩然轩梓涵嘉琪诗雨佳慧丽红玉兰春梅海燕志明怀瑾铁柱德"
    "福翠莲思远若曦秉忠"
)
_MINORITY: Final = ("阿依古丽·买买提", "巴图·苏和", "热依汗•吐尔逊", "扎西·多吉", "迪丽努尔·阿不都")
_HEADS: Final = ("悦动", "橙果", "知禾", "南枝", "云屿", "锦途", "星桥", "青川", "瑞谷", "美途", "乐遇", "初晴")
_TRADES: Final = ("健身", "美容", "教育", "家居", "汽车销售", "装饰工程", "餐饮管理", "科技", "旅游", "母婴用品")
_TAILS: Final = (
    "有限公司",
    "股份有限公司",
    "有限责任公司",
    "工作室",
    "经营部",
    "商行",
    "健身房",
    "美容院",
    "培训学校",
    "旗舰店",
)
_CITIES: Final = ("武汉市", "宜昌市", "湖北省武汉市", "襄阳市")
_DISTRICTS: Final = ("洪山区", "武昌区", "江夏区", "西陵区", "襄城区", "东西湖区")
_ROADS: Final = (
    "和平路",
    "云桥路",
    "知遇街",
    "橙果大道",
    "清晏路",
    "梧桐里",
    "石榴巷",
    "南枝二路",
    "解放大道",
    "望湖街",
)
_ESTATES: Final = ("知遇花园", "清晏小区", "云桥公寓", "橙果新村", "望湖家园", "梧桐苑", "南枝广场", "石榴大厦")
_FULL: Final = {
    **{str(n): chr(0xFF10 + n) for n in range(10)},
    **{chr(0x41 + n): chr(0xFF21 + n) for n in range(26)},
    "-": "－",
    ".": "．",
    "@": "＠",
}
_HAN: Final = "〇一二三四五六七八九"


def name_of(random: Random) -> str:
    draw = random.random()
    if draw < 0.03:
        return random.choice(_MINORITY)
    family = random.choice(SCARCE) if draw < 0.15 else random.choice(FAMILY)
    return family + "".join(random.choice(GIVEN) for _ in range(1 if random.random() < 0.3 else 2))


def organisation_of(random: Random) -> str:
    city = random.choice(("", "", "武汉", "武汉市", "湖北"))
    return city + random.choice(_HEADS) + random.choice(_TRADES) + random.choice(_TAILS)


def address_of(random: Random) -> Value:
    road = f"{random.choice(_ROADS)}{random.randint(1, 399)}号"
    house = f"{random.randint(1, 30)}栋{random.choice(('', '2单元', '一单元'))}{random.randint(101, 2903)}室"
    estate = random.choice(_ESTATES)
    draw = random.random()
    if draw < 0.4:
        return f"{random.choice(_CITIES)}{random.choice(_DISTRICTS)}{road}{estate}{house}", "whole"
    if draw < 0.6:
        return f"{random.choice(_DISTRICTS)}{road}", "district and road"
    if draw < 0.75:
        return f"{estate}{house}", "estate and room"
    if draw < 0.85:
        return f"{random.choice(_CITIES)} {random.choice(_DISTRICTS)} {road} {estate} {house}", "with spaces"
    return (
        f"{random.choice(_DISTRICTS)}{random.choice(_ROADS)}{_wide(str(random.randint(1, 399)))}号{estate}",
        "full-width",
    )


def phone_of(random: Random) -> Value:
    number = f"1{random.choice('356789')}{random.randint(0, 9)}000{random.randint(0, 99999):05d}"
    forms: tuple[tuple[str, str], ...] = (
        ("plain", number),
        ("spaces", f"{number[:3]} {number[3:7]} {number[7:]}"),
        ("hyphens", f"{number[:3]}-{number[3:7]}-{number[7:]}"),
        ("full-width", _wide(number)),
        ("Chinese numerals", "".join(_HAN[int(digit)] for digit in number)),
        (
            "幺 and 零",
            "".join("幺" if digit == "1" else "零" if digit == "0" else _HAN[int(digit)] for digit in number),
        ),
        ("+86", f"+86 {number}"),
        ("over two lines", f"{number[:7]}\n{number[7:]}"),
        ("dots", f"{number[:3]}.{number[3:7]}.{number[7:]}"),
        ("zero-width", "\u200b".join((number[:4], number[4:8], number[8:]))),
        ("every digit apart", " ".join(number)),
        ("landline", f"027-8700{random.randint(0, 9999):04d}"),
        ("landline in brackets", f"（027）8700{random.randint(0, 9999):04d}"),
        ("landline with extension", f"0717-6700{random.randint(0, 999):03d}转{random.randint(10, 99)}"[:12]),
        ("hotline", f"400-000-{random.randint(0, 9999):04d}"),
    )
    form, text = random.choice(forms)
    return text, form


def _id(random: Random) -> Value:
    year, month, day = random.randint(1940, 2012), random.randint(1, 12), random.randint(1, 28)
    number = f"420{random.choice(('106', '111', '502'))}{year}{month:02d}{day:02d}"
    number += f"{random.randint(0, 999):03d}{random.choice('0123456789X')}"
    forms = (
        ("plain", number),
        ("small x", number.lower()),
        ("groups", f"{number[:6]} {number[6:14]} {number[14:]}"),
        ("full-width", _wide(number)),
        ("over two lines", f"{number[:10]}\n{number[10:]}"),
        ("Chinese numerals", "".join(_HAN[int(char)] if char.isdigit() else char for char in number)),
        ("fifteen digits", f"420106{year % 100:02d}{month:02d}{day:02d}{random.randint(100, 999)}"),
        ("passport", f"E{random.randint(10_000_000, 99_999_999)}"),
    )
    form, text = random.choice(forms)
    return text, form


def _bank(random: Random) -> Value:
    number = f"62{random.choice(('22', '17', '28'))}" + "".join(
        str(random.randint(0, 9)) for _ in range(random.choice((12, 15)))
    )
    groups = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    forms = (
        ("plain", number),
        ("groups of four", groups),
        ("full-width", _wide(number)),
        ("hyphens", groups.replace(" ", "-")),
        ("over two lines", f"{number[:8]}\n{number[8:]}"),
    )
    form, text = random.choice(forms)
    return text, form


def _plate(random: Random) -> Value:
    tail = "".join(random.choice("0123456789") for _ in range(4)) + random.choice("ABCDEFG")
    text = f"鄂{random.choice('ABCEF')}{tail}"
    forms = (
        ("plain", text),
        ("with dot", f"{text[:2]}·{text[2:]}"),
        ("full-width", text[0] + _wide(text[1:])),
        ("small letters", text.lower()),
        ("new energy", f"鄂AD{random.randint(10000, 99999)}"),
        ("spaced", f"{text[:2]} {text[2:]}"),
    )
    form, text = random.choice(forms)
    return text, form


def _handle(random: Random) -> str:
    return (
        random.choice(("xiaohe", "dongfang", "lan_mei", "zhou"))
        + random.choice(("_", "-", ""))
        + str(random.randint(100, 99999))
    )


def _account(random: Random) -> Value:
    draw = random.random()
    if draw < 0.2:
        return _wide(_handle(random)), "full-width"
    if draw < 0.4:
        return f"wxid_{random.randint(10_000, 99_999)}ab{random.randint(10, 99)}", "wxid"
    return _handle(random), "handle"


def _qq(random: Random) -> Value:
    number = str(random.randint(10_000, 999_999_999))
    return (_wide(number), "QQ, full-width") if random.random() < 0.3 else (number, "QQ")


def _alipay(random: Random) -> Value:
    draw = random.random()
    if draw < 0.4:
        return phone_of(random)[0], "Alipay by phone"
    return (_email(random)[0], "Alipay by mail") if draw < 0.7 else (_handle(random), "Alipay handle")


def _email(random: Random) -> Value:
    name, domain = _handle(random), random.choice(("example.com", "mail.example.cn", "example.org"))
    forms = (
        ("plain", f"{name}@{domain}"),
        ("full-width at", f"{name}＠{domain}"),
        ("(at)", f"{name}(at){domain}"),
        ("spaces", f"{name} @ {domain}"),
        ("full-width", _wide(f"{name}@{domain}")),
    )
    form, text = random.choice(forms)
    return text, form


def _order(random: Random) -> Value:
    forms = (
        ("digits", "".join(str(random.randint(0, 9)) for _ in range(random.choice((12, 16, 18))))),
        ("letters and digits", f"{random.choice(('SF', 'YT', 'E', 'DD'))}{random.randint(10**10, 10**12)}"),
        ("hyphens", f"{random.randint(100, 999)}-{random.randint(10**6, 10**7)}-{random.randint(10**5, 10**6)}"),
        ("full-width", _wide(str(random.randint(10**12, 10**13)))),
    )
    form, text = random.choice(forms)
    return text, form


def _code(random: Random) -> Value:
    text = f"91420100MAQ{''.join(random.choice('0123456789ABCDEFGHJKLMNPQRTUWXY') for _ in range(7))}"
    forms = (
        ("plain", text),
        ("full-width", _wide(text)),
        ("small letters", text.lower()),
        ("spaced", f"{text[:8]} {text[8:]}"),
    )
    form, shown = random.choice(forms)
    return shown, form


def exact_amount(random: Random) -> int:
    """With three significant digits at least, and not on the grid that amounts are put on."""
    value = random.choice((random.randint(101, 999), random.randint(1001, 99_999)))
    return value if value % 5 else value + random.randint(1, 4)


def _amount(random: Random) -> Value:
    value = exact_amount(random)
    forms: tuple[tuple[str, Callable[[], str]], ...] = (
        ("元", lambda: f"{value}元"),
        ("commas", lambda: f"{value:,}元"),
        ("cents", lambda: f"{value}.{random.randint(10, 99)}元"),
        ("sign", lambda: f"¥{value:,}"),
        ("full-width", lambda: f"{_wide(str(value))}元"),
        ("块", lambda: f"{value}块钱"),
        ("Chinese", lambda: f"{chinese_number(value)}元"),
        ("人民币", lambda: f"人民币{value}元整"),
        ("万", lambda: f"{random.randint(11, 99) + random.randint(1, 9) / 100:.2f}万元"),
    )
    form, make = random.choice(forms)
    return make(), form


def _date(random: Random) -> Value:
    year, month, day = random.choice((2023, 2024, 2025, 2026)), random.randint(1, 12), random.randint(1, 28)
    forms = (
        ("年月日", f"{year}年{month}月{day}日"),
        ("号", f"{month}月{day}号"),
        ("hyphens", f"{year}-{month:02d}-{day:02d}"),
        ("slashes", f"{year}/{month}/{day}"),
        ("dots", f"{year}.{month}.{day}"),
        ("tight", f"{year}{month:02d}{day:02d}"),
        (
            "Chinese",
            f"{''.join(_HAN[int(digit)] for digit in str(year))}年{chinese_number(month)}月{chinese_number(day)}日",
        ),
        ("full-width", f"{_wide(str(year))}年{_wide(str(month))}月{_wide(str(day))}日"),
        ("spaced", f"{year} 年 {month} 月 {day} 日"),
    )
    form, text = random.choice(forms)
    return text, form


def _link(random: Random) -> Value:
    return f"https://shop{random.randint(1, 99)}.example.com/item?id={random.randint(10**6, 10**9)}", "link"


def _wide(text: str) -> str:
    return "".join(_FULL.get(char, _FULL.get(char.upper(), char) if char.isdigit() else char) for char in text)


def chinese_number(value: int) -> str:
    """Under a hundred million, as it is spoken."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        return f"{chinese_number(high)}万" + ("" if not low else ("零" if low < 1000 else "") + chinese_number(low))
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("零" if zero and out else "") + _HAN[digit] + name
            zero = False
        else:
            zero = True
    return (out[1:] if out.startswith("一十") else out) or "零"


MAKERS: Final[dict[str, Callable[[Random], Value]]] = {
    "id": _id,
    "bank": _bank,
    "plate": _plate,
    "account": _account,
    "qq": _qq,
    "alipay": _alipay,
    "email": _email,
    "order": _order,
    "code": _code,
    "amount": _amount,
    "date": _date,
    "link": _link,
}


@dataclass(frozen=True, slots=True)
class Plant:
    """`value` as it stands in `text[start:end]` of a field; those of one `who` are of one person or business."""

    kind: str
    form: str
    field: str
    start: int
    end: int
    value: str
    who: str = ""


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
    random = Random(seed)
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
