"""A new edition of a bulletin says what is different from the one before: every number of its tables that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from complaints.insight.papers import BulletinPaper, BulletinSection, BulletinTable
from web.i18n import N_, words_of

MOST = 40  # changes that are listed; how many more there are is said


def edition(paper: BulletinPaper, number: str, which: int, before: BulletinPaper | None) -> BulletinPaper:
    """The paper as it is issued. `before`: the edition before, in the same language; None for the first."""
    _ = words_of(paper.language).gettext
    foot = _(N_("No. %(number)s, edition %(edition)s"), number=number, edition=which)
    made = replace(paper, foot=f"{paper.foot} · {foot}")
    if before is None:
        return made
    found = list(_changes(before, paper))
    head = [_(N_("What")), _(N_("Which")), _(N_("Edition before")), _(N_("Now"))]
    said = [_(N_("This edition replaces the one before. Records came in or were corrected since; this is different:"))]
    if len(found) > MOST:
        said.append(_(N_("%(num)s more numbers changed."), num=len(found) - MOST))
    if not found:
        said = [_(N_("This edition replaces the one before; no number of its tables is different."))]
    sheet = BulletinTable(head, found[:MOST]) if found else None
    return replace(made, sections=[BulletinSection(_(N_("What changed")), said, None, sheet), *made.sections])


def _changes(before: BulletinPaper, now: BulletinPaper) -> Iterator[list[str]]:
    """Heading and row, column, then and now."""
    old = {(section.heading, row[0]): row for section in before.sections for row in _rows(section)}
    seen = set()
    for section in now.sections:
        for row in _rows(section):
            key = (section.heading, row[0])
            seen.add(key)
            was = old.get(key, ())
            for n, cell in enumerate(row[1:], 1):
                then = was[n] if n < len(was) else "–"
                if then != cell:
                    yield [f"{section.heading}: {row[0]}", _column(section, n), then, cell]
    for (heading, name), row in old.items():
        if (heading, name) not in seen and heading in {section.heading for section in now.sections}:
            yield [f"{heading}: {name}", "", row[1] if len(row) > 1 else "", "–"]


def _rows(section: BulletinSection) -> list[list[str]]:
    return [list(row) for row in section.sheet.rows] if section.sheet else []


def _column(section: BulletinSection, n: int) -> str:
    return section.sheet.head[n] if section.sheet and n < len(section.sheet.head) else ""
