"""Cases going out and coming in: JSON of our own form, Word files, and compendiums cut into drafts.

What goes to the public has no number, no office, the trade by its division, and the month for the day. Nothing that
comes in is taken as looked at: a confined child reads it, and it becomes drafts whose places somebody decides about,
as with a case of our own. Refused: case_file, with `why`; "hard" is a file that took its reader beyond a limit.

A compendium (`CaseCutting`) is kept from the moment it was sent in: whoever closes the browser finds it again as it
was. Drafts have ids that follow from the compendium's and the place they begin at, so one made before a fall is not
made twice.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from casebook import LONGEST, MOST_CASES, NOTHING, TEXTS, Case, Paragraph, piece
from casebook.collections import OwnTopic, with_parents
from casebook.events import Sheet
from casebook.views import CutAct, CutCase, CutLine, CutPage, WaitingCut
from complaints import PROBLEMS
from complaints.complaint import local_day
from complaints.record.industries import industry_name
from journal.numbers import is_sample
from journal.refusals import Refused
from law.catalogue import topics
from law.library import Library
from offices import Officer, require_role
from server.casebook.exchange_form import FORM, ExchangedCase
from server.casebook.gathering import Material
from server.casebook.service import MAKERS, CaseServices, OfficeCases
from server.casebook.store import CaseCuts, KeptCut, Shelved, published_cases, shelf_rows
from server.casebook.word import OLD, document
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import read


async def compendium(content: bytes) -> tuple[list[Paragraph], list[int]]:
    """What a Word file says, and where its cases begin."""
    (frame,) = await _frames("compendium", content)
    told, starts = await asyncio.to_thread(json.loads, frame)
    return [Paragraph(text, level) for text, level in told], starts


async def cut_cases(content: bytes) -> list[dict[str, str]]:
    """The texts of each case of a Word file."""
    return [json.loads(frame) for frame in await _frames("cut_cases", content)]


async def exchanged_cases(content: bytes) -> list[ExchangedCase]:
    frames = await _frames("exchanged_cases", content)
    return await asyncio.to_thread(lambda: [ExchangedCase.model_validate_json(frame) for frame in frames])


async def _frames(task: str, content: bytes) -> Sequence[bytes]:
    try:
        return (await read(task, content)).frames
    except Declined as no:
        raise Refused(no.code, 400, **no.params) from None
    except ReaderStopped:
        raise Refused("case_file", 400, why="hard") from None


_HEADINGS: Final = {
    "facts": "基本案情",
    "claims": "诉求",
    "process": "处理过程",
    "outcome": "处理结果",
    "experience": "经验",
}


async def read_cases(
    name: str, content: bytes, today: date, own: Mapping[str, OwnTopic], samples: bool = False
) -> list[Material]:
    """Refused: case_file, with `why`, and `place` where a field is wrong. `own`: topics there are here, by id;
    `samples`: a demo's, which takes those too."""
    if content[:4] == OLD:
        raise Refused("case_file", 400, why="old")
    if name.lower().endswith(".docx"):
        found = [Material(texts, NOTHING, Sheet(today)) for texts in await cut_cases(content)]
        if not found:
            raise Refused("case_file", 400, why="empty")
        return [replace(one, texts={"title_zh": "无标题", **one.texts}) for one in found]
    if not name.lower().endswith(".json"):
        raise Refused("case_file", 400, why="kind")
    exchanged = await exchanged_cases(content)
    if not samples and any(is_sample(one.number) for one in exchanged):
        raise Refused("case_file", 400, why="sample")
    return [_material(one, today, own) for one in exchanged]


def _material(one: ExchangedCase, today: date, own: Mapping[str, OwnTopic]) -> Material:
    texts = {name: getattr(one, name) for name in TEXTS}
    if one.comment:
        said = f"律师点评（{one.comment_by}）：{one.comment}" if one.comment_by else f"律师点评：{one.comment}"
        texts["experience"] = f"{texts['experience']}\n{said}".strip()[: LONGEST["experience"]]
    return Material(
        texts,
        NOTHING,
        Sheet(
            event_date=_day(one.event) or today,
            industry=one.industry,
            problem=one.problem if one.problem in PROBLEMS else "",
            tags=_tags(one, own),
            articles=one.articles,
            claimed=one.claimed,
            settled=one.settled,
            days=one.days,
        ),
    )


def _tags(one: ExchangedCase, own: Mapping[str, OwnTopic]) -> tuple[str, ...]:
    """A topic of another office is ours where ours is called the same; else only the law's above it stays."""
    named = {topic.zh: topic.id for topic in own.values() if not topic.withdrawn}
    ours = [named.get(topic.zh.strip(), topic.under) for topic in one.topics]
    return tuple(tag for tag in with_parents((*one.tags, *ours), own) if tag in topics() or tag in own)


