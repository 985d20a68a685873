"""Pages of complaints: the desk, one complaint, the queue, triage, entering and amending, the procedure, imports.

Here is what the pages ask for, and what they call imports and their fields. Why something was refused says
`complaints.channels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Final, Protocol

from aiohttp import web

from complaints.commands import Command
from complaints.notices.messages import NoteTold
from complaints.procedure import ProcedureCommand
from complaints.record import AttachmentAdded
from complaints.triage import ConfirmTriage
from complaints.views import (
    Contact,
    DueBoard as Board,
    DueCase,
    Foreseen,
    Lookalikes,
    NewComplaint,
    NoticeWish,
    OrdersInUse,
    PrintedPaper as Printed,
    Queue,
)
from law.orders import ROOM
from offices import Officer
from offices.systems import System
from rooms.commands import RecordHeld
from rooms.vocabulary import Role, Side
from web.i18n import N_

OUTCOMES: Final[Mapping[str, str]] = {
    "taken": N_("taken"),
    "updated": N_("updated"),
    "duplicate": N_("known already"),
    "refused": N_("refused"),
    "fixed": N_("taken after mending"),
    "dropped": N_("dropped"),
    "apart": N_("registered apart"),
}
STATES: Final[Mapping[str, str]] = {
    "preview": N_("Only looked at"),
    "queued": N_("Waits"),
    "running": N_("Being read"),
    "done": N_("Done"),
    "failed": N_("Stopped"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
    "discarded": N_("Discarded"),
}
TONES: Final[Mapping[str, str]] = {"done": "ok", "failed": "danger", "undone": "warn"}
SOURCES: Final[Mapping[str, str]] = {
    "file": N_("uploaded"),
    "command": N_("command line"),
    "webhook": N_("sent by a system"),
    "mail": N_("mail drop"),
}

FIELDS: Final[Mapping[str, str]] = {
    "number": N_("Number at its source"),
    "channel": N_("Channel"),
    "kind": N_("Complaint or report"),
    "received": N_("Received"),
    "received_time": N_("Time received"),
    "title": N_("Title"),
    "facts": N_("Facts"),
    "request": N_("Request"),
    "requests": N_("Kinds of request"),
    "amount": N_("Amount"),
    "consumer_name": N_("Consumer: name"),
    "consumer_phone": N_("Consumer: phone"),
    "consumer_other_phone": N_("Consumer: another phone"),
    "consumer_sex": N_("Consumer: sex"),
    "consumer_age_band": N_("Consumer: age"),
    "consumer_id_kind": N_("Consumer: kind of document"),
    "consumer_id_number": N_("Consumer: document number"),
    "consumer_city": N_("Consumer: city"),
    "consumer_address": N_("Consumer: address"),
    "consumer_email": N_("Consumer: e-mail"),
    "business_name": N_("Business: name"),
    "business_contact": N_("Business: contact"),
    "business_phone": N_("Business: phone"),
    "business_city": N_("Business: city"),
    "business_address": N_("Business: address"),
    "credit_code": N_("Business: credit code"),
    "industry": N_("Industry"),
    "industry_code": N_("Industry code"),
    "problem": N_("Problem"),
    "problem_class": N_("Problem class"),
    "division": N_("Division code"),
    "jurisdiction": N_("Jurisdiction"),
    "mode": N_("Way of receipt"),
    "urgency": N_("Why it may not wait"),
    "keywords": N_("Keywords"),
    "secret": N_("Keep the complainant’s name back"),
    "wants_reply": N_("Wants a reply"),
    "object_kind": N_("Goods or service"),
    "object_category": N_("Object: class"),
    "object_name": N_("Object: name"),
    "object_brand": N_("Object: brand"),
    "object_model": N_("Object: model"),
    "object_quantity": N_("Object: quantity"),
    "object_paid": N_("Object: paid"),
    "object_bought": N_("Object: bought on"),
    "object_order_number": N_("Object: order number"),
    "object_platform": N_("Object: platform"),
    "object_shop": N_("Object: shop"),
    "place": N_("Where it happened"),
    "status": N_("Status there"),
    "accepted": N_("Accepted there on"),
    "result": N_("Result there"),
    "finished": N_("Finished there on"),
    "recovered": N_("Recovered there"),
    "channel_due": N_("Its channel’s time limit"),
    "publicity": N_("Marked for publication"),
}

CHANGED: Final[Mapping[str, str]] = {
    **FIELDS,
    "consumer": N_("the consumer"),
    "business": N_("the business"),
    "object": N_("what was bought"),
    "earlier": N_("what another system did"),
    "unknown": N_("words not known here"),
}
"""Parts of a record as a channel's update names them."""


