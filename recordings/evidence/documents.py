"""Overviews of what lies beside the recordings: exhibits, signatures, files of the complaint."""

from __future__ import annotations

from typing import Any

from journal.events import stamp
from recordings.evidence.decoded_lines import DecodedLines, Sheet
from recordings.evidence.form import document_path, exhibit_path, signed_path
from recordings.evidence.lines import Line
from recordings.evidence.media import attached, handwriting, papers
from rooms import events as e
from rooms.codec import plain


def exhibits(decoded: DecodedLines, edition: int) -> Sheet:
    """Those that were offered to everybody: where their originals lie in the package, and what became of them. Edition
    1 does not say to whom they were shown."""
    rows: dict[str, dict[str, Any]] = {}

    def whom(event: e.ExhibitShown | e.ExhibitPutAway) -> dict[str, Any]:
        return {"side": plain(event.side), "talk": event.talk} if edition > 1 else {}

    for entry in decoded.history:
        event, at = entry.event, {"at": stamp(entry.at), "version": entry.version}
        if isinstance(event, e.ExhibitOffered):
            files = [
                {"path": exhibit_path(event.exhibit, number, one.form), "sha256": one.sha256, "size": one.size}
                for number, one in enumerate(event.originals, 1)
            ]
            rows[event.exhibit] = {
                **at, "exhibit": event.exhibit, "files": files, "kind": event.kind.value, "pages": len(event.pages),
                "purpose": event.purpose.value, "seat": event.seat, "side": plain(event.side), "steps": [],
                "term": event.term, "title": "",
            }  # fmt: skip
        row = rows.get(getattr(event, "exhibit", ""))
        if row is None:
            continue
        match event:
            case e.ExhibitTitled(title=title):
                row["title"] = title
            case e.ExhibitShown(page=page):
                row["steps"].append({**at, **whom(event), "page": page, "step": "shown"})
            case e.ExhibitPutAway():
                row["steps"].append({**at, **whom(event), "step": "put_away"})
            case e.ExhibitAccepted(seat=seat):
                row["steps"].append({**at, "seat": seat, "step": "accepted"})
            case e.ExhibitDisputed(seat=seat, reason=reason):
                row["steps"].append({**at, "reason": reason, "seat": seat, "step": "disputed"})
            case e.ExhibitAnswerTakenBack(seat=seat):
                row["steps"].append({**at, "seat": seat, "step": "taken_back"})
            case e.ExhibitWithdrawn():
                row["files"] = []
                row["steps"].append({**at, "step": "withdrawn"})
            case _:
                pass
    return {"exhibits": list(rows.values())}


def signatures(decoded: DecodedLines, edition: int) -> Sheet:
    """Each sealed document that was signed: its text, and who signed it, when, how and by what right. Edition 1 takes
    the last confirmation there is, even one from after the signature, and leaves out the agreement to sign
    electronically."""
    return {
        "documents": [
            {
                "at": paper.sealed.at,
                "document": paper.document,
                "file": document_path(paper.document),
                "hands": [_hand(decoded, hand, edition) for hand in paper.hands],
                "kind": paper.sealed.data["kind"],
                "number": paper.sealed.data["number"],
                "text": {"file": signed_path(paper.document), "sha256": paper.sealed.data["text"]},
                "version": paper.sealed.version,
            }
            for paper in papers(decoded.lines)
            if paper.sealed.data.get("text")
        ]
    }


def _hand(decoded: DecodedLines, hand: Line, edition: int) -> dict[str, Any]:
    confirmed = _last(decoded, hand, ("SignerConfirmed", "SignerConfirmedByVoice"), edition > 1)
    agreed = _last(decoded, hand, ("ElectronicFormAgreed",), True)
    electronic = agreed and {"at": agreed.at, "notice": agreed.data["notice"], "version": agreed.version}
    return {
        "at": hand.at,
        "basis": hand.data.get("basis", ""),
        "capacity": hand.data.get("capacity", ""),
        "confirmed": confirmed and _confirmation(confirmed),
        **({"electronic": electronic} if edition > 1 else {}),
        "file": handwriting(hand),
        "how": hand.data["how"],
        "name": hand.data["name"],
        "seat": hand.data["seat"],
        "sha256": hand.data.get("sha256", ""),
        "version": hand.version,
    }


def _last(decoded: DecodedLines, hand: Line, types: tuple[str, ...], before: bool) -> Line | None:
    """What the same seat said of the same text, `before` it signed."""
    whose = (hand.data["seat"], hand.data["text"])
    found = [
        line
        for line in decoded.lines
        if line.type in types and not line.erased and (line.data["seat"], line.data["text"]) == whose
    ]
    return next((line for line in reversed(found) if not before or line.version < hand.version), None)


def _confirmation(line: Line) -> dict[str, Any]:
    if line.type == "SignerConfirmed":
        return {"at": line.at, "how": line.data["how"], "version": line.version}
    return {"at": line.at, "how": "voice", "recognised": line.data["recognised"], "version": line.version}


def attachments(decoded: DecodedLines) -> Sheet:
    """Files of the complaint: where each lies in the package, who attached it, and whether it was removed and why."""
    return {
        "attachments": [
            {
                "about": one.added.data.get("about", "evidence"),
                "at": one.added.at,
                "attachment": one.added.data["attachment"],
                "by": one.added.data.get("by", ""),
                "file": "" if one.removed else one.path,
                "kind": one.added.data["kind"],
                "name": one.added.data["name"],
                "note": one.added.data.get("note", ""),
                "removed": one.removed
                and {"at": one.removed.at, "reason": one.removed.data["reason"], "version": one.removed.version},
                "sha256": one.sha256,
                "shown_sha256": one.added.data["sha256"],
                "version": one.added.version,
            }
            for one in attached(decoded.complaint)
        ]
    }


def shown_in_private(decoded: DecodedLines) -> bool:
    """Whether an exhibit was shown to one side alone: then its steps say to whom."""
    shown = (entry.event for entry in decoded.history if isinstance(entry.event, e.ExhibitShown | e.ExhibitPutAway))
    return any(event.talk for event in shown)
