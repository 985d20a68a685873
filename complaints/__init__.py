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
├── BadChoice            bad_choice         field      (a value outside `complaints`)
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

Here: the words a complaint's record chooses from. Values are stored and exchanged; their names in both languages are
here.

Requests and problem classes follow the register named in the office's export columns (维修, 重作 …; 质量, 安全 …).

Here: judicial confirmation of a mediation agreement (司法确认): the period for it, what the application needs, and the
court's ruling.

Both sides apply together within thirty days of the agreement's taking effect, to a basic people's court (Civil
Procedure Law Arts 205 and 206; People's Mediation Law Art 33). The office applies for nobody: it makes the papers
ready, and keeps what the court decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

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
from law import WorkingCalendar


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


# ------------------------------------------------------------ vocabulary


Names = tuple[str, str]  # Chinese, English


class Channel(StrEnum):
    HOTLINE = "hotline"
    DIRECTOR = "director"
    BOARD = "board"
    NATIONAL = "12315"
    PETITION = "petition"
    WINDOW = "window"


class Mode(StrEnum):
    """How it was received."""

    PHONE = "phone"
    INTERNET = "internet"
    VISIT = "visit"
    LETTER = "letter"
    TRANSFER = "transfer"


class Sex(StrEnum):
    UNKNOWN = ""
    FEMALE = "female"
    MALE = "male"


class AgeBand(StrEnum):
    UNKNOWN = ""
    CHILD = "under_14"
    TEENAGER = "14_17"
    MINOR = "under_18"  # of an import that says no more
    ADULT = "18_over"  # where no more was asked
    YOUNG = "18_39"
    MIDDLE = "40_59"
    SENIOR = "60_over"


class IdKind(StrEnum):
    NONE = ""
    RESIDENT = "resident"
    PASSPORT = "passport"
    PERMIT = "permit"
    OTHER = "other"


class Urgency(StrEnum):
    """Why it may not wait."""

    CHILDREN = "children"
    ELDERLY = "elderly"
    INJURY = "injury"
    MASS = "mass"


CHANNELS: Final[Mapping[str, Names]] = {
    "hotline": ("市民热线", "Citizen hotline"),
    "director": ("局长热线", "Bureau chief’s hotline"),
    "board": ("城市留言板", "City message board"),
    "12315": ("全国12315平台", "National 12315 platform"),
    "petition": ("阳光信访", "Online petition (letters and visits)"),
    "window": ("窗口登记", "Window"),
}
MODES: Final[Mapping[str, Names]] = {
    "phone": ("电话", "Phone"),
    "internet": ("网络", "Internet"),
    "visit": ("来访", "Visit"),
    "letter": ("来信", "Letter"),
    "transfer": ("转办", "Transferred"),
}
SEXES: Final[Mapping[str, Names]] = {"": ("未填", "Not given"), "female": ("女", "Female"), "male": ("男", "Male")}
AGES: Final[Mapping[str, Names]] = {
    "": ("未填", "Not given"),
    "under_14": ("未满14周岁", "Under 14"),
    "14_17": ("已满14、未满18周岁", "14 to 17"),
    "under_18": ("未满18岁", "Under 18"),
    "18_over": ("已满18周岁", "18 and over"),
    "18_39": ("18至39岁", "18 to 39"),
    "40_59": ("40至59岁", "40 to 59"),
    "60_over": ("60岁及以上", "60 and over"),
}
ID_KINDS: Final[Mapping[str, Names]] = {
    "": ("未填", "Not given"),
    "resident": ("居民身份证", "Resident identity card"),
    "passport": ("护照", "Passport"),
    "permit": ("通行证或居住证", "Travel or residence permit"),
    "other": ("其他", "Other"),
}
REQUESTS: Final[Mapping[str, Names]] = {
    "repair": ("修理", "Repair"),
    "redo": ("重作", "Do it again"),
    "replace": ("更换", "Replace"),
    "return": ("退货", "Return the goods"),
    "quantity": ("补足数量", "Make up the quantity"),
    "refund": ("退还费用", "Refund"),
    "damages": ("赔偿损失", "Damages"),
    "apology": ("赔礼道歉", "Apology"),
    "other": ("其他", "Other"),
}
PROBLEMS: Final[Mapping[str, Names]] = {
    "quality": ("质量", "Quality"),
    "safety": ("安全", "Safety"),
    "measurement": ("计量", "Measurement"),
    "contract": ("合同", "Contract"),
    "after_sale": ("售后服务", "After-sale service"),
    "dignity": ("人格尊严", "Dignity"),
    "advertising": ("广告", "Advertising"),
    "trademark": ("商标", "Trademark"),
    "price": ("价格", "Price"),
    "counterfeit": ("假冒", "Counterfeit"),
    "publicity": ("虚假宣传", "False publicity"),
    "other": ("其他", "Other"),
}
STATUSES: Final[Mapping[str, Names]] = {
    "received": ("待处理", "Received"),
    "accepted": ("已受理", "Accepted"),
    "refused": ("不予受理", "Not accepted"),
    "settled": ("调解成功", "Settled"),
    "ended": ("调解终止", "Mediation ended"),
    "withdrawn": ("已撤诉", "Withdrawn"),
    "closed": ("已办结", "Closed"),
}
"""What another system says became of a complaint."""
URGENCIES: Final[Mapping[str, Names]] = {
    "children": ("涉及未成年人", "Concerns children"),
    "elderly": ("涉及老年人", "Concerns elderly people"),
    "injury": ("人身伤害", "Somebody was hurt"),
    "mass": ("群体性", "Concerns many people"),
}


UNNAMED_BUSINESS: Final[Names] = ("未写明被投诉人", "business not named")


def business_shown(name: str, language: str) -> str:
    """Also of a complaint whose channel named none."""
    return name or UNNAMED_BUSINESS[1 if language.startswith("en") else 0]


def name(of: Mapping[str, Names], value: str, language: str) -> str:
    """In the reader's language; an unknown value as it is."""
    names = of.get(value)
    return value if names is None else names[1] if language.startswith("en") else names[0]


# ------------------------------------------------------------ confirmation


PERIOD: Final = timedelta(days=30)
LONGEST: Final = {"court": 120, "number": 80, "note": 500, "reason": 500}


@dataclass(frozen=True, slots=True)
class ConfirmationPrepared:
    """The papers for the court were handed out: application, agreement and evidence of `session`. `sha256`: of the
    archive. `evidence`: an evidence package is in it."""

    session: str
    court: str
    sha256: str
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class RulingNoted:
    """What `court` ruled on the `session`'s agreement on `day`, under its `number`. `attachment`: the ruling itself
    among the complaint's files. A ruling noted again takes the place of the one before."""

    session: str
    court: str
    number: str
    day: date
    upheld: bool
    attachment: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RulingTakenBack:
    """It was noted by mistake."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrepareConfirmation:
    prepared: ConfirmationPrepared


@dataclass(frozen=True, slots=True)
class NoteRuling:
    noted: RulingNoted


@dataclass(frozen=True, slots=True)
class TakeBackRuling:
    session: str
    reason: str


ConfirmationCommand = PrepareConfirmation | NoteRuling | TakeBackRuling
ConfirmationEvent = ConfirmationPrepared | RulingNoted | RulingTakenBack
Rulings = Mapping[str, RulingNoted]
"""By session."""


def decide_confirmation(
    command: ConfirmationCommand, known: Rulings, sessions: Sequence[str], state: str, today: date
) -> Sequence[ConfirmationEvent]:
    """WrongState of a session that is none of its own, Missing, TooLong, BadDay. Noted the same once more it changes
    nothing. That the session has an agreement is for the caller to know."""
    session = command.session if isinstance(command, TakeBackRuling) else _of(command).session
    if session not in sessions:
        raise WrongState(state=state)
    match command:
        case PrepareConfirmation(prepared):
            _short("court", prepared.court)
            return [prepared]
        case NoteRuling(noted):
            for name in ("court", "number", "attachment"):
                if not getattr(noted, name).strip():
                    raise Missing(field=name)
            for name in ("court", "number", "note"):
                _short(name, getattr(noted, name))
            if noted.day > today:
                raise BadDay(field="day")
            return [] if known.get(session) == noted else [noted]
        case TakeBackRuling(reason=reason):
            if not reason.strip():
                raise Missing(field="reason")
            _short("reason", reason)
            if session not in known:
                raise WrongState(state=state)
            return [RulingTakenBack(session, reason.strip())]


def _of(command: PrepareConfirmation | NoteRuling) -> ConfirmationPrepared | RulingNoted:
    return command.prepared if isinstance(command, PrepareConfirmation) else command.noted


def rulings_after(known: Rulings, event: ConfirmationEvent) -> Rulings:
    match event:
        case RulingNoted(session=session):
            return {**known, session: event}
        case RulingTakenBack(session=session):
            return {of: ruling for of, ruling in known.items() if of != session}
        case ConfirmationPrepared():
            return known


def apply_by(effective: date, calendar: WorkingCalendar) -> date:
    """The last day: the day it takes effect is not counted, and a period that would end on a day of rest ends on the
    first working day after it (Civil Procedure Law Art 85)."""
    day = effective + PERIOD
    while not calendar.worked(day):
        day += timedelta(days=1)
    return day


def _short(name: str, text: str) -> None:
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


# ---------------------------------------------------------------- as the page has it


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """Of a session's agreement under seal. `effective`: when it took effect; `by`: the last day to apply; `missing`:
    what the papers do not have (`MISSING`). `evidence`: an evidence package is ready to go with them."""

    session: str
    number: str  # of the agreement
    effective: date
    by: date
    left: int  # days; negative once it is over
    missing: Sequence[str] = ()
    evidence: bool = False
    prepared: Sequence[tuple[datetime, str, str]] = ()  # when, who, which court
    ruling: RulingNoted | None = None
    ruling_name: str = ""  # of its file


MISSING: Final = ("identity", "birth", "head", "address", "evidence", "over")
"""What an office need not have of the applicants and they write in by hand; no evidence package; the period is over."""
