"""Publicity of complaint information as a paper and a table, and what an edition changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from complaints import PROBLEMS, name as called
from complaints.insight.bulletin import LEAST
from complaints.insight.publicity import ShownFigures, number, shown
from complaints.insight.publicity_rules import PublicEntry
from complaints.insight.views import BulletinPaper, BulletinSection, BulletinTable, PublicPublicity
from web.i18n import N_, Words, span
from web.office.insight.bulletin_paper import KEPT, written_day

PUBLICITY: Final = N_("Consumer complaint information")


def entries_like(one: PublicPublicity, wanted: str) -> Iterable[PublicEntry]:
    standing = [each for each in (one.edition.entries if one.edition else ()) if not each.withdrawn]
    return (each for each in standing if wanted.casefold() in each.name.casefold() or wanted.upper() == each.code)


def problem_classes(figures: ShownFigures, words: Words) -> Sequence[tuple[str, int | None]] | None:
    """Most complaints first, those kept back last."""
    if figures.problems is None:
        return None
    told = sorted(figures.problems, key=lambda one: -(one[1] or 0))
    return [(called(PROBLEMS, code, words.language), many) for code, many in told]


def problem_line(figures: ShownFigures, words: Words) -> str:
    """The classes that may be told, in a line."""
    told = [f"{what} {many}" for what, many in problem_classes(figures, words) or () if many is not None]
    return words.listed(told[:3]) if told else KEPT


def how_to_read(words: Words) -> list[str]:
    _ = words.gettext
    return [
        _(
            "Counted are complaints that an office accepted and whose mediation was concluded in the period. Those "
            "that were withdrawn, merged with another, not to be accepted or abusive are not."
        ),
        _(
            "A business is named by its credit code. Each was told beforehand, could object, and was answered; two "
            "persons agreed to the publication."
        ),
        _(
            "Many complaints may only mean many customers, and a complaint is not a finding: what was settled and how "
            "often stands beside it."
        ),
        _(
            "Classes with 1 to %(most)s complaints are kept back (%(mark)s), and one larger with them, so that nobody "
            "can be told from them.",
            most=LEAST - 1,
            mark=KEPT,
        ),
    ]


_PUBLICITY_HEAD: Final = (
    N_("Business name"), N_("Credit code"), N_("Complaints"), N_("Settled"), N_("Share settled"),
    N_("Written answer missed"), N_("Promises due"), N_("Promises kept"), N_("Most about"),
)  # fmt: skip


def publicity_rows(one: PublicPublicity, words: Words) -> list[list[str]]:
    found = []
    for entry in entries_like(one, ""):
        told = shown(entry.figures)
        counts = [told.unanswered, told.promised, told.kept]
        found.append(
            [
                entry.name, entry.code, f"{told.complaints}", f"{told.settled}", f"{told.share}%",
                *(KEPT if count is None else f"{count}" for count in counts), problem_line(told, words),
            ]
        )  # fmt: skip
    return found


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def publicity_table(one: PublicPublicity, words: Words) -> str:
    """Nothing in it is read as a formula (ASVS 1.2.10)."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([words.gettext(title) for title in _PUBLICITY_HEAD])
    for row in publicity_rows(one, words):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return file.getvalue()


def publicity_paper(one: PublicPublicity, words: Words) -> BulletinPaper:
    """To be printed, as a bulletin is."""
    assert one.edition is not None
    _ = words.gettext
    chosen = (0, 1, 2, 3, 4, 8)
    head = [_(_PUBLICITY_HEAD[n]) for n in chosen]
    rows = [[row[n] for n in chosen] for row in publicity_rows(one, words)]
    sections = [BulletinSection(_("Businesses"), (), None, BulletinTable(head, rows))]
    if changes := publicity_changes(one, words):
        sections.insert(0, BulletinSection(_("What changed"), changes))
    sections.append(BulletinSection(_("How to read it"), how_to_read(words)))
    first, last = (written_day(each, words) for each in (one.period.first, one.period.last))
    which = number(one.kind, one.period.first)
    foot = _(N_("No. %(number)s, edition %(edition)s"), number=which, edition=one.edition.edition)
    return BulletinPaper(
        words.language, one.office_name, _(PUBLICITY), span(first, last), one.period.last, "", sections, foot, True
    )


def publicity_changes(one: PublicPublicity, words: Words) -> list[str]:
    """What this edition says otherwise than the one before."""
    _, said = words.gettext, []
    for before, now in one.edition.changes if one.edition else ():
        if now is None and before is not None and not before.withdrawn:
            said.append(_("%(name)s is not named any more.", name=before.name))
        elif before is None and now is not None:
            said.append(_("%(name)s is named now.", name=now.name))
        elif before is not None and now is not None:
            then, counts = shown(before.figures), shown(now.figures)
            said.append(
                _(
                    "%(name)s: %(was)s complaints, %(then)s of them settled, are now %(now)s and %(settled)s.",
                    name=now.name,
                    was=then.complaints,
                    then=then.settled,
                    now=counts.complaints,
                    settled=counts.settled,
                )
            )
    return said
