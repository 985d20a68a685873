"""A mediation as the journal tells it, for tests of what is projected and read from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from complaints import events as c
from complaints.record import PartyRecord
from complaints.state import stream as complaint_stream
from journal import Actor, Draft, Event, Journal
from rooms import events as e
from rooms.events import event_draft, stream as session_stream
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Phase, Role, Seat, Side, Term

ZHOU = Actor("officer", "u-zhou", "周敏", "mediator", "o1")
MORNING = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)  # 10:00 in Wuhan
MINUTE = timedelta(minutes=1)

MEDIATOR = Seat("s-mediator", Role.MEDIATOR, "周敏")
CONSUMER = Seat("s-consumer", Role.CONSUMER, "丁小禾", Side.CONSUMER, city="黄冈", phone="138****5678")
BUSINESS = Seat("s-business", Role.BUSINESS, "袁一帆", Side.BUSINESS, organisation="武汉知遇桥信息技术有限公司")

PAID_NOW = Term(Side.BUSINESS, "退还部分款项", Decimal("2000.00"), MORNING, "原路退回", Performance.ON_THE_SPOT)
PAID_LATER = Term(Side.BUSINESS, "退还余款", Decimal("360.00"), MORNING + timedelta(days=9), "转账")
SETTLED = Outcome(OutcomeKind.SETTLED, (PAID_NOW,), Decimal("2000.00"))
SETTLED_LATER = Outcome(OutcomeKind.SETTLED, (PAID_NOW, PAID_LATER), Decimal("2360.00"))


class Teller:
    """Appends facts of complaints and sessions, each at a time of its own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def complaint(self, complaint: str, *events: c.ComplaintEvent, at: datetime = MORNING) -> list[Event]:
        return await self._tell(complaint_stream(complaint), *(c.to_draft(event, at, ZHOU) for event in events))

    async def session(self, session: str, *events: e.SessionEvent, at: datetime = MORNING) -> list[Event]:
        return await self._tell(session_stream(session), *(event_draft(event, at, ZHOU) for event in events))

    async def enter_all(self, session: str, at: datetime) -> None:
        await self.session(session, *everybody_enters(), at=at)

    async def mediated(
        self,
        complaint: str,
        session: str,
        outcome: Outcome = SETTLED,
        office: str = "o1",
        opened: datetime = MORNING,
        minutes: int = 10,
    ) -> None:
        """The whole of it: registered, scheduled, held, closed, and the complaint following."""
        # Told in three steps, each event at its own time: every step is a transaction that fills all the tables.
        await self._tell(
            complaint_stream(complaint),
            c.to_draft(registered(complaint, office), opened - timedelta(days=3), ZHOU),
            c.to_draft(c.ComplaintAccepted(), opened - timedelta(days=1), ZHOU),
            c.to_draft(c.MediationScheduled(session, 1, opened, "u-zhou"), opened - timedelta(days=1), ZHOU),
        )
        closed = opened + minutes * MINUTE
        await self._tell(
            session_stream(session),
            event_draft(scheduled(complaint, office, opened), opened - timedelta(days=1), ZHOU),
            *(event_draft(event, opened, ZHOU) for event in everybody_enters()),
            event_draft(e.OutcomeProposed(outcome), closed, ZHOU),
            event_draft(e.SessionClosed(outcome), closed, ZHOU),
        )
        due = max((t.due for t in outcome.terms if t.performance is Performance.LATER and t.due), default=None)
        follows = c.MediationClosed(session, outcome.kind.value, outcome.loss_recovered, outcome.ground, due)
        await self.complaint(complaint, follows, at=closed)

    async def _tell(self, stream: str, *drafts: Draft) -> list[Event]:
        after = len(await self._journal.read(stream))
        return await self._journal.append(stream, after, drafts)


def everybody_enters() -> list[e.SessionEvent]:
    entries = [(e.Arrived(seat.id), e.Admitted(seat.id)) for seat in (MEDIATOR, CONSUMER, BUSINESS)]
    return [e.SessionOpened(), e.PhaseEntered(Phase.OPENING), *(event for entry in entries for event in entry)]


def registered(complaint: str = "c1", office: str = "o1", **changed: object) -> c.ComplaintRegistered:
    fields: dict[str, object] = {
        "number": f"东高一投〔2026〕{complaint}号",
        "office": office,
        "channel": "12315",
        "received": MORNING - timedelta(days=3),
        "title": "婚恋网站积分退款",
        "request": "退还未使用积分的款项",
        "facts": "购买3000积分，未用完，申请退款被拒。",
        "amount": Decimal("2360.00"),
        "consumer": PartyRecord("丁小禾", "sealed-consumer", "138****5678", "黄冈"),
        "business": PartyRecord("袁一帆", "sealed-business", "139****1234", "武汉", organisation="武汉知遇桥公司"),
        "industry": "婚恋服务",
        "problem": "退款",
        "order": "121",
    }
    return c.ComplaintRegistered(**{**fields, **changed})  # type: ignore[arg-type]


def scheduled(complaint: str = "c1", office: str = "o1", starts: datetime = MORNING) -> e.SessionScheduled:
    seats = (MEDIATOR, CONSUMER, BUSINESS)
    return e.SessionScheduled(
        complaint, f"东高一投〔2026〕{complaint}号", office, 1, "积分退款", starts, seats, "u-zhou"
    )
