"""Files of every kind in the first office's hands: recorded, composed, exported, copied, signed, shown, archived.

The journal is told what lies there as the program would have told it; the files themselves hold nothing but a mark.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints import events as c
from complaints.record import PartyRecord
from complaints.record.identifiers import PHONE
from journal.clock import utc_now
from journal.notes import Checkpoint, checkpoint_body
from offices import Officer
from recordings.files.encrypted_file import StoredDigest
from recordings.files.object_store import LocalBlobs
from rooms import events as e
from rooms.supervision import begins, monday, week_of
from rooms.vocabulary import ExhibitKind, Phase, Side
from server.app.demo import OFFICE
from server.app.parts import Parts
from server.evidence import exports
from server.evidence.log_store import LogStore, StoredCheckpoint
from server.outbox import open_wording
from server.outbox.store import MessageStore
from server.supervision.reports import PlanScheduler
from tests.server.db.history import BUSINESS, CONSUMER, MEDIATOR, SETTLED, Teller, registered
from tests.server.serving.jobs.work import end

MARK: Final = "lies-in-the-first-office"
HELD, LIVE = "held", "live"
COPY, EXPORT, DOCUMENT, FILM = "copy1", "export1", "document1", "film1"
PIECE, AWAY = "20260414T020000000Z-camera.webm", "20260414T020100000Z-camera.webm"
SEAT = CONSUMER.id
PHONE_OF_CONSUMER = "13800005076"


def content(path: str) -> bytes:
    """Starts as nothing in particular does; every path's is another."""
    return f"{MARK} {path}\n".encode() * 20


