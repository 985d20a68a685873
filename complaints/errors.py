"""What a complaint refuses, and why.

ComplaintError           code               params
├── UnknownComplaint     not_found
├── WrongState           wrong_state        state
├── UnknownSession       unknown_session    session
├── Missing              missing            field
├── TooLong              too_long           field, most
├── BadPhone             bad_phone          field
├── BadAmount            bad_amount
├── BadCode              bad_check          field      (a credit code or identity number that cannot exist)
├── BadChoice            bad_choice         field      (a value outside `complaints.vocabulary`)
├── BadGround            bad_ground
├── Unchanged            unchanged
├── BadUpload            bad_upload         why        ("empty", "large", "kind", "heic", "broken", "pixels", "active")
├── TooMany              too_many           most
├── GuardianNeeded       guardian_needed    field      (a child under 14 without a guardian who has agreed)
├── UnknownAttachment    not_found
├── NotAllowed           not_allowed                (not this role's to ask)
├── SamePerson           same_person                (whoever wrote it does not approve it)
├── NotOwner             not_owner          name       (a lead that is somebody else's)
├── BadDay               bad_day            field      (a day that has not come yet)
├── NeedsConsent         needs_consent              (both parties must agree first)
├── Suspended            suspended                  (a request for recusal is not decided)
├── Recused              recused                    (this mediator may not mediate it)
├── Untold               untold                     (somebody who must be told of the decision was not)
├── NoticeStanding       notice_standing    number     (the one in force has to be named as replaced)
├── FileHeld             file_held                  (the lead is held: none of its files goes)
├── UnknownNotice        unknown_notice     number
├── SmallCells           small_cells        office     (`complaints.insight.issued_bulletins`: it could be subtracted)
├── Invented             sample             (a sample, in an office that is no demo's)
└── Busy                 busy               (somebody else kept changing it; ask again)
"""

from __future__ import annotations

from typing import Any


class ComplaintError(Exception):
    """Base of every refusal. `code` is stable and has a sentence in every language; `params` fill its blanks."""

    code = "complaint"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code + "".join(f" {name}={value}" for name, value in params.items()))
        self.params: dict[str, Any] = params


class UnknownComplaint(ComplaintError):
    """Also said of another office's complaint: an outsider must not learn that it exists."""

    code = "not_found"


class WrongState(ComplaintError):
    code = "wrong_state"


class GuardianNeeded(ComplaintError):
    """PIPL Art 31: of a child under 14 nothing is processed before a guardian has agreed."""

    code = "guardian_needed"


class UnknownSession(ComplaintError):
    code = "unknown_session"


class Missing(ComplaintError):
    code = "missing"


class TooLong(ComplaintError):
    code = "too_long"


class BadPhone(ComplaintError):
    code = "bad_phone"


class BadAmount(ComplaintError):
    code = "bad_amount"


class BadCode(ComplaintError):
    code = "bad_check"


class BadChoice(ComplaintError):
    code = "bad_choice"


class BadGround(ComplaintError):
    code = "bad_ground"


class NotAllowed(ComplaintError):
    code = "not_allowed"


class SamePerson(ComplaintError):
    code = "same_person"


class NotOwner(ComplaintError):
    """`name`: whose it is. A colleague takes it over first."""

    code = "not_owner"


class BadDay(ComplaintError):
    code = "bad_day"


class NeedsConsent(ComplaintError):
    code = "needs_consent"


class Suspended(ComplaintError):
    code = "suspended"


class Recused(ComplaintError):
    code = "recused"


class Unchanged(ComplaintError):
    """An amendment that changes nothing."""

    code = "unchanged"


class Untold(ComplaintError):
    """The file stays open until everybody who must be told of what was decided has been."""

    code = "untold"


class NoticeStanding(ComplaintError):
    code = "notice_standing"


class FileHeld(ComplaintError):
    code = "file_held"


class UnknownNotice(ComplaintError):
    code = "unknown_notice"


class BadUpload(ComplaintError):
    """A file that cannot be attached."""

    code = "bad_upload"


class TooMany(ComplaintError):
    code = "too_many"


class UnknownAttachment(ComplaintError):
    code = "not_found"


class Busy(ComplaintError):
    code = "busy"


class Invented(ComplaintError):
    """A sample of `yuntiao sample`, which only a demo office takes (`journal.numbers`)."""

    code = "sample"
