"""The plain sentence a party is sent when a notice goes out or is withdrawn, in Chinese or English.

What the complaint is about is in the notice, which the office has read; a message names its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from complaints.notices.notice import NoticeKind
from offices.people import Office
from server.documents.wording import Facts, sentence, title
from server.outbox.texts import mark, plain

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