CELL_REPORTS: Final[Mapping[str, str]] = {
    "transfer": N_("Transfer to another bureau"),
    "accepted": N_("Accepted"),
    "refused": N_("Not accepted"),
    "settled": N_("Settled"),
    "ended": N_("Mediation terminated"),
    "withdrawn": N_("The complainant withdraws"),
    "taken_back": N_("A note was taken back"),
    "closed": N_("Complaint closed"),
    "returned": N_("Returned: not theirs"),
}
"""What bureaus tell each other of a complaint (`complaints.record.changes.TOLD_BACK`)."""


class Complaints(Protocol):
    async def register(self, officer: Officer, new: NewComplaint, complaint: str = "") -> str:
        """Complaint id, its own choice unless given.

        Refused: missing, too_long, bad_phone, bad_check, bad_choice (params: field), bad_amount.
        """
        ...

    async def order(self, complaint: str) -> str:
        """Which order applies, "121" or "20": it says what an ending ground's number means, to parties too."""
        ...

    async def accept(self, officer: Officer, complaint: str) -> None: ...

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        """`ground` 1–7 of Order 121 Art 16."""
        ...

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        """Everything promised in the settlement was done. Refused: wrong_state."""
        ...

    async def told(self, officer: Officer, complaint: str, told: NoteTold) -> None:
        """Somebody was told of what was decided, otherwise than by a message.

        Refused: wrong_state, missing, bad_choice, bad_day, too_long (params: field).
        """
        ...

    async def close_file(self, officer: Officer, complaint: str, represented: str = "", paper: str = "") -> None:
        """Nothing more is to be done. `represented`: how those represented in a joint complaint agreed to its
        settlement. `paper`: where the record of the mediation is kept, where none is under seal here.

        Refused: wrong_state, untold, missing, too_long, record_missing.
        """
        ...

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        """The last of these notes was a mistake: "kept", "told" or "closed". Refused: wrong_state, missing."""
        ...

    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str:
        """A full number by its id in `complaints.record`; the look is journaled on the complaint.

        Refused: missing (no reason), bad_choice (no such number on file).
        """
        ...

    async def note_term(self, officer: Officer, complaint: str, session: str, term: int, note: str) -> None:
        """One promise of a settlement was kept. Refused: wrong_state, too_long."""
        ...

    async def take_back_term(self, officer: Officer, complaint: str, session: str, term: int, reason: str) -> None:
        """It was not. Refused: wrong_state, missing (no reason)."""
        ...

    async def take_back_call(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        """Refused: wrong_state, missing, too_long."""
        ...

    async def call_back(
        self,
        officer: Officer,
        complaint: str,
        whom: str,
        reached: bool,
        satisfied: str,
        note: str,
        seen: int | None = None,
    ) -> None:
        """A party was asked how it went (Order 121 Art 26). `seen`: calls that the page showed; the same once more was
        a second press. Refused: wrong_state, bad_choice."""
        ...

    async def amend(self, officer: Officer, complaint: str, new: NewComplaint, seen: int, reason: str) -> None:
        """Correct what is on file. A number left empty stays, "-" removes it; `seen`: amendments the page showed.

        Refused: as `register`, unchanged, wrong_state (somebody else corrected it meanwhile).
        """
        ...

    async def add_contact(
        self, officer: Officer, complaint: str, side: str, contact: Contact, reason: str, known: str = ""
    ) -> None:
        """Put a number or an address of a side on file, as a correction; seats of sessions to come follow. `known`:
        another complaint of the office, whose business's are taken. Refused: bad_phone, missing, bad_choice,
        wrong_state."""
        ...

    async def undo_amendment(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        """Refused: missing (no reason), wrong_state (taken back already, or changed since)."""
        ...

    async def schedule(
        self,
        officer: Officer,
        complaint: str,
        starts: datetime,
        extra: Sequence[tuple[Role, str, str, Side | None]],
        mode: str = ROOM,
        place: str = "",
    ) -> str:
        """A session, in a room or elsewhere (law.orders), with the mediator's, consumer's and business's seats, and
        extra (role, name, phone, side).

        Returns the session id; links are issued separately. Accepts a registered complaint on the way.
        """
        ...

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str: ...


class Attachments(Protocol):
    """Whether an officer may see the complaint is asked before, of `Reads`."""

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        """Its id. Refused: bad_upload (params: why), too_many (params: most), too_long."""
        ...

    async def take(
        self, officer: Officer, complaint: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        """The file, journaled first; `original`: as it was sent. Refused(404): not_found; Refused(500): unreadable."""
        ...

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        """The file goes, the entry stays. Refused: missing (no reason), not_found."""
        ...


class Duplicates(Protocol):
    """Refused(404) for another office's complaint, on either side."""

    async def of(self, officer: Officer, complaint: str) -> Lookalikes: ...

    async def merge(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        """`gone` goes into `kept`, whose number serves both. Refused(409): one of them is past that."""
        ...

    async def undo(self, officer: Officer, kept: str, gone: str, reason: str) -> None: ...

    async def dismiss(self, officer: Officer, complaint: str, other: str, reason: str) -> None:
        """They are two disputes: neither is suggested to the other again."""
        ...


class Notices(Protocol):
    """Another office's complaint is answered like one that does not exist: Refused(404)."""

    async def preview(self, officer: Officer, complaint: str, wish: NoticeWish) -> Printed:
        """As it would be issued now, marked as a draft. Refused: wrong_state, missing, too_long."""
        ...

    async def foreseen(self, officer: Officer, complaint: str, decision: Command, wish: NoticeWish) -> Foreseen:
        """What would be printed and sent if this were decided now. Refused: wrong_state, bad_ground, too_long."""
        ...

    async def issue(self, officer: Officer, complaint: str, wish: NoticeWish) -> str:
        """The notice's number. Refused: wrong_state, notice_standing, missing, too_long, busy."""
        ...

    async def withdraw(self, officer: Officer, complaint: str, notice: str, reason: str) -> None:
        """Refused: missing (params: field), wrong_state."""
        ...

    async def file(self, officer: Officer, complaint: str, notice: str) -> Printed:
        """The very bytes that were issued. Refused(404, 500 "unreadable")."""
        ...


class Procedure(Protocol):
    async def ask(self, officer: Officer, complaint: str, command: ProcedureCommand) -> None:
        """Refused says why not: another office's complaint is not_found, another role's step not_allowed."""
        ...

    async def board(self, officer: Officer, clock: str, now: datetime) -> Board:
        """`clock`: one code, "" for all."""
        ...

    async def orders(self, officer: Officer) -> OrdersInUse: ...

    async def apply_order(self, officer: Officer, reason: str) -> tuple[int, int]:
        """Under the rule of procedure every complaint under way falls under Order 121 from now on, each with the reason
        in its journal: (changed, left for their open sessions). Refused: not_allowed, wrong_state by another rule."""
        ...


class TriageDesk(Protocol):
    async def confirm(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        """Refused: bad_choice (params: field), wrong_state, not_found."""
        ...


class QueueDesk(Protocol):
    async def queue(self, officer: Officer, after: str = "", at: str = "") -> Queue:
        """Oldest due first; behind the position `after`, or the complaint `at` where it waits."""
        ...

    async def hold(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        """Confirm triage, accept and tell by message in ten seconds.

        Refused: bad_choice (params: field), not_reachable, wrong_state, and what accepting refuses.
        """
        ...

    async def colleagues(self, officer: Officer) -> Sequence[tuple[str, str]]:
        """(user id, name) of the mediators of the office, the officer too."""
        ...

    async def assign(self, officer: Officer, complaint: str, to: str) -> None:
        """In ten seconds that mediator of the office handles it. Refused: bad_choice, wrong_state."""
        ...

    async def undo(self, officer: Officer, complaint: str, act: str = "accept") -> None:
        """`act`: "accept" | "assign". Refused(409): too_late."""
        ...

    async def next_due(self, officer: Officer, but: str) -> DueCase | None:
        """The complaint the officer handles that is due first, another than `but`; else the first to accept."""
        ...

    async def dismiss(self, officer: Officer, complaint: str) -> None:
        """The officer has seen that it was not done."""
        ...


class SavedViews(Protocol):
    """Views of the list an officer keeps by name: (name, query of the address)."""

    async def views(self, officer: Officer) -> Sequence[tuple[str, str]]: ...

    async def keep(self, officer: Officer, name: str, query: str) -> None:
        """One of this name is replaced. Refused(409): too_many_views (params: most)."""
        ...

    async def drop(self, officer: Officer, name: str) -> None: ...


class Elsewhere(Protocol):
    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        """A mediation without a room took place; the session it is on file as. Refused: bad_choice, session_open, and
        what rooms.agreement.rules refuses."""
        ...

    async def record_once(
        self, system: System, complaint: str, command: RecordHeld, key: str, digest: str
    ) -> tuple[str, bool]:
        """As `record`, with an officer's own token; the session, and whether it was recorded just now. `digest`: of
        what was asked. The same key records once, however often it is sent. Refused(409): key_reused."""
        ...


COMPLAINTS: web.AppKey[Complaints] = web.AppKey("complaints", Complaints)


ATTACHMENTS: web.AppKey[Attachments] = web.AppKey("attachments", Attachments)


DUPLICATES: web.AppKey[Duplicates] = web.AppKey("duplicates", Duplicates)


NOTICES: web.AppKey[Notices] = web.AppKey("notices", Notices)


PROCEDURE: web.AppKey[Procedure] = web.AppKey("procedure", Procedure)


QUEUE: web.AppKey[QueueDesk] = web.AppKey("queue", QueueDesk)


SAVED_VIEWS: web.AppKey[SavedViews] = web.AppKey("saved_views", SavedViews)


TRIAGE: web.AppKey[TriageDesk] = web.AppKey("triage", TriageDesk)


ELSEWHERE: web.AppKey[Elsewhere] = web.AppKey("elsewhere", Elsewhere)
