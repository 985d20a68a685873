"""What messages say, in Chinese or English: to parties, of notices, to who reported something; and what of a text may
be shown to an officer.

Each begins with its office's mark 【东湖市监】 (before a code `server.identity.codes` puts it, which knows whose it
is) and may carry a link of ours, so nothing else in them may look like either: what a stranger typed (a complaint's
title, what was claimed) is in no message at all; names that an officer keeps are, as `plain` has them. What a complaint
is about is in the notice, which the office has read; a message names its number.

The phone of somebody who reported something may be read by others, and nobody is to learn from it what was reported,
whom about, or even that it was a report (Order 121 Art 37): a message to them names no business, no content and no
number (a report's has 举 in it), only the day it came in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints.notices import NoticeKind
from law.orders import ON_SITE, PHONE as PHONE_MODE
from offices.people import Office
from server.documents.press import Facts, sentence, title

MOST = 40  # characters
_BRACKETS = re.compile(r"[【】\[\]［］〖〗<>＜＞〈〉]")
# With a scheme, or anything that a phone makes a link of: labels with dots up to a domain's ending, and its path.
_ADDRESS = re.compile(
    r"(?:(?<!\w)\w+:)?//[^\s，。；、）)]+"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]{1,63}[.。．｡]){1,8}"
    r"(?:[a-z]{2,}|xn--[a-z0-9-]+|中国|公司|网络|网址)(?::\d+)?(?:/[^\s，。；、）)]*)?",
    re.IGNORECASE | re.ASCII,
)


def mark(signature: str) -> str:
    """What a text message begins with, in any language: the signature that the carrier has on its books."""
    return f"【{plain(signature)}】"


def plain(text: str, most: int = MOST) -> str:
    """On one line, without addresses, brackets and characters that are not seen; at most `most` characters."""
    seen = "".join(" " if unicodedata.category(one) in ("Zl", "Zp", "Cc") else one for one in text)
    seen = "".join(one for one in seen if unicodedata.category(one) not in ("Cf", "Co", "Cs", "Cn"))
    flat = " ".join(_ADDRESS.sub("", _BRACKETS.sub("", seen)).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def parts(text: str) -> int:
    """What a carrier counts it as: one up to 70 characters, else one for each 67."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)


def _with_trial(before: str, url: str, after: str, english: bool) -> str:
    """Where a call can be tried beforehand, unless saying so makes the message one part longer."""
    address = f"{url.rpartition('/j/')[0]}/test-call"
    trial = f"Try it beforehand: {address} . " if english else f"可以先试通话： {address} "
    short, whole = before + after, before + trial + after
    return whole if "/j/" in url and parts(whole) <= parts(short) else short


_WEEKDAYS = "一二三四五六日"
_SECRETS = re.compile(r"(?<=/[jacqg]/)[^\s?#]+")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True, slots=True)
class InvitationText:
    office: Office
    mediator: str
    number: str
    starts: datetime
    url: str
    until: datetime | None = None  # of a mediation in which nobody has to be there at one time


def invitation_text(invitation: InvitationText, language: str) -> str:
    office, at = invitation.office, invitation.starts.astimezone(ZoneInfo(invitation.office.zone))
    name, mediator = plain(office.name), plain(invitation.mediator)
    if invitation.until is not None:
        return _apart_invitation(invitation, name, mediator, language)
    if language.startswith("en"):
        said = (
            f"{_mark(office)}{mediator} of {name} invites you to a video mediation "
            f"(complaint {invitation.number}). When: {at:%Y-%m-%d %H:%M}. Open on your phone, nothing to install, free "
            f"of charge: {invitation.url} "
        )
        return _with_trial(said, invitation.url, f"To check this message ring {office.phone}.", english=True)
    when = f"{_day(at)}{at:%H:%M}"
    said = (
        f"{_mark(office)}{name}{mediator}请您参加一次视频调解（投诉编号{invitation.number}）。时间：{when}。"
        f"用手机点开就能参加，不下载，不收费： {invitation.url} "
    )
    return _with_trial(said, invitation.url, f"不放心可以打{office.phone}核实。", english=False)


