"""What a verifier says: a status and a sentence per check, and what they come to together.

What no verifier can know of a package, said last: who could have rewritten it before it was signed, unseen.

What a package carries itself proves nothing against whoever holds the key: only a key, an authority or a witness
that the reader names are anchors (docs/decisions/0031).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Code = Literal[
    "zip",
    "manifest",
    "manifest_signature",
    "wrong_key",
    "item_missing",
    "item_extra",
    "item_changed",
    "chain_session",
    "chain_complaint",
    "content",
    "erased_unaccounted",
    "foreign_session",
    "checkpoint_signature",
    "inclusion",
    "timestamp",
    "witness",
    "segment_hash",
    "segment_unlisted",
    "consent_text",
    "derived_sheet",
    "export_signature",
]
Status = Literal["ok", "failed", "open", "none"]
Verdict = Literal["holds", "fails", "open"]
Language = Literal["zh", "en"]

MOST_DETAILS: Final = 20


@dataclass(frozen=True, slots=True)
class Check:
    """`details`: what it is about, such as paths; `open` with details says why it could not be judged. `none`: there is
    nothing of the kind, which a package may do without."""

    code: Code
    status: Status
    details: tuple[str, ...] = ()

    def text(self, language: Language) -> str:
        if self.status == "none":
            return NONE[self.code][language]
        return WORDS[self.code][language][("ok", "failed", "open").index(self.status)]


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """`key`: hex SHA-256 of the public key that signed. Fields the package did not get to are ""."""

    checks: tuple[Check, ...]
    format: str = ""
    session: str = ""
    complaint_number: str = ""
    key_name: str = ""
    key: str = ""
    exported: Mapping[str, Any] | None = None
    erased: int = 0
    withheld: int = 0  # said in confidence: in no package
    absent: int = 0
    key_known: bool = False  # it was compared with one that whoever asks has from elsewhere; likewise:
    stamp_known: bool = False
    witness_known: bool = False

    @property
    def verdict(self) -> Verdict:
        statuses = {check.status for check in self.checks}
        return "fails" if "failed" in statuses else "open" if "open" in statuses else "holds"

    @property
    def amiss(self) -> list[Check]:
        """What failed or was left open."""
        return [check for check in self.checks if check.status in ("failed", "open")]

    @property
    def codes(self) -> list[str]:
        """Of what failed."""
        return [check.code for check in self.checks if check.status == "failed"]

    def to_json(self, package: str, language: Language = "en") -> dict[str, Any]:
        return {
            "package": package,
            "format": self.format,
            "session": self.session,
            "complaint_number": self.complaint_number,
            "verdict": self.verdict,
            "key": {"name": self.key_name, "sha256": self.key},
            "exported": self.exported,
            "erased": self.erased,
            "withheld": self.withheld,
            "absent": self.absent,
            "checks": [
                {"code": c.code, "status": c.status, "text": c.text(language), "details": list(c.details)}
                for c in self.checks
            ],
        }


VERDICTS: Final[Mapping[Verdict, Mapping[Language, str]]] = {
    "holds": {
        "en": "The package holds: nothing in it was altered since it was signed.",
        "zh": "核验通过：包内内容自签名以来未被改动。",
    },
    "fails": {
        "en": "The package does not hold. Do not rely on what is named above.",
        "zh": "核验未通过：请勿采信上列有误的内容。",
    },
    "open": {
        "en": "Nothing was found altered, but something could not be judged: see above.",
        "zh": "未发现改动，但有事项无法判断，见上。",
    },
}

NONE: Final[Mapping[Code, Mapping[Language, str]]] = {
    "timestamp": {
        "en": "There is no time stamp: that the head is of its time is the bureau's word alone.",
        "zh": "没有时间戳：树首形成的时间仅有出具单位自己的说法。",
    },
    "witness": {
        "en": "There is no countersignature: nobody else testifies to that head.",
        "zh": "没有他方见证签名：没有别人为该树首作证。",
    },
}
"""Of checks that may find nothing to check."""

_Texts = Mapping[Language, Sequence[str]]

WORDS: Final[Mapping[Code, _Texts]] = {
    "zip": {
        "en": (
            "The archive has the one form a package has; no byte of it is unaccounted for.",
            "The archive is not as it was exported: packed anew, or damaged. Ask for the file as it was exported.",
            "The archive was not judged.",
        ),
        "zh": (
            "压缩包形式唯一，每个字节都有来由。",
            "压缩包不是导出时的原样：被重新打包过，或已损坏。请索取导出时的原文件。",
            "未判断压缩包。",
        ),
    },
    "manifest": {
        "en": (
            "The list of contents is well-formed.",
            "The list of contents is not one of this format; a masked copy has none.",
            "The list of contents was not judged.",
        ),
        "zh": ("清单格式正确。", "清单不符合本格式；去标识化副本没有清单。", "未判断清单。"),
    },
    "manifest_signature": {
        "en": (
            "The list of contents is signed by the key it names.",
            "The signature under the list of contents does not hold.",
            "The signature under the list was not judged.",
        ),
        "zh": ("清单由其所列密钥签名。", "清单上的签名不成立。", "未判断清单签名。"),
    },
    "wrong_key": {
        "en": (
            "It is the expected key.",
            "Another key signed than the expected one.",
            "No key was given: compare this one with the key that the bureau publishes.",
        ),
        "zh": ("密钥与预期一致。", "签名密钥不是预期的密钥。", "未给出密钥：请与机构公布的密钥核对。"),
    },
    "item_missing": {
        "en": ("Everything that has to be there is there.", "Something is missing.", "Not judged."),
        "zh": ("应有内容俱在。", "应有内容有缺失。", "未判断。"),
    },
    "item_extra": {
        "en": ("There is nothing that is not listed.", "Something is there that is not listed.", "Not judged."),
        "zh": ("没有清单以外的内容。", "有清单以外的内容。", "未判断。"),
    },
    "item_changed": {
        "en": (
            "Every item has the listed size and SHA-256.",
            "An item was changed after the export.",
            "Some second hashes (SM3) cannot be computed here.",
        ),
        "zh": ("每项的大小与 SHA-256 均与清单相符。", "有内容在导出后被改动。", "此处无法计算部分 SM3。"),
    },
    "chain_session": {
        "en": (
            "The session's entries follow one another without a gap, each bound to the one before.",
            "The session's chain of entries is broken.",
            "Not judged.",
        ),
        "zh": ("调解日志逐条相连，没有缺号。", "调解日志的链条断裂。", "未判断。"),
    },
    "chain_complaint": {
        "en": (
            "The complaint's entries follow one another without a gap, each bound to the one before.",
            "The complaint's chain of entries is broken.",
            "Not judged.",
        ),
        "zh": ("投诉日志逐条相连，没有缺号。", "投诉日志的链条断裂。", "未判断。"),
    },
    "content": {
        "en": (
            "Each entry says what it said when it was written.",
            "An entry does not say what it said when it was written.",
            "Not judged.",
        ),
        "zh": ("每条记录的内容与写入时一致。", "有记录的内容与写入时不一致。", "未判断。"),
    },
    "erased_unaccounted": {
        "en": (
            "Whatever was erased, an entry says so.",
            "The content of an entry is gone and no entry says that it was erased.",
            "Not judged.",
        ),
        "zh": ("凡被删除的内容均有删除记录。", "有记录内容缺失而没有删除记录。", "未判断。"),
    },
    "foreign_session": {
        "en": (
            "All of it belongs to this session and this complaint.",
            "Something in it is of another session or complaint.",
            "Whether all of it belongs together cannot be said, because entries were erased.",
        ),
        "zh": ("全部内容属于本次调解与本件投诉。", "混有其他调解或投诉的内容。", "因有删除，无法判断是否同属一案。"),
    },
    "checkpoint_signature": {
        "en": (
            "The head of the bureau's log is signed by the same key.",
            "The head of the bureau's log is not signed by this key, or is not one.",
            "Not judged.",
        ),
        "zh": ("机构日志的树首由同一密钥签名。", "机构日志的树首未由该密钥签名，或不成形。", "未判断。"),
    },
    "inclusion": {
        "en": (
            "Every entry is in the bureau's log under that head.",
            "An entry is not in the bureau's log under that head.",
            "Not judged.",
        ),
        "zh": ("每条记录都在该树首之下。", "有记录不在该树首之下。", "未判断。"),
    },
    "timestamp": {
        "en": (
            "The time stamps on that head hold and are by the authority that was given.",
            "A time stamp on that head does not hold, or there is none by the authority that was given.",
            "The time stamps on that head hold. No authority was given: compare whose they are.",
        ),
        "zh": (
            "树首上的时间戳成立，且出自所给的机构。",
            "树首上有时间戳不成立，或没有所给机构的时间戳。",
            "树首上的时间戳成立；未给出时间戳机构：请核对签发者。",
        ),
    },
    "witness": {
        "en": (
            "The countersignatures hold by the keys that were given.",
            "A countersignature does not hold, or a witness did not sign.",
            "There are countersignatures of witnesses whose key was not given: ask the witness.",
        ),
        "zh": (
            "他方见证签名按所给公钥成立。",
            "有见证签名不成立，或有见证方没有签名。",
            "有见证签名，但未给出见证方公钥：请向见证方核对。",
        ),
    },
    "segment_hash": {
        "en": (
            "Every recording and file is the one whose hash the journal noted at the time.",
            "A recording or file is not the one whose hash the journal noted.",
            "Not judged.",
        ),
        "zh": ("每段录像、每个文件与当时记入日志的哈希相符。", "有录像或文件与当时记入日志的哈希不符。", "未判断。"),
    },
    "segment_unlisted": {
        "en": (
            "Every recording and file the journal names is there, and no other.",
            "A recording or file is there that the journal does not name, or one it names is not.",
            "Recordings or files the journal names are not there; the package says which and why.",
        ),
        "zh": (
            "日志所列录像和文件俱在，别无其他。",
            "有日志未列的录像或文件，或所列缺失。",
            "部分录像或文件不在包内，包内写明哪些及原因。",
        ),
    },
    "consent_text": {
        "en": (
            "The texts people answered, of every edition that is known, are there as the program published them.",
            "A text people answered is missing or is not the published one.",
            "This program does not know the edition of a text people answered, so it cannot say whether it was shown.",
        ),
        "zh": (
            "参加人作答的文本，凡版次已知的俱在，与公布版本一致。",
            "有作答文本缺失或与公布版本不符。",
            "本程序不认识某份作答文本的版次，无法判断它是否就是当时出示的文本。",
        ),
    },
    "derived_sheet": {
        "en": (
            "The overviews follow from the journal.",
            "An overview does not follow from the journal.",
            "This program does not know the edition of an overview.",
        ),
        "zh": ("各概览表均可由日志推出。", "有概览表与日志不符。", "本程序不认识某概览表的版次。"),
    },
    "export_signature": {
        "en": (
            "Who exported it and when is signed by the same key.",
            "The note of who exported it and when does not hold.",
            "Not judged.",
        ),
        "zh": ("导出人与导出时间由同一密钥签名。", "导出人与导出时间的签注不成立。", "未判断。"),
    },
}

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


def limits(report: VerificationReport, language: Language) -> str:
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
