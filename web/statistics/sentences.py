"""What a chart says, in words: what there is most of, how the whole moved, and what moved most."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from complaints.statistics.definitions import Statistic
from complaints.statistics.figures import Figure
from complaints.statistics.views import Dashboard, FigureGroup
from web.i18n import N_, Words
from web.statistics import words as said

FEW: Final = 5  # a group with fewer is not said to have grown


def board(
    seen: Dashboard, statistic: Statistic, name: Callable[..., str], beside: str, upright: bool, words: Words
) -> list[str]:
    """`name`: `web.statistics.words.group` of a label."""
    _, name = words.gettext, partial(name, coded=False)
    if not seen.rows:
        return [_(N_("Nothing was counted in this period."))]
    told = [_(N_("%(what)s: %(value)s in all."), what=statistic.title(words.language), value=_told(seen.total, words))]
    if beside and seen.other is not None and (moved := said.moved(seen.total, seen.other, words)):
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
    value = said.value(figure, words)
    return words.pgettext("counted", "%(number)s", number=value) if figure.statistic.unit == "complaints" else value


def _growth(row: FigureGroup) -> int:
    return 0 if row.other is None else row.now.top - row.other.top
