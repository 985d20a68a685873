"""Grounds of refusing and ending, duties, and matters of consultation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from law.orders import ORDER_121, Citation, StatutoryOrder, order_named


@dataclass(frozen=True, slots=True)
class Ground:
    number: int
    zh: str
    en: str
    paper: str  # as a sheet under the authority's seal says it

    def gist(self, language: str) -> str:
        """For a screen."""
        return self.en if language.startswith("en") else self.zh

    def formal(self, language: str) -> str:
        """For papers and messages."""
        return self.en if language.startswith("en") else self.paper


REFUSAL_121: tuple[Ground, ...] = (  # Order 121 Art 16
    Ground(
        1,
        "不归市场监管部门管，或者不归本单位管",
        "Outside market supervision's duties, or outside this office's",
        "投诉事项超出市场监督管理部门的职责范围，或者本机关对该投诉没有处理权限",
    ),
    Ground(
        2,
        "同一件争议，法院、仲裁、其他行政机关或消费者协会已经受理或办过",
        "The same dispute is or was before a court, an arbitral body, another agency or a consumer association",
        "法院、仲裁机构、行政机关或者消费者协会已经受理或者处理同一消费者权益争议",
    ),
    Ground(
        3,
        "不是生活消费引起的，或者说明不了与对方有消费争议",
        "Not bought for daily life, or no consumer dispute with the respondent is shown",
        "有关商品或者服务并非为生活消费需要而购买、使用，或者未能证明与被投诉人存在消费者权益争议",
    ),
    Ground(
        4,
        "从知道或应当知道权益受损起已过三年（法律另有规定的除外）",
        "More than three years since the harm was or should have been known, unless a statute says otherwise",
        "投诉距投诉人知道或者应当知道其权益受到侵害之日已超过三年，且法律没有其他规定",
    ),
    Ground(
        5,
        "该给的材料没有给，或者材料是假的",
        "Required materials are missing, or those given are false",
        "未按照该办法第十条第一款、第十一条的规定提交投诉材料，或者提交的材料虚假",
    ),
    Ground(
        6,
        "冒用别人名义，或者拒绝配合核实真实身份",
        "Made in somebody else's name, or refuses to have the real identity checked",
        "冒用他人名义投诉，或者拒绝配合核验真实身份信息",
    ),
    Ground(
        7,
        "法律、法规、规章规定的其他不受理情形",
        "Another case in which the law rules out acceptance",
        "属于法律、法规、规章规定的其他不予受理情形",
    ),
)

REFUSAL_20: tuple[Ground, ...] = (  # Order 20 Art 15
    REFUSAL_121[0],
    Ground(
        2,
        "同一件争议，法院、仲裁、其他行政机关、消费者协会或其他调解组织已经受理或办过",
        "The same dispute is or was before a court, an arbitral body, another agency, a consumer association or "
        "another mediation body",
        "法院、仲裁机构、行政机关、消费者协会或者其他调解组织已经受理或者处理同一消费者权益争议",
    ),
    *REFUSAL_121[2:4],
    Ground(
        5,
        "该给的材料没有给",
        "Required materials are missing",
        "未按照该办法第九条第一款、第十条的规定提交投诉材料",
    ),
    Ground(
        6,
        "法律、法规、规章规定的其他不受理情形",
        "Another case in which the law rules out acceptance",
        "属于法律、法规、规章规定的其他不予受理情形",
    ),
)

ENDING_121: tuple[Ground, ...] = (  # Order 121 Art 23
    Ground(
        1,
        "投诉人撤回投诉，或者双方自己和解了",
        "The complaint was withdrawn, or the parties settled on their own",
        "投诉人已撤回投诉，或者双方已自行和解",
    ),
    Ground(
        2,
        "一方没有正当理由不来，或者明确不愿调解",
        "A party stays away without good reason or plainly refuses mediation",
        "投诉人或者被投诉人没有正当理由不参加调解，或者明确表示不接受调解",
    ),
    Ground(
        3,
        "调解过，一方明确说谈不成",
        "After mediation a party plainly says no agreement is possible",
        "经本机关组织调解，投诉人或者被投诉人明确表示不能达成调解协议",
    ),
    Ground(
        4,
        "鉴定、检测的费用谁出，双方谈不拢",
        "The parties cannot agree who pays for testing or appraisal",
        "双方对鉴定、检测费用的承担未能协商一致",
    ),
    Ground(
        5,
        "受理后满六十日还没有谈成",
        "Sixty days have passed since acceptance without agreement",
        "自受理投诉之日起满六十日，双方仍未达成调解协议",
    ),
    Ground(
        6,
        "受理后才发现属于不该受理的，或者涉嫌敲诈勒索等情形（第十六条、第四十二条）",
        "It turns out to be a case of Art 16 (not to be accepted) or of Art 42",
        "受理后发现投诉存在该办法第十六条或者第四十二条规定的情形",
    ),
    Ground(
        7,
        "一方去世，或者企业已经不存在",
        "A party has died or no longer exists in law",
        "投诉人或者被投诉人死亡，或者其主体资格灭失",
    ),
    Ground(
        8,
        "法律、法规、规章规定的其他终止情形",
        "Another case in which the law ends mediation",
        "属于法律、法规、规章规定应当终止调解的其他情形",
    ),
)

ENDING_20: tuple[Ground, ...] = (  # Order 20 Art 21
    Ground(
        1,
        "投诉人撤回投诉，或者双方自己和解了",
        "The complaint was withdrawn, or the parties settled on their own",
        "投诉人已撤回投诉，或者双方已自行和解",
    ),
    Ground(
        2,
        "由谁检测、费用谁出，双方谈不拢",
        "The parties cannot agree on a testing body or on who pays for it",
        "双方对承担检定、检验、检测、鉴定的技术机构或者其费用的承担未能协商一致",
    ),
    Ground(
        3,
        "一方没有正当理由不来，或者被投诉人明确不愿调解",
        "A party stays away without good reason, or the respondent plainly refuses",
        "投诉人或者被投诉人没有正当理由不参加调解，或者被投诉人明确表示不接受调解",
    ),
    Ground(
        4,
        "调解过，一方明确说谈不成",
        "After mediation a party plainly says no agreement is possible",
        "经本机关组织调解，投诉人或者被投诉人明确表示不能达成调解协议",
    ),
    Ground(
        5,
        "受理后满四十五个工作日还没有谈成",
        "Forty-five working days have passed since acceptance without agreement",
        "自受理投诉之日起满四十五个工作日，双方仍未达成调解协议",
    ),
    Ground(
        6,
        "受理后才发现属于不该受理的",
        "It turns out to be a case that should not have been accepted",
        "受理后发现投诉存在该办法第十五条规定的情形",
    ),
    Ground(
        7,
        "法律、法规、规章规定的其他终止情形",
        "Another case in which the law ends mediation",
        "属于法律、法规、规章规定应当终止调解的其他情形",
    ),
)

NO_AGREEMENT = {"121": 3, "20": 4}  # order -> the ending ground of "not settled"


def refusal_grounds(order: str) -> Sequence[Ground]:
    return REFUSAL_20 if order == "20" else REFUSAL_121


def ending_grounds(order: str) -> Sequence[Ground]:
    return ENDING_20 if order == "20" else ENDING_121


ACCEPT, REFUSE, CONSENT, MODE, RECUSAL, TESTING = "accept", "refuse", "consent", "mode", "recusal", "testing"
END, DOCUMENTS, DISPATCH, IDENTITY, JOINT = "end", "documents", "dispatch", "identity", "joint"

DUTIES: Final[Mapping[str, Mapping[str, int]]] = {
    "121": {
        IDENTITY: 10,  # proof of who complains may be asked for; Order 20 does not say so
        JOINT: 12,  # representatives settle only as those they represent agree
        ACCEPT: 15,  # decide in seven working days and tell the complainant
        REFUSE: 16,
        CONSENT: 18,  # both have to agree to mediation
        MODE: 20,  # on the spot, by internet, telephone, sound or video
        RECUSAL: 21,
        TESTING: 22,  # its time does not count
        END: 23,  # the grounds, and telling both in seven working days
        DOCUMENTS: 24,  # the mediation agreement and the record
        DISPATCH: 41,  # from the intake unit to who is competent, and back, never sideways
    },
    "20": {
        JOINT: 11,
        ACCEPT: 14,
        REFUSE: 15,
        CONSENT: 16,
        MODE: 18,
        RECUSAL: 19,
        TESTING: 20,
        END: 21,
        DOCUMENTS: 22,
        DISPATCH: 37,
    },
}


_PARAGRAPHS: Final[Mapping[str, int]] = {IDENTITY: 3}


def joined_duties(order: str, language: str, *duties: str) -> str:
    """Several places, with the order named once."""
    rule = order_named(order)
    places = [Citation(rule, article_of(order, duty), _PARAGRAPHS.get(duty, 0)).place(language) for duty in duties]
    return f"{rule.en}, {' and '.join(places)}" if language.startswith("en") else rule.zh + "、".join(places)


def article_of(order: str, duty: str) -> int:
    """KeyError for an order or duty this program does not know."""
    return DUTIES[order][duty]


def cited_duty(order: str, duty: str, language: str, item: int = 0) -> str:
    """As a notice writes it; `item` is the place in the article's list, 0 for none."""
    return Citation(order_named(order), article_of(order, duty), _PARAGRAPHS.get(duty, 0), item).cited(language)


