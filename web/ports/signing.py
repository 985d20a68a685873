"""Signing in the room and taking a copy afterwards, as pages need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from web.ports.notices import Printed
from web.ports.people import Guest, Office, Officer


@dataclass(frozen=True, slots=True)
class Handwriting:
    """As the pad sent it: points (x, y, pressure in thousandths) in a box; nothing is checked yet."""

    width: int
    height: int
    strokes: Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class CopyRow:
    id: str
    kind: str  # "agreement" | "record" | "failure", or a notice's
    number: str
    at: datetime
    sha256: str
    level: str = "B-B"
    taken: Sequence[str] = ()  # names of those who took theirs
    ticket: str = ""  # opens the file for some minutes, for who came by a code


@dataclass(frozen=True, slots=True)
class CopyVisit:
    """Whose copy a personal link is for. `phone` masked."""

    office: Office
    phone: str
    number: str


@dataclass(frozen=True, slots=True)
class SigningVisit:
    """Whose signature a personal link asks for. `phone` masked, "" when there is none to send a code to."""

    office: Office
    phone: str
    number: str
    signed: bool


@dataclass(frozen=True, slots=True)
class ToSign:
    """`wording` as of server.signing.forms.Wording."""

    ticket: str
    name: str
    wording: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignerRow:
    seat: str
    name: str
    role: str
    signed: datetime | None
    refused: str  # why
    link: str  # to hand over, while they are asked


class SigningByLink(Protocol):
    """Without a room: `server.signing.by_link`. A link or ticket that is over is Refused(410)."""

    async def ask(self, officer: Officer, session: str) -> None: ...

    async def signers(self, officer: Officer, session: str) -> Sequence[SignerRow]: ...

    async def visit(self, secret: str) -> SigningVisit: ...

    async def send_code(self, secret: str, ip: str) -> str: ...

    async def open(self, secret: str, code: str, ip: str) -> ToSign: ...

    async def look(self, ticket: str) -> ToSign: ...

    async def sign(self, ticket: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """By hand, or by the typed name alone. RoomError: bad_ink, other_text, not_signing …"""
        ...

    async def refuse(self, ticket: str, reason: str) -> None: ...


class Signing(Protocol):
    async def offer(self, officer: Officer, session: str) -> str:
        """The text's hash. RoomError: not_agreed, nobody_there, in_caucus, sealed. Refused(404)."""
        ...

    async def text(self, session: str, text: str, seat: str = "") -> Mapping[str, Any]:
        """What is read and signed, for the mediator or a seat. Who speaks for no side reads it with people's numbers
        masked. Refused(404, 500 "unreadable")."""
        ...

    async def send_code(self, guest: Guest, text: str, ip: str) -> str:
        """The masked number. Refused: no_phone, too_many_codes; RoomError: not_signing, other_text."""
        ...

    async def sign(self, guest: Guest, text: str, code: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """`code` may be "" for somebody already confirmed. Refused: bad_code …; RoomError: bad_ink, out_of_order …"""
        ...

    async def sign_as_mediator(
        self, officer: Officer, session: str, text: str, name: str, drawn: Handwriting | None
    ) -> None: ...

    async def seal(self, officer: Officer, session: str, text: str) -> None:
        """RoomError: out_of_order, other_text. Refused: no_seal, unprintable."""
        ...

    async def file(self, officer: Officer, session: str) -> None:
        """Make and seal the record of a session that is over. RoomError: wrong_state. Refused: no_seal, unprintable."""
        ...

    async def documents(self, session: str) -> Sequence[CopyRow]: ...

    async def copy_for_guest(self, guest: Guest, document: str) -> Printed: ...

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> Printed: ...

    async def visit(self, secret: str) -> CopyVisit:
        """Refused(410): the link is over or none of ours. Looking uses nothing up."""
        ...

    async def send_copy_code(self, secret: str, ip: str) -> str: ...

    async def open_copies(self, secret: str, code: str, ip: str) -> Sequence[CopyRow]:
        """With tickets. Refused: bad_code …"""
        ...

    async def copy_by_ticket(self, ticket: str) -> Printed:
        """Refused(410) when it is over."""
        ...