def _apart_invitation(invitation: InvitationText, name: str, mediator: str, language: str) -> str:
    office, number, url = invitation.office, invitation.number, invitation.url
    assert invitation.until is not None
    until = invitation.until.astimezone(ZoneInfo(office.zone))
    if language.startswith("en"):
        return (
            f"{_mark(office)}{mediator} of {name} invites you to a mediation in your own time (complaint {number}), "
            f"until {until:%Y-%m-%d %H:%M}: no appointment, come as often as you like. Open on your phone, free of "
            f"charge: {url} To check this message ring {office.phone}."
        )
    return (
        f"{_mark(office)}{name}{mediator}请您参加一次错时调解（投诉编号{number}）：不用约时间，{_day(until)}{until:%H:%M}前"
        f"随时打开都行。不下载，不收费： {url} 不放心可以打{office.phone}核实。"
    )


@dataclass(frozen=True, slots=True)
class ApartText:
    """`until`, `meeting`: in the office's zone; `url` "" for who has no link that stands."""

    office: Office
    number: str
    until: datetime
    url: str
    meeting: datetime | None = None


def apart_text(told: ApartText, kind: str, language: str) -> str:
    """`kind`: rooms.apart.rules.WORDS."""
    office, name, number = told.office, plain(told.office.name), told.number
    english, until, met = language.startswith("en"), told.until, told.meeting
    if english:
        meeting = (
            f"there is a meeting by video on {met:%Y-%m-%d} at {met:%H:%M}" if met else "the meeting by video is off"
        )
        said = {
            "nudge": f"your answer is needed in the mediation of {number}. Please look in by {until:%Y-%m-%d %H:%M}.",
            "reminder": f"the mediation of {number} ends on {until:%Y-%m-%d} at {until:%H:%M}. Please look in.",
            "end": f"the mediation of {number} now goes on until {until:%Y-%m-%d %H:%M}.",
            "meeting": f"mediation of {number}: {meeting}.",
            "day": f"reminder, mediation of {number}: {meeting}.",
            "hour": f"reminder, within the hour, mediation of {number}: {meeting}.",
            "room": f"the mediation of {number} goes on by video now. Please come in.",
        }[kind]
        link = f" Your link stays the same: {told.url} ." if told.url else " Your link still works."
        return f"{_mark(office)}{name}: {said}{link} To check this message ring {office.phone}."
    meeting = f"约在{_day(met)}{met:%H:%M}进行视频调解" if met else "原来约好的视频调解取消了"
    said = {
        "nudge": f"投诉{number}的错时调解在等您这一方，请在{_day(until)}{until:%H:%M}前打开看看。",
        "reminder": f"投诉{number}的错时调解{_day(until)}{until:%H:%M}截止，请再打开看看。",
        "end": f"投诉{number}的错时调解改到{_day(until)}{until:%H:%M}截止。",
        "meeting": f"投诉{number}：{meeting}。",
        "day": f"提醒您：投诉{number}的调解{meeting}，请按时进来。",
        "hour": f"提醒您：投诉{number}的调解{meeting}，还有不到一小时。",
        "room": f"投诉{number}的调解现在改为视频调解，请进来。",
    }[kind]
    link = f"链接不变： {told.url} " if told.url else "原来的链接照样能用。"
    return f"{_mark(office)}{name}：{said}{link}不放心可以打{office.phone}核实。"


_NEWS = {
    "accepted": ("已受理", "it was accepted"),
    "refused": (
        "不予受理，理由和其他途径请看通知",
        "it was not accepted; the notice says why and which other ways are open",
    ),
    "scheduled": ("已安排调解", "a mediation was arranged"),
    "settled": ("双方已达成调解协议", "both sides have settled"),
    "ended": (
        "调解已终止，您仍可以仲裁或者起诉",
        "the mediation was terminated; arbitration and court stay open to you",
    ),
    "performed": ("约定的事项已履行完毕", "what was promised has been done"),
    "reopened": ("此前的决定已撤回，继续办理", "the earlier decision was taken back and it is being handled again"),
}


def news_text(what: str, office: Office, number: str, url: str, starts: datetime | None, language: str) -> str:
    """Nobody's name and nothing of the matter: whoever sees the phone learns only that there is a complaint."""
    name = plain(office.name)
    zh, en = _NEWS[what]
    at = starts.astimezone(ZoneInfo(office.zone)) if starts else None
    if language.startswith("en"):
        when = f", on {at:%Y-%m-%d} at {at:%H:%M}" if at else ""
        return f"{_mark(office)}{name}: your complaint {number}: {en}{when}. See {url} . To check ring {office.phone}."
    when = f"，时间：{_day(at)}{at:%H:%M}" if at else ""
    return f"{_mark(office)}{name}：您的投诉{number}{zh}{when}。查看： {url} 不放心可以打{office.phone}核实。"


