"""Numbers in a text: amounts, and those that lead to a person; full-width, Chinese, apart, over two lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from casebook.deidentifying import NUMERALS, PUTS, SEPARATORS, Found, digits_of
from journal.numbers import MYRIADS, ONES, TENS, read_numerals

LEAST: Final = Decimal(10)
STATUTORY: Final = frozenset({Decimal(500), Decimal(1000)})
"""Least sums of the statutes (消费者权益保护法 Art 55, 食品安全法 Art 148): nobody is known by them."""

_HAN = "".join([*ONES, *TENS, *MYRIADS])
_UNIT = r"(?:元人民币|块钱|元钱|元|块|圆|圓|yuan|rmb|cny)"
_WHOLE = r"(?:整(?![个整套天月年夜])|正(?![好常在式规是品确版月如因]))"
"""伍仟元整, 伍仟元正; not 五元正好."""
_SIGN = r"(?:人民币|rmb|cny|￥|¥|\$)"
_DIGITS = re.compile(
    rf"(?P<sign>{_SIGN}\s{{0,2}})?(?<![\d.])(?P<number>\d{{1,3}}(?:[,，]\s?\d{{3}}(?!\d))+|\d{{1,3}}(?:[ \u00a0\u2009\u202f\u3000]\d{{3}}(?!\d)){{1,3}}(?=(?:\.\d+)?\s?{_UNIT}|\.\d\d(?!\d))|\d+)(?P<fen>\.\d+)?"
    rf"(?:\s{{0,2}}(?P<big>万|千|百|亿|w(?![A-Za-z])|k(?![A-Za-z])))?(?P<more>(?:\d[千仟](?:\d[百佰])?|\d[百佰])?\d{{0,4}})(?P<about>多|余|来)?(?:\s{{0,2}}(?P<unit>{_UNIT}{_WHOLE}?))?"
    rf"(?P<jiao>[\d{_HAN}]+角)?零?(?P<cents>[\d{_HAN}]+分(?!钟|之|店))?",
    re.IGNORECASE,
)
_AMOUNT_CHINESE = re.compile(
    rf"(?:人民币\s?)?(?<![{_HAN}])(?P<number>[{_HAN}]++(?:点[{_HAN}]++)?)(?P<about>多|余|来)?(?P<unit>{_UNIT}){_WHOLE}?"
    rf"零?(?P<jiao>[{_HAN}]角)?零?(?P<cents>[{_HAN}]分(?!钟|之|店))?{_WHOLE}?",
    re.IGNORECASE,
)
_PAID = (
    r"(?:充值?|收取?|埋单|买单|结账|付|交|花|退还?|还差|还|差|欠|转|汇|价|款|押金|定金|订金|总价|实付|先付|多收|减免|赔偿?|补|扣|办卡|卖|要价|报价|估价|(?<!标)称|药费|学费|运费|车费|房租|租金|月租|费用|总共|合计|一共|共|剩下的?|余款|尾款|还剩|剩|余额|刷卡?|缴|损失|差价|只要|买成|卡里|卡上|里头|里面|还有|仅|涨到|涨成|涨价到|降到|变成|前前后后|前后|加起来|[\u4e00-\u9fff]费|税|套系|套餐|一套|说好|给了|一次|最低|最高|补交|才|提成|工资|赔款|标价|差价|原价|现价|单价|每月扣?|每年)"
    r"(?:了|过|掉|的|我|你|您|他|她|回|出|成|去|进去|给我|合计|共|共计|一共|大概|大约|约)?"
)
_BARE = re.compile(
    rf"{_PAID}\s?(?P<number>\d{{1,3}}(?:[,，]\d{{3}})+|\d{{2,6}})(?P<fen>\.\d{{1,2}})?(?P<about>多|余|来)?"
    r"(?![\d.,，]*\d|[\s\-]\d{3}|[\d年月日号天次个人节条张台件点分岁斤户名位辆批克吨箱袋瓶桶栋%％:：\-])"
)
_BARE_CHINESE = re.compile(
    rf"(?:{_PAID}\s?(?=[{_HAN}]*[十百千万拾佰仟])|(?<![{_HAN}第])(?=[{_HAN}]{{4}})(?=[{_HAN}]{{0,3}}[千万仟佰百]))(?P<number>[{_HAN}]++)(?P<about>多|余|来)?"
    r"(?![年月日号天次个人节条张台件点分岁斤户元块圆%亩里米度斤吨字步册克名位辆批箱袋瓶桶栋])"
)
_AMONG = re.compile(
    r"(?:(?<=[，,；;（(]))(?P<number>(?!(?:19|20)\d\d(?!\d))\d{4,5}|\d{1,2}[,，]\d{3})(?P<fen>)(?P<about>)(?=[，。；;）)！？!?])"
)
_SAID = re.compile(
    r"(?:(?<=每人)|(?<=每位)|(?<=→)|(?<=[^号编码期数额量次][:：])(?=\d+[，。\n]|\d+$))(?P<number>\d{3,5})(?P<fen>\.\d{1,2})?(?P<about>)(?![\d年月日号天次个楼室栋%:：\-])"
)
_NEAR = re.compile(
    r"[充付交花退收转打汇给赔扣欠剩余价费款钱额补报成][^\d，。；！？、\n第号编尾型]{1,5}(?<![号型第尾])(?P<number>\d{3,5}|\d{1,3}[ \u3000]\d{3})(?P<fen>\.\d{1,2})?(?P<about>多|余|来)?"
    r"(?![\d.,，]*\d|[\s\-]\d{3}|\s?[年月日号天次个人节条张台件点分岁斤户路栋楼室度米平克升页字届班型线%％:：\-A-Za-z])"
)
_EACH = re.compile(
    r"(?<![\d.,\-A-Za-z])(?P<number>\d{3,6}|\d{2}(?=\.\d))(?P<fen>\.\d{1,2})?(?P<about>)(?=的[年次季月储会套卡课]|/[月年次人天节]|一[盒套件瓶次年支台只张袋箱份斤间晚位平罐桶条双节课月包盆束人个米颗板粒针根棵副对块组吨车天]|(?:块)?(?:[买卖拍入拿]的|入手|到手|成交|拿下|包邮))"
)
_PRICED = re.compile(
    r"(?:一[盒套件瓶只袋箱份斤罐桶条双包板个颗张](?:[要卖收是才]|才卖|要卖)?|(?<=[月年天次])多)\s?(?P<number>\d{2,5})(?P<fen>\.\d{1,2})(?P<about>)(?=[，。；！？、）)\s]|$)"
)
"""一板45.8, 一个月多39.9."""
_STANDING = re.compile(
    r"(?<=[\u4e00-\u9fff，,。；;：:、（(“\s])(?<!\d\s)(?P<number>(?!(?:19|20)\d\d(?!\d))[1-9]\d{2,4}|[1-9]\d{0,2}[,，]\d{3})(?P<fen>\.\d{1,2})?(?P<about>多|余|来)?"
    r"(?=[，。；！？、）)!?;”]|\s(?!\s?\d)|的(?!号)|$)"
)
"""A number alone, where nothing says that it counts or names something (`_NO_SUM`)."""
_NO_SUM = re.compile(
    r"(?:[A-Za-z号码尾型第房室栋幢楼编路线座次班牌标版区院层门位间]|[A-Za-z]\s|编[号码]|密码|标[准称]|型号|足金|足银|公里|国道|航班|车次|楼上|楼下|对门|隔壁|中间|[住家]在?)[\s:：是为（(“]{0,2}$"
)
_WRITTEN = re.compile(
    r"(?<![\d.,\-])\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?(?![\d.\-])|(?<![\d.,\-])\d{1,3} \d{3}(?![\d.\- ])|(?<![\d.,\-])\d{3,6}(?:\.\d+)?(?![\d.\-年])"
)
_MEASURED = re.compile(r"\s?(?:[人票份株头盒斤吨袋瓶张条]|次|公里|步|平|粉|吨|米|字|户|家|件|个|小时|天|年|名|元)")


@lru_cache(maxsize=32)
def amounts(view: str) -> tuple[tuple[int, int, Decimal], ...]:
    """Where and how much, in yuan; those too, that are as round as they would be made."""
    found: list[tuple[int, int, Decimal]] = []
    for match in _DIGITS.finditer(view):
        sign, unit, big = match["sign"], match["unit"], match["big"]
        grouped = (
            len(match["number"]) > 4 and not _MEASURED.match(view, match.end()) and re.search("[,，]", match["number"])
        )
        if not (sign or unit or grouped or (big in ("万", "亿") and not _MEASURED.match(view, match.end()))):
            continue
        if match["more"] and not big:
            continue
        value = _digits(match)
        if value is not None and value >= LEAST:
            found.append((match.start(), match.end(), value))
    for match in _AMOUNT_CHINESE.finditer(view):
        value = read_numerals(match["number"])
        if value is not None and value >= LEAST:
            value += _part(match["jiao"], 10) + _part(match["cents"], 100)
            found.append((match.start(), match.end(), value))
    taken = {at for start, end, _ in found for at in range(start, end)}
    for pattern in (_BARE, _BARE_CHINESE, _EACH, _PRICED, _AMONG, _SAID, _NEAR, _STANDING):  # 充了三万六, 实付32.8
        for match in pattern.finditer(view):
            at, number = match.start("number"), match["number"]
            if at in taken or _HOTLINE.fullmatch(number) or (pattern is _STANDING and not _may_be_sum(view, match)):
                continue
            value = (
                read_numerals(number)
                if pattern is _BARE_CHINESE
                else Decimal(re.sub(r"[,，\s]", "", number) + (match["fen"] or ""))
            )
            if value is not None and value >= LEAST:
                found.append((at, match.end(), value))
    return (*found, *_sums_again(view, found))


def _sums_again(view: str, found: Sequence[tuple[int, int, Decimal]]) -> Iterator[tuple[int, int, Decimal]]:
    """充6666送6666: what was a sum once is one wherever it stands again, three figures at least."""
    taken = {at for start, end, _ in found for at in range(start, end)}
    values = {number[0]: value for start, end, value in found if (number := _WRITTEN.match(view, start, end))}
    for match in _WRITTEN.finditer(view):
        if (
            match[0] in values
            and match.start() not in taken
            and not _NO_SUM.search(view, max(0, match.start() - 6), match.start())
        ):
            yield match.start(), match.end(), values[match[0]]


def _may_be_sum(view: str, match: re.Match[str]) -> bool:
    """Three figures at least that are no zeros at its end: what is rounder stays as it is."""
    exact = len(re.sub(r"[^0-9]", "", match["number"] + (match["fen"] or "")).rstrip("0")) > 2
    return exact and not _NO_SUM.search(view, max(0, match.start() - 6), match.start())


def found_amounts(view: str, factor: Decimal, english: bool = False) -> Iterator[Found]:
    for start, end, value in amounts(view):
        if value in STATUTORY:
            continue
        put = rounded(value, factor)
        if put != value:
            yield Found(start, end, "amount", f"{put:f} yuan" if english else f"{put:f}元", 6)


def factor_of(values: Iterable[Decimal]) -> Decimal:
    """Makes the largest of them round."""
    largest = max(values, default=Decimal(0))
    return _grid(largest) / largest if largest >= LEAST else Decimal(1)


def rounded(value: Decimal, factor: Decimal) -> Decimal:
    """In whole yuan, or as it is when it is too small to say anything."""
    return _grid(value * factor) if value >= LEAST else value


def _grid(value: Decimal) -> Decimal:
    power = Decimal(1).scaleb(value.adjusted())
    step = power / 20 if value < 2 * power else power / 10
    if step < 1:
        step = Decimal(1)
    return ((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step).quantize(Decimal(1))


def _digits(match: re.Match[str]) -> Decimal | None:
    number = re.sub(r"[,，\s]", "", match["number"])
    if len(number) > 12:
        return None
    value = Decimal(number + (match["fen"] or ""))
    big = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "千": 1000, "k": 1000, "百": 100}.get(
        (match["big"] or "").lower(), 1
    )
    value *= big
    for digits, unit in re.findall(
        r"(\d+)([千仟百佰]?)", match["more"]
    ):  # 2万3千8: each is of the place before it, or names its own
        named = TENS.get(unit)
        value += int(digits) * (named if named else Decimal(big) / Decimal(10) ** len(digits))
        big = named or big
    return value


def _part(said: str | None, of: int) -> Decimal:
    """陆角 → 0.6, of ten; 0 where nothing is said."""
    return Decimal(ONES.get(said[0], 0) if said else 0) / of


_YEAR = r"[〔［\[（(【]\s?(?:(?:19|20)\d\d|二[〇零○][〇零○一二三四五六七八九]{2})\s?[〕］\]）)】]"
_BRANCH = r"[\u4e00-\u9fff]{0,6}[（(][\u4e00-\u9fff]{1,3}[）)]"
_DOCUMENT = re.compile(
    rf"{_YEAR}\s?[\u4e00-\u9fff]{{1,3}}\d{{0,4}}[\u4e00-\u9fff]{{1,16}}第?\s?\d{{1,6}}号(?:之[一二三四五六七八九十\d]{{1,2}})?"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出发]))(?:(?:{_BRANCH})?[\u4e00-\u9fff]{{2,14}}?|{_BRANCH}){_YEAR}\s?第?\s?\d{{1,6}}(?:\s?号|(?![\d年]))"
    r"|(?<![A-Za-z])[A-Z]{2,8}[（(](?:19|20)\d\d[）)][A-Z]{0,2}\d{2,6}号?"
    r"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出]))[\u4e00-\u9fff]{2,10}?第\s?\d[\d\-]{2,12}号"
)
_LABELLED = re.compile(
    r"(?:编号|号码|工牌|条码|车架|[件货销证换券提购]码|[工团户床座房批券码摊位记证单档箱柜铺票车学款货卡表案件同议桌排取约诊历院身机]{1,2}[号牌]|(?<![A-Za-z])(?:N[oO][.:：]?|№|SN[码号]?))"
    r"[是为:：\s（(“\"【]{0,3}(?P<token>(?=[A-Za-z\-]{0,8}\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\d\-年月日])|\d{4}-[\u4e00-\u9fff]{1,4}-\d{1,6})"
    r"|(?P<bare>(?:19|20)\d\d[\u4e00-\u9fff]\d{2,4}[民刑行执知商][初终再恢保申特辖监]{1,2}\d{1,6}号)"
)
"""（2024）鄂0106民初123号, 鄂武市监处罚〔2026〕1183号: of a court or an office."""
_OF_LAW = re.compile(
    r"法释|法发|法办|国发|国办|国函|国令|[令告]第?$|总局|国市监|主席|财税|发改|工信部|公安部|住建部|商务部"
)
_STANDARD = re.compile(
    r"(?<![A-Za-z0-9])(?:GBZ?|GBT|[A-Z]{2}(?=/T)|QB|SB|NY|LS|JJG|JJF|JGJ|CJJ|JT|YY|HG|DBS?\d{2}|T/[A-Z]{2,8}|Q/[A-Z]{2,8}|ISO|IEC|EN|CCC|SC)"
    r"(?:/[TZ])?[\s\-]?\d[\d.]*+(?![A-Za-z])(?:[—–\-]\d{4}(?!\d))?"
)
"""GB/T 7718-2011: what all know."""


def documents(view: str) -> Iterator[Found]:
    """Numbers that courts and offices give; those of laws lead to nobody."""
    for match in _DOCUMENT.finditer(view):
        if not _OF_LAW.search(match[0][: match[0].rfind("第") if match[0].count("第") else None]):
            yield Found(match.start(), match.end(), "order", "（单号略）", 9)
    for match in _LABELLED.finditer(view):
        group = "token" if match["token"] else "bare"
        if len(match[group]) > 2:
            yield Found(match.start(group), match.end(group), "order", "（单号略）", 5)


def without_standards(view: str) -> str:
    """GB 7718-2011 is no number of anybody's; the length is the same."""
    return _STANDARD.sub(lambda match: "¤" * len(match[0]), view)


