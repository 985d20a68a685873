"""`yuntiao log check`: recomputes the whole log from its events and compares it with everything that was signed of it.

Besides journal.verification's codes:

checkpoint_signature  a checkpoint is not what was signed
checkpoint_replaced   a checkpoint differs from its copy outside the database
checkpoint_missing    a checkpoint is only among the copies: the database is older, or it was deleted
wrong_key             checkpoints are signed by a key the journal does not know
key                   there is no key, it is not the one the journal knows, or not the expected one
timestamp             an authority's time stamp does not hold

and those of server.evidence.log_records: what is kept beside the journal is not what the journal says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from journal.ed25519 import verifies
from journal.errors import NoteBroken
from journal.merkle import Node
from journal.notes import checkpoint_of, opened, public_key, split
from journal.verification import Claim, Finding, Inspection
from server.evidence import log_keys
from server.evidence.log_keeper import Copies
from server.evidence.log_reading_store import LogReading
from server.evidence.log_records import Compared, compare
from server.evidence.timestamps import BadTimestamp, stamped

DATABASE = "in the database"
COPIES = "among the copies"
FINDINGS_MOST = 1000

Key = tuple[str, bytes]


@dataclass(slots=True)
class Report:
    events: int = 0
    streams: int = 0
    checkpoints: int = 0
    timestamps: int = 0
    witnesses: int = 0
    compared: Compared = field(default_factory=Compared)
    root: str = ""
    key: str = ""
    findings: list[Finding] = field(default_factory=list)
    more: int = 0  # findings left out

    @property
    def holds(self) -> bool:
        return not self.findings

    def find(self, code: str, where: str, detail: str = "") -> None:
        if len(self.findings) < FINDINGS_MOST:
            self.findings.append(Finding(code, where, detail))
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
) -> Report:
    """`against`: where they are from, and notes that somebody kept elsewhere. `reading` is one snapshot. `progress`
    hears how many records were made anew so far."""
    report = Report()
    known = await _keys(reading, data, report, expected_key)
    notes = {note.size: note.note for note in await reading.checkpoints()}
    copies = dict(Copies(data).read())
    claims = [*_claims(notes, DATABASE, known, report), *_claims(copies, COPIES, known, report)]
    for place, note in against:
        claims += _claims({None: note}, place, known, report)
    _compare(notes, copies, report)
    await _events(reading, claims, report)
    await _attested(reading, notes, roots, report)
    report.compared = await compare(reading, report.find, progress)
    report.checkpoints = len(notes)
    return report


async def _keys(reading: LogReading, data: Path, report: Report, expected: Key | None) -> list[Key]:
    """Every key whose signature counts; the first is the present one."""
    try:
        named = log_keys.adopted(await reading.stream(log_keys.STREAM))
    except (NoteBroken, KeyError):
        named = []
        report.find("key", log_keys.STREAM, "what the journal says about keys cannot be read")
    try:
        signer = log_keys.configured_existing_signer(data)
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


def _claims(notes: Any, whose: str, known: Iterable[Key], report: Report) -> list[Claim]:
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
        claims.append(Claim(checkpoint.size, checkpoint.root, whose))
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


def _compare(notes: dict[int, str], copies: dict[int, str], report: Report) -> None:
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


async def _events(reading: LogReading, claims: list[Claim], report: Report) -> None:
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


async def _attested(reading: LogReading, notes: dict[int, str], roots: Sequence[Certificate], report: Report) -> None:
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
