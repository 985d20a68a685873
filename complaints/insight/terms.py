"""Words and phrases of a complaint's text, by jieba's dictionary: what could be new, and nothing that names a person.

A term is a word of two characters and more, or two neighbouring pieces when that makes three to six characters: names
and new turns of speech, which no dictionary has, come apart and are found again as such pairs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from law import dictionary

LONGEST: Final = 6  # characters of a phrase
SHORTEST: Final = 3
NEARLY: Final = 0.8  # of the times a term is said
_CLAUSE: Final = re.compile(r"[\u3400-\u9fff]+")
# What the desk's own language is made of: tells nothing of what happened.
STOP: Final = frozenset(
    "的了和是在与及或等被把对向将为以于从到由其该这那此我你他她它们您本人自己消费者投诉人被投诉人市民群众来电来信来访"
    "反映投诉举报诉求要求希望请求表示认为说称现在之后目前当时今天昨天近日上旬中旬下旬已经没有不是可以能够进行处理"
    "先生女士您好领导关注求助问题情况商家公司店铺门店客服平台电话联系协商未果答复不予多次一直都不也就还又再并且但是因为"
    "所以如果通过购买支付付款消费花费共计总价费用项目办理元万元年月日号时分有限公司有限责任"
)
_WORDS: Final = frozenset(
    {
        "投诉", "反映", "举报", "诉求", "要求", "希望", "请求", "消费者", "本人", "市民", "来电人", "来电", "信访人",
        "现在", "之后", "目前", "结果", "近日", "多次", "协商", "未果", "答复", "处理", "商家", "公司", "有限公司",
        "有限责任", "联系", "客服", "对方", "平台", "没有", "不予", "希望能够", "能够", "进行", "通过", "购买", "支付",
        "付款", "总价", "消费", "花费", "费用", "项目", "办理", "先生", "女士", "您好", "领导", "关注", "求助", "上旬",
        "中旬", "下旬", "人民币", "截图", "聊天记录", "为证", "一直", "电话", "问题", "内容", "投诉内容", "现场",
        "群众", "致电", "热线", "局长", "来信", "称其", "我们", "他们", "因为", "所以", "但是", "如果", "这个", "那个",
        "依法", "赔偿", "退还", "退款", "尽快", "一个", "两次", "再等", "店长", "武汉市", "湖北省", "共计", "认为",
        "表示", "可以", "已经", "不是", "还是", "就是", "什么", "怎么", "其中", "以及", "关于", "介入", "有限责任公司",
    }
)  # fmt: skip
_PERSON: Final = re.compile(r".{1,2}(?:先生|女士|小姐|老师|师傅|阿姨|大爷)$")


def terms(text: str, names: Collection[str] = ()) -> frozenset[str]:
    """Each once. `names`: of the people it is about; no term that is a part of one, or holds one, is given."""
    found: set[str] = set()
    for clause in _CLAUSE.findall(text):
        pieces = dictionary.cut(clause)
        before = ""
        for piece in pieces:
            plain = piece not in _WORDS and not (len(piece) == 1 and piece in STOP)
            if plain and len(piece) > 1:
                found.add(piece)
            if plain and before and SHORTEST <= len(before) + len(piece) <= LONGEST:
                found.add(before + piece)
            before = piece if plain else ""
    people = [name for name in names if len(name) > 1]
    return frozenset(
        term for term in found if not _PERSON.match(term) and not any(name in term or term in name for name in people)
    )


def stands_alone(term: str, texts: Iterable[str]) -> bool:
    """Whether a phrase is what people say and not a piece of something longer: nothing that stands before or behind it
    does so nearly always. A word of the dictionary is one."""
    if not phrase(term):
        return True
    before, behind, times = Counter[str](), Counter[str](), 0
    for text in texts:
        for found in re.finditer(re.escape(term), text):
            times += 1
            before[_beside(text, found.start() - 1)] += 1
            behind[_beside(text, found.end())] += 1
    del before[""], behind[""]
    return max([*before.values(), *behind.values()], default=0) <= NEARLY * times


def _beside(text: str, at: int) -> str:
    """A character, "" where a clause ends."""
    return text[at] if 0 <= at < len(text) and _CLAUSE.match(text[at]) else ""


def pieces(seen: Mapping[str, int]) -> frozenset[str]:
    """Of terms and how often each was said: those that are nearly always said as part of a longer one."""
    return frozenset(
        term
        for term, times in seen.items()
        if any(term != other and term in other and often >= NEARLY * times for other, often in seen.items())
    )


def phrase(term: str) -> bool:
    """Whether it stands for two pieces rather than a word of the dictionary."""
    return len(dictionary.cut(term)) > 1
