"""Join links, the devices that opened them and the one-time codes sent to them, as rows.

Owns what two requests at once must not get wrong: a link is used by one device, a code is evaluated a bounded number
of times and spent once, and a seat's earlier link and devices end when a new one takes over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import (
    Label,
    RowMapping,
    Select,
    Table,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from offices import Office
from server.db.engine import Database, Holder
from server.db.schema import codes, devices, links, offices
from server.outbox.store import StoredMessage, put_message, put_once


@dataclass(frozen=True, slots=True)
class Link:
    """A personal link to one seat. `phone_*` are "" when no number is on file."""

    id: str
    office: str
    session: str
    seat: str
    secret_hash: str
    secret_sealed: str
    phone_sealed: str
    phone_masked: str
    created: datetime
    created_by: str  # user id
    expires: datetime
    revoked_at: datetime | None = None
    revoked_reason: str = ""
    used_at: datetime | None = None
    used_by: str | None = None  # device id


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that opened a link; `token_hash` finds it. `verified_at`: a code was confirmed on it, or it went on
    after an officer had known the person's voice (`vouched_at`)."""

    id: str
    token_hash: str
    link: str
    created: datetime
    expires: datetime
    verified_at: datetime | None = None
    vouched_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code, bound to the device that asked for it. `purpose` and `link`, the invitation, are what it is
    counted by; `phone_hash` is a keyed digest of the number."""

    id: str
    device: str
    purpose: str
    link: str
    phone_hash: str
    ip: str
    code_hash: str
    sent_at: datetime
    expires: datetime
    tries: int = 0
    spent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CodeLimit:
    """At most `most` codes of its purpose since `since` to the same invitation, number or address."""

    by: Literal["link", "phone_hash", "ip"]
    most: int
    since: datetime


class LinkStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, token_hash: str, now: datetime) -> tuple[Device, Link, Office] | None:
        """A seat's device that has neither ended nor expired, its link in whatever state that is, and the office."""
        async with self._database.read() as connection:
            row = (await connection.execute(_HELD, {"token": token_hash, "now": now})).mappings().one_or_none()
        if row is None:
            return None
        return Device(**_part(row, devices)), Link(**_part(row, links)), Office(**_part(row, offices))

    async def invited(self, secret_hash: str) -> tuple[Link, Office] | None:
        """A seat's link by its secret, and the office it is from."""
        async with self._database.read() as connection:
            row = (await connection.execute(_INVITED, {"secret": secret_hash})).mappings().one_or_none()
        return None if row is None else (Link(**_part(row, links)), Office(**_part(row, offices)))

    async def writer(self, office: str) -> Office:
        """Whose text messages they are: how they are signed, and in which language."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(offices).where(offices.c.id == office))).mappings().one()
            return Office(**row)

    # ------------------------------------------------------------ links

    async def issue(self, link: Link, message: StoredMessage | None = None) -> list[str]:
        """Store a link, and the message that carries it; the seat's earlier link is revoked ("replaced").

        The ids of the links revoked. Devices of a revoked link end too.
        """
        async with self._database.write() as connection:
            await self._database.alone(connection, f"seat {link.session} {link.seat}")
            revoked = await _revoke(connection, link.session, link.seat, "replaced", link.created)
            await connection.execute(insert(links).values(asdict(link)))
            if message is not None:
                await put_message(connection, message)
            await self._changed(connection, link.session, link.seat)
        return revoked

    async def carry(self, link: str, number: tuple[str, str] | None, message: StoredMessage | None) -> None:
        """Send a link once more. `number`: (sealed, masked) that codes go to from now on."""
        async with self._database.write() as connection:
            if number is not None:
                sealed, masked = number
                await connection.execute(
                    update(links).where(links.c.id == link).values(phone_sealed=sealed, phone_masked=masked)
                )
            if message is not None:
                await put_once(connection, message)

    async def revoke(self, session: str, seat: str, reason: str, now: datetime) -> list[str]:
        """Revoke a seat's link and end its devices; the ids of the links revoked, oldest first."""
        async with self._database.write() as connection:
            revoked = await _revoke(connection, session, seat, reason, now)
            await self._changed(connection, session, seat)
        return revoked

    async def extend(self, session: str, until: datetime, now: datetime) -> None:
        """What stands at `now`, and would end before `until`, ends then."""
        live = (links.c.session == session, links.c.revoked_at.is_(None), links.c.expires > now)
        of_session = select(links.c.id).where(*live)
        async with self._database.write() as connection:
            await connection.execute(
                update(devices)
                .where(devices.c.link.in_(of_session), devices.c.ended_at.is_(None), devices.c.expires < until)
                .values(expires=until)
            )
            await connection.execute(update(links).where(*live, links.c.expires < until).values(expires=until))

    async def by_secret(self, secret_hash: str) -> Link | None:
        return await self._link(select(links).where(links.c.secret_hash == secret_hash))

    async def link(self, link: str) -> Link | None:
        return await self._link(select(links).where(links.c.id == link))

    async def live(self, session: str, now: datetime) -> list[Link]:
        """A session's links that are neither revoked nor expired."""
        wanted = (
            select(links)
            .where(links.c.session == session, links.c.revoked_at.is_(None), links.c.expires > now)
            .order_by(links.c.created, links.c.id)
        )
        async with self._database.read() as connection:
            return [_link(row) for row in (await connection.execute(wanted)).mappings()]

    async def ever(self, session: str) -> set[str]:
        """The seats of a session that were ever given a link, whatever became of it."""
        wanted = select(links.c.seat).where(links.c.session == session).distinct()
        async with self._database.read() as connection:
            return set((await connection.execute(wanted)).scalars())

    # ------------------------------------------------------------ devices

    async def open(self, device: Device) -> None:
        """Store a device that opened its link."""
        async with self._database.write() as connection:
            await connection.execute(insert(devices).values(asdict(device)))

    async def device(self, token_hash: str, now: datetime) -> tuple[Device, Link] | None:
        """A device that has neither ended nor expired, with its link in whatever state that is. One query."""
        wanted = (
            select(devices, *(column.label(f"link_{column.name}") for column in links.c))
            .join(links, devices.c.link == links.c.id)
            .where(devices.c.token_hash == token_hash, devices.c.ended_at.is_(None), devices.c.expires > now)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            return None
        link = Link(**{column.name: row[f"link_{column.name}"] for column in links.c})
        return Device(**{column.name: row[column.name] for column in devices.c}), link

    async def opened(self, link: str, now: datetime) -> list[Device]:
        """The devices of a link that have neither ended nor expired, the oldest first."""
        wanted = (
            select(devices)
            .where(devices.c.link == link, devices.c.ended_at.is_(None), devices.c.expires > now)
            .order_by(devices.c.created, devices.c.id)
        )
        async with self._database.read() as connection:
            return [Device(**row) for row in (await connection.execute(wanted)).mappings()]

    async def vouch(self, device: Device, now: datetime, holder: str | None = None) -> bool:
        """Somebody knew the person's voice: the link is this device's and the seat's others end, all or nothing.

        False: the link was revoked, expired or used by another device than `holder` in the meantime.
        """
        async with self._database.write() as connection:
            used = await _use(connection, device.link, device.id, now, {"vouched_at": now}, holder)
            if used is None:
                return False
            await self._changed(connection, used.session, used.seat)
        return True

    async def go_on(self, device: str, token_hash: str, now: datetime) -> bool:
        """The device that was vouched for goes on, once, under a token nobody has seen."""
        async with self._database.write() as connection:
            gone_on = await connection.execute(
                update(devices)
                .where(
                    devices.c.id == device,
                    devices.c.vouched_at.is_not(None),
                    devices.c.verified_at.is_(None),
                    devices.c.ended_at.is_(None),
                )
                .values(token_hash=token_hash, verified_at=now)
                .returning(devices.c.id)
            )
            return gone_on.one_or_none() is not None

    async def came_by(self, token_hash: str) -> Link | None:
        """The link a device came by, whatever has become of either."""
        wanted = select(links).join(devices, devices.c.link == links.c.id).where(devices.c.token_hash == token_hash)
        return await self._link(wanted)

    # ------------------------------------------------------------ codes

    async def send_code(
        self, code: Code, message: StoredMessage | None, limits: Sequence[CodeLimit] = ()
    ) -> datetime | None:
        """Store a code with the message that carries it; the device's earlier code is void.

        None when done. When a limit is reached nothing is stored and the answer is the time of the oldest code
        that counts: once it is older than the limit's window there is room again.
        """
        async with self._database.write() as connection:
            await self._database.alone(connection, "yuntiao.codes")
            for by, same in groupby(limits, lambda limit: limit.by):
                windows = list(same)
                newest = (
                    select(codes.c.sent_at)
                    .where(
                        codes.c.purpose == code.purpose,
                        codes.c[by] == getattr(code, by),
                        codes.c.sent_at > min(limit.since for limit in windows),
                    )
                    .order_by(codes.c.sent_at.desc())
                    .limit(max(limit.most for limit in windows))
                )
                sent: list[datetime] = list((await connection.execute(newest)).scalars())
                for limit in windows:
                    counted = [at for at in sent if at > limit.since][: limit.most]
                    if len(counted) >= limit.most:
                        return counted[-1]
            await connection.execute(
                update(codes)
                .where(codes.c.device == code.device, codes.c.spent_at.is_(None))
                .values(spent_at=code.sent_at)
            )
            await connection.execute(insert(codes).values(asdict(code)))
            if message is not None:
                await put_message(connection, message)
            return None

    async def try_code(self, device: str, now: datetime, most: int = 5) -> Code | None:
        """Take one of a code's tries and only then learn the code: however many guesses come at once, `most` are
        evaluated. None: no code that is unspent, unexpired and has a try left (`latest_code` says which).

        `tries` of the answer includes this one.
        """
        open_codes = (codes.c.spent_at.is_(None), codes.c.expires > now, codes.c.tries < most)
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(codes)
                .where(codes.c.device == device, *open_codes)
                .values(tries=codes.c.tries + 1)
                .returning(*codes.c)
            )
            row = taken.mappings().one_or_none()
            return None if row is None else Code(**row)

    async def spend(self, code: str, now: datetime) -> bool:
        """False: it was spent meanwhile."""
        async with self._database.write() as connection:
            spent = await connection.execute(
                update(codes)
                .where(codes.c.id == code, codes.c.spent_at.is_(None))
                .values(spent_at=now)
                .returning(codes.c.id)
            )
            return spent.one_or_none() is not None

    async def latest_code(self, device: str) -> Code | None:
        wanted = select(codes).where(codes.c.device == device).order_by(codes.c.sent_at.desc()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else Code(**row)

    async def confirm(
        self, code: Code, token_hash: str, now: datetime, expires: datetime, holder: str | None = None
    ) -> list[str] | None:
        """The code was right: spend it, give the link to the device, rotate the device's token and end every other
        device of the same seat, all or nothing. `holder`: the device it is taken from, None while nobody has it.

        The ids of the devices ended, or None: the code was spent, or the link revoked, expired or used by another
        device in the meantime.
        """
        async with self._database.write() as connection:
            spent = await connection.execute(
                update(codes)
                .where(codes.c.id == code.id, codes.c.spent_at.is_(None))
                .values(spent_at=now)
                .returning(codes.c.id)
            )
            if spent.one_or_none() is None:
                return None
            rotated = {"token_hash": token_hash, "verified_at": now, "expires": expires}
            used = await _use(connection, code.link, code.device, now, rotated, holder)
            if used is None:
                return None
            await self._changed(connection, used.session, used.seat)
        return used.ended

    async def move(self, token: Code, to: Device, holder: str, now: datetime) -> bool:
        """Spend a token that its holder copied, and give the link to a device that begins with it; all or nothing.

        False: there is no such token for this link and holder, or it was spent or has expired; or the link was revoked
        or has another holder by now.
        """
        async with self._database.write() as connection:
            spent = await connection.execute(
                update(codes)
                .where(
                    *(
                        codes.c[name] == getattr(token, name)
                        for name in ("id", "device", "purpose", "link", "code_hash")
                    ),
                    codes.c.spent_at.is_(None),
                    codes.c.expires > now,
                )
                .values(spent_at=now)
                .returning(codes.c.id)
            )
            if spent.one_or_none() is None:
                return False
            used = await _use(connection, to.link, to.id, now, {}, holder)
            if used is None:
                return False
            await connection.execute(insert(devices).values(asdict(to)))
            await self._changed(connection, used.session, used.seat)
        return True

    # ------------------------------------------------------------ statements

    async def _changed(self, connection: AsyncConnection, session: str, seat: str) -> None:
        await self._database.credentials.changed(connection, Holder(session=session, seat=seat))

    async def _link(self, wanted: Select[Any]) -> Link | None:
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else _link(row)


async def _revoke(connection: AsyncConnection, session: str, seat: str, reason: str, now: datetime) -> list[str]:
    revoked = await connection.execute(
        update(links)
        .where(links.c.session == session, links.c.seat == seat, links.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(links.c.id)
    )
    gone = list(revoked.scalars())
    await _end_devices(connection, session, seat, now)
    return gone


@dataclass(frozen=True, slots=True)
class _Used:
    """Whose seat a link is for, and the ids of the devices that ended with its use."""

    session: str
    seat: str
    ended: list[str]


async def _use(
    connection: AsyncConnection, link: str, device: str, now: datetime, changed: Mapping[str, Any], holder: str | None
) -> _Used | None:
    """The link is this device's from now on, which is `changed`, and the seat's others end. None when it is good no
    more, or not `holder`'s: of two who would take it from the same, one does. `used_at` is the first time."""
    used = await connection.execute(
        update(links)
        .where(
            links.c.id == link,
            links.c.revoked_at.is_(None),
            links.c.expires > now,
            or_(links.c.used_by.is_not_distinct_from(holder), links.c.used_by == device),
        )
        .values(used_by=device, used_at=func.coalesce(links.c.used_at, literal(now, links.c.used_at.type)))
        .returning(links.c.session, links.c.seat)
    )
    seat = used.one_or_none()
    if seat is None:
        return None
    ended = await _end_devices(connection, seat.session, seat.seat, now, device, changed)
    return _Used(seat.session, seat.seat, ended)


async def _end_devices(
    connection: AsyncConnection,
    session: str,
    seat: str,
    now: datetime,
    but: str = "",
    changed: Mapping[str, Any] = MappingProxyType({}),
) -> list[str]:
    """End the seat's devices `but` one, which is `changed` in the same statement; the ids of those that ended."""
    of_seat, mine = select(links.c.id).where(links.c.session == session, links.c.seat == seat), devices.c.id == but
    ended = await connection.execute(
        update(devices)
        .where(devices.c.link.in_(of_seat), devices.c.ended_at.is_(None))
        .values(
            ended_at=case((mine, devices.c.ended_at), else_=literal(now, devices.c.ended_at.type)),
            **{
                name: case((mine, literal(value, devices.c[name].type)), else_=devices.c[name])
                for name, value in changed.items()
            },
        )
        .returning(devices.c.id)
    )
    return [id for id in ended.scalars() if id != but]


def _link(row: RowMapping) -> Link:
    return Link(**row)


def _named(table: Table) -> list[Label[Any]]:
    """Its columns under names that no other table's have."""
    return [column.label(f"{table.name}_{column.name}") for column in table.c]


def _part(row: RowMapping, table: Table) -> dict[str, Any]:
    return {column.name: row[f"{table.name}_{column.name}"] for column in table.c}


# Asked at every page of the way in, so made once.
_HELD = (
    select(*_named(devices), *_named(links), *_named(offices))
    .join_from(devices, links, devices.c.link == links.c.id)
    .join(offices, offices.c.id == links.c.office)
    .where(
        devices.c.token_hash == bindparam("token"), devices.c.ended_at.is_(None), devices.c.expires > bindparam("now")
    )
)
_INVITED = (
    select(*_named(links), *_named(offices))
    .join_from(links, offices, offices.c.id == links.c.office)
    .where(links.c.secret_hash == bindparam("secret"))
)
