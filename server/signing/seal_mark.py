"""The picture of an office's seal on a sheet. It proves nothing, and says so: the certificate under the file does."""

from __future__ import annotations

from typing import Final

from server.signing.papers import SealMark

KIND: Final = "电子印章"


def seal_mark(authority: str, applied: bool, purpose: str = "") -> SealMark:
    """`purpose`: of a seal for one kind of paper, as 调解专用章 for agreements and records; "" of the authority's own
    seal, which has a star in place of it."""
    note = (
        "此为电子印章的图样；是否有效、文件有无改动，以文件所附的数字签名为准"
        if applied
        else "尚未加盖电子印章，本文书未生效"
    )
    return SealMark(authority, purpose, KIND, note, f"{authority}{purpose or '印章'}（{KIND}）", applied)
