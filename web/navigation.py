"""What the desk's pages are reached by: a few of them at once, the others under a heading that opens.

Owns the table and the cut for one officer. Who may open a page is said by its route (`web.security`); a row names fewer
roles than its route where a page is reached from another page instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from offices.people import Officer, OfficerRole
from offices.permissions import may
from web.i18n import N_

M: Final[OfficerRole] = "mediator"
S: Final[OfficerRole] = "supervisor"
A: Final[OfficerRole] = "administrator"
I: Final[OfficerRole] = "inspector"  # noqa: E741

FILES, ANALYSIS, OVERSIGHT, OFFICE, REFERENCE = (
    N_("Case work"),
    N_("Analysis"),
    N_("Oversight"),
    N_("Administration"),
    N_("Reference"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`section` is what a page calls itself (`web.staff_pages.show`). `first`: whose daily work it is, a tap away."""

    section: str
    path: str
    name: str
    group: str
    roles: tuple[OfficerRole, ...]
    first: tuple[OfficerRole, ...] = ()


ENTRIES: Final = (
    Entry("focus", "/focus", N_("Focus"), ANALYSIS, (M, S), (S,)),
    Entry("supervision", "/supervision", N_("Plan"), OVERSIGHT, (S,), (S,)),
    Entry("desk", "/desk", N_("Desk"), FILES, (M,), (M,)),
    Entry("people", "/officers", N_("People"), OFFICE, (A,), (A,)),
    Entry("complaints", "/complaints", N_("Complaints"), FILES, (M, S), (M,)),
    Entry("consultations", "/consultations", N_("Consultations"), FILES, (M, S)),
    Entry("leads", "/leads", N_("Leads"), FILES, (I, S), (I,)),
    Entry("reports", "/reports", N_("Reports"), FILES, (I, S), (I,)),
    Entry("due", "/due", N_("Dates due"), FILES, (M, S, I), (M, S, I)),
    Entry("imports", "/imports", N_("Imports"), FILES, (M,)),
    Entry("performance", "/performance", N_("Promises"), FILES, (M, S)),
    Entry("audit", "/audit", N_("Records"), FILES, (M, S)),
    Entry("outbox", "/outbox", N_("Messages"), FILES, (M, A)),
    Entry("statistics", "/statistics", N_("Statistics"), ANALYSIS, (M, S)),
    Entry("bulletins", "/bulletins", N_("Bulletins"), ANALYSIS, (S, I)),
    Entry("respondents", "/respondents", N_("Businesses"), ANALYSIS, (M, S, I)),
    Entry("practice", "/practice", N_("My practice"), ANALYSIS, (M,)),
    Entry("approvals", "/approvals", N_("Second person"), OVERSIGHT, (S, A), (A,)),
    Entry("oversight", "/oversight", N_("Who did what"), OVERSIGHT, (S, A)),
    Entry("kept", "/kept", N_("Keeping"), OVERSIGHT, (S, A)),
    Entry("access", "/access", N_("Who may do what"), OVERSIGHT, (A,)),
    Entry("retention", "/retention", N_("Years kept"), OVERSIGHT, (A,)),
    Entry("offices", "/offices", N_("Offices"), OFFICE, (A,)),
    Entry("areas", "/jurisdictions", N_("Areas"), OFFICE, (A,)),
    Entry("map", "/map", N_("Map"), OFFICE, (A,)),
    Entry("holidays", "/holidays", N_("Holidays"), OFFICE, (A,)),
    Entry("systems", "/systems", N_("Systems"), OFFICE, (A,)),
    Entry("casebook", "/casebook", N_("Casebook"), REFERENCE, (M, S)),
    Entry("law", "/law", N_("Law"), REFERENCE, (M, S, A, I)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """`name` "" for those that stand by themselves."""

    name: str
    entries: Sequence[Entry]

    def holds(self, section: str) -> bool:
        return any(one.section == section for one in self.entries)


def navigation(officer: Officer) -> Sequence[Group]:
    """The officer's own, daily work first; a heading that would hold a single page is that page."""
    mine = [one for one in ENTRIES if officer.role in one.roles and may(officer, one.path)]
    found = [Group("", [one]) for one in mine if officer.role in one.first]
    for name in (FILES, ANALYSIS, OVERSIGHT, OFFICE, REFERENCE):
        held = [one for one in mine if one.group == name and officer.role not in one.first]
        if held:
            found.append(Group(name if len(held) > 1 else "", held))
    return found
