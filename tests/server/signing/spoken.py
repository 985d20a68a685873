"""A mediation that ended, with a transcript made by hand: real parts around it, as in `sittings`."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import timedelta

from journal import SYSTEM
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript, to_json
from rooms import commands as c
from rooms.events import TranscriptMade
from rooms.vocabulary import Outcome, OutcomeKind, Phase, Side
from server.app.parts import Parts
from server.identity.codes import Tickets
from server.identity.sign_in_store import TicketStore
from server.outbox.store import MessageStore
from server.signing.desk import SigningService
from server.signing.statements import Condenser, LinkSigning, StatementService
from tests.server.signing.sittings import Room

FAILED = Outcome(OutcomeKind.NOT_SETTLED, note="对退款数额分歧较大")
MODEL = ModelIdentity("hand", "made by hand", "0" * 64)


async def put_on_file(parts: Parts, made: Transcript) -> None:
    """As the job leaves it: sealed beside the recordings, its hash in the journal."""
    content, path = to_json(made), f"{made.session}/transcript.json"
    await asyncio.to_thread(parts.shelf.put, made.session, path, io.BytesIO(content))
    digest, model = hashlib.sha256(content).hexdigest(), made.model
    fact = TranscriptMade(path, digest, len(content), len(made.lines), model.kind, model.name, model.digest)
    await parts.rooms.submit(made.session, c.NoteRecording(fact), SYSTEM)


@dataclass
class Transcripts:
    """Holds them in memory; the store is somebody else's."""

    made: dict[str, Transcript] = field(default_factory=dict)

    async def of(self, session: str) -> Transcript | None:
        return self.made.get(session)


@dataclass
class Hearing:
    """What is said goes into the transcript as the clock stands, half a second apart."""

    room: Room
    transcripts: Transcripts
    lines: list[Line] = field(default_factory=list)

    async def say(self, role: str, text: str) -> str:
        begins = self.room.world.clock.now()
        self.room.world.move(seconds=len(text) / 4)
        ends = self.room.world.clock.now()
        line = Line(f"l{len(self.lines) + 1}", self.room.seats[role], begins, ends, text, 0.9)
        self.lines.append(line)
        self.room.world.move(seconds=0.5)
        return line.id

    async def phase(self, phase: Phase) -> None:
        await self.room.ask(c.EnterPhase(phase))

    def transcribe(self) -> None:
        made = self.room.world.clock.now() + timedelta(minutes=3)
        self.transcripts.made[self.room.session] = Transcript(self.room.session, MODEL, made, tuple(self.lines), {})

    async def end(self, outcome: Outcome | None = FAILED) -> None:
        """None: with what both have agreed to."""
        if outcome is not None:
            for clause in (await self.room.state()).draft.clauses:
                await self.room.ask(c.RemoveClause(clause.id, clause.edition))
        await self.room.ask(c.ProposeAgreed() if outcome is None else c.ProposeOutcome(outcome))
        await self.room.ask(c.Close("已宣读"))
        self.transcribe()


async def heard(room: Room) -> Hearing:
    """A short mediation as two parties and a mediator would hold it, with what a machine mishears."""
    hearing = Hearing(room, Transcripts())
    say = hearing.say
    await hearing.phase(Phase.OPENING)
    await say("mediator", "喂两位听得到吗")
    await say("mediator", "今天的调解是自愿的，双方随时可以退出")
    await say("mediator", "有没有要申请我回避的")
    await say("consumer", "没有")
    await say("business", "不申请")
    await hearing.phase(Phase.CONSUMER_STATEMENT)
    await say("consumer", "嗯，我去年三月在他们平台充了三千六百块的积分")
    await say("consumer", "一次都没有用过，现在积分商城关了")
    await say("consumer", "我要求退还剩余的积分宽两千三百六十元")
    await hearing.phase(Phase.BUSINESS_STATEMENT)
    await say("business", "充值这个事情我们认可")
    await say("business", "但是充值协议里写明了积分售出不退")
    await room.ask(c.StartCaucus(Side.BUSINESS))
    await say("business", "老板说底线是一千三")
    await room.ask(c.EndCaucus())
    await hearing.phase(Phase.PROPOSAL)
    await say("business", "我们最多退八百")
    return hearing


def desk_of(
    hearing: Hearing, condenser: Condenser | None = None
) -> tuple[SigningService, LinkSigning, StatementService]:
    room = hearing.room
    services = replace(room.signing._at, transcripts=hearing.transcripts)
    desk, world = SigningService(services), room.world
    links = LinkSigning(
        desk,
        services.codes,
        world.rooms,
        world.store,
        Tickets(world.seal, world.clock.now, TicketStore(world.database)),
        world.outbox,
        MessageStore(world.database),
        world.clock.now,
        "https://tiaojie.example",
    )
    return desk, links, StatementService(desk, links, world.rooms, condenser)
