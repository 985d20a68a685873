"""Confirming a complaint's classification. Implements `web.ports.TriageDesk`."""

from __future__ import annotations

from complaints.errors import ComplaintError
from complaints.service import ComplaintService
from complaints.triage.confirmation import ConfirmTriage
from web.ports import Officer, Reads, Refused


class Classifying:
    def __init__(self, complaints: ComplaintService, reads: Reads) -> None:
        self._complaints = complaints
        self._reads = reads

    async def confirm(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        page = await self._reads.complaint(officer, complaint)  # another office's is not found
        known = {area.jurisdiction.id for area in page.triage.areas} if page.triage else set()
        if answers.jurisdiction and answers.jurisdiction not in known:
            raise Refused("bad_choice", 400, field="jurisdiction")
        try:
            await self._complaints.submit(complaint, answers, officer.actor)
        except ComplaintError as no:
            raise Refused(no.code, 400, **no.params) from None
