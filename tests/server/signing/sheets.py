"""A paper with everything on it, and handwriting."""

from __future__ import annotations

import math

from rooms.signing import Ink, ink
from server.signing import English, Hand, Numbered, Paper, PaperRow, Passage, seal_mark

OFFICE = "东湖高新区市场监管一所"


def scribble(strokes: int = 4) -> Ink:
    return ink(
        400,
        240,
        [
            [
                (int(50 + 70 * n + 30 * math.sin(t / 6) + t / 2), int(120 + 60 * math.cos(t / 5 + n)), 300 + 10 * t)
                for t in range(40)
            ]
            for n in range(strokes)
        ],
    )


def paper(text: str = "", clauses: int = 3, name: str = "丁小禾", draft: bool = False) -> Paper:
    """`text` is put wherever somebody's words go."""
    return Paper(
        office=OFFICE,
        title="消费争议调解书",
        number="东高一调〔2026〕0312号",
        rows=(PaperRow("投诉人", f"始{text}终"), PaperRow("被投诉人", "青禾健身（光谷店）")),
        before=(Passage("heading", "投诉请求和事由"), Passage("quote", f"始{text}终")),
        clauses=tuple(Numbered(f"第{n}条", f"始{text}终") for n in range(1, clauses + 1)),
        after=(Passage("text", "双方签名、调解员签名并加盖印章时生效。"),),
        hands=(
            Hand("投诉人", name, "", "2026年11月25日10:38", f"手写签名：{name}", scribble()),
            Hand("被投诉人", "青禾健身（光谷店）", f"始{text}终", "2026年11月25日10:39", "", None, "罗子安"),
        ),
        seal=seal_mark(OFFICE, not draft, "调解专用章"),
        date="2026年11月25日",
        day=(2026, 11, 25),
        foot="东高一调〔2026〕0312号",
        digest="正文校验码 7f3a91c4",
        verify="打开https://yuntiao.example/verify-document核验",
        gloss=English(
            "Mediation agreement", (PaperRow("Complainant", f"始{text}终"),), (Passage("text", "1. Refund"),)
        ),
        draft=draft,
    )
