"""What is said when something is refused: coming in: links, one-time codes, signing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
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
