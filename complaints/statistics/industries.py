"""The twenty sections of GB/T 4754-2017, by which industries are grouped, and which divisions each holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from complaints.vocabulary import Names

SECTIONS: Final[Mapping[str, Names]] = {
    "A": ("农、林、牧、渔业", "Farming, forestry, fishing"),
    "B": ("采矿业", "Mining"),
    "C": ("制造业", "Manufacturing"),
    "D": ("电力、热力、燃气及水生产和供应业", "Power, heat, gas and water"),
    "E": ("建筑业", "Construction"),
    "F": ("批发和零售业", "Wholesale and retail"),
    "G": ("交通运输、仓储和邮政业", "Transport, storage, post"),
    "H": ("住宿和餐饮业", "Lodging and catering"),
    "I": ("信息传输、软件和信息技术服务业", "Telecom, software, IT services"),
    "J": ("金融业", "Finance"),
    "K": ("房地产业", "Real estate"),
    "L": ("租赁和商务服务业", "Leasing and business services"),
    "M": ("科学研究和技术服务业", "Research and technical services"),
    "N": ("水利、环境和公共设施管理业", "Water, environment, public facilities"),
    "O": ("居民服务、修理和其他服务业", "Household services and repair"),
    "P": ("教育", "Education"),
    "Q": ("卫生和社会工作", "Health and social work"),
    "R": ("文化、体育和娱乐业", "Culture, sport, entertainment"),
    "S": ("公共管理、社会保障和社会组织", "Public administration and social organisations"),
    "T": ("国际组织", "International organisations"),
}
_LAST_DIVISION: Final = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"), (65, "I"), (69, "J"),
    (70, "K"), (72, "L"), (75, "M"), (79, "N"), (82, "O"), (83, "P"), (85, "Q"), (90, "R"), (96, "S"), (97, "T"),
)  # fmt: skip


def section(code: str) -> str:
    """The section of a code of any length, with or without its letter; "" for none that exists."""
    if code[:1] in SECTIONS:
        return code[0]
    division = code[:2]
    if not (len(division) == 2 and division.isascii() and division.isdigit()) or division == "00":
        return ""
    return next((letter for last, letter in _LAST_DIVISION if int(division) <= last), "")