@dataclass
class Filing:
    """`mediator` conducts, `supervisor` (an account's id) asked for the copy."""

    parts: Parts
    mediator: Officer
    supervisor: str
    store: LocalBlobs

    async def everything(self, now: datetime) -> None:
        await self._mediation(HELD, now - timedelta(hours=2), over=True)
        await self._mediation(LIVE, now - timedelta(hours=1), over=False)
        await self._plan(now)  # of a log that has grown since the program signed it

    async def _plan(self, now: datetime) -> None:
        """This week's, by a checkpoint from before it; whose signature that bears is not the question here."""
        first = monday(week_of(now.astimezone(ZoneInfo(OFFICE.zone)).date()))
        assert first is not None
        at, log = begins(first, OFFICE.zone) - timedelta(seconds=1), LogStore(self.parts.database)
        size, root = await log.head()
        body = checkpoint_body(Checkpoint("yuntiao/test", size, root, at))
        await log.put(StoredCheckpoint(size, at, f"{body}\n\u2014 yuntiao/test {'A' * 92}\n"))
        await PlanScheduler(self.parts.database, self.parts.journal, self.parts.store, utc_now).make([OFFICE])

    async def _mediation(self, session: str, opened: datetime, over: bool) -> None:
        tell, complaint = Teller(self.parts.journal), f"c-{session}"
        phone = self.parts.seal.seal(PHONE_OF_CONSUMER, PHONE)
        consumer = PartyRecord("丁小禾", phone, "138 **** 5076", "黄冈")
        plan = c.MediationScheduled(session, 1, opened, self.mediator.id, {SEAT: phone})
        business = PartyRecord("袁一帆", "", "", "武汉", organisation="武汉知遇桥公司")
        number = f"{OFFICE.number_prefix}〔2026〕{complaint}号"
        record = registered(complaint, OFFICE.id, number=number, consumer=consumer, business=business)
        await tell.complaint(complaint, record, c.ComplaintAccepted(), plan, at=opened - timedelta(days=1))
        await tell.session(
            session,
            e.SessionScheduled(
                complaint, record.number, OFFICE.id, 1, "积分退款", opened, (MEDIATOR, CONSUMER, BUSINESS),
                self.mediator.id,
            ),
            e.SessionOpened(),
            e.PhaseEntered(Phase.OPENING),
            at=opened,
        )  # fmt: skip
        for seat in (MEDIATOR, CONSUMER, BUSINESS):
            await tell.session(session, e.Arrived(seat.id), e.Admitted(seat.id), at=opened)
        facts = await asyncio.to_thread(self._exhibit, session)
        facts.append(await asyncio.to_thread(self._document, session))
        if over:
            facts += await asyncio.to_thread(self._recorded, session, opened)
            facts.append(e.SessionClosed(SETTLED))
            await self._taken_along(session, opened)
        await tell.session(session, *facts, at=opened + timedelta(minutes=30))

    def _exhibit(self, session: str) -> list[e.SessionEvent]:
        """A film: its original, its first picture and what is shown of it."""
        folder = f"{session}/exhibits/{FILM}"
        original, page, shown = (self._put(f"{folder}-{name}") for name in ("1.mp4", "page.jpg", "film.mp4"))
        sent = e.Original(f"{folder}-1.mp4", "mp4", original.sha256, original.size)
        first = e.Picture(f"{folder}-page.jpg", 640, 360, page.sha256, page.size)
        film = e.Picture(f"{folder}-film.mp4", 640, 360, shown.sha256, shown.size, ms=1000)
        return [
            e.ExhibitOffered(FILM, SEAT, Side.CONSUMER, ExhibitKind.FILM, (sent,)),
            e.ExhibitPrepared(FILM, (first,), film),
        ]

    def _document(self, session: str) -> e.SessionEvent:
        whole = content(f"{session}/document")
        self.parts.papers.put_document(session, DOCUMENT, whole)
        sha256 = hashlib.sha256(whole).hexdigest()
        return e.DocumentSealed(DOCUMENT, "agreement", "东高一调〔2026〕0001号", sha256, len(whole), "ab" * 32, "B-B")

    def _recorded(self, session: str, opened: datetime) -> list[e.SessionEvent]:
        """Two pieces of one person's, of which one lies in the archive only; and what was composed of them."""
        facts: list[e.SessionEvent] = []
        for n, name in enumerate((PIECE, AWAY)):
            path, begun = f"{session}/{SEAT}/{name}", opened + n * timedelta(minutes=1)
            stored = self._put(path)
            ended = begun + timedelta(minutes=1)
            facts.append(e.SegmentSealed(SEAT, path, stored.sha256, stored.size, begun, ended))
        away = self.parts.shelf.stored(f"{session}/{SEAT}/{AWAY}")
        self.store.put(f"{session}/{SEAT}/{AWAY}", away, hashlib.sha256(away.read_bytes()).hexdigest())
        away.unlink()
        film = self._put(f"{session}/composed.mp4")
        return [*facts, e.RecordingComposed(f"{session}/composed.mp4", film.sha256, film.size, 120_000, opened)]

    async def _taken_along(self, session: str, at: datetime) -> None:
        """An evidence package and a copy of the video, both made and waiting to be taken."""
        queue = self.parts.queue
        path = exports.export_path(session, EXPORT, ".zip")
        made = await asyncio.to_thread(self._put, path)
        asked: dict[str, Any] = {"kind": "package", "asked": at.isoformat(), "by": asdict(self.mediator.actor)}
        await queue.enqueue("export", of=EXPORT, session=session, export=EXPORT, **asked)
        package = await end(queue, "export", EXPORT, path=path, sha256=made.sha256, size=made.size)
        await queue.noted(package, keep=True)
        path = f"{session}/copies/{COPY}-1.copy"
        video = await asyncio.to_thread(self._put, path)
        said: dict[str, Any] = {"film": f"{session}/composed.mp4", "words": "何人 一所", "officer": self.supervisor}
        await queue.enqueue("copy", of=COPY, session=session, copy=COPY, asked=at.isoformat(), **said)
        await end(queue, "copy", COPY, path=path, sha256=video.sha256, size=video.size)

    def _put(self, path: str) -> StoredDigest:
        return self.parts.shelf.put(path.partition("/")[0], path, io.BytesIO(content(path)))

    # ------------------------------------------------------------ on a phone

    async def device(self, officer: Officer, session: str, seat: str) -> str:
        """A party's phone that confirmed its code."""
        links = self.parts.links
        issued = await links.issue(officer, session, seat, send=False)
        device = await links.begin(issued.url.rpartition("/")[2])
        await links.send_code(device, "192.0.2.10")
        return await links.check_code(device, await self._newest_code(officer.office.id), "192.0.2.10")

    async def _newest_code(self, office: str) -> str:
        rows, _ = await MessageStore(self.parts.database).page([office])
        text = next(open_wording(self.parts.seal, row.text_sealed) for row in rows if row.kind == "code")
        found = re.search(r"\d{6}", text)
        assert found, text
        return found.group()
