"""The queue of jobs, in the installation's database: one row each, claimed by one worker at a time.

A claim is a lease that its worker renews; one that ends gives the job back. Each claim has a number, and only the
newest ends a job: what an earlier one brings later is not taken.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Float, and_, case, cast, delete, exists, false, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.refusals import Busy
from server.db.engine import Database
from server.db.schema import jobs
from server.serving.logs import current_request

LEASE: Final = 15.0
"""Seconds from a renewal after which another may claim the job."""
KEPT: Final = 8 * 24 * 3600.0
"""Seconds for which a job that ended, and whose result was noted, is told of."""
LONGEST_KEY: Final = 160

UNREACHED: Final = (OSError, SQLAlchemyError, Busy)
"""What any method raises while the database is away."""

Needs = Literal["files", "disk", "nothing"]
"""Files that every node has where their home is a store; this node's own disk; the database alone."""
State = Literal["queued", "working", "ready", "failed"]
ENDED: Final = ("ready", "failed")
ALONE: Final = "."
"""The home of jobs that need the disk of the only server, which has no name."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row. `subject`: the session whose record it belongs to. `claim`: which time it is or was claimed; `tries`:
    how often since something of it was done for good. `result`: as its handler gave it."""

    key: str
    name: str
    subject: str
    arguments: dict[str, Any]
    request: str
    state: State
    asked: datetime
    claim: int
    tries: int
    progress: float
    error: str
    result: dict[str, Any]
    noted: bool

    @property
    def open(self) -> bool:
        return self.state not in ENDED


_COLUMNS: Final = [jobs.c[field.name] for field in fields(Job)]


