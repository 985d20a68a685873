"""What in a text somebody could be known by, found by rules that are pure and say of what kind it is.

Rules propose, a person decides (`casebook`). `looking` puts the finders together; a finder answers with places
and what to put there. How much they find is measured on planted texts: `yuntiao bench deidentify`.

Here is what every finder stands on: texts made plain, cut into words, and the surnames there are.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from law import dictionary

NUMERALS: Final = dict(zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892", strict=True))
SEPARATORS: Final = r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-‐‑‒–—―_·•・.()/（）、]"
"""What may stand between the digits of one number."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the raw text, of what kind, what to put there, and how sure: the higher wins where two overlap."""

    start: int
    end: int
    kind: str
    put: str
    weight: int = 5


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """Every character by its compatibility form, where that is one character; the length is the same."""
    return "".join(_folded(char) for char in text)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isascii() or char in "，；：！？":  # between thousands a comma is one, between sentences it is not
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def digits_of(text: str) -> str:
    """Digits alone, Chinese numerals among them as digits."""
    return "".join(NUMERALS.get(char, char) for char in text if char.isdigit() or char in NUMERALS)


def chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    text: str
    tag: str


@lru_cache(maxsize=32)
def cut_words(view: str) -> tuple[Word, ...]:
    """Every character is in one word; tags are jieba's ("nr" a person, "ns" a place, …)."""
    out, at = [], 0
    for text, tag in dictionary.tag(view):
        start = view.find(text, at)
        if start < 0:
            continue
        at = start + len(text)
        out.append(Word(start, at, text, tag))
    return tuple(out)


