"""The sentence for every code with which something can be refused, and what the person can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from web.i18n import N_, Words

_UNKNOWN: Final = (
    N_("That did not work"),
    N_("Go back and try again. If it happens again, ring the office and read them the code below."),
)

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    # pages
    "not_found": (N_("There is no such page"), N_("Check the address, or go back to where you came from.")),
    "not_closed": (
        N_("This mediation is not over yet"),
        N_("Its record can be exported once it is closed."),
    ),
    "not_signed": (
        N_("The record cannot be signed just now"),
        N_("The log's key cannot be used, or the log contradicts itself. Tell the administrator; see /log."),
    ),
    "note_changed": (
        N_("Another page of yours wrote here meanwhile"),
        N_("Both texts are shown to you; nothing was lost."),
    ),
    "erased": (
        N_("This recording has been erased"),
        N_("Its record says when, by whom and why. What happened in the mediation stays in the journal."),
    ),
    "unreadable": (
        N_("This recording cannot be read"),
        N_("The file was changed or its key does not fit. Tell the administrator."),
    ),
    "archive_away": (
        N_("The archive cannot be reached"),
        N_("This recording lies there and is not lost. Try again later, and tell the administrator."),
    ),
    "token_revoked": (N_("This token was revoked"), N_("Ask for a new one where it was issued.")),
    "token_over": (N_("This token’s last day has passed"), N_("Ask for a new one where it was issued.")),
    "bad_token": (
        N_("This token opens nothing"),
        N_("It is unknown or was revoked. The office's administrator issues another."),
    ),
    "no_scope": (
        N_("This token may not do that"),
        N_("The office's administrator issues one that may."),
    ),
    "key_reused": (
        N_("This idempotency key was used for something else"),
        N_("Send every new complaint with a key of its own."),
    ),
    "bad_signature": (
        N_("This signature does not count"),
        N_("The sender is unknown or was revoked, sends to another channel, or its secret is another one."),
    ),
    "too_many_requests": (
        N_("Too many requests in this minute"),
        N_("Retry-After says when to go on; the answer's RateLimit headers say how many are left."),
    ),
    "foreign_address": (
        N_("This address may not be called"),
        N_("The installation names the addresses that may (YUNTIAO_HOOK_ORIGINS); ask who runs it."),
    ),
    "stale": (
        N_("This request was signed too long ago"),
        N_("It counts for five minutes. Set the sending system's clock and send it anew."),
    ),
    "replayed": (
        N_("This signed request came before, under another key"),
        N_("A repetition carries the same idempotency key; anything new is signed anew."),
    ),
    "bad_request": (
        N_("A field of the request cannot be taken"),
        N_("The answer names it; the description of the interface says what it takes."),
    ),
    "too_large": (N_("That was too large to send"), N_("Go back and send a shorter text.")),
    "internal": (
        N_("Something went wrong on our side"),
        N_("Nothing you sent before is lost. Try again in a minute; if it stays like this, ring the office."),
    ),
    "foreign_form": (
        N_("This page was open for too long"),
        N_("Go back, reload the page and send it again. Cookies must be allowed for this site."),
    ),
    "sign_in_needed": (N_("Please sign in first"), N_("Your sign-in has ended. Sign in and try again.")),
    "same_person": (
        N_("A second person has to answer"),
        N_("As far as is known here it was you who asked. Tell a colleague who may."),
    ),
    "approval_over": (N_("Nobody answered in three days"), N_("Ask anew if it is still wanted.")),
    "approval_settled": (N_("This request is answered already"), N_("Open it again to see how.")),
    "too_many_numbers": (
        N_("You have looked at twenty full numbers in 24 hours"),
        N_("For more, ask for a second person’s yes: /approvals."),
    ),
    "own_account": (
        N_("Your own account another administrator changes"),
        N_("Your password and second step you change under “Account”."),
    ),
    "last_administrator": (
        N_("An office keeps one administrator"),
        N_("Make a colleague administrator first."),
    ),
    "second_step_needed": (
        N_("First finish signing in"),
        N_("Choose a password of your own and turn the second step on; then everything opens."),
    ),
    "two_steps_kept": (
        N_("In your role the second step stays on"),
        N_("With a new phone, show new codes under “Account”, or ask your administrator to begin anew."),
    ),
    "not_allowed": (
        N_("Your role cannot do this"),
        N_("Ask your office's administrator if you think it should."),
    ),
    "withheld": (
        N_("Your office’s role does not have this at present"),
        N_("The bureau withholds it. Its administrator sees who may do what, and can give it back."),
    ),
    "beyond_limits": (
        N_("No role can be given more than it may ever have"),
        N_("Nothing was changed. Reload the page and choose among what it shows."),
    ),
    "changed_since": (
        N_("It was changed again since"),
        N_("Nothing was undone. Look at the newest change first."),
    ),
    "waits_already": (
        N_("A request about this waits for a second person already"),
        N_("Have it answered or take it back; then ask for more."),
    ),
    "no_recording": (
        N_("There is no video to copy"),
        N_("It has not been composed yet, or nothing was recorded. The record says how far it is."),
    ),
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
        N_("What was typed is not kept for longer than an hour. Begin again; what you filed is not lost."),
    ),
    # officers
    "bad_login": (N_("Name, password or code are not right"), N_("Check them and try again.")),
    "totp_needed": (N_("Please enter the code from your authenticator app"), N_("It changes every 30 seconds.")),
    "weak_password": (N_("This password is too easy to guess"), N_("Take a longer one, best a short sentence.")),
    "login_taken": (N_("Somebody already signs in with this name"), N_("Choose another one.")),
    "not_empty": (N_("This installation is already set up"), N_("Sign in as its administrator.")),
    "bad_login_name": (
        N_("This name cannot be used to sign in"),
        N_("Take 3 to 64 small letters, digits, dots and hyphens."),
    ),
    # complaints
    "bad_phone": (N_("This phone number is not right"), N_("Go back and check its digits.")),
    "bad_check": (
        N_("This number cannot exist"),
        N_("Compare it with the document: its check character does not fit."),
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
    # sessions
    "unknown_session": (N_("There is no such mediation"), N_("Look for it on your desk again.")),
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
        N_("It is ended in the room, where its ground is chosen too."),
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
        N_("By what right this person acts is not recorded"),
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
    "other_text": (
        N_("The text was changed while you were signing"),
        N_("Read it again, it has a new check sum, and sign it once more."),
    ),
    "out_of_order": (
        N_("Something has to come before this"),
        N_("First both sides sign, then the mediator, then the seal is put on."),
    ),
    "no_seal": (
        N_("This office has no electronic seal that can be used"),
        N_("Tell the administrator: `yuntiao seal create` makes one, `yuntiao seal show` says what is wrong."),
    ),
    "bad_ink": (
        N_("This handwriting cannot be used"),
        N_("Wipe it and write your name once more, or type it instead."),
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
    "not_released": (N_("This slip is kept by its side"), N_("Only what may be told can be passed on.")),
    "shown": (N_("This slip has been passed on"), N_("It cannot be changed or taken back any more.")),
    "not_agreed_yet": (
        N_("Both sides have yet to agree to the rule"),
        N_("A figure can be entered once both have."),
    ),
    "enough": (N_("That is enough for one mediation"), N_("There are %(most)s at most.")),
    "taken": (N_("They are consulting with somebody else"), N_("Try again in a moment.")),
    # exhibits
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
    # cases
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
    "held": (
        N_("This record is held and cannot be erased"),
        N_("Lift the hold first, and say why."),
    ),
    "file_held": (
        N_("This lead is held, and none of its files can be removed"),
        N_("A supervisor lifts the hold first, with a second person."),
    ),
    "missing": (N_("Something is missing"), N_("Go back and fill in what is marked.")),
    "too_long": (N_("That text is too long"), N_("Go back and shorten it.")),
    "bad_value": (N_("Something in the form is not right"), N_("Go back and check what you entered.")),
    "busy": (N_("Too much is happening at once"), N_("Try again in a moment; nothing is lost.")),
}


def sentence(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[0], params)


def advice(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[1], params)


def _filled(words: Words, msgid: str, params: Mapping[str, Any]) -> str:
    text = words.gettext(msgid)
    return text % params if params and "%(" in text else text
