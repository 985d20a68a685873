"""A session's record out of the journal and the log, ready to be packed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from journal import Event, Journal
from journal.events import stamp
from journal.notes import Signer, key_id, split
from recordings.evidence import form, lines, notes
from recordings.evidence.lines import Line
from recordings.evidence.package import LogProofs, Record, TimestampAnswer, Witness
from rooms.codec import stream
from server.evidence.attestation_store import AttestationStore
from server.evidence.log_keeper import CheckpointKeeper
from server.evidence.log_store import LogStore, StoredCheckpoint
from server.evidence.verifying import known_text
from server.evidence.witness import holds_under

PREFIX = "yuntiao/"
_LANGUAGES = ("zh", "en")
_TEXTS = {"participate": "notice", "record": "recording"}


class NotCovered(Exception):
    """No checkpoint by the present key covers the record, and none could be made."""


class Gathering:
    """`signer` may raise ValueError, like the keeper's. `roots`: PEM of the authorities whose stamps are kept;
    `witnesses`: names and raw keys of those whose keys are known."""

    def __init__(
        self,
        journal: Journal,
        log: LogStore,
        attestations: AttestationStore,
        keeper: CheckpointKeeper,
        signer: Callable[[], Signer],
        roots: Path | None,
        witnesses: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        self._journal, self._log, self._attestations, self._keeper = journal, log, attestations, keeper
        self._signer, self._roots, self._witnesses = signer, roots, witnesses

    async def record(self, session: str) -> Record:
        """NotCovered; ValueError when there is no key to sign with."""
        told = lines.withheld(await self._lines(stream(session)))
        complaint = await self._lines(f"complaint/{told[0].data['complaint']}")
        signer = await asyncio.to_thread(self._signer)
        return Record(
            installation=signer.name.removeprefix(PREFIX),
            software=f"yuntiao {version('yuntiao')}",
            session=told,
            complaint=complaint,
            logged=await self._logged([line.leaf for line in (*told, *complaint)], signer),
            texts=texts(told),
        )

    async def _lines(self, name: str) -> list[Line]:
        events, leaves = await self._journal.read(name), await self._log.leaves(name)
        # What is appended between the two reads has a leaf and no event.
        return lines.until_last_fact([line_of(event, leaf) for event, leaf in zip(events, leaves, strict=False)])

    async def _logged(self, leaves: Sequence[int], signer: Signer) -> LogProofs:
        last = max(leaves)
        checkpoint = await self._covering(last, signer)
        if checkpoint is None:
            await self._keeper.make()
            checkpoint = await self._covering(last, signer)
        if checkpoint is None:
            raise NotCovered
        attested = await self._attestations.of(checkpoint.size)
        roots = self._roots.read_bytes() if self._roots is not None else b""
        return LogProofs(
            checkpoint.note.encode(),
            checkpoint.size,
            await self._log.proofs(leaves, checkpoint.size),
            [TimestampAnswer(one.answer, roots) for one in attested if one.kind == "timestamp" and one.answer],
            [
                Witness(*told)
                for one in attested
                if one.kind == "witness" and one.answer
                for told in self._told(checkpoint.note, one.answer)
            ],
        )

    def _told(self, note: str, answer: bytes) -> list[tuple[str, bytes, str]]:
        """A witness's lines, with its key where it is known and the line holds by it. Whose the others are, only
        whoever compares them knows."""
        told = []
        for line in answer.decode("utf-8", "replace").splitlines():
            signature = notes.signature_line(line)
            if signature is not None:
                held = (key for name, key in self._witnesses if holds_under(note, line, name, key))
                told.append((signature.name, next(held, b""), line))
        return told

    async def _covering(self, leaf: int, signer: Signer) -> StoredCheckpoint | None:
        """The first one that the present key signed: the manifest will be signed by it too."""
        wanted = signer.name, key_id(signer.name, signer.public)
        for checkpoint in await self._log.since(leaf):
            if any((one.name, one.key_id) == wanted for one in split(checkpoint.note)[1]):
                return checkpoint
        return None


def line_of(event: Event, leaf: int) -> Line:
    """Its data in the order in which a package has it, so that pages are the same when they are told from there."""
    actor = event.actor
    return Line(
        stream=event.stream,
        version=event.version,
        type=event.type,
        data=form.parsed(form.canonical(event.data)),
        at=stamp(event.at),
        actor=(actor.kind, actor.id, actor.name, actor.role, actor.office),
        salt=event.salt,
        content=event.content,
        hash=event.hash,
        leaf=leaf,
    )


def texts(session: Sequence[Line]) -> dict[str, bytes]:
    """What was agreed to, of versions this program has."""
    found: dict[str, bytes] = {}
    for line in session:
        if line.type in ("ConsentGiven", "ConsentRefused") and not line.erased and line.data["text"]:
            for language in _LANGUAGES:
                path = f"texts/{line.data['text']}/{_TEXTS[line.data['kind']]}.{language}.txt"
                if (text := known_text(path)) is not None:
                    found[path] = text
    return found