_D = f"[0-9{''.join(NUMERALS)}]"
_S = SEPARATORS
_RUN = re.compile(rf"{_D}(?:{_S}{{0,3}}{_D})*(?:{_S}?[Xx](?![A-Za-z]))?")
_GROUP = re.compile(rf"{_D}+[Xx]?|[Xx]")
_HYPHENS = re.compile(rf"{_D}+(?:[\-_—–]{_D}+)+[Xx]?")
_LETTERS_APART = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,6}\s$")
_HOTLINE = re.compile(r"1(?:1\d|20|22)|123\d\d|100\d\d|95\d{3}|96\d{3,4}")
"""Numbers that everybody may call: 12315, 95598."""

_SHAPES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("phone", re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}")),
    ("id", re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")),
    ("id", re.compile(r"\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")),
    ("bank", re.compile(r"(?:62|4|5|60|9)\d{11,19}")),
    ("phone", re.compile(r"(?:(?:00)?86)?0(?:10|2\d|[3-9]\d{2})\d{7,8}\d{0,4}")),
    ("phone", re.compile(r"[48]00\d{7}")),
)
_CONTEXT: Final = re.compile(
    r"(?P<phone>电话|手机|座机|号码|致电|拨打|来电|热线|短信|联系方式|tel|phone|mobile|call)|(?P<id>身份证|证件|护照|社保|医保|通行证|驾驶证|学号|工牌|胸牌|工号)"
    r"|(?P<bank>银行卡|卡号|尾号|储蓄卡|信用卡|账户|开户|末四位|后四位)|(?P<account>账号|帐号|微信|支付宝|qq|扣扣|会员号|会员卡|用户名)"
    r"|(?P<order>订单|单号|运单|快递|流水|交易|凭证|合同|编号|发票|票号|保单|报案|受理|登记|档案|户号|表号|病历|序列号|车架|imei|取件码|验证码|邮编|案号|order)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[^0-9，。；！？,;\n略转收付]{0,10}$")
