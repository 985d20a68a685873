"""`yuntiao log check`: recomputes the whole log from its events and compares it with everything that was signed of it;
and holds what is kept beside the journal against it: accounts and roles, who oversees whom, acts, states of records.

Accounts are compared purely: what the rows have and what `officer/<id>` and `bureau/access` say go in, plain
sentences come out. Of an account from before changes were noted only what older entries say is known; the rest is
told as not known. Besides the codes of `journal.merkle`, and those of what is kept beside the journal:

checkpoint_signature   a checkpoint is not what was signed
checkpoint_replaced    a checkpoint differs from its copy outside the database
checkpoint_missing     a checkpoint is only among the copies: the database is older, or it was deleted
wrong_key              checkpoints are signed by a key the journal does not know
key                    there is no key, it is not the one the journal knows, or not the expected one
timestamp              an authority's time stamp does not hold
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.x509 import Certificate

from journal import Event, NoteBroken
from journal.merkle import Inspection, LogFinding, Node, RootClaim
from journal.notes import checkpoint_of, opened, public_key, split, verifies
from server.db.remaking import Difference, LogReading
from server.evidence import log_keeper
from server.evidence.attesting import BadTimestamp, stamped
from server.evidence.log_keeper import CheckpointCopies
from server.identity.account_store import CHANGED, COUNT_STREAM, COUNTED
from server.identity.offices import STREAM as OFFICES
from server.oversight.access import STREAM as ACCESS

_NAMES: Final = {"login": "login", "name": "name", "role": "role", "office": "office", "closed": "closed"}
_HIDDEN: Final = {"password": "password", "second_step": "second factor"}
Standing = Mapping[str, Any]


def account(id_: str, row: Standing, entries: Sequence[Event]) -> tuple[list[LogFinding], bool]:
    """What differs; whether all of it is known. `row` {}: there is none."""
    said, whole = _newest_state(entries)
    if not row:
        return ([LogFinding("account_missing", f"users {id_}", "the journal has this account")] if said else []), True
    found = [
        LogFinding("account", f"users {id_}", f"{word} is {row[key]!r}; the journal says {said[key]!r}")
        for key, word in _NAMES.items()
        if key in said and row[key] != said[key]
    ]
    for key, word in _HIDDEN.items():
        if key in said and row[key] != said[key]:
            state = "there is none" if not row[key] else "there is one" if not said[key] else "it is another one"
            journaled = "none" if not said[key] else "one" if not row[key] else "the one from before"
            found.append(LogFinding("account", f"users {id_}", f"{word}: {state}; the journal says {journaled}"))
    codes: Sequence[str] = row["recovery"]
    strange = set(codes) - set(said.get("recovery", codes))
    if strange:
        detail = f"{len(strange)} codes for a lost phone that the journal does not have"
        found.append(LogFinding("account", f"recovery_codes {id_}", detail))
    return found, whole


def _newest_state(entries: Iterable[Event]) -> tuple[dict[str, Any], bool]:
    """Of the newest entry that says all, or what older ones say of role and closing."""
    said: dict[str, Any] = {}
    whole = False
    for entry in entries:
        if entry.erased:
            continue
        if entry.type == CHANGED:
            said, whole = dict(entry.data), True
        elif not whole:
            said |= _older(entry)
    return said, whole


def _older(entry: Event) -> dict[str, Any]:
    match entry.type:
        case "OfficerAdded":
            return {"role": entry.data["role"]}
        case "RoleChanged":
            return {"role": entry.data["to"]}
        case "AccountClosed":
            return {"closed": True}
        case "AccountOpened":
            return {"closed": False}
        case _:
            return {}


def strangers(ids: Iterable[str], noted: Iterable[str], counted: Sequence[str] | None) -> Iterator[LogFinding]:
    """Accounts that nobody made: in no entry, and not there when changes began to be noted. `counted` None: nothing
    was noted yet."""
    known = {*noted, *(counted or ())}
    if counted is not None:
        for id_ in ids:
            if id_ not in known:
                yield LogFinding("account_extra", f"users {id_}", "no entry of the journal makes this account")


def overseeing(
    rows: Iterable[tuple[str, str]], entries: Iterable[Event], counted: Iterable[Sequence[str]] | None
) -> Iterator[LogFinding]:
    """`rows`: supervisor, office; `counted`: those there were when changes began to be noted, None before that."""
    said: dict[str, set[str]] = {}
    for entry in entries:
        if entry.type == "OverseenChanged" and not entry.erased:
            said[entry.data["supervisor"]] = set(entry.data["after"])
    kept: dict[str, set[str]] = {}
    for supervisor, office in rows:
        kept.setdefault(supervisor, set()).add(office)
    noted = set(said)
    for supervisor, office in counted or ():
        if supervisor not in noted:
            said.setdefault(supervisor, set()).add(office)
    for supervisor in sorted(said.keys() | (kept.keys() if counted is not None else set())):
        there, journaled = kept.get(supervisor, set()), said.get(supervisor, set())
        for office in sorted(there ^ journaled):
            now, then = ("is there", "not") if office in there else ("is not there", "yes")
            yield LogFinding("overseeing", f"office_oversight {supervisor} {office}", f"{now}; the journal says {then}")


def superiors(rows: Iterable[tuple[str, str]], entries: Iterable[Event]) -> Iterator[LogFinding]:
    """`rows`: office and the one above it, whose supervisors oversee it."""
    said: dict[str, str] = {}
    for entry in entries:
        if not entry.erased and "superior" in (changes := entry.data.get("changes", {})):
            said[entry.data["office"]] = str(changes["superior"][1])
    for office, superior in rows:
        if superior != (then := said.get(office, "")):
            where, journaled = superior or "nothing", then or "nothing"
            yield LogFinding("overseeing", f"offices {office}", f"stands below {where}; the journal says {journaled}")


LONGEST: Final = 120  # characters of a value that is told


Find = Callable[[str, str, str], None]
"""Takes what does not agree: its code, where, and how."""


@dataclass(slots=True)
class LogComparison:
    """`unknown`: rows of which too much was erased, or is of a newer program, to be compared; `accounts_unknown`:
    accounts of which not all is in the journal, because they are from before changes were noted."""

    streams: int = 0
    unknown: int = 0
    accounts: int = 0
    accounts_unknown: int = 0


async def compare(reading: LogReading, find: Find, progress: Callable[[int], None] = lambda _: None) -> LogComparison:
    """Report what does not agree, by these codes.

    account           an account's role, name, office, closing, password, second factor or codes are not the journal's
    account_missing   the journal has an account that there is not
    account_extra     an account that no entry makes
    overseeing        a supervisor oversees an office, or does not, otherwise than the journal says
    row_changed       a row of a record says something else than the journal
    row_missing       the journal has a record, or an act, whose row is gone
    row_extra         a row that no entry makes
    """
    found = LogComparison()
    await _accounts(reading, find, found)
    unread: set[str] = set()
    async for one in reading.records(unread, progress):
        if isinstance(one, int):
            found.streams = one
        elif one.erased or one.stream in unread:
            found.unknown += 1
        else:
            _tell(one, find)
    return found


async def _accounts(reading: LogReading, find: Find, found: LogComparison) -> None:
    counted = [entry.data for entry in await reading.stream(COUNT_STREAM) if entry.type == COUNTED and not entry.erased]
    there, noted = list[str](), list[str]()
    async for id_, row in reading.accounts():
        entries = await reading.stream(f"officer/{id_}")
        differences, whole = account(id_, row, entries)
        for one in differences:
            find(one.code, one.where, one.detail)
        found.accounts += 1
        found.accounts_unknown += not whole
        there += [id_] if row else []
        noted += [id_] if entries else []
    for one in strangers(there, noted, counted[0].get("accounts", ()) if counted else None):
        find(one.code, one.where, one.detail)
    access = await reading.stream(ACCESS)
    for one in overseeing(await reading.overseen(), access, counted[0].get("overseen", ()) if counted else None):
        find(one.code, one.where, one.detail)
    for one in superiors(await reading.superiors(), await reading.stream(OFFICES)):
        find(one.code, one.where, one.detail)


def _tell(one: Difference, find: Find) -> None:
    where = f"{one.table} {one.key}"
    if one.told is None:
        find("row_extra", where, "no entry of the journal makes this row")
    elif one.kept is None:
        find("row_missing", where, f"the journal has it, in {one.stream}")
    else:
        for column, told in one.told.items():
            find("row_changed", where, f"{column} is {_shown(one.kept[column])}; the journal says {_shown(told)}")


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    return repr(value if len(value) <= LONGEST else f"{value[:LONGEST]}…")


DATABASE = "in the database"
COPIES = "among the copies"
FINDINGS_MOST = 1000

Key = tuple[str, bytes]


@dataclass(slots=True)
class LogReport:
    events: int = 0
    streams: int = 0
    checkpoints: int = 0
    timestamps: int = 0
    witnesses: int = 0
    compared: LogComparison = field(default_factory=LogComparison)
    root: str = ""
    key: str = ""
    findings: list[LogFinding] = field(default_factory=list)
    more: int = 0  # findings left out

    @property
    def holds(self) -> bool:
        return not self.findings

    def find(self, code: str, where: str, detail: str = "") -> None:
        if len(self.findings) < FINDINGS_MOST:
            self.findings.append(LogFinding(code, where, detail))
        else:
            self.more += 1

    def lines(self) -> Iterator[str]:
        yield f"{self.events} events in {self.streams} streams, {self.checkpoints} checkpoints"
        yield f"{self.timestamps} time stamps, {self.witnesses} answers of witnesses"
        rows = self.compared
        yield f"{rows.streams} records made anew from the journal and compared, {rows.accounts} accounts"
        if rows.unknown:
            yield f"{rows.unknown} rows are not known: what they were made of was erased, or is of a newer program"
        if rows.accounts_unknown:
            yield f"{rows.accounts_unknown} accounts are not wholly known: they are from before changes were noted"
        yield f"root {self.root}"
        yield f"key {self.key}"
        for finding in self.findings:
            yield f"FOUND {finding.code} {finding.where} {finding.detail}".rstrip()
        if self.more:
            yield f"and {self.more} more"
        yield "everything holds" if self.holds else f"{len(self.findings) + self.more} findings"

    def json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "events": self.events,
            "streams": self.streams,
            "checkpoints": self.checkpoints,
            "timestamps": self.timestamps,
            "witnesses": self.witnesses,
            "compared": asdict(self.compared),
            "root": self.root,
            "key": self.key,
            "findings": [{"code": f.code, "where": f.where, "detail": f.detail} for f in self.findings],
            "findings_left_out": self.more,
        }


async def check(
    reading: LogReading,
    data: Path,
    against: Sequence[tuple[str, str]] = (),
    expected_key: Key | None = None,
    roots: Sequence[Certificate] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> LogReport:
    """`against`: where they are from, and notes that somebody kept elsewhere. `reading` is one snapshot. `progress`
    hears how many records were made anew so far."""
    report = LogReport()
    known = await _keys(reading, data, report, expected_key)
    notes = {note.size: note.note for note in await reading.checkpoints()}
    copies = dict(CheckpointCopies(data).read())
    claims = [*_claims(notes, DATABASE, known, report), *_claims(copies, COPIES, known, report)]
    for place, note in against:
        claims += _claims({None: note}, place, known, report)
    _compare(notes, copies, report)
    await _events(reading, claims, report)
    await _attested(reading, notes, roots, report)
    report.compared = await compare(reading, report.find, progress)
    report.checkpoints = len(notes)
    return report


async def _keys(reading: LogReading, data: Path, report: LogReport, expected: Key | None) -> list[Key]:
    """Every key whose signature counts; the first is the present one."""
    try:
        named = log_keeper.adopted(await reading.stream(log_keeper.STREAM))
    except (NoteBroken, KeyError):
        named = []
        report.find("key", log_keeper.STREAM, "what the journal says about keys cannot be read")
    try:
        signer = log_keeper.configured_existing_signer(data)
    except ValueError as fault:
        report.find("key", "keys/log.key", str(fault))
    else:
        mine = signer.name, signer.public
        report.key = public_key(*mine)
        if named and mine != named[-1]:
            report.find("key", "keys/log.key", f"the journal knows {public_key(*named[-1])}, not {report.key}")
        named = named or [mine]
    if expected is not None and (not named or expected != named[-1]):
        report.find("key", public_key(*expected), "is not the key this log is signed with")
        named = [expected]  # only what this one signed is worth anything to whoever asks
    return named


def _claims(notes: Any, whose: str, known: Iterable[Key], report: LogReport) -> list[RootClaim]:
    claims, strangers = [], []
    for size, note in notes.items():
        try:
            checkpoint = checkpoint_of(_opened(note, known))
        except NoteBroken as fault:
            if fault.other_key:
                strangers.append(size)
            else:
                report.find("checkpoint_signature", _place(size), f"{whose}: {fault}")
            continue
        if size not in (None, checkpoint.size):
            report.find("checkpoint_replaced", str(size), f"{whose} there is one of size {checkpoint.size}")
        claims.append(RootClaim(checkpoint.size, checkpoint.root, whose))
    if strangers:
        report.find("wrong_key", _place(strangers[0]), f"{len(strangers)} checkpoints {whose}")
    return claims


def _place(size: int | None) -> str:
    return "" if size is None else str(size)


def _opened(note: str, known: Iterable[Key]) -> str:
    split(note)
    for name, public in known:
        try:
            return opened(note, name, public, verifies)
        except NoteBroken as fault:
            if not fault.other_key:
                raise
    raise NoteBroken("signed by another key", other_key=True)


def _compare(notes: dict[int, str], copies: dict[int, str], report: LogReport) -> None:
    for size, note in sorted(copies.items()):
        if size not in notes:
            report.find("checkpoint_missing", str(size), f"{DATABASE}; the copy is of {_made(note)}")
        elif notes[size] != note:
            report.find("checkpoint_replaced", str(size), f"the one {DATABASE} is not the one {COPIES}")


def _made(note: str) -> str:
    try:
        return checkpoint_of(split(note)[0]).made.isoformat()
    except NoteBroken:
        return "an unknown time"


async def _events(reading: LogReading, claims: list[RootClaim], report: LogReport) -> None:
    inspection, kept = Inspection(claims), await reading.nodes()
    complete: dict[Node, bytes] = {}
    async for leaf, event in reading.events():
        complete.update((node, digest) for node, digest in inspection.take(leaf, event) if reading.keeps(node))
    head = await reading.head()
    for finding in inspection.finish(head.size, head.hashes):
        report.find(finding.code, finding.where, finding.detail)
    for node in sorted(complete.keys() | kept.keys()):
        if complete.get(node) != kept.get(node) and inspection.whole:
            report.find("node", f"level {node[0]}, {node[1]}")
    report.events, report.streams, report.root = inspection.events, inspection.streams, inspection.root.hex()


async def _attested(
    reading: LogReading, notes: dict[int, str], roots: Sequence[Certificate], report: LogReport
) -> None:
    for one in await reading.attestations():
        if one.kind == "witness":
            report.witnesses += 1
            continue
        report.timestamps += 1
        if not roots:
            continue
        try:
            stamped(one.answer or b"", notes[one.size], roots)
        except (BadTimestamp, KeyError) as fault:
            report.find("timestamp", str(one.size), f"{one.place}: {fault}")
