"""What administrators set up: offices, holidays, areas, maps, other systems.

Here is what these pages ask for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from aiohttp import web

from complaints.notices import Words
from complaints.record.places import Jurisdiction
from complaints.statistics.views import CellMonth, MapPage, ProvinceFigures
from complaints.views import HolidayYear, NewComplaint
from law.deadlines import HolidayNotice
from offices import Office, OfficeChange, OfficeLevel, Officer, RosterRow
from offices.systems import (
    ConnectionState,
    Hook,
    IntakeAnswer as Answer,
    KnownCell,
    Message,
    MessageSums,
    MessageTemplate,
    OwnCell,
    Sender,
    SignedRequest as Signed,
    System,
    SystemToken,
    Undelivered,
    UntakenDelivery,
)
from rooms.floor import ScriptCard
from rooms.floor.cards import CardChange, CardNote


class Offices(Protocol):
    """Who looks after offices for the bureau adds and changes (`offices.charge_of`); Refused(403) not_allowed to
    others."""

    async def offices(self, officer: Officer) -> Sequence[Office]: ...

    async def changes(self, officer: Officer) -> Sequence[OfficeChange]: ...

    async def add(self, officer: Officer, office: Office) -> None:
        """Refused: missing, too_long, bad_choice (field: the id or the prefix is taken or cannot be)."""
        ...

    async def may_change(self, officer: Officer, office: Office) -> bool:
        """Where no unit receives for the bureau, an office's own administrator may, but for that it receives."""
        ...

    async def words(self, officer: Officer, office: Office) -> Words:
        """Of its number series."""
        ...

    async def number(self, officer: Officer, office: str, wanted: Words) -> None:
        """The words before the numbers of its papers, instead of those before. Refused: not_found, not_allowed,
        bad_choice (field: a kind whose words cannot be, or would give a number twice)."""
        ...

    async def change(self, officer: Officer, wanted: Office) -> None:
        """All but its id, prefix, zone and place. Refused: not_found, missing, too_long."""
        ...

    async def charge(self, officer: Officer) -> frozenset[str]:
        """Ids of the offices they look after for the bureau."""
        ...

    async def may_add(self, officer: Officer, superior: str = "") -> bool:
        """Whether they may add an office right below that one, "" at the top."""
        ...

    async def place(
        self, officer: Officer, token: str, office: str, superior: str, level: OfficeLevel, reason: str
    ) -> str:
        """Below another superior, "" at the top, or on another level. The request's id where a second person has to
        agree, else "". Refused: not_found, missing (reason), bad_choice (superior), waits_already."""
        ...


