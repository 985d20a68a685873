"""Accounts as an organisation's directory has them: what its program (SCIM) asks, done by an administrator's commands.

A program has the accounts of its token's office and of those whose administrators' charge they are. It makes, changes
and closes mediators' and inspectors'. Of supervisors' and administrators', who can be a second person, it changes the
shown name and closes them: what they are and who holds them, people say. What a person closed it does not open.
Implements `web.api.scim.Accounts`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journal import Actor, Event
from journal.refusals import Refused
from offices.people import Office, Officer, charge_of
from offices.systems import SCIM, AccountWish, ProvisionedAccount, System
from server.connections.sign_on import SUBJECT_MOST, name_from, office_named
from server.identity.account_store import closings
from server.identity.officers import Officers, normal_login
from server.identity.sign_on import SignOnService
from server.identity.store import IdentityStore, User
from server.oversight.accounts import AccountsService
from server.oversight.approval import SECONDS

REASON: Final = "SCIM"


class ProvisioningService:
    def __init__(
        self, store: IdentityStore, officers: Officers, sign_on: SignOnService, accounts: AccountsService
    ) -> None:
        self._store, self._sign_ins = store, officers.sign_ins.store
        self._sign_on, self._accounts = sign_on, accounts

    # ------------------------------------------------------------ what there is

    async def all(self, system: System) -> Sequence[ProvisionedAccount]:
        reach = await self._reach(system)
        return await self._shown(await self._store.users_in(reach), reach)

    async def named(self, system: System, login: str) -> Sequence[ProvisionedAccount]:
        return await self._among(system, [await self._store.user_by_login(normal_login(login))])

    async def known_as(self, system: System, external: str) -> Sequence[ProvisionedAccount]:
        return await self._among(
            system, [await self._store.user(one) for one in await self._sign_on.known_as(external)]
        )

    async def one(self, system: System, account: str) -> ProvisionedAccount:
        found = await self._among(system, [await self._store.user(account)])
        if not found:
            raise Refused("not_found", 404)
        return found[0]

    async def _among(self, system: System, users: Collection[User | None]) -> Sequence[ProvisionedAccount]:
        reach = await self._reach(system)
        return await self._shown([one for one in users if one is not None and one.office in reach], reach)

    async def _shown(self, users: Sequence[User], reach: Mapping[str, Office]) -> Sequence[ProvisionedAccount]:
        """Without those that the directory's program deleted."""
        ids = [one.id for one in users]
        limits = await self._sign_ins.limits_of(ids)
        closed = {one for one in ids if one in limits and limits[one].closed is not None}
        ends = await closings(self._store.database, closed)
        externals = await self._sign_on.externals(ids)
        return [
            ProvisionedAccount(
                one.id, one.login, one.name, one.role, reach[one.office].short, one.id not in closed,
                externals.get(one.id, ""), one.created,
            )
            for one in users
            if one.id not in closed or not _gone(ends.get(one.id))
        ]  # fmt: skip

    # ------------------------------------------------------------ what is asked

    async def add(self, system: System, wish: AccountWish) -> ProvisionedAccount:
        """Refused: missing (field name), bad_login_name (400), bad_choice (400, field office), not_allowed (403, field
        roles), login_taken, sign_on_taken (409)."""
        if wish.role in SECONDS:
            raise Refused("not_allowed", 403, field="roles")
        reach, external = await self._reach(system), _external(wish)
        office = _office(wish, reach) or system.office
        by = _administrator(system, office)
        login, name = normal_login(wish.login or ""), name_from(wish.name or "")
        for known in await self._sign_on.known_as(external) if external else ():
            former = await self._store.user(known)
            if former is None or not await self._comes_back(former, reach):
                raise Refused("sign_on_taken", 409)
            await self._accounts.open(_administrator(system, reach[former.office]), "", former.id, REASON)
            return await self.change(system, former.id, wish)
        made = await self._accounts.provision(
            by, login, name, wish.role or "mediator", self._sign_on.account_of(external) if external else ""
        )
        if external:
            await self._sign_on.tie(made.id, external, by.actor)
        if wish.active is False:
            await self._accounts.close(by, made.id, REASON)
        return await self.one(system, made.id)

    async def change(self, system: System, account: str, wish: AccountWish) -> ProvisionedAccount:
        """All of it or nothing. Refused: not_found, as `add`; not_allowed (403, field roles, office, userName,
        externalId, active), last_administrator."""
        now = await self.one(system, account)
        reach, external = await self._reach(system), _external(wish)
        user = await self._store.user(account)
        assert user is not None
        office, role = _office(wish, reach) or reach[user.office], wish.role or user.role
        login = user.login if wish.login is None else normal_login(wish.login)
        name = user.name if wish.name is None else name_from(wish.name)
        known = await self._sign_on.known_as(external) if external else ()
        ties = bool(external and self._sign_on.account_of(external)) and account not in known
        _check_theirs(user, office, role, login, ties)
        if ties and (now.external or known):
            raise Refused("sign_on_taken", 409)
        opens = wish.active is True and not now.active
        if opens and (user.role in SECONDS or not await self._closed_by_a_system(account)):
            raise Refused("not_allowed", 403, field="active")
        by = _administrator(system, reach[user.office])
        await self._accounts.check_name(user, login, name)
        if wish.active is False and (now.active or await self._may_open_by_itself(account)):
            await self._accounts.close(by, account, REASON)  # the last that may be refused
        if (login, name) != (user.login, user.name):
            await self._accounts.rename(by, account, login, name)
        await self._sign_on.move(user, role, office.id, by.actor, {})
        if ties:
            await self._sign_on.tie(account, external, by.actor)
        if opens:
            await self._accounts.open(_administrator(system, office), "", account, REASON)
        return await self.one(system, account)

    async def remove(self, system: System, account: str) -> None:
        """It is closed, and the program sees it no more; its person's acts stay theirs. Refused: not_found,
        last_administrator."""
        now, user = await self.one(system, account), await self._store.user(account)
        assert user is not None
        by = _administrator(system, (await self._reach(system))[user.office])
        held = not now.active and not await self._closed_by_a_system(account)
        await self._accounts.close(by, account, REASON, {"gone": True, **({"held": True} if held else {})})

    # ------------------------------------------------------------ steps of the above

    async def _reach(self, system: System) -> Mapping[str, Office]:
        """By id, the offices whose accounts it has."""
        offices = await self._store.offices()
        charge = charge_of(_administrator(system, system.office), offices) | {system.office.id}
        return {one.id: one for one in offices if one.id in charge}

    async def _closed_by_a_system(self, account: str) -> bool:
        end = (await closings(self._store.database, [account])).get(account)
        return end is not None and end.actor.kind == "system"

    async def _may_open_by_itself(self, account: str) -> bool:
        """What a rule of sign-on closed opens again by one, unless it is closed for another reason too."""
        end = (await closings(self._store.database, [account])).get(account)
        return end is not None and "provider" in end.data

    async def _comes_back(self, user: User, reach: Mapping[str, Office]) -> bool:
        """Whether somebody the program deleted is told of again, whom no person had closed before."""
        if user.office not in reach or user.role in SECONDS or (await self._sign_ins.limits(user.id)).closed is None:
            return False
        end = (await closings(self._store.database, [user.id])).get(user.id)
        return end is not None and _gone(end) and not end.data.get("held")


