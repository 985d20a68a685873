"""Pages of the casebook: shelves, a case being made, the board's queue, notes, exchange, and a lawyer's own page.

Here is what they call things.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

STATES: Final[Mapping[str, str]] = {
    "draft": N_("Being de-identified"),
    "approved": N_("Names nobody, approved"),
    "review": N_("With the board"),
    "published": N_("On the shelf"),
    "withdrawn": N_("Withdrawn"),
}
TONES: Final[Mapping[str, str]] = {"approved": "ok", "review": "warn", "published": "act", "withdrawn": "seal"}
TEXTS: Final[Mapping[str, str]] = {
    "title_zh": N_("Title in Chinese"),
    "title_en": N_("Title in English"),
    "facts": N_("What happened"),
    "claims": N_("What each side asked for"),
    "process": N_("How it was handled"),
    "outcome": N_("How it ended"),
    "experience": N_("What a colleague can learn"),
    "comment": N_("Lawyer’s comment"),
}
KINDS: Final[Mapping[str, str]] = {
    "name": N_("A name"),
    "phone": N_("Phone number"),
    "id": N_("Identity document"),
    "bank": N_("Bank account"),
    "account": N_("Account"),
    "order": N_("Order or document number"),
    "code": N_("Credit code"),
    "plate": N_("Number plate"),
    "email": N_("E-mail"),
    "link": N_("Link"),
    "number": N_("Number"),
    "address": N_("Address"),
    "organisation": N_("Business"),
    "amount": N_("Amount"),
    "date": N_("Day"),
    "time": N_("Time of day"),
    "institution": N_("School, hospital, authority"),
    "other": N_("Marked by hand"),
}
HINTS: Final[Mapping[str, str]] = {
    "age": N_("An exact age: is it needed?"),
    "office": N_("An office or calling that few have"),
    "unique": N_("It was in the news, or there is only one"),
    "health": N_("Somebody’s health"),
    "institution": N_("A school, hospital or authority by its name"),
    "place": N_("A place: how many live there?"),
    "quoted": N_("Words in quotation marks can be looked up"),
    "number": N_("Digits that are still there"),
    "time": N_("A time of day"),
    "relation": N_("A family relation that few have"),
}
CHECKS: Final[Mapping[str, str]] = {
    "nobody_known": N_("Nobody in it can be known, even by neighbours or colleagues"),
    "both_sides": N_("Both sides’ views are told fairly"),
    "outcome_true": N_("The outcome is the one on file"),
    "law_in_force": N_("Each article was read, and was in force on the day"),
    "useful": N_("A colleague would act differently for having read it"),
}
GAPS: Final[Mapping[str, str]] = {
    "title_en": N_("No English title"),
    "experience": N_("What a colleague can learn is thin"),
    "articles": N_("No article is cited"),
    "tags": N_("No issue is tagged"),
    "industry": N_("No trade"),
    "problem": N_("No problem"),
    "comment": N_("No lawyer has commented"),
    "figures": N_("Claimed or settled amount is missing"),
}
ORIGINS: Final[Mapping[str, str]] = {
    "complaint": N_("Drawn from a complaint"),
    "document": N_("From a Word file"),
    "exchange": N_("From an exchange file"),
    "sample": N_("Sample"),
}
TOPIC_STEPS: Final[Mapping[str, str]] = {
    "TopicAdded": N_("Topic added"),
    "TopicWithdrawn": N_("Withdrawn"),
    "TopicRestored": N_("Offered again"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "CaseBegun": N_("Begun"),
    "SheetFilled": N_("Classified"),
    "TextWritten": N_("Text written: %(field)s"),
    "SpanDecided": N_("Place decided: %(field)s"),
    "SpanMarked": N_("Place marked by hand: %(field)s"),
    "SpanUnmarked": N_("Mark removed: %(field)s"),
    "CaseApproved": N_("Texts approved"),
    "ApprovalTakenBack": N_("Approval taken back"),
    "LawyerInvited": N_("Lawyer invited: %(name)s"),
    "InvitationWithdrawn": N_("Invitation withdrawn"),
    "CommentGiven": N_("Comment received"),
    "CommentTaken": N_("Comment used"),
    "CommentDropped": N_("Comment not used"),
    "SentToBoard": N_("Sent to the board"),
    "TakenFromBoard": N_("Taken back from the board"),
    "SentBack": N_("Sent back by the board"),
    "CasePublished": N_("Edition %(edition)s published"),
    "CaseWithdrawn": N_("Withdrawn"),
    "WithdrawalUndone": N_("Withdrawal undone"),
    "RevisionBegun": N_("New edition begun"),
    "RevisionDropped": N_("New edition dropped"),
    "ContentErased": N_("Content erased"),
}
WHY_FILE: Final[Mapping[str, str]] = {
    "large": N_("It is larger than 16 MB."),
    "kind": N_("It is neither a Word file (DOCX) nor an exchange file (JSON)."),
    "old": N_("It is an old Word file (.doc), or behind a password. Open it in Word or WPS and save it as .docx."),
    "bomb": N_("It unpacks to far more than a text has."),
    "sample": N_(
        "There are invented cases in it, of a demo or brought along by the program; nobody’s casebook takes those."
    ),
    "hard": N_("Reading it took more memory or time than any ordinary file. Split it and try again."),
    "broken": N_("It is not whole. Save it again and try once more."),
    "macros": N_("It carries macros. Save it without them."),
    "long": N_("It has too many paragraphs. Send it in parts."),
    "empty": N_("No case was found in it. Cases begin with a heading, or with 案例一, 案例二 and so on."),
    "form": N_("A field is not as the form says: %(place)s"),
}
