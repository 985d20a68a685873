"""What no verifier can know of a package, said last: who could have rewritten it before it was signed, unseen.

What a package carries itself proves nothing against whoever holds the key: only a key, an authority or a witness that
the reader names are anchors (docs/decisions/0031).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recordings.evidence.verdict import Language, Report, Status

KEY: Final[Mapping[Language, str]] = {
    "en": "Whose key signed was not compared: anybody could have made all of this with a key of their own.",
    "zh": "签名密钥未经核对：任何人都可能用自己的密钥制作出这一切。",
}
_SINCE: Final[Mapping[Language, str]] = {
    "en": "since then not even whoever holds the key could have rewritten it; what was rewritten before, or was untrue "
    "when it was written, cannot be seen from here.",
    "zh": "自此以后，持有密钥的人也无法再重写；此前是否重写过、写入时是否属实，从本包无法看出。",
}
LIMITS: Final[Mapping[tuple[str, str], Mapping[Language, str]]] = {
    ("none", "none"): {
        "en": "No time stamp and no witness vouches for it: whoever holds the key could have rewritten all of it "
        "before it was signed, and nothing here would show that.",
        "zh": "没有时间戳或见证方为其作证：持有密钥的人可能在签名前重写过全部内容，从本包无法看出。",
    },
    ("told", "none"): {
        "en": "It bears a time stamp, but whose was not compared, and no witness vouches for it: whoever holds the "
        "key could have rewritten all of it and had it stamped by an authority of their own choosing.",
        "zh": "有时间戳，但未核对出自哪家机构，也没有见证方作证："
        "持有密钥的人可能重写过全部内容，再由自选的机构加盖时间戳。",
    },
    ("none", "told"): {
        "en": "It bears a countersignature, but whose was not compared, and no time stamp vouches for it: whoever "
        "holds the key could have rewritten all of it and countersigned it themselves.",
        "zh": "有见证签名，但未核对出自何方，也没有时间戳作证：持有密钥的人可能重写过全部内容，再自行加上见证签名。",
    },
    ("told", "told"): {
        "en": "It bears a time stamp and a countersignature, but whose was not compared: whoever holds the key could "
        "have rewritten all of it and had both made.",
        "zh": "有时间戳和见证签名，但均未核对出自何方：持有密钥的人可能重写过全部内容，再另行取得这两项。",
    },
    ("known", ""): {
        "en": f"The authority that was given stamped it: {_SINCE['en']}",
        "zh": f"所给的时间戳机构已加盖时间戳：{_SINCE['zh']}",
    },
    ("", "known"): {
        "en": f"A witness whose key was given countersigned it: {_SINCE['en']}",
        "zh": f"所给的见证方已作见证签名：{_SINCE['zh']}",
    },
    ("known", "known"): {
        "en": f"The authority and the witness that were given vouch for it: {_SINCE['en']}",
        "zh": f"所给的时间戳机构和见证方均已作证：{_SINCE['zh']}",
    },
}
"""By time stamp and witness: "none" that holds, "told" by the package alone, "known" to the reader from elsewhere."""


def limits(report: Report, language: Language) -> str:
    """The last sentence about a package; "" of what could not be read at all."""
    statuses = {check.code: check.status for check in report.checks}
    if "wrong_key" not in statuses:
        return ""
    stamp = _anchor(statuses["timestamp"], report.stamp_known)
    witness = _anchor(statuses["witness"], report.witness_known)
    if "known" in (stamp, witness):
        stamp, witness = ("known" if one == "known" else "" for one in (stamp, witness))
    said = LIMITS[stamp, witness][language]
    return said if report.key_known else f"{KEY[language]}{'' if language == 'zh' else ' '}{said}"


def _anchor(status: Status, known: bool) -> str:
    if status not in ("ok", "open"):
        return "none"
    return "known" if known else "told"
