"""Work on a case's texts: side by side, gone through place by place (`CaseWork`), and commented by a lawyer
(`LawyerDesk`).

A lawyer has a personal link and a code; both are those of seats (`server.identity.link_store`), under the name
`case/<case>`: looking at a link changes nothing, one device has it, the phone the office was given gets the code. A
lawyer sees the approved texts and nothing else: not the file, not the raw texts, not who it was.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from casebook import PENDING, TEXTS, CaseState, MarkedSpan, masked, sides, stream
from casebook.commands import (
    LAWYER,
    Approve,
    BadSpan,
    DecideSpan,
    DecideSpans,
    GiveComment,
    InviteLawyer,
    MarkSpan,
    UnknownCase,
    UnmarkSpan,
    WithdrawInvitation,
)
from casebook.decisions import CaseService
from casebook.events import Invitation
from casebook.file import CaseFile, fold, working
from casebook.views import LawyerPage, SpokenFact, TextSide, Workbench, WorkText
from complaints.complaint import local_day
from complaints.record.identifiers import PHONE, masked_phone, normal_phone, textable
from journal import Actor, Event
from journal.refusals import DomainError, Refused
from offices import Office, Officer
from recordings.transcripts.condensing import Rule, condense
from recordings.transcripts.statements import RecordStatement, second, stated, stopped
from rooms.events import history, stream as session_stream
from rooms.record.minutes import SIDES
from rooms.session import Session, fold as fold_session
from server.casebook.service import CaseServices, OfficeCases, case_refusal, left_of, refused
from server.identity import Seal, digest, link_secret
from server.identity.codes import OnePhone, OneTime
from server.identity.link_store import Link, LinkStore
from server.identity.store import IdentityStore

MOST_SPOKEN: Final = 40
_FACTS: Final = frozenset({Rule.FACT, Rule.CLAIM, Rule.ADMISSION, Rule.DENIAL, Rule.AMOUNT})


class CaseWorkbench:
    def __init__(self, services: CaseServices, desk: OfficeCases) -> None:
        self._at, self._desk, self._texts = services, desk, desk.texts

    async def workbench(self, officer: Officer, case: str) -> Workbench:
        from casebook.deidentifying.businesses import hints

        page, file = await self._desk.worked(officer, case)
        raw = await self._texts.of(case)
        texts = []
        masked: dict[str, str] = {}
        for name in TEXTS:
            original, text = file.originals.get(name), raw.get(name, "")
            spans = original.spans if original is not None and original.length == len(text) else ()
            cut = [TextSide(*one) for one in sides(text, spans)]
            masked[name] = "".join(side.put for side in cut)
            texts.append(WorkText(name, text, cut, original.pending if original is not None else 0))
        found = await asyncio.to_thread(hints, masked)
        spoken = [fact for fact, _ in await self._spoken(officer, file, raw)]
        return Workbench(page, texts, found, file.pending, spoken)

    async def add_spoken(self, officer: Officer, case: str, session: str, line: str) -> None:
        """The sentence is put at the end of its text, and looked through like everything else there."""
        _, file = await self._desk.worked(officer, case)
        raw = await self._texts.of(case)
        for fact, said in await self._spoken(officer, file, raw):
            if (fact.session, fact.line) == (session, line):
                text = "\n".join(filter(None, (raw.get(fact.field, ""), f"{fact.who}：{stopped(said)}")))
                await self.write(officer, case, {fact.field: text})
                return
        raise Refused("not_found", 404)

    async def _spoken(self, officer: Officer, file: CaseFile, raw: Mapping[str, str]) -> list[tuple[SpokenFact, str]]:
        """What the records of its mediations quote of facts and claims, and is not in the texts yet; each as it would
        be read, and as it was said. Of mediations that the officer conducted; a supervisor of all."""
        if self._at.transcripts is None or file.state is not CaseState.DRAFT or file.editions:
            return []
        if file.begun.origin != "complaint":
            return []
        complaint = await self._at.complaints.state(file.begun.source)
        there = "".join(raw.values())
        quoted: list[tuple[Session, RecordStatement]] = []
        for session in complaint.sessions:
            transcript = await self._at.transcripts.of(session)
            if transcript is None:
                continue
            told = history(await self._at.journal.read(session_stream(session)))
            state = fold_session(told)
            if state is None or not (officer.role == "supervisor" or state.mediator == officer.id):
                continue
            draft = await asyncio.to_thread(condense, transcript, told)
            quoted += [
                (state, one)
                for one in stated(draft, state.statements)
                if one.taken and one.line.side is not None and not one.line.written
                if _FACTS & set(one.line.rules) and one.text not in there
            ]
        quoted = quoted[:MOST_SPOKEN]
        asked = {**raw, **{f"spoken {n}": one.text for n, (_, one) in enumerate(quoted)}}
        spans = await self._at.text.look(asked, await self._desk.known(officer, file)) if quoted else {}
        found = []
        for n, (state, one) in enumerate(quoted):
            field = "claims" if Rule.CLAIM in one.line.rules else "facts"
            at = second(state, one.line.begins)
            side = one.line.side
            assert side is not None
            put = masked(one.text, spans[f"spoken {n}"])
            found.append((SpokenFact(state.id, one.line.line, SIDES[side], put, field, at), one.text))
        return found

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None:
        _, file = await self._desk.worked(officer, case)
        if file.state is not CaseState.DRAFT:
            raise Refused("wrong_state", 409)
        raw = await self._texts.of(case)
        changed = {name: text.strip() for name, text in texts.items() if raw.get(name, "") != text.strip()}
        if not changed:
            return
        before = {
            (name, raw[name][span.start : span.end]): span
            for name, original in file.originals.items()
            if name in raw
            for span in original.spans
        }
        known = await self._desk.known(officer, file)
        with case_refusal():
            await self._texts.keep(
                case, {**raw, **changed}, known, before, officer.actor, only=set(changed),
                standing={name: original.spans for name, original in file.originals.items() if raw.get(name)},
            )  # fmt: skip

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None:
        await self._desk.ask(officer, case, DecideSpan(field, span, verdict, put))

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        _, file = await self._desk.worked(officer, case)
        return await self._decide_each(officer, case, _open(file, field=field), verdict)

    async def decide_kind(self, officer: Officer, case: str, kind: str, verdict: str) -> int:
        _, file = await self._desk.worked(officer, case)
        return await self._decide_each(officer, case, _open(file, kind=kind), verdict)

    async def take_back(self, officer: Officer, case: str, since: int) -> int:
        page, file = await self._desk.worked(officer, case)
        before = fold(entry for entry in page.history if entry.version <= since)
        if before is None:
            return 0
        each = tuple(_undoing(before, file, page.history, since, officer.id))
        if each:
            await self._desk.ask(officer, case, DecideSpans(each))
        return len(each)

    async def _decide_each(
        self, officer: Officer, case: str, which: Sequence[tuple[str, MarkedSpan]], verdict: str
    ) -> int:
        each = tuple(DecideSpan(name, span.id, verdict) for name, span in which)
        if each:
            await self._desk.ask(officer, case, DecideSpans(each))
        return len(each)

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        from casebook.deidentifying import chinese
        from casebook.deidentifying.looking import guessed  # a hundred patterns to compile

        _, file = await self._desk.worked(officer, case)
        words, count = words.strip(), 0
        if not 1 <= len(words) <= 200:
            raise Refused("bad_span", 400)
        raw = {name: text for name, text in (await self._texts.of(case)).items() if name in file.originals}
        named = {
            raw[name][span.start : span.end]: span.put
            for name in raw
            for span in file.originals[name].spans
            if span.kind in ("name", "organisation")
        }
        said = [text for text in raw.values() if words in text]
        kind, meant, called = guessed(words, named, english=bool(said) and not any(map(chinese, said)))
        with case_refusal():
            for name, text in raw.items():
                original, taken = file.originals[name], [(span.start, span.end) for span in file.originals[name].spans]
                for start, end, rest in left_of(text, (words, *called), taken):
                    command = MarkSpan(
                        name, start, end, put.strip() or (REST if rest else meant), original.digest, kind
                    )
                    await self._at.cases.submit(case, command, officer.actor)
                    taken.append((start, end))
                    count += 1
            if not count:
                raise BadSpan
        return count

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None:
        await self._desk.ask(officer, case, UnmarkSpan(field, span))

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None:
        _, file = await self._desk.worked(officer, case)
        raw = await self._texts.of(case)
        hidden = (masked(raw[name], original.spans).strip() for name, original in file.originals.items() if name in raw)
        residues = {} if anyway or file.pending else await self._at.text.residues(hidden)
        originals = {name: (text, self._texts.digest(text)) for name, text in raw.items()}
        await self._desk.ask(officer, case, Approve(originals, anyway, residues))


def _open(file: CaseFile, field: str = "", kind: str = "") -> list[tuple[str, MarkedSpan]]:
    """Places nobody decided about, of one text or of one kind."""
    return [
        (name, span)
        for name, original in file.originals.items()
        for span in original.spans
        if span.verdict == PENDING and field in ("", name) and kind in ("", span.kind)
    ]


def _undoing(
    before: CaseFile, now: CaseFile, history: Sequence[Event], since: int, officer: str
) -> Iterator[DecideSpan | UnmarkSpan]:
    """What puts back what this officer decided after `since`, where the text is still the same one."""
    seen: set[tuple[str, str]] = set()
    for entry in history:
        if entry.version <= since or entry.actor.id != officer or entry.type not in ("SpanDecided", "SpanMarked"):
            continue
        name, id_ = entry.data["field"], entry.data["span"]
        if not isinstance(id_, str):  # marked by hand: the span itself
            id_ = f"{id_['start']}-{id_['end']}"
        original, earlier = now.originals.get(name), before.originals.get(name)
        span = original.span(id_) if original is not None else None
        if span is None or (name, id_) in seen:
            continue
        seen.add((name, id_))
        was = earlier.span(id_) if earlier is not None and original and earlier.digest == original.digest else None
        if entry.type == "SpanMarked":
            yield UnmarkSpan(name, id_)
        elif was is not None:
            yield DecideSpan(name, id_, was.verdict, was.put)


REST: Final = "某"
"""Put for what of marked words stood beside a place that rules had found: of 孔令军 the 军."""


PREFIX: Final = stream("")
LONGEST: Final = 60  # days a link is good for
OPEN: Final = frozenset({CaseState.APPROVED, CaseState.REVIEW})
_KEPT: Final = "link"


@dataclass(frozen=True, slots=True)
class LawyerServices:
    store: LinkStore
    offices: IdentityStore
    cases: CaseService
    desk: OfficeCases
    codes: OneTime
    seal: Seal
    now: Callable[[], datetime]
    public_url: str


class LawyerLinks(OnePhone[LawyerPage]):
    def __init__(self, services: LawyerServices) -> None:
        super().__init__(services.store, services.codes, services.seal, services.now, PREFIX, "comment")
        self._at = services

    # ------------------------------------------------------------ the office

    async def invite(self, officer: Officer, case: str, name: str, firm: str, phone: str, until: date) -> str:
        at, zone = self._at, officer.office.zone
        try:
            number = normal_phone(phone)
        except DomainError:
            raise Refused("bad_phone", 400) from None
        if not textable(number):
            raise Refused("bad_phone", 400)
        now = at.now()
        today = local_day(now, zone)
        if not today < until <= today + timedelta(days=LONGEST):
            raise Refused("bad_choice", 400, field="until")
        expires = datetime.combine(until, time(23, 59, 59), ZoneInfo(zone))
        secret, invitation = link_secret(), uuid.uuid4().hex
        await at.desk.ask(officer, case, InviteLawyer(invitation, name, firm, expires))
        await at.store.issue(
            Link(
                id=invitation,
                office=officer.office.id,
                session=PREFIX + case,
                seat=invitation,
                secret_hash=digest(secret),
                secret_sealed=at.seal.seal(secret, _KEPT),
                phone_sealed=at.seal.seal(number, PHONE),
                phone_masked=masked_phone(number),
                created=now,
                created_by=officer.id,
                expires=expires,
            )
        )
        return self._url(secret)

    async def link(self, officer: Officer, case: str, invitation: str) -> str:
        page = await self._at.desk.page(officer, case)
        if page.file is None:
            raise Refused("not_found", 404)
        for link in await self._at.store.live(PREFIX + case, self._at.now()):
            if link.seat == invitation:
                return self._url(self._at.seal.open(link.secret_sealed, _KEPT))
        return ""

    async def withdraw(self, officer: Officer, case: str, invitation: str) -> None:
        await self._at.desk.ask(officer, case, WithdrawInvitation(invitation))
        await self._at.store.revoke(PREFIX + case, invitation, "withdrawn", self._at.now())

    # ------------------------------------------------------------ the lawyer

    async def comment(self, token: str, text: str) -> None:
        link, page = await self._inside(token)
        actor = Actor("party", link.seat, page.name, LAWYER, link.office)
        try:
            await self._at.cases.submit(link.session.removeprefix(PREFIX), GiveComment(link.seat, text), actor)
        except DomainError as no:
            raise refused(no) from None

    # ------------------------------------------------------------ steps of the above

    async def _page(self, link: Link, verified: bool) -> LawyerPage:
        case = link.session.removeprefix(PREFIX)
        office = await self._office(link)
        file, invitation = await self._invited(case, link)
        self._good(link, office, bool(invitation.withdrawn), verified)
        return LawyerPage(
            office=office,
            name=invitation.name,
            phone=link.phone_masked,
            verified=verified,
            expires=link.expires,
            open=file.state in OPEN,
            case=working(case, file) if verified and file.texts else None,
            comment=invitation.comment if verified else "",
        )

    async def _invited(self, case: str, link: Link) -> tuple[CaseFile, Invitation]:
        try:
            file = await self._at.cases.state(case)
        except UnknownCase:
            raise Refused("link_unknown", 404) from None
        invitation = file.invitation(link.seat)
        if invitation is None:
            raise Refused("link_unknown", 404)
        return file, invitation

    async def _office(self, link: Link) -> Office:
        office = await self._at.offices.office(link.office)
        if office is None:
            raise Refused("link_foreign", 404)
        return office

    def _url(self, secret: str) -> str:
        return f"{self._at.public_url}/l/{secret}"
