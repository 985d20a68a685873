"""Other systems: their tokens, and complaints they register once for each key. Implements `Systems`."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints.errors import UnknownComplaint
from complaints.service import ComplaintService
from complaints.views import NewComplaint
from journal import SYSTEM, Conflict, Draft, Journal
from offices.access import require_role
from offices.people import Officer
from offices.permissions import may_scope, of_a_system
from offices.refusal import Refused
from offices.systems import LASTS_MOST, OWN_SCOPES, SCOPES, Scope, System, SystemToken
from server.complaints.service import OfficeComplaints
from server.identity.account_store import LAST_DAY_GIVEN, STREAM, USED_EVERY, StoredToken, SystemStore
from server.identity.sealing import digest as token_digest, fresh_token
from server.identity.store import IdentityStore

Withheld = Callable[[str, str], Awaitable[frozenset[str]]]  # of an office and a role
ACTS_AS: Final = "mediator"  # of its office, a system
GIVEN: Final = timedelta(days=90)  # to tokens from before there were last days
PREFIX = "yt_"  # so that a token left somewhere is recognised for what it is


class SystemsService:
    def __init__(
        self,
        store: SystemStore,
        offices: IdentityStore,
        complaints: ComplaintService,
        desk: OfficeComplaints,
        journal: Journal,
        now: Callable[[], datetime],
        standing: Callable[[str], Awaitable[Officer | None]],
        withheld: Withheld,
    ) -> None:
        """`standing`: the officer of an account, unless they are let in nowhere (`Officers.standing`). `withheld`: from
        a role in an office."""
        self._store = store
        self._offices = offices
        self._complaints = complaints
        self._desk, self._journal = desk, journal
        self._now, self._standing, self._withheld = now, standing, withheld

    async def issue(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        require_role(by, "administrator")
        return await self._issue(by, name, [scope for scope in SCOPES if scope in scopes], last, "")

    async def issue_own(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        return await self._issue(by, name, [scope for scope in own_scopes(by) if scope in scopes], last, by.id)

    async def _issue(self, by: Officer, name: str, granted: Sequence[str], last: date, officer: str) -> str:
        if not name.strip() or not granted:
            raise Refused("missing", field="name" if granted else "scopes")
        zone = ZoneInfo(by.office.zone)
        today = self._now().astimezone(zone).date()
        if not today <= last <= today + LASTS_MOST:
            raise Refused("bad_day", field="last")
        token, id_ = PREFIX + fresh_token(), uuid.uuid4().hex
        # The entry first: of every token that opens something the journal says who made it.
        data = {"scopes": list(granted), "last": last.isoformat()}
        await self._note(by, 0, "TokenIssued", id_, name.strip(), officer, data)
        await self._store.add(
            StoredToken(
                id=id_,
                office=by.office.id,
                name=name.strip(),
                scopes=" ".join(granted),
                token_hash=token_digest(token),
                created=self._now(),
                created_by=by.id,
                officer=officer,
                expires=_over(last, zone),
            )
        )
        return token

    async def tokens(self, by: Officer) -> list[SystemToken]:
        require_role(by, "administrator")
        names = {user.id: user.name for user in await self._offices.users_of(by.office.id)}
        known, given = await self._store.of_office(by.office.id), await self._store.given(by.office.id)
        return [_shown(one, names.get(one.officer, one.officer), one.id in given) for one in known]

    async def own(self, by: Officer) -> list[SystemToken]:
        known, given = await self._store.of_office(by.office.id), await self._store.given(by.office.id)
        return [_shown(one, by.name, one.id in given) for one in known if one.officer == by.id]

    async def revoke_own(self, by: Officer, token: str) -> None:
        await self._revoke(by, token, by.id)

    async def revoke(self, by: Officer, token: str) -> None:
        require_role(by, "administrator")
        await self._revoke(by, token, "")

    async def _revoke(self, by: Officer, token: str, officer: str) -> None:
        """`officer`: whose own it must be; "" where any of the office's will do."""
        one = await self._store.one(token)
        if one is None or one.office != by.office.id or one.revoked_at or (officer and one.officer != officer):
            raise Refused("not_found", 404)
        entries = await self._journal.read(f"{STREAM}/{token}")  # none for tokens older than this journal
        if any(event.type == "TokenRevoked" for event in entries):
            raise Refused("not_found", 404)  # since the row was read
        try:
            await self._note(by, len(entries), "TokenRevoked", token, one.name, one.officer, {})
        except Conflict:
            raise Refused("not_found", 404) from None  # somebody else was quicker

    async def _note(
        self, by: Officer, after: int, what: str, token: str, name: str, officer: str, more: Mapping[str, Any]
    ) -> None:
        """Never the token, nor its digest. `officer`: whose own it is."""
        data = {"office": by.office.id, "name": name, "officer": officer, **more}
        await self._journal.append(f"{STREAM}/{token}", after, [Draft(what, data, self._now(), by.actor)])

    async def give_last_days(self) -> int:
        """At the start: to tokens from before there were last days, ninety days from now; how many. Journaled, once."""
        endless = await self._store.endless()
        for one in endless:
            office = await self._offices.office(one.office)
            zone = ZoneInfo(office.zone if office else "UTC")
            last = self._now().astimezone(zone).date() + GIVEN
            entries = await self._journal.read(f"{STREAM}/{one.id}")
            data = {"office": one.office, "name": one.name, "officer": one.officer, "last": last.isoformat()}
            data |= {"expires": _over(last, zone).isoformat()}
            draft = Draft(LAST_DAY_GIVEN, data, self._now(), SYSTEM)
            await self._journal.append(f"{STREAM}/{one.id}", len(entries), [draft])
        return len(endless)

    async def system(self, token: str) -> System | None:
        known = await self._store.known(token_digest(token))
        office = await self._offices.office(known.office) if known else None
        if known is None or office is None:
            return None
        if known.revoked_at is not None:
            raise Refused("token_revoked", 401)
        if known.expires is None or self._now() >= known.expires:  # none has no last day, see give_last_days
            raise Refused("token_over", 401)
        officer = await self._standing(known.officer) if known.officer else None
        if known.officer and (officer is None or officer.office.id != known.office):
            return None
        if known.used_at is None or self._now() - known.used_at >= USED_EVERY:
            await self._store.used(known.id, self._now())
        scopes = frozenset(known.scopes.split())
        if officer is None:
            withheld = await self._withheld(office.id, ACTS_AS)
            return System(
                known.id,
                "",
                known.name,
                ACTS_AS,
                office,
                totp=False,
                withheld=withheld,
                scopes=of_a_system(scopes, withheld),
                token=known.id,
            )
        return System(
            officer.id,
            officer.login,
            officer.name,
            officer.role,
            officer.office,
            officer.totp,
            officer.language,
            officer.withheld,
            scopes & frozenset(own_scopes(officer)),
            known.id,
            own=True,
        )

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The key is kept before the complaint is made, with the id it will have: a crash between makes none twice."""
        first, complaint = await self._store.request(system.token, key, digest, uuid.uuid4().hex, self._now())
        if first != digest:
            raise Refused("key_reused", 409)
        try:
            await self._complaints.state(complaint)
        except UnknownComplaint:
            return await self._desk.register(system, new, complaint), True
        return complaint, False


def own_scopes(officer: Officer) -> Sequence[Scope]:
    """What a token of the officer's own may do at most."""
    return [scope for scope in OWN_SCOPES.get(officer.role, ()) if may_scope(officer, scope)]


def _over(last: date, zone: ZoneInfo) -> datetime:
    """When a token's last day is."""
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def _shown(one: StoredToken, holder: str, given: bool) -> SystemToken:
    return SystemToken(
        one.id, one.name, one.scopes.split(), one.created, one.used_at, one.revoked_at, holder, one.expires, given
    )
