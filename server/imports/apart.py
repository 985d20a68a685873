"""Rows of an import that are no complaints: a report becomes a report behind its wall, the others consultations.

Each is a stream of its own whose id is made of its number at its source, or of its batch and row where it has none:
read again after a crash, or sent again by its channel, it is the same one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from complaints.channels.reading import REPORT, ChannelRow, OtherSubmission, ReadingContext
from complaints.clocks import local_day
from complaints.consultations import ConsultationService, UndoConsultation, stream as consultation_stream
from complaints.errors import UnknownComplaint, WrongState
from complaints.leads import LeadService, SupplementReport, UndoReportImport, stream as lead_stream
from complaints.leads.views import NewConsultation, NewReport
from complaints.record.identifiers import Sealer
from journal import Actor, Journal
from journal.refusals import DomainError
from server.imports.outcomes import RowOutcome
from server.leads.reports import consultation_registered, report_opened


class ApartRows:
    def __init__(self, journal: Journal, seal: Sealer, now: Callable[[], datetime]) -> None:
        self._journal, self._seal = journal, seal
        self.leads, self._consultations = LeadService(journal, now), ConsultationService(journal, now)

    async def take(self, batch: str, place: ReadingContext, row: ChannelRow, actor: Actor) -> RowOutcome:
        """ "apart" when it was registered, "updated" when its source says more now, "duplicate". DomainError."""
        said = row.apart
        assert said is not None
        key = f"{place.office}/{said.channel}/{said.source}" if said.source else f"{batch}/{row.row}"
        kind = "report" if said.kind == REPORT else "consultation"
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} import/{key}").hex
        take = self._report if kind == "report" else self._consultation
        outcome = await take(id_, said, f"{batch}/{row.row}", place, actor)
        stream = lead_stream(id_) if kind == "report" else consultation_stream(id_)
        return RowOutcome(row.row, outcome, stream, row.number)

    async def undo(self, stream: str, reason: str, actor: Actor) -> bool:
        """Taken back while nothing but its registration has happened to it."""
        if len(await self._journal.read(stream)) != 1:
            return False
        kind, _, id_ = stream.partition("/")
        try:
            if kind == "lead":
                await self.leads.submit(id_, UndoReportImport(reason), actor)
            else:
                await self._consultations.submit(id_, UndoConsultation(reason), actor)
        except DomainError:  # somebody was faster
            return False
        return True

    async def _report(self, id_: str, said: OtherSubmission, row: str, place: ReadingContext, actor: Actor) -> str:
        try:
            known = await self.leads.state(id_)
        except UnknownComplaint:
            new = NewReport(
                key="",
                channel=said.channel,
                mode=said.mode,
                received=said.received,
                title=said.title,
                content=said.content,
                about=said.about,
                place=said.place,
                credit_code=said.credit_code,
                informant=said.person,
                phone=said.phone,
                real_name=bool(said.person and said.phone),
                source=said.source,
                row=row,
            )
            opened = report_opened(new, place.office, place.zone, self._seal)
            await self.leads.open(id_, opened, place.prefix, local_day(said.received, place.zone).year, actor)
            return "apart"
        if known.opened.report is not None and known.opened.report.row == row:
            return "apart"  # by this row, before the program died
        if known.newest_content == said.content.strip():
            return "duplicate"
        await self.leads.submit(id_, SupplementReport(said.content, said.channel), actor)
        return "updated"

    async def _consultation(
        self, id_: str, said: OtherSubmission, row: str, place: ReadingContext, actor: Actor
    ) -> str:
        try:
            known = (await self._consultations.state(id_)).registered
        except UnknownComplaint:
            new = NewConsultation(
                key="",
                kind=said.kind,
                channel=said.channel,
                mode=said.mode,
                received=said.received,
                title=said.title,
                content=said.content,
                person=said.person,
                phone=said.phone,
                source=said.source,
                row=row,
            )
            registered = consultation_registered(new, place.office, place.zone, self._seal)
            year = local_day(said.received, place.zone).year
            await self._consultations.register(id_, registered, place.prefix, year, actor)
            return "apart"
        if known.row == row:
            return "apart"
        if (known.kind, known.content) != (said.kind, said.content.strip()):
            raise WrongState(state="changed")  # the row waits until a person has compared the two
        return "duplicate"