def written_cases(
    cases: Sequence[Case],
    form: str,
    public: bool,
    offices: Mapping[str, str],
    library: Library,
    own: Mapping[str, OwnTopic],
) -> tuple[str, bytes]:
    """File name and content. `offices`: names by id; `own`: the offices' own topics by id."""
    name = "cases-public" if public else (cases[0].number if len(cases) == 1 else "cases")
    if form == "json":
        told = [_told(case, public, offices.get(case.office, ""), own) for case in cases]
        body = {"form": FORM, "public": public, "cases": told}
        return f"{name}.json", json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True).encode()
    if form == "docx":
        told_of = (_lines(case, public, offices.get(case.office, ""), library, own) for case in cases)
        return f"{name}.docx", document(line for lines in told_of for line in lines)
    raise Refused("bad_choice", 400, field="form")


def _told(case: Case, public: bool, office: str, own: Mapping[str, OwnTopic]) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(case, name) for name in TEXTS}
    told |= {
        "comment": case.comment,
        "comment_by": case.comment_by,
        "industry": case.industry[:3] if public else case.industry,
        "problem": case.problem,
        "tags": [tag for tag in case.tags if tag in topics()],
        "articles": list(case.articles),
        "claimed": None if case.claimed is None else f"{case.claimed:.2f}",
        "settled": None if case.settled is None else f"{case.settled:.2f}",
        "event": case.event_date.isoformat()[: 7 if public else 10],
    }
    if added := [own[tag] for tag in case.tags if tag in own]:  # a reader from before there were any refuses the field
        told["topics"] = [{"under": topic.under, "zh": topic.zh, "en": topic.en} for topic in added]
    if not public:
        told |= {"days": case.days, "number": case.number, "office": office, "edition": case.edition}
    return told


def _lines(case: Case, public: bool, office: str, library: Library, own: Mapping[str, OwnTopic]) -> list[Paragraph]:
    lines = [Paragraph(case.title_zh, 1)]
    if not public:
        lines.append(Paragraph(f"{case.number} · {office}"))
    about = [PROBLEMS[case.problem][0] if case.problem in PROBLEMS else "", industry_name(case.industry[:3], "zh")]
    named = {**{id_: topic.zh for id_, topic in topics().items()}, **{topic.id: topic.zh for topic in own.values()}}
    about += [named[tag] for tag in case.tags if tag in named]
    if any(about):
        lines.append(Paragraph("关键词：" + "、".join(filter(None, about))))
    for name, heading in _HEADINGS.items():
        if text := getattr(case, name):
            lines += [Paragraph(heading, 2), *(Paragraph(line) for line in text.split("\n"))]
    cited = [library.articles[id_].citation("zh") for id_ in case.articles if id_ in library.articles]
    if cited:
        lines += [Paragraph("法律依据", 2), *(Paragraph(citation) for citation in cited)]
    if case.comment:
        lines += [Paragraph("律师点评", 2), *(Paragraph(line) for line in case.comment.split("\n"))]
        lines.append(Paragraph(f"（{case.comment_by}）"))
    return lines


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01") if text else None
    except ValueError:
        return None


class CaseFileService:
    """Cases out as files and in as drafts. Implements `CaseFileService`."""

    def __init__(self, services: CaseServices, desk: OfficeCases) -> None:
        self._at, self._desk = services, desk

    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        require_role(officer, *MAKERS)
        today = local_day(self._at.now(), officer.office.zone)
        materials = await read_cases(
            name, content, today, await self._at.topics.all(), is_sample(officer.office.number_prefix)
        )
        origin = "document" if name.lower().endswith(".docx") else "exchange"
        return [await self._desk.begin(officer, origin, name[-120:], material) for material in materials]

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        page = await self._desk.page(officer, case)
        shown = page.case
        if shown is None and not public and page.draft is not None and page.draft.facts:
            shown = page.draft  # to a colleague elsewhere, before the board has it; to the public never
        if shown is None:
            raise Refused("wrong_state", 409)
        library, own = await self._at.law.library(), await self._at.topics.all()
        offices = {page.office.id: page.office.name}
        return await asyncio.to_thread(written_cases, [shown], form, public, offices, library, own)

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        rows, _ = await shelf_rows(self._at.database, Shelved(samples=False), 1, MOST_CASES)
        if not rows:
            raise Refused("wrong_state", 409)
        found = await published_cases(self._at.database, [row.id for row in rows])
        offices = {
            id_: office.name
            for id_ in {case.office for case in found}
            if (office := await self._at.offices.office(id_))
        }
        library, own = await self._at.law.library(), await self._at.topics.all()
        return await asyncio.to_thread(written_cases, found, form, public, offices, library, own)


PURPOSE: Final = "case cut"
SHOWN, FIRST_WORDS = 6, 90
BEFORE: Final = -2