@dataclass(frozen=True, slots=True)
class _Administrator(System):
    """A system, as the commands of an office's page for administrators take it; `of`: the office of its token."""

    of: str = ""

    @property
    def actor(self) -> Actor:
        return Actor("system", self.id, self.name, SCIM, self.of)


def _administrator(system: System, office: Office) -> Officer:
    of = system.office.id
    return _Administrator(system.id, "", system.name, "administrator", office, False, token=system.token, of=of)


def _check_theirs(user: User, office: Office, role: str, login: str, ties: bool) -> None:
    """Refused(403) what two people, or a person, have to say."""
    if role != user.role and {role, user.role} & set(SECONDS):
        raise Refused("not_allowed", 403, field="roles")
    if user.role in SECONDS:
        for field, asked in (
            ("office", office.id != user.office),
            ("userName", login != user.login),
            ("externalId", ties),
        ):
            if asked:
                raise Refused("not_allowed", 403, field=field)


def _office(wish: AccountWish, reach: Mapping[str, Office]) -> Office | None:
    if not wish.office:
        return None
    found = office_named(wish.office, reach.values())
    if found is None:
        raise Refused("bad_choice", 400, field="office")
    return found


def _external(wish: AccountWish) -> str:
    external = (wish.external or "").strip()
    if len(external) > SUBJECT_MOST or not external.isprintable():
        raise Refused("bad_choice", 400, field="externalId")
    return external


def _gone(end: Event | None) -> bool:
    return end is not None and bool(end.data.get("gone"))
