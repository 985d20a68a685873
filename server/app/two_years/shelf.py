"""What supervisors, inspectors, the casebook and the public have of the two years: each a step of its own.

Made by the services that pages ask, as the officer whose work it is, after the program has begun to serve. A step that
was interrupted is done again: what it made before is found there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from casebook.case import CHECKS, TEXTS, CaseState
from casebook.commands import LAWYER, GiveComment, Publish, SendToBoard, TakeComment
from casebook.decisions import CaseService
from complaints.consultations import AnswerConsultation, CloseConsultation
from complaints.insight.bulletin import Kind
from complaints.insight.spots import HandOnSpot, LookAtSpot
from complaints.insight.warnings import ApproveWarning, PublishWarning, WriteWarning
from complaints.leads import SPOT, AssignLead, DecideLead, NoteAction
from complaints.leads.views import NewConsultation, NewLead, NewReport
from complaints.state import Complaint, ComplaintState
from complaints.statistics.figures import Period
from journal import Actor
from journal.clock import utc_now
from law.grounds import MATTERS
from offices.oversight import ApprovalWish
from offices.people import Officer
from rooms.supervision.reviewing import AnswerFindings, AnswerItem, CloseReview, HandOn, NoteFinding
from rooms.supervision.reviews import Evidence, Reply
from server.app import demo
from server.app.parts import PARTS, Parts
from server.serving.jobs.queue import JobQueue
from server.serving.jobs.runner import LOOK
from web import i18n
from web.office.administration.services import INTAKE, JURISDICTIONS
from web.office.audit.holds import EXPORTS
from web.office.casebook.services import CASE_SHELVES, CASE_WORK, CASEBOOK, LAWYERS
from web.office.insight import words as insight_words
from web.office.insight.services import FOCUS, ISSUED, WARNINGS
from web.office.leads.services import CONSULTATIONS, LEADS, REPORTS
from web.office.oversight.services import APPROVALS
from web.office.supervision.plans import SUPERVISION
from web.services import ANSWERS, APPOINTMENTS

CASES: Final = 7  # drawn; of the last two one waits for the board, one is being written
TEXTS_OF_CASES: Final = (  # the mediator's experience, and a lawyer's comment
    (
        "先固定双方都认可的付款和使用次数，再谈退款比例；商家愿意当场退的，尽量当场履行。",
        "预付未消费部分应当退还，合同中“概不退款”的条款排除消费者主要权利，应属无效。",
    ),
    (
        "把质量问题和使用不当分开说，检测费用由谁承担先谈好，双方就都愿意往下谈。",
        "三包期内经营者负有举证责任，未出具检测报告即拒绝退换，缺乏依据。",
    ),
    (
        "让商家当着消费者的面说明收费构成，很多误会在这一步就解开了。",
        "明码标价是经营者的法定义务，标价之外加价收取的部分应当退还。",
    ),
    (
        "先请平台提供宣传页面的留存，再谈承诺和实际的差距。",
        "对商品的宣传构成承诺的，应当与实际一致；不一致的，消费者可以要求退货。",
    ),
    (
        "对老年消费者放慢语速，逐条念方案，家属在旁边听，达成后当场回读。",
        "对老年人的推销应当真实、全面说明，隐瞒重要信息的，合同可以撤销。",
    ),
    (
        "双方差距不大时用双盲报价，面子都保住了。",
        "调解方案应当以未履行部分的价值为基准，兼顾经营者已发生的合理成本。",
    ),
    ("", ""),
)
PRAISE: Final = "耐心听完双方陈述再归纳争议，值得学习。"
LAWYERS_ASKED: Final = (("吴青", "湖北明理律师事务所"), ("郑远", "武汉知衡律师事务所"))
EXPERIENCE: Final = {
    "contract": "预付式消费先问三件事：卡里还剩多少、合同怎么写、店还开不开。店已关的，同步转线索，不要等调解结果。",
    "quality": "先看三包期和购买凭证，再谈检测。能换的先谈换，换不了再谈退，最后才谈赔。",
    "price": "请商家带价目表和小票来。标价与结算不一致的，差额先退，再看是否移送。",
}
REPORTED: Final = (
    ("反映小区门口早餐店无照经营", "举报人称，望湖街口一早餐摊长期无照经营，无健康证明，希望查处。", "望湖街口早餐摊"),
    ("举报化妆品宣传治疗功效", "网店页面宣称面霜“根治湿疹、七天见效”，涉嫌虚假宣传。", "武汉悦沐商贸有限公司"),
    ("举报超市销售过期食品", "在货架上发现三袋已过保质期的面包，有照片。", "橙满生活超市"),
    ("举报电子秤不准", "同一袋水果在两家摊位称重相差近二两，怀疑计量器具有问题。", "竹溪路水果摊"),
)  # fmt: skip
ASKED: Final = (
    ("网购七天无理由退货，吊牌剪了还能退吗", "咨询七天无理由退货的条件，商品已剪吊牌。", True),
    ("健身卡转让要收手续费合理吗", "咨询预付卡转让的收费有没有规定。", True),
    ("想了解投诉多久有结果", "咨询投诉受理和调解的期限。", True),
    ("快递丢件找谁赔", "咨询寄递服务赔偿由哪个部门处理。", False),
    ("个体户怎么变更经营者", "咨询个体工商户变更登记的材料。", False),
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """`settled`: ids of complaints of the last weeks, in the order of receipt."""

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
            "answers": self.answers,
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

    async def _closed(self) -> AsyncIterator[tuple[str, Complaint]]:
        for id_ in self.recent:
            state = await self.parts.complaints.state(id_)
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
            session, mediator = place.row.id, by_id.get(place.row.mediator_id)
            if place.review or mediator is None:
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
        n = 0
        async for id_, _ in self._closed():
            await self._case(n, id_)
            n += 1
            if n == CASES:
                break
        shelves = self.app[CASE_SHELVES]
        for problem, text in EXPERIENCE.items():
            if not (await shelves.note(self.zhou, problem)).editions:
                await shelves.write_note(self.zhou, problem, text, "", 0)

    async def _case(self, n: int, complaint: str) -> None:
        desk, work = self.app[CASEBOOK], self.app[CASE_WORK]
        state = await self.parts.complaints.state(complaint)
        case, (experience, comment) = await desk.draw(self.zhou, complaint), TEXTS_OF_CASES[n]
        if n == CASES - 1:
            return

        async def stage() -> CaseState:
            file = (await desk.page(self.zhou, case)).file
            assert file is not None
            return file.state

        if await stage() is CaseState.DRAFT:
            title = f"{state.record.industry}消费纠纷：{state.record.title.removeprefix('投诉').removeprefix('反映')}"
            await work.write(self.zhou, case, {"experience": experience, "title_zh": title[:60]})
            for field in TEXTS:
                await work.decide_rest(self.zhou, case, field, "hidden")
            await work.approve(self.zhou, case, anyway=True)
        if await stage() is CaseState.APPROVED:
            await self._commented(case, *LAWYERS_ASKED[n % 2], comment)
            await desk.ask(self.zhou, case, SendToBoard(CHECKS))
        if n < CASES - 2 and await stage() is CaseState.REVIEW:
            await desk.ask(self.luo, case, Publish())

    async def _commented(self, case: str, name: str, firm: str, text: str) -> None:
        desk = self.app[CASEBOOK]
        file = (await desk.page(self.zhou, case)).file
        assert file is not None
        if file.comment:
            return
        if not file.invitations:
            until = self.day + timedelta(days=20)
            await self.app[LAWYERS].invite(self.zhou, case, name, firm, "13700000345", until)
            file = (await desk.page(self.zhou, case)).file
            assert file is not None
        invitation = file.invitations[-1].id
        lawyer = Actor("party", invitation, name, LAWYER, demo.OFFICE.id)
        await CaseService(self.parts.journal, utc_now).submit(case, GiveComment(invitation, text), lawyer)
        await desk.ask(self.zhou, case, TakeComment(invitation, text, anyway=True))

    async def apart(self) -> None:
        """Reports, consultations, and leads of other kinds than the gyms'."""
        xu, now = self.people["xuwei"], utc_now()
        for n, (title, content, about) in enumerate(REPORTED):
            received = now - timedelta(days=1 + 3 * n, hours=n)
            told = NewReport(f"demo/{n}", "12315", "internet", received, title, content, about, informant="", phone="")
            lead, _ = await self.app[REPORTS].register(xu, told)
            if n:
                await self._verified(lead, xu, n)
        kinds = tuple(MATTERS)
        for n, (title, content, answered) in enumerate(ASKED):
            at, kind = now - timedelta(days=n, hours=2), kinds[0]
            new = NewConsultation(f"demo/{n}", kind, "hotline", "phone", at, title, content, "来电人")
            await self._consulted(n, new, answered)

    async def _consulted(self, n: int, new: NewConsultation, answered: bool) -> None:
        desk = self.app[CONSULTATIONS]
        id_ = await desk.register(self.zhou, new)
        if answered and (await desk.consultation(self.zhou, id_)).consultation.state == "open":
            day, said = self.day - timedelta(days=n), "已电话解答，并告知相关规定。"
            await desk.ask(self.zhou, id_, AnswerConsultation(day, "phone", said, self.day))
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
            await desk.ask(xu, lead, DecideLead("verified", "情况属实，责令改正，已复查。"))

    async def answers(self) -> None:
        """Businesses are asked to answer in writing."""
        for id_ in ("demo-0920", "demo-0922"):
            if not (await self.parts.complaints.state(id_)).answers:
                await self.app[ANSWERS].invite(self.zhou, id_, self.day + timedelta(days=4), "请附上合同和付款记录。")

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
            await JobQueue(self.parts.settings.data / "jobs.db").enqueue(LOOK)
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
        warnings = self.app[WARNINGS]
        state = (await warnings.one(self.luo, spot)).warning
        if state is None:
            await warnings.ask(self.luo, spot, WriteWarning(*WARNING, "zh", 0))
            state = (await warnings.one(self.luo, spot)).warning
        assert state is not None
        if state.stage == "draft":
            await warnings.ask(self.people["guqing"], spot, ApproveWarning(state.edition))
        if state.stage != "published":
            published = PublishWarning(state.edition, demo.OFFICE.id, demo.OFFICE.name)
            await warnings.ask(self.people["guqing"], spot, published)


WARNING: Final = (
    "消费提示：跃动健身三家门店停业，会员请及时登记",
    "近日，跃动健身光谷店、大学园店、软件园店同时停业，我所已收到多名会员投诉，正在核查。\n"
    "已办卡的消费者请保留合同、付款记录和聊天记录，通过全国12315平台或者本所窗口登记诉求。\n"
    "提醒广大消费者：办理预付卡前先查看经营者是否备案，一次不要充值过多；遇到“周年庆”“低价续费”等集中促销，更要谨慎。",
)
