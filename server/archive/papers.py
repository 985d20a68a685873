"""Documents of a mediation, files of its complaint and of leads, as the archive takes them.

The journal has the hash of what they say, not of the sealed bytes: they are opened and held against it once, and what
goes is named by the hash of the bytes that were opened. What does not fit stays where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from complaints.record.attachments import AttachmentAdded
from complaints.service import ComplaintService
from recordings.errors import RecordingsError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.stores.archive import MoveItem, Place
from rooms.codec import SessionEntry
from rooms.events import DocumentSealed, Signed, SigningOffered
from server.complaints.attachments import attachment_path
from server.signing.papers_on_file import document_path, hand_path, text_path

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as the journal names it. `sha256` of what it says; `case`: whose key."""

    place: Place
    case: str
    path: str
    sha256: str


class ArchivePapers:
    """Files whose stored bytes the journal has no hash of: those on this disk that are what the journal says."""

    def __init__(
        self, complaints: ComplaintService, documents: EncryptedFileStore, attachments: EncryptedFileStore
    ) -> None:
        self._complaints = complaints
        self._shelves: dict[Place, EncryptedFileStore] = {"documents": documents, "attachments": attachments}

    async def items(self, session: str, complaint: str, told: Sequence[SessionEntry]) -> tuple[MoveItem, ...]:
        files = (await self._complaints.state(complaint)).attachments
        named = [*papers(session, told), *attached("attachments", complaint, complaint, files)]
        return await asyncio.to_thread(lambda: tuple(here(named, self._shelves)))


def here(named: Iterable[Kept], shelves: Mapping[Place, EncryptedFileStore]) -> Iterator[MoveItem]:
    """Of these, what lies on this disk and is what the journal says. Blocks."""
    for one in named:
        shelf = shelves[one.place]
        if not (shelf.folder / one.path).is_file():
            continue  # it went there earlier, with another mediation of the complaint
        try:
            stored = shelf.identify(one.case, one.path, one.sha256)
        except (RecordingsError, OSError) as fault:
            log.warning("a file is not what the journal says and is not archived", path=one.path, fault=str(fault))
        else:
            yield MoveItem(one.path, stored, place=one.place)


def papers(session: str, told: Iterable[SessionEntry]) -> list[Kept]:
    """Of every signing, also one that came to nothing: its text, each hand, each sealed document."""
    found: dict[str, str] = {}
    for entry in told:
        match entry.event:
            case SigningOffered(text=text):
                found[text_path(session, text)] = text
            case Signed(picture=picture, sha256=sha256) if picture:
                found[hand_path(session, picture)] = sha256
            case DocumentSealed(document=document, sha256=sha256):
                found[document_path(session, document)] = sha256
            case _:
                pass
    return [Kept("documents", session, path, sha256) for path, sha256 in found.items()]


def attached(place: Place, record: str, case: str, files: Iterable[AttachmentAdded]) -> list[Kept]:
    """What is shown of each file that was not removed, and what was sent where that was kept."""
    found = []
    for one in files:
        found.append(Kept(place, case, attachment_path(record, one.attachment), one.sha256))
        if one.original:
            found.append(Kept(place, case, attachment_path(record, one.attachment, True), one.original_sha256))
    return found
