"""The draft of a warning to consumers: a template filled from a hot spot, for an officer to change and to answer for.

It names no business: whether one is named is decided by who publishes, with a case behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Draft:
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What is warned of. `what`: the trade or word in the reader's language; `problem`: one of the problem classes."""

    what: str
    problem: str
    since: date
    day: date
    seen: int
    office: str
    phone: str


ADVICE_ZH: Final[Mapping[str, tuple[str, ...]]] = {
    "contract": (
        "预付前先问清楚：能不能退、怎么退、多久到账，并写进合同。",
        "一次少充一点，不为赠送多充钱；合同、收据和付款记录都留好。",
        "发现门店停业、换人或突然大幅打折，尽快要求退款并保留证据。",
    ),
    "quality": ("收货时当面检查，有问题当场拍照。", "保留发票、订单和聊天记录。", "七日内发现不合适，先看清退货规则。"),
    "after_sale": (
        "维修前先要报价单，写明故障、配件和价格。",
        "更换下来的旧件当面确认。",
        "先修后加价的，可以拒付多收的部分。",
    ),
    "price": ("消费前看清标价和计费方法，没有标价的先问。", "结账时核对明细，多收的当场提出。"),
    "publicity": ("广告里的承诺请商家写进合同。", "“包过”“根治”“稳赚”的说法不要信。"),
    "advertising": ("广告里的承诺请商家写进合同。", "广告截图留好，它可以作为证据。"),
    "counterfeit": ("从正规渠道购买，价格明显偏低的要当心。", "疑似假货不要使用，保留包装和订单。"),
    "trademark": ("从正规渠道购买，价格明显偏低的要当心。", "疑似假货不要使用，保留包装和订单。"),
    "safety": ("停止使用有问题的商品，先顾好人身安全。", "留下实物、照片和就诊记录。"),
    "measurement": ("称重时看清零位和单价。", "觉得分量不对，可以用市场里的公平秤复称。"),
    "": ("保留合同、发票、付款和聊天记录。", "先与商家协商，谈不拢时尽早投诉。"),
}
ADVICE_EN: Final[Mapping[str, tuple[str, ...]]] = {
    "contract": (
        "Before you pay in advance, ask whether, how and when money is returned, and have it written down.",
        "Pay in small amounts; keep the contract, receipts and proof of payment.",
        "If the shop closes, changes hands or suddenly sells cheap, ask for your money soon and keep proof.",
    ),
    "quality": (
        "Look at the goods when you receive them and take a picture of what is wrong.",
        "Keep the invoice, the order and the messages.",
    ),
    "after_sale": (
        "Ask for a written estimate before a repair: fault, parts, price.",
        "Have the old parts shown to you.",
    ),
    "price": ("Read the price and how it is counted before you buy.", "Check the bill at once."),
    "publicity": ("Have promises of an advertisement written into the contract.", "Do not trust “guaranteed” results."),
    "advertising": (
        "Have promises of an advertisement written into the contract.",
        "Keep a picture of the advertisement.",
    ),
    "counterfeit": (
        "Buy where you know the seller; beware of very low prices.",
        "Do not use what may be fake; keep packaging and order.",
    ),
    "trademark": (
        "Buy where you know the seller; beware of very low prices.",
        "Do not use what may be fake; keep packaging and order.",
    ),
    "safety": ("Stop using it and look after yourself first.", "Keep the thing, pictures and medical records."),
    "measurement": ("Look at the zero of the scales and the price.", "Weigh again on the market’s fair scales."),
    "": (
        "Keep contract, invoice, proof of payment and messages.",
        "Talk to the seller first; complain early if that leads nowhere.",
    ),
}


def draft(matter: Matter, language: str) -> Draft:
    return _english(matter) if language.startswith("en") else _chinese(matter)


def _chinese(matter: Matter) -> Draft:
    tips = ADVICE_ZH.get(matter.problem, ADVICE_ZH[""])
    lines = [
        f"{_day_zh(matter.since)}以来，{matter.office}收到有关{matter.what}的投诉{matter.seen}件，按以往情况和季节推算，"
        "明显偏多。请广大消费者留意：",
        *(f"{n}．{tip}" for n, tip in enumerate(tips, start=1)),
        f"遇到纠纷，可以拨打12315或{matter.phone}，也可以登录全国12315平台投诉。",
        f"{matter.office}\n{_day_zh(matter.day)}",
    ]
    return Draft(f"消费提示：{matter.what}", "\n\n".join(lines))


def _english(matter: Matter) -> Draft:
    tips = ADVICE_EN.get(matter.problem, ADVICE_EN[""])
    lines = [
        f"Since {matter.since:%-d %B %Y} we have received {matter.seen} complaints about {matter.what}, clearly more "
        "than earlier months and the season would lead one to expect. Please take note:",
        *(f"{n}. {tip}" for n, tip in enumerate(tips, start=1)),
        f"If there is a dispute, ring 12315 or {matter.phone}, or complain on the national 12315 platform.",
        f"{matter.office}\n{matter.day:%-d %B %Y}",
    ]
    return Draft(f"To consumers: {matter.what}", "\n\n".join(lines))


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
