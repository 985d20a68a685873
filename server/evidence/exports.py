"""Exports of records: asked for, made in the job process, noted in the journal, handed out, deleted after a week.

Implements `Exports`. A file can be taken only when the journal says who took it and what it hashes to.
"""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from journal.refusals import DomainError
from offices.people import Officer
from offices.refusal import Refused
from recordings.errors import RecordingsError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import ExportRow
from rooms.commands import NoteExport
from rooms.errors import Busy
from rooms.live.sessions import Sessions
from server.evidence import orders
from server.evidence.gathering import Gathering, NotCovered
from server.evidence.orders import ExportState, Kind
from server.jobs.queue import JobQueue

KEPT = timedelta(days=7)
LOOK_SECONDS = 0.5
CLEAN_SECONDS = 600.0
_AGAIN_AFTER = 2.0

log = structlog.get_logger(__name__)


class Exports:
    """One per web process."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        gathering: Gathering,
        sessions: Sessions,
        queue: JobQueue,
        now: Callable[[], datetime],
    ) -> None:
        self._shelf, self._gathering, self._sessions = shelf, gathering, sessions
        self._queue, self._now = queue, now
        self._asking = asyncio.Lock()
        self._open: set[tuple[str, str]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._watch(), name="finished exports"),
            asyncio.create_task(self._clean(), name="exports that are over"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    # ------------------------------------------------------------ Exports

    async def ask(self, officer: Officer, session: str, kind: Kind) -> str:
        state = await self._sessions.state(session)
        if not state.over:
            raise Refused("not_closed", 409)
        if state.erasure is not None:
            raise Refused("erased", 410)
        async with self._asking:  # two taps are one export
            for one in await self._of(session):
                if one.kind == kind and one.by.id == officer.id and _under_way(one):
                    return one.export
            return await self._ask(officer, session, kind)

    async def _ask(self, officer: Officer, session: str, kind: Kind) -> str:
        try:
            record = await self._gathering.record(session)
        except (NotCovered, ValueError) as fault:
            log.error("no record to export", session=session, fault=str(fault))
            raise Refused("not_signed", 503) from fault
        who = {"id": officer.id, "name": officer.name, "office": officer.office.id, "role": officer.role}
        wanted = orders.export_order(kind, record, officer.office.zone, who, officer.office.name)
        export = secrets.token_hex(8)
        asked = ExportState(session, export, kind, self._now(), officer.actor)
        try:
            await asyncio.to_thread(self._put, asked, orders.order_to_json(wanted))
        except RecordingsError as fault:
            raise Refused("erased", 410) from fault
        await self._queue.enqueue("export", session=session, export=export)
        self._open.add((session, export))
        return export

    def _put(self, state: ExportState, order: bytes) -> None:
        path = orders.export_state_path(state.session, state.export, ".order")
        self._shelf.put(state.session, path, io.BytesIO(order))
        orders.write_export_state(self._shelf.folder, state)

    async def of(self, session: str) -> Sequence[ExportRow]:
        return [self._row(one) for one in await self._of(session)]

    async def one(self, session: str, export: str) -> ExportRow:
        return self._row(await self._known(session, export))

    async def path(self, session: str, export: str) -> str:
        state = await self._known(session, export)
        if state.state != "ready" or not state.noted or self._over(state):
            raise Refused("not_found", 404)
        return orders.export_state_path(session, export, ".zip")

    async def _known(self, session: str, export: str) -> ExportState:
        try:
            state = await asyncio.to_thread(orders.read_export_state, self._shelf.folder, session, export)
        except RecordingsError:
            state = None
        if state is None:
            raise Refused("not_found", 404)
        return state

    async def _of(self, session: str) -> list[ExportState]:
        found = await asyncio.to_thread(lambda: list(orders.exports_of(self._shelf.folder, session)))
        return [one for one in found if not self._over(one)]

    def _row(self, one: ExportState) -> ExportRow:
        # Until the journal knows of it, it is not there yet.
        stage = "working" if one.state == "ready" and not one.noted else one.state
        return ExportRow(
            one.export, one.kind, stage, one.progress, one.asked, one.by.name, one.asked + KEPT, one.size, one.sha256,
            one.error,
        )  # fmt: skip

    def _over(self, one: ExportState) -> bool:
        return one.asked + KEPT <= self._now()

    # ------------------------------------------------------------ afterwards

    async def _watch(self) -> None:
        known = False
        while True:
            try:
                if not known:
                    every = await asyncio.to_thread(lambda: list(orders.exports_of(self._shelf.folder)))
                    self._open.update((one.session, one.export) for one in every if not one.noted)
                    known = True
                for session, export in sorted(self._open):
                    await self._look(session, export)
            except Exception:
                log.exception("waiting for exports failed, going on")
                await asyncio.sleep(_AGAIN_AFTER)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, session: str, export: str) -> None:
        state = await asyncio.to_thread(orders.read_export_state, self._shelf.folder, session, export)
        if state is not None and state.state == "ready" and not state.noted:
            command = NoteExport(state.kind, export, state.sha256, state.size)
            try:
                await self._sessions.submit(session, command, state.by)
            except Busy:
                return  # the next time
            except DomainError as no:
                log.warning("an export cannot be noted and is not handed out", session=session, code=no.code)
                self._open.discard((session, export))
                return
            await asyncio.to_thread(orders.write_export_state, self._shelf.folder, replace(state, noted=True))
        if state is None or state.state in ("ready", "failed"):
            self._open.discard((session, export))

    async def clean(self) -> None:
        """Delete what is over."""
        for one in await asyncio.to_thread(lambda: list(orders.exports_of(self._shelf.folder))):
            if self._over(one):
                await asyncio.to_thread(self._remove, one)

    async def _clean(self) -> None:
        while True:
            try:
                await self.clean()
            except Exception:
                log.exception("exports that are over could not be deleted, trying again")
            await asyncio.sleep(CLEAN_SECONDS)

    def _remove(self, one: ExportState) -> None:
        """What tells of it last, so that a crash in between is taken up again."""
        for suffix in (".order", ".zip", ".json"):
            (self._shelf.folder / orders.export_state_path(one.session, one.export, suffix)).unlink(missing_ok=True)


def _under_way(one: ExportState) -> bool:
    return one.state in ("queued", "working") or (one.state == "ready" and not one.noted)
