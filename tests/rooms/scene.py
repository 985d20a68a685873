"""A session on the table: commands go in one by one, state and history come out. Pure, with a clock moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal import SYSTEM, Actor
from rooms import commands as c
from rooms.decisions import decide
from rooms.events import SessionEntry, SessionEvent
from rooms.session import Session, evolve
from rooms.timing import Timing, measure
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Performance, Role, Seat, Side, Term

START = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)

M, CO, BU, OB, IN = "s-m", "s-c", "s-b", "s-o", "s-i"

MEDIATOR = Actor("officer", "u1", "李调解", "mediator", "o1")
COLLEAGUE = Actor("officer", "u2", "王调解", "mediator", "o1")
SUPERVISOR = Actor("officer", "u3", "赵监督", "supervisor", "o1")
STRANGER = Actor("officer", "u9", "别处", "mediator", "o9")

SEATS = (
    Seat(M, Role.MEDIATOR, "李调解"),
    Seat(CO, Role.CONSUMER, "陈女士", Side.CONSUMER, city="黄冈"),
    Seat(BU, Role.BUSINESS, "周经理", Side.BUSINESS, "缘分科技", "武汉"),
    Seat(OB, Role.OBSERVER, "观察员"),
    Seat(IN, Role.INTERPRETER, "译员", Side.CONSUMER),
)


def party(seat: str) -> Actor:
    return Actor("party", seat, seat)


CONSUMER, BUSINESS, OBSERVER = party(CO), party(BU), party(OB)


def scheduling(seats: tuple[Seat, ...] = SEATS, order: str = "121") -> c.Schedule:
    return c.Schedule("k1", "东高一投〔2026〕12号", "o1", 1, "积分退款", START, seats, "u1", order)


def settled(now: datetime = START) -> Outcome:
    refund = Term(Side.BUSINESS, "退还积分款", Decimal("2000"), None, "微信转账", Performance.ON_THE_SPOT)
    later = Term(Side.CONSUMER, "撤回网络差评", due=now + timedelta(days=7))
    return Outcome(OutcomeKind.SETTLED, (refund, later))


@dataclass
class Scene:
    """`ask` decides and evolves; a refusal leaves everything as it was."""

    session: Session | None = None
    now: datetime = START
    history: list[SessionEntry] = field(default_factory=list)

    def ask(self, command: c.Command, actor: Actor = MEDIATOR) -> list[SessionEvent]:
        events = decide(command, self.session, actor, self.now)
        for event in events:
            entry = SessionEntry("x1", len(self.history) + 1, event, self.now, actor)
            self.session = evolve(self.session, entry)
            self.history.append(entry)
        return events

    def wait(self, **time: float) -> Scene:
        self.now += timedelta(**time)
        return self

    @property
    def state(self) -> Session:
        assert self.session is not None
        return self.session

    @property
    def timing(self) -> Timing:
        return measure(self.history, self.now)

    def prepare(self, seat: str, record: bool = True) -> Scene:
        """Everything a party does before the waiting room."""
        self.ask(c.IssueLink(seat, f"link-{seat}", self.now + timedelta(days=1)))
        self.ask(c.OpenLink(f"link-{seat}"), party(seat))
        self.ask(c.ConfirmIdentity("code"), party(seat))
        self.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), party(seat))
        self.ask(c.AnswerConsent(Consent.RECORD, record, "v1"), party(seat))
        return self

    def bring(self, seat: str, record: bool = True) -> Scene:
        """Through the waiting room into the room."""
        self.prepare(seat, record)
        self.ask(c.Arrive(), party(seat))
        self.ask(c.Admit(seat))
        return self


def scheduled(order: str = "121") -> Scene:
    scene = Scene()
    scene.ask(scheduling(order=order))
    return scene


def opened(order: str = "121") -> Scene:
    scene = scheduled(order)
    scene.ask(c.Arrive())
    return scene


def live(record: bool = True) -> Scene:
    """Mediator, consumer and business in the room."""
    return opened().bring(CO, record).bring(BU)


def system(scene: Scene, command: c.Command) -> list[SessionEvent]:
    return scene.ask(command, SYSTEM)
