"""Sentences for refusals on cases, complaints and what is typed, in a session and on its exhibits."""

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
    "card_changed": (
        N_("Somebody else changed this card meanwhile"),
        N_("Read what stands now, and change that."),
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
    "bad_hours": (
        N_("These times cannot be read"),
        N_("Write times like 09:00-12:00, 13:30-17:00, in order and without overlaps."),
    ),
    "bad_amount": (N_("This amount is not right"), N_("Write it in yuan, with at most two decimals.")),
    "publicity_not_ready": (
        N_("It cannot be published yet"),
        N_("Every business has to be told, its days for objecting over, and every objection answered."),
    ),
    "publicity_stale": (
        N_("Some complaints count no more since they were counted"),
        N_(
            "Open %(names)s, look at the complaints behind the entry, and correct it. Before anybody is told, count "
            "again."
        ),
    ),
    "publicity_overlaps": (
        N_("Days of this period were published already"),
        N_(
            "%(office)s published a period with some of these days for some of these offices. One could be subtracted "
            "from the other, and single complaints be told from it."
        ),
    ),
    "nobody_named": (
        N_("No business is left to be named"),
        N_("Name one that was left out, or leave this period unpublished."),
    ),
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
        N_("Photos (JPEG, PNG, HEIC) and PDF up to 10 MB can, when they are whole."),
    ),
    "too_many": (N_("There are too many already"), N_("One complaint holds up to %(most)s.")),
    "bad_ground": (N_("There is no such ground"), N_("Choose one of the grounds the rule lists.")),
    "business_unnamed": (
        N_("It is not said yet which business this is about"),
        N_("Name the business on the complaint’s page first; its text may say who it is."),
    ),
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


