"""What the messages say, in Chinese or English, and what of a text may be shown to an officer.

Each begins with its office's mark 【东湖市监】 (before a code `server.identity.codes` puts it, which knows whose it is)
and may carry a link of ours, so nothing else in them may look like either: what a stranger typed (a complaint's
title, what was claimed) is in no message at all; names that an officer keeps are, as `plain` has them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from offices.people import Office

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


_WEEKDAYS = "一二三四五六日"
_SECRETS = re.compile(r"(?<=/[jacqg]/)[^\s?#]+")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Invitation:
    office: Office
    mediator: str
    number: str
    starts: datetime
    url: str


def invitation_text(invitation: Invitation, language: str) -> str:
    office, at = invitation.office, invitation.starts.astimezone(ZoneInfo(invitation.office.zone))
    name, mediator = plain(office.name), plain(invitation.mediator)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{mediator} of {name} invites you to a video mediation "
            f"(complaint {invitation.number}). When: {at:%Y-%m-%d %H:%M}. Open on your phone, nothing to install, free "
            f"of charge: {invitation.url} To check this message ring {office.phone}."
        )
    when = f"{_day(at)}{at:%H:%M}"
    return (
        f"{_mark(office)}{name}{mediator}请您参加一次视频调解（投诉编号{invitation.number}）。时间：{when}。"
        f"用手机点开就能参加，不下载，不收费： {invitation.url} 不放心可以打{office.phone}核实。"
    )


def code_text(code: str, minutes: int, language: str) -> str:
    if language.startswith("en"):
        return (
            f"{code} is your code for the video mediation, valid for {minutes} minutes. "
            "Tell it to nobody, not even the mediator."
        )
    return f"{code}是您参加视频调解的验证码，{minutes}分钟内有效。请不要告诉任何人，包括调解员。"


def window_code_text(code: str, minutes: int, language: str) -> str:
    if language.startswith("en"):
        return f"{code} is your code for a consumer complaint, good for {minutes} minutes. Tell it to nobody."
    return f"{code}是您办理消费投诉的验证码，{minutes}分钟内有效。请不要告诉任何人。"


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


def _day(at: datetime) -> str:
    return f"{at.month}月{at.day}日（星期{_WEEKDAYS[at.weekday()]}）"


def sign_code_text(code: str, minutes: int, number: str, language: str) -> str:
    if language.startswith("en"):
        return (
            f"{code} signs document {number}, valid for {minutes} minutes. Whoever types it signs for you: "
            "tell it to nobody, not even the mediator."
        )
    return (
        f"{code}是您签署{number}文书的验证码，{minutes}分钟内有效。谁输入它，就等于以您的名义签名，"
        "请不要告诉任何人，包括调解员。"
    )


def sign_text(office: Office, number: str, url: str, days: int, language: str) -> str:
    name = plain(office.name)
    if language.startswith("en"):
        return (
            f"{_mark(office)}{name} has written down what both sides agreed ({number}). Read it and sign it on your "
            f"phone within {days} days: {url} A code to this phone opens it. To check this message ring {office.phone}."
        )
    return (
        f"{_mark(office)}{name}：双方达成的调解协议已写成文书（{number}），请在{days}天内用手机阅读、签名： {url} "
        f"打开时会发验证码到本机。不放心可以打{office.phone}核实。"
    )


def copy_code_text(code: str, minutes: int, number: str, language: str) -> str:
    if language.startswith("en"):
        return f"{code} opens your copy of {number}, valid for {minutes} minutes. Tell it to nobody."
    return f"{code}是您领取{number}文书的验证码，{minutes}分钟内有效。请不要告诉任何人。"


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
