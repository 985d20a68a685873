"""A platform that complaints come from and that is told what becomes of them: one mapping each, for files and for HTTP;
and the time limits it sets.

A mapping is a TOML file (`12315.toml`, `12345.toml`, `yuntiao.toml`, each on top of `common.toml`), which an
installation may replace by its own: the province's interface says what columns are called. What comes in is read by
the channel's mapping (`complaints.channels.mapping`), but for members that `intake` names: our field = their member.
`rows.progress`, `rows.receipt` and `rows.count` say, column by column, what stands in a row that goes back, in a
receipt of theirs, and in a row of theirs to be counted; `names` other names of the last two; `words` what we say,
`stages` what they may say.

A sender's own limits (to confirm receipt, report back, finish, let the business settle first) are clocks beside the
statutory ones and never instead of them: Order 121 Art 15 runs from receipt, whatever the sender says. What a sender
says of a limit stays as it was said (`ComplaintRegistered.channel_due`, …).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

import complaints
from complaints import events as e, exchange as x, procedure as p
from complaints.channels import BadMapping, ChannelError
from complaints.channels.cells import moment
from complaints.channels.mapping import FIELDS, IMPORTED, ChannelMapping, header_key
from complaints.exchange import RECEIVED
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record.changes import TransferAcknowledged, TransferReported
from complaints.state import Complaint, ComplaintState
from journal import Event
from law import Day, Deadline, WorkingCalendar
from law.grounds import Ground, ending_grounds, refusal_grounds

BUILTIN: Final = ("12315", "12345", "yuntiao")
PROGRESS: Final = (
    "number", "sequence", "stage", "at", "own_number", "kind", "mode", "business_name", "business_address", "request",
    "problem_class", "place", "problem", "first_check", "office", "department", "feedback", "recovered",
)  # fmt: skip
RECEIPT: Final = ("number", "sequence", "receipt", "accepted", "why")
COUNT: Final = ("number", "stage")
_TABLES: Final[Mapping[str, Sequence[str]]] = {"progress": PROGRESS, "receipt": RECEIPT, "count": COUNT}
_NEEDED: Final = {"progress": {"number", "sequence", "stage"}, "receipt": {"number", "sequence"}, "count": {*COUNT}}
_PARTS: Final = frozenset(
    {"platform", "version", "zh", "en", "channel", "codes", "intake", "rows", "names", "words", "feedback", "stages"}
)
LONGEST_MAPPING: Final = 100_000  # characters
LONGEST_TEXT: Final = 2_000  # of a cell that goes back


@dataclass(frozen=True, slots=True)
class Platform:
    """`rows`: table -> column -> what of ours stands in it; `intake`: our field -> their member."""

    platform: str
    version: str
    zh: str
    en: str
    channel: str
    codes: bool
    intake: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    names: Mapping[str, Sequence[str]]
    words: Mapping[str, Mapping[str, Any]]
    feedback: Mapping[str, str]
    stages: Mapping[str, Sequence[str]]

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def columns(self, table: str, field: str) -> Sequence[str]:
        """What a column of theirs may be called, the mapping's own name first."""
        own = [column for column, what in self.rows[table].items() if what == field]
        return [*own, *self.names.get(field, ())]


@lru_cache(maxsize=8)
def builtin(name: str) -> Platform:
    """BadMapping for one there is none of."""
    if name not in BUILTIN:
        raise BadMapping(what="platform", value=name[:60])
    return of_text(_text(name))


def of_text(text: str) -> Platform:
    """A mapping file on top of `common.toml`. BadMapping says which part is wrong."""
    if len(text) > LONGEST_MAPPING:
        raise BadMapping(what="length", value=len(text))
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadMapping(what="toml", value=str(fault)[:60]) from None
    data: dict[str, Any] = tomllib.loads(_text("common"))
    for part, value in own.items():
        if part not in _PARTS:
            raise BadMapping(what="part", value=part[:60])
        data[part] = (
            _merged(data[part], value) if isinstance(data.get(part), dict) and isinstance(value, dict) else value
        )
    return _checked(data)


