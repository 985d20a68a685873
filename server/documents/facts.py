"""What fills a document's blanks: from the complaint, its stream, the office and the session it is about; and who the
parties are, as papers name them. Pure.

Numbers of people stand masked, for a notice goes to both sides; the parties are named in full on an original, with
people's numbers masked on copies for others. What is public stands in full, and so does a unified social credit code,
which stands in the national publicity system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints import ID_KINDS, IdKind, name
from complaints.complaint import deadlines
from complaints.events import ComplaintRefused, MediationClosed, from_event
from complaints.notices import NoticeKind
from complaints.procedure import MediationEnded
from complaints.record import CODE, IDENTITY, PartyRecord
from complaints.record.identifiers import PHONE
from complaints.state import Complaint
from journal import Event
from journal.refusals import Refused
from law import WorkingCalendar, grounds as law_grounds
from law.grounds import NO_AGREEMENT
from law.library import Library, citation_words
from law.orders import OURS, PHONE as BY_PHONE, ROOM, mode_name
from offices import Office
from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Role, Side, Term
from server.documents import chinese_day, effect_sentence, sentence

Open = Callable[[str, str], str]  # (sealed, what for) -> in full

UNKNOWN: Final = "未登记"


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """`masked` is what a copy for others says in place of `value`."""

    label: str
    value: str
    masked: str


def public_code(party: PartyRecord, open_: Open | None) -> str:
    """Files made before codes were kept open hold it sealed and masked."""
    return open_(party.code_sealed, CODE) if party.code_sealed and open_ is not None else party.credit_code


def person(label: str, party: PartyRecord, open_: Open) -> Sequence[DocumentLine]:
    """Name; identity document and phone where they are known; the address, or that none is on file."""
    lines = [_open(label, party.name or party.title)]
    if party.id_sealed:
        kind = "" if party.id_kind == IdKind.OTHER else name(ID_KINDS, party.id_kind, "zh")
        lines.append(DocumentLine("身份证件", f"{kind}{open_(party.id_sealed, IDENTITY)}", f"{kind}{party.id_masked}"))
    if party.phone:
        lines.append(DocumentLine("联系电话", open_(party.phone, PHONE), party.phone_masked))
    where = address(party)
    lines.append(DocumentLine("地址", where, party.city or "（略）") if where else _open("地址", UNKNOWN))
    return lines


def business(label: str, party: PartyRecord, heads: str, open_: Open) -> Sequence[DocumentLine]:
    """Registered name, code, legal representative and address; one without a registered name is named as a person."""
    if not party.organisation:
        return person(label, party, open_)
    lines = [_open(label, party.organisation)]
    if code := public_code(party, open_):
        lines.append(_open("统一社会信用代码", code))
    lines.append(_open("法定代表人或者负责人", heads or UNKNOWN))
    if where := address(party):
        lines.append(_open("住所", where))
    return lines


def _open(label: str, value: str) -> DocumentLine:
    return DocumentLine(label, value, value)


def address(party: PartyRecord) -> str:
    """With the city once, whether or not the address begins with it."""
    return party.address if party.address.startswith(party.city) else f"{party.city}{party.address}"


NATIONAL = WorkingCalendar()
_WEEKDAYS = "一二三四五六日"
_AFTER = 25  # Order 121: other ways after mediation; Order 20 has no such article
_MORE = {
    NoticeKind.ACCEPTANCE: (law_grounds.ACCEPT, law_grounds.CONSENT, law_grounds.TESTING, law_grounds.END),
    NoticeKind.REFUSAL: (law_grounds.ACCEPT,),
    NoticeKind.MEDIATION: (
        law_grounds.CONSENT,
        law_grounds.MODE,
        law_grounds.RECUSAL,
        law_grounds.TESTING,
        law_grounds.END,
    ),
    NoticeKind.TERMINATION: (law_grounds.END,),
    NoticeKind.DISPATCH: (law_grounds.DISPATCH, law_grounds.ACCEPT),
    NoticeKind.IDENTITY: (law_grounds.IDENTITY, law_grounds.ACCEPT, law_grounds.REFUSE),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What an officer adds: `note` for the parties, `receiver` of a complaint sent on, `within` the same bureau."""

    note: str = ""
    receiver: str = ""
    within: bool = False


