"""One standard: every statistic by a name, a version, what it counts, by which day, the formula in words; and
docs/statistics.md of them. Pure: facts in, figures out.

A definition never changes. When a formula must, a new version stands beside the old one, which stays computable as
`name@1`; the plain name means the newest. The words are part of the definition, as are unit and rounding. `facts` makes
one dated fact of a complaint's events, `figures` counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["complaints", "yuan", "percent", "days", "kilometres"]
Part = Literal["top", "bottom"]


@dataclass(frozen=True, slots=True)
class OnTime:
    """Done, and not after the due day. Names of days of `complaints.statistics.facts.Fact`."""

    done: str
    due: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether it was on time is known: it is done, or the due day is over."""

    done: str
    due: str


@dataclass(frozen=True, slots=True)
class Done:
    """It is done by now, on whatever day."""

    done: str


Test = OnTime | Judged | Done


@dataclass(frozen=True, slots=True)
class Measure:
    """The complaints whose `by` day lies in the period and which pass the tests; `of`: what is added up or ordered."""

    by: str
    tests: tuple[Test, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    top: Measure


@dataclass(frozen=True, slots=True)
class Sum:
    """Of an amount in yuan, or of kilometres."""

    top: Measure


@dataclass(frozen=True, slots=True)
class Median:
    """Of a number of days; of an even number of complaints the mean of the two in the middle."""

    top: Measure


@dataclass(frozen=True, slots=True)
class Share:
    """top / bottom, in percent. Without a bottom there is no figure."""

    top: Measure
    bottom: Measure


Formula = Count | Sum | Median | Share


@dataclass(frozen=True, slots=True)
class Statistic:
    """`events`: what in a complaint's journal moves it. `digits` after the point; halves are rounded up."""

    name: str
    version: int
    formula: Formula
    unit: Unit
    digits: int
    zh: str
    en: str
    words_zh: str
    words_en: str
    events: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def measures(self) -> tuple[Measure, ...]:
        return (self.formula.top, self.formula.bottom) if isinstance(self.formula, Share) else (self.formula.top,)

    @property
    def grows(self) -> bool:
        """Whether it goes on growing after the period, while what was begun in it is finished: newer periods are behind
        older ones, and a change between them says nothing."""
        return any(isinstance(test, Done) for measure in self.measures for test in measure.tests)

    def title(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def words(self, language: str) -> str:
        return self.words_en if language.startswith("en") else self.words_zh


class UnknownStatistic(LookupError):
    """No such name, or no such version of it."""


def _whole(name: str, by: str, zh: str, en: str, words_zh: str, words_en: str, *events: str) -> Statistic:
    return Statistic(name, 1, Count(Measure(by)), "complaints", 0, zh, en, words_zh, words_en, events)


def _punctual(
    name: str, done: str, due: str, zh: str, en: str, what_zh: str, what_en: str, *events: str
) -> tuple[Statistic, Statistic]:
    """Version 1 looked only at what was done, so that what is never done is never late; version 2 at what was due."""
    return _of_done(name, done, due, zh, en, what_zh, what_en, *events), _of_due(
        name, 2, done, due, zh, en, what_zh, what_en, *events
    )


def _of_done(name: str, done: str, due: str, zh: str, en: str, what_zh: str, what_en: str, *events: str) -> Statistic:
    return Statistic(
        name,
        1,
        Share(Measure(done, (OnTime(done, due),)), Measure(done)),
        "percent",
        1,
        zh,
        en,
        f"本期已{what_zh}的投诉中，{what_zh}日不晚于期限届满日的件数 ÷ 本期已{what_zh}的件数",
        f"Complaints {what_en} in the period on or before the due day ÷ complaints {what_en} in the period",
        events,
    )


def _of_due(
    name: str, version: int, done: str, due: str, zh: str, en: str, what_zh: str, what_en: str, *events: str
) -> Statistic:
    tests = (Judged(done, due),)
    return Statistic(
        name,
        version,
        Share(Measure(due, (*tests, OnTime(done, due))), Measure(due, tests)),
        "percent",
        1,
        zh,
        en,
        f"期限在本期届满的投诉中，届满日当日或之前已{what_zh}的件数 ÷ 期限在本期届满且已{what_zh}或期限已过的件数",
        f"Complaints due in the period and {what_en} on or before the due day ÷ complaints due in the period that were "
        f"{what_en} or whose due day is over",
        events,
    )


_REGISTERED: Final = "ComplaintRegistered"
_ACCEPTED: Final = "ComplaintAccepted"
_REFUSED: Final = "ComplaintRefused"
_CLOSED: Final = "MediationClosed"
_ENDED: Final = "MediationEnded"
_TOLD: Final = "EndTold"
_PASSED_ON: Final = ("Dispatched", "ReturnedToIntake")  # received there anew
_PARTY_TOLD: Final = "PartyTold"

DEFINITIONS: Final[Sequence[Statistic]] = (
    _whole(
        "received", "received", "接收投诉", "Complaints received",
        "收到日在本期内的投诉件数", "Complaints whose day of receipt lies in the period", _REGISTERED,
    ),
    _whole(
        "accepted", "accepted", "受理投诉", "Complaints accepted",
        "受理日在本期内的投诉件数", "Complaints accepted on a day of the period", _ACCEPTED,
    ),
    _whole(
        "refused", "refused", "不予受理", "Complaints not accepted",
        "决定不予受理日在本期内的投诉件数", "Complaints refused on a day of the period", _REFUSED,
    ),
    _whole(
        "handled", "handled", "办结投诉", "Complaints handled",
        "办结日在本期内的投诉件数；办结日为不予受理、调解成功、调解终止三者中最早的一日",
        "Complaints handled on a day of the period: the first of refusal, settlement and end of mediation",
        _REFUSED, _CLOSED, _ENDED,
    ),
    _whole(
        "mediated", "settled", "调解成功", "Mediated with success",
        "达成调解协议日在本期内的投诉件数，尚待履行的计入",
        "Complaints settled on a day of the period, those still to be performed included", _CLOSED,
    ),
    _whole(
        "confirmed", "confirmed", "司法确认", "Confirmed by a court",
        "法院裁定调解协议有效日在本期内的投诉件数；一件投诉有多份协议被确认的计一件，按最早的裁定日",
        "Complaints with an agreement that a court confirmed on a day of the period, once each, by the first ruling",
        "RulingNoted", "RulingTakenBack",
    ),
    _whole(
        "ended", "ended", "调解终止", "Mediation terminated",
        "调解终止日在本期内的投诉件数", "Complaints whose mediation was terminated without a settlement in the period",
        _CLOSED, _ENDED,
    ),
    Statistic(
        "success_rate", 1, Share(Measure("settled"), Measure("accepted")), "percent", 1,
        "调解成功率", "Success rate",
        "本期调解成功件数 ÷ 本期受理件数（各按其发生日计入本期，故可能超过100%）",
        "Complaints settled in the period ÷ complaints accepted in it (each by its own day, so it can exceed 100 %)",
        (_ACCEPTED, _CLOSED),
    ),
    Statistic(
        "success_rate", 2, Share(Measure("accepted", (Done("settled"),)), Measure("accepted")), "percent", 1,
        "调解成功率", "Success rate",
        "本期受理的投诉中，截至统计时调解成功的件数 ÷ 本期受理的投诉件数；尚在办理的计入分母，不超过100%",
        "Of the complaints accepted in the period, those settled by the time of the counting ÷ all of them, those "
        "still under way included; never above 100 %",
        (_ACCEPTED, _CLOSED),
    ),
    Statistic(
        "loss_recovered", 1, Sum(Measure("settled", of="recovered")), "yuan", 2,
        "挽回经济损失", "Loss recovered",
        "本期调解成功的投诉中，各次调解为消费者挽回的金额之和",
        "What was recovered for consumers in all mediations of the complaints settled in the period, added up",
        (_CLOSED,),
    ),
    Statistic(
        "disputed_amount", 1, Sum(Measure("received", of="amount")), "yuan", 2,
        "争议金额", "Disputed amount",
        "本期收到的投诉中，登记的争议金额之和；未填金额的按零计",
        "Amounts in dispute of the complaints received in the period, added up; one not given counts as zero",
        (_REGISTERED,),
    ),
    _whole(
        "turned_into_cases", "lead", "转为案件线索", "Turned into cases",
        "调解中首次发现违法线索并转出日在本期内的投诉件数",
        "Complaints in whose mediation a first sign of an offence became a lead on a day of the period", "LeadNoted",
    ),
    *_punctual(
        "on_time_decision", "decided", "accept_due", "受理决定按时率", "Decided on time", "作出受理或者不予受理决定",
        "decided", _REGISTERED, *_PASSED_ON, _ACCEPTED, _REFUSED,
    ),
    # Order 121 Art 15 has an office decide and tell: versions 1 and 2 looked at the decision alone.
    _of_due(
        "on_time_decision", 3, "decision_told", "accept_due", "受理决定告知按时率", "Decided and told on time",
        "作出受理或者不予受理决定并告知投诉人", "decided and told to the complainant", _REGISTERED, *_PASSED_ON,
        _ACCEPTED, _REFUSED, _PARTY_TOLD,
    ),
    *_punctual(
        "on_time_mediation", "concluded", "mediate_due", "调解按时率", "Mediated on time", "结束调解", "concluded",
        _ACCEPTED, _CLOSED, _ENDED,
    ),
    *_punctual(
        "on_time_notice", "told", "tell_due", "终止告知按时率", "Told of the end on time", "告知双方调解终止", "told",
        _CLOSED, _ENDED, _TOLD, _PARTY_TOLD,
    ),
    Statistic(
        "median_days_to_decision", 1, Median(Measure("decided", of="days_to_decision")), "days", 1,
        "作出受理决定用时中位数", "Median days to the decision",
        "本期作出受理或者不予受理决定的投诉，自收到日至决定日自然日数的中位数",
        "Of the complaints decided in the period, the median number of days from receipt to the decision",
        (_REGISTERED, *_PASSED_ON, _ACCEPTED, _REFUSED),
    ),
    Statistic(
        "median_days_to_handling", 1, Median(Measure("handled", of="days_to_handling")), "days", 1,
        "办结用时中位数", "Median days to handling",
        "本期办结的投诉，自收到日至办结日自然日数的中位数",
        "Of the complaints handled in the period, the median number of days from receipt to handling",
        (_REGISTERED, *_PASSED_ON, _REFUSED, _CLOSED, _ENDED),
    ),
    Statistic(
        "settled_share", 1, Share(Measure("settled"), Measure("concluded")), "percent", 1,
        "调解达成率", "Settled of those concluded",
        "本期调解成功件数 ÷ 本期结束调解件数（达成协议或者终止，取较早的一日）",
        "Complaints settled in the period ÷ complaints whose mediation was concluded in it, by settlement or end",
        (_CLOSED, _ENDED),
    ),
    Statistic(
        "median_days_to_settlement", 1, Median(Measure("settled", of="days_to_settlement")), "days", 1,
        "达成协议用时中位数", "Median days to settlement",
        "本期调解成功的投诉，自受理日至达成协议日自然日数的中位数",
        "Of the complaints settled in the period, the median number of days from acceptance to the settlement",
        (_ACCEPTED, _CLOSED),
    ),
    Statistic(
        "travel_saved", 1, Sum(Measure("concluded", of="travel")), "kilometres", 0,
        "少跑里程", "Travel saved",
        "本期结束调解且双方在线见过面的投诉，双方所在地市之间距离的两倍之和，每件计一次；"
        "距离为两地市中心的球面距离，精度约十公里；所在地不明的按零计",
        "Of the complaints whose mediation was concluded in the period after the parties met online, twice the "
        "distance between their cities, added up, once each; great circle between the middles of the two prefectures, "
        "good to about ten kilometres; a city not known counts as zero",
        (_CLOSED, _ENDED),
    ),
    Statistic(
        "questions_answered", 1, Share(Measure("answered"), Measure("asked")), "percent", 1,
        "回访回答率", "Questions answered",
        "本期首次回答回访问题的消费者人数对应的投诉件数 ÷ 本期首次发出回访问题的投诉件数（各按其发生日计入本期）",
        "Complaints whose consumer first answered the questions in the period ÷ complaints whose consumer was first "
        "asked in it (each by its own day)",
        ("QuestionsSent", "QuestionsAnswered"),
    ),
    Statistic(
        "questions_answered", 2, Share(Measure("asked", (Done("answered"),)), Measure("asked")), "percent", 1,
        "回访回答率", "Questions answered",
        "本期首次发出回访问题的投诉中，截至统计时消费者已经回答的件数 ÷ 本期首次发出回访问题的投诉件数",
        "Of the complaints whose consumer was first asked afterwards in the period, those answered by the time of the "
        "counting ÷ all of them",
        ("QuestionsSent", "QuestionsAnswered"),
    ),
    Statistic(
        "felt_heard", 1, Share(Measure("heard"), Measure("answered")), "percent", 1,
        "表示意见得到认真听取的比例", "Consumers who felt heard",
        "本期首次回答回访问题的投诉中，消费者最近一次对“意见是否得到认真听取”回答“是”的件数 ÷ "
        "本期首次回答回访问题的投诉件数",
        "Of the complaints whose consumer first answered in the period, those whose newest answer is that they were "
        "heard ÷ all of them",
        ("QuestionsAnswered",),
    ),
    Statistic(
        "satisfaction", 1, Share(Measure("satisfied"), Measure("rated")), "percent", 1,
        "消费者满意率", "Consumers satisfied",
        "本期首次评价满意程度的投诉中，消费者最近一次评价为“满意”或者“基本满意”的件数 ÷ "
        "本期首次评价满意程度的投诉件数；没有被问到或者没有回答这一问题的不计入",
        "Of the complaints whose consumer first said in the period how satisfied they are, those whose newest answer "
        "is satisfied or mostly satisfied ÷ all of them; whoever was not asked this or left it open is not counted",
        ("QuestionsAnswered",),
    ),
)  # fmt: skip

_BY_ID: Final = {statistic.id: statistic for statistic in DEFINITIONS}
_NEWEST: Final = {
    statistic.name: statistic for statistic in sorted(DEFINITIONS, key=lambda statistic: statistic.version)
}


def find_statistic(name: str) -> Statistic:
    """`name` or `name@version`; the plain name is the newest version. UnknownStatistic."""
    found = _BY_ID.get(name) or _NEWEST.get(name)
    if found is None:
        raise UnknownStatistic(name)
    return found


def current() -> list[Statistic]:
    """The newest version of each, in the order they are told."""
    return [statistic for statistic in DEFINITIONS if _NEWEST[statistic.name] is statistic]


# ------------------------------------------------------------ the standard in words


_HEAD = """# One statistical standard

Written by `yuntiao stats --define` from `complaints.statistics`; a test holds this page to it.

Every figure, on a page, in a file or from the command line, is one of these. A definition never changes: a changed
formula is a new version, and the older one stays computable as `name@version`. The plain name means the newest version.

- **Days** are those of the handling office's own time zone. A step counts on the day the journal says it was made; one
  that was taken back does not count.
- **Periods** include their first and their last day. A comparison is with the period just before (as many whole months,
  else as many days) and with the same days a year earlier.
- **A complaint counts once.** One merged into another counts with that one only.
- **Rounding** is half up, once, at the end.
- **Late** is judged at the day of the counting, or at the day it is recomputed as of.
- **As of a date**: a figure can be recomputed from the journal as it stood at a moment. Entries made later do not exist
  for it. Due days come from today's calendar of working days.
- **Groups**: by channel, problem, industry (GB/T 4754: section, division, group, class, as far as the code was given),
  division (GB/T 2260), street, platform, respondent, band of the amount in dispute (from ¥100, 500, 1,000, 5,000,
  10,000, 50,000), age, way of mediation, office, or month or day of the day that is counted by. What a complaint does
  not say is a group of its own. A respondent is told by its credit code, else by its name and division: the same
  business with and without its code is two, until the phone, the address or the whole registered name shows that it is
  one, or a person says so; then it counts as that one, for days before and as of a date too.
- **Concluded** is the first of settlement and end of mediation, **decided** the first of acceptance and refusal,
  **handled** the first of refusal and conclusion.

| name | 名称 | English | unit | digits | counts by |
|---|---|---|---|---|---|
"""

_UNITS = {
    "complaints": "件 / complaints",
    "yuan": "元 / yuan",
    "percent": "% / per cent",
    "days": "天 / days",
    "kilometres": "公里 / km",
}


def markdown() -> str:
    """The whole of docs/statistics.md, written from the definitions and from nothing else."""
    rows = "".join(_row(statistic) for statistic in current())
    return _HEAD + rows + "".join(_section(statistic) for statistic in DEFINITIONS)


def day_names(measures: Sequence[Measure]) -> str:
    return ", ".join(dict.fromkeys(f"`{measure.by}`" for measure in measures))


def _row(statistic: Statistic) -> str:
    unit, by = _UNITS[statistic.unit], day_names(statistic.measures)
    return f"| `{statistic.id}` | {statistic.zh} | {statistic.en} | {unit} | {statistic.digits} | {by} |\n"


def _section(statistic: Statistic) -> str:
    newest = statistic in current()
    events = ", ".join(f"`{event}`" for event in statistic.events) or "none yet"
    return (
        f"\n## `{statistic.id}`{'' if newest else ' (earlier version)'}\n"
        f"**{statistic.zh}**：{statistic.words_zh}。\n\n"
        f"**{statistic.en}**: {statistic.words_en}.\n\n"
        f"Unit {_UNITS[statistic.unit]}; {statistic.digits} digits after the point; counts by "
        f"{day_names(statistic.measures)}; moved by {events}.\n"
    )
