"""A wording with its signatures and its seal, as the sheet that is printed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rooms.signing.handwriting import Ink
from rooms.signing.rules import SignatureState as Signature
from server.documents.wording import chinese_day
from server.signing.forms import Wording
from server.signing.papers import Hand, Paper
from server.signing.seal_mark import seal_mark

COPY_WORD = "脱敏副本"

_HOW = {"drawn": "手写签名", "typed": "输入姓名签名（不便手写）"}
_BY_LINK = "输入姓名签名"  # where no handwriting was asked for
_CONFIRMED = {"code": "一次性验证码核对身份", "account": "调解员账号登录"}


def sheet(
    wording: Wording,
    signatures: Mapping[str, Signature],
    inks: Mapping[str, Ink],
    at: datetime,
    zone: str,
    url: str,
    purpose: str,
    mediator: str = "",
    draft: bool = False,
    by_voice: Collection[str] = (),
    by_link: bool = False,
) -> Paper:
    """`signatures`, `inks` by seat; `at`: when it is sealed. `url`: of the installation. `purpose`: what the office's
    seal under agreements and records says. `by_voice`: seats whose person the mediator knew without a code; `by_link`:
    signed without a room, by name."""
    day = at.astimezone(ZoneInfo(zone)).date()
    text = wording.digest
    officer = next((name for seat, _, name, _ in wording.hands if seat == mediator), "")

    def confirmed(seat: str) -> str:
        if seat in by_voice:
            return f"未用验证码，由调解员{officer}语音核实身份"
        return _CONFIRMED["account" if seat == mediator else "code"]

    return Paper(
        office=wording.office,
        title=wording.title,
        number=wording.number,
        rows=wording.rows,
        before=wording.before,
        clauses=wording.clauses,
        after=wording.after,
        hands=tuple(
            _hand(role, name, capacity, signatures.get(seat), inks.get(seat), zone, confirmed(seat), by_link)
            for seat, role, name, capacity in wording.hands
        ),
        seal=seal_mark(wording.office, not draft, purpose),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot=f"{wording.title} {wording.number}",
        digest=f"正文校验码 {text}",
        verify=(
            f"核验本文书：打开{url}/verify-document，选择本PDF文件，即可看到是否由{wording.office}出具、盖章后有无改动。"
            "打印件、截图不带电子印章，以PDF原文件为准。"
        ),
        gloss=wording.gloss,
        contact=wording.contact,
        draft=draft,
        edition=wording.edition,
    )


def copy_for_others(wording: Wording, signatures: Mapping[str, Signature], original: Paper) -> Paper:
    """What others than the parties and who handles the case are given: numbers masked, no handwriting, no seal."""
    shown = wording.for_others
    return replace(
        original,
        title=f"{original.title}（{COPY_WORD}）",
        rows=shown.rows,
        hands=tuple(
            Hand(role, name, capacity, "已在原件上签名" if seat in signatures else "")
            for seat, role, name, capacity in shown.hands
        ),
        seal=None,
        verify=f"本件是原件{original.number}的脱敏副本，个人号码、地址已脱敏显示，不载签名笔迹，不加盖印章，"
        f"不具有原件效力。原件由{original.office}归档。",
        draft=True,
        draft_word=COPY_WORD,
        foot=f"{original.foot}（{COPY_WORD}）",
    )


def _hand(
    role: str, name: str, capacity: str, signed: Signature | None, ink: Ink | None, zone: str, how: str, by_link: bool
) -> Hand:
    if signed is None:
        return Hand(role, name, capacity)
    way = _BY_LINK if by_link and signed.how == "typed" else _HOW[signed.how]
    local = signed.at.astimezone(ZoneInfo(zone))
    note = f"{chinese_day(local.date())}{local:%H:%M:%S}\n{how}\n{way}"
    typed = signed.name if signed.how == "typed" else ""
    return Hand(role, name, capacity, note, f"{way}：{signed.name}", ink, typed)