def _text(name: str) -> str:
    return (files(__package__) / f"{name}.toml").read_text("utf-8")


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = {**under, **over}
    for name, value in over.items():
        if isinstance(value, dict) and isinstance(under.get(name), dict):
            both[name] = {**under[name], **value}
    return both


def _checked(data: Mapping[str, Any]) -> Platform:
    rows = data.get("rows", {})
    for table, fields in _TABLES.items():
        columns = rows.get(table)
        if not isinstance(columns, dict) or not _NEEDED[table] <= set(columns.values()):
            raise BadMapping(what=f"rows.{table}", value="")
        if unknown := [what for what in columns.values() if what not in fields]:
            raise BadMapping(what=f"rows.{table}", value=str(unknown[0])[:60])
    channel, intake = data.get("channel", ""), data.get("intake", {})
    if channel and channel not in IMPORTED:
        raise BadMapping(what="channel", value=str(channel)[:60])
    if unknown := [field for field in intake if field not in FIELDS]:
        raise BadMapping(what="intake", value=unknown[0][:60])
    if unknown := [
        stage for stage in (*data["words"]["stage"], *data["feedback"], *data["stages"]) if stage not in x.STAGES
    ]:
        raise BadMapping(what="stage", value=str(unknown[0])[:60])
    if missing := [name for name in ("platform", "version", "zh", "en") if not isinstance(data.get(name), str)]:
        raise BadMapping(what="missing", value=missing[0])
    names = data.get("names", {})
    texts = {name: str(data[name]) for name in ("platform", "version", "zh", "en")}
    return Platform(
        **texts, channel=channel, codes=bool(data.get("codes")), intake=intake, rows=rows, names=names,
        words=data["words"], feedback=data["feedback"], stages=data["stages"],
    )  # fmt: skip


def reads_by(platform: Platform, mapping: ChannelMapping) -> ChannelMapping:
    """The channel's mapping, which knows what this platform calls its members beside."""
    columns = dict(mapping.columns)
    for field, member in platform.intake.items():
        columns[field] = tuple(dict.fromkeys((member, *columns.get(field, ()))))
    return replace(mapping, columns=columns)


# ---------------------------------------------------------------- what is told


_STAGE_OF: Final[Mapping[str, str]] = {
    e.ComplaintRegistered.__name__: x.RECEIVED,
    e.ComplaintAccepted.__name__: "accepted",
    e.ComplaintRefused.__name__: "refused",
    e.MediationScheduled.__name__: "mediating",
    e.PromisesKept.__name__: "performed",
    e.ComplaintClosed.__name__: x.CLOSED,
    p.MediationEnded.__name__: "ended",
    p.Dispatched.__name__: "dispatched",
    p.ReportSplit.__name__: x.REFERRED,
    p.LeadNoted.__name__: x.REFERRED,
    ComplaintWithdrawn.__name__: "withdrawn",
    TransferAcknowledged.__name__: "dispatched",
    x.PriorSettlementBegun.__name__: x.SETTLING,
}
_OUTCOMES: Final = {"settled": "settled", "not_settled": "ended", "ended": "ended"}
_ELSEWHERE: Final = ("accepted", "refused", "settled", "ended", "withdrawn", x.TAKEN_BACK, x.CLOSED)
MOVING: Final = frozenset(
    (*_STAGE_OF, e.MediationClosed.__name__, e.NoteTakenBack.__name__, TransferReported.__name__,
     x.PriorSettlementEnded.__name__)
)  # fmt: skip
"""Events that its sender may have to be told of."""


def stage_of(event: Event, after: Complaint) -> str:
    """One of `complaints.exchange.STAGES`, "" for what a sender is not told."""
    data = event.data
    match event.type:
        case e.MediationClosed.__name__:
            return _OUTCOMES.get(str(data["outcome"]), "")
        case e.NoteTakenBack.__name__:
            return x.TAKEN_BACK if data["what"] in ("refused", "ended", "kept", "closed") else ""
        case TransferReported.__name__:
            return str(data["what"]) if data["what"] in _ELSEWHERE else ""
        case x.PriorSettlementEnded.__name__:
            return x.SETTLED_FIRST if data["settled"] else x.NOT_SETTLED_FIRST
        case ComplaintWithdrawn.__name__ | p.MediationEnded.__name__ if _said_already(event.type, after):
            return ""
        case e.MediationScheduled.__name__ if data["ordinal"] > 1:
            return ""  # it goes on with another session
        case other:
            return _STAGE_OF.get(other, "")


