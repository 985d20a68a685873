"""What signing and its copies stand on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from complaints.service import ComplaintService
from journal import Journal
from law.library import Library
from rooms.live.sessions import Sessions
from server.documents.parties import Open
from server.evidence.timestamps import TimestampAuthority
from server.identity.store import IdentityStore
from server.outbox.service import Outbox
from server.outbox.store import MessageStore
from server.signing.codes import SigningCodes, Tickets
from server.signing.notice_copies import SentNotices
from server.signing.papers import PaperRenderer
from server.signing.papers_on_file import PapersOnFile
from server.signing.seal_keys import SealKeys


@dataclass(frozen=True, slots=True)
class SigningServices:
    """What the desk stands on."""

    journal: Journal
    complaints: ComplaintService
    sessions: Sessions
    offices: IdentityStore
    codes: SigningCodes
    papers: PapersOnFile
    press: PaperRenderer
    seals: SealKeys
    stamps: TimestampAuthority | None
    outbox: Outbox
    messages: MessageStore
    tickets: Tickets
    notices: SentNotices
    open: Open  # what the file keeps sealed
    library: Callable[[], Awaitable[Library]]  # with the official texts that offices imported
    now: Callable[[], datetime]
    public_url: str
    language: str = "zh"