_PARTYS: Final = N_("Parties come to it by their personal link. You find the mediation and its links on your desk.")
_ON_SESSION: Final = N_("See the page of the mediation for how it stands and for a new link.")
STAFF_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    # what an officer is told where a party would be told to ring the office
    "no_invitation": (N_("This page is for parties"), _PARTYS),
    "code_needed": (N_("This page is for parties"), _PARTYS),
    "window_over": (N_("This page is for parties"), _PARTYS),
    "link_unknown": (
        N_("This link is not complete"),
        N_("Copy the whole link from the page of the mediation. Nothing was used up."),
    ),
    "link_foreign": (
        N_("This link was not sent from here"),
        N_("No such link was ever issued here. Tell whoever got it not to open it."),
    ),
    "link_expired": (N_("This link of a party has expired"), _ON_SESSION),
    "link_revoked": (N_("This link of a party has been replaced or withdrawn"), _ON_SESSION),
    "link_used": (N_("This link of a party is in use on their phone"), _ON_SESSION),
    "removed": (N_("This link is of somebody who was asked to leave"), _ON_SESSION),
    "session_over": (
        N_("This link is to a mediation that has ended"),
        N_("See the page of the mediation for its outcome and its record."),
    ),
    "no_phone": (
        N_("No mobile number is on file"),
        N_("Add one on the page of the mediation, or hand the link over yourself."),
    ),
    "internal": (
        N_("Something went wrong on our side"),
        N_("Nothing you sent before is lost. Try again in a minute; if that does not help, tell the administrator."),
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
        N_("This link is in use in another browser or on another phone"),
        N_("Go on there. If that was not you, ring the office now and they will send you a new one."),
    ),
    "token_over": (
        N_("The copied link was used already, or its 10 minutes are over"),
        N_("Have a code sent to your phone and go on with it."),
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
    # the telephone
    "call_under_way": (N_("There is a call already"), N_("Hang up first, or wait until it has ended.")),
    "seat_present": (N_("They are there with a device of their own"), N_("A call is for whoever has none.")),
    "phone_down": (
        N_("The telephone line does not work just now"),
        N_("Try again in a minute; if that does not help, tell the administrator: “Systems” → “Connections” says why."),
    ),
    "phone_unready": (
        N_("Nobody can be asked by telephone yet"),
        N_("The administrator has to record first what callers are told."),
    ),
    "too_many_calls": (N_("This person was called very often"), N_("Wait a while before the next call.")),
    "no_dial_in": (N_("There is no number to dial in to"), N_("Call the person instead.")),
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

EXHIBIT_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
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


SESSION_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_session": (N_("There is no such mediation"), N_("Look for it on your desk again.")),
    "not_of_the_case": (
        N_("This record is for the mediator of the case and for supervisors"),
        N_("Ask one of them if you need to know something that is in it."),
    ),
    "guardian_needed": (
        N_("A guardian has to agree first"),
        N_("Of a child under 14 nothing is processed before a parent or another guardian has agreed."),
    ),
    "guardian_missing": (
        N_("A minor comes in with their guardian"),
        N_("Give the guardian a seat as a representative, let them in, and record them as the guardian."),
    ),
    "authority_over": (
        N_("This proxy’s authorisation does not cover today"),
        N_(
            "Have a new one shown, correct the complaint, then withdraw this seat and add it again. The mediation can "
            "go on with the complainant in person."
        ),
    ),
    "unknown_seat": (N_("There is no such seat"), N_("Reload the page; it may have changed.")),
    "not_public": (
        N_("This bulletin is not for the public"),
        N_("Only a month’s is published: weeks could be subtracted from it until single people show."),
    ),
    "not_owner": (
        N_("This lead is %(name)s’s"),
        N_("Take it over first, if you are to verify it."),
    ),
    "bad_day": (
        N_("This day has not come yet"),
        N_("Choose today or an earlier day."),
    ),
    "too_many_views": (N_("You have too many saved views"), N_("Up to %(most)s can be saved. Delete one first.")),
    "too_late": (
        N_("It is done already"),
        N_("Ten seconds have passed, and the complainant is being told. Correct it on the complaint’s page."),
    ),
    "not_reachable": (
        N_("No message can reach the complainant"),
        N_("Accept it on its own page, and note there how they were told."),
    ),
    "wrong_state": (
        N_("That cannot be done any more"),
        N_("Things have moved on. Reload the page to see how they are."),
    ),
    "needs_consent": (
        N_("Both sides must agree first"),
        N_("Under the order that applies, mediation is delegated only when complainant and respondent both consent."),
    ),
    "suspended": (
        N_("Mediation is suspended"),
        N_("A request for recusal has not been decided. The supervisor decides it; then mediation can go on."),
    ),
    "recused": (N_("This mediator may not mediate it"), N_("A colleague who was not recused takes it over.")),
    "too_early": (
        N_("The time for mediation has not run out"),
        N_("The complaint’s page says when it does. End it on another ground, or wait."),
    ),
    "session_open": (
        N_("A mediation is under way"),
        N_("It is terminated in the room, where its ground is chosen too."),
    ),
    "already_closed": (
        N_("This mediation is closed"),
        N_("A closed mediation is not changed; a correction is added to its record."),
    ),
    "not_in_room": (N_("You are not in the room"), N_("Wait until the mediator lets you in.")),
    "room_full": (N_("All seats are taken"), N_("A room has up to %(most)s seats.")),
    "disk_reserve": (
        N_("The server's disk is nearly full: no mediation can be opened"),
        N_("It could not be recorded. Call the administrator; mediations under way go on."),
    ),
    "restarting": (
        N_("The program is about to restart: no mediation can be opened"),
        N_("Try again in a few minutes; mediations under way go on until then."),
    ),
    "other_node": (
        N_("This mediation is just being taken over by another server"),
        N_("Try again in a few seconds."),
    ),
    "locked": (N_("The mediator has locked the door"), N_("Wait a moment and try again, or ring the office.")),
    "removed": (
        N_("You were asked to leave the room"),
        N_("To come back you need a new link. Ring the office if you think this is a mistake."),
    ),
    "consent_needed": (N_("Please answer first whether you take part"), N_("Go back one step.")),
    "identity_needed": (N_("Please confirm the code first"), N_("It was sent to your phone as a text message.")),
    "bad_seat": (N_("This seat cannot be added"), N_("Check the role, the name and the side.")),
    "bad_outcome": (N_("Something in the outcome is not right"), N_("Go back and check its terms.")),
    "no_outcome": (N_("No outcome has been proposed yet"), N_("Propose one first, so that both sides see it.")),
    "outcome_not_seen": (
        N_("Not everybody has seen the outcome yet"),
        N_("Wait until they have, or close all the same and say why."),
    ),
    "outdated": (
        N_("It has changed meanwhile"),
        N_("Read it as it stands now, then answer or edit again."),
    ),
    "unknown_clause": (
        N_("There is no such clause any more"),
        N_("It was removed. See the draft as it stands now."),
    ),
    "unknown_fact": (
        N_("There is no such fact any more"),
        N_("It was removed. See the sheet of facts as it stands now."),
    ),
    "bad_clause": (
        N_("The clause does not say what its promise says"),
        N_("Keep the amount and the day in the text as the promise has them, or change the promise."),
    ),
    "no_authority": (
        N_("This person’s capacity has not been recorded"),
        N_("The mediator records it first; an agent needs a special authorisation to settle."),
    ),
    "principal_here": (
        N_("The party is in the room and answers in person"),
        N_("Who acts for a party answers only while that party is away."),
    ),
    "not_agreed": (
        N_("Not every clause is agreed by both sides yet"),
        N_("Ask both sides to answer the clauses that are open."),
    ),
    "draft_stands": (
        N_("An agreement has been drafted"),
        N_("Take the outcome over from it, or remove its clauses first."),
    ),
    "not_signing": (
        N_("There is nothing to sign just now"),
        N_("The text was taken back or is in effect already. The mediator lays it before both sides again."),
    ),
    "would_void": (
        N_("This makes every signature void"),
        N_("If that is meant, tick that it is, and press again."),
    ),
    "other_text": (
        N_("The text was changed while you were signing"),
        N_("Read it again, it has a new check sum, and sign it once more."),
    ),
    "out_of_order": (
        N_("Something has to come before this"),
        N_("First both sides sign, then the mediator, then the seal is put on."),
    ),
    "condenser_failed": (
        N_("The language model gave nothing usable this time"),
        N_("It was not reached, or its answer was of no use. Nothing was changed; the choices made so far stand."),
    ),
    "no_condenser": (N_("There is no language model here"), N_("The choices made so far stand.")),
    "no_seal": (
        N_("This office has no electronic seal that can be used"),
        N_("Tell the administrator: `yuntiao seal create` makes one, `yuntiao seal show` says what is wrong."),
    ),
    "no_sm2": (
        N_("SM2 seals cannot be checked on this machine"),
        N_("The file is under an SM2 seal. Ask the office to check it where GmSSL is installed."),
    ),
    "bad_ink": (
        N_("This handwriting cannot be used"),
        N_("Wipe it and write your name once more, or type it instead."),
    ),
    "bad_signature_code": (
        N_("That is not the code of your saved signature"),
        N_("Five wrong tries in a row lock it. You can also sign without it."),
    ),
    "signature_locked": (
        N_("Your saved signature is locked: a wrong code was entered five times"),
        N_("Sign without it now, and save it again under Account with another code."),
    ),
    "no_signature": (
        N_("You have no saved signature"),
        N_("Sign without it now, or save one under Account."),
    ),
    "weak_code": (
        N_("This code is too easy to guess"),
        N_("Use six to twelve digits, not all the same and not in sequence."),
    ),
    "sealed": (
        N_("The agreement is in effect"),
        N_("Nothing in it changes any more. A correction can be added to the record."),
    ),
    "in_caucus": (N_("A private talk is on"), N_("Wait until everybody is together again.")),
    "moved": (N_("A private talk has just begun or ended"), N_("Look at who would read it now, and send it again.")),
    "nobody_there": (N_("Nobody of that side is in the room"), N_("Let them in first.")),
    "only_in_caucus": (
        N_("This is said only in a private talk with the mediator"),
        N_("Wait until the mediator talks with your side alone."),
    ),
    "unknown_slip": (N_("There is no such slip any more"), N_("It was taken back.")),
    "unknown_offer": (N_("There is no such offer"), N_("Reload the page to see what is there now.")),
    "rights_unread": (N_("The notice of rights has not been read yet"), N_("Open the page again and read it first.")),
    "too_soon": (
        N_("A reminder went to them a short while ago"),
        N_("You can send the next one in %(minutes)s minutes, or ring them."),
    ),
    "not_released": (N_("This slip is kept by its side"), N_("Only what may be told can be passed on.")),
    "shown": (N_("This slip has been passed on"), N_("It cannot be changed or taken back any more.")),
    "not_agreed_yet": (
        N_("Both sides have yet to agree to the rule"),
        N_("A figure can be entered once both have."),
    ),
    "enough": (N_("That is enough for one mediation"), N_("There are %(most)s at most.")),
    "wrote_too_much": (N_("That was a lot within a minute"), N_("Wait %(seconds)s seconds and send it again.")),
    "chat_full": (
        N_("You have written all that one person may write in one mediation"),
        N_("Say what is left aloud, or bring it as an exhibit."),
    ),
    "taken": (N_("They are consulting with somebody else"), N_("Try again in a moment.")),
}
