"""The register form of a report (举报登记表) and the register of reports (举报登记簿), for the file. Pure.

Who reported stands in neither but by surname, and the number masked (Order 121 Art 37): the file itself holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from complaints import vocabulary
from complaints.clocks import local_day
from complaints.leads import Lead
from complaints.record.parties import shortened
from law.competence import SUBJECTS
from server.documents.registers import form, moment
from server.documents.sheet import Block, Sheet
from server.documents.wording import NEWEST, chinese_day
from web.i18n import words_of
from web.office import lead_words
from web.ports import Office
from web.ports.leads import LeadPage
from web.ports.reports import ReportFilter
from web.reports import words as report_words

FORM, BOOK = "举报登记表", "举报登记簿"
HEAD = ("登记编号", "接收日期", "来源", "举报人", "被举报人", "举报事项", "核查人", "核查期限", "处理情况", "告知情况")
_NONE = "无"
_zh = words_of("zh").gettext


def report_form(page: LeadPage, office: Office, day: date) -> Sheet:
    lead, zone = page.lead, ZoneInfo(office.zone)
    opened, report = lead.opened, lead.opened.report
    rows = [
        ("登记编号", opened.own_number),
        ("来源编号", (report.source if report else "") or _NONE),
        ("来源渠道", vocabulary.name(vocabulary.CHANNELS, report.channel, "zh") if report else ""),
        ("接收方式", vocabulary.name(vocabulary.MODES, report.mode, "zh") if report and report.mode else ""),
        ("接收时间", moment(opened.found, zone)),
        ("登记人", page.history[0].actor.name),
        ("承办机构", office.name),
        ("举报人", _informant(lead)),
        ("举报人联系电话", opened.phone_masked or _NONE),
        ("被举报人", opened.about),
        ("统一社会信用代码", report.credit_code if report else ""),
        ("行为发生地", report.place if report else ""),
        ("行为类别", SUBJECTS[report.subject][0] if report else ""),
        ("违法行为线索", "\n".join([opened.content, *(one.content for one in lead.supplements)])),
        ("证据材料", "、".join(one.name for one in lead.files) or _NONE),
        ("核查人", lead.owner_name),
        ("核查期限", chinese_day(page.deadline.due) if lead.state == "open" and not page.deadline.standing else _NONE),
        ("处理情况", _outcome(lead, zone)),
        ("告知情况", _told(lead) or _NONE),
    ]
    return form(office, FORM, opened.own_number, f"举报登记编号 {opened.own_number}", rows, day)


def report_book(pages: Sequence[LeadPage], wanted: ReportFilter, office: Office, day: date) -> Sheet:
    """Those received in a time, in the order they came."""
    zone = ZoneInfo(office.zone)
    span = f"{chinese_day(wanted.first)}至{chinese_day(wanted.last)}"
    state = f"，状态：{_zh(report_words.STATES[wanted.state])}" if wanted.state else ""
    about = f"接收时间：{span}{state}。共{len(pages)}件。举报人姓名、电话脱敏，完整信息在举报案卷。"
    return Sheet(
        office=office.issuer,
        number="",
        title=BOOK,
        addressee="",
        blocks=(Block("text", about),),
        date=chinese_day(day),
        file_number=f"{BOOK} {span}",
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        seal=False,
        head=HEAD,
        table=tuple(_line(page, zone) for page in pages),
    )


def _line(page: LeadPage, zone: ZoneInfo) -> tuple[str, ...]:
    lead, opened = page.lead, page.lead.opened
    channel = opened.report.channel if opened.report else ""
    due = page.deadline.due
    return (
        opened.own_number or opened.number,
        f"{local_day(opened.found, zone.key)}",
        vocabulary.name(vocabulary.CHANNELS, channel, "zh") if channel else "投诉分出",
        _informant(lead),
        opened.about,
        opened.title,
        lead.owner_name or "未领取",
        f"{due}" if lead.state == "open" and not page.deadline.standing else "",
        _outcome(lead, zone),
        _told(lead),
    )


def _informant(lead: Lead) -> str:
    if not lead.reported:
        return "匿名"
    name = shortened(lead.opened.informant) or "未留姓名"
    return f"{name}（实名）" if lead.real_name else name


def _outcome(lead: Lead, zone: ZoneInfo) -> str:
    if lead.joined_into is not None and not lead.withdrawn:
        return f"并入{lead.joined_into.number}"
    if lead.state != "decided" or lead.decided_at is None:
        return "正在核查，期限中止" if lead.tested and lead.state == "open" else _zh(report_words.STATES[lead.state])
    decided = lead.decision
    parts = (
        _zh(lead_words.OUTCOMES[lead.outcome]),
        f"{local_day(lead.decided_at, zone.key)}",
        decided.document if decided else "",
        f"决定人{decided.approver}" if decided and decided.approver else "",
    )
    return "，".join(part for part in parts if part)


def _told(lead: Lead) -> str:
    return "；".join(
        f"{one.day} {_zh(lead_words.TOLD[one.what])}（{_zh(lead_words.HOW[one.how])}）" for _, one in lead.standing_told
    )