class CaseCutter:
    def __init__(self, services: CaseServices, desk: OfficeCases, cuts: CaseCuts) -> None:
        self._at, self._desk, self._cuts = services, desk, cuts

    async def begin(self, officer: Officer, name: str, content: bytes) -> str:
        require_role(officer, *MAKERS)
        if content[:4] == OLD:
            raise Refused("case_file", 400, why="old")
        told, starts = await compendium(content)
        if not told:
            raise Refused("case_file", 400, why="empty")
        sealed = self._at.seal.seal(json.dumps([[one.text, one.level] for one in told], ensure_ascii=False), PURPOSE)
        cut = KeptCut(uuid.uuid4().hex, name[-120:], officer.name, self._at.now(), sealed, tuple(starts), (), 1)
        if not await self._cuts.keep(officer.office.id, cut):
            raise Refused("case_cuts_full", 409)
        return cut.id

    async def waiting(self, officer: Officer) -> Sequence[WaitingCut]:
        require_role(officer, *MAKERS)
        return [
            WaitingCut(row["id"], row["name"], row["by"], row["at"], len(row["starts"]) - len(row["left_out"]))
            for row in await self._cuts.waiting(officer.office.id, self._at.now())
        ]

    async def look(self, officer: Officer, cut: str, all_of: int = -1) -> CutPage:
        kept = await self._kept(officer, cut)
        told = self._told(kept)
        ends = [*kept.starts[1:], len(told)]
        cases = []
        for at, end in zip(kept.starts, ends, strict=True):
            texts = piece(told[at:end])
            lines, more = _compendium_lines(told, at + 1, end, all_of == at)
            cases.append(
                CutCase(
                    at=at,
                    title=texts.get("title_zh", ""),
                    length=sum(len(one.text) for one in told[at:end]),
                    parts=[name for name in texts if name != "title_zh"],
                    whole=_whole(texts),
                    left_out=at in kept.left_out,
                    lines=lines,
                    more=more,
                )
            )
        before, before_more = _compendium_lines(told, 0, kept.starts[0], all_of == BEFORE)
        return CutPage(cut, kept.name, kept.by, kept.at, kept.version, cases, before, before_more)

    async def change(self, officer: Officer, cut: str, act: CutAct, at: int, seen: int) -> None:
        kept = await self._kept(officer, cut)
        starts, left_out = set(kept.starts), set(kept.left_out)
        if act == "split":
            if not 0 <= at < len(self._told(kept)) or at in starts or len(starts) >= MOST_CASES:
                raise Refused("bad_choice", 400, field="at")
            starts.add(at)
        elif at not in starts or (act == "join" and at == min(starts)):
            raise Refused("bad_choice", 400, field="at")
        elif act == "join":
            starts.remove(at)
            left_out.discard(at)
        elif act == "leave":
            left_out.add(at)
        else:
            left_out.discard(at)
        if not await self._cuts.change(cut, seen, sorted(starts), sorted(left_out)):
            raise Refused("case_cut_changed", 409)

    async def make(self, officer: Officer, cut: str, seen: int) -> Sequence[str]:
        kept = await self._kept(officer, cut)
        if kept.version != seen:
            raise Refused("case_cut_changed", 409)
        told, today = self._told(kept), local_day(self._at.now(), officer.office.zone)
        made = []
        for at, end in zip(kept.starts, [*kept.starts[1:], len(told)], strict=True):
            texts = piece(told[at:end])
            if at in kept.left_out or not _whole(texts):
                continue
            material = Material({"title_zh": "无标题", **texts}, NOTHING, Sheet(today))
            id_ = uuid.uuid5(uuid.UUID(kept.id), str(at)).hex
            made.append(await self._desk.begin(officer, "document", kept.name, material, id_))
        if not made:
            raise Refused("case_file", 400, why="empty")
        await self._cuts.forget(cut)
        return made

    async def drop(self, officer: Officer, cut: str) -> None:
        await self._kept(officer, cut)
        await self._cuts.forget(cut)

    async def _kept(self, officer: Officer, cut: str) -> KeptCut:
        require_role(officer, *MAKERS)
        kept = await self._cuts.cut(officer.office.id, cut, self._at.now())
        if kept is None:
            raise Refused("not_found", 404)
        return kept

    def _told(self, kept: KeptCut) -> list[Paragraph]:
        opened = json.loads(self._at.seal.open(kept.paragraphs_sealed, PURPOSE))
        return [Paragraph(text, level) for text, level in opened]


def _whole(texts: dict[str, str]) -> bool:
    return bool(texts.get("facts") or texts.get("outcome"))


def _compendium_lines(told: Sequence[Paragraph], start: int, end: int, every: bool) -> tuple[list[CutLine], int]:
    shown = end if every else min(end, start + SHOWN)
    lines = []
    for at in range(start, shown):
        text = told[at].text.strip()
        lines.append(CutLine(at, text if len(text) <= FIRST_WORDS else f"{text[:FIRST_WORDS]}…"))
    return lines, end - max(start, shown)
