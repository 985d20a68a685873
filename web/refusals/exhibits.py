"""What is said when something is refused: exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_exhibit": (N_("This exhibit is not there"), N_("It was withdrawn, or it is not for you.")),
    "exhibit_private": (
        N_("This exhibit was not released yet"),
        N_("Whoever brought it decides when everybody may see it."),
    ),
    "exhibit_used": (N_("This exhibit stays in the record"), N_("It was shown or answered already.")),
    "exhibit_not_ready": (N_("This exhibit is still being made ready"), N_("Wait a moment and try again.")),
    "nothing_shown": (N_("Nothing is on show just now"), N_("Show an exhibit first.")),
    "no_floor": (N_("Only the mediator shows exhibits"), N_("And whom they let. Ask them.")),
    "too_many_exhibits": (N_("There are too many exhibits already"), N_("One mediation holds up to %(most)s.")),
    "unknown_upload": (N_("This upload is not known any more"), N_("Choose the file once more.")),
    "too_many_uploads": (N_("Too much is being sent at once"), N_("Wait until one has arrived.")),
    "too_much": (N_("All exhibits together are too large"), N_("They may have %(most)s MB.")),
    "already_exhibit": (N_("This file is an exhibit already"), N_("It is in the list.")),
    "incomplete": (N_("Not all of it has arrived"), N_("Try again; what has arrived is kept.")),
    "out_of_step": (N_("The upload got out of step"), N_("Try again; what has arrived is kept.")),
    "bad_exhibit": (
        N_("This file cannot be taken as an exhibit"),
        N_("Photos, PDF and short films can, when they are whole."),
    ),
}
