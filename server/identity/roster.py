"""A file of offices (CSV), as a bureau keeps them: what would come of it, and then all of it or nothing.

A line is an office, known by its id. What a line leaves empty stays as it is. Offices that are there already keep their
place: who is above them is changed one by one, because that shows their records to somebody else (decision 97).
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from complaints.notices import Words
from journal.refusals import Refused
from offices import LEVELS, Office, OfficeLevel, Officer, OfficerRole, RosterProblem, RosterRow, require_role
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import in_thread, read_now
from server.identity.officers import LOGIN, normal_login
from server.identity.offices import CHANGEABLE, OfficeRegister, new_office, sound
from server.identity.store import IdentityStore

MOST_BYTES: Final = 256 << 10
MOST_ROWS: Final = 1_000
LONGEST_LOGIN: Final = 64

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "标识", "代码", "单位代码"),
    "name": ("name", "单位名称", "单位全称", "名称"),
    "short": ("short", "简称"),
    "level": ("level", "层级"),
    "superior": ("superior", "上级机关", "上级单位", "上级"),
    "phone": ("phone", "电话", "联系电话"),
    "number_prefix": ("prefix", "number_prefix", "投诉编号前缀", "编号前缀"),
    "authority": ("authority", "机关全称"),
    "address": ("address", "机关地址", "地址"),
    "signature": ("signature", "短信签名"),
    "called": ("called", "对外自称", "自称"),
    "language": ("language", "短信语言"),
    "login": ("administrator", "管理员", "管理员登录名"),
}
NEEDED: Final = ("id", "name")
LEVEL_WORDS: Final[Mapping[OfficeLevel, tuple[str, ...]]] = {
    "province": ("province", "省", "省局", "省级", "自治区局", "直辖市局"),
    "city": ("city", "市", "市局", "市级", "州", "州局"),
    "county": ("county", "县", "区", "县局", "区局", "县（区）", "县(区)", "区县", "区县局", "分局"),
    "office": ("office", "所", "市场监管所", "监管所"),
}
_LANGUAGES: Final = {"中文": "zh", "汉语": "zh", "英文": "en", "英语": "en"}


class Accounts(Protocol):
    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...


class OfficeRoster:
    """Implements `web.office.administration.OfficeRoster`."""

    def __init__(self, register: OfficeRegister, store: IdentityStore, accounts: Accounts) -> None:
        self._register, self._store, self._accounts = register, store, accounts

    async def read(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        """What would come of it. Refused: missing, too_large (most), encoding, csv, no_columns (field), too_many_rows
        (most)."""
        charge = await self._register.charge(require_role(officer, "administrator"))
        lines = await in_thread(partial(_lines, content))
        known = await self._store.offices()
        plan = _Plan(known, await self._store.all_words(), charge, officer.office.id)
        rows = plan.rows(lines)
        logins = Counter(normal_login(row.login) for row in rows if row.what == "new" and row.login)
        problems = {
            login: RosterProblem("bad_choice" if not LOGIN.fullmatch(login) else "login", "login")
            for login, times in logins.items()
            if times > 1 or not LOGIN.fullmatch(login) or await self._store.user_by_login(login)
        }
        return [
            _wrong(row, found) if row.what == "new" and (found := problems.get(normal_login(row.login))) else row
            for row in rows
        ]

    async def take(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        """All of it, with the first administrators' passwords. Refused: as `read`; wrong_rows, and nothing is done."""
        rows = await self.read(officer, content)
        if any(row.what == "wrong" for row in rows):
            raise Refused("wrong_rows", 422)
        done = {}
        for row in sorted(rows, key=lambda one: LEVELS.index(one.office.level)):
            if row.what == "new":
                await self._register.add(officer, row.office)
                done[row.line] = replace(row, password=await self._administrator(officer, row))
            elif row.what == "changed":
                await self._register.change(officer, row.office)
        return [done.get(row.line, row) for row in rows]

    async def _administrator(self, officer: Officer, row: RosterRow) -> str:
        if not row.login:
            return ""
        password, office = secrets.token_urlsafe(15), await self._store.office(row.office.id)
        assert office is not None
        by = replace(officer, office=office)
        await self._accounts.add_officer(by, row.login, office.short, "administrator", password)
        return password


def _lines(content: bytes) -> list[list[str]]:
    if not content.strip():
        raise Refused("missing", 422)
    if len(content) > MOST_BYTES:
        raise Refused("too_large", 422, most=MOST_BYTES >> 10)
    try:
        frames = read_now("roster", content, MOST_ROWS).frames
    except Declined as no:
        raise Refused(no.code, 422, **no.params) from None
    except ReaderStopped:
        raise Refused("csv", 422) from None
    found: list[list[str]] = [json.loads(frame) for frame in frames]
    return found


