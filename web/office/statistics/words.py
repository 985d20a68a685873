"""What figures, groups and changes are called, and a dashboard in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from complaints.record.industries import SECTIONS, industry_name
from complaints.record.places import short_name
from complaints.statistics.definitions import Statistic
from complaints.statistics.figures import BETWEEN, Figure, change
from complaints.statistics.views import Dashboard, FigureGroup
from complaints.vocabulary import CHANNELS, PROBLEMS, name
from law.orders import mode_name
from web.i18n import N_, Words

BY: Final[Mapping[str, str]] = {
    "channel": N_("Channel"),
    "problem": N_("Problem"),
    "industry": N_("Industry"),
    "industry2": N_("Industry: division"),
    "division": N_("Place"),
    "platform": N_("Platform"),
    "band": N_("Amount in dispute"),
    "age_band": N_("Age"),
    "mode": N_("Way of mediation"),
    "office": N_("Office"),
    "month": N_("Month"),
    "day": N_("Day"),
}
"""Of the page of all figures; dashboards know these too, of which there are many."""
MANY: Final[Mapping[str, str]] = {
    "industry3": N_("Industry: group"),
    "industry4": N_("Industry: class"),
    "street": N_("Street"),
    "respondent": N_("Business complained about"),
}
ALL: Final[Mapping[str, str]] = {**BY, **MANY}
BANDS_FROM: Final[Mapping[str, str]] = {
    "0": N_("under ¥100"),
    "100": N_("¥100 to 500"),
    "500": N_("¥500 to 1,000"),
    "1000": N_("¥1,000 to 5,000"),
    "5000": N_("¥5,000 to 10,000"),
    "10000": N_("¥10,000 to 50,000"),
    "50000": N_("¥50,000 and more"),
}
AGES: Final[Mapping[str, str]] = {"minor": N_("under 18"), "adult": N_("18 to 59"), "elder": N_("60 and over")}
NOT_GIVEN: Final = N_("not given")
UNITS: Final[Mapping[str, str]] = {
    "complaints": N_("complaints"),
    "yuan": N_("yuan"),
    "percent": N_("per cent"),
    "days": N_("days"),
    "kilometres": N_("kilometres"),
}


def figure_text(figure: Figure | None, words: Words) -> str:
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
        case "kilometres":
            return words.gettext("%(number)s km", number=number)
        case _:
            return number


def change_text(now: Figure | None, before: Figure | None, words: Words) -> str:
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


def group_name(
    by: str,
    label: str,
    offices: Mapping[str, str],
    words: Words,
    names: Mapping[str, str] | None = None,
    coded: bool = True,
) -> str:
    """A group's name for a person. `names`: of respondents by their key, of industries by code, as far as known.
    `coded`: an industry with its code, as in a table; a sentence says its name alone."""
    if BETWEEN in by:
        first, second = (one.partition(BETWEEN)[::2] for one in (by, label))
        parts = [group_name(one, name_, offices, words, names, coded) for one, name_ in zip(first, second, strict=True)]
        return " · ".join(parts)
    if not label:
        return words.gettext(NOT_GIVEN)
    match by:
        case "channel":
            return name(CHANNELS, label, words.language)
        case "problem":
            return name(PROBLEMS, label, words.language)
        case "industry":
            return f"{label if coded else ''} {name(SECTIONS, label, words.language)}".strip()
        case "industry2" | "industry3" | "industry4":
            return f"{label if coded else ''} {industry_name(label, words.language, names)}".strip()
        case "division":
            return short_name(label) or label
        case "band":
            return words.gettext(BANDS_FROM[label]) if label in BANDS_FROM else label
        case "age_band":
            return words.gettext(AGES[label]) if label in AGES else label
        case "mode":
            return mode_name(label, words.language)
        case "respondent":
            return (names or {}).get(label) or words.gettext(N_("a business"))
        case "office":
            return offices.get(label, label)
        case _:
            return label


def behind(amount: Decimal | int | None, unit: str, words: Words) -> str:
    """What one complaint adds to a figure; "" when it only counts."""
    if amount is None or unit not in ("yuan", "days", "kilometres"):
        return ""
    if unit == "kilometres":
        return words.gettext("%(number)s km", number=f"{amount}")
    return f"¥{amount:,}" if unit == "yuan" else words.gettext("%(number)s days", number=f"{amount}")


FEW: Final = 5  # a group with fewer is not said to have grown


def dashboard_sentence(
    seen: Dashboard, statistic: Statistic, name: Callable[..., str], beside: str, upright: bool, words: Words
) -> list[str]:
    """`name`: `web.office.statistics.words.group_name` of a label."""
    _, name = words.gettext, partial(name, coded=False)
    if not seen.rows:
        return [_(N_("Nothing was counted in this period."))]
    told = [_(N_("%(what)s: %(value)s in all."), what=statistic.title(words.language), value=_told(seen.total, words))]
    if beside and seen.other is not None and (moved := change_text(seen.total, seen.other, words)):
        told.append(_(N_("Against %(what)s: %(moved)s."), what=beside, moved=moved))
    if statistic.unit == "percent":
        return told
    most = max(seen.rows, key=lambda row: (row.now.value or 0, row.now.top))
    if not upright or len(seen.rows) > 1:
        told.append(_(N_("Most: %(group)s, %(value)s."), group=name(most.label), value=_told(most.now, words)))
    grown = max(seen.rows, key=_growth)
    if beside and not upright and _growth(grown) > 0 and grown.now.top >= FEW and grown.other is not None:
        by = f"+{_growth(grown):,}"
        told.append(_(N_("Grown most: %(group)s, by %(number)s complaints."), group=name(grown.label), number=by))
    return told


def _told(figure: Figure, words: Words) -> str:
    """In a sentence Chinese counts complaints with their own word."""
    value = figure_text(figure, words)
    return words.pgettext("counted", "%(number)s", number=value) if figure.statistic.unit == "complaints" else value


def _growth(row: FigureGroup) -> int:
    return 0 if row.other is None else row.now.top - row.other.top
