"""An invented session of two parties with everything a package can hold, and the package made of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, BinaryIO

from recordings.evidence import Absent
from recordings.evidence.lines import Media, until_last_fact
from recordings.evidence.package import Export, Package, PieceGone, Record, packed, put_together
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript, to_json
from rooms import events as e
from rooms.events import plain
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Performance, Phase, Role, Seat, Side, Term
from tests.recordings.evidence.log import SYSTEM, WHEN, Log

OFFICER = ("officer", "u1", "陈立", "mediator", "o1")
SUPERVISOR = ("officer", "u3", "赵监督", "supervisor", "o1")
FACTS = "张芳称商家周经理拒绝退款，电话13800010001。"
NUMBER = "东高一投〔2026〕7号"
VERSION = "2026-11-25.3"

SEATS = (
    Seat("m", Role.MEDIATOR, "陈立"),
    Seat("c", Role.CONSUMER, "张女士", Side.CONSUMER, city="黄冈", phone="138****0001"),
    Seat("b", Role.BUSINESS, "周经理", Side.BUSINESS, "缘分科技有限公司", "武汉", "139****0002"),
)


@dataclass
class Story:
    """Tells itself when made; `pieces` is what lies on the disk, by the journal's path."""

    session: str = "s1"
    complaint: str = "k1"
    log: Log = field(default_factory=Log)
    segments: int = 3
    seed: int = 7
    pieces: dict[str, bytes] = field(default_factory=dict)
    before_recording: Sequence[tuple[e.SessionEvent, Sequence[str]]] = ()
    of_complaint: Sequence[tuple[str, Mapping[str, Any]]] = ()
    composed: bool = True  # False: it has only just ended

    def __post_init__(self) -> None:
        self._random = Random(f"{self.seed} {self.session}")
        self._at = WHEN - timedelta(hours=1)
        self._tell()

    @property
    def stream(self) -> str:
        return f"session/{self.session}"

    def say(self, event: e.SessionEvent, actor: Sequence[str] = SYSTEM, after: float = 1.0) -> datetime:
        self._at += timedelta(seconds=after)
        self.log.append(self.stream, type(event).__name__, plain(event), self._at, actor)
        return self._at

    def complain(self, type_: str, data: Mapping[str, Any], after: float = 1.0) -> None:
        self._at += timedelta(seconds=after)
        self.log.append(f"complaint/{self.complaint}", type_, dict(data), self._at, OFFICER)

    def _tell(self) -> None:
        consumer = {"name": "张芳", "phone": "sealed:x", "phone_masked": "138****0001", "city": "黄冈",
                    "address": "东门路8号", "organisation": "", "credit_code": "", "detail": ""}  # fmt: skip
        business = {"name": "周经理", "phone": "sealed:y", "phone_masked": "139****0002", "city": "武汉",
                    "address": "光谷大道70号", "organisation": "缘分科技有限公司", "credit_code": "9142****0X",
                    "detail": ""}  # fmt: skip
        self.complain(
            "ComplaintRegistered",
            {"number": NUMBER, "office": "o1", "channel": "12315", "received": "2026-11-20T01:00:00.000000Z",
             "title": "退款", "request": "退还积分款", "facts": FACTS, "amount": "2000.00",
             "consumer": consumer, "business": business, "industry": "婚介", "problem": "合同", "order": "121"},
        )  # fmt: skip
        self.complain("ComplaintAccepted", {})
        for type_, data in self.of_complaint:
            self.complain(type_, data)
        self.complain(
            "MediationScheduled",
            {"session": self.session, "ordinal": 1, "starts": "2026-11-25T08:41:00.000000Z", "mediator": "u1",
             "contacts": {"c": "sealed:x", "b": "sealed:y"}},
        )  # fmt: skip
        self.say(e.SessionScheduled(self.complaint, NUMBER, "o1", 1, "退款", WHEN, SEATS, "u1"), OFFICER)
        for seat in ("c", "b"):
            who = ("party", seat, seat, "", "")
            self.log.append("office/o1", "Noise", {"n": seat}, self._at)
            if seat == "b":
                self.say(e.IdentityConfirmedByVoice(seat, "说得出订单号"), OFFICER)
            else:
                self.say(e.IdentityConfirmed(seat, "code"), who)
            self.say(e.ConsentGiven(seat, Consent.PARTICIPATE, VERSION), who)
            self.say(e.ConsentGiven(seat, Consent.RECORD, VERSION), who)
            self.say(e.DeviceChecked(seat, "video", ("network:4",)), who)
            self.say(e.Arrived(seat), who)
        self.say(e.SessionOpened(), OFFICER)
        self.say(e.PhaseEntered(Phase.OPENING), OFFICER)
        for seat in ("c", "b"):
            self.say(e.Admitted(seat), OFFICER)
        everybody: dict[str, tuple[str, ...]] = {"m": ("c", "b"), "c": ("m", "b"), "b": ("m", "c")}
        self.say(e.Routed(everybody, everybody, ("m", "c", "b")))
        self.say(e.Said("c", "我是张芳，请退款。"), ("party", "c", "c", "", ""))
        for event, by in self.before_recording:
            self.say(event, by)
        for number in range(self.segments):
            for seat in ("m", "c", "b"):
                self._record(seat, number)
            self.log.append("session/other", "Noise", {"n": number}, self._at)
        self.say(e.PhaseEntered(Phase.PROPOSAL), OFFICER)
        outcome = Outcome(
            OutcomeKind.SETTLED,
            (Term(Side.BUSINESS, "退还积分款", Decimal("2000.00"), None, "微信转账", Performance.ON_THE_SPOT),),
            Decimal("2000.00"),
        )
        self.say(e.OutcomeProposed(outcome), OFFICER)
        self.say(e.OutcomeSeen("c"), ("party", "c", "c", "", ""))
        self.say(e.OutcomeSeen("b"), ("party", "b", "b", "", ""))
        closed = self.say(e.SessionClosed(outcome), OFFICER)
        self.say(e.Routed({}, {}, ()))
        if self.composed:
            self._compose(closed)
        self.complain(
            "MediationClosed",
            {"session": self.session, "outcome": "settled", "loss_recovered": "2000.00", "ground": None, "due": None,
             "adjourned_to": None},
        )  # fmt: skip
        self.say(e.Viewed("record"), SUPERVISOR)

    def _compose(self, closed: datetime) -> None:
        film = self._random.randbytes(5000)
        path = f"{self.session}/composed.mp4"
        self.pieces[path] = film
        digest = hashlib.sha256(film).hexdigest()
        self.say(e.RecordingComposed(path, digest, len(film), 60_000, closed - timedelta(seconds=60)))

    def _record(self, seat: str, number: int) -> None:
        content = self._random.randbytes(1000 + self._random.randrange(3000))
        path = f"{self.session}/{seat}/2026-{number}-camera.webm"
        self.pieces[path] = content
        started = self._at - timedelta(seconds=10)
        sealed = e.SegmentSealed(
            seat, path, hashlib.sha256(content).hexdigest(), len(content), started, self._at, 640, 360
        )
        self.say(sealed)

    # ------------------------------------------------------------ the package

    def record(self) -> Record:
        session = until_last_fact(self.log.streams[self.stream])
        complaint = until_last_fact(self.log.streams[f"complaint/{self.complaint}"])
        return Record(
            self.log.installation,
            "yuntiao 0.1.0",
            session,
            complaint,
            self.log.logged([*session, *complaint]),
            {path: f"text of {path}\n".encode() for path in TEXT_PATHS},
        )

    def opened(self, media: Media) -> BinaryIO:
        if media.stored not in self.pieces:
            raise PieceGone("missing")
        return io.BytesIO(self.pieces[media.stored])

    def package(self, record: Record | None = None) -> Package:
        return put_together(record or self.record(), pages, self.log.key, self.opened)

    def bytes(self, export: Export | None = None, package: Package | None = None) -> bytes:
        made = packed(package or self.package(), export or export_by("赵监督"), self.log.key, self.opened)
        return b"".join(made)


