"""A case's texts side by side, gone through place by place. Implements `CaseWork`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from casebook.case import TEXTS, CaseState
from casebook.commands import Approve, DecideSpan, DecideSpans, MarkSpan, UnmarkSpan
from casebook.errors import BadSpan
from casebook.file import CaseFile, fold
from casebook.spans import PENDING, MarkedSpan, masked, sides
from casebook.views import TextSide, Workbench, WorkText
from journal import Event
from offices.people import Officer
from offices.refusal import Refused
from server.casebook.service import CaseServices, OfficeCases, case_refusal


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
        return Workbench(page, texts, found, file.pending)

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
            await self._texts.keep(case, {**raw, **changed}, known, before, officer.actor, only=set(changed))

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
        _, file = await self._desk.worked(officer, case)
        words, count = words.strip(), 0
        if not 1 <= len(words) <= 200:
            raise Refused("bad_span", 400)
        with case_refusal():
            for name, text in (await self._texts.of(case)).items():
                original = file.originals.get(name)
                if original is None:
                    continue
                taken = [(span.start, span.end) for span in original.spans]
                for start in places_of(text, words):
                    if all(start + len(words) <= left or right <= start for left, right in taken):
                        command = MarkSpan(name, start, start + len(words), put.strip() or "某某", original.digest)
                        await self._at.cases.submit(case, command, officer.actor)
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


def places_of(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + len(words))