def answer_invitation_text(office: Office, number: str, due: date, url: str, language: str) -> str:
    name = plain(office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name} has a consumer's complaint about your business ({number}) and asks for a written "
            f"answer by {due:%Y-%m-%d}, on your phone: {url} To check this message ring {office.phone}."
        )
    day = f"{due.month}月{due.day}日"
    return (
        f"{_mark(office)}{name}收到一件涉及贵单位的消费投诉（{number}），请在{day}前用手机书面答复： "
        f"{url} 不放心可以打{office.phone}核实。"
    )


def questions_text(office: Office, number: str, url: str, due: bool, language: str) -> str:
    name = plain(office.name)
    if language.startswith("en"):
        about = "was what was promised done" if due else "how was it handled"
        return (
            f"{_mark(office)}{name}, complaint {number}: {about}? A few questions, one minute: {url} "
            f"You need not answer. To check this message ring {office.phone}."
        )
    about = "约定事项是否已履行" if due else "处理得怎么样"
    return (
        f"{_mark(office)}{name}：您参与调解的投诉（{number}）{about}？请花一分钟回答几个问题（自愿）： {url} "
        f"如需核实，请拨打{office.phone}。"
    )


def term_due_text(office: Office, number: str, term: int, due: date, language: str) -> str:
    name = plain(office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name}: what you promised in the settlement of {number} (no. {term}) is due on "
            f"{due:%Y-%m-%d}. If it is done already you need do nothing. Questions: {office.phone}."
        )
    day = f"{due.month}月{due.day}日"
    return (
        f"{_mark(office)}{name}：{number}调解约定的第{term}项由您履行，期限是{day}。已经履行的不用再做什么，请留好凭证。"
        f"有疑问请打{office.phone}。"
    )


def term_late_text(office: Office, number: str, term: int, due: date, language: str) -> str:
    if language.startswith("en"):
        return f"{_mark(office)}{number}: promise no. {term} was due on {due:%Y-%m-%d} and nobody noted it as kept."
    return f"{_mark(office)}{number}调解约定的第{term}项应在{due.month}月{due.day}日前履行，还没有登记履行，请跟进。"


def term_escalated_text(office: Office, number: str, term: int, due: date, language: str) -> str:
    """To who oversees the office."""
    name = plain(office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name}, {number}: promise no. {term} was due on {due:%Y-%m-%d}, is over a week late and "
            "nobody noted it as kept. It is yours to look at."
        )
    day = f"{due.month}月{due.day}日"
    return f"{_mark(office)}{name}{number}调解约定的第{term}项应在{day}前履行，已超过一周，仍未登记履行，请督促。"


def cancelled_text(office: Office, number: str, starts: datetime, language: str) -> str:
    name = plain(office.name)
    at = starts.astimezone(ZoneInfo(office.zone))
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name}: the mediation on {at:%Y-%m-%d} at {at:%H:%M} ({number}) will not take "
            f"place. You need do nothing. Questions: {office.phone}."
        )
    when = f"{_day(at)}{at:%H:%M}"
    return f"{_mark(office)}{name}：原定{when}的调解（{number}）已取消，您不用再做什么。有疑问请打{office.phone}。"


@dataclass(frozen=True, slots=True)
class MediationText:
    """`url`: of whom it goes to, "" where they have no link; `mode`: law.orders."""

    office: Office
    number: str
    starts: datetime
    mode: str
    place: str
    url: str

    @property
    def at(self) -> datetime:
        return self.starts.astimezone(ZoneInfo(self.office.zone))

    def how(self, english: bool) -> str:
        """The way to it, as a sentence of its own."""
        if self.mode == ON_SITE:
            place = plain(self.place, _LONGEST)
            return f" Place: {place}." if english else f"地点：{place}。"
        if self.mode == PHONE_MODE:
            return " We ring you then." if english else "届时我们打电话给您。"
        if not self.url:
            return " Your link stays good." if english else "原来的链接照样能用。"
        return f" Your link stays the same: {self.url} ." if english else f"链接不变： {self.url} "


def rescheduled_text(told: MediationText, language: str) -> str:
    office, name = told.office, plain(told.office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name}: the mediation of {told.number} is now on {told.at:%Y-%m-%d} at {told.at:%H:%M}."
            f"{told.how(True)} To check this message ring {office.phone}."
        )
    return (
        f"{_mark(office)}{name}：投诉{told.number}的调解改到{_day(told.at)}{told.at:%H:%M}。"
        f"{told.how(False)}不放心可以打{office.phone}核实。"
    )


