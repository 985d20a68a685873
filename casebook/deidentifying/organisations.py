"""Businesses: by what their names end in, and by the distinctive part of the names on file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from casebook.deidentifying import SEPARATORS, Found, cut_words, overlapping_words, plain

_ENDINGS: Final = (
    "股份有限公司", "有限责任公司", "有限公司", "分公司", "公司", "集团", "合伙企业", "事务所", "经营部", "门市部", "商行", "商贸行", "超市", "便利店",
    "餐厅", "饭店", "酒楼", "酒店", "宾馆", "民宿", "火锅店", "面馆", "茶楼", "咖啡馆", "健身房", "健身会所", "健身中心", "健身俱乐部", "俱乐部",
    "会所", "瑜伽馆", "游泳馆", "培训学校", "学校", "幼儿园", "培训中心", "教育中心", "工作室", "美容院", "美发店", "理发店", "养生馆", "药店", "药房",
    "诊所", "门诊部", "医院", "影楼", "家具城", "建材城", "商城", "百货", "旗舰店", "专卖店", "专营店", "直营店", "体验店", "4S店", "4s店", "分店",
    "洗衣店", "宠物店", "宠物医院", "水果店", "服装店", "手机店", "眼镜店", "花店", "蛋糕店", "烘焙店", "母婴店", "修理厂", "汽修厂", "加工厂", "工厂",
    "店",
)  # fmt: skip
_ENDING = re.compile("|".join(sorted(_ENDINGS, key=len, reverse=True)))
_GENERIC: Final = frozenset(
    [
        "该",
        "本",
        "某",
        "这",
        "那",
        "一",
        "一家",
        "这家",
        "那家",
        "另",
        "另一家",
        "两家",
        "几家",
        "多家",
        "附近",
        "楼下",
        "网上",
        "线上",
        "线下",
        "实体",
        "连锁",
        "加盟",
        "新",
        "老",
        "大",
        "小",
        "到",
        "在",
        "去",
        "来",
        "的",
        "于",
        "由",
        "与",
        "和",
        "及",
        "向",
        "对",
        "被",
        "把",
        "给",
        "从",
        "是",
        "为",
        "称",
        "说",
        "因",
        "即",
        "其",
        "他",
        "她",
        "我",
        "我们",
        "他们",
        "商家",
        "消费者",
        "投诉人",
        "被投诉人",
        "经营者",
        "当事人",
        "每",
        "各",
        "各家",
        "同",
        "同一",
        "同一家",
        "自己",
        "家",
        "家里",
        "门",
        "总",
        "分",
        "开",
        "关",
        "进",
        "出",
        "离",
        "回",
        "找",
        "让",
        "请",
        "要求",
        "投诉",
        "联系",
        "经",
        "到店",
        "退",
        "办",
        "名",
        "名为",
        "名叫",
        "叫",
        "叫做",
        "位于",
        "之后",
        "后",
        "前",
        "当时",
        "随后",
        "有",
        "有家",
        "大型",
        "小型",
        "中型",
        "正规",
        "普通",
        "知名",
        "购买",
        "消费",
        "通过",
        "认为",
        "表示",
        "要",
        "不",
        "未",
        "已",
        "曾",
        "将",
        "还",
        "都",
        "也",
        "就",
        "才",
        "又",
        "再",
        "并",
        "但",
        "而",
        "或",
        "若",
        "如",
        "使",
        "用",
        "持",
        "带",
        "拿",
        "以",
        "按",
        "照",
        "据",
        "根据",
        "打",
        "打给",
        "告诉",
        "法定代表人",
        "负责人",
        "员工",
        "经理",
        "店长",
        "老板",
        "关于",
        "所在",
        "公共",
        "市场",
        "监管",
        "双方",
        "收到",
        "转给",
        "付给",
        "交给",
        "收款人",
        "商户",
        "店铺",
        "店名",
        "业主",
        "原",
        "现",
        "系",
    ]
)
_ADMINS = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区|市|区|县|镇|高新区|开发区)){1,3}|^(?:中国|武汉|北京|上海|广州|深圳|湖北)"
)
_TRADES = re.compile(
    r"(?:健身|美容|美发|养生|餐饮|教育|培训|科技|商贸|贸易|电子|商务|网络|信息|服务|管理|咨询|文化|传媒|传播|体育|运动|家居|家具|装饰|装修|建材|"
    r"汽车|销售|服饰|服装|食品|百货|旅游|酒店|物业|房地产|医疗|健康|生物|实业|发展|投资|技术|工程|母婴|宠物|摄影|婚庆|物流|快递|通讯|数码){1,8}$"
)
_KINDS: Final = frozenset(
    [
        *[
            "接手",
            "安装",
            "婚介",
            "婚恋",
            "供热",
            "停车",
            "会销",
            "维修",
            "托管",
            "住房托管",
            "中介",
            "电梯",
            "机票",
            "赔偿",
            "承担",
            "提醒",
            "网约车",
            "出租",
            "租赁",
            "保洁",
            "物流",
            "软件",
            "游戏",
        ],
        "品牌",
        "网",
        "网络",
        "平台",
        "快递",
        "物流",
        "搬家",
        "家政",
        "保险",
        "培训",
        "烤肉",
        "奶茶",
        "早餐",
        "社区",
        "小区",
        "商场",
        "超市",
        "汽车",
        "二手车",
        "二手",
        "手机",
        "电器",
        "家电",
        "眼镜",
        "珠宝",
        "黄金",
    ]
)
_CALLED_SHORT = re.compile(
    r"(?:以下|下)?(?:均)?(?:简称|称)(?:为)?\s?[：:]?\s?[“\"「『]?(?P<short>(?!甲方|乙方|丙方|原告|被告|本法|本条例|本规定|本办法|民法典|消法|合同|协议|该|涉案|案涉)[\u4e00-\u9fffA-Za-z]{2,10})[”\"」』]?\s?[）)]"
)
_LAWFUL = re.compile(r"[（(][^（）()]{1,10}[）)]")
_LONGEST: Final = 24


def organisations(view: str, known: Iterable[str]) -> Iterator[Found]:
    for name in known:
        yield from literal(view, name, "organisation", put_for(name), 8)
        for core in cores(name):
            yield from literal(view, core, "organisation", "某商家", 5)
    for match in _CALLED_SHORT.finditer(view):
        yield Found(match.start("short"), match.end("short"), "organisation", put_for(match["short"]), 7)
    cut = cut_words(view)
    starts = {word.start for word in cut}
    for match in _ENDING.finditer(view):
        start = match.start()
        for word in reversed(overlapping_words(cut, match.start() - _LONGEST, match.start())):
            text = view[word.start : min(word.end, match.start())]
            if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9（）()·&\-]+", text) or text in _GENERIC:
                break
            if word.tag == "r" and len(text) > 1:  # 什么, 我们
                break
            if word.tag in ("r", "p", "c", "ul", "uj", "d", "y", "m") and len(text) == 1 and text not in "（）()":
                break
            start = word.start
        text = view[start : match.start()]
        if match[0] == "店" and any(
            word.tag[:1] in ("v", "d", "p") and start <= word.start
            for word in overlapping_words(cut, start, match.start())
        ):
            continue  # 找过店 is no name
        own = _TRADES.sub("", text)  # 教育培训学校 says what it is, not which
        if len(own) >= 2 and start in starts and own not in _KINDS and not re.fullmatch(r"[（()）]+", own):
            yield Found(start, match.end(), "organisation", put_for(match[0]), 5)


def put_for(name: str) -> str:
    """某公司, 某健身房: what it was, not which."""
    found = list(_ENDING.finditer(plain(name)))
    ending = found[-1][0] if found and found[-1].end() == len(name) else "商家"
    if ending.endswith("公司"):
        ending = "公司"
    return f"某{ending}"


def cores(name: str) -> list[str]:
    """云桥动力健身有限公司 → 云桥动力: what it is called in a sentence."""
    rest = _LAWFUL.sub("", plain(name))
    rest = _ADMINS.sub("", rest)
    found = _ENDING.search(rest)
    if found:
        rest = rest[: found.start()]
    short = _TRADES.sub("", rest)
    return [one for one in dict.fromkeys((rest, short)) if len(one) >= 2 and one != name]


def literal(view: str, name: str, kind: str, put: str, weight: int) -> Iterator[Found]:
    """Wherever it stands, also with something between its characters."""
    folded = re.sub(SEPARATORS, "", plain(name))
    if len(folded) < 2:
        return
    pattern = re.compile(rf"{SEPARATORS}{{0,2}}".join(re.escape(char) for char in folded), re.IGNORECASE)
    for match in pattern.finditer(view):
        yield Found(match.start(), match.end(), kind, put, weight)


_YEAR = r"[〔［\[（(【]\s?(?:(?:19|20)\d\d|二[〇零○][〇零○一二三四五六七八九]{2})\s?[〕］\]）)】]"
_DOCUMENT = re.compile(
    rf"{_YEAR}\s?[\u4e00-\u9fff]{{1,3}}\d{{0,4}}[\u4e00-\u9fff]{{1,16}}第?\s?\d{{1,6}}号(?:之[一二三四五六七八九十\d]{{1,2}})?"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出发]))[\u4e00-\u9fff]{{2,14}}?{_YEAR}\s?第?\s?\d{{1,6}}\s?号"
    r"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出]))[\u4e00-\u9fff]{2,10}?第\s?\d[\d\-]{2,12}号"
)
_LABELLED = re.compile(
    r"(?:编号|号码|工牌|[件货销证换券提购]码|[工团户床座房批券码摊位记证单档箱柜铺]{1,2}[号牌])[是为:：\s]{0,2}(?P<token>(?=[A-Za-z\-]{0,8}\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\d\-年月日])|\d{4}-[\u4e00-\u9fff]{1,4}-\d{1,6})"
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
