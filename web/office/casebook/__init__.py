"""Pages of the casebook: shelves, a case being made, the board's queue, notes, exchange, and a lawyer's own page.

Here is what pages ask about cases (making, sharing, searching, the year's book), and what they call things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Protocol

from aiohttp import web

from casebook import Case
from casebook.collections import NoteEdition, OwnTopic
from casebook.commands import CaseCommand
from casebook.events import Sheet
from casebook.search import Filters
from casebook.views import (
    Book,
    CaseList,
    CasePage,
    CollectionRow,
    ComplaintAccount as Account,
    CutAct as Act,
    CutPage,
    FoundCase,
    LawyerPage,
    NotePage,
    NoteRow,
    SimilarCases as Alike,
    WaitingCut,
    Workbench,
)
from law.catalogue import Days
from offices import Officer
from web.i18n import N_
from web.links import CodeDesk

STATES: Final[Mapping[str, str]] = {
    "draft": N_("Being de-identified"),
    "approved": N_("Names nobody, approved"),
    "review": N_("With the board"),
    "published": N_("On the shelf"),
    "withdrawn": N_("Withdrawn"),
}
TONES: Final[Mapping[str, str]] = {"approved": "ok", "review": "warn", "published": "act", "withdrawn": "seal"}
TEXTS: Final[Mapping[str, str]] = {
    "title_zh": N_("Title in Chinese"),
    "title_en": N_("Title in English"),
    "facts": N_("What happened"),
    "claims": N_("What each side asked for"),
    "process": N_("How it was handled"),
    "outcome": N_("How it ended"),
    "experience": N_("What a colleague can learn"),
    "comment": N_("Lawyer’s comment"),
}
KINDS: Final[Mapping[str, str]] = {
    "name": N_("A name"),
    "phone": N_("Phone number"),
    "id": N_("Identity document"),
    "bank": N_("Bank account"),
    "account": N_("Account"),
    "order": N_("Order or document number"),
    "code": N_("Credit code"),
    "plate": N_("Number plate"),
    "email": N_("E-mail"),
    "link": N_("Link"),
    "number": N_("Number"),
    "address": N_("Address"),
    "organisation": N_("Business"),
    "amount": N_("Amount"),
    "date": N_("Day"),
    "time": N_("Time of day"),
    "institution": N_("School, hospital, authority"),
    "other": N_("Marked by hand"),
}
HINTS: Final[Mapping[str, str]] = {
    "age": N_("An exact age: is it needed?"),
    "office": N_("An office or calling that few have"),
    "unique": N_("It was in the news, or there is only one"),
    "health": N_("Somebody’s health"),
    "institution": N_("A school, hospital or authority by its name"),
    "place": N_("A place: how many live there?"),
    "quoted": N_("Words in quotation marks can be looked up"),
    "number": N_("Digits that are still there"),
    "time": N_("A time of day"),
    "relation": N_("A family relation that few have"),
}
CHECKS: Final[Mapping[str, str]] = {
    "nobody_known": N_("Nobody in it can be known, even by neighbours or colleagues"),
    "both_sides": N_("Both sides’ views are told fairly"),
    "outcome_true": N_("The outcome is the one on file"),
    "law_in_force": N_("Each article was read, and was in force on the day"),
    "useful": N_("A colleague would act differently for having read it"),
}
GAPS: Final[Mapping[str, str]] = {
    "title_en": N_("No English title"),
    "experience": N_("What a colleague can learn is thin"),
    "articles": N_("No article is cited"),
    "tags": N_("No issue is tagged"),
    "industry": N_("No trade"),
    "problem": N_("No problem"),
    "comment": N_("No lawyer has commented"),
    "figures": N_("Claimed or settled amount is missing"),
}
ORIGINS: Final[Mapping[str, str]] = {
    "complaint": N_("Drawn from a complaint"),
    "document": N_("From a Word file"),
    "exchange": N_("From an exchange file"),
    "sample": N_("Sample"),
}
TOPIC_STEPS: Final[Mapping[str, str]] = {
    "TopicAdded": N_("Topic added"),
    "TopicWithdrawn": N_("Withdrawn"),
    "TopicRestored": N_("Offered again"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "CaseBegun": N_("Begun"),
    "SheetFilled": N_("Classified"),
    "TextWritten": N_("Text written: %(field)s"),
    "SpanDecided": N_("Place decided: %(field)s"),
    "SpanMarked": N_("Place marked by hand: %(field)s"),
    "SpanUnmarked": N_("Mark removed: %(field)s"),
    "CaseApproved": N_("Texts approved"),
    "ApprovalTakenBack": N_("Approval taken back"),
    "LawyerInvited": N_("Lawyer invited: %(name)s"),
    "InvitationWithdrawn": N_("Invitation withdrawn"),
    "CommentGiven": N_("Comment received"),
    "CommentTaken": N_("Comment used"),
    "CommentDropped": N_("Comment not used"),
    "SentToBoard": N_("Sent to the board"),
    "TakenFromBoard": N_("Taken back from the board"),
    "SentBack": N_("Sent back by the board"),
    "CasePublished": N_("Edition %(edition)s published"),
    "CaseWithdrawn": N_("Withdrawn"),
    "WithdrawalUndone": N_("Withdrawal undone"),
    "RevisionBegun": N_("New edition begun"),
    "RevisionDropped": N_("New edition dropped"),
    "ContentErased": N_("Content erased"),
}
WHY_FILE: Final[Mapping[str, str]] = {
    "large": N_("It is larger than 16 MB."),
    "kind": N_("It is neither a Word file (DOCX) nor an exchange file (JSON)."),
    "old": N_("It is an old Word file (.doc), or behind a password. Open it in Word or WPS and save it as .docx."),
    "bomb": N_("It unpacks to far more than a text has."),
    "sample": N_(
        "There are invented cases in it, of a demo or brought along by the program; nobody’s casebook takes those."
    ),
    "hard": N_("Reading it took more memory or time than any ordinary file. Split it and try again."),
    "broken": N_("It is not whole. Save it again and try once more."),
    "macros": N_("It carries macros. Save it without them."),
    "long": N_("It has too many paragraphs. Send it in parts."),
    "empty": N_("No case was found in it. Cases begin with a heading, or with 案例一, 案例二 and so on."),
    "form": N_("A field is not as the form says: %(place)s"),
}


class Casebook(Protocol):
    """Refused: not_found also for another office's case that is not published."""

    async def shelf(self, officer: Officer, problem: str, tag: str, collection: str, page: int) -> CaseList:
        """Published, of every office, the newest first."""
        ...

    async def making(self, officer: Officer, work: str, page: int) -> CaseList:
        """Of the offices the officer works for; `work` "" for all that is not on the shelf."""
        ...

    async def page(self, officer: Officer, case: str) -> CasePage: ...

    async def of_complaint(self, officer: Officer, complaint: str) -> tuple[bool, str]:
        """Whether a case can be made of it, and the one that was ("" for none)."""
        ...

    async def draw(self, officer: Officer, complaint: str) -> str:
        """The new case's id, or the one there is. Refused: wrong_state when the complaint is not closed."""
        ...

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None: ...

    async def revise(self, officer: Officer, case: str, reason: str) -> None: ...

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None: ...


