"""What is said when something is refused: typical cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "case_undecided": (N_("There are places nobody has decided about"), N_("Go through them first.")),
    "case_other_text": (
        N_("The text was changed meanwhile"),
        N_("Reload the page, look at it as it is now, and approve it then."),
    ),
    "case_residue": (
        N_("The text still seems to name somebody"),
        N_("Hide it, or say that it was looked at and names nobody."),
    ),
    "case_same_person": (
        N_("A colleague publishes this case"),
        N_("Who approved a case’s texts does not publish it as well."),
    ),
    "case_unchecked": (N_("The checklist is not complete"), N_("Look at each point and tick it.")),
    "bad_span": (N_("That place is not in the text"), N_("Reload the page; the text may have been changed.")),
    "case_article": (
        N_("%(article)s was not in force on that day"),
        N_("Choose what was, or mend the day it happened."),
    ),
    "case_file": (
        N_("This file cannot be brought in"),
        N_("Word files (DOCX) and exchange files (JSON) up to 16 MB can."),
    ),
    "case_cuts_full": (
        N_("Too many Word files wait already"),
        N_("Make drafts of some, or drop them, under Bring cases in."),
    ),
    "case_cut_changed": (
        N_("Somebody else changed where it is cut meanwhile"),
        N_("Look at it again; it stands there as it is now."),
    ),
    "case_note_changed": (
        N_("Somebody else wrote this note meanwhile"),
        N_("Read what they wrote, and put yours to it."),
    ),
}
