"""How figures, their changes and their groups are written. Names of statistics are the definitions' own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from complaints.industries import SECTIONS
from complaints.statistics.figures import Figure, change
from complaints.vocabulary import CHANNELS, PROBLEMS, name
from web.i18n import N_, Words

BY: Final[Mapping[str, str]] = {
    "channel": N_("Channel"),
    "problem": N_("Problem"),
    "industry": N_("Industry"),
    "office": N_("Office"),
    "month": N_("Month"),
}
NOT_GIVEN: Final = N_("not given")
UNITS: Final[Mapping[str, str]] = {
    "complaints": N_("complaints"),
    "yuan": N_("yuan"),
    "percent": N_("per cent"),
    "days": N_("days"),
}


def value(figure: Figure | None, words: Words) -> str:
    """With its unit; a dash where there is nothing to divide by."""
    if figure is None or figure.value is None:
        return "–"
    number = f"{figure.value:,}"
    match figure.statistic.unit:
        case "yuan":
            return f"¥{number}"
        case "percent":
            return f"{number}%"
        case "days":
            return words.gettext("%(number)s days", number=number)
        case _:
            return number


def moved(now: Figure | None, before: Figure | None, words: Words) -> str:
    """+12.5% of what it was, +3.2 points of a share, +1.0 days; "" when it cannot be said."""
    by = change(now, before) if now and before else None
    if by is None or now is None:
        return ""
    number = f"{by:+,}".replace("-", "−") if by else "±0.0"
    match now.statistic.unit:
        case "percent":
            return words.gettext("%(number)s points", number=number)
        case "days":
            return words.gettext("%(number)s days", number=number)
        case _:
            return f"{number}%"


def group(by: str, label: str, offices: Mapping[str, str], words: Words) -> str:
    """A group's name for a person."""
    if not label:
        return words.gettext(NOT_GIVEN)
    match by:
        case "channel":
            return name(CHANNELS, label, words.language)
        case "problem":
            return name(PROBLEMS, label, words.language)
        case "industry":
            return f"{label} {name(SECTIONS, label, words.language)}"
        case "office":
            return offices.get(label, label)
        case _:
            return label


def behind(amount: Decimal | int | None, unit: str, words: Words) -> str:
    """What one complaint adds to a figure; "" when it only counts."""
    if amount is None or unit not in ("yuan", "days"):
        return ""
    return f"¥{amount:,}" if unit == "yuan" else words.gettext("%(number)s days", number=f"{amount}")
