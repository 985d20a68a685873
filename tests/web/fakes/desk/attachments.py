"""Files attached to the fake complaints, kept as they came."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import BinaryIO

from complaints.record import AttachmentAdded
from journal.refusals import Refused
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from web.office.complaints import Attachments


class FakeAttachments(Attachments):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.files: dict[str, bytes] = {}
        self.refusal: Refused | None = None
        self.taken: list[tuple[str, str]] = []  # login, attachment
        self.removed: list[tuple[str, str]] = []  # attachment, reason

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        if self.refusal is not None:
            raise self.refusal
        attachment = f"a{len(self.files) + 1}"
        self.files[attachment] = content
        page = self.complaints.pages[complaint]
        added = AttachmentAdded(attachment, name, "png", len(content), "5" * 64, "6" * 64, about, note)
        self.complaints.pages[complaint] = replace(page, attachments=(*page.attachments, added))
        return attachment

    async def take(
        self, officer: Officer, complaint: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        for one in self.complaints.pages[complaint].attachments:
            if one.attachment == attachment:
                self.taken.append((officer.login, attachment))
                return one, io.BytesIO(self.files[attachment])
        raise Refused("not_found", 404)

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        self.removed.append((attachment, reason))
