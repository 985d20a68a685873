"""What the messages say, in Chinese or English, and what of a text may be shown to an officer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from web.ports import Office

_WEEKDAYS = "一二三四五六日"
_SECRETS = re.compile(r"(?<=/j/)[^\s?#]+")
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True, slots=True)
class Invitation:
    office: Office
    mediator: str
    title: str
    starts: datetime
    url: str


def invitation_text(invitation: Invitation, language: str) -> str:
    office, at = invitation.office, invitation.starts.astimezone(ZoneInfo(invitation.office.zone))
    if language.startswith("en"):
        return (
            f"[Yuntiao] {invitation.mediator} of {office.name} invites you to a video mediation about: "
            f"{invitation.title}. When: {at:%Y-%m-%d %H:%M}. Open on your phone, nothing to install, free of charge: "
            f"{invitation.url} To check this message ring {office.phone}."
        )
    when = f"{at.month}月{at.day}日（星期{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"
    return (
        f"【云调】{office.name}{invitation.mediator}请您参加一次视频调解：{invitation.title}。时间：{when}。"
        f"用手机点开就能参加，不下载，不收费： {invitation.url} 不放心可以打{office.phone}核实。"
    )


def code_text(code: str, minutes: int, language: str) -> str:
    if language.startswith("en"):
        return (
            f"[Yuntiao] {code} is your code for the video mediation, valid for {minutes} minutes. "
            "Tell it to nobody, not even the mediator."
        )
    return f"【云调】{code}是您参加视频调解的验证码，{minutes}分钟内有效。请不要告诉任何人，包括调解员。"


def window_code_text(code: str, minutes: int, language: str) -> str:
    if language.startswith("en"):
        return f"[Yuntiao] {code} is your code for a consumer complaint, good for {minutes} minutes. Tell it to nobody."
    return f"【云调】{code}是您办理消费投诉的验证码，{minutes}分钟内有效。请不要告诉任何人。"


def without_secrets(text: str, kind: str) -> str:
    """A link without what makes it work, a code without its digits."""
    return _CODE.sub("••••••", text) if kind == "code" else _SECRETS.sub("…", text)
