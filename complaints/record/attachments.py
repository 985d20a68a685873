"""Files that belong to a complaint: what can be asked, and what the journal says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, TooMany, UnknownAttachment, WrongState

if TYPE_CHECKING:
    from complaints.state import Complaint

MOST: Final = 40  # of one complaint
MOST_OF_PARTY: Final = 12  # sent by one side itself
PARTIES: Final = ("consumer", "business")
OPEN_TO_PARTIES: Final = frozenset({"registered", "accepted", "mediating", "performing"})
ABOUT: Final = ("evidence", "performance")  # what it shows: the dispute, or that a promise was kept


@dataclass(frozen=True, slots=True)
class AttachmentAdded:
    """`name` as it was called, made harmless; `kind`: "jpeg", "png" or "pdf", by its content; `size` in bytes.

    `sha256` of what is shown, `original_sha256` of what was sent: pictures lose what they say about phone and place.
    """

    attachment: str
    name: str
    kind: str
    size: int
    sha256: str
    original_sha256: str
    about: str = "evidence"
    note: str = ""
    by: str = ""  # "consumer" | "business": sent by that side itself; "": an officer attached it
    original: bool = False  # what was sent is kept sealed beside it, as it was
    original_size: int = 0  # bytes of what was sent; 0 in entries of before it was written down


@dataclass(frozen=True, slots=True)
class AttachmentTaken:
    """Somebody downloaded it; `original`: as it was sent, with what its camera wrote into it."""

    attachment: str
    original: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentRemoved:
    """The file is gone; that it was there, and its hash, stay."""

    attachment: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddAttachment:
    added: AttachmentAdded


@dataclass(frozen=True, slots=True)
class TakeAttachment:
    attachment: str
    original: bool = False


@dataclass(frozen=True, slots=True)
class RemoveAttachment:
    """`by`: the side that takes back what it sent itself."""

    attachment: str
    reason: str
    by: str = ""


AttachmentCommand = AddAttachment | TakeAttachment | RemoveAttachment
AttachmentEvent = AttachmentAdded | AttachmentTaken | AttachmentRemoved


def attach(command: AttachmentCommand, complaint: Complaint) -> Sequence[AttachmentEvent]:
    """TooMany, BadChoice, UnknownAttachment; the caller checks texts."""
    match command:
        case AddAttachment(added=added):
            if any(one.attachment == added.attachment for one in complaint.attachments):
                return []  # sent again over a bad network
            if added.about not in ABOUT or added.by not in ("", *PARTIES):
                raise BadChoice(field="about")
            if len(complaint.attachments) >= MOST:
                raise TooMany(most=MOST)
            if added.by:
                _takes(complaint, added)
            return [added]
        case TakeAttachment(attachment=which, original=original):
            if original and not kept(complaint, which).original:
                raise UnknownAttachment
            kept(complaint, which)
            return [AttachmentTaken(which, original)]
        case RemoveAttachment(attachment=which, reason=reason, by=by):
            found = kept(complaint, which)
            if by and found.by != by:
                raise UnknownAttachment  # a side sees only its own
            if by and complaint.state.value not in OPEN_TO_PARTIES:
                raise WrongState(state=complaint.state.value)
            return [AttachmentRemoved(which, reason.strip())]


def _takes(complaint: Complaint, added: AttachmentAdded) -> None:
    if complaint.state.value not in OPEN_TO_PARTIES:
        raise WrongState(state=complaint.state.value)
    if sum(one.by == added.by for one in complaint.attachments) >= MOST_OF_PARTY:
        raise TooMany(most=MOST_OF_PARTY)


def attached(complaint: Complaint, event: AttachmentEvent) -> Complaint:
    match event:
        case AttachmentAdded():
            return replace(complaint, attachments=(*complaint.attachments, event))
        case AttachmentRemoved(attachment=which):
            left = tuple(one for one in complaint.attachments if one.attachment != which)
            return replace(complaint, attachments=left)
        case AttachmentTaken():
            return complaint


def kept(complaint: Complaint, which: str) -> AttachmentAdded:
    """UnknownAttachment when there is none, or no more."""
    for one in complaint.attachments:
        if one.attachment == which:
            return one
    raise UnknownAttachment
