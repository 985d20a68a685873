"""Files whose years are over: an office's lists of them, what two persons decide, and the certificate of their
destruction.

Whoever draws a list says of each file whether it is destroyed or kept on, and why; a second person agrees to the
whole list or not (`server.oversight`). What was destroyed is noted file by file, so that a crash loses no
account. A list is a pure fold of the entries of `appraisal/<office>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from complaints.views import PrintedPaper
from journal import Actor, Draft, Event, Journal, append_decided, append_next
from journal.refusals import Busy, Refused
from offices import Office, Officer
from offices.oversight import AppraisalItem, AppraisalRow, ApprovalWish, DueFile
from rooms.record.rules import later
from server.documents import NoticeStore, chinese_day
from server.evidence.attesting import TimestampAuthority
from server.identity.store import IdentityStore
from server.oversight import Approval
from server.oversight.service import ApprovalService
from server.retention.erasure import LEADS, PUBLICITY
from server.retention.file_erasure import Expired, FileErasures
from server.signing import Numbered, Paper, PaperRenderer, PaperRow, Passage, seal_mark
from server.signing.certificates import Assurance, SealPanel
from server.signing.seals import NoSeal, SealKeys, assurance_sentence, put_under_seal

STREAM: Final = "appraisal"
LISTED: Final = "AppraisalListed"
"""Data: {"list": id, "number": text, "reason": text, "items": [Item]}."""
DESTROYED: Final = "FileDestroyed"
"""Data: {"list": id, "kind": …, "case": id, "files": n, "bytes": n}."""
LEFT: Final = "FileLeft"
"""Data: {"list": id, "kind": …, "case": id}: something keeps it again, so it was not destroyed."""
CARRIED_OUT: Final = "AppraisalCarriedOut"
"""Data: {"list": id, "approval": id, "second": name, "certificate": SHA-256 of the PDF}."""

MOST: Final = 200  # files of one list
LONGEST: Final = 500  # characters of a reason
KEPT_ON: Final = 10  # years from the day it was decided

Decision = Literal["destroy", "keep"]


@dataclass(frozen=True, slots=True)
class AppraisedFile:
    """`kind`: "files" of a complaint, "leads" or "publicity"; `end` and `due` are days (ISO 8601) of the office."""

    kind: str
    case: str
    name: str
    end: str
    years: int
    due: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class AppraisalList:
    """`destroyed`, `left`: ids of cases. `certificate` is "" until it was carried out."""

    id: str
    number: str
    at: datetime
    by: str
    reason: str
    items: Sequence[AppraisedFile]
    destroyed: Mapping[str, int] = field(default_factory=dict)  # case -> files
    left: frozenset[str] = frozenset()
    done: datetime | None = None
    second: str = ""
    certificate: str = ""


Lists = Mapping[str, AppraisalList]


def fold(entries: Iterable[Event]) -> dict[str, AppraisalList]:
    """By id, in the order they were drawn."""
    lists: dict[str, AppraisalList] = {}
    for entry in entries:
        data, id_ = entry.data, entry.data["list"]
        if entry.type == LISTED:
            items = tuple(AppraisedFile(**item) for item in data["items"])
            lists[id_] = AppraisalList(id_, data["number"], entry.at, entry.actor.name, data["reason"], items)
            continue
        one = lists[id_]
        if entry.type == DESTROYED:
            lists[id_] = replace(one, destroyed={**one.destroyed, data["case"]: data["files"]})
        elif entry.type == LEFT:
            lists[id_] = replace(one, left=one.left | {data["case"]})
        elif entry.type == CARRIED_OUT:
            lists[id_] = replace(one, done=entry.at, second=data["second"], certificate=data["certificate"])
    return lists


def kept_on(lists: Iterable[AppraisalList], now: datetime) -> set[str]:
    """Cases that two persons decided to keep for longer, which are not due again yet."""
    return {
        item.case
        for one in lists
        if one.done is not None and later(one.done, KEPT_ON) > now
        for item in one.items
        if item.decision == "keep"
    }


def to_do(one: AppraisalList) -> list[AppraisedFile]:
    """To be destroyed, and not accounted for yet."""
    return [
        item
        for item in one.items
        if item.decision == "destroy" and item.case not in one.destroyed and item.case not in one.left
    ]


def plain(item: AppraisedFile) -> dict[str, Any]:
    """As the journal has it."""
    return {name: getattr(item, name) for name in AppraisedFile.__slots__}


def destruction_certificate(
    one: AppraisalList, office: Office, second: str, at: datetime, standing: tuple[Assurance, str] | None
) -> Paper:
    """What two persons decided of each file, and what became of it, to be printed under seal.

    `at`: when it was carried out; `standing` of the office's seal, None where it has none.
    """
    day = at.astimezone(ZoneInfo(office.zone)).date()
    destroyed = [item for item in one.items if item.case in one.destroyed]
    others = [item for item in one.items if item.case not in one.destroyed]
    after = [
        Passage("text", f"以上列明销毁的案卷共{len(destroyed)}件，已按清册销毁：案卷密钥销毁，文件删除。"),
        Passage("text", "登记内容和办理经过记在登记簿（日志）里，不在销毁之列。本清册长期保存。"),
    ]
    if any(item.kind == PUBLICITY for item in destroyed):
        after.insert(1, Passage("text", "公示异议材料以本机关统一密钥加封，无单独密钥，文件已删除。"))
    if others:
        after.insert(0, Passage("heading", "未销毁"))
        after[1:1] = [Passage("text", f"{_told(item)}。{_why(one, item)}") for item in others]
    return Paper(
        office=office.issuer,
        title="案卷销毁清册",
        number=one.number,
        rows=(
            *([PaperRow("承办机构", office.name)] if office.name != office.issuer else []),
            PaperRow("鉴定理由", one.reason),
            PaperRow("提出人", one.by),
            PaperRow("同意人", second),
            PaperRow("销毁日期", chinese_day(day)),
        ),
        before=(Passage("heading", "销毁的案卷"),),
        clauses=tuple(
            Numbered(f"第{n}件", f"{_told(item)}，文件{one.destroyed[item.case]}个")
            for n, item in enumerate(destroyed, 1)
        ),
        after=tuple(after),
        hands=(),
        seal=seal_mark(office.issuer, standing is not None),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot=f"案卷销毁清册 {one.number}",
        verify=assurance_sentence(*standing) if standing else "本机关尚未配置电子印章，本清册未盖章；以日志记载为准。",
    )


def _told(item: AppraisedFile) -> str:
    kind = {LEADS: "线索案卷", PUBLICITY: "公示异议材料"}.get(item.kind, "投诉案卷")
    end, due = (chinese_day(date.fromisoformat(day)) for day in (item.end, item.due))
    return f"{kind}{item.name}，保管期限{item.years}年，自{end}起算，{due}期满"


def _why(one: AppraisalList, item: AppraisedFile) -> str:
    return "经鉴定继续保存" if item.decision == "keep" else "销毁前又有事由需要保存，未销毁"


KIND: Final = "destroy"


class AppraisalService:
    """Implements `Appraisals`; sole writer of `appraisal/<office>`.

    Nothing is destroyed without the yes of a second person, and each file is looked at once more right before: what a
    hold, a new step or a longer rule keeps again stays, and the list says so.
    """

    def __init__(
        self,
        journal: Journal,
        files: FileErasures,
        approvals: ApprovalService,
        offices: IdentityStore,
        cabinet: NoticeStore,
        press: PaperRenderer,
        seals: SealKeys,
        stamps: TimestampAuthority | None,
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._files, self._approvals, self._offices = journal, files, approvals, offices
        self._cabinet, self._press, self._seals, self._stamps, self._now = cabinet, press, seals, stamps, now
        approvals.does[KIND] = self._carry_out

    async def due(self, by: Officer) -> Sequence[DueFile]:
        found = await self.expired(by.office.id)
        return [DueFile(one.kind, one.case, one.standing.name, _end(one), one.years, one.due) for one in found.values()]

    async def expired(self, office: str) -> Mapping[str, Expired]:
        """By case: whose years are over, that nobody decided to keep on, and that no list names which waits or is being
        carried out."""
        lists = fold(await self._journal.read(_stream(office))).values()
        taken = kept_on(lists, self._now())
        for one in lists:
            if one.done is None and (
                await self._approvals.waiting(KIND, one.id) or await self._approvals.agreed(KIND, one.id)
            ):
                taken |= {item.case for item in one.items}
        found = await self._files.expired(office, MOST + len(taken))
        return {one.case: one for one in found if one.case not in taken}

    async def lists(self, by: Officer) -> Sequence[AppraisalRow]:
        found = fold(await self._journal.read(_stream(by.office.id)))
        return [await self._row(one) for one in reversed(list(found.values()))]

    async def one(self, by: Officer, list_: str) -> AppraisalRow:
        found = fold(await self._journal.read(_stream(by.office.id))).get(list_)
        if found is None:
            raise Refused("not_found", 404)
        return await self._row(found)

    async def propose(self, by: Officer, token: str, decisions: Mapping[str, str], reason: str) -> str:
        reason = reason.strip()
        if not 0 < len(reason) <= LONGEST:
            raise Refused("missing", 422, field="reason")
        expired = await self.expired(by.office.id)
        if not decisions or len(decisions) > MOST:
            raise Refused("missing", 422, field="files")
        if any(case not in expired for case in decisions):
            raise Refused("changed_since", 409)
        zone, list_ = ZoneInfo(by.office.zone), uuid.uuid4().hex
        items = [
            AppraisedFile(
                expired[case].kind,
                case,
                expired[case].standing.name,
                _end(expired[case]).astimezone(zone).date().isoformat(),
                expired[case].years,
                expired[case].due.astimezone(zone).date().isoformat(),
                "keep" if decision == "keep" else "destroy",
            )
            for case, decision in decisions.items()
        ]
        number = await self._listed(by, list_, items, reason)
        details = {"list": list_, "office": by.office.id}
        await self._approvals.ask(by, token, ApprovalWish(KIND, list_, number, reason, details))
        return list_

    async def certificate(self, by: Officer, list_: str) -> PrintedPaper:
        row = await self.one(by, list_)
        if row.done is None:
            raise Refused("not_found", 404)
        content = await asyncio.to_thread(self._cabinet.get, by.office.id, list_)
        return PrintedPaper(f"案卷销毁清册 {row.number}.pdf", content)

    # ------------------------------------------------------------ carrying out

    async def _carry_out(self, approval: Approval) -> None:
        """Again it does what is left: every file is accounted for before the next."""
        office, list_ = approval.asked.details["office"], approval.asked.details["list"]
        second = approval.second.name if approval.second else ""
        one = fold(await self._journal.read(_stream(office)))[list_]
        if one.done is not None:
            return
        for item in to_do(one):
            if await self._files.still_expired(item.kind, item.case) is None:
                await self._append(office, approval.by, LEFT, {"list": list_, "kind": item.kind, "case": item.case})
                continue
            removed = await self._files.destroy(item.kind, item.case, approval.by, f"{one.number}：{one.reason}")
            told = {"list": list_, "kind": item.kind, "case": item.case, "files": removed.files, "bytes": removed.bytes}
            await self._append(office, approval.by, DESTROYED, told)
        one = fold(await self._journal.read(_stream(office)))[list_]
        content = await self._certified(one, office, second)
        await asyncio.to_thread(self._cabinet.put, office, list_, content)
        kept = await asyncio.to_thread(self._cabinet.get, office, list_)  # of an earlier try, where there was one
        told = {
            "list": list_,
            "approval": approval.id,
            "second": second,
            "certificate": hashlib.sha256(kept).hexdigest(),
        }
        await self._append(office, approval.by, CARRIED_OUT, told)

    async def _certified(self, one: AppraisalList, office: str, second: str) -> bytes:
        known = await self._offices.office(office)
        assert known is not None, "an office that has lists is there"
        standing = await asyncio.to_thread(self._seals.standing, office)
        try:
            paper = destruction_certificate(one, known, second, self._now(), standing)
            pdf = await asyncio.to_thread(self._press.print, paper)
            said = SealPanel(known.issuer, f"{paper.title} {one.number}")
            return (await put_under_seal(self._seals, office, pdf, said, self._stamps)).content
        except NoSeal:
            paper = destruction_certificate(one, known, second, self._now(), None)
            return await asyncio.to_thread(self._press.print, paper)

    async def _listed(self, by: Officer, list_: str, items: Sequence[AppraisedFile], reason: str) -> str:
        """Its number: 东高一销〔2026〕0001号, counted per office and year."""
        year = self._now().astimezone(ZoneInfo(by.office.zone)).year
        prefix = f"{by.office.number_prefix.removesuffix('投')}销〔{year}〕"

        def decided(entries: list[Event]) -> list[Draft]:
            given = sum(one.number.startswith(prefix) for one in fold(entries).values())
            number = f"{prefix}{given + 1:04d}号"
            data = {"list": list_, "number": number, "reason": reason, "items": [plain(item) for item in items]}
            return [Draft(LISTED, data, self._now(), by.actor)]

        (listed,) = await append_decided(self._journal, _stream(by.office.id), decided)
        return str(listed.data["number"])

    async def _append(self, office: str, by: Actor, type_: str, data: Mapping[str, object]) -> None:
        """Never Busy: what is refused counts as not done, and files are gone already."""
        while True:
            with suppress(Busy):
                await append_next(self._journal, _stream(office), Draft(type_, dict(data), self._now(), by))
                return

    async def _row(self, one: AppraisalList) -> AppraisalRow:
        return AppraisalRow(
            one.id,
            one.number,
            one.at,
            one.by,
            one.reason,
            [
                AppraisalItem(item.kind, item.case, item.name, item.end, item.years, item.due, _became(one, item))
                for item in one.items
            ],
            await self._approvals.waiting(KIND, one.id) if one.done is None else "",
            one.done is None and await self._approvals.agreed(KIND, one.id),
            one.done,
            one.second,
            one.certificate,
        )


def _became(one: AppraisalList, item: AppraisedFile) -> str:
    if item.case in one.destroyed:
        return "destroyed"
    return "left" if item.case in one.left else item.decision


def _end(one: Expired) -> datetime:
    assert one.standing.end is not None, "without an end nothing is over"
    return one.standing.end


def _stream(office: str) -> str:
    return f"{STREAM}/{office}"