class _Plan:
    """`charge`: what the administrator looks after; new offices may also be put right below their `own`."""

    def __init__(self, known: Sequence[Office], words: Mapping[str, Words], charge: frozenset[str], own: str) -> None:
        self._before = {one.id: one for one in known}
        self._after, self._words, self._charge = dict(self._before), words, charge
        self._under = {*charge, own, *([""] if len(charge) == len(known) else [])}

    def rows(self, lines: Sequence[Sequence[str]]) -> list[RosterRow]:
        columns = _columns(lines[0] if lines else ())
        typed = [
            (at, {field: line[n] if n < len(line) else "" for field, n in columns.items()})
            for at, line in enumerate(lines[1:], start=2)
            if any(line)
        ]
        ids = [said["id"] for _, said in typed]
        # The highest first, wherever they stand in the file: who is below needs who is above.
        order = sorted(typed, key=lambda one: LEVELS.index(self._level(one[1]) or LEVELS[-1]))
        found = {at: self._row(at, said, ids.count(said["id"]) > 1, order) for at, said in order}
        return [found[at] for at, _ in typed]

    def _row(
        self, at: int, said: dict[str, str], twice: bool, every: Sequence[tuple[int, dict[str, str]]]
    ) -> RosterRow:
        problems = [RosterProblem("missing", field) for field in NEEDED if not said[field]]
        if twice:
            problems.append(RosterProblem("twice", "id"))
        level, known = self._level(said), self._before.get(said["id"])
        if level is None:
            problems.append(RosterProblem("bad_level", "level"))
        superior = self._superior(said.get("superior", ""))
        if superior is None:
            wanted = said.get("superior", "")
            listed = any(wanted in (one["id"], one["name"], one.get("short")) for _, one in every)
            problems.append(RosterProblem("superior_wrong" if listed else "unknown_superior", "superior"))
        login = said.get("login", "")
        if len(login) > LONGEST_LOGIN:
            problems.append(RosterProblem("too_long", "login", LONGEST_LOGIN))
        texts: dict[str, Any] = {
            field: text for field, text in said.items() if text and field not in ("id", "level", "superior", "login")
        }
        if "language" in texts:
            texts["language"] = _LANGUAGES.get(texts["language"], texts["language"])
        made = known or Office(said["id"], "", "", "", "", level=level or "office", superior=superior or "")
        made = replace(made, **texts)
        if problems:
            return RosterRow(at, made, "wrong", problems, login=login)
        assert level is not None
        assert superior is not None
        return self._added(at, made, login) if known is None else self._changed(at, known, made, said, level, superior)

    def _added(self, at: int, made: Office, login: str) -> RosterRow:
        if made.superior not in self._under:
            return RosterRow(at, made, "wrong", [RosterProblem("elsewhere", "superior")], login=login)
        try:
            office = new_office(made, list(self._after.values()), self._words)
        except Refused as no:
            return RosterRow(at, made, "wrong", [_problem(no)], login=login)
        self._after[office.id] = office
        self._under.add(office.id)
        return RosterRow(at, office, "new", login=login)

    def _changed(
        self, at: int, known: Office, made: Office, said: Mapping[str, str], level: OfficeLevel, superior: str
    ) -> RosterRow:
        if (said.get("superior") and superior != known.superior) or (said.get("level") and level != known.level):
            return RosterRow(at, made, "wrong", [RosterProblem("moved", "superior")])
        made = replace(made, number_prefix=known.number_prefix)
        try:
            made = sound(made)
        except Refused as no:
            return RosterRow(at, made, "wrong", [_problem(no)])
        changes = {
            field: [getattr(known, field), getattr(made, field)]
            for field in CHANGEABLE
            if getattr(known, field) != getattr(made, field)
        }
        if changes and known.id not in self._charge:
            return RosterRow(at, made, "wrong", [RosterProblem("elsewhere", "id")])
        return RosterRow(at, made, "changed" if changes else "same", changes=changes)

    def _level(self, said: Mapping[str, str]) -> OfficeLevel | None:
        text = said.get("level", "").casefold()
        known = self._before.get(said["id"])
        if not text:
            return known.level if known is not None else "office"
        return next((level for level, names in LEVEL_WORDS.items() if text in names), None)

    def _superior(self, said: str) -> str | None:
        """By id, or by a name that only one has; None where nobody can tell."""
        if not said or said in self._after:
            return said
        found = [one.id for one in self._after.values() if said in (one.name, one.short)]
        return found[0] if len(found) == 1 else None


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for n, cell in enumerate(header):
        for field, names in COLUMNS.items():
            if cell.casefold() in names:
                found.setdefault(field, n)
    for field in NEEDED:
        if field not in found:
            raise Refused("no_columns", 422, field=field)
    return found


def _problem(no: Refused) -> RosterProblem:
    field = str(no.params.get("field", "name"))
    if no.code == "bad_choice" and field in ("id", "number_prefix"):
        return RosterProblem("taken", field)
    return RosterProblem(no.code, field, int(no.params.get("most", 0)))


def _wrong(row: RosterRow, problem: RosterProblem) -> RosterRow:
    return replace(row, what="wrong", problems=[*row.problems, problem])
