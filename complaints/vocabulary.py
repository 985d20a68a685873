"""The words a complaint's record chooses from. Values are stored and exchanged; their names in both languages are here.

Requests and problem classes follow the register named in the office's export columns (维修, 重作 …; 质量, 安全 …).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

Names = tuple[str, str]  # Chinese, English


class Channel(StrEnum):
    HOTLINE = "hotline"
    DIRECTOR = "director"
    BOARD = "board"
    NATIONAL = "12315"
    PETITION = "petition"
    WINDOW = "window"


class Mode(StrEnum):
    """How it was received."""

    PHONE = "phone"
    INTERNET = "internet"
    VISIT = "visit"
    LETTER = "letter"
    TRANSFER = "transfer"


class Sex(StrEnum):
    UNKNOWN = ""
    FEMALE = "female"
    MALE = "male"


class AgeBand(StrEnum):
    UNKNOWN = ""
    CHILD = "under_14"
    TEENAGER = "14_17"
    MINOR = "under_18"  # of an import that says no more
    ADULT = "18_over"  # where no more was asked
    YOUNG = "18_39"
    MIDDLE = "40_59"
    SENIOR = "60_over"


class IdKind(StrEnum):
    NONE = ""
    RESIDENT = "resident"
    PASSPORT = "passport"
    PERMIT = "permit"
    OTHER = "other"


class Urgency(StrEnum):
    """Why it may not wait."""

    CHILDREN = "children"
    ELDERLY = "elderly"
    INJURY = "injury"
    MASS = "mass"


CHANNELS: Final[Mapping[str, Names]] = {
    "hotline": ("市民热线", "Citizen hotline"),
    "director": ("局长热线", "Bureau chief’s hotline"),
    "board": ("城市留言板", "City message board"),
    "12315": ("全国12315平台", "National 12315 platform"),
    "petition": ("阳光信访", "Online petition (letters and visits)"),
    "window": ("窗口登记", "Window"),
}
MODES: Final[Mapping[str, Names]] = {
    "phone": ("电话", "Phone"),
    "internet": ("网络", "Internet"),
    "visit": ("来访", "Visit"),
    "letter": ("来信", "Letter"),
    "transfer": ("转办", "Transferred"),
}
SEXES: Final[Mapping[str, Names]] = {"": ("未填", "Not given"), "female": ("女", "Female"), "male": ("男", "Male")}
AGES: Final[Mapping[str, Names]] = {
    "": ("未填", "Not given"),
    "under_14": ("未满14周岁", "Under 14"),
    "14_17": ("已满14、未满18周岁", "14 to 17"),
    "under_18": ("未满18岁", "Under 18"),
    "18_over": ("已满18周岁", "18 and over"),
    "18_39": ("18至39岁", "18 to 39"),
    "40_59": ("40至59岁", "40 to 59"),
    "60_over": ("60岁及以上", "60 and over"),
}
ID_KINDS: Final[Mapping[str, Names]] = {
    "": ("未填", "Not given"),
    "resident": ("居民身份证", "Resident identity card"),
    "passport": ("护照", "Passport"),
    "permit": ("通行证或居住证", "Travel or residence permit"),
    "other": ("其他", "Other"),
}
REQUESTS: Final[Mapping[str, Names]] = {
    "repair": ("修理", "Repair"),
    "redo": ("重作", "Do it again"),
    "replace": ("更换", "Replace"),
    "return": ("退货", "Return the goods"),
    "quantity": ("补足数量", "Make up the quantity"),
    "refund": ("退还费用", "Refund"),
    "damages": ("赔偿损失", "Damages"),
    "apology": ("赔礼道歉", "Apology"),
    "other": ("其他", "Other"),
}
PROBLEMS: Final[Mapping[str, Names]] = {
    "quality": ("质量", "Quality"),
    "safety": ("安全", "Safety"),
    "measurement": ("计量", "Measurement"),
    "contract": ("合同", "Contract"),
    "after_sale": ("售后服务", "After-sale service"),
    "dignity": ("人格尊严", "Dignity"),
    "advertising": ("广告", "Advertising"),
    "trademark": ("商标", "Trademark"),
    "price": ("价格", "Price"),
    "counterfeit": ("假冒", "Counterfeit"),
    "publicity": ("虚假宣传", "False publicity"),
    "other": ("其他", "Other"),
}
STATUSES: Final[Mapping[str, Names]] = {
    "received": ("待处理", "Received"),
    "accepted": ("已受理", "Accepted"),
    "refused": ("不予受理", "Not accepted"),
    "settled": ("调解成功", "Settled"),
    "ended": ("调解终止", "Mediation ended"),
    "withdrawn": ("已撤诉", "Withdrawn"),
    "closed": ("已办结", "Closed"),
}
"""What another system says became of a complaint."""
URGENCIES: Final[Mapping[str, Names]] = {
    "children": ("涉及未成年人", "Concerns children"),
    "elderly": ("涉及老年人", "Concerns elderly people"),
    "injury": ("人身伤害", "Somebody was hurt"),
    "mass": ("群体性", "Concerns many people"),
}


UNNAMED_BUSINESS: Final[Names] = ("未写明被投诉人", "business not named")


def business_shown(name: str, language: str) -> str:
    """Also of a complaint whose channel named none."""
    return name or UNNAMED_BUSINESS[1 if language.startswith("en") else 0]


def name(of: Mapping[str, Names], value: str, language: str) -> str:
    """In the reader's language; an unknown value as it is."""
    names = of.get(value)
    return value if names is None else names[1] if language.startswith("en") else names[0]
