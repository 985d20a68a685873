"""What lies beside the recordings of an invented session: a signed and sealed agreement, and files of its complaint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rooms import events as e
from tests.recordings.evidence.log import Log
from tests.recordings.evidence.told import OFFICER, Story

AGREEMENT = b"%PDF-1.7 agreed, signed, sealed"
TEXT = json.dumps({"title": "调解协议书", "clauses": ["退还2000元"]}, ensure_ascii=False).encode()
VOIDED = json.dumps({"title": "调解协议书", "clauses": ["只退1000元"]}, ensure_ascii=False).encode()
HANDS = {seat: json.dumps({"width": 600, "height": 200, "seat": seat}).encode() for seat in ("c", "b", "m")}
PHOTO, SHOWN, PAPER, REMOVED = (
    b"\xff\xd8\xffwith place and time",
    b"\xff\xd8\xffshown",
    b"%PDF-1.4 order",
    b"%PDF-1.4 no",
)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _signed(seat: str, text: bytes, picture: str) -> tuple[e.SessionEvent, Sequence[str]]:
    by = OFFICER if seat == "m" else ("party", seat, seat, "", "")
    return e.Signed(seat, sha(text), "drawn", "张芳", picture, sha(HANDS[seat])), by


SIGNING: Sequence[tuple[e.SessionEvent, Sequence[str]]] = (
    (e.SigningOffered("1" * 64, sha(VOIDED), "东高一调〔2026〕0001号", "agreement", {"consumer": "c"}), OFFICER),
    _signed("c", VOIDED, "hand0"),
    (e.SigningVoided(sha(VOIDED), "edited", ("c",)), OFFICER),
    (e.SigningOffered("2" * 64, sha(TEXT), "东高一调〔2026〕0001号", "agreement", {"consumer": "c"}), OFFICER),
    (e.SignerConfirmed("c", sha(TEXT), "code"), ("party", "c", "c", "", "")),
    _signed("c", TEXT, "hand1"),
    (e.SignatureWithdrawn("c", sha(TEXT)), ("party", "c", "c", "", "")),
    _signed("c", TEXT, "hand2"),
    _signed("b", TEXT, "hand3"),
    (e.Signed("m", sha(TEXT), "typed", "陈立"), OFFICER),
    (
        e.DocumentSealed(
            "d1", "agreement", "东高一调〔2026〕0001号", sha(AGREEMENT), len(AGREEMENT), "ab" * 32, "B-B", sha(TEXT)
        ),
        OFFICER,
    ),
)


STORED: Sequence[tuple[e.SessionEvent, Sequence[str]]] = (
    *SIGNING[:-2],
    (e.SignerConfirmed("m", sha(TEXT), "account"), OFFICER),
    (e.Signed("m", sha(TEXT), "saved", "陈立", "hand4", sha(HANDS["m"])), OFFICER),
    SIGNING[-1],
)
"""The same, under which the mediator had a stored drawing placed."""


def added(attachment: str, kind: str, content: bytes, sent: bytes | None = None, **more: Any) -> Mapping[str, Any]:
    told = {
        "attachment": attachment, "name": f"付款截图{attachment}.{kind}", "kind": kind, "size": len(content),
        "sha256": sha(content), "original_sha256": sha(sent or content), "about": "evidence", "note": "", "by": "",
        "original": sent is not None,
    }  # fmt: skip
    return {**told, **more}


FILES: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("AttachmentAdded", added("a1", "jpeg", SHOWN, PHOTO, by="consumer", original_size=len(PHOTO))),
    ("AttachmentAdded", added("a2", "pdf", PAPER)),
    ("AttachmentAdded", added("a3", "pdf", REMOVED)),
    ("AttachmentRemoved", {"attachment": "a3", "reason": "传错了"}),
    ("AttachmentAdded", added("a4", "jpeg", SHOWN, PHOTO, by="business")),  # of before sizes were written down
)


def story(
    session: str = "s1",
    complaint: str = "k1",
    log: Log | None = None,
    segments: int = 3,
    seed: int = 7,
    signing: Sequence[tuple[e.SessionEvent, Sequence[str]]] = SIGNING,
) -> Story:
    made = Story(session, complaint, log or Log(), segments, seed, {}, signing, FILES)
    made.pieces |= {
        f"{session}/documents/d1": AGREEMENT,
        f"{session}/texts/{sha(TEXT)}": TEXT,
        f"{session}/hands/hand2": HANDS["c"],
        f"{session}/hands/hand3": HANDS["b"],
        f"{complaint}/a1.original": PHOTO,
        f"{complaint}/a2": PAPER,
        f"{complaint}/a4.original": PHOTO,
    }
    return made