@dataclass(frozen=True, slots=True)
class DocumentCase:
    """All a document may speak of. `session`: the one it is about, None for kinds that are about none."""

    complaint: Complaint
    entries: Sequence[Event]
    office: Office
    officer: str
    session: Session | None = None
    given: Given = Given()
    replaces: str = ""
    calendar: WorkingCalendar = NATIONAL  # the office's, with the State Council's notices it entered
    library: Library | None = None  # with the official texts that offices imported
    reason: str = ""  # why a mediation was ended, in the officer's words, where the session holds them
    open: Open | None = None  # opens what the file keeps sealed

    @property
    def order(self) -> str:
        return self.complaint.record.order

    @property
    def day(self) -> date:
        """Of receipt, in the office's zone: procedure follows it."""
        return self.complaint.record.received.astimezone(ZoneInfo(self.office.zone)).date()


def grounds(kind: str, case: DocumentCase) -> int:
    """The number of the ground of a refusal or an ending; 0 where there is none. Refused(409) when it is not known."""
    if kind not in (NoticeKind.REFUSAL, NoticeKind.TERMINATION):
        return 0
    for entry in reversed(case.entries):
        match None if entry.erased else from_event(entry):
            case ComplaintRefused(ground=ground) if kind == NoticeKind.REFUSAL:
                return ground
            case MediationEnded(ground=ground) if kind == NoticeKind.TERMINATION:
                return ground
            case MediationClosed(outcome=outcome, ground=ending) if kind == NoticeKind.TERMINATION:
                if outcome in ("ended", "not_settled"):
                    return ending or NO_AGREEMENT[case.order]
            case _:
                pass
    raise Refused("erased", 410)


def articles(kind: str, case: DocumentCase) -> tuple[str, ...]:
    """What a notice rests on, as the journal keeps it: order-<order>/<article>[/<item>], consumer/39."""
    order, ground = case.order, grounds(kind, case)
    found = [f"order-{order}/{law_grounds.article_of(order, duty)}" for duty in _MORE[NoticeKind(kind)]]
    if ground:
        duty = law_grounds.REFUSE if kind == NoticeKind.REFUSAL else law_grounds.END
        found.append(f"order-{order}/{law_grounds.article_of(order, duty)}/{ground}")
        found.append("consumer/39")
    if kind == NoticeKind.TERMINATION and order == "121":
        found.append(f"order-121/{_AFTER}")
    return tuple(found)


