"""A sender’s own time limits as clocks: to confirm receipt, report back, finish, and let the business settle first.

They are kept beside the statutory ones and never instead of them: Order 121 Art 15 runs from receipt, whatever the
sender says. What a sender says of a limit stays as it was said (`ComplaintRegistered.channel_due`, …).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from complaints.channels import ChannelError
from complaints.channels.cells import moment
from complaints.exchange import RECEIVED
from complaints.state import Complaint
from law import Day, Deadline, WorkingCalendar

SIGN, FINISH, FEEDBACK, SETTLE = "sender_sign", "sender_finish", "sender_feedback", "sender_settle"
SENDER_CLOCKS: Final = (SIGN, FINISH, FEEDBACK, SETTLE)
_DECIDED: Final = ("refused", "settled", "performing", "ended", "closed", "undone")
_PERIOD: Final = re.compile(
    r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3}) ?个?(工作日|自然日|日|天|小时|working days?|days?|hours?)"
)
_HAN: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DAY: Final = timedelta(days=1)


def sender_clocks(complaint: Complaint, zone: str, calendar: WorkingCalendar) -> Sequence[Deadline]:
    """Those that run. What a sender says of a limit and is neither a time nor a number of days stays text only."""
    record, state = complaint.record, complaint.state.value
    if complaint.merged is not None or complaint.transfers.elsewhere or state in _DECIDED[-2:]:
        return []
    exchanged = complaint.exchanged
    told = exchanged.told
    running = (
        (SIGN, record.sign_due, state == "registered" and not told),
        (FEEDBACK, record.feedback_due, not any(one.stage != RECEIVED for one in told)),
        (FINISH, record.channel_due, state not in _DECIDED),
    )
    found = [clock(code, said, record.received, zone, calendar) for code, said, runs in running if said and runs]
    if complaint.settling_first:
        prior = exchanged.prior
        if prior is not None and prior.due is not None:
            found.append(_until(SETTLE, prior.due, complaint.record.received, zone, prior.due.isoformat(), calendar))
        elif prior is None:
            found.append(clock(SETTLE, record.settle_due, record.received, zone, calendar))
    return [one for one in found if one is not None]


def clock(code: str, said: str, received: datetime, zone: str, calendar: WorkingCalendar) -> Deadline | None:
    """By what a sender says of a limit: a moment, a day, or so many (working) days or hours from receipt. None: nobody
    can say."""
    plain = said.strip()
    if period := _PERIOD.fullmatch(plain.removeprefix("接收后").removesuffix("内").strip().lower()):
        wanted = _number(period[1])
        if period[2].startswith(("小时", "hour")):
            due = (received + timedelta(hours=wanted)).astimezone(ZoneInfo(zone))
            return _until(code, due.date(), received, zone, f"{said}（{due:%m-%d %H:%M}）", calendar)
        return _counted(code, wanted, period[2].startswith(("工作", "working")), received, zone, said, calendar)
    try:
        at = moment(plain, zone)
    except ChannelError:
        return None
    return _until(code, at.astimezone(ZoneInfo(zone)).date(), received, zone, said, calendar)


def _number(text: str) -> int:
    if text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    return (_HAN.get(tens, 1) * 10 if ten else 0) + _HAN.get(ones if ten else text, 0)


def _counted(
    code: str, wanted: int, working: bool, received: datetime, zone: str, said: str, calendar: WorkingCalendar
) -> Deadline:
    """The first day does not count, as everywhere else; nothing else of a sender's rules is known."""
    at = received.astimezone(ZoneInfo(zone)).date()
    days, number = [Day(at, 0, "收到当日", "day of receipt")], 0
    while number < wanted:
        at += _DAY
        rest = calendar.rest(at) if working else None
        number += rest is None
        days.append(Day(at, number, str(number), str(number)) if rest is None else Day(at, 0, rest.zh, rest.en))
    estimated = working and calendar.estimated(days[0].date, at)
    return Deadline(code, at, days[0].date, _zh(said), _en(said), tuple(days), estimated)


def _until(code: str, due: date, received: datetime, zone: str, said: str, calendar: WorkingCalendar) -> Deadline:
    """A date that the sender names: nothing is counted."""
    start = min(received.astimezone(ZoneInfo(zone)).date(), due)
    return Deadline(code, due, start, _zh(said), _en(said), ())


def _zh(said: str) -> str:
    return f"来源渠道的要求：{said[:60]}。法定期限另计，不受影响"


def _en(said: str) -> str:
    return f"Its sender’s own limit: {said[:60]}. The statutory periods run beside it"
