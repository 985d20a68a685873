"""The picture of an office's seal on a sheet. It proves nothing, and says so: the certificate under the file does."""

from __future__ import annotations

from typing import Final

from server.signing.papers import SealMark

PURPOSE: Final = "调解专用章"
KIND: Final = "电子印章"


def seal_mark(office: str, applied: bool) -> SealMark:
    note = (
        "此为电子印章的图样；是否有效、文件有无改动，以文件所附的数字签名为准"
        if applied
        else "尚未加盖电子印章，本文书未生效"
    )
    return SealMark(office, PURPOSE, KIND, note, f"{office}{PURPOSE}（{KIND}）", applied)
