"""A warning to consumers drawn from a hot spot: written, approved by a second person, published, withdrawn. The stream
`warning/<hot spot>`, one for each.

    draft → approved → published → withdrawn
      ↑ any new wording is a draft again, and needs a second person again

Order 121 Art 38 has the office warn and publish. Whoever wrote the wording that is to go out does not approve it; what
was approved is what goes out, word by word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never, get_args

from complaints.appending import append
from complaints.errors import Missing, NotAllowed, SamePerson, TooLong, WrongState
from complaints.events import typed
from complaints.rights import SUPERVISOR, standing
from journal import Actor, Event, Journal

STREAM: Final = "warning"
STAGES: Final = ("draft", "approved", "published", "withdrawn")
LONGEST: Final = {"title": 120, "body": 4_000, "reason": 500}


@dataclass(frozen=True, slots=True)
class WarningWritten:
    """A wording, whole. It is a new edition, and nobody has approved it."""

    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class WarningApproved:
    """`digest`: of the wording that was read (`wording`)."""

    edition: int
    digest: str


@dataclass(frozen=True, slots=True)
class WarningPublished:
    """`office`, `office_name`: in whose name, as it was called then."""

    edition: int
    digest: str
    office: str
    office_name: str


@dataclass(frozen=True, slots=True)
class WarningWithdrawn:
    reason: str


WarningEvent = WarningWritten | WarningApproved | WarningPublished | WarningWithdrawn
KINDS: Mapping[str, type[WarningEvent]] = {kind.__name__: kind for kind in get_args(WarningEvent)}


@dataclass(frozen=True, slots=True)
class Write:
    """`edition`: the one that was read, 0 when there was none."""

    title: str
    body: str
    language: str
    edition: int


@dataclass(frozen=True, slots=True)
class Approve:
    edition: int


@dataclass(frozen=True, slots=True)
class Publish:
    edition: int
    office: str
    office_name: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    reason: str


WarningCommand = Write | Approve | Publish | Withdraw


@dataclass(frozen=True, slots=True)
class Wording:
    """One edition. `writer`: an officer's id."""

    title: str
    body: str
    language: str
    writer: str
    writer_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """What the public reads, frozen when it went out."""

    wording: Wording
    office: str
    office_name: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Warning:
    """`edition` counts wordings from 1. `issued`: the last that was published, also while a new one is at work."""

    wording: Wording
    edition: int
    stage: str = "draft"
    approved_by: str = ""  # a name
    issued: Issued | None = None
    withdrawn: str = ""  # why, when what was issued stands no more
    withdrawn_at: datetime | None = None


def wording(title: str, body: str) -> str:
    """What stands for a wording: SHA-256 over its words."""
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


def decide(command: WarningCommand, warning: Warning | None, actor: Actor) -> Sequence[WarningEvent]:
    """ComplaintError says why not. Empty: already so."""
    if standing(actor) != SUPERVISOR:
        raise NotAllowed
    stage, edition = (warning.stage, warning.edition) if warning else ("none", 0)
    match command:
        case Write(title, body, language, read):
            for name, text in (("title", title), ("body", body)):
                _check(name, text)
            if read != edition:
                raise WrongState(state=stage)
            old = warning.wording if warning else None
            if old is not None and (old.title, old.body) == (title, body) and stage != "withdrawn":
                return []
            return [WarningWritten(title, body, language)]
        case Approve(read):
            if warning is None or stage != "draft" or read != edition:
                raise WrongState(state=stage)
            if warning.wording.writer == actor.id:
                raise SamePerson
            return [WarningApproved(edition, wording(warning.wording.title, warning.wording.body))]
        case Publish(read, office, office_name):
            if warning is None or stage != "approved" or read != edition:
                raise WrongState(state=stage)
            digest = wording(warning.wording.title, warning.wording.body)
            return [WarningPublished(edition, digest, office, office_name)]
        case Withdraw(reason):
            _check("reason", reason)
            if warning is None or warning.issued is None or warning.withdrawn:
                raise WrongState(state=stage)
            return [WarningWithdrawn(reason.strip())]
        case _:
            assert_never(command)


def _check(name: str, text: str) -> None:
    if not text.strip():
        raise Missing(field=name)
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


def evolve(warning: Warning | None, event: WarningEvent, at: datetime, by: Actor) -> Warning | None:
    """None while nothing was written."""
    if isinstance(event, WarningWritten):
        made = Wording(event.title, event.body, event.language, by.id, by.name, at)
        if warning is None:
            return Warning(made, 1)
        return replace(warning, wording=made, edition=warning.edition + 1, stage="draft", approved_by="")
    if warning is None:
        return None  # its beginning was erased
    match event:
        case WarningApproved():
            return replace(warning, stage="approved", approved_by=by.name)
        case WarningPublished(_, digest, office, office_name):
            issued = Issued(warning.wording, office, office_name, digest, at)
            return replace(warning, stage="published", issued=issued, withdrawn="", withdrawn_at=None)
        case WarningWithdrawn(reason):
            stage = "withdrawn" if warning.stage == "published" else warning.stage
            return replace(warning, stage=stage, withdrawn=reason, withdrawn_at=at)
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> Warning | None:
    warning: Warning | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            warning = evolve(warning, typed(kind, entry.data), entry.at, entry.actor)
    return warning


def stream(spot: str) -> str:
    return f"{STREAM}/{spot}"


class WarningService:
    """The one writer of warnings' streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, spot: str, command: WarningCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(spot), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )
