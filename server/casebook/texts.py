"""Raw texts of a case: opened here, given to the pure core, kept sealed; a keyed digest binds them to the stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from casebook.case import LONGEST, TEXTS
from casebook.commands import WriteText
from casebook.deidentifying.looking import Known
from casebook.errors import TooLong
from casebook.spans import KEPT, PENDING, Span
from journal import Actor
from server.casebook.services import CaseServices

PURPOSE: Final = "case text"


class RawTexts:
    def __init__(self, services: CaseServices) -> None:
        self._at = services

    async def of(self, case: str) -> dict[str, str]:
        sealed = await self._at.originals.sealed(case)
        return {name: self._at.seal.open(text, PURPOSE) for name, text in sealed.items()}

    async def keep(
        self,
        case: str,
        texts: Mapping[str, str],
        known: Known,
        before: Mapping[tuple[str, str], Span],
        by: Actor,
        only: set[str] | None = None,
        looked_at: bool = False,
    ) -> None:
        """Seal the texts, then say which they are and what was found in them. `before`: decisions on the same words.

        `looked_at`: they were published; what rules find in them stays unless somebody says otherwise."""
        for name in TEXTS:
            if len(texts.get(name, "")) > LONGEST[name]:
                raise TooLong(field=name, most=LONGEST[name])
        found = await self._at.text.look({name: texts.get(name, "") for name in TEXTS}, known)
        fresh = {name: texts.get(name, "") for name in TEXTS if only is None or name in only}
        await self._at.originals.keep(
            case, {name: self._at.seal.seal(text, PURPOSE) for name, text in fresh.items()}, self._at.now()
        )
        for name, text in fresh.items():
            spans = tuple(
                _as_before(span, before.get((name, text[span.start : span.end])), looked_at) for span in found[name]
            )
            await self._at.cases.submit(case, WriteText(name, text, self.digest(text), spans), by)

    def digest(self, text: str) -> str:
        return self._at.seal.hash(text, PURPOSE)


def _as_before(span: Span, known: Span | None, looked_at: bool) -> Span:
    if known is not None and known.verdict != PENDING:
        return replace(span, verdict=known.verdict, put=known.put)
    return replace(span, verdict=KEPT) if looked_at else span
