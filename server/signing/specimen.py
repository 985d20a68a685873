"""A specimen: the office's seal under a sheet that says it is nothing else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.documents.wording import chinese_day
from server.log.timestamp import TimestampAuthority
from server.signing.assurance import sentence
from server.signing.pades import Said
from server.signing.papers import Paper, Passage
from server.signing.printing import PaperPress
from server.signing.seal_keys import SealKeys
from server.signing.seal_mark import seal_mark
from server.signing.under_seal import UnderSeal, put_under_seal
from web.ports import Office


async def specimen(press: PaperPress, seals: SealKeys, office: Office, stamps: TimestampAuthority | None) -> UnderSeal:
    """NoSeal, Unprintable, NoFont."""
    told = sentence(*await asyncio.to_thread(seals.standing, office.id))
    day = datetime.now(UTC).astimezone(ZoneInfo(office.zone)).date()
    paper = Paper(
        office=office.issuer,
        title="电子印章样张",
        number="",
        rows=(),
        before=(
            Passage("text", "本页只用来查看电子印章，不是任何文书。This sheet shows the seal and is no document."),
        ),
        clauses=(),
        after=(),
        hands=(),
        seal=seal_mark(office.issuer, True, office.mediation_seal),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot="样张",
        draft=True,
        draft_word="样张",
        verify=told,
    )
    pdf = await asyncio.to_thread(press.print, paper)
    return await put_under_seal(seals, office.id, pdf, Said(office.issuer, "样张"), stamps)
