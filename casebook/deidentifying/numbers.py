"""Numbers that lead to a person: phones, identity documents, cards and accounts, orders, plates, codes.

Digits may be full-width or Chinese, with anything between them, and go on in the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from casebook.deidentifying.text import NUMERALS, SEPARATORS, Found, digits_of

PUTS: Final[Mapping[str, str]] = {
    "phone": "（电话略）",
    "id": "（证件号略）",
    "bank": "（账号略）",
    "account": "（账号略）",
    "order": "（单号略）",
    "code": "（信用代码略）",
    "plate": "（车牌略）",
    "email": "（邮箱略）",
    "link": "（链接略）",
    "number": "（号码略）",
}
ENGLISH: Final[Mapping[str, str]] = {kind: f"[{kind}]" for kind in PUTS}

_D = f"[0-9{''.join(NUMERALS)}]"
_S = SEPARATORS
_RUN = re.compile(rf"{_D}(?:{_S}{{0,3}}{_D})*(?:{_S}?[Xx](?![A-Za-z]))?")
_GROUP = re.compile(rf"{_D}+[Xx]?|[Xx]")
_HYPHENS = re.compile(rf"{_D}+(?:[\-_—–]{_D}+)+[Xx]?")
_HOTLINES = frozenset({"12315", "12345", "12358", "12348", "12368", "110", "120", "119", "114"})

_SHAPES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("phone", re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}")),
    ("id", re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")),
    ("id", re.compile(r"\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")),
    ("bank", re.compile(r"(?:62|4|5|60|9)\d{11,17}")),
    ("phone", re.compile(r"(?:(?:00)?86)?0(?:10|2\d|[3-9]\d{2})\d{7,8}\d{0,4}")),
    ("phone", re.compile(r"[48]00\d{7}")),
)
_CONTEXT: Final = re.compile(
    r"(?P<phone>电话|手机|座机|号码|致电|拨打|来电|热线|短信|联系方式|tel|phone|mobile|call)|(?P<id>身份证|证件|护照|社保|医保|通行证|驾驶证|学号|工号)"
    r"|(?P<bank>银行卡|卡号|尾号|储蓄卡|信用卡|账户|开户|末四位|后四位)|(?P<account>账号|帐号|微信|支付宝|qq|扣扣|会员号|会员卡|用户名)"
    r"|(?P<order>订单|单号|运单|快递|流水|交易|凭证|合同|编号|发票|票号|保单|病历|序列号|车架|imei|取件码|验证码|邮编|案号|order)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[^0-9，。；！？,;\n略]{0,10}$")
_COUNTED = re.compile(r"\s?[年月日天个次元块岁号]")
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
    rf"(?<![A-Za-z0-9])[A-Za-z0-9][\w+\-]{{0,63}}(?:\s?\.\s?[\w+\-]{{1,63}}){{0,8}}\s{{0,2}}{_AT}\s{{0,2}}[A-Za-z0-9][A-Za-z0-9\-]*(?:\s{{0,2}}(?:\.|。|点|\s+dot\s+)\s{{0,2}}[A-Za-z]{{2,}})+",
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
_NICKNAME = re.compile(
    r"(?:昵称|网名|用户名|账号名|(?<![A-Za-z])id)[\s:：是为叫作]*[“\"'「『【‘](?P<token>[^”\"'」』】’\n]{1,20})",
    re.IGNORECASE,
)


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
            if len(one) >= 7 and one not in _HOTLINES:
                yield _found(start, end, context or "number", 5)
            elif (
                context
                and not before
                and one not in _HOTLINES
                and not _COUNTED.match(view, end)
                and len(_joined(run[0])) >= 3
            ):
                rest = groups[-1][1]
                if len(_joined(view[start:rest])) >= 3:
                    yield _found(start, rest, context, 5)
                return
            at += 1


def _with_letters(view: str, one: Found) -> Found:
    """BT7700 1203 5581: the letters before it are of the number."""
    start = one.start
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
    return (
        sum(char.isdigit() or char in NUMERALS for char in tail) >= 2
        and len(tail.rstrip("挂学警港澳")) + (text[-1] in "挂学警港澳") >= 5
    )


def _handle(token: str) -> bool:
    """Somebody's name at a service, not an English word after one."""
    return any(char.isdigit() or char in "_-@." for char in token) or len(token) >= 6


def _found(start: int, end: int, kind: str, weight: int) -> Found:
    return Found(start, end, kind, PUTS[kind], weight)