def heard(story: Story, *said: tuple[str, float, str], corrected: Mapping[str, str] = {}) -> Record:
    """The record of a story with a transcript: seat, seconds into its film, text, two seconds each."""
    told = story.record().decoded.history
    origin = next(entry.event.origin for entry in told if isinstance(entry.event, e.RecordingComposed))
    model = ModelIdentity("whisper", "whisper-base", "ab" * 32)
    lines = tuple(
        Line(
            str(n),
            seat,
            origin + timedelta(seconds=at),
            origin + timedelta(seconds=at + 2),
            text,
            0.3 if "？" in text else 0.9,
        )
        for n, (seat, at, text) in enumerate(said, 1)
    )
    content = to_json(Transcript(story.session, model, WHEN, lines))
    path, digest = f"{story.session}/transcript.sealed", hashlib.sha256(content).hexdigest()
    story.pieces[path] = content
    story.say(e.TranscriptMade(path, digest, len(content), len(lines), model.kind, model.name, model.digest))
    for line, text in corrected.items():
        story.say(e.TranscriptCorrected(line, text), OFFICER)
    return replace(story.record(), heard=content)


TEXT_PATHS = [f"texts/{VERSION}/{kind}.{language}.txt" for kind in ("notice", "recording") for language in ("zh", "en")]


def pages(_absent: Sequence[Absent]) -> Mapping[str, bytes]:
    return {f"index{language}.html": f"<!doctype html>{language}".encode() for language in ("", ".zh", ".en")}


def export_by(name: str, at: str = "2026-11-26T01:02:03.000000Z") -> Export:
    who = {"id": "u3", "name": name, "office": "o1", "role": "supervisor"}
    return Export(at, who, f"{name} {at}", f"<!doctype html>{name} {at}".encode())


def known_text(path: str) -> bytes | None:
    """The invented program knows one version of the texts."""
    return f"text of {path}\n".encode() if path.startswith(f"texts/{VERSION}/") else None
