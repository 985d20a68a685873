"""The twenty sections of GB/T 4754-2017, by which industries are grouped, and which divisions each holds."""

from __future__ import annotations

from typing import Final

from complaints.industries import SECTIONS

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