class OfficeRoster(Protocol):
    """By administrators, of the offices they look after."""

    async def read(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        """What would come of a CSV file; nothing is done. Refused(422): missing, too_large (most), encoding, csv,
        no_columns (field), too_many_rows (most)."""
        ...

    async def take(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        """All of it, with the first passwords of administrators. Refused(422): as `read`; wrong_rows."""
        ...


class Holidays(Protocol):
    """The State Council's notices an office entered, which its dates rest on."""

    async def years(self, officer: Officer) -> Sequence[HolidayYear]: ...

    async def enter(self, officer: Officer, notice: HolidayNotice) -> int:
        """Replaces the notice of that year; how many complaints were dated anew."""
        ...

    async def withdraw(self, officer: Officer, year: int) -> int:
        """Refused: not_found."""
        ...


class ScriptCards(Protocol):
    """Of the officer's own office."""

    async def cards(self, officer: Officer) -> Sequence[ScriptCard]:
        """One of each kind of dispute, in order: its own, or the supplied one."""
        ...

    async def changes(self, officer: Officer, kind: str) -> Sequence[CardChange]:
        """Of one card, oldest first."""
        ...

    async def change(self, officer: Officer, kind: str, card: ScriptCard | None, seen: int) -> None:
        """`card` None puts the supplied one back; `seen`: how many changes the writer knew of. Refused: not_allowed,
        card_changed, missing, too_long, too_many, bad_choice (field), busy."""
        ...

    async def notes(self, kind: str, classes: Sequence[str] = ()) -> Sequence[CardNote]:
        """Notes of experience on this kind of dispute, those of these classes first."""
        ...


class Jurisdictions(Protocol):
    """An administrator's own office only."""

    async def areas(self, officer: Officer) -> Sequence[Jurisdiction]: ...

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        """A new area, or with an `area` that exists that one anew. Refused: missing, too_long, bad_choice (field)."""
        ...

    async def drop(self, officer: Officer, area: str) -> None:
        """One that is not there is no fault."""
        ...


class OfficeMaps(Protocol):
    """By administrators, of their own office. Refused(403): not_allowed."""

    async def page(self, officer: Officer) -> MapPage: ...

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        """Checked and kept to be looked at. BadOutline says why not."""
        ...

    async def use(self, officer: Officer) -> None:
        """Refused: wrong_state when nothing was offered."""
        ...

    async def discard(self, officer: Officer) -> None: ...

    async def forget(self, officer: Officer) -> None:
        """Tiles are shown again."""
        ...

    async def back(self, officer: Officer) -> None:
        """The map before is in force again. Refused: wrong_state when there is none."""
        ...


MAPS: web.AppKey[OfficeMaps] = web.AppKey("maps", OfficeMaps)


class Outbox(Protocol):
    async def messages(
        self, officer: Officer, page: int = 1, outcome: str = "", provider: str = ""
    ) -> tuple[Sequence[Message], int]:
        """`outcome`: "waiting" | "sent" | "arrived" | "dead"; `provider`: the connection that took it; "": all."""
        ...

    async def sums(self, officer: Officer) -> Sequence[MessageSums]:
        """Of the last thirty days."""
        ...

    async def resend(self, officer: Officer, message: str) -> None:
        """Put a failed or dead message back into the queue."""
        ...


class MessageTemplates(Protocol):
    """What an administrator's own office registers with carriers that take templates only. Refused: not_found."""

    async def chosen(self, officer: Officer) -> Mapping[str, int]:
        """Names of such connections of the office."""
        ...

    async def listed(self, officer: Officer, connection: str, language: str) -> Sequence[MessageTemplate]: ...

    async def one(self, officer: Officer, connection: str, name: str, language: str) -> MessageTemplate: ...

    async def enter(
        self, officer: Officer, connection: str, name: str, language: str, code: str, written: str, state: str
    ) -> None:
        """A code of "" takes it out. Refused: too_long, bad_choice (field)."""
        ...


class Hooks(Protocol):
    """An administrator's own office only."""

    @property
    def possible(self) -> bool:
        """Whether the installation allows any address."""
        ...

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        """Its id, and its secret, told this once. Refused: missing · foreign_address (422)."""
        ...

    async def hooks(self, by: Officer) -> Sequence[Hook]: ...

    async def undelivered(self, by: Officer) -> Sequence[Undelivered]:
        """The newest first, so many as fit a page."""
        ...

    async def revoke(self, by: Officer, hook: str) -> None:
        """Refused(404): not_found."""
        ...

    async def resend(self, by: Officer, delivery: str) -> None:
        """Refused(404): not_found."""
        ...


class Systems(Protocol):
    async def issue(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        """A new token for the administrator's office, told this once; its digest is kept. `last`: the day until whose
        end it is good, today to a year from now. Refused: missing (field name, scopes), bad_day."""
        ...

    async def issue_screen(self, by: Officer, name: str, last: date) -> str:
        """A big screen's: it opens `/screen` and nothing else. Refused as `issue`."""
        ...

    async def issue_own(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        """As `issue`, of the officer's own, with scopes among `OWN_SCOPES` of their role that are not withheld."""
        ...

    async def own(self, by: Officer) -> list[SystemToken]:
        """The officer's own, the newest first."""
        ...

    async def revoke_own(self, by: Officer, token: str) -> None:
        """Refused(404): not_found."""
        ...

    async def tokens(self, by: Officer) -> list[SystemToken]:
        """Of the administrator's office, the newest first."""
        ...

    async def revoke(self, by: Officer, token: str) -> None:
        """From now on it opens nothing. Refused(404): not_found."""
        ...

    async def system(self, token: str) -> System | None:
        """Who speaks with this token; None for one that is unknown, or whose officer is let in nowhere. Refused(401):
        token_revoked, token_over."""
        ...

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The complaint's id, and whether it was made just now. `digest`: of the request's body.

        The same key registers once, however often it is sent. Refused(409): key_reused, when the body is another one;
        otherwise as `Complaints.register`.
        """
        ...


class Intake(Protocol):
    async def admit(self, by: Officer, name: str, channel: str) -> tuple[str, str]:
        """A new sender for the administrator's office: its id, and its secret, told this once. Refused: missing."""
        ...

    async def senders(self, by: Officer) -> Sequence[Sender]:
        """Of the administrator's office, the newest first."""
        ...

    async def renew(self, by: Officer, sender: str) -> str:
        """A new secret, told this once; the one before it stays good for a day. Refused(404): not_found."""
        ...

    async def revoke(self, by: Officer, sender: str) -> None:
        """From now on nothing it signs counts. Refused(404): not_found."""
        ...

    async def known(self, sender: str, channel: str, timestamp: str) -> None:
        """Before a body is read. Refused(401): bad_signature for one nobody knows, stale (seconds: how old at most)."""
        ...

    async def take(self, channel: str, request: Signed) -> Answer:
        """Its rows as a batch of the sender's office, once for each key.

        Refused: bad_signature (401) · stale (401) · replayed (409) · key_reused (409) · bad_request (422, field, and
        most when there are too many rows) · busy (503): the same request is being read already.
        """
        ...


class Cells(Protocol):
    """Other installations, each a bureau's: what goes to them and comes from them (`server.cells`)."""

    @property
    def possible(self) -> bool:
        """Whether the installation allows any address."""
        ...

    async def own(self) -> OwnCell:
        """Refused(503): busy, while there is no key to sign with."""
        ...

    async def cells(self, by: Officer) -> Sequence[KnownCell]:
        """Those of the officer's office, by name."""
        ...

    async def admit(self, by: Officer, name: str, address: str, key: str, relation: str) -> KnownCell:
        """Known from now on, or known otherwise. Refused: not_allowed, missing, too_long, bad_choice (field),
        foreign_address (422)."""
        ...

    async def revoke(self, by: Officer, cell: str) -> None:
        """Refused(404): not_found."""
        ...

    async def test(self, by: Officer, cell: str) -> tuple[str, str]:
        """("", the office that answered), or why none did. Refused(404): not_found."""
        ...

    async def untaken(self, by: Officer) -> Sequence[UntakenDelivery]:
        """What was tried in vain and is tried again, the oldest first."""
        ...

    async def send(self, officer: Officer, complaint: str, cell: str, reason: str) -> None:
        """Refused: not_found, not_allowed, bad_choice (to), wrong_state, missing, too_long, too_large (413)."""
        ...

    async def give_back(self, officer: Officer, complaint: str, reason: str) -> None:
        """Refused: too_late (409) once the period for the decision is over; else as `send`."""
        ...

    async def knows(self, signature: str) -> str:
        """Who says that they signed, where that is an installation we let in; else ""."""
        ...

    async def answer(self, body: bytes, signature: str) -> tuple[int, str, str]:
        """Status, body and signature."""
        ...

    async def take_file(
        self, transfer: str, sha256: str, signature: str, length: int | None, read: Callable[[], Awaitable[bytes]]
    ) -> tuple[int, str]:
        """Status, and why not; `read` is called once it is known that the file is wanted."""
        ...


class CellFigures(Protocol):
    """Figures of the installations below, for supervisors."""

    async def below(self, officer: Officer) -> Sequence[KnownCell]: ...

    async def pull_now(self, officer: Officer) -> None: ...

    async def province(self, officer: Officer, name: str) -> ProvinceFigures:
        """`name`: of a month, "2026-11"."""
        ...

    async def one(self, officer: Officer, id: str, name: str, edition: int = 0) -> CellMonth:
        """Edition 0: the newest. Refused(404): not_found."""
        ...


class Connections(Protocol):
    """What the installation is connected to (`server.connections`). Refused: not_allowed to who is no administrator."""

    async def states(self, officer: Officer) -> Sequence[ConnectionState]: ...

    async def test(self, officer: Officer, kind: str, name: str, given: str) -> ConnectionState:
        """How it stands after a try; `given`: the number or address it wants. Refused(404): not_found."""
        ...


CONNECTIONS: web.AppKey[Connections] = web.AppKey("connections", Connections)
CELLS: web.AppKey[Cells] = web.AppKey("cells", Cells)
CELL_FIGURES: web.AppKey[CellFigures] = web.AppKey("cell_figures", CellFigures)


OFFICES: web.AppKey[Offices] = web.AppKey("offices", Offices)
ROSTER: web.AppKey[OfficeRoster] = web.AppKey("roster", OfficeRoster)


HOLIDAYS: web.AppKey[Holidays] = web.AppKey("holidays", Holidays)


SCRIPT_CARDS: web.AppKey[ScriptCards] = web.AppKey("script_cards", ScriptCards)
JURISDICTIONS: web.AppKey[Jurisdictions] = web.AppKey("jurisdictions", Jurisdictions)


OUTBOX: web.AppKey[Outbox] = web.AppKey("outbox", Outbox)
MESSAGE_TEMPLATES: web.AppKey[MessageTemplates] = web.AppKey("message_templates", MessageTemplates)


HOOKS: web.AppKey[Hooks] = web.AppKey("hooks", Hooks)


SYSTEMS: web.AppKey[Systems] = web.AppKey("systems", Systems)


INTAKE: web.AppKey[Intake] = web.AppKey("intake", Intake)
