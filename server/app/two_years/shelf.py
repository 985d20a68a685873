"""What supervisors, inspectors, the casebook and the public have of the two years: each a step of its own.

Made by the services that pages ask, as the officer whose work it is, after the program has begun to serve. A step that
was interrupted is done again: what it made before is found there.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from casebook import CHECKS, TEXTS, CaseState
from casebook.commands import LAWYER, GiveComment, Publish, SendToBoard, TakeComment
from casebook.decisions import CaseService
from complaints import UnknownComplaint
from complaints.consultations import AnswerConsultation, CloseConsultation
from complaints.insight.bulletin import Kind
from complaints.insight.spots import HandOnSpot, LookAtSpot
from complaints.insight.warnings import ApproveWarning, PublishWarning, WriteWarning
from complaints.leads import SPOT, AssignLead, DecideLead, NewConsultation, NewLead, NewReport, NoteAction
from complaints.leads.decisions import competences
from complaints.notices.messages import AnswerQuestions, QuestionsAnswered
from complaints.state import Complaint, ComplaintState
from complaints.statistics.figures import Period
from journal import Actor
from journal.clock import utc_now
from journal.numbers import SAMPLE_MARK
from law.grounds import MATTERS
from offices import Officer
from offices.oversight import ApprovalWish
from rooms.supervision.reviewing import AnswerFindings, AnswerItem, CloseReview, HandOn, NoteFinding
from rooms.supervision.reviews import Evidence, Reply
from server.app import demo
from server.app.parts import PARTS, Parts
from server.app.two_years.recent import invented_id
from server.imports.batches import Batches
from server.imports.store import IntakeStore
from server.insight.detection import JOB as LOOK
from web import ANSWERS, APPOINTMENTS, i18n
from web.office import insight as insight_words
from web.office.administration import INTAKE, JURISDICTIONS
from web.office.audit import EXPORTS
from web.office.casebook import CASE_SHELVES, CASE_WORK, CASEBOOK, LAWYERS
from web.office.insight.services import FOCUS, ISSUED, WARNINGS
from web.office.leads import CONSULTATIONS, LEADS, REPORTS
from web.office.oversight import APPROVALS
from web.office.supervision.plans import SUPERVISION

QUESTIONED: Final = 24  # mediations


@cache
def words() -> Mapping[str, Any]:
    """What people wrote, as in words.toml."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """`people`: by sign-in name. `recent`: ids of complaints of the last weeks, in the order of receipt."""

    app: web.Application
    people: Mapping[str, Officer]
    recent: Sequence[str]
    day: date

    def steps(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """By name, in the order in which they are made."""
        return {
            "office": self.office,
            "supervision": self.supervision,
            "casebook": self.casebook,
            "apart": self.apart,
            "imports": self.imports,
            "answers": self.answers,
            "questions": self.questions,
            "package": self.package,
            "bulletins": self.bulletins,
            "spots": self.spots,
        }

    @property
    def parts(self) -> Parts:
        return self.app[PARTS]

    @property
    def zhou(self) -> Officer:
        return self.people[demo.MEDIATOR]

    @property
    def luo(self) -> Officer:
        return self.people[demo.SUPERVISOR]

    async def _told(self) -> AsyncIterator[tuple[str, Complaint]]:
        """Complaints of the last weeks; what would only come in later today is not there."""
        for id_ in self.recent:
            try:
                yield id_, await self.parts.complaints.state(id_)
            except UnknownComplaint:
                continue

    async def _closed(self) -> AsyncIterator[tuple[str, Complaint]]:
        async for id_, state in self._told():
            if state.state is ComplaintState.CLOSED and state.loss_recovered and state.sessions:
                yield id_, state

    # ------------------------------------------------------------ steps

    async def office(self) -> None:
        """Areas, who is away, a system that sends, and something that waits for a second person."""
        admin, sunli = self.people[demo.ADMINISTRATOR], self.people["sunli"]
        areas = self.app[JURISDICTIONS]
        if not await areas.areas(admin):
            await areas.draw(admin, "", "光谷片区", "420111", "云桥路、知遇街")
            await areas.draw(admin, "", "东湖片区", "420106", "望湖街、梧桐里")
        first = datetime.combine(self.day + timedelta(days=2), time(13), ZoneInfo(demo.OFFICE.zone))
        book = self.app[APPOINTMENTS].book
        if not (await book.of_officer(sunli.id)).absences:
            await book.enter_absence(sunli, first, first + timedelta(hours=5), "参加业务培训")
        if not await self.app[INTAKE].senders(admin):
            await self.app[INTAKE].admit(admin, "区12345热线平台", "hotline")
        why = "本周集中回访上月办结的投诉，需要多看几个完整号码。"
        await self.app[APPROVALS].ask(self.zhou, "", ApprovalWish("unmask", self.zhou.id, self.zhou.name, why))

    async def supervision(self) -> None:
        """This week's plan is drawn; of what it drew, some is gone through, some answered, some closed."""
        desk, guqing = self.app[SUPERVISION], self.people["guqing"]
        found = await desk.monday(self.luo)
        places = [place for plan in found.plans for place in plan.places if not place.aside]
        by_id = {one.id: one for one in self.people.values()}
        for n, place in enumerate(places[:6]):
            session, mediator = place.session.id, by_id.get(place.session.mediator_id)
            if place.state or mediator is None:
                continue
            reviewer = self.luo if n % 2 == 0 else guqing
            await desk.open_review(reviewer, session)
            page = await desk.review(reviewer, session)
            assert page.review is not None
            evidence = (Evidence("entry", 1),)
            items = page.review.opened.items
            for item in items[: len(items) // 2] if n == 5 else items:
                await desk.ask(reviewer, session, AnswerItem(item, "yes", "", evidence))
            if n == 5:
                continue  # is being gone through
            if n in (0, 3):
                remedy = "开场时逐项告知权利义务，并请双方口头确认。"
                note = NoteFinding("minor", items[0], "权利义务告知较快，未逐项确认双方是否听明白。", evidence, remedy)
                await desk.ask(reviewer, session, note)
            else:
                await desk.ask(
                    reviewer, session, NoteFinding("praise", "", "耐心听完双方陈述再归纳争议，值得学习。", evidence)
                )
            await desk.ask(reviewer, session, HandOn("请承办调解员阅示。"))
            if n in (0, 1, 2):
                asked = (await desk.review(reviewer, session)).review
                assert asked is not None
                replies = tuple(Reply(one.n, True, "接受，下次逐项确认。") for one in asked.asking)
                if asked.state == "replying":
                    await desk.ask(mediator, session, AnswerFindings(replies))
                if n != 0:
                    await desk.ask(reviewer, session, CloseReview("已与调解员沟通。"))

    async def casebook(self) -> None:
        """Typical cases with a lawyer's comment, one waits for the board, one is being written; notes of experience."""
        stories = iter(words()["cases"])
        async for id_, _ in self._closed():
            if (story := next(stories, None)) is None:
                break
            await self._case(id_, story)
        shelves = self.app[CASE_SHELVES]
        for problem, text in words()["experience"].items():
            if not (await shelves.note(self.zhou, problem)).editions:
                await shelves.write_note(self.zhou, problem, text, "", 0)

    async def _case(self, complaint: str, story: Mapping[str, Any]) -> None:
        desk, work = self.app[CASEBOOK], self.app[CASE_WORK]
        state, case = await self.parts.complaints.state(complaint), await desk.draw(self.zhou, complaint)
        if story["stage"] == "draft":
            return

        async def stage() -> CaseState:
            file = (await desk.page(self.zhou, case)).file
            assert file is not None
            return file.state

        if await stage() is CaseState.DRAFT:
            title = f"{state.record.industry}消费纠纷：{state.record.title.removeprefix('投诉').removeprefix('反映')}"
            await work.write(self.zhou, case, {"experience": story["experience"], "title_zh": title[:60]})
            for field in TEXTS:
                await work.decide_rest(self.zhou, case, field, "hidden")
            await work.approve(self.zhou, case, anyway=True)
        if await stage() is CaseState.APPROVED:
            await self._commented(case, story["lawyer"], story["comment"])
            await desk.ask(self.zhou, case, SendToBoard(CHECKS))
        if story["stage"] == "published" and await stage() is CaseState.REVIEW:
            await desk.ask(self.luo, case, Publish())

    async def _commented(self, case: str, by: Sequence[str], text: str) -> None:
        desk = self.app[CASEBOOK]
        file = (await desk.page(self.zhou, case)).file
        assert file is not None
        if file.comment:
            return
        if not file.invitations:
            (name, firm), until = by, self.day + timedelta(days=20)
            await self.app[LAWYERS].invite(self.zhou, case, name, firm, "13700000345", until)
            file = (await desk.page(self.zhou, case)).file
            assert file is not None
        invitation = file.invitations[-1].id
        lawyer = Actor("party", invitation, by[0], LAWYER, demo.OFFICE.id)
        await CaseService(self.parts.journal, utc_now).submit(case, GiveComment(invitation, text), lawyer)
        await desk.ask(self.zhou, case, TakeComment(invitation, text, anyway=True))

    async def apart(self) -> None:
        """Reports, consultations, and leads of other kinds than the gyms'."""
        xu, now = self.people["xuwei"], utc_now()
        for n, told in enumerate(words()["reports"]):
            received = now - timedelta(days=told["days"], hours=n)
            report = NewReport(
                f"demo/{n}", "12315", "internet", received, told["title"], told["content"], told["about"]
            )
            lead, _ = await self.app[REPORTS].register(xu, report)
            if n:
                await self._verified(lead, xu, n)
        kind = next(iter(MATTERS))
        for n, told in enumerate(words()["consultations"]):
            at = now - timedelta(days=n, hours=2)
            new = NewConsultation(f"demo/{n}", kind, "hotline", "phone", at, told["title"], told["content"], "来电人")
            await self._consulted(n, new, told["answer"])

    async def _consulted(self, n: int, new: NewConsultation, answer: str) -> None:
        desk = self.app[CONSULTATIONS]
        id_ = await desk.register(self.zhou, new)
        if answer and (await desk.consultation(self.zhou, id_)).consultation.state == "registered":
            day = self.day - timedelta(days=n)
            await desk.ask(self.zhou, id_, AnswerConsultation(day, "phone", answer, self.day))
            await desk.ask(self.zhou, id_, CloseConsultation())

    async def _verified(self, lead: str, xu: Officer, n: int) -> None:
        desk = self.app[LEADS]
        page = await desk.lead(xu, lead)
        if page.lead.state != "open" or page.lead.owner:
            return
        await desk.ask(xu, lead, AssignLead(xu.id, xu.name))
        if n > 1:
            note = "现场检查，拍照取证，制作现场笔录。"
            await desk.ask(xu, lead, NoteAction(self.day - timedelta(days=n), "inspection", note, self.day))
        if n == 2:
            ours = competences(page.lead)[0]
            said = "现场未发现在售过期食品，进货查验记录齐全。"
            await desk.ask(xu, lead, DecideLead("unfounded", said, self.luo.name, competence=ours))

    async def imports(self) -> None:
        """This week's file of the message board: it names no business, and has words nobody has mapped."""
        parts = self.parts
        batches = Batches(
            parts.complaints, parts.journal, IntakeStore(parts.database), parts.seal, parts.settings.data, utc_now,
            reserve=parts.settings.reserve(),
        )  # fmt: skip
        id_ = invented_id(f"board/{self.day}")
        batch = await batches.store.batch(id_)
        if batch is None:
            rows, day = ["留言编号,留言用户,留言主题,留言时间,留言详情,问题类别"], self.day - timedelta(days=1)
            for n, one in enumerate(words()["board"]):
                told = one["user"], one["title"], f"{day} {9 + n:02d}:1{n}", one["text"], one["problem"]
                rows.append(",".join((f"{SAMPLE_MARK}LYB{day:%Y%m%d}{n:03d}", *told)))
            content = "\n".join(rows).encode()
            mapping = await batches.mapping(demo.OFFICE.id, "board")
            name = f"城市留言板{self.day}.csv"
            batch = await batches.begin(demo.OFFICE, self.zhou.actor, mapping, content, name, id=id_)
        if batch.state in ("queued", "running"):
            await batches.run(batch, demo.OFFICE, again=True)

    async def answers(self) -> None:
        """Businesses are asked to answer in writing."""
        for id_ in ("demo-0920", "demo-0922"):
            if not (await self.parts.complaints.state(id_)).answers:
                await self.app[ANSWERS].invite(self.zhou, id_, self.day + timedelta(days=4), "请附上合同和付款记录。")

    async def questions(self) -> None:
        """Both sides of some mediations were asked how it went, and most of them have said so."""
        held = [state async for _, state in self._told() if state.held]
        for n, known in enumerate(held[-QUESTIONED:]):
            session = await self.parts.rooms.state(known.sessions[-1])
            for ask in self.parts.follow_up.then:
                await ask(session)
            state = await self.parts.complaints.state(session.complaint)
            for asked in state.asked:
                if asked.answered is not None or n % 4 == 0:
                    continue
                whom, satisfied = asked.sent.whom, "partly" if n % 7 == 0 else "yes"
                person = state.consumer if whom == "consumer" else state.business
                answered = QuestionsAnswered(asked.sent.invitation, whom, "yes", "yes", satisfied=satisfied)
                party = Actor("party", whom, person.name, whom, demo.OFFICE.id)
                await self.parts.complaints.submit(session.complaint, AnswerQuestions(answered), party)

    async def package(self) -> None:
        """Of one mediation in the room the record is there to be taken along."""
        async for _, state in self._closed():
            if state.held_online:
                await self.app[EXPORTS].ask(self.luo, state.sessions[-1], "package")
                return

    async def bulletins(self) -> None:
        """Last month's, also for the public, and last week's."""
        end = self.day.replace(day=1) - timedelta(days=1)
        month, monday = Period(end.replace(day=1), end), self.day - timedelta(days=self.day.weekday() + 7)
        week = Period(monday, monday + timedelta(days=6))
        wanted: Sequence[tuple[Kind, Period, bool]] = (
            ("month", month, True),
            ("month", month, False),
            ("week", week, False),
        )
        for kind, period, public in wanted:
            issued = await self.app[ISSUED].editions(self.luo, kind, period)
            if not any(one.public is public for one in issued):
                await self.app[ISSUED].issue(self.luo, kind, period, self.day, public)

    async def spots(self) -> None:
        """Focus looks, and finds the gyms: a lead is made of them, and consumers are warned."""
        page = await self.app[FOCUS].page(self.luo)
        if page.report is None:
            await self.parts.queue.enqueue(LOOK, of="all", needs="nothing")
        while page.report is None:
            await asyncio.sleep(1.0)  # another process looks
            page = await self.app[FOCUS].page(self.luo)
        gyms = [one for one in page.spots if one.figures.kind == "respondent" and "跃动健身" in one.figures.name]
        for one in gyms[:1]:
            await self._handled(one.figures.id)

    async def _handled(self, spot: str) -> None:
        focus, xu = self.app[FOCUS], self.people["xuwei"]
        found = await focus.at_hand(self.luo, spot)
        title, about, content = insight_words.as_lead(found, i18n.words_of("zh"))
        new = NewLead(SPOT, title, content, about, f"spot/{spot}", found.subject, found.records, spot)
        await focus.ask(self.luo, spot, LookAtSpot())
        lead = await self.app[LEADS].open(self.luo, new)
        await focus.ask(self.luo, spot, HandOnSpot(lead))
        if not (await self.app[LEADS].lead(self.luo, lead)).lead.owner:
            await self.app[LEADS].ask(self.luo, lead, AssignLead(xu.id, xu.name))
            talk = "约谈物业和房东，查封未果，正在联系公司负责人。"
            await self.app[LEADS].ask(xu, lead, NoteAction(self.day, "talk", talk, self.day))
        warnings, told = self.app[WARNINGS], words()["warning"]
        state = (await warnings.one(self.luo, spot)).warning
        if state is None:
            await warnings.ask(self.luo, spot, WriteWarning(told["title"], told["body"].strip(), "zh", 0))
            state = (await warnings.one(self.luo, spot)).warning
        assert state is not None
        if state.stage == "draft":
            await warnings.ask(self.people["guqing"], spot, ApproveWarning(state.edition))
        if state.stage != "published":
            published = PublishWarning(state.edition, demo.OFFICE.id, demo.OFFICE.name)
            await warnings.ask(self.people["guqing"], spot, published)
