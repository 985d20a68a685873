"""Two years of the demo office: what came in and what became of it, and a desk of today. All of it is invented.

Here is the order in which they are made, once, and how far it has come: `past` is what came in as an earlier system's
history, `recent` the last weeks as they were handled here, `today` the calendar and what waits, `shelf` what
supervisors and the casebook have of it.
Everything has an id of its own that is the same each time, so that a program that was killed meanwhile goes on with
what is missing. `<data>/demo-years.json` says for which day and how many, and when all is there.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from complaints.complaint import local_day
from complaints.sample import Sample
from journal.clock import utc_now
from offices.people import Officer
from recordings.files.durable import sync_folder
from rooms.supervision.plans import begins, monday, week_of
from server.app import demo
from server.app.parts import PARTS, Parts
from server.app.topics import appointment_service
from server.app.two_years import past
from server.app.two_years.recent import RecentWeeks, invented_id
from server.app.two_years.shelf import Shelf
from server.app.two_years.today import Today
from server.evidence import log_keeper
from server.evidence.log_keeper import CheckpointKeeper, KnownKeys
from server.evidence.log_store import LogStore
from server.identity.sealing import installation_seal
from server.imports.batches import Batches
from server.imports.encoding import seldom_collected
from server.imports.importing import EncoderPool
from server.imports.store import IntakeStore

MEDIATORS: Final = (demo.MEDIATOR, *(login for login, _, role in demo.STAFF if role == "mediator"))
MARK: Final = "demo-years.json"
FURNISHING: web.AppKey[asyncio.Task[None]] = web.AppKey("furnishing", asyncio.Task)
"""What makes the rest beside the pages; done when nothing is missing."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """`day`: the last of the two years. `done`: nothing of them is missing."""

    complaints: int
    day: date
    done: bool = False
    steps: tuple[str, ...] = ()  # of `shelf` that are done

    @classmethod
    def read(cls, data: Path) -> Progress | None:
        try:
            told = json.loads((data / MARK).read_text())
        except FileNotFoundError:
            return None
        return cls(told["complaints"], date.fromisoformat(told["day"]), told["done"], tuple(told["steps"]))

    def write(self, data: Path) -> None:
        told = {
            "complaints": self.complaints,
            "day": self.day.isoformat(),
            "done": self.done,
            "steps": self.steps,
        }
        part = data / f"{MARK}.part"
        with part.open("w") as file:
            file.write(json.dumps(told))
            file.flush()
            os.fsync(file.fileno())
        part.replace(data / MARK)
        sync_folder(data)


async def fill(parts: Parts, complaints: int, password: str) -> None:
    """Before anything is served: people and complaints of the demo office, as far as they are missing."""
    await demo.add_people(parts.store, parts.officers, demo.STAFF, password)
    data = parts.settings.data
    progress = Progress.read(data)
    if progress is None:
        progress = Progress(complaints, local_day(utc_now(), demo.OFFICE.zone))
        progress.write(data)
    if progress.done:
        return
    log.info("演示单位：正在准备两年的虚构投诉 / making two years of invented complaints", complaints=complaints)
    with seldom_collected():
        before, here = everything(progress)
        await _import(parts, progress, past.register(before, progress.day))
        log.info("原系统的投诉已导入 / the earlier register is imported", complaints=len(before))
        await (await weeks_of(parts)).tell(here)
        log.info("近几周的投诉已办理 / the last weeks are told", complaints=len(here))
        await _signed_before_this_week(parts)
    replace(progress, done=True).write(data)


def everything(progress: Progress) -> tuple[list[Sample], list[Sample]]:
    before, here = past.everything(progress.complaints, progress.day)
    return before, sorted([*here, *past.gym(progress.day)], key=lambda one: one.received)


async def furnishing(app: web.Application) -> AsyncIterator[None]:
    """Beside the pages, once the program runs: today's desk at every start, and what is missing of the rest."""
    app[FURNISHING] = asyncio.create_task(_furnish(app))
    yield
    app[FURNISHING].cancel()
    await asyncio.gather(app[FURNISHING], return_exceptions=True)


async def _furnish(app: web.Application) -> None:
    parts = app[PARTS]
    progress = Progress.read(parts.settings.data)
    assert progress is not None
    made = await _made("today", _today(parts, progress))
    logins = (demo.ADMINISTRATOR, demo.SUPERVISOR, *MEDIATORS, *(login for login, _, _ in demo.STAFF))
    people = {login: await officer_of(parts, login) for login in dict.fromkeys(logins)}
    if set(Shelf(app, people, (), progress.day).steps()) <= set(progress.steps):
        return
    _, here = await asyncio.to_thread(everything, progress)
    shelf = Shelf(app, people, [invented_id(one.number) for one in here], progress.day)
    for name, step in shelf.steps().items():
        if name in progress.steps:
            continue
        if await _made(name, step()):
            progress = replace(progress, steps=(*progress.steps, name))
            progress.write(parts.settings.data)
        else:
            made = False
    if made:
        log.info("演示单位已准备好 / the demo office is complete")


async def _today(parts: Parts, progress: Progress) -> None:
    weeks, some = await weeks_of(parts), await mediators(parts)
    await Today(parts, weeks, appointment_service(parts), some, utc_now()).plan(progress.day)


async def _made(name: str, step: Awaitable[None]) -> bool:
    """The demo does without a part that fails; it is tried again at the next start."""
    try:
        await step
    except Exception:
        log.exception("a part of the demo office could not be made", part=name)
        return False
    return True


async def _signed_before_this_week(parts: Parts) -> None:
    """The log as it stood before Monday, from which this week's plan of reviews is drawn."""
    first = monday(week_of(local_day(utc_now(), demo.OFFICE.zone)))
    assert first is not None
    at = begins(first, demo.OFFICE.zone) - timedelta(minutes=1)
    data = parts.settings.data
    keys, signer = KnownKeys(parts.journal, lambda: at), partial(log_keeper.configured_signer, data)
    await CheckpointKeeper(LogStore(parts.database), keys, signer, data, timedelta(hours=1), lambda: at).make()


async def _import(parts: Parts, progress: Progress, content: bytes) -> None:
    settings, office = parts.settings, demo.OFFICE
    pool = EncoderPool(1, partial(installation_seal, settings.data))
    batches = Batches(
        parts.complaints, parts.journal, IntakeStore(parts.database), parts.seal, settings.data, utc_now, pool,
        settings.reserve(),
    )  # fmt: skip
    id_ = invented_id(f"past/{progress.day}/{progress.complaints}")
    batch = await batches.store.batch(id_)
    if batch is None:
        actor = (await officer_of(parts, demo.MEDIATOR)).actor
        mapping = await batches.mapping(office.id, "hotline")
        batch = await batches.begin(office, actor, mapping, content, past.NAME, id=id_)
    if batch.state in ("queued", "running"):
        await batches.run(batch, office, again=True)


async def officer_of(parts: Parts, login: str) -> Officer:
    user = await parts.store.user_by_login(login)
    if user is None:
        raise demo.NotADemo
    return Officer(user.id, user.login, user.name, user.role, demo.OFFICE, totp=False)


async def mediators(parts: Parts) -> list[Officer]:
    return [await officer_of(parts, login) for login in MEDIATORS]


async def weeks_of(parts: Parts) -> RecentWeeks:
    some = await mediators(parts)
    return RecentWeeks(parts.journal, parts.complaints, some, parts.site.consent_version, utc_now())
