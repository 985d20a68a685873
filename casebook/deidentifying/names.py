"""People's names: those on file wherever and however they are written, and others by what stands around them.

A common family name stays with 某 after it, as judgments do it; of a rare one nothing stays, it would say who it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from casebook.deidentifying.callings import callings
from casebook.deidentifying.organisations import literal
from casebook.deidentifying.surnames import ALSO_WORDS, COMMON, COMPOUND, NOT_GIVEN, NOT_NAMES, PINYIN, RARE
from casebook.deidentifying.views import SEPARATORS, Found, plain
from casebook.deidentifying.words import overlapping, words
from law import dictionary

_SURNAME = f"(?:{'|'.join(COMPOUND)}|[{COMMON}{RARE}])"
_HONORIFIC = (
    "先生|女士|小姐|老师|经理|店长|老板|老板娘|主任|医生|大夫|护士|师傅|阿姨|大爷|大妈|大姐|大哥|大叔|大娘|奶奶|爷爷|叔叔|伯伯|婆婆|教练|律师|同学|"
    "太太|夫人|主管|顾问|导购|会计|院长|校长|所长|科长|处长|队长|厂长|工程师|技师|司机|总监|总|姐|哥|叔|姨|婶|工|某某|某"
)
_TITLED = re.compile(rf"(?P<who>{_SURNAME})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{_HONORIFIC})")
_FAMILIAR = re.compile(
    rf"(?<![\u4e00-\u9fff])?(?:老|小|阿)(?P<who>[{COMMON}{RARE}])(?=[，。、；：！？\s说在到来去和与跟把被给的讲叫]|$)"
)
_CONTEXT: Final = (
    "姓名|名字|名叫|名为|叫做|叫|联系人|收款人|付款人|收货人|收件人|寄件人|户名|开户名|法定代表人|法人代表|法人|负责人|经办人|经营者|店长|经理|老板|员工|"
    "店员|业务员|销售员|销售顾问|销售|客服|主管|代表|班主任|护士|骑手|讲师|工程师|设计师|导游|领队|专员|前台|店主|老板娘|校长|园长|组长|出纳|财务|管家|收银员|服务员|保安|技术员|导购员|导购|教练|老师|司机|师傅|消费者|投诉人|被投诉人|申请人|当事人|举报人|原告|被告|丈夫|妻子|老公|老婆|儿子|女儿|"
    "母亲|父亲|妈妈|爸爸|老伴|外婆|奶奶|爷爷|邻居|朋友|同事|同学|代理人|委托代理人|律师|调解员|证人|医生|本人|我是|签名|签字人|转给|付给|汇给|交给|递给|发给|找到|找|"
    "见到|遇到|联系|询问|告知|通知|要求|家长|患者|乘客|车主|业主|房东|租客|户主|学员|会员|顾客|客户|主播|卖家|买家|掌柜|投保人|被保险人"
)
_AFTER = re.compile(
    rf"(?:{_CONTEXT})(?:一栏)?(?:写的)?(?:是|为|叫个?|个)?[\s:：（(“\"]{{0,3}}(?P<who>{_SURNAME})(?P<given>\s{{0,2}}[\u4e00-\u9fff](?:\s{{0,2}}[\u4e00-\u9fff])?)"
)
_DOING = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|[与和向给由让])(?P<who>{_SURNAME})(?P<given>[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=称|表示|与|和|付的|付了|付钱|一同|认为|退款|说|要求|同意|承诺|提出|提供|陈述|签字|到店)"
)
_FAMILY_ONLY = re.compile(r"(?<![同百大老贵])姓(?P<who>[\u4e00-\u9fff])(?=[，。、；：！？,.\s的（(]|$)")
_CALLED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=老板)|(?<=财务)|(?<=店员)|(?<=店长)|(?<=经理)|(?<=客服)|(?<=教练)|(?<=叫)|(?<=找)|(?<=问)|(?<=爱人)|(?<=给))"
    r"(?P<who>[\u4e00-\u9fff]|[A-Z][a-z]+)(?P<kin>姐|哥|叔|姨|嫂|妹)(?![\u4e00-\u9fff]{0,1}[妹弟们夫])"
)
_KIN: Final = frozenset("大小老表堂师帅空他她我你这那的二三四五阿亲个叫")
_AH = re.compile(r"(?<![\u4e00-\u9fff])阿(?P<who>[\u4e00-\u9fff])(?![\u4e00-\u9fff]?[泰司])")
_AH_WORDS: Final = frozenset("姨里胶拉坝富迪根司")
_WITH_SUM = re.compile(rf"(?<=[、：:，\s])(?P<who>{_SURNAME})(?P<given>[\u4e00-\u9fff]{{1,2}})(?=\d{{3,}})")
_COUPLE = re.compile(r"(?<=、)(?P<who>[\u4e00-\u9fff]{2,3})(?=夫妇|夫妻)")
_INTRODUCED = re.compile(
    r"(?:\b[Mm]y name is|\b[Nn]amed|\b[Cc]alled|\bI am|\bI'm|\bThis is)\s+(?P<who>[A-Z][a-z]+(?:\s[A-Z][a-z]+){1,2})"
)
_SIGNED = re.compile(r"[.!?\n][^\S\n]*+(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\s*+$")
_DOTTED = re.compile(r"[\u4e00-\u9fff]{2,8}[·•・‧∙⋅][\u4e00-\u9fff]{2,8}(?:[·•・‧∙⋅][\u4e00-\u9fff]{2,8})?")
_LATIN = (
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Madam)\.?\s+[A-Z][A-Za-z]+(?:[\s\-][A-Z][A-Za-z]+){0,2}"),
    re.compile(
        rf"\b(?i:{'|'.join(sorted(PINYIN, key=len, reverse=True))})\s+[A-Z][A-Za-z]{{1,11}}(?:[\s\-][A-Z][A-Za-z]{{1,8}})?\b"
    ),
    re.compile(rf"\b[A-Z][A-Za-z]{{1,11}}\s+(?i:{'|'.join(sorted(PINYIN, key=len, reverse=True))})\b"),
)


def put_for(name: str, taken: dict[str, str]) -> str:
    """The same name always gets the same; two of one family name are told apart: 王某, 王某甲, 王某乙."""
    if name in taken:
        return taken[name]
    family = next((one for one in COMPOUND if name.startswith(one)), name[:1])
    base = f"{family}某" if family in COMMON and len(family) == 1 else "某人"
    others = sum(put.startswith(base) for put in taken.values())
    taken[name] = base if not others else base + "甲乙丙丁戊己庚辛壬癸"[(others - 1) % 10]
    return taken[name]


def names(view: str, known: Iterable[str], taken: dict[str, str]) -> Iterator[Found]:
    families = set()
    for name in known:
        folded = re.sub(SEPARATORS, "", plain(name))
        if len(folded) < 2:
            continue
        put = put_for(folded, taken)
        yield from literal(view, folded, "name", put, 9)
        family = next((one for one in COMPOUND if folded.startswith(one)), folded[:1])
        families.add(family)
        given = folded[len(family) :]
        if len(given) >= 2 and "\u4e00" <= given[0] <= "\u9fff":
            yield from literal(view, given, "name", put, 4)
    for match in _DOTTED.finditer(view):
        yield Found(match.start(), match.end(), "name", put_for(match[0], taken), 6)
    for match in _TITLED.finditer(view):
        whole = match["who"] + match["given"]
        if whole in NOT_NAMES or any(char in NOT_GIVEN for char in match["given"]) or _inside(view, match.start()):
            continue
        end = match.end() if match["title"] in ("某", "某某") else match.start("title")
        if match["title"] in ("总", "姐", "哥", "叔", "姨", "婶", "工") and match["given"]:
            continue
        if match["title"] not in ("某", "某某"):
            yield Found(
                match.start(), end, "name", put_for(whole, taken) if match["given"] else _family(match["who"]), 6
            )
    for match in _FAMILIAR.finditer(view):
        yield Found(match.start(), match.end(), "name", _family(match["who"]), 3)
    for match in _AFTER.finditer(view):
        given = re.sub(r"\s", "", match["given"])
        end = match.end()
        if given[0] in NOT_GIVEN or match["who"] + given[:1] in NOT_NAMES:
            continue
        if len(given) == 2 and (given[1] in NOT_GIVEN or re.match(_HONORIFIC, view[end - 1 : end + 1])):
            end -= len(match["given"]) - match["given"].index(given[0]) - 1
            given = given[:1]
        yield Found(match.start("who"), end, "name", put_for(match["who"] + given, taken), 5)
    for match in _DOING.finditer(view):
        given = match["given"]
        if (
            not (set(given) & NOT_GIVEN)
            and match["who"] + given[:1] not in NOT_NAMES
            and match["who"] + given not in NOT_NAMES
        ):
            yield Found(match.start("who"), match.end(), "name", put_for(match["who"] + given, taken), 4)
    yield from _addressed(view, taken)
    for start, end, weight in callings(view):
        yield Found(start, end, "name", _put_called(view[start:end], taken), weight)
    yield from _cut(view, taken)
    for pattern in _LATIN:
        for match in pattern.finditer(view):
            yield Found(
                match.start(), match.end(), "name", "某人" if _near_chinese(view, match.start()) else "a party", 5
            )


def _addressed(view: str, taken: dict[str, str]) -> Iterator[Found]:
    """People as others call them: 姓单, 玲姐, 阿斌; of a list with sums, of a couple; and who says in English who they are."""
    for match in _FAMILY_ONLY.finditer(view):
        yield Found(match.start("who"), match.end("who"), "name", "某", 4)
    for match in _CALLED.finditer(view):
        if match["who"] not in _KIN:
            yield Found(match.start("who"), match.end(), "name", f"某{match['kin']}", 4)
    for match in _AH.finditer(view):
        if match["who"] not in _AH_WORDS:
            yield Found(match.start(), match.end(), "name", "某人", 4)
    for match in _WITH_SUM.finditer(view):
        if match["who"] + match["given"][:1] not in NOT_NAMES and not set(match["given"]) & NOT_GIVEN:
            yield Found(match.start(), match.end(), "name", put_for(match[0], taken), 5)
    for match in _COUPLE.finditer(view):
        yield Found(match.start(), match.end(), "name", put_for(match[0], taken), 5)
    for pattern in (_INTRODUCED, _SIGNED):
        for match in pattern.finditer(view):
            yield Found(match.start("who"), match.end("who"), "name", "a party", 5)


def _cut(view: str, taken: dict[str, str]) -> Iterator[Found]:
    """Words that the cutter takes for people, and a family name with a word after it that it could not place."""
    cut = words(view)
    for index, word in enumerate(cut):
        text = word.text
        family = next((one for one in COMPOUND if text.startswith(one)), text[:1])
        if family not in COMPOUND and (family not in COMMON and family not in RARE):
            continue
        if word.tag.startswith("nr") and 2 <= len(text) <= 4 and text not in NOT_NAMES and len(text) > len(family):
            end = word.end
            following = cut[index + 1] if index + 1 < len(cut) else None
            if (
                len(text) == 2
                and following
                and len(following.text) == 1
                and following.tag[:1] not in ("p", "c", "u", "d", "r", "y")
                and "\u4e00" <= following.text <= "\u9fff"
                and following.text not in NOT_GIVEN
            ):
                end = following.end
            elif len(text) == 2 and following and len(following.text) == 2 and _no_word(following.text):
                end += 1  # 田贵|生进
            yield Found(word.start, end, "name", put_for(view[word.start : end], taken), 4)
        elif text == family and (text in COMPOUND or text not in ALSO_WORDS) and index + 1 < len(cut):
            given = cut[index + 1]
            if (
                1 <= len(given.text) <= 2
                and re.fullmatch(r"[\u4e00-\u9fff]+", given.text)
                and given.text[0] not in NOT_GIVEN
                and given.tag[:1] in ("n", "a", "v", "z", "x", "j", "b", "g")
                and text + given.text not in NOT_NAMES
            ):
                end = given.end
                after = cut[index + 2] if index + 2 < len(cut) else None
                if (
                    len(given.text) == 1
                    and after
                    and len(after.text) == 1
                    and after.tag[:1] in ("n", "a", "z", "x", "g", "v")
                    and after.text not in NOT_GIVEN
                    and "\u4e00" <= after.text <= "\u9fff"
                ):
                    end = after.end
                yield Found(word.start, end, "name", put_for(view[word.start : end], taken), 3)


def _no_word(text: str) -> bool:
    return (
        bool(re.fullmatch(r"[\u4e00-\u9fff]{2}", text)) and text[0] not in NOT_GIVEN and not dictionary.has_word(text)
    )


def _put_called(who: str, taken: dict[str, str]) -> str:
    return put_for(who, taken) if who[0] in COMMON or who[0] in RARE or who.startswith(COMPOUND) else "某人"


def _family(family: str) -> str:
    return f"{family}某" if family in COMMON else "某人"


def _inside(view: str, at: int) -> bool:
    """A character that is the end of an ordinary word: 关于老师 is nobody called 于."""
    return any(
        word.start < at and not word.tag.startswith("nr") and dictionary.has_word(word.text)
        for word in overlapping(words(view), at, at + 1)
    )


def _near_chinese(view: str, at: int) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in view[max(0, at - 12) : at + 12])
