"""What comes as a complaint or report and is neither, and where whoever brings it is told to turn.

Order 121 Arts 2 and 44 (Order 20 Art 39): the rules on complaints and reports do not apply, and people may be told the
proper way. Other regulations are cited by article; the wording is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from law.orders import ORDER_121, Citation, Order

CONSULTATION, DISCLOSURE, REVIEW, PETITION, DISCIPLINE, ELSEWHERE = (
    "consultation",
    "disclosure",
    "review",
    "petition",
    "discipline",
    "elsewhere",
)


@dataclass(frozen=True, slots=True)
class Matter:
    """`zh` and `en`: what it is called; `way_*`: where to turn with it, told unless the officer says it better."""

    zh: str
    en: str
    way_zh: str
    way_en: str

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def way(self, language: str) -> str:
        return self.way_en if language.startswith("en") else self.way_zh


MATTERS: Final[Mapping[str, Matter]] = {
    CONSULTATION: Matter(
        "咨询",
        "Consultation",
        "当场解答；不能当场解答的，告知查询途径或者负责解答的部门。",
        "Answered on the spot, or told where to look it up or whom to ask.",
    ),
    DISCLOSURE: Matter(
        "政府信息公开申请",
        "Request for government information",
        "请以书面形式（来信、电子邮件等）向制作或者保存该信息的行政机关的政府信息公开工作机构提出，"
        "见《政府信息公开条例》第二十九条。",
        "In writing to the disclosure office of the authority that made or holds the information (Regulations on Open "
        "Government Information, Art 29).",
    ),
    REVIEW: Matter(
        "行政复议申请",
        "Application for administrative review",
        "请自知道或者应当知道行政行为之日起六十日内，向有管辖权的行政复议机关提出，见《行政复议法》第二十条。",
        "To the competent review authority within sixty days of when the act was or should have been known "
        "(Administrative Review Law, Art 20).",
    ),
    PETITION: Matter(
        "信访事项",
        "Petition",
        "请通过网络、书信、电话、走访等形式向有权处理的机关、单位或者信访工作机构提出，见《信访工作条例》第十七条。",
        "To the body that may handle it or to its petition office (Regulations on Petition Work, Art 17).",
    ),
    DISCIPLINE: Matter(
        "纪检监察检举控告",
        "Charge against an official",
        "请向纪检监察机关提出，可以拨打12388，也可以来信、来访或者网上提出。",
        "To the discipline and supervision bodies: by phone 12388, by letter, in person or online.",
    ),
    ELSEWHERE: Matter(
        "其他部门职责事项",
        "Matter of another authority",
        "请向依法负责该事项的部门提出；不清楚归哪个部门的，可以拨打12345询问。",
        "To the authority in charge of it; 12345 tells which one that is.",
    ),
}


def cited(order: Order, kind: str) -> Citation | None:
    """Why it is not handled as a complaint or report; None where the order has no word of it."""
    if kind == ELSEWHERE:
        return Citation(order, 2) if order is ORDER_121 else None
    return Citation(order, order.other_ways_article, 0 if order is ORDER_121 else 2)
