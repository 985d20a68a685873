"""What a complainant says at the public window besides the complaint: consent, news wanted, taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, TooLong

if TYPE_CHECKING:
    from complaints.state import Complaint


LANGUAGES: Final = ("zh", "en")
_LONGEST: Final = 40  # of a text's version


@dataclass(frozen=True, slots=True)
class NoticeAgreed:
    """`version` of the text on filing, as it was shown in `language`, in which news of the complaint goes out too."""

    version: str
    language: str


@dataclass(frozen=True, slots=True)
class NewsWanted:
    """Whether the complainant is told by message what happens to the complaint, in `language`."""

    wanted: bool
    language: str


@dataclass(frozen=True, slots=True)
class WantNews:
    wanted: bool
    language: str


FollowingCommand = WantNews
FollowingEvent = NoticeAgreed | NewsWanted


def note_agreed(said: NoticeAgreed) -> NoticeAgreed:
    """BadChoice, TooLong."""
    _spoken(said.language)
    if len(said.version) > _LONGEST:
        raise TooLong(field="version", most=_LONGEST)
    return said


def follow(command: FollowingCommand, complaint: Complaint) -> Sequence[FollowingEvent]:
    """Empty: already so."""
    _spoken(command.language)
    if (complaint.news, complaint.language) == (command.wanted, command.language):
        return []
    return [NewsWanted(command.wanted, command.language)]


def followed(complaint: Complaint, event: FollowingEvent) -> Complaint:
    match event:
        case NoticeAgreed(version=version, language=language):
            return replace(complaint, agreed=version, news=True, language=language)
        case NewsWanted(wanted=wanted, language=language):
            return replace(complaint, news=wanted, language=language)


def _spoken(language: str) -> None:
    if language not in LANGUAGES:
        raise BadChoice(field="language")


# ------------------------------------------------------------ taking it back


GROUND = 1  # of ending a mediation, in both orders: the complainant withdraws


@dataclass(frozen=True, slots=True)
class WithdrawComplaint:
    """The consumer takes the complaint back, through the public window (Order 121 Art 23 no. 1)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintWithdrawn:
    """Before acceptance the file is closed with it; afterwards `MediationEnded` follows and both sides are told."""

    reason: str = ""