_COUNTED = re.compile(r"\s?[年月日天个次元块岁号%％人户件批名份台]")
_CODE = re.compile(
    rf"(?<![A-Za-z0-9])[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{_S}?[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy](?:{_S}?\d){{6}}"
    rf"(?:{_S}?[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]){{10}}(?![A-Za-z0-9])"
)
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[EGDSPHMCWefghmcw][A-Za-z]?(?:[ \-]?\d){7,10}(?!\d)")
_MIXED = re.compile(r"(?<![A-Za-z0-9@._\-])(?=[A-Za-z0-9_\-]*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9])){6,}")
_PLATE = re.compile(
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]{_S}{{0,2}}[A-Za-z]"
    rf"(?:{_S}{{0,2}}[A-HJ-NP-Za-hj-np-z0-9{''.join(NUMERALS)}]){{4,6}}[挂学警港澳]?(?![A-Za-z0-9])"
)
_AT = r"(?:@|\(at\)|\[at\]|（at）|艾特|\s+at\s+)"
_MAIL = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z0-9][\w+\-]{{0,63}}(?:\s?\.\s?[\w+\-]{{1,63}}){{0,8}}\s{{0,2}}{_AT}\s{{0,2}}[A-Za-z0-9][A-Za-z0-9\-]*(?:\s{{0,2}}(?:\.|。|点|\s+dot\s+)\s{{0,2}}[A-Za-z]{{2,}})+(?![A-Za-z0-9.]*\s?@)",
    re.ASCII | re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s，。；）)”\u4e00-\u9fff]+", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:微信|微\s?信|weixin|wechat|v信|薇信|威信|(?<![A-Za-z])(?:vx|wx|v)(?![A-Za-z])|qq|扣扣|企鹅|支付宝|alipay|抖音|快手|小红书|微博|淘宝|"
    r"闲鱼|京东|拼多多|旺旺|陌陌|钉钉|飞书|whatsapp|telegram|账号|帐号|账户|用户名|昵称|网名|(?<![A-Za-z])id(?![A-Za-z]))"
    r"(?:\s?(?:号码|号|账号|帐号|账户|id|昵称|名称|名|收款码?|转账到?))*"
    r"[\s:：是为叫作（(“\"'「『【\-]*"
    r"(?P<token>[A-Za-z0-9][A-Za-z0-9_\-.@]*(?:[ _\-][A-Za-z0-9_\-]+){0,4})",
    re.IGNORECASE,
)
_MASKED = re.compile(r"(?<!\d)1\d{2}\*{3,5}\d{4}(?!\d)")
_CALLED_AT = re.compile(r"(?<![A-Za-z0-9.\s])\s?@(?P<token>[\u4e00-\u9fffA-Za-z0-9_]{2,12})(?=[\s，。：:、！？]|$)")
_NICKNAME = re.compile(
    r"(?:昵称|网名|用户名|账号名|(?<![A-Za-z])id)[\s:：是为叫作]*[“\"'「『【‘](?P<token>[^”\"'」』】’\n]{1,20})",
    re.IGNORECASE,
)
_NICKNAME_BARE = re.compile(
    r"(?:昵称|网名|微信名|用户名)(?:[:：是为叫]{1,2}|(?=[\u4e00-\u9fff]{0,9}[A-Za-z0-9]))(?P<token>[\u4e00-\u9fffA-Za-z0-9_]{3,12})(?=[，。；！？,;）)\s]|$)"
)
_NICKNAME_SHOWN = re.compile(
    r"(?:微信收款名|收款名|微信名|微信昵称|昵称|网名|(?:收款[人方码]?|收款二维码|微信|对方|名字|名称|账户)(?:上)?显示的?(?:名字|名称|收款人)?(?:[是为叫:：]))[“\"]?"
    r"(?P<token>(?![和与及都也不改已是叫为的字称片里上后前跟就被有在我你他她对这那])[\u4e00-\u9fffA-Za-z0-9_*]{2,10})(?=[，。；！？,;）)\n]|$)"
)
"""微信收款名平安是福，: up to the next sign."""
_NO_NICKNAME = re.compile(r"公司|个人|店|本人|成功|失败|异常|正常|已|未|收款|付款|转账|商户|商家|老板|不|没|元")


