"""Register forms of a complaint and of a report (举报登记表), and the register of reports (举报登记簿). Pure.

People's numbers stand masked: what is printed is signed and filed, and the file itself holds them in full. Who reported
stands there only by surname (Order 121 Art 37).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import complaints
from complaints import (
    AGES,
    CHANNELS,
    ID_KINDS,
    MODES,
    PROBLEMS,
    REQUESTS,
    SEXES,
    URGENCIES,
    Names,
    business_shown,
    name,
)
from complaints.complaint import local_day
from complaints.leads import Lead, LeadPage, ReportFilter
from complaints.record import PartyRecord, shortened
from law.orders import SUBJECTS
from offices import Office
from server.documents import NEWEST, PrintedSheet, SheetBlock, chinese_day
from server.documents.facts import DocumentCase, address, public_code

REGISTER: Final = "register"  # the complaint's form, among what can be drafted
TITLE: Final = "投诉登记表"
_SIGNATURES: Final = ("登记人（签字）：", "审核意见：", "审核人（签字）：")
_NONE: Final = "无"  # there is none
_NOT_SAID: Final = "未登记"  # nobody said


def complaint_register(case: DocumentCase, day: date) -> PrintedSheet:
    record, zone = case.complaint.record, ZoneInfo(case.office.zone)
    bought, proxy = record.object, record.proxy
    rows: list[tuple[str, str]] = [
        ("登记编号", record.number),
        ("来源编号", "、".join(source.number for source in record.sources) or _NONE),
        ("来源渠道", name(CHANNELS, record.channel, "zh")),
        ("接收方式", name(MODES, record.mode, "zh")),
        ("接收时间", register_moment(record.received, zone)),
        ("登记人", case.entries[0].actor.name if case.entries else ""),
        ("承办机构", case.office.name),
        ("投诉人", record.consumer.name),
        ("性别、年龄", _two(SEXES, record.consumer.sex, AGES, record.consumer.age_band)),
        ("身份证件", _two(ID_KINDS, record.consumer.id_kind, {}, record.consumer.id_masked)),
        *_reached(record.consumer),
        ("共同投诉人", "、".join(one.name for one in record.joint) or _NONE),
        ("代表人", "、".join(record.representatives) or _NONE),
    ]
    if proxy is not None:
        until = f"至{chinese_day(proxy.until)}" if proxy.until else ""
        said = (proxy.name, proxy.phone_masked, proxy.relation, proxy.matters, proxy.powers, until)
        rows.append(("代理人、委托事项、权限和期限", "，".join(part for part in said if part)))
    amount = f"{record.amount:.2f}元" if record.amount is not None else ""
    paid = f"{bought.paid:.2f}元" if bought.paid is not None else ""
    thing = (bought.category, bought.name, bought.brand, bought.model, bought.quantity, paid)
    rows += [
        ("被投诉人", business_shown(record.business.title, "zh")),
        ("统一社会信用代码", public_code(record.business, case.open)),
        ("联系人", record.business.name if record.business.organisation else ""),
        *_reached(record.business),
        ("商品或者服务", "，".join(part for part in thing if part)),
        ("购买时间", chinese_day(bought.bought) if bought.bought else ""),
        ("平台、店铺、订单号", "，".join(part for part in (bought.platform, bought.shop, bought.order_number) if part)),
        ("问题类别", name(PROBLEMS, record.problem_class, "zh") or record.problem),
        ("投诉请求", _lines("、".join(name(REQUESTS, one, "zh") for one in record.requests), record.request)),
        ("争议金额", amount),
        ("事实和理由", record.facts),
        ("紧急情形", "、".join(name(URGENCIES, one, "zh") for one in record.urgency) or _NONE),
        ("对被投诉人保密姓名", "是" if record.secret else "否"),
        ("同时举报", "是，另行登记处理" if record.also_reports else "否"),
    ]
    return form(case.office, TITLE, record.number, f"投诉登记编号 {record.number}", rows, day)


def form(
    office: Office, title: str, number: str, foot: str, rows: Sequence[tuple[str, str]], day: date
) -> PrintedSheet:
    """A register form; a value nobody gave says so."""
    return PrintedSheet(
        office=office.issuer,
        number=number,
        title=title,
        addressee="",
        blocks=(SheetBlock("text", "个人号码在本表中脱敏显示。"),),
        date=chinese_day(day),
        file_number=foot,
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        signatures=_SIGNATURES,
        seal=False,
        rows=tuple((label, value.strip() or _NOT_SAID) for label, value in rows),
    )


def _reached(party: PartyRecord) -> list[tuple[str, str]]:
    phones = "，".join(phone for phone in (party.phone_masked, party.other_phone_masked) if phone)
    return [("联系电话", phones), ("地址", address(party))]


def _two(first: Mapping[str, Names], one: str, second: Mapping[str, Names], other: str) -> str:
    said = (name(first, one, "zh") if one else "", name(second, other, "zh") if other else "")
    return "，".join(part for part in said if part)


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def register_moment(at: datetime, zone: ZoneInfo) -> str:
    """As forms print it."""
    local = at.astimezone(zone)
    return f"{chinese_day(local.date())}{local:%H:%M}"


FORM, BOOK = "举报登记表", "举报登记簿"
HEAD = ("登记编号", "接收日期", "来源", "举报人", "被举报人", "举报事项", "核查人", "核查期限", "处理情况", "告知情况")
_NOTHING = "无"


@dataclass(frozen=True, slots=True)
class ReportNames:
    """What codes of a report are called on paper, in Chinese: its state, its outcome, what was told and how."""

    states: Mapping[str, str]
    outcomes: Mapping[str, str]
    told: Mapping[str, str]
    how: Mapping[str, str]


def report_form(page: LeadPage, office: Office, day: date, names: ReportNames) -> PrintedSheet:
    lead, zone = page.lead, ZoneInfo(office.zone)
    opened, report = lead.opened, lead.opened.report
    rows = [
        ("登记编号", opened.own_number),
        ("来源编号", (report.source if report else "") or _NOTHING),
        ("来源渠道", complaints.name(complaints.CHANNELS, report.channel, "zh") if report else ""),
        ("接收方式", complaints.name(complaints.MODES, report.mode, "zh") if report and report.mode else ""),
        ("接收时间", register_moment(opened.found, zone)),
        ("登记人", page.history[0].actor.name),
        ("承办机构", office.name),
        ("举报人", _informant(lead)),
        ("举报人联系电话", opened.phone_masked or _NOTHING),
        ("被举报人", opened.about),
        ("统一社会信用代码", report.credit_code if report else ""),
        ("行为发生地", report.place if report else ""),
        ("行为类别", SUBJECTS[report.subject][0] if report else ""),
        ("违法行为线索", "\n".join([opened.content, *(one.content for one in lead.supplements)])),
        ("证据材料", "、".join(one.name for one in lead.files) or _NOTHING),
        ("核查人", lead.owner_name),
        (
            "核查期限",
            chinese_day(page.deadline.due) if lead.state == "open" and not page.deadline.standing else _NOTHING,
        ),
        ("处理情况", _outcome(lead, zone, names)),
        ("告知情况", _told(lead, names) or _NOTHING),
    ]
    return form(office, FORM, opened.own_number, f"举报登记编号 {opened.own_number}", rows, day)


def report_book(
    pages: Sequence[LeadPage], wanted: ReportFilter, office: Office, day: date, names: ReportNames
) -> PrintedSheet:
    """Those received in a time, in the order they came."""
    zone = ZoneInfo(office.zone)
    span = f"{chinese_day(wanted.first)}至{chinese_day(wanted.last)}"
    state = f"，状态：{names.states[wanted.state]}" if wanted.state else ""
    about = f"接收时间：{span}{state}。共{len(pages)}件。举报人姓名、电话脱敏，完整信息在举报案卷。"
    return PrintedSheet(
        office=office.issuer,
        number="",
        title=BOOK,
        addressee="",
        blocks=(SheetBlock("text", about),),
        date=chinese_day(day),
        file_number=f"{BOOK} {span}",
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        seal=False,
        head=HEAD,
        table=tuple(_line(page, zone, names) for page in pages),
    )


def _line(page: LeadPage, zone: ZoneInfo, names: ReportNames) -> tuple[str, ...]:
    lead, opened = page.lead, page.lead.opened
    channel = opened.report.channel if opened.report else ""
    due = page.deadline.due
    return (
        opened.own_number or opened.number,
        f"{local_day(opened.found, zone.key)}",
        complaints.name(complaints.CHANNELS, channel, "zh") if channel else "投诉分出",
        _informant(lead),
        opened.about,
        opened.title,
        lead.owner_name or "未领取",
        f"{due}" if lead.state == "open" and not page.deadline.standing else "",
        _outcome(lead, zone, names),
        _told(lead, names),
    )


def _informant(lead: Lead) -> str:
    if not lead.reported:
        return "匿名"
    name = shortened(lead.opened.informant) or "未留姓名"
    return f"{name}（实名）" if lead.real_name else name


def _outcome(lead: Lead, zone: ZoneInfo, names: ReportNames) -> str:
    if lead.joined_into is not None and not lead.withdrawn:
        return f"并入{lead.joined_into.number}"
    if lead.state != "decided" or lead.decided_at is None:
        return "正在核查，期限中止" if lead.tested and lead.state == "open" else names.states[lead.state]
    decided = lead.decision
    parts = (
        names.outcomes[lead.outcome],
        f"{local_day(lead.decided_at, zone.key)}",
        decided.document if decided else "",
        f"决定人{decided.approver}" if decided and decided.approver else "",
    )
    return "，".join(part for part in parts if part)


def _told(lead: Lead, names: ReportNames) -> str:
    return "；".join(f"{one.day} {names.told[one.what]}（{names.how[one.how]}）" for _, one in lead.standing_told)
