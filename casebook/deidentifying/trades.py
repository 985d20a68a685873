"""Names of businesses that end in their trade alone (小鹿烘焙), of schools and hospitals, and names in quotation marks.

A trade is an ordinary word: it ends a name only where something stands before the name that a name can follow, and
nothing behind it that makes it another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying.views import Found
from casebook.deidentifying.words import Word, overlapping, words
from law import dictionary

_TRADES: Final = (
    "健身", "瑜伽", "运动", "舞蹈", "托管", "早教", "教育", "驾校", "烘焙", "蛋糕", "面包", "咖啡", "茶饮", "奶茶", "烧烤", "火锅", "木桶饭", "麻辣烫",
    "小吃", "菜馆", "餐馆", "修车", "汽修", "洗车", "车行", "自行车行", "快修", "维修", "回收", "家政", "保洁", "搬家", "月嫂", "装修", "装饰", "全屋定制",
    "整装", "物业", "选房", "找房", "房产", "置业", "婚纱摄影", "儿童摄影", "摄影", "婚庆", "影城", "网吧", "电竞", "美甲", "美业", "造型", "美发", "美容",
    "旅行社", "营业部", "服务部", "服务站", "服务中心", "经销部", "金店", "珠宝", "眼镜", "数码", "通讯", "家电", "家具", "大药房", "母婴", "童装", "女装",
    "鞋城", "KTV", "ktv",
)  # fmt: skip
_INSTITUTIONS: Final = (
    "大学", "学院", "高中", "中学", "初中", "小学", "一小", "二小", "三小", "实验小学", "职校", "技校", "保健院", "人民医院", "中医院", "卫生院", "卫生所",
    "派出所", "法院", "检察院", "司法所", "居委会", "村委会", "敬老院", "养老院", "福利院", "机床厂", "党校",
)  # fmt: skip
_TRADE = re.compile("|".join(sorted(_TRADES, key=len, reverse=True)))
_INSTITUTION = re.compile("|".join(sorted(_INSTITUTIONS, key=len, reverse=True)))
_BEFORE: Final = frozenset(
    ["在", "到", "去", "于", "由", "经", "与", "和", "找", "叫", "为", "是", "从", "给", "报", "报了", "报名", "的", "了", "我", "告", "投诉", "提醒", "联系", "转给", "转", "卖给", "被", "向", "对", "对方", "经过", "这家", "那家", "一家", "有家", "家", "因", "我家", "我们", "商家", "商户", "店名", "送到", "送", "读", "就读", "在读", "上", "念", "毕业", "毕业于", "退休", "退休前", "后街", "街", "楼", "楼下", "门口", "旁边", "附近", "里", "号", "元", "学校", "报过", "办", "买", "购买", "加盟", "是在", "就是", "就", "来", "前往", "来到", "住", "住在", "住进", "转到", "转院"]
)  # fmt: skip
_JOINED = re.compile(
    r"[卡课费券服器房馆机构程员业行款厂品师设类用教生长学证期季月年套餐店公合院系办科室部队体赛会市局量类课券]"
)
_QUOTED = re.compile(
    r"(?:商家|商户|店铺|店名|网店|门店|直播间|机构|公司|平台|品牌|卖家|酒店|饭店|餐馆|药店|那边的|一家|买的?|注册的?|微店|小程序)"
    r"(?:名称|名字|名|号)?(?:叫做?|是|为)?[\s:：]*[“\"「『【](?P<name>[^”\"」』】\n，。]{2,18})[”\"」』】]"
)
_NO_NAMES: Final = frozenset(
    [
        "上门",
        "孩子",
        "小孩",
        "家庭",
        "学前",
        "课外",
        "售后",
        "免费",
        "专业",
        "正规",
        "线上",
        "线下",
        "在线",
        "全身",
        "面部",
        "个人",
        "团体",
        "室内",
        "户外",
        "成人",
        "儿童",
        "幼儿",
        "宝宝",
        "双方",
        "电话",
        "手机",
        "电脑",
        "空调",
        "冰箱",
        "家电",
        "汽车",
        "机动车",
        "二手",
        "生日",
        "早餐",
        "相关",
        "有关",
        "后续",
        "日常",
        "基础",
        "高端",
        "知名",
        "本地",
        "全国",
        "国家",
        "学校",
        "小区",
        "开发",
        "原厂",
        "第三方",
    ]
)
"""What something is done with or for, and no name."""
_NO_OFFICE: Final = frozenset(
    [
        "辖区",
        "当地",
        "属地",
        "附近",
        "本地",
        "所在地",
        "我们",
        "你们",
        "他们",
        "社区",
        "街道",
        "派驻",
        "基层",
        "市场",
        "管辖",
        "户籍地",
    ]
)
_LONG: Final = {"中": "中学", "小": "小学", "幼": "幼儿园", "院": "医院"}
_LONGEST: Final = 8


_OFFICE = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[在去到经由向找被给转是]))(?P<name>(?:(?![的了着在到去是有被把给向对从由经找转就也都还又再不没我你他她它这那该本喂])[\u4e00-\u9fff]){2,6}?)(?P<what>派出所|市场监督管理所|市场监管所|监管所|工商所|司法所|人民法庭|法庭|居委会|村委会|街道办|卫生服务中心)"
)
_NUMBERED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[在去到经由向找被给转是上读]))[省市区县]?第?[一二三四五六七八九十]{1,2}(?P<what>医院|中学|小学|初中|高中|幼儿园|中|小|幼|院)(?![\u4e00-\u9fff]?[时天个次])"
)


def trades(view: str) -> Iterator[Found]:
    cut = words(view)
    for match in _TRADE.finditer(view):
        if _JOINED.match(view, match.end()):
            continue
        start = _name(view, cut, match.start())
        if start is not None:
            yield Found(start, match.end(), "organisation", f"某{match[0]}店" if len(match[0]) == 2 else "某商家", 4)
    for match in _INSTITUTION.finditer(view):
        start = _name(view, cut, match.start())
        if start is not None:
            yield Found(start, match.end(), "institution", f"某{match[0]}", 7)
    for match in _OFFICE.finditer(view):
        if match["name"] not in _NO_OFFICE:
            yield Found(match.start(), match.end(), "institution", f"某{match['what']}", 6)
    for match in _NUMBERED.finditer(view):
        if match[0][0] in "省市区县" or len(match["what"]) > 1:
            yield Found(match.start(), match.end(), "institution", f"某{_LONG.get(match['what'], match['what'])}", 6)
    for match in _QUOTED.finditer(view):
        yield Found(match.start("name"), match.end("name"), "organisation", "某商家", 5)


def _name(view: str, cut: tuple[Word, ...], end: int) -> int | None:
    """Where a name that goes on to `end` begins: two to eight characters, none of it a word that says something."""
    start, words_before = end, overlapping(cut, end - _LONGEST - 4, end)
    for word in reversed(words_before):
        text = view[word.start : min(word.end, end)]
        if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9]+", text) or text in _BEFORE:
            break
        if word.tag[:1] in "rpcudymq" and len(text) <= 2 and not (word.tag.startswith("m") and start == end):
            break
        if word.tag.startswith("v") and len(text) == 2 and dictionary.has_word(text):  # 上门维修, 接受教育
            return None
        start = word.start
        if end - start > _LONGEST:
            return None
    if view[start:end] in _NO_NAMES:
        return None
    return start if 2 <= end - start <= _LONGEST and not view[start:end].isdigit() else None
