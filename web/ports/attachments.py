"""Files that belong to a complaint."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from complaints.record.attachments import AttachmentAdded
from web.ports.people import Officer


class Attachments(Protocol):
    """Whether an officer may see the complaint is asked before, of `Reads`."""

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        """Its id. Refused: bad_upload (params: why), too_many (params: most), too_long."""
        ...

    async def take(
        self, officer: Officer, complaint: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        """The file, journaled first; `original`: as it was sent. Refused(404): not_found; Refused(500): unreadable."""
        ...

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        """The file goes, the entry stays. Refused: missing (no reason), not_found."""
        ...
