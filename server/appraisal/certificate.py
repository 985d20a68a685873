"""The certificate of destruction: what two persons decided of each file, and what became of it. Printed under seal."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.appraisal.lists import AppraisalList, Item
from server.documents.wording import chinese_day
from server.retention.periods import LEADS
from server.signing.assurance import Assurance, sentence
from server.signing.papers import Numbered, Paper, Passage, Row
from server.signing.seal_mark import seal_mark
from web.ports import Office


def certificate(
    one: AppraisalList, office: Office, second: str, at: datetime, standing: tuple[Assurance, str] | None
) -> Paper:
    """`at`: when it was carried out; `standing` of the office's seal, None where it has none."""
    day = at.astimezone(ZoneInfo(office.zone)).date()
    destroyed = [item for item in one.items if item.case in one.destroyed]
    others = [item for item in one.items if item.case not in one.destroyed]
    after = [
        Passage("text", f"以上列明销毁的案卷共{len(destroyed)}件，已按清册销毁：案卷密钥销毁，文件删除。"),
        Passage("text", "登记内容和办理经过记在登记簿（日志）里，不在销毁之列。本清册长期保存。"),
    ]
    if others:
        after.insert(0, Passage("heading", "未销毁"))
        after[1:1] = [Passage("text", f"{_told(item)}。{_why(one, item)}") for item in others]
    return Paper(
        office=office.issuer,
        title="案卷销毁清册",
        number=one.number,
        rows=(
            *([Row("承办机构", office.name)] if office.name != office.issuer else []),
            Row("鉴定理由", one.reason),
            Row("提出人", one.by),
            Row("同意人", second),
            Row("销毁日期", chinese_day(day)),
        ),
        before=(Passage("heading", "销毁的案卷"),),
        clauses=tuple(
            Numbered(f"第{n}件", f"{_told(item)}，文件{one.destroyed[item.case]}个")
            for n, item in enumerate(destroyed, 1)
        ),
        after=tuple(after),
        hands=(),
        seal=seal_mark(office.issuer, standing is not None),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot=f"案卷销毁清册 {one.number}",
        verify=sentence(*standing) if standing else "本机关尚未配置电子印章，本清册未盖章；以日志记载为准。",
    )


def _told(item: Item) -> str:
    kind = "线索案卷" if item.kind == LEADS else "投诉案卷"
    end, due = (chinese_day(date.fromisoformat(day)) for day in (item.end, item.due))
    return f"{kind}{item.name}，保管期限{item.years}年，自{end}起算，{due}期满"


def _why(one: AppraisalList, item: Item) -> str:
    return "经鉴定继续保存" if item.decision == "keep" else "销毁前又有事由需要保存，未销毁"
