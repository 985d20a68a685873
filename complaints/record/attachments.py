"""Files that belong to a complaint: what can be asked, and what the journal says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