def facts(kind: str, case: DocumentCase, language: str) -> Mapping[str, str]:
    """Every blank of every wording has an entry; one that this kind has no use for is ""."""
    zone, record, office = ZoneInfo(case.office.zone), case.complaint.record, case.office
    en = language.startswith("en")
    mode, place = (case.session.mode, case.session.place) if case.session else (ROOM, "")

    def day(at: datetime | None) -> str:
        if at is None:
            return ""
        local = at.astimezone(zone)
        return f"{local:%Y-%m-%d}" if en else chinese_day(local.date())

    consumer = _named(record.consumer, record.secret and kind in (NoticeKind.MEDIATION, NoticeKind.TERMINATION))
    found = {
        "office": office.name,
        "office_phone": office.phone,
        "signature": office.signs_as,
        "issuer": office.issuer,
        "contact": _contact(case, en),
        "mode": mode_name(mode, language),
        "place": place,
        "at_place": (f" at {place}" if en else f"，地点：{place}") if place else "",
        "online": "yes" if mode in OURS else "",
        "by_phone": "yes" if mode == BY_PHONE else "",
        "effect": effect_sentence(language),
        "mediator": case.officer,
        "officer": case.officer,
        "file_number": record.number,
        "consumer": consumer,
        "business": record.business.title,
        "title": record.title,
        "request": record.request,
        "facts": record.facts,
        "received": day(record.received),
        "accepted": day(case.complaint.accepted_at),
        "refused": day(_when(case.entries, ComplaintRefused.__name__)),
        "ended": day(case.complaint.ended_at),
        "mediate_by": _due(case, "mediate", en),
        "accept_by": _due(case, "accept", en),
        "reason": sentence(why := reason(kind, case)),
        "see_reason": ("The notice gives the reason. " if en else "具体理由见告知书。") if why else "",
        "ground": _ground(kind, case, language),
        "note": sentence(case.given.note),
        "receiver": case.given.receiver.strip(),
        "within": "yes" if case.given.within else "",  # the period for accepting runs on; or begins anew there
        "anew": "" if case.given.within else "yes",
        "replaces": case.replaces,
        "consumer_line": _line(record.consumer, en, case.open),
        "business_line": _line(record.business, en, case.open),
        "proxy_line": record.proxy.name if record.proxy else ("none" if en else "无"),
    }
    found |= {
        f"cite_{duty}": law_grounds.cited_duty(case.order, duty, language) for duty in law_grounds.DUTIES[case.order]
    }
    for pair in (
        (law_grounds.TESTING, law_grounds.END),
        (law_grounds.CONSENT, law_grounds.END),
        (law_grounds.CONSENT, law_grounds.RECUSAL),
    ):
        found[f"cite_{'_'.join(pair)}"] = law_grounds.joined_duties(case.order, language, *pair)
    if ground := grounds(kind, case):
        duty = law_grounds.REFUSE if kind == NoticeKind.REFUSAL else law_grounds.END
        found[f"cite_{'refuse' if duty == law_grounds.REFUSE else 'ground'}"] = law_grounds.cited_duty(
            case.order, duty, language, ground
        )
    found["cite_after"] = (
        "Measures for Handling Complaints and Reports (Order 121), Art 25"
        if en
        else "《市场监督管理投诉举报处理办法》第二十五条"
    )
    return found | (_of_session(case, language, zone) if case.session is not None else {})


def _of_session(case: DocumentCase, language: str, zone: ZoneInfo) -> dict[str, str]:
    session, en = case.session, language.startswith("en")
    assert session is not None

    def moment(at: datetime | None) -> str:
        if at is None:
            return ""
        local = at.astimezone(zone)
        if en:
            return f"{local:%Y-%m-%d %H:%M}"
        return f"{chinese_day(local.date())}（星期{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"

    seats = list(session.seats.values())
    principal = (Role.MEDIATOR, Role.CONSUMER, Role.BUSINESS)
    inside = [seat.seat.name for seat in seats if seat.role not in principal and seat.been_inside]
    others = session.held.others if session.held else (", " if en else "、").join(inside)
    agents = [s.seat.name for s in seats if s.role is Role.REPRESENTATIVE and s.seat.side is Side.BUSINESS]
    none = "none" if en else "无"
    outcome = session.outcome or session.proposed
    return {
        "ordinal": str(session.ordinal),
        "starts": moment(session.starts),
        "opened": moment(session.held.began if session.held else session.opened),
        "closed": moment(session.held.ended if session.held else session.closed_at),
        "mediator": next((seat.seat.name for seat in seats if seat.role is Role.MEDIATOR), case.officer),
        "others": others or none,
        "agent_line": ("、" if not en else ", ").join(agents) or none,
        "terms": "\n".join(_term(n, term, en, zone) for n, term in enumerate(outcome.terms, 1)) if outcome else "",
        "result": _result(case, session, language),
        "note": sentence((outcome.note if outcome else "") or case.given.note),
    }


def _term(number: int, term: Term, en: bool, zone: ZoneInfo) -> str:
    who = {Side.CONSUMER: ("投诉人", "Complainant"), Side.BUSINESS: ("被投诉人", "Respondent")}[term.who][en]
    due = term.due.astimezone(zone).date() if term.due else None
    if en:
        money = f", ¥{term.amount:,.2f}" if term.amount is not None else ""
        return f"{number}. {who}: {term.action}{money}" + (f", by {due}" if due else "") + _how(term, ", ")
    money = f"，金额{term.amount:.2f}元" if term.amount is not None else ""
    return f"{number}．{who}：{term.action}{money}" + (f"，{chinese_day(due)}前" if due else "") + _how(term, "，")