class LawyerDesk(CodeDesk[LawyerPage], Protocol):
    async def invite(self, officer: Officer, case: str, name: str, firm: str, phone: str, until: date) -> str:
        """The link, to be passed on; it is shown again while it stands."""
        ...

    async def link(self, officer: Officer, case: str, invitation: str) -> str: ...

    async def withdraw(self, officer: Officer, case: str, invitation: str) -> None: ...

    async def comment(self, token: str, text: str) -> None: ...


class CaseWork(Protocol):
    """Refused: not_found for another office's."""

    async def workbench(self, officer: Officer, case: str) -> Workbench: ...

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None: ...

    async def add_spoken(self, officer: Officer, case: str, session: str, line: str) -> None:
        """A sentence of the workbench's `spoken` goes into its text. Refused(404) of one that is not offered."""
        ...

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None: ...

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        """Of one text, what was looked at and is still open; how many."""
        ...

    async def decide_kind(self, officer: Officer, case: str, kind: str, verdict: str) -> int:
        """Of all texts, what is of this kind and still open; how many."""
        ...

    async def take_back(self, officer: Officer, case: str, since: int) -> int:
        """What this officer decided after this version of the stream is as it was; how many places."""
        ...

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        """Hide these words wherever they stand, spaced too; how many places. What they are is guessed, and what to put
        where nothing is said. Refused: bad_span when they stand nowhere, or only under what is hidden."""
        ...

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None: ...

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None: ...