def kept_text(told: MediationText, language: str) -> str:
    office, name = told.office, plain(told.office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name}: you asked for another time for the mediation of {told.number}. It could not be "
            f"moved and stays on {told.at:%Y-%m-%d} at {told.at:%H:%M}.{told.how(True)} If you cannot come, ring "
            f"{office.phone}."
        )
    return (
        f"{_mark(office)}{name}：您希望投诉{told.number}的调解改个时间，这次没能改成，仍为"
        f"{_day(told.at)}{told.at:%H:%M}。{told.how(False)}实在来不了请打{office.phone}。"
    )


def reminder_text(told: MediationText, when: str, language: str) -> str:
    """`when`: complaints.procedure.BEFORE. The day before there is time to try a call."""
    office, name = told.office, plain(told.office.name)
    tried = told.url if when == "day" and told.mode not in (ON_SITE, PHONE_MODE) else ""
    if language.startswith("en"):
        soon = "begins within the hour" if when == "hour" else "is coming up"
        said = (
            f"{_mark(office)}{name}: the mediation of {told.number} {soon}, {told.at:%Y-%m-%d} at {told.at:%H:%M}."
            f"{told.how(True)} "
        )
        return _with_trial(said, tried, f"To check this message ring {office.phone}.", english=True)
    soon = "一小时内就要开始" if when == "hour" else "就要开始了"
    said = (
        f"{_mark(office)}{name}提醒：投诉{told.number}的调解{soon}，时间：{_day(told.at)}{told.at:%H:%M}。"
        f"{told.how(False)}"
    )
    return _with_trial(said, tried, f"不放心可以打{office.phone}核实。", english=False)


def _day(at: datetime) -> str:
    return f"{at.month}月{at.day}日（星期{_WEEKDAYS[at.weekday()]}）"


def sign_text(office: Office, number: str, url: str, days: int, language: str, record: bool = False) -> str:
    """`record`: it is the record of a mediation that is over, and no agreement."""
    name = plain(office.name)
    if language.startswith("en"):
        what = "has made the record of your mediation" if record else "has written down what both sides agreed"
        return (
            f"{_mark(office)}{name} {what} ({number}). Read it and sign it on your "
            f"phone within {days} days: {url} A code to this phone opens it. To check this message ring {office.phone}."
        )
    what = "您参加的调解已制作调解记录" if record else "双方达成的调解协议已写成文书"
    return (
        f"{_mark(office)}{name}：{what}（{number}），请在{days}天内用手机阅读、签名： {url} "
        f"打开时会发验证码到本机。不放心可以打{office.phone}核实。"
    )


def copy_text(office: Office, number: str, url: str, days: int, language: str) -> str:
    name = plain(office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{number} of {name} is in effect. Your copy, for {days} days: {url} "
            f"A code to this phone opens it. To check this message ring {office.phone}."
        )
    return (
        f"{_mark(office)}{name}{number}文书已经生效。领取您的那一份（{days}天内有效）： {url} "
        f"打开时会再发验证码到本机。不放心可以打{office.phone}核实。"
    )


def _mark(office: Office) -> str:
    return mark(office.signs_as)


def without_secrets(text: str, kind: str) -> str:
    """A link without what makes it work, a code without its digits."""
    return _CODE.sub("••••••", text) if kind == "code" else _SECRETS.sub("…", text)


_LONGEST = 200  # characters of one thing told


@dataclass(frozen=True, slots=True)
class MessageTo:
    """`link`: the party's own way into the mediation and to their papers, "" when they have none."""

    kind: str
    number: str
    facts: Facts  # in the language of the message
    link: str = ""


def notice_text(sending: MessageTo, language: str) -> str:
    said = _SENTENCES[NoticeKind(sending.kind)][language.startswith("en")]
    facts = {name: plain(value, _LONGEST) for name, value in sending.facts.items()}
    en = language.startswith("en")
    head = f"{mark(facts['signature'])}{facts['office']}" + (": " if en else "：")
    sheet = title(sending.kind, language)
    if sending.link:
        where = f" Read it here: {sending.link}" if en else f"点开可以查看： {sending.link} "
    else:
        where = " The sheet can be had from us." if en else f"书面通知可向{facts['office']}领取。"
    foot = (
        f" ({sheet}, {sending.number}.){where} To check this message ring {facts['office_phone']}."
        if en
        else f"（{sheet}，{sending.number}）{where}不放心可以打{facts['office_phone']}核实。"
    )
    return head + said.format_map(facts) + foot


