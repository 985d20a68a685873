"""The complaint: its record, its lifecycle and its clocks. Pure but for the service, which writes the journal.

Here is what a complaint refuses, and why.

DomainError              code               params
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
├── BadUpload            bad_upload         why        ("empty", "large", "kind", "broken", "pixels", "active")
├── TooMany              too_many           most
├── GuardianNeeded       guardian_needed    field      (a child under 14 without a guardian who has agreed)
├── UnknownAttachment    not_found
├── NotAllowed           not_allowed                (not this role's to ask)
├── SamePerson           same_person                (whoever wrote it does not approve it)
├── NotOwner             not_owner          name       (a lead that is somebody else's)
├── BadDay               bad_day            field      (a day that has not come yet)
├── NeedsConsent         needs_consent              (both parties must agree first)
├── BusinessUnnamed      business_unnamed           (it came without the name of a business)
├── Suspended            suspended                  (a request for recusal is not decided)
├── Recused              recused                    (this mediator may not mediate it)
├── Untold               untold                     (somebody who must be told of the decision was not)
├── NoticeStanding       notice_standing    number     (the one in force has to be named as replaced)
├── FileHeld             file_held                  (the lead is held: none of its files goes)
├── UnknownNotice        unknown_notice     number
├── SmallCells           small_cells        office     (`complaints.insight.bulletin`: it could be subtracted)
├── Invented             sample             (a sample, in an office that is no demo's)
└── Busy                 busy               (somebody else kept changing it; ask again)
"""

from __future__ import annotations

from journal.refusals import (
    BadChoice as BadChoice,
    Busy as Busy,
    DomainError as DomainError,
    GuardianNeeded as GuardianNeeded,
    Missing as Missing,
    NotAllowed as NotAllowed,
    SamePerson as SamePerson,
    Suspended as Suspended,
    TooLong as TooLong,
    TooMany as TooMany,
    UnknownSession as UnknownSession,
    WrongState as WrongState,
)


class UnknownComplaint(DomainError):
    """Also said of another office's complaint: an outsider must not learn that it exists."""

    code = "not_found"


class BadPhone(DomainError):
    code = "bad_phone"


class BadAmount(DomainError):
    code = "bad_amount"


class BadCode(DomainError):
    code = "bad_check"


class BadGround(DomainError):
    code = "bad_ground"


class NotOwner(DomainError):
    """`name`: whose it is. A colleague takes it over first."""

    code = "not_owner"


class BadDay(DomainError):
    code = "bad_day"


class NeedsConsent(DomainError):
    code = "needs_consent"


class Recused(DomainError):
    code = "recused"


class Unchanged(DomainError):
    """An amendment that changes nothing."""

    code = "unchanged"


class BusinessUnnamed(DomainError):
    """Whom it is about was not named yet: nothing that concerns the business can be done."""

    code = "business_unnamed"


class Untold(DomainError):
    """The file stays open until everybody who must be told of what was decided has been."""

    code = "untold"


class NoticeStanding(DomainError):
    code = "notice_standing"


class FileHeld(DomainError):
    code = "file_held"


class UnknownNotice(DomainError):
    code = "unknown_notice"


class BadUpload(DomainError):
    """A file that cannot be attached."""

    code = "bad_upload"


class UnknownAttachment(DomainError):
    code = "not_found"


class Invented(DomainError):
    """A sample of `yuntiao sample`, which only a demo office takes (`journal.numbers`)."""

    code = "sample"