def numbers(view: str, blocked: str) -> Iterator[Found]:
    """`view`: `plain` of the text; `blocked`: the same with amounts and dates blotted out."""
    for kind, pattern in (("link", _LINK), ("email", _MAIL), ("plate", _PLATE)):
        for match in pattern.finditer(view):
            if kind != "plate" or _plate(match[0]):
                yield _found(match.start(), match.end(), kind, 9)
    for match in _CODE.finditer(view):
        joined = re.sub(_S, "", match[0])
        if any(char.isalpha() for char in joined) and not re.fullmatch(r"\d{17}[Xx]", joined):
            yield _found(match.start(), match.end(), "code", 8)
    for pattern in (_NAMED, _NICKNAME):
        for match in pattern.finditer(view):
            token = match["token"]
            if len(token) >= (4 if pattern is _NAMED else 1) and (pattern is _NICKNAME or _handle(token)):
                yield _found(match.start("token"), match.end("token"), "account", 7)
    for match in _NICKNAME_BARE.finditer(view):
        yield _found(match.start("token"), match.end("token"), "account", 7)
    for match in _NICKNAME_SHOWN.finditer(view):
        if not _NO_NICKNAME.search(match["token"]):
            yield _found(match.start("token"), match.end("token"), "account", 7)
    for match in _MASKED.finditer(view):
        yield _found(match.start(), match.end(), "phone", 8)
    for match in _CALLED_AT.finditer(view):
        yield _found(match.start("token"), match.end("token"), "account", 6)
    for match in _PASSPORT.finditer(view):
        yield _found(match.start(), match.end(), "id", 6)
    for match in _MIXED.finditer(view):
        if sum(char.isdigit() for char in match[0]) >= 5:
            yield _found(match.start(), match.end(), "order", 4)
    for match in _RUN.finditer(blocked):
        yield from (_with_letters(view, one) for one in _of_run(view, match))


