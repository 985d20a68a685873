"""People's names: those on file wherever and however they are written, and others by what stands around them.

A common family name stays with 某 after it, as judgments do it; of a rare one nothing stays, it would say who it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import rjieba

from casebook.deidentifying.organisations import literal
from casebook.deidentifying.views import SEPARATORS, Found, plain
from casebook.deidentifying.words import words

COMMON: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
COMPOUND: Final = (
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木", "闻人", "独孤", "南宫", "长孙", "宇文",
    "轩辕", "司空", "百里", "呼延", "太史", "申屠", "澹台", "拓跋", "第五", "东郭", "南门", "西门", "钟离", "濮阳", "淳于", "单于", "万俟", "赫连",
)  # fmt: skip
RARE: Final = (
    "洪倪施牛温芦章鲁葛殷庞安柴柳齐梅路庄左涂祝吉尤耿焦童游华甘辛卜邢关齐蓝岳包宁辜苗凌费纪舒屈项詹裴席巫刁骆管虞霍池柯娄阮麦房解连成冉景单邬喻翟戚申闵欧米盛桂迟晏艾鄢蔺逯仝璩亓郗缪佘佟邝冼禹"
    "卓车司牟云花薄靳聂滕隋宗窦穆车查楚郎屠厉祁占胥谷饶瞿鲍封敖沙鞠俞丛苟郁符苑原巴蒲乐历鄂储井计宫敬仇栾商甄邸应曲符臧边卞岑和伍那揭"
)
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
    "店员|业务员|销售员|销售顾问|销售|客服|导购员|导购|教练|老师|司机|师傅|消费者|投诉人|被投诉人|申请人|当事人|举报人|原告|被告|丈夫|妻子|老公|老婆|儿子|女儿|"
    "母亲|父亲|妈妈|爸爸|老伴|外婆|奶奶|爷爷|邻居|朋友|同事|同学|代理人|委托代理人|律师|调解员|证人|医生|本人|我是|签名|签字人|转给|付给|汇给|交给|递给|发给|找到|找|"
    "见到|遇到|联系|询问|告知|通知|要求|家长|患者|乘客|车主|业主|房东|租客|户主|学员|会员|顾客|客户|主播|卖家|买家|掌柜|投保人|被保险人"
)
_AFTER = re.compile(
    rf"(?:{_CONTEXT})(?:一栏)?(?:写的)?(?:是|为|叫)?[\s:：（(“\"]{{0,3}}(?P<who>{_SURNAME})(?P<given>\s{{0,2}}[\u4e00-\u9fff](?:\s{{0,2}}[\u4e00-\u9fff])?)"
)
_DOING = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|[与和向给由让])(?P<who>{_SURNAME})(?P<given>[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=称|表示|与|和|付的|付了|付钱|一同|认为|退款|说|要求|同意|承诺|提出|提供|陈述|签字|到店)"
)
_DOTTED = re.compile(r"[\u4e00-\u9fff]{2,8}[·•・‧∙⋅][\u4e00-\u9fff]{2,8}(?:[·•・‧∙⋅][\u4e00-\u9fff]{2,8})?")
_PINYIN: Final = [
    "wang",
    "li",
    "zhang",
    "liu",
    "chen",
    "yang",
    "huang",
    "zhao",
    "wu",
    "zhou",
    "xu",
    "sun",
    "ma",
    "zhu",
    "hu",
    "guo",
    "he",
    "lin",
    "gao",
    "luo",
    "zheng",
    "liang",
    "xie",
    "song",
    "tang",
    "han",
    "feng",
    "deng",
    "cao",
    "peng",
    "zeng",
    "xiao",
    "tian",
    "dong",
    "pan",
    "yuan",
    "cai",
    "jiang",
    "yu",
    "du",
    "ye",
    "cheng",
    "wei",
    "su",
    "lv",
    "lu",
    "ding",
    "ren",
    "yao",
    "shen",
    "zhong",
    "cui",
    "tan",
    "fan",
    "wang",
    "liao",
    "shi",
    "jin",
    "jia",
    "xia",
    "fu",
    "fang",
    "zou",
    "xiong",
    "bai",
    "meng",
    "qin",
    "qiu",
    "hou",
    "yin",
    "xue",
    "yan",
    "duan",
    "lei",
    "long",
    "tao",
    "mao",
    "hao",
    "gu",
    "gong",
    "shao",
    "wan",
    "qian",
    "dai",
    "mo",
    "kong",
    "ouyang",
    "situ",
    "sima",
    "zhuge",
]
_LATIN = (
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Madam)\.?\s+[A-Z][A-Za-z]+(?:[\s\-][A-Z][A-Za-z]+){0,2}"),
    re.compile(
        rf"\b(?i:{'|'.join(sorted(set(_PINYIN), key=len, reverse=True))})\s+[A-Z][A-Za-z]{{1,11}}(?:[\s\-][A-Z][A-Za-z]{{1,8}})?\b"
    ),
    re.compile(rf"\b[A-Z][A-Za-z]{{1,11}}\s+(?i:{'|'.join(sorted(set(_PINYIN), key=len, reverse=True))})\b"),
)
_NOT_GIVEN: Final = frozenset(
    "说在于到的和与是向给把被要不没有来去后前时也都还就已曾将从对为以及其此该这那我你他她它们了着过吗吧呢啊，。称讲问答退付交收买卖看让请约等同又再跟并则因但如若"
)
_NOT_NAMES: Final = frozenset(
    [
        "高兴",
        "安全",
        "安心",
        "方便",
        "方式",
        "成都",
        "成功",
        "成立",
        "常见",
        "常常",
        "文明",
        "文件",
        "金额",
        "金钱",
        "金卡",
        "金融",
        "黄金",
        "白酒",
        "白色",
        "马上",
        "万一",
        "万元",
        "任何",
        "任务",
        "何时",
        "何种",
        "周末",
        "周年",
        "周边",
        "周期",
        "周三",
        "周五",
        "周日",
        "周一",
        "周二",
        "周四",
        "周六",
        "余额",
        "余款",
        "余下",
        "严重",
        "严格",
        "江苏",
        "江西",
        "江汉",
        "江岸",
        "于是",
        "许多",
        "许可",
        "向上",
        "向下",
        "时间",
        "时候",
        "平台",
        "平时",
        "单位",
        "单方",
        "单价",
        "单独",
        "应当",
        "应该",
        "商家",
        "商品",
        "商场",
        "商业",
        "连续",
        "连同",
        "连锁",
        "和解",
        "和好",
        "和谐",
        "关于",
        "关系",
        "关键",
        "管理",
        "管辖",
        "费用",
        "房屋",
        "房间",
        "华为",
        "车辆",
        "车主",
        "花费",
        "计算",
        "解决",
        "解释",
        "解除",
        "原因",
        "原告",
        "原价",
        "原件",
        "路上",
        "边上",
        "安装",
        "安排",
        "包括",
        "包装",
        "包含",
        "路过",
        "夏季",
        "夏天",
        "石材",
        "石头",
        "牛奶",
        "牛肉",
        "温度",
        "温泉",
        "水果",
        "雷同",
        "龙虾",
        "钟点",
        "钟表",
        "常用",
        "常规",
        "康复",
        "康养",
        "易损",
        "易碎",
        "文化",
        "文字",
        "田地",
        "毛病",
        "毛巾",
        "白天",
        "白条",
        "方案",
        "方面",
        "高度",
        "高级",
        "高档",
        "高价",
        "高温",
        "林地",
        "马桶",
        "杜绝",
        "谢谢",
        "曾经",
        "范围",
        "章程",
        "宗旨",
        "査询",
        "查询",
        "查看",
        "付清",
        "付款",
        "付费",
        "钱款",
        "盛装",
        "项目",
        "项链",
        "欧元",
        "欧洲",
        "米饭",
        "游泳",
        "游戏",
        "左右",
        "左边",
        "童装",
        "华丽",
        "甘肃",
        "屈服",
        "席位",
        "申请",
        "申诉",
        "申报",
        "连衣裙",
        "司机",
        "司法",
        "云南",
        "花园",
        "乐园",
        "商城",
        "应付",
        "应收",
        "卓越",
        "巴士",
        "原味",
        "沙发",
        "谷物",
        "鲍鱼",
    ]
)
_ALSO_WORDS: Final = frozenset(
    "于付钱时向任高白常金石万方和单成连解应安路花米车马水连左包关管计原游甘童牛那云应房巴从左盛盖揭"
)
"""Family names that are words on their own more often: what follows them says nothing."""


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
        if whole in _NOT_NAMES or any(char in _NOT_GIVEN for char in match["given"]) or _inside(view, match.start()):
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
        if given[0] in _NOT_GIVEN or match["who"] + given[:1] in _NOT_NAMES:
            continue
        if len(given) == 2 and (given[1] in _NOT_GIVEN or re.match(_HONORIFIC, view[end - 1 : end + 1])):
            end -= len(match["given"]) - match["given"].index(given[0]) - 1
            given = given[:1]
        yield Found(match.start("who"), end, "name", put_for(match["who"] + given, taken), 5)
    for match in _DOING.finditer(view):
        given = match["given"]
        if (
            not (set(given) & _NOT_GIVEN)
            and match["who"] + given[:1] not in _NOT_NAMES
            and match["who"] + given not in _NOT_NAMES
        ):
            yield Found(match.start("who"), match.end(), "name", put_for(match["who"] + given, taken), 4)
    yield from _cut(view, taken)
    for pattern in _LATIN:
        for match in pattern.finditer(view):
            yield Found(
                match.start(), match.end(), "name", "某人" if _near_chinese(view, match.start()) else "a party", 5
            )


def _cut(view: str, taken: dict[str, str]) -> Iterator[Found]:
    """Words that the cutter takes for people, and a family name with a word after it that it could not place."""
    cut = words(view)
    for index, word in enumerate(cut):
        text = word.text
        family = next((one for one in COMPOUND if text.startswith(one)), text[:1])
        if family not in COMPOUND and (family not in COMMON and family not in RARE):
            continue
        if word.tag.startswith("nr") and 2 <= len(text) <= 4 and text not in _NOT_NAMES and len(text) > len(family):
            end = word.end
            following = cut[index + 1] if index + 1 < len(cut) else None
            if (
                len(text) == 2
                and following
                and len(following.text) == 1
                and following.tag[:1] not in ("p", "c", "u", "d", "r", "y")
                and "\u4e00" <= following.text <= "\u9fff"
                and following.text not in _NOT_GIVEN
            ):
                end = following.end
            yield Found(word.start, end, "name", put_for(view[word.start : end], taken), 4)
        elif text == family and (text in COMPOUND or text not in _ALSO_WORDS) and index + 1 < len(cut):
            given = cut[index + 1]
            if (
                1 <= len(given.text) <= 2
                and re.fullmatch(r"[\u4e00-\u9fff]+", given.text)
                and given.text[0] not in _NOT_GIVEN
                and given.tag[:1] in ("n", "a", "v", "z", "x", "j", "b", "g")
                and text + given.text not in _NOT_NAMES
            ):
                end = given.end
                after = cut[index + 2] if index + 2 < len(cut) else None
                if (
                    len(given.text) == 1
                    and after
                    and len(after.text) == 1
                    and after.tag[:1] in ("n", "a", "z", "x", "g", "v")
                    and after.text not in _NOT_GIVEN
                    and "\u4e00" <= after.text <= "\u9fff"
                ):
                    end = after.end
                yield Found(word.start, end, "name", put_for(view[word.start : end], taken), 3)


def _family(family: str) -> str:
    return f"{family}某" if family in COMMON else "某人"


def _inside(view: str, at: int) -> bool:
    """A character that is the end of an ordinary word: 关于老师 is nobody called 于."""
    return any(
        word.start < at < word.end and not word.tag.startswith("nr") and rjieba.has_word(word.text)
        for word in words(view)
    )


def _near_chinese(view: str, at: int) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in view[max(0, at - 12) : at + 12])
