"""Sentences for refusals on cases, complaints and what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

CASE_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
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


COMPLAINT_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
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


ENTRY_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    # join links
    "no_invitation": (
        N_("Please open the link in the text message once more"),
        N_("This browser has not come in through an invitation, or the invitation has ended."),
    ),
    "link_unknown": (
        N_("This link is not complete"),
        N_("Open it again straight from the text message, or copy the whole of it. The office can send you a new one."),
    ),
    "link_foreign": (
        N_("This link was not sent from here"),
        N_("Open it once more straight from the text message, or ring the office and ask whether it is theirs."),
    ),
    "link_expired": (
        N_("This link has expired"),
        N_("Ring the office and they will send you a new one. Nothing has been decided without you."),
    ),
    "link_revoked": (
        N_("This link is no longer valid"),
        N_("The office has replaced or withdrawn it. Look for a newer text message, or ring the office."),
    ),
    "link_used": (
        N_("This link is already in use on another phone"),
        N_("Go on there. If that was not you, ring the office now and they will send you a new one."),
    ),
    "session_over": (
        N_("This mediation has ended"),
        N_("There is nothing more to do here. For the result or questions, ring the office."),
    ),
    "no_such_device": (
        N_("No phone with this link shows this number"),
        N_("Ask the person to read it out once more; a new link has a new number."),
    ),
    # one-time codes
    "code_needed": (N_("Please confirm the code first"), N_("It was sent to your phone as a text message.")),
    "bad_code": (N_("That is not the code"), N_("Compare it with the newest text message and enter it again.")),
    "code_expired": (N_("This code has expired"), N_("Ask for a new one.")),
    "too_many_tries": (
        N_("Too many tries"),
        N_("Wait a while before the next try, or ring the office and they will help you in."),
    ),
    "too_many_codes": (
        N_("Too many codes were sent"),
        N_("Wait a while before asking for another, or ring the office and they will help you in."),
    ),
    "no_phone": (
        N_("The office has no phone number for you"),
        N_("Ring the office: they will add it and send you the code."),
    ),
    "no_business_phone": (
        N_("There is no mobile number of the business on file"),
        N_("Correct the record first; then the invitation can be sent."),
    ),
    "window_over": (
        N_("This page was open for too long"),
        N_("What was typed is not kept once you have stopped for an hour. Begin again; what you filed is not lost."),
    ),
    # officers
    "bad_login": (N_("Name, password or code are not right"), N_("Check them and try again.")),
    "bad_password": (N_("This is not your password"), N_("Check it and try again.")),
    "totp_needed": (N_("Please enter the code from your authenticator app"), N_("It changes every 30 seconds.")),
    "weak_password": (N_("This password is too easy to guess"), N_("Take a longer one, best a short sentence.")),
    "login_taken": (N_("Somebody already signs in with this name"), N_("Choose another one.")),
    "not_empty": (N_("This installation is already set up"), N_("Sign in as its administrator.")),
    "bad_login_name": (
        N_("This name cannot be used to sign in"),
        N_("Take 3 to 64 small letters, digits, dots and hyphens."),
    ),
}
