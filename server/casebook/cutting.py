"""A Word compendium looked at before drafts are made of it. Implements `CaseCutting`.

Kept from the moment it was sent in: whoever closes the browser finds it again as it was. Drafts have ids that follow
from the compendium's and the place they begin at, so that one made before a fall is not made twice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Final

from casebook.compendium import MOST_CASES, Paragraph, piece
from casebook.events import Sheet
from casebook.spans import NOTHING
from casebook.views import CutAct, CutCase, CutLine, CutPage, WaitingCut
from complaints.clocks import local_day
from offices.people import Officer
from offices.refusal import Refused
from server.casebook.gathering import Material
from server.casebook.incoming import compendium
from server.casebook.original_store import CaseCuts, KeptCut
from server.casebook.service import OfficeCases
from server.casebook.services import MAKERS, CaseServices
from server.casebook.word import OLD
from server.identity.roles import require_role

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
            lines, more = _lines(told, at + 1, end, all_of == at)
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
        before, before_more = _lines(told, 0, kept.starts[0], all_of == BEFORE)
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


def _lines(told: Sequence[Paragraph], start: int, end: int, every: bool) -> tuple[list[CutLine], int]:
    shown = end if every else min(end, start + SHOWN)
    lines = []
    for at in range(start, shown):
        text = told[at].text.strip()
        lines.append(CutLine(at, text if len(text) <= FIRST_WORDS else f"{text[:FIRST_WORDS]}…"))
    return lines, end - max(start, shown)
