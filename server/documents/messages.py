"""The plain sentence a party is sent when a notice goes out or is withdrawn, in Chinese or English.

What the complaint is about is in the notice, which the office has read; a message names its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from complaints.notices import NoticeKind
from server.documents.wording import Facts, title
from server.outbox.plain import plain

_LONGEST = 200  # characters of one thing told


@dataclass(frozen=True, slots=True)
class Sending:
    """`link`: the party's own way into the mediation and to their papers, "" when they have none."""

    kind: str
    number: str
    facts: Facts  # in the language of the message
    link: str = ""


def notice_text(sending: Sending, language: str) -> str:
    said = _SENTENCES[NoticeKind(sending.kind)][language.startswith("en")]
    facts = {name: plain(value, _LONGEST) for name, value in sending.facts.items()}
    en = language.startswith("en")
    head = f"[Yuntiao] {facts['office']}: " if en else f"【云调】{facts['office']}："
    sheet = title(sending.kind, language)
    if sending.link:
        where = f" Read it here: {sending.link}" if en else f"点开可以查看： {sending.link} "
    else:
        where = " The sheet can be had from us." if en else "书面通知可向我单位索取。"
    foot = (
        f" ({sheet}, {sending.number}.){where} To check this message ring {facts['office_phone']}."
        if en
        else f"（{sheet}，{sending.number}）{where}不放心可以打{facts['office_phone']}核实。"
    )
    return head + said.format_map(facts) + foot


def withdrawal_text(office: str, phone: str, number: str, reason: str, language: str) -> str:
    name, why = plain(office), plain(reason, _LONGEST)
    if language.startswith("en"):
        return f"[Yuntiao] {name}: our notice {number} is withdrawn. {why} Questions: {phone}."
    return f"【云调】{name}：此前发给您的{number}通知已撤回，以后续通知为准。{why} 有疑问请打{phone}。"


_SENTENCES = {
    NoticeKind.ACCEPTANCE: (
        "您的投诉（{file_number}）已受理，我们会联系双方调解，最迟{mediate_by}有结果。",
        "your complaint {file_number} is accepted. We will arrange a mediation; there is a result by {mediate_by}.",
    ),
    NoticeKind.REFUSAL: (
        "您的投诉（{file_number}）不予受理，理由：{ground}。您还可以协商、请消费者协会调解、向有关部门投诉、仲裁或者起诉。",
        "your complaint {file_number} is not accepted: {ground}. You may still negotiate, ask a consumer association, "
        "another authority, an arbitral body or a court.",
    ),
    NoticeKind.MEDIATION: (
        "投诉（{file_number}）定于{starts}调解，方式：{how}，主持人{mediator}。您可以决定是否参加，也可以申请主持人回避。",
        "the mediation of complaint {file_number} is on {starts}, {how}, with {mediator}. Taking part is your "
        "decision, and you may ask for another mediator.",
    ),
    NoticeKind.TERMINATION: (
        "投诉（{file_number}）的调解已终止，原因：{ground}。双方仍可协商、仲裁或者起诉。",
        "the mediation of complaint {file_number} has ended: {ground}. Both sides may still negotiate, arbitrate or go "
        "to court.",
    ),
    NoticeKind.DISPATCH: (
        "您的投诉（{file_number}）已分送{receiver}处理，由其决定是否受理并告知您，无须重复投诉。",
        "your complaint {file_number} was sent on to {receiver}, who will tell you whether it is accepted.",
    ),
}
