"""The chapters of the compendium. A case stands in the first one that takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from casebook.case import Case


@dataclass(frozen=True, slots=True)
class Chapter:
    """`industries`: beginnings of GB/T 4754 codes; `tags`: topics of the law."""

    id: str
    zh: str
    en: str
    tags: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()

    def takes(self, case: Case) -> bool:
        return any(tag in self.tags for tag in case.tags) or bool(
            self.industries and case.industry.startswith(self.industries)
        )

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


CHAPTERS: Final = (
    Chapter("prepaid", "预付式消费", "Prepaid services", tags=("prepaid",)),
    Chapter(
        "food", "食品与餐饮", "Food and catering",
        ("food", "health_food", "takeaway", "imported_food"), ("H62", "C14", "C15", "F521"),
    ),
    Chapter("cars", "汽车", "Cars", industries=("F526", "O811", "C36")),
    Chapter(
        "home", "家居、家电与装修", "Home, appliances, decoration",
        industries=("E50", "F527", "F528", "O813", "D44", "C21"),
    ),
    Chapter("housing", "住房、物业与停车", "Housing, property, parking", industries=("K70", "G54")),
    Chapter("telecom", "通信与数字服务", "Telecom and digital services", industries=("I63", "I64", "I65")),
    Chapter("travel", "旅游、住宿与文娱", "Travel, lodging, culture", industries=("H61", "L72", "R")),
    Chapter(
        "online", "网络购物与快递", "Buying online, couriers",
        ("online", "livestream", "seven_days", "second_hand"), ("F5292", "G60"),
    ),
    Chapter("health", "医疗美容与健康", "Medical beauty and health", ("medical_claims",), ("Q", "F525")),
    Chapter("services", "生活服务与培训", "Everyday services and training", industries=("O", "P", "G58", "G59")),
    Chapter("goods", "商品买卖", "Goods", industries=("F", "C")),
    Chapter("other", "其他", "Others"),
)  # fmt: skip


def chapter_of(case: Case) -> Chapter:
    return next((chapter for chapter in CHAPTERS if chapter.takes(case)), CHAPTERS[-1])
