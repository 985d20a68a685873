"""The standard in words: docs/statistics.md, written from the definitions and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.statistics.definitions import DEFINITIONS, Measure, Statistic, current

_HEAD = """# One statistical standard

Written by `yuntiao stats --define` from `complaints.statistics.definitions`; a test holds this page to it.

Every figure, on a page, in a file or from the command line, is one of these. A definition never changes: a changed
formula is a new version, and the older one stays computable as `name@version`. The plain name means the newest version.

- **Days** are those of the handling office's own time zone. A step counts on the day the journal says it was made; one
  that was taken back does not count.
- **Periods** include their first and their last day. A comparison is with the period just before (as many whole months,
  else as many days) and with the same days a year earlier.
- **A complaint counts once.** One merged into another counts with that one only.
- **Rounding** is half up, once, at the end.
- **Late** is judged at the day of the counting, or at the day it is recomputed as of.
- **As of a date**: a figure can be recomputed from the journal as it stood at a moment. Entries made later do not exist
  for it. Due days come from today's calendar of working days.
- **Groups**: by channel, problem, industry (GB/T 4754: section, division, group, class, as far as the code was given),
  division (GB/T 2260), street, platform, respondent, band of the amount in dispute (from ¥100, 500, 1,000, 5,000,
  10,000, 50,000), age, way of mediation, office, or month or day of the day that is counted by. What a complaint does
  not say is a group of its own. A respondent is told by its credit code, else by its name and division: the same
  business with and without its code is two, until the phone, the address or the whole registered name shows that it is
  one, or a person says so; then it counts as that one, for days before and as of a date too.
- **Concluded** is the first of settlement and end of mediation, **decided** the first of acceptance and refusal,
  **handled** the first of refusal and conclusion.

| name | 名称 | English | unit | digits | counts by |
|---|---|---|---|---|---|
"""

_UNITS = {
    "complaints": "件 / complaints",
    "yuan": "元 / yuan",
    "percent": "% / per cent",
    "days": "天 / days",
    "kilometres": "公里 / km",
}


def markdown() -> str:
    """The whole page."""
    rows = "".join(_row(statistic) for statistic in current())
    return _HEAD + rows + "".join(_section(statistic) for statistic in DEFINITIONS)


def day_names(measures: Sequence[Measure]) -> str:
    return ", ".join(dict.fromkeys(f"`{measure.by}`" for measure in measures))


def _row(statistic: Statistic) -> str:
    unit, by = _UNITS[statistic.unit], day_names(statistic.measures)
    return f"| `{statistic.id}` | {statistic.zh} | {statistic.en} | {unit} | {statistic.digits} | {by} |\n"


def _section(statistic: Statistic) -> str:
    newest = statistic in current()
    events = ", ".join(f"`{event}`" for event in statistic.events) or "none yet"
    return (
        f"\n## `{statistic.id}`{'' if newest else ' (earlier version)'}\n"
        f"**{statistic.zh}**：{statistic.words_zh}。\n\n"
        f"**{statistic.en}**: {statistic.words_en}.\n\n"
        f"Unit {_UNITS[statistic.unit]}; {statistic.digits} digits after the point; counts by "
        f"{day_names(statistic.measures)}; moved by {events}.\n"
    )
