"""Whoever can write the database changes an account's role, a second factor, a state, or deletes an act: it is named,
with the row, the field and what the journal says. What is from before changes were noted is told as not known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from journal import Draft
from offices import Office
from rooms import events as e
from rooms.events import event_draft, stream
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.evidence.log_check import LogReport
from server.identity.account_store import AccountJournal
from server.identity.sign_in_store import SignInStore
from server.identity.store import IdentityStore, User
from server.oversight.access import STREAM as ACCESS
from tests.server.db.history import Teller
from tests.server.evidence.house import START, ZHOU, House

FIRST = Office("o1", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
SECOND = replace(FIRST, id="o2", name="东湖高新区市场监管二所", short="二所")
ADMIN = User("u1", "admin", "何管", "administrator", "o1", "argon2-a", START)
SUPERVISOR = replace(ADMIN, id="u2", login="luo", name="罗建国", role="supervisor", password_hash="argon2-b")


class Place(House):
    """A house with accounts, a mediation that was held and looked at, all noted as the program does."""

    async def lived(self) -> None:
        self.journal = SqlJournal(self.database, projectors())
        await self.sign()
        accounts = AccountJournal(self.database, self.journal, self.now)
        store, sign_ins = IdentityStore(self.database), SignInStore(self.database, accounts)
        await accounts.count()
        store.accounts = accounts
        await store.found(FIRST, ADMIN)
        await store.add_office(SECOND)
        await store.add_user(SUPERVISOR)
        await store.begin_totp("u2", "sealed-secret")
        await store.confirm_totp("u2", 7)
        await sign_ins.give_codes("u2", ["code-1", "code-2"], self.now())
        await sign_ins.use_code("u2", "code-1")  # a used code is gone, and that is in order
        await store.oversee("u2", ["o2"])
        seen = {"office": "o1", "supervisor": "u2", "name": "罗建国", "before": [], "after": ["o2"], "reason": "分管"}
        await self.journal.append(ACCESS, 0, [Draft("OverseenChanged", seen, self.time, ZHOU)])
        await Teller(self.journal).mediated("c1", "m1")
        entries = await self.journal.read(stream("m1"))
        await self.journal.append(stream("m1"), len(entries), [event_draft(e.Viewed("record"), self.time, ZHOU)])


@pytest.fixture
async def place(house: House) -> Place:
    made = Place(house.database, house.data)
    await made.lived()
    return made


def told(report: LogReport) -> list[str]:
    return [f"{found.code} {found.where}: {found.detail}" for found in report.findings]


async def test_what_nobody_touched_holds_and_all_of_it_is_known(place: Place) -> None:
    report = await place.check()
    assert told(report) == []
    assert (report.compared.accounts, report.compared.accounts_unknown, report.compared.unknown) == (2, 0, 0)
    assert report.compared.streams > 4


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE users SET role = 'administrator' WHERE id = 'u2'",
         ["account users u2: role is 'administrator'; the journal says 'supervisor'"]),
        ("UPDATE users SET office = 'o2' WHERE id = 'u2'", ["account users u2: office is 'o2'; the journal says 'o1'"]),
        ("UPDATE users SET totp_sealed = '' WHERE id = 'u2'",
         ["account users u2: second factor: there is none; the journal says one"]),
        ("UPDATE users SET totp_sealed = 'mine' WHERE id = 'u2'",
         ["account users u2: second factor: it is another one; the journal says the one from before"]),
        ("UPDATE users SET totp_sealed = 'mine' WHERE id = 'u1'",
         ["account users u1: second factor: there is one; the journal says none"]),
        ("UPDATE users SET password_hash = 'argon2-mine' WHERE id = 'u1'",
         ["account users u1: password: it is another one; the journal says the one from before"]),
        ("UPDATE recovery_codes SET code_hash = 'mine'",
         ["account recovery_codes u2: 1 codes for a lost phone that the journal does not have"]),
        ("INSERT INTO users SELECT 'u9', 'mallory', 'M', 'administrator', office, password_hash, '', '', 0, language, "
         "created FROM users WHERE id = 'u1'",
         ["account_extra users u9: no entry of the journal makes this account"]),
        ("DELETE FROM office_oversight",
         ["overseeing office_oversight u2 o2: is not there; the journal says yes"]),
        ("INSERT INTO office_oversight VALUES ('u1', 'o2')",
         ["overseeing office_oversight u1 o2: is there; the journal says not"]),
        ("UPDATE offices SET superior = 'o1' WHERE id = 'o2'",
         ["overseeing offices o2: stands below o1; the journal says nothing"]),
        ("DELETE FROM acts WHERE stream = 'session/m1'",
         ["row_missing acts session/m1 .*: the journal has it, in session/m1"]),
        ("UPDATE acts SET actor_name = '别人' WHERE stream = 'session/m1'",
         ["row_changed acts session/m1 .*: actor_name is '别人'; the journal says '周敏'"]),
        ("UPDATE sessions SET status = 'cancelled'",
         ["row_changed sessions m1: status is 'cancelled'; the journal says 'closed'"]),
        ("UPDATE complaints SET state = 'closed', amount = 1",
         ["row_changed complaints c1: state is 'closed'; the journal says '.*'",
          "row_changed complaints c1: amount is '.*'; the journal says .*"]),
        ("DELETE FROM complaints", ["row_missing complaints c1: the journal has it, in complaint/c1"]),
    ],
)  # fmt: skip
async def test_a_change_behind_the_programs_back_is_named(place: Place, statement: str, names: list[str]) -> None:
    await place.sql(statement)
    found = told(await place.check())
    assert len(found) == len(names), found
    for pattern, said in zip(names, found, strict=True):
        assert re.fullmatch(pattern, said), said


async def test_looking_changes_nothing_and_keeps_nobody_from_writing(place: Place) -> None:
    """Rows are made anew beside the real ones, and are gone afterwards."""
    await place.sql("UPDATE sessions SET title = 'spoilt'")
    first = told(await place.check())
    assert told(await place.check()) == first
    async with place.database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT title FROM sessions")).scalars().all()
    assert rows == ["spoilt"]


async def test_accounts_from_before_changes_were_noted_are_told_as_not_known(house: House) -> None:
    journal, store = SqlJournal(house.database, projectors()), IdentityStore(house.database)
    await house.sign()
    await store.found(FIRST, ADMIN)
    await store.add_user(SUPERVISOR)
    added = Draft("OfficerAdded", {"role": "supervisor", "alone": True}, house.time, ZHOU)
    await journal.append("officer/u2", 0, [added])
    await AccountJournal(house.database, journal, house.now).count()
    report = await house.check()
    assert told(report) == []
    assert report.compared.accounts_unknown == 2
    assert "2 accounts are not wholly known: they are from before changes were noted" in list(report.lines())
    await house.sql("UPDATE users SET role = 'administrator' WHERE id = 'u2'")
    assert told(await house.check()) == ["account users u2: role is 'administrator'; the journal says 'supervisor'"]


async def test_what_was_erased_is_told_as_not_known_and_accuses_nobody(place: Place) -> None:
    await place.journal.erase(stream("m1"), [1], ZHOU, place.time + timedelta(days=1), "到期")
    report = await place.check()
    assert told(report) == []
    assert report.compared.unknown >= 1
    assert any("rows are not known" in line for line in report.lines())


async def test_a_change_and_its_entry_are_one_transaction(place: Place) -> None:
    """A crash between the two would accuse the program itself."""

    class Failing:
        kind = "officer"

        async def project(self, connection: object, appended: object) -> None:
            raise RuntimeError("power cut")

    store = IdentityStore(place.database)
    store.accounts = AccountJournal(place.database, SqlJournal(place.database, [Failing()]), place.now)
    with pytest.raises(RuntimeError):
        await store.set_role("u2", "administrator")
    assert told(await place.check()) == []