CONSULTATION, DISCLOSURE, REVIEW, PETITION, DISCIPLINE, ELSEWHERE = (
    "consultation",
    "disclosure",
    "review",
    "petition",
    "discipline",
    "elsewhere",
)


@dataclass(frozen=True, slots=True)
class ConsultationMatter:
    """`zh` and `en`: what it is called; `way_*`: where to turn with it, told unless the officer says it better."""

    zh: str
    en: str
    way_zh: str
    way_en: str

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def way(self, language: str) -> str:
        return self.way_en if language.startswith("en") else self.way_zh


MATTERS: Final[Mapping[str, ConsultationMatter]] = {
    CONSULTATION: ConsultationMatter(
        "咨询",
        "Consultation",
        "当场解答；不能当场解答的，告知查询途径或者负责解答的部门。",
        "Answered on the spot, or told where to look it up or whom to ask.",
    ),
    DISCLOSURE: ConsultationMatter(
        "政府信息公开申请",
        "Request for government information",
        "请以书面形式（来信、电子邮件等）向制作或者保存该信息的行政机关的政府信息公开工作机构提出，"
        "见《政府信息公开条例》第二十九条。",
        "In writing to the disclosure office of the authority that made or holds the information (Regulations on Open "
        "Government Information, Art 29).",
    ),
    REVIEW: ConsultationMatter(
        "行政复议申请",
        "Application for administrative review",
        "请自知道或者应当知道行政行为之日起六十日内，向有管辖权的行政复议机关提出，见《行政复议法》第二十条。",
        "To the competent review authority within sixty days of when the act was or should have been known "
        "(Administrative Review Law, Art 20).",
    ),
    PETITION: ConsultationMatter(
        "信访事项",
        "Petition",
        "请通过网络、书信、电话、走访等形式向有权处理的机关、单位或者信访工作机构提出，见《信访工作条例》第十七条。",
        "To the body that may handle it or to its petition office (Regulations on Petition Work, Art 17).",
    ),
    DISCIPLINE: ConsultationMatter(
        "纪检监察检举控告",
        "Charge against an official",
        "请向纪检监察机关提出，可以拨打12388，也可以来信、来访或者网上提出。",
        "To the discipline and supervision bodies: by phone 12388, by letter, in person or online.",
    ),
    ELSEWHERE: ConsultationMatter(
        "其他部门职责事项",
        "Matter of another authority",
        "请向依法负责该事项的部门提出；不清楚归哪个部门的，可以拨打12345询问。",
        "To the authority in charge of it; 12345 tells which one that is.",
    ),
}


def cited_matter(order: StatutoryOrder, kind: str) -> Citation | None:
    """Why it is not handled as a complaint or report; None where the order has no word of it."""
    if kind == ELSEWHERE:
        return Citation(order, 2) if order is ORDER_121 else None
    return Citation(order, order.other_ways_article, 0 if order is ORDER_121 else 2)