def overlapping_words(cut: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """Words of `cut` that reach into `start`…`end`, in order; found by halving, however long the text is."""
    first = bisect_right(cut, start, key=lambda word: word.end)
    return cut[first : bisect_left(cut, end, lo=first, key=lambda word: word.start)]


COMMON: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
COMPOUND: Final = (
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木", "闻人", "独孤", "南宫", "长孙", "宇文",
    "轩辕", "司空", "百里", "呼延", "太史", "申屠", "澹台", "拓跋", "第五", "东郭", "南门", "西门", "钟离", "濮阳", "淳于", "单于", "万俟", "赫连",
)  # fmt: skip
RARE: Final = (
    "洪朴倪施牛温芦章鲁葛殷庞安柴柳齐梅路庄左涂祝吉尤耿焦童游华甘辛卜邢关蓝岳包宁辜苗凌费纪舒屈项詹裴席巫刁骆管虞霍池柯娄阮麦房解连成冉景单邬喻翟戚申闵欧米盛桂迟晏艾鄢蔺逯仝璩亓郗缪佘佟邝"
    "冼禹卓车司牟云花薄靳聂滕隋宗窦穆查楚郎屠厉祁占胥谷饶瞿鲍封敖沙鞠俞丛苟郁符苑原巴蒲乐历鄂储井计宫敬仇栾商甄邸应曲臧边卞岑和伍那揭毕傅萧湛狄谈茅颜樊昝裘贲杭诸钮嵇滑翁荀於惠芮羿汲邴糜"
    "隗宓钭戎束幸郜蓟邰索闻莘党逄姬冀郦雍郤桑濮寿扈燕郏浦尚阎茹宦慎戈庾暨匡寇阙殳蔚夔巩厍晁訾阚简乜蒯荆竺权桓季危支谌庹么粟昌阳伊仲粘妥禤缑俸"
    "褚卫柏奚凤酆廉皮伏麻宣荣蒙慕贡牧祖韶宿籍阴苍堵冷衡步满弘勾融蓬仰秋水明时家国贝居双丰"
)
PINYIN: Final = (
    "wang", "li", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun", "ma", "zhu", "hu",
    "guo", "he", "lin", "gao", "luo", "zheng", "liang", "xie", "song", "tang", "han", "feng", "deng", "cao",
    "peng", "zeng", "xiao", "tian", "dong", "pan", "yuan", "cai", "jiang", "yu", "du", "ye", "cheng", "wei", "su",
    "lv", "lu", "ding", "ren", "yao", "shen", "zhong", "cui", "tan", "fan", "liao", "shi", "jin", "jia", "xia",
    "fu", "fang", "zou", "xiong", "bai", "meng", "qin", "qiu", "hou", "yin", "xue", "yan", "duan", "lei", "long",
    "tao", "mao", "hao", "gu", "gong", "shao", "wan", "qian", "dai", "mo", "kong", "ouyang", "situ", "sima",
    "zhuge",
)  # fmt: skip
NOT_GIVEN: Final = frozenset(
    "说在于到的和与是向给把被要不没有来去后前时也都还就已曾将从对为以及其此该这那我你他她它们了着过吗吧呢啊，。称讲问答退付交收买卖看让请约等同又再跟并则因但如若"
)
"""Characters no given name has."""
NOT_NAMES: Final = frozenset((
    "朴素", "朴实", "顾问", "车行", "房东", "安瓶", "许可证", "妹妹", "麦子", "韩国人", "齐全", "封边", "车队", "费标准", "付定金", "向双方", "关店", "关停", "关张", "关闭", "关门", "关机", "关注", "关心",
    "万一", "万元", "严格", "严重", "么事", "乐园", "于是", "云南", "付款", "付清", "付费", "仲裁", "任何", "任务",
    "伊利", "伊始", "何时", "何种", "余下", "余款", "余额", "党员", "党组", "关于", "关系", "关键", "冀东", "包含",
    "包括", "包装", "匡正", "华为", "华丽", "卓越", "单价", "单位", "单方", "单独", "危险", "原件", "原价", "原告",
    "原味", "原因", "司机", "司法", "向上", "向下", "周一", "周三", "周二", "周五", "周六", "周四", "周年", "周日",
    "周期", "周末", "周边", "和好", "和解", "和谐", "商业", "商品", "商场", "商城", "商家", "夏天", "夏季", "季卡",
    "季度", "季节", "安全", "安心", "安排", "安装", "宗旨", "寿命", "尚可", "尚有", "尚未", "屈服", "左右", "左边",
    "巴士", "席位", "常常", "常用", "常见", "常规", "平台", "平时", "幸好", "幸福", "应付", "应当", "应收", "应该",
    "康养", "康复", "惠普", "惠民", "慎重", "戎装", "成功", "成立", "成都", "房屋", "房间", "支付", "支出", "支取",
    "支持", "支架", "支线", "支行", "文件", "文化", "文字", "文明", "方便", "方式", "方案", "方面", "时候", "时间",
    "昌盛", "易损", "易碎", "曾经", "权利", "权益", "权限", "杜绝", "束缚", "林地", "查看", "查询", "査询", "桑拿",
    "欧元", "欧洲", "毕业", "毕竟", "毛巾", "毛病", "水果", "江岸", "江汉", "江苏", "江西", "沙发", "浦东", "温度",
    "温泉", "游戏", "游泳", "滑倒", "滑落", "燕窝", "牛奶", "牛肉", "甘肃", "田地", "申报", "申诉", "申请", "白天",
    "白条", "白色", "白酒", "盛装", "石头", "石材", "章程", "童装", "简介", "简单", "简直", "管理", "管辖", "米饭",
    "索取", "索要", "索赔", "翁婿", "花园", "花费", "范围", "荆楚", "解决", "解释", "解除", "计算", "许可", "许多",
    "诸多", "诸如", "谈判", "谈到", "谈好", "谈妥", "谈话", "谢谢", "谷物", "费用", "路上", "路过", "车主", "车辆",
    "边上", "连同", "连续", "连衣裙", "连锁", "金卡", "金融", "金钱", "金额", "钟点", "钟表", "钱款", "闻到",
    "阳光", "阳台", "阳性", "雷同", "项目", "项链", "颜色", "马上", "马桶", "高价", "高兴", "高度", "高档", "高温",
    "高级", "鲍鱼", "黄金", "龙虾",
))  # fmt: skip
"""Ordinary words that begin with a family name."""
ALSO_WORDS: Final = frozenset(
    "于付钱时向任高白常金石万方和单成连解应安路花米车马水左包关管计原游甘童牛那云房巴从盛盖揭支权党惠尚简谈索季危昌阳闻幸束滑燕寿么桑颜伊仲诸慎浦匡杭卫凤伏麻皮荣蒙宿籍阴苍冷步满秋水明家国贝居双丰祖牧衡融宣"
)
"""Family names that are words on their own more often: what follows them says nothing."""
PUTS: Final[Mapping[str, str]] = {
    "phone": "（电话略）", "id": "（证件号略）", "bank": "（账号略）", "account": "（账号略）", "order": "（单号略）",
    "code": "（信用代码略）", "plate": "（车牌略）", "email": "（邮箱略）", "link": "（链接略）", "number": "（号码略）",
}  # fmt: skip
ENGLISH: Final[Mapping[str, str]] = {kind: f"[{kind}]" for kind in PUTS}