def _said_already(kind: str, after: Complaint) -> bool:
    """Withdrawing after a settlement that was tried first, and the end that follows from withdrawing."""
    ended = after.exchanged.prior.ended if after.exchanged.prior else None
    return (ended is not None and ended.settled) if kind == ComplaintWithdrawn.__name__ else after.withdrawn


_STATES: Final[Mapping[ComplaintState, str]] = {
    ComplaintState.REGISTERED: x.RECEIVED,
    ComplaintState.ACCEPTED: "accepted",
    ComplaintState.MEDIATING: "mediating",
    ComplaintState.REFUSED: "refused",
    ComplaintState.SETTLED: "settled",
    ComplaintState.PERFORMING: "settled",
    ComplaintState.ENDED: "ended",
    ComplaintState.CLOSED: x.CLOSED,
}
GROUPS: Final = (
    frozenset({x.RECEIVED, x.SETTLING, x.NOT_SETTLED_FIRST, "dispatched", x.TAKEN_BACK}),
    frozenset({"accepted", "mediating", x.REFERRED}),
    frozenset({"refused"}),
    frozenset({"settled", "performed"}),
    frozenset({"ended"}),
    frozenset({"withdrawn", x.SETTLED_FIRST}),
)
"""Stages that say the same when two sides are compared."""
_OVER: Final = frozenset(("refused", "settled", "performed", "ended", "withdrawn", x.SETTLED_FIRST, x.CASE, x.NO_CASE))


def agree(ours: str, theirs: str) -> bool:
    """Whether two sides say the same of a complaint. 办结 says that it is over, and not how."""
    if ours == theirs or any(ours in group and theirs in group for group in GROUPS):
        return True
    over, other = (ours, theirs) if theirs == x.CLOSED else (theirs, ours)
    return other == x.CLOSED and over in _OVER