def _of_run(view: str, run: re.Match[str]) -> Iterator[Found]:
    """Groups of digits joined as far as they make a number that has a shape; else by what stands before it."""
    groups = [(run.start() + group.start(), run.start() + group.end()) for group in _GROUP.finditer(run[0])]
    if not groups or len(digits_of(run[0])) < 3:
        return
    context = _context(view, groups[0][0])
    whole = _joined(run[0])
    if len(groups) > 1 and len(whole) >= 9 and _HYPHENS.fullmatch(run[0]):  # one number in parts
        yield _found(run.start(), run.end(), _shape(whole) or context or "number", 8)
        return
    at, before = 0, False
    while at < len(groups):
        for last in range(min(len(groups), at + 24), at, -1):
            start, end = groups[at][0], groups[last - 1][1]
            joined = _joined(view[start:end])
            kind = _shape(joined)
            if kind:
                if kind == "bank" and context in ("order", "account", "phone", "id"):
                    kind = context
                while start > 0 and (view[start - 1] in "+("):
                    start -= 1
                yield _found(start, end, kind, 8)
                at, before = last, True
                break
        else:
            start, end = groups[at]
            one = _joined(view[start:end])
            if len(one) >= 7 and not _HOTLINE.fullmatch(one):
                yield _found(start, end, context or "number", 5)
            elif (
                context
                and not before
                and not _HOTLINE.fullmatch(one)
                and not _COUNTED.match(view, end)
                and not _COUNTED.match(view, run.end())
                and len(_joined(run[0])) >= 3
            ):
                rest = groups[-1][1]
                if len(_joined(view[start:rest])) >= 3:
                    yield _found(start, rest, context, 5)
                return
            at += 1