class JobQueue:
    """`node`: this server's name among several; "" only where jobs are done for servers elsewhere, and nothing is on
    this disk. `shared`: the home of files is a store, so that jobs which need no more may be done anywhere."""

    def __init__(self, database: Database, node: str = ALONE, shared: bool = False) -> None:
        self._database, self._node, self._shared = database, node, shared

    # ------------------------------------------------------------ asking

    async def enqueue(
        self,
        name: str,
        /,
        *,
        of: str = "",
        after: float = 0.0,
        needs: Needs = "files",
        at: str | None = None,
        **arguments: Any,
    ) -> None:
        """Durable when it returns. One of the same name and `of` (unless said: of the same arguments) is asked for
        anew; while it is worked at it is begun once more when that is over. `after` is in seconds. `at`: the node whose
        disk it needs, where that is not this one."""
        own = self._node if needs == "disk" or (needs == "files" and not self._shared) else ""
        home = own if at is None else at
        fresh = {
            "arguments": arguments,
            "request": current_request(),
            "home": home,
            "asked": datetime.now(UTC),
            "tries": 0,
            "progress": 0.0,
            "error": "",
            "result": {},
            "noted": False,
        }
        key = key_of(name, of or _of(arguments))
        async with self._database.write() as connection:
            due = self._now + after
            row: dict[str, Any] = {
                "key": key,
                "name": name,
                "subject": str(arguments.get("session", "")),
                "state": "queued",
            }
            row |= {"again": False, "due": due, "until": 0.0, "worker": ""}
            row["claim"] = time.time_ns() // 1_000  # counted on from there: no claim has another's number
            # Another process may put it in between the two, or be done with it: then once more.
            while not (await self._asked_anew(connection, key, fresh, due) or await self._put(connection, row | fresh)):
                pass

    async def _put(self, connection: AsyncConnection, row: dict[str, Any]) -> bool:
        """False: there is one of its key."""
        try:
            async with connection.begin_nested():
                await connection.execute(insert(jobs).values(row))
        except IntegrityError:
            return False
        return True

    async def _asked_anew(self, connection: AsyncConnection, key: str, fresh: dict[str, Any], due: Any) -> bool:
        mine, working = jobs.c.key == key, jobs.c.state == "working"
        later = {name: fresh[name] for name in ("arguments", "request", "home", "asked")}
        again = update(jobs).where(mine, working).values(again=True, **later)
        if (await connection.execute(again)).rowcount:
            return True
        sooner = case((and_(jobs.c.state == "queued", jobs.c.due < due), jobs.c.due), else_=due)
        anew = update(jobs).where(mine, ~working).values(fresh | {"state": "queued", "due": sooner})
        return bool((await connection.execute(anew)).rowcount)

    # ------------------------------------------------------------ working

    async def claim(self, worker: str, names: Collection[str], lease: float = LEASE) -> Job | None:
        """The longest due of these kinds that this node may do, for nobody else as long as it is renewed."""
        free = or_(
            and_(jobs.c.state == "queued", jobs.c.due <= self._now),
            and_(jobs.c.state == "working", jobs.c.until < self._now),
        )
        wanted = and_(jobs.c.home.in_(("", self._node)), jobs.c.name.in_(names), free)
        async with self._database.read() as connection:  # nobody who writes waits for it
            if not (await connection.execute(select(exists().where(wanted)))).scalar_one():
                return None
        first = select(jobs.c.key).where(wanted).order_by(jobs.c.due).limit(1).with_for_update(skip_locked=True)
        async with self._database.write() as connection:
            key = (await connection.execute(first)).scalar_one_or_none()
            if key is None:
                return None
            taken = update(jobs).where(jobs.c.key == key)
            row = await connection.execute(
                taken.values(
                    state="working", claim=jobs.c.claim + 1, tries=jobs.c.tries + 1, worker=worker, again=False,
                    until=self._now + lease,
                ).returning(*_COLUMNS)
            )  # fmt: skip
            return _job(row.one())

    async def renew(self, job: Job, lease: float = LEASE) -> bool:
        """With its progress and tries; False when it is not that claim's any more."""
        return await self._mine(job, until=self._now + lease, progress=job.progress, tries=job.tries)

    async def put_back(self, job: Job, after: float, error: str = "") -> None:
        """To be claimed again in so many seconds. `tries` as the job has it."""
        due = case((jobs.c.again, self._now), else_=self._now + after)
        await self._mine(job, state="queued", due=due, again=False, tries=job.tries, error=error)

    async def end(self, job: Job, state: Literal["ready", "failed"], error: str, result: dict[str, Any]) -> bool:
        """Its result counts from now on; False, and nothing has happened, when it is not that claim's any more. One
        that was asked for anew meanwhile begins again, and its result does not count either."""
        progress = 1.0 if state == "ready" else job.progress
        told = {"state": state, "error": error, "result": result, "progress": progress, "tries": job.tries}
        told["until"] = self._now
        return await self._over(job, update(jobs).values(told))

    async def done(self, job: Job) -> None:
        """Nothing more is to be said of it."""
        await self._over(job, delete(jobs))

    async def release(self, worker: str) -> None:
        """What a process had that is known to have died."""
        theirs = update(jobs).where(jobs.c.worker == worker, jobs.c.state == "working")
        async with self._database.write() as connection:
            await connection.execute(theirs.values(state="queued", due=self._now, again=False))

    async def _mine(self, job: Job, **values: Any) -> bool:
        async with self._database.write() as connection:
            return bool((await connection.execute(update(jobs).where(_claimed(job)).values(values))).rowcount)

    async def _over(self, job: Job, change: Any) -> bool:
        async with self._database.write() as connection:
            if (await connection.execute(change.where(_claimed(job), jobs.c.again == false()))).rowcount:
                return True
            anew = update(jobs).where(_claimed(job)).values(state="queued", due=self._now, again=False, tries=0)
            await connection.execute(anew)
            return False

    # ------------------------------------------------------------ asking how far it is

    async def of(self, name: str, of: str) -> Job | None:
        """How far one is that was asked for as `of`."""
        async with self._database.read() as connection:
            return await job_of(connection, name, of)

    async def every(self, name: str, subject: str = "") -> list[Job]:
        """All of a kind, or those of one session, the newest first."""
        wanted = select(*_COLUMNS).where(jobs.c.name == name).order_by(jobs.c.asked.desc(), jobs.c.key)
        if subject:
            wanted = wanted.where(jobs.c.subject == subject)
        async with self._database.read() as connection:
            return [_job(row) for row in await connection.execute(wanted)]

    async def ended(self, names: Collection[str]) -> list[Job]:
        """Those whose result nobody has noted, in the order in which they ended."""
        wanted = select(*_COLUMNS).where(jobs.c.state.in_(ENDED), jobs.c.name.in_(names), jobs.c.noted == false())
        async with self._database.read() as connection:
            return [_job(row) for row in await connection.execute(wanted.order_by(jobs.c.until, jobs.c.key))]

    async def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs that nobody works at yet."""
        wanted = select(jobs.c.name, jobs.c.arguments).where(jobs.c.state == "queued").order_by(jobs.c.due, jobs.c.key)
        async with self._database.read() as connection:
            return [(row.name, row.arguments) for row in await connection.execute(wanted)]

    async def depths(self) -> Counter[str]:
        """How many of each kind are due and nobody works at."""
        due = select(jobs.c.name, func.count()).where(jobs.c.state == "queued", jobs.c.due <= self._now)
        async with self._database.read() as connection:
            return Counter({row[0]: row[1] for row in await connection.execute(due.group_by(jobs.c.name))})

    async def any_due(self) -> bool:
        async with self._database.read() as connection:
            wanted = exists().where(jobs.c.state.in_(("queued", "working")))
            return bool((await connection.execute(select(wanted))).scalar_one())

    # ------------------------------------------------------------ afterwards

    async def noted(self, job: Job, keep: bool = False) -> None:
        """Whoever wanted its result has it. `keep`: it is told of all the same."""
        mine = and_(jobs.c.key == job.key, jobs.c.claim == job.claim, jobs.c.state == job.state)
        async with self._database.write() as connection:
            await connection.execute(update(jobs).where(mine).values(noted=True) if keep else delete(jobs).where(mine))

    async def forget(self, name: str, of: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(jobs).where(jobs.c.key == key_of(name, of)))

    async def forget_all(self, session: str) -> None:
        """The record is erased: whoever works at something of it has no claim any more."""
        async with self._database.write() as connection:
            await connection.execute(delete(jobs).where(jobs.c.subject == session, jobs.c.name != REMOVE))

    async def tidy(self, noting: Collection[str]) -> None:
        """What ended long ago goes, but for results that somebody has still to note: those of kinds in `noting`."""
        told = or_(jobs.c.noted, jobs.c.name.not_in(noting))
        old = and_(jobs.c.state.in_(ENDED), told, jobs.c.until < self._now - KEPT)
        async with self._database.write() as connection:
            await connection.execute(delete(jobs).where(old))

    @property
    def _now(self) -> Any:
        """The database's, at that very moment."""
        return time.time() if self._database.sqlite else cast(func.extract("epoch", func.clock_timestamp()), Float(53))


REMOVE: Final = "remove"
"""The job that removes what of an erased record lies at one node: it outlives the record."""


async def job_of(connection: AsyncConnection, name: str, of: str) -> Job | None:
    row = (await connection.execute(select(*_COLUMNS).where(jobs.c.key == key_of(name, of)))).one_or_none()
    return None if row is None else _job(row)


def key_of(name: str, of: str) -> str:
    return f"{name}/{of if len(of) <= LONGEST_KEY else hashlib.sha256(of.encode()).hexdigest()}"


def _of(arguments: dict[str, Any]) -> str:
    if all(isinstance(value, str) for value in arguments.values()):
        return "/".join(arguments.values())
    return json.dumps(arguments, sort_keys=True)


def _claimed(job: Job) -> Any:
    return and_(jobs.c.key == job.key, jobs.c.claim == job.claim, jobs.c.state == "working")


def _job(row: Any) -> Job:
    return Job(**row._mapping)