class CaseFiles(Protocol):
    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        """Drafts made of an exchange file or a Word compendium; each is still to be looked through."""
        ...

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        """A file name and its content; `form`: "json" | "docx". What is published; one's own approved, not `public`.

        Refused: wrong_state."""
        ...

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        """All that is published, samples left out: every installation has those. Refused: wrong_state for none."""
        ...


class CaseShelves(Protocol):
    async def collections(self, officer: Officer) -> Sequence[CollectionRow]: ...

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        """Begin a collection (`collection` ""), or put a case in or take it out; its id."""
        ...

    async def topics(self) -> Mapping[str, OwnTopic]:
        """Every office's, withdrawn ones too, in the order they were added."""
        ...

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        """Refused: not_allowed for who is no supervisor; missing, too_long, bad_choice with the field."""
        ...

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None: ...

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None: ...

    async def notes(self, officer: Officer) -> Sequence[NoteRow]: ...

    async def note(self, officer: Officer, problem: str) -> NotePage: ...

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        """Refused: case_note_changed when another edition was written meanwhile."""
        ...


class CaseCutting(Protocol):
    """Of the officer's own office. Refused: not_found; case_file as `CaseFiles.take_in`."""

    async def begin(self, officer: Officer, name: str, content: bytes) -> str:
        """Keep a Word file; its id. Refused: too_many while many wait."""
        ...

    async def waiting(self, officer: Officer) -> Sequence[WaitingCut]: ...

    async def look(self, officer: Officer, cut: str, all_of: int = -1) -> CutPage:
        """`all_of`: the place of the case whose lines are all wanted; -2 those before the first."""
        ...

    async def change(self, officer: Officer, cut: str, act: Act, at: int, seen: int) -> None:
        """Refused: bad_choice; case_cut_changed when somebody changed it meanwhile."""
        ...

    async def make(self, officer: Officer, cut: str, seen: int) -> Sequence[str]:
        """Drafts of all that is wanted; asked again after a fall it goes on where it was. Refused: case_cut_changed."""
        ...

    async def drop(self, officer: Officer, cut: str) -> None: ...


class CaseFinder(Protocol):
    """Only of what is published, in every office; samples where they are asked for, or everything is a demo's."""

    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        """Without words, what happened last. Best first otherwise."""
        ...

    async def alike(self, account: Account, days: Days, most: int) -> Alike: ...

    async def case(self, id: str) -> Case | None: ...


class Yearbook(Protocol):
    """For any mediator or supervisor."""

    async def years(self, officer: Officer) -> Sequence[int]:
        """In which something was published, newest first; always this one."""
        ...

    async def book(self, officer: Officer, year: int, everybody: bool, samples: bool) -> Book:
        """Of the officer's office, or of all, dated and counted in the office's zone; `samples`: of nothing else."""
        ...

    async def prefaces(self, officer: Officer, year: int, everybody: bool) -> Sequence[NoteEdition]:
        """As they were kept, the newest first: of the officer's office, or of the book of all."""
        ...

    async def write_preface(self, officer: Officer, year: int, everybody: bool, text: str, why: str, seen: int) -> None:
        """Refused: not_allowed (all offices' is a supervisor's), case_note_changed when overtaken."""
        ...

    async def pdf(self, book: Book, phone: bool) -> bytes: ...

    async def epub(self, book: Book) -> bytes: ...


CASEBOOK: web.AppKey[Casebook] = web.AppKey("casebook", Casebook)


LAWYERS: web.AppKey[LawyerDesk] = web.AppKey("lawyers", LawyerDesk)


CASE_WORK: web.AppKey[CaseWork] = web.AppKey("case_work", CaseWork)


CASE_FILES: web.AppKey[CaseFiles] = web.AppKey("case_files", CaseFiles)


CASE_SHELVES: web.AppKey[CaseShelves] = web.AppKey("case_shelves", CaseShelves)


CASE_CUTTING: web.AppKey[CaseCutting] = web.AppKey("case_cutting", CaseCutting)


CASE_FINDER: web.AppKey[CaseFinder] = web.AppKey("case_finder", CaseFinder)


COMPENDIUM: web.AppKey[Yearbook] = web.AppKey("compendium", Yearbook)