def _how(term: Term, comma: str) -> str:
    return f"{comma}{term.how}" if term.how else ""


def _result(case: DocumentCase, session: Session, language: str) -> str:
    en = language.startswith("en")
    if session.outcome is None:
        return "not closed yet" if en else "尚未结束"
    match session.outcome.kind:
        case OutcomeKind.SETTLED:
            return "Both sides agree:" if en else "双方达成协议："
        case OutcomeKind.ADJOURNED:
            return "Adjourned." if en else "另行安排时间继续调解。"
        case OutcomeKind.NOT_SETTLED:
            return "No agreement was reached." if en else "双方未能达成协议。"
        case OutcomeKind.ENDED:
            return ended(case.order, session.outcome.ground or 0, case.library, case.day, language)


def ended(order: str, ground: int, library: Library | None, day: date, language: str) -> str:
    """That mediation was terminated: by which item of which article, and what it says."""
    en = language.startswith("en")
    said = citation_words(order, law_grounds.END, ground, library, day, language)
    if not said:
        return "Mediation was terminated." if en else "终止调解。"
    cited = law_grounds.cited_duty(order, law_grounds.END, language, ground)
    return f"Terminated under {cited}: {said}." if en else f"依照{cited}（{said}），终止调解。"


def reason(kind: str, case: DocumentCase) -> str:
    """Why it is so in this case, in the officer's own words; "" where none were written."""
    match kind:
        case NoticeKind.REFUSAL:
            return next((event.note.strip() for event in _all(case.entries, ComplaintRefused)), "")
        case NoticeKind.TERMINATION:
            ending = (MediationEnded.__name__, MediationClosed.__name__)
            newest = next((one for one in reversed(case.entries) if one.type in ending and not one.erased), None)
            event = from_event(newest) if newest is not None else None
            return event.note.strip() if isinstance(event, MediationEnded) else case.reason.strip()
        case _:
            return ""


def _ground(kind: str, case: DocumentCase, language: str) -> str:
    if kind not in (NoticeKind.REFUSAL, NoticeKind.TERMINATION):
        return ""
    duty = law_grounds.REFUSE if kind == NoticeKind.REFUSAL else law_grounds.END
    return citation_words(case.order, duty, grounds(kind, case), case.library, case.day, language)


def _contact(case: DocumentCase, en: bool) -> str:
    """Who handles it, and how the authority is reached. An authority of one office handles it itself."""
    office = case.office
    unit = office.name if office.issuer != office.name else ""
    lines = (
        (("Handling unit", "承办机构", unit), ("In charge", "承办人", case.officer)),
        (("Phone", "联系电话", office.phone), ("Address", "机关地址", office.address)),
    )
    return "\n".join(
        ("; " if en else "　").join(f"{en_}: {value}" if en else f"{zh}：{value}" for en_, zh, value in line if value)
        for line in lines
    )


def _due(case: DocumentCase, code: str, en: bool) -> str:
    for deadline in deadlines(case.complaint, case.office.zone, case.calendar):
        if deadline.code == code:
            return deadline.due.isoformat() if en else chinese_day(deadline.due)
    return ""


def _named(person: PartyRecord, secret: bool) -> str:
    """Somebody who asked not to be named to the other side: 丁某."""
    return f"{person.name[:1]}某" if secret and person.name else person.title


def _line(person: PartyRecord, en: bool, open_: Open | None) -> str:
    comma = ", " if en else "，"
    code = public_code(person, open_)
    parts = (person.organisation, person.name, code, person.phone_masked, address(person))
    return comma.join(part for part in parts if part)


def _all(entries: Sequence[Event], kind: type[ComplaintRefused]) -> list[ComplaintRefused]:
    found = [from_event(entry) for entry in reversed(entries) if entry.type == kind.__name__ and not entry.erased]
    return [event for event in found if isinstance(event, kind)]


def _when(entries: Sequence[Event], kind: str) -> datetime | None:
    return next((entry.at for entry in reversed(entries) if entry.type == kind), None)
