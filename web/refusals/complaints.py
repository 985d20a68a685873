"""What is said when something is refused: complaints and leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_phone": (N_("This phone number is not right"), N_("Go back and check its digits.")),
    "bad_check": (
        N_("This number cannot exist"),
        N_("Compare it with the document: its check character does not fit."),
    ),
    "sample": (
        N_("This is a sample that the program invented"),
        N_("Only a demo office takes it; nothing invented is kept beside real files."),
    ),
    "bad_choice": (N_("This choice is not offered"), N_("Choose one of those that are.")),
    "bad_mapping": (N_("The mapping has a mistake"), N_("Open the mapping, mend what is named there, and try again.")),
    "bad_amount": (N_("This amount is not right"), N_("Write it in yuan, with at most two decimals.")),
    "small_cells": (
        N_("This month was published for other offices already"),
        N_(
            "%(office)s published this period for some of these offices, or for them and others. Whoever has both "
            "could subtract one from the other and learn of single people. Publish it for the same offices, or not "
            "at all."
        ),
    ),
    "unchanged": (N_("Nothing was changed"), N_("The record already says so.")),
    "bad_upload": (
        N_("This file cannot be attached"),
        N_("Photos (JPEG, PNG) and PDF up to 10 MB can, when they are whole."),
    ),
    "too_many": (N_("There are too many already"), N_("One complaint holds up to %(most)s.")),
    "bad_ground": (N_("There is no such ground"), N_("Choose one of the grounds the rule lists.")),
    "untold": (
        N_("Somebody who must be told of the decision is not told yet"),
        N_("Issue the notice, or note how and when they were told. Then the file can be closed."),
    ),
    "record_missing": (
        N_("Neither agreement nor record of the mediation is on file"),
        N_(
            "Make the record on the page of the mediation, or say where it is kept on paper. Then the file can be "
            "closed."
        ),
    ),
    "notice_standing": (
        N_("Such a notice has been issued already"),
        N_("Its number is %(number)s. Issue it again from there, so that the new one names it."),
    ),
    "unknown_notice": (
        N_("There is no such notice in force"),
        N_("It was replaced or withdrawn meanwhile. Reload the page to see how things are."),
    ),
    "unprintable": (
        N_("The document could not be printed"),
        N_("Nothing was issued and no number is lost. Tell the administrator; the log says why."),
    ),
    "held": (
        N_("This record is held and cannot be erased"),
        N_("Lift the hold first, and say why."),
    ),
    "file_held": (
        N_("This lead is held, and none of its files can be removed"),
        N_("A supervisor lifts the hold first, with a second person."),
    ),
}
