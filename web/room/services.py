"""What the room's pages ask for: exhibits, signing, a mediator's own notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiohttp import web

from complaints.views import PrintedPaper
from offices.people import Officer
from rooms.views import (
    CopyRow,
    CopyVisit,
    Guest,
    Handwriting,
    NewExhibit as Wanted,
    PrivateNote,
    SeatedPerson as Sitter,
    SignerRow,
    SigningVisit,
    ToSign,
    UploadState as Coming,
)


class Exhibits(Protocol):
    """Refused with `not_in_room`, `not_allowed`, `unknown_upload`, `bad_exhibit` (params: problem), `too_much`,
    `too_many_exhibits`, and what the room's rules say; ReserveReached where a file would touch the disk's reserve."""

    async def begin(self, who: Sitter, wanted: Wanted) -> Coming: ...

    async def state(self, who: Sitter, upload: str) -> Coming: ...

    async def append(self, who: Sitter, upload: str, file: int, at: int, content: bytes) -> Coming:
        """The next bytes of a file, safe when it returns. Refused(409) out_of_step (params: received) when `at` is not
        where the file ends; bytes that are there already change nothing."""
        ...

    async def finish(self, who: Sitter, upload: str) -> str:
        """Looked at, made ready, sealed and offered: the exhibit's id. Asked again it answers the same."""
        ...

    async def cancel(self, who: Sitter, upload: str) -> None: ...

    async def bring(self, who: Sitter, officer: Officer, attachment: str) -> str:
        """An attachment of the session's complaint becomes an exhibit: its id."""
        ...


class PrivateNotes(Protocol):
    """Only of the officer who conducts the session. Refused: not_found."""

    async def read(self, officer: Officer, session: str) -> PrivateNote: ...

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        """`seen`: the edition this page showed. Refused: note_changed (409) when another page wrote since, too_long."""
        ...


class SigningByLink(Protocol):
    """Without a room: `server.signing.by_link`. A link or ticket that is over is Refused(410)."""

    async def ask(self, officer: Officer, session: str) -> None: ...

    async def signers(self, officer: Officer, session: str) -> Sequence[SignerRow]: ...

    async def visit(self, secret: str) -> SigningVisit: ...

    async def send_code(self, secret: str, ip: str) -> str: ...

    async def open(self, secret: str, code: str, ip: str) -> ToSign: ...

    async def look(self, ticket: str) -> ToSign: ...

    async def sign(self, ticket: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """By hand, or by the typed name alone. DomainError: bad_ink, other_text, not_signing …"""
        ...

    async def refuse(self, ticket: str, reason: str) -> None: ...


class Signing(Protocol):
    async def offer(self, officer: Officer, session: str) -> str:
        """The text's hash. DomainError: not_agreed, nobody_there, in_caucus, sealed. Refused(404)."""
        ...

    async def text(self, session: str, text: str, seat: str = "") -> Mapping[str, Any]:
        """What is read and signed, for the mediator or a seat. Who speaks for no side reads it with people's numbers
        masked. Refused(404, 500 "unreadable")."""
        ...

    async def send_code(self, guest: Guest, text: str, ip: str) -> str:
        """The masked number. Refused: no_phone, too_many_codes; DomainError: not_signing, other_text."""
        ...

    async def sign(self, guest: Guest, text: str, code: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """`code` may be "" for somebody already confirmed. Refused: bad_code …; DomainError: bad_ink, out_of_order …"""
        ...

    async def sign_as_mediator(
        self, officer: Officer, session: str, text: str, name: str, drawn: Handwriting | None
    ) -> None: ...

    async def seal(self, officer: Officer, session: str, text: str) -> None:
        """DomainError: out_of_order, other_text. Refused: no_seal, unprintable."""
        ...

    async def file(self, officer: Officer, session: str) -> None:
        """Make and seal the record of a session that is over. DomainError: wrong_state; Refused: no_seal …"""
        ...

    async def documents(self, session: str) -> Sequence[CopyRow]: ...

    async def copy_for_guest(self, guest: Guest, document: str) -> PrintedPaper: ...

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> PrintedPaper: ...

    async def visit(self, secret: str) -> CopyVisit:
        """Refused(410): the link is over or none of ours. Looking uses nothing up."""
        ...

    async def send_copy_code(self, secret: str, ip: str) -> str: ...

    async def open_copies(self, secret: str, code: str, ip: str) -> Sequence[CopyRow]:
        """With tickets. Refused: bad_code …"""
        ...

    async def copy_by_ticket(self, ticket: str) -> PrintedPaper:
        """Refused(410) when it is over."""
        ...


EXHIBITS: web.AppKey[Exhibits] = web.AppKey("exhibits", Exhibits)


PRIVATE_NOTES: web.AppKey[PrivateNotes] = web.AppKey("private_notes", PrivateNotes)


SIGNING: web.AppKey[Signing] = web.AppKey("signing", Signing)


SIGNING_BY_LINK: web.AppKey[SigningByLink] = web.AppKey("signing_by_link", SigningByLink)
