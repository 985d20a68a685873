"""The register form of a complaint, as a table for the file; of reports: `server.documents.report_registers`. Pure.

People's numbers stand masked: the form is printed to be signed and filed, and the file itself holds them in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints.record.record import PartyRecord
from complaints.vocabulary import (
    AGES,
    CHANNELS,
    ID_KINDS,
    MODES,
    PROBLEMS,
    REQUESTS,
    SEXES,
    URGENCIES,
    Names,
    name,
)
from server.documents.facts import Case
from server.documents.parties import address, public_code
from server.documents.sheet import Block, Sheet
from server.documents.wording import NEWEST, chinese_day
from web.ports import Office

REGISTER: Final = "register"  # the complaint's form, among what can be drafted
TITLE: Final = "投诉登记表"
_SIGNATURES: Final = ("登记人（签字）：", "审核意见：", "审核人（签字）：")
_NONE: Final = "无"  # there is none
_NOT_SAID: Final = "未登记"  # nobody said


def complaint_register(case: Case, day: date) -> Sheet:
    record, zone = case.complaint.record, ZoneInfo(case.office.zone)
    bought, proxy = record.object, record.proxy
    rows: list[tuple[str, str]] = [
        ("登记编号", record.number),
        ("来源编号", "、".join(source.number for source in record.sources) or _NONE),
        ("来源渠道", name(CHANNELS, record.channel, "zh")),
        ("接收方式", name(MODES, record.mode, "zh")),
        ("接收时间", moment(record.received, zone)),
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
        ("被投诉人", record.business.title),
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


def form(office: Office, title: str, number: str, foot: str, rows: Sequence[tuple[str, str]], day: date) -> Sheet:
    """A register form; a value nobody gave says so."""
    return Sheet(
        office=office.issuer,
        number=number,
        title=title,
        addressee="",
        blocks=(Block("text", "个人号码在本表中脱敏显示。"),),
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


def moment(at: datetime, zone: ZoneInfo) -> str:
    """As forms print it."""
    local = at.astimezone(zone)
    return f"{chinese_day(local.date())}{local:%H:%M}"