def stage_now(state: str, settling: bool = False) -> str:
    """Where a complaint stands, by the word of its state; "" of one that is none any more."""
    if settling:
        return x.SETTLING
    try:
        return _STATES.get(ComplaintState(state), "")
    except ValueError:
        return "dispatched" if state == "transferred" else ""  # a word of the list's


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of one complaint: `number` theirs, the `sequence`th. `office` and `department` by name."""

    number: str
    sequence: int
    stage: str
    at: datetime
    office: str
    department: str
    zone: str


def progress_row(platform: Platform, told: Telling, state: Complaint, event: Event | None) -> dict[str, str]:
    """By the mapping, column by column. `state`: after `event`, of the complaint's stream; None: a lead's."""
    record = state.record
    recovered = f"{state.loss_recovered:.2f}" if state.loss_recovered else ""
    detail = _detail(told.stage, state, event)
    said: dict[str, str] = {
        "number": told.number,
        "sequence": str(told.sequence),
        "stage": told.stage if platform.codes else str(platform.words["stage"].get(told.stage, told.stage)),
        "at": _moment(told.at, told.zone, platform.codes),
        "own_number": record.number,
        "kind": "complaint" if platform.codes else "投诉",
        "mode": record.mode if platform.codes else complaints.name(complaints.MODES, record.mode, "zh"),
        "business_name": record.business.organisation,
        "business_address": record.business.address,
        "request": record.request,
        "problem_class": record.problem_class
        if platform.codes
        else complaints.name(complaints.PROBLEMS, record.problem_class, "zh"),
        "place": record.place,
        "problem": record.problem,
        "first_check": told.stage if platform.codes else str(platform.words["first_check"].get(told.stage, "")),
        "office": told.office,
        "department": told.department,
        "recovered": recovered,
    }  # fmt: skip
    day = told.at.astimezone(ZoneInfo(told.zone))
    blanks = {"day": f"{day.year}年{day.month}月{day.day}日", "detail": detail, "own_number": record.number}
    feedback = platform.feedback.get(told.stage, "")
    for name, value in blanks.items():
        feedback = feedback.replace(f"{{{name}}}", value)
    said["feedback"] = feedback
    return {column: said[what][:LONGEST_TEXT] for column, what in platform.rows["progress"].items()}


def _moment(at: datetime, zone: str, iso: bool) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return local.isoformat(timespec="seconds") if iso else f"{local:%Y-%m-%d %H:%M:%S}"


def _detail(stage: str, state: Complaint, event: Event | None) -> str:
    """In Chinese, nothing that names anybody: the ground of the order, a sum, a day."""
    data = event.data if event is not None and not event.erased else {}
    order = state.record.order
    if stage == "refused" and "ground" in data:
        return _because(refusal_grounds(order), data["ground"])
    if stage == "ended" and data.get("ground") is not None:
        return _because(ending_grounds(order), data["ground"])
    if stage == "settled":
        lost = Decimal(str(data.get("loss_recovered") or 0))
        return (f"，挽回损失{lost:.2f}元" if lost else "") + ("，待履行" if data.get("due") else "")
    if stage == x.SETTLING and data.get("due"):
        return f"，期限至{data['due']}"
    return ""


def _because(grounds: Iterable[Ground], number: int) -> str:
    return next((f"，理由：{one.formal('zh')}" for one in grounds if one.number == number), "")


# ---------------------------------------------------------------- what they say


@dataclass(frozen=True, slots=True)
class TheirReceipt:
    """`accepted`: None where nobody can say what their word means."""

    number: str
    sequence: int
    receipt: str
    accepted: bool | None
    why: str


def receipts(platform: Platform, rows: Iterable[Mapping[str, Any]]) -> list[TheirReceipt]:
    """A row that names no complaint and no sequence is none."""
    found = []
    for row in rows:
        said = _read(platform, "receipt", row)
        sequence = said["sequence"]
        if not said["number"] or not (sequence.isascii() and sequence.isdecimal() and len(sequence) < 10):
            continue
        word = said["accepted"].lower()
        good = {str(one).lower() for one in platform.words["accepted"]["yes"]}
        bad = {str(one).lower() for one in platform.words["accepted"]["no"]}
        accepted = True if word in good else False if word in bad else None
        found.append(TheirReceipt(said["number"], int(sequence), said["receipt"][:200], accepted, said["why"][:500]))
    return found


def stages_said(platform: Platform, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Number -> stage; a word nobody knows stands for itself."""
    known = {word: stage for stage, words in platform.stages.items() for word in (*words, stage)}
    known |= {str(word): stage for stage, word in platform.words["stage"].items() if str(word) not in known}
    found = {}
    for row in rows:
        said = _read(platform, "count", row)
        if said["number"]:
            found[said["number"]] = known.get(said["stage"], said["stage"][:60])
    return found


def _read(platform: Platform, table: str, row: Mapping[str, Any]) -> dict[str, str]:
    keyed = {header_key(str(name)): value for name, value in row.items()}
    said = {}
    for field in _TABLES[table]:
        columns = [header_key(one) for one in platform.columns(table, field)]
        value = next((keyed[one] for one in columns if one in keyed and keyed[one] not in (None, "")), "")
        said[field] = _plain(value)
    return said


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours`, `theirs`: the stage there, "" of a complaint that side has none of."""

    number: str
    ours: str
    theirs: str
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Both sides' counts by stage, and the complaints they differ in."""

    ours: Mapping[str, int]
    theirs: Mapping[str, int]
    differences: Sequence[Difference]


def reconcile(ours: Mapping[str, tuple[str, str]], theirs: Mapping[str, str]) -> Reconciliation:
    """By their number: (our stage, our complaint's id), and their stage."""
    differences = [
        Difference(number, mine, other, complaint)
        for number in sorted({*ours, *theirs})
        for (mine, complaint), other in [(ours.get(number, ("", "")), theirs.get(number, ""))]
        if not (mine and other and agree(mine, other))
    ]
    return Reconciliation(Counter(one for one, _ in ours.values()), Counter(theirs.values()), differences)


# ------------------------------------------------------------ limits


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
