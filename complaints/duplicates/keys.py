"""What complaints of one dispute have in common and are looked up by: a phone, a code, a business's brand."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from complaints.events import ComplaintRegistered

BRAND: Final = 2  # characters of a brand others are looked up by
_PLACES: Final = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
    "石家庄", "太原", "沈阳", "长春", "哈尔滨", "南京", "杭州", "合肥", "福州", "南昌", "济南", "郑州", "武汉", "长沙",
    "广州", "海口", "成都", "贵阳", "昆明", "西安", "兰州", "西宁", "南宁", "拉萨", "银川", "乌鲁木齐", "呼和浩特",
    "深圳", "苏州", "青岛", "大连", "厦门", "宁波", "无锡", "佛山", "东莞",
)  # fmt: skip
_FORMS: Final = (
    "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "分公司", "个体工商户", "经营部", "经销部", "营业部",
    "旗舰店", "专卖店", "专营店", "俱乐部", "工作室", "商行", "门店",
)  # fmt: skip
# What a business does, as its registered name says it and people leave it out.
_TRADES: Final = (
    "科技", "网络", "信息", "技术", "商贸", "贸易", "实业", "服务", "管理", "咨询", "发展", "文化", "体育", "教育",
    "餐饮", "酒店", "电子", "商务", "销售", "工程", "设计", "器材",
)  # fmt: skip
# In their order, by the two characters they begin or end with.
_BY_BEGINNING: Final = {two: [place for place in _PLACES if place[:2] == two] for two in {one[:2] for one in _PLACES}}
_BY_END: Final = {two: [form for form in _FORMS if form[-2:] == two] for two in {one[-2:] for one in _FORMS}}
_BRACKETS: Final = re.compile(r"[（(【\[].{0,60}?[）)】\]]")
_NOISE: Final = re.compile(r"[\W_]+")
_DIVISION: Final = re.compile(r"^[㐀-鿿]{1,6}?(?:特别行政区|自治区|自治州|自治县|省|市|区|县|旗)(?=[㐀-鿿]{2})")


@lru_cache(maxsize=4096)
def core(name: str) -> str:
    """A business's name without its place, legal form and bracketed additions; "" when nothing is left.

    武汉市洪山区悦动健身服务有限公司 → 悦动健身服务; 悦动健身（光谷店） → 悦动健身.
    """
    left = name.lower() if name.isalnum() else _NOISE.sub("", _BRACKETS.sub("", name)).lower()
    for _ in range(3):  # province, city, district
        places = _BY_BEGINNING.get(left[:2], ())
        place = next((place for place in places if left.startswith(place) and len(left) > len(place) + 1), "")
        left = left[len(place) :].lstrip("省市" if len(left) > len(place) + 2 else "")
        if place:
            continue
        division = _DIVISION.match(left)
        left = left[division.end() :] if division else left
    forms = _BY_END.get(left[-2:], ())
    form = next((form for form in forms if left.endswith(form) and len(left) > len(form) + 1), "")
    return left[: len(left) - len(form)] if form else left


@lru_cache(maxsize=4096)
def brand(name: str) -> str:
    """The core without what the business does, at the end of its name."""
    left = core(name)
    shorter = True
    while shorter:
        shorter = False
        for trade in _TRADES:
            if left.endswith(trade) and len(left) > len(trade) + 1:
                left, shorter = left[: -len(trade)], True
    return left


def brand_key(name: str) -> str:
    """ "" for a name too short to look anything up by."""
    found = core(name)[:BRAND]
    return found if len(found) == BRAND else ""


def phone_mark(record: ComplaintRegistered) -> int | None:
    """Of the consumer's phone; the digest is keyed, so its mark names nobody either."""
    return _mark(record.consumer.phone_key)


def code_mark(record: ComplaintRegistered) -> int | None:
    return _mark(record.business.code_key)


def _mark(digest: str) -> int | None:
    """Fits a signed 64-bit column; two of a million differ with near certainty, and the score compares whole keys."""
    return int(digest[:15], 16) if digest else None