def withdrawal_text(office: Office, number: str, reason: str, language: str) -> str:
    name, why, phone = plain(office.name), sentence(plain(reason, _LONGEST)), office.phone
    if language.startswith("en"):
        return f"{mark(office.signs_as)}{name}: our notice {number} is withdrawn. {why} Questions: {phone}."
    told = f"此前发给您的{number}通知已撤回，以后续通知为准。原因：{why}有疑问请打{phone}。"
    return f"{mark(office.signs_as)}{name}：{told}"


_SENTENCES = {
    NoticeKind.ACCEPTANCE: (
        "您的投诉（{file_number}）已受理（{cite_accept}），经双方同意后组织调解，期限至{mediate_by}，"
        "鉴定、检测时间不计算在内。",
        "your complaint {file_number} is accepted ({cite_accept}). There is a mediation if both sides "
        "agree, with time until {mediate_by}; testing or appraisal does not count.",
    ),
    NoticeKind.REFUSAL: (
        "您的投诉（{file_number}）不予受理，依据是{cite_refuse}：{ground}。{see_reason}您还可以与经营者协商、"
        "请消费者协会调解、向有关部门投诉、申请仲裁或者起诉。",
        "your complaint {file_number} is not accepted under {cite_refuse}: {ground}. {see_reason}You "
        "may still negotiate, or turn to a consumer association, another authority, an arbitral body or a court.",
    ),
    NoticeKind.MEDIATION: (
        "投诉（{file_number}）定于{starts}调解，方式：{mode}{at_place}，主持人{mediator}。是否参加由您决定，"
        "您也可以申请主持人回避（{cite_consent_recusal}）。",
        "the mediation of complaint {file_number} is on {starts}, {mode}{at_place}, with {mediator}. Taking part is "
        "your decision, and you may ask for another mediator ({cite_consent_recusal}).",
    ),
    NoticeKind.TERMINATION: (
        "投诉（{file_number}）的调解已终止，依据是{cite_ground}：{ground}。{see_reason}双方仍可协商、"
        "申请仲裁或者起诉。",
        "the mediation of complaint {file_number} was terminated under {cite_ground}: {ground}. {see_reason}"
        "Both sides may still negotiate, arbitrate or go to court.",
    ),
    NoticeKind.DISPATCH: (
        "您的投诉（{file_number}）已分送{receiver}处理（{cite_dispatch}），由其决定是否受理并告知您，无须重复投诉。",
        "your complaint {file_number} was sent on to {receiver} ({cite_dispatch}), who will tell you whether it is "
        "accepted.",
    ),
    NoticeKind.IDENTITY: (
        "为核验您的真实身份，请就投诉（{file_number}）提供身份证明材料（{cite_identity}）。需要哪些材料见通知书。",
        "please give us proof of identity for your complaint {file_number} ({cite_identity}). The notice says what is "
        "needed.",
    ),
}

MOST_TO_INFORMANT: Final = 60  # characters of what an inspector adds

_SAID = {
    "received": ("已收到，正在核查。", "was received and is being looked into."),
    "repeat": (
        "与您此前反映的是同一事实，不再另行处理。",
        "is what you had told us before; it is not handled again.",
    ),
    "facts": ("已与您此前反映的事项合并处理。", "is handled together with what you had told us before."),
    "moved": ("不属于我们的处理权限，请直接向{said}提出。", "is not ours to handle. Please turn to {said}."),
    "case": ("已决定立案。", "led to a case being filed."),
    "no_case": ("已决定不予立案。", "was decided on: no case is filed."),
    "result": ("已处理完毕，结果：{said}。", "has been dealt with. Result: {said}."),
    "reward": (
        "按规定给予奖励，请来电了解领取办法。",
        "earns a reward under the rules; ring us on how to claim it.",
    ),
}
ASKS = {"moved": "authority", "result": "result"}
"""What an inspector has to add to some, by what is told."""


def informant_text(which: str, day: date, said: str, office: Office, language: str) -> str:
    """`which`: a key of the table; `day`: it was received on; `said`: to whom to turn, or the result."""
    zh, en = _SAID[which]
    name, phone, told = plain(office.name), office.phone, plain(said, MOST_TO_INFORMANT).rstrip("。.")
    if language.startswith("en"):
        what = f"what you brought to us on {day:%Y-%m-%d} {en.format(said=told)}"
        return f"{mark(office.signs_as)}{name}: {what} To check this message ring {phone}."
    what = f"您{day.year}年{day.month}月{day.day}日反映的事项{zh.format(said=told)}"
    return f"{mark(office.signs_as)}{name}：{what}不放心可以打{phone}核实。"
