"""The sentence for every code with which something can be refused, and what can be done about it; here those of any
page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from web.i18n import N_, Words
from web.refusals import sentences

OF_PAGES: Final[Mapping[str, tuple[str, str]]] = {
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
        N_("This file cannot be fetched at the moment"),
        N_(
            "It lies in another place, which cannot be reached, and is not lost. Try again later, and tell the "
            "administrator."
        ),
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
        N_("It counts for five minutes. Set the sending system's clock and send it again."),
    ),
    "replayed": (
        N_("This signed request came before, under another key"),
        N_("A repetition carries the same idempotency key; anything new is signed again."),
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
    "approval_over": (N_("Nobody answered in three days"), N_("Ask again if it is still wanted.")),
    "approval_settled": (N_("This request is answered already"), N_("Open it again to see how.")),
    "too_many_numbers": (
        N_("You have looked at as many full numbers as your office allows in 24 hours"),
        N_("For more, ask for a second person’s approval: /approvals."),
    ),
    "own_account": (
        N_("Your own account another administrator changes"),
        N_("Change your password and two-step verification under “Account”."),
    ),
    "last_administrator": (
        N_("An office keeps one administrator"),
        N_("Make a colleague administrator first."),
    ),
    "second_step_needed": (
        N_("First finish signing in"),
        N_("Choose a password of your own and turn on two-step verification; then everything opens."),
    ),
    "two_steps_kept": (
        N_("In your role two-step verification stays on"),
        N_("With a new phone, show new codes under “Account”, or ask your administrator to start again."),
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
    "no_speech_model": (
        N_("No speech model is installed"),
        N_("Whoever runs the server brings one with ./run speech or yuntiao speech install. Then ask again."),
    ),
    "nothing_to_hear": (
        N_("There is nothing to transcribe"),
        N_("Nobody was recorded who agreed to it, or nobody was recorded at all."),
    ),
    "not_yours": (
        N_("Only the mediator of this session corrects its transcript"),
        N_("Tell them what you noticed; a supervisor can add a note to the record."),
    ),
    "missing": (N_("Something is missing"), N_("Go back and fill in what is marked.")),
    "no_space": (
        N_("The server's disk is nearly full: no file can be kept"),
        N_("Nothing of it was kept. Call the administrator; mediations and everything that is written down go on."),
    ),
    "window_quota": (
        N_("As many files as may come in a day have come"),
        N_("Please go on tomorrow, or ring the office."),
    ),
    "text_too_heavy": (
        N_("This text cannot be looked through"),
        N_("It took longer than a text may take, and was given up. Shorten it, or cut it into parts, and try again."),
    ),
    "too_long": (N_("That text is too long"), N_("Go back and shorten it.")),
    "bad_value": (N_("Something in the form is not right"), N_("Go back and check what you entered.")),
    "busy": (N_("Too many requests at once"), N_("Try again in a moment; nothing is lost.")),
}

_UNKNOWN: Final = (
    N_("That did not work"),
    N_("Go back and try again. If it happens again, ring the office and read them the code below."),
)

_STAFF_UNKNOWN: Final = (
    N_("That did not work"),
    N_("Go back and try again. If it happens again, tell the administrator the code below."),
)

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    **OF_PAGES,
    **sentences.ENTRY_REFUSALS,
    **sentences.COMPLAINT_REFUSALS,
    **sentences.SESSION_REFUSALS,
    **sentences.EXHIBIT_REFUSALS,
    **sentences.CASE_REFUSALS,
}


def sentence(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[0], params)


def advice(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[1], params)


def staff_sentence(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, sentences.STAFF_REFUSALS.get(code, REFUSALS.get(code, _UNKNOWN))[0], params)


def staff_advice(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, sentences.STAFF_REFUSALS.get(code, REFUSALS.get(code, _STAFF_UNKNOWN))[1], params)


def _filled(words: Words, msgid: str, params: Mapping[str, Any]) -> str:
    text = words.gettext(msgid)
    return text % params if params and "%(" in text else text
