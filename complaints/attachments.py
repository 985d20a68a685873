"""Files that belong to a complaint: what can be asked, and what the journal says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, TooMany, UnknownAttachment

if TYPE_CHECKING:
    from complaints.state import Complaint

MOST: Final = 40  # of one complaint
ABOUT: Final = ("evidence", "performance")  # what it shows: the dispute, or that a promise was kept


@dataclass(frozen=True, slots=True)
class AttachmentAdded:
    """`name` as it was called, made harmless; `kind`: "jpeg", "png" or "pdf", by its content; `size` in bytes.

    `sha256` of what is kept, `original_sha256` of what was sent: pictures lose what they say about phone and place.
    """

    attachment: str
    name: str
    kind: str
    size: int
    sha256: str
    original_sha256: str
    about: str = "evidence"
    note: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentTaken:
    """Somebody downloaded it."""

    attachment: str


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


@dataclass(frozen=True, slots=True)
class RemoveAttachment:
    attachment: str
    reason: str


AttachmentCommand = AddAttachment | TakeAttachment | RemoveAttachment
AttachmentEvent = AttachmentAdded | AttachmentTaken | AttachmentRemoved


def attach(command: AttachmentCommand, complaint: Complaint) -> Sequence[AttachmentEvent]:
    """TooMany, BadChoice, UnknownAttachment; the caller checks texts."""
    match command:
        case AddAttachment(added=added):
            if added.about not in ABOUT:
                raise BadChoice(field="about")
            if len(complaint.attachments) >= MOST:
                raise TooMany(most=MOST)
            return [added]
        case TakeAttachment(attachment=which):
            kept(complaint, which)
            return [AttachmentTaken(which)]
        case RemoveAttachment(attachment=which, reason=reason):
            kept(complaint, which)
            return [AttachmentRemoved(which, reason.strip())]


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