def _with_letters(view: str, one: Found) -> Found:
    """BT7700 1203 5581, RD 2025 0099 1203: the letters before it are of the number."""
    start = one.start
    if apart := _LETTERS_APART.search(view, max(0, start - 8), start):
        start = apart.end() - 1
    while one.kind in ("order", "number", "id") and start and view[start - 1].isascii() and view[start - 1].isalpha():
        start -= 1
    return Found(start, one.end, one.kind, one.put, one.weight)


def _shape(joined: str) -> str:
    if len(joined) < 10:
        return ""
    return next((kind for kind, pattern in _SHAPES if pattern.fullmatch(joined)), "")


def _joined(text: str) -> str:
    return digits_of(text) + ("X" if text[-1:] in ("X", "x") else "")


def _context(view: str, start: int) -> str:
    before = view[max(0, start - 16) : start]
    best = ""
    for match in _CONTEXT.finditer(before):
        if _BETWEEN.fullmatch(before[match.end() :]):
            best = match.lastgroup or ""
    return best


def _plate(text: str) -> bool:
    tail = re.sub(_S, "", text)[2:]
    digits = sum(char.isdigit() or char in NUMERALS for char in tail)
    return digits >= 2 and len(tail.rstrip("挂学警港澳")) + (text[-1] in "挂学警港澳") >= 5


def _handle(token: str) -> bool:
    """Somebody's name at a service, not an English word after one."""
    return any(char.isdigit() or char in "_-@." for char in token) or len(token) >= 6


def _found(start: int, end: int, kind: str, weight: int) -> Found:
    return Found(start, end, kind, PUTS[kind], weight)
