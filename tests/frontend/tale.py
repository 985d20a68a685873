"""A mediation with all that an account may have to tell: a refusal, a caucus, a broken line, a recess, a correction."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from recordings.evidence.package import Record
from rooms import events as e
from rooms.joining import consents
from rooms.vocabulary import Consent, Opening, Outcome, OutcomeKind, Phase, Role, Seat, Side, Term
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.told import NUMBER, OFFICER, VERSION, Story

SEATS: Final = (
    Seat("m", Role.MEDIATOR, "周敏"),
    Seat("c", Role.CONSUMER, "丁小禾", Side.CONSUMER, city="黄冈", phone="138****0001"),
    Seat("b", Role.BUSINESS, "陈立", Side.BUSINESS, "武汉知遇桥信息技术有限公司", "武汉", "139****0002"),
    Seat("l", Role.LAWYER, "罗建国", Side.BUSINESS),
)
REFUND: Final = Outcome(
    OutcomeKind.SETTLED,
    (
        Term(Side.BUSINESS, "退还未使用的积分款", Decimal("2000.00"), WHEN + timedelta(days=7), "原路退回"),
        Term(Side.CONSUMER, "撤回在平台上的差评", None, None),
    ),
    Decimal("2000.00"),
    note="双方当场核对过积分余额。",
)  # fmt: skip


def hearing(*seats: str) -> dict[str, tuple[str, ...]]:
    return {who: tuple(other for other in seats if other != who) for who in seats}


def text(kind: str, language: str) -> str:
    """As a package has it (docs/evidence.md, consent texts), of the version people answer in the tale."""
    edition, _, years = VERSION.partition(".")
    lines = consents.file(edition, kind, language).read_text("utf-8").splitlines()
    kept = [line.removeprefix("n|").replace("{years}", years) for line in lines if line and not line.startswith("1|")]
    return "".join(f"{line}\n" for line in kept)


class Tale(Story):
    def record(self) -> Record:
        texts = {
            f"texts/{VERSION}/{kind}.{language}.txt": text(kind, language).encode()
            for kind in consents.kinds_of(VERSION.partition(".")[0]) for language in consents.LANGUAGES
        }  # fmt: skip
        return replace(super().record(), texts=texts)

    def _tell(self) -> None:
        self.complain(
            "ComplaintRegistered",
            {"number": NUMBER, "office": "o1", "channel": "12315", "received": "2026-11-20T01:00:00.000000Z",
             "title": "婚恋网站积分退款", "request": "退还积分款", "facts": "申请退款被拒。", "amount": "2360.00",
             "consumer": {"name": "丁小禾"}, "business": {"name": "陈立"}, "industry": "婚恋", "problem": "退款",
             "order": "121"},
        )  # fmt: skip
        self.complain("ComplaintAccepted", {})
        self.complain(
            "MediationScheduled",
            {"session": self.session, "ordinal": 1, "starts": "2026-11-25T08:41:00.000000Z", "mediator": "u1",
             "contacts": {}},
        )  # fmt: skip
        self.say(e.SessionScheduled(self.complaint, NUMBER, "o1", 1, "婚恋网站积分退款", WHEN, SEATS, "u1"), OFFICER)
        for seat in ("c", "b", "l"):
            self._join(seat, records=seat != "l")
        self.say(e.Arrived("m"), OFFICER)
        self.say(e.SessionOpened(), OFFICER)
        self.say(e.Admitted("m"), OFFICER)
        self._phase(Phase.OPENING)
        for seat in ("c", "b", "l"):
            self.say(e.Admitted(seat), OFFICER, 4)
        self._route(hearing("m", "c", "b", "l"), "m", "c", "b")
        for item in Opening:
            self.say(e.OpeningCovered(item), OFFICER, 20)
        self._phase(Phase.CONSUMER_STATEMENT)
        self._speak("c", 170)
        self._pieces("m", "c", "b")
        self.say(
            e.Said("c", "订单截图我发在群里了，一共买过两次，第一次用完了，第二次还剩一千八百积分。"), self._who("c")
        )
        self.say(e.Disconnected("c", "socket"))
        self.say(e.Reconnected("c"), after=16)
        self._phase(Phase.BUSINESS_STATEMENT)
        self._speak("b", 120)
        self.say(e.Said("b", "我方需要核对一下系统里的余额。", "m"), self._who("b"))
        self._phase(Phase.DISCUSSION)
        self._route(hearing("m", "b", "l"))
        self._speak("m", 90)
        self._route(hearing("m", "c", "b", "l"), "m", "c", "b")
        self.say(e.RecessStarted(), OFFICER, 30)
        self._route({})
        self.say(e.RecessEnded(), OFFICER, 120)
        self._route(hearing("m", "c", "b", "l"), "m", "c", "b")
        self._phase(Phase.PROPOSAL)
        self._speak("m", 60)
        self._pieces("m", "c", "b")
        self.say(e.RecordingFailed("disk_reserve"))
        self.say(e.OutcomeProposed(REFUND), OFFICER, 40)
        self.say(e.OutcomeSeen("c"), self._who("c"), 10)
        self._phase(Phase.CLOSING)
        closed = self.say(e.SessionClosed(REFUND, "商家代表临时离席，已电话告知。"), OFFICER, 20)
        self._route({})
        content = self._random.randbytes(4000)
        self.pieces[f"{self.session}/composed.mp4"] = content
        self.say(
            e.RecordingComposed(
                f"{self.session}/composed.mp4", hashlib.sha256(content).hexdigest(), len(content), 780_000, closed
            )
        )
        self.complain("MediationClosed", {"session": self.session, "outcome": "settled", "loss_recovered": "2000.00",
                                          "ground": None, "due": None, "adjourned_to": None})  # fmt: skip
        self.say(e.Corrected("补记：商家方陈立于会后30分钟内电话确认看过结果。"), OFFICER, 1800)

    def _join(self, seat: str, *, records: bool) -> None:
        who = self._who(seat)
        if seat == "b":
            self.say(e.HelpAsked(seat, "no_code"), who, 9)
            self.say(e.IdentityConfirmedByVoice(seat, "按登记的号码打过去，说得出订单号"), OFFICER, 9)
        else:
            self.say(e.IdentityConfirmed(seat, "code"), who, 9)
        self.say(e.ConsentGiven(seat, Consent.PARTICIPATE, VERSION), who, 9)
        answer = e.ConsentGiven if records else e.ConsentRefused
        self.say(answer(seat, Consent.RECORD, VERSION), who, 9)
        self.say(e.DeviceChecked(seat, "video", ("network:4",)), who, 9)
        self.say(e.Arrived(seat), who, 9)

    def _phase(self, phase: Phase) -> None:
        self.say(e.PhaseEntered(phase), OFFICER)

    def _speak(self, seat: str, seconds: float) -> None:
        self.say(e.SpeakingStarted(seat), after=2)
        self.say(e.SpeakingStopped(seat), after=seconds)

    def _route(self, matrix: dict[str, tuple[str, ...]], *recorded: str) -> None:
        self.say(e.Routed(matrix, matrix, recorded), after=0.01)

    def _pieces(self, *seats: str) -> None:
        for seat in seats:
            self._record(seat, len(self.pieces))

    @staticmethod
    def _who(seat: str) -> tuple[str, str, str, str, str]:
        return ("party", seat, next(one.name for one in SEATS if one.id == seat), "", "")
