"""Two pages around one script each; everything that moves in them comes over the room's wire.

Owns what the scripts are given to begin with: words, articles, grounds, addresses.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from law.articles import Article, about
from law.grounds import ending_grounds
from rooms.seats import IN_ROOM
from rooms.vocabulary import SeatStatus
from web import i18n
from web.assets import ASSETS
from web.join.steps import Step, first_open
from web.ports import COMPLAINTS, READS, SESSIONS, SITE, Office
from web.rendering import render
from web.security import guest_of, guest_page, officer_of, officer_page

# What a mediator types to find an article, beside its own words.
_TOPIC_WORDS: Final = {
    "breach": "违约 breach",
    "damages": "赔偿 损失 damages",
    "fraud": "欺诈 三倍 fraud",
    "prepaid": "预付 预付款 充值 会员 prepaid",
    "procedure": "程序 调解 procedure",
    "refund": "退款 退费 退钱 refund",
    "standard_terms": "格式条款 概不退款 standard terms",
    "ways_out": "起诉 仲裁 途径 ways out",
}


@guest_page(verified=True)
async def phone(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    # A closed session still shows its result here; before that the questions of the join flow come first.
    if not session.over and seat.status is not SeatStatus.REMOVED:
        asked = first_open(seat, guest.verified, request.app[SITE].consent_version)
        unready = asked < Step.DEVICE or (not seat.mode and seat.status not in {*IN_ROOM, SeatStatus.WAITING})
        if seat.participate is False or unready:
            raise web.HTTPSeeOther("/join")
    data = _data(request, guest.office) | {
        "links": {"device": "/join/device"},
        "grounds": _grounds(await request.app[COMPLAINTS].order(session.complaint), i18n.language(request)),
    }
    return render(request, "room/phone.html", data=data, mode=seat.mode or "video", office=guest.office)


@officer_page("mediator")
async def cockpit(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    complaint = await request.app[READS].complaint(officer, row.complaint)
    language = i18n.language(request)
    today = datetime.now(UTC).astimezone(ZoneInfo(officer.office.zone)).date()
    data = _data(request, officer.office) | {
        "session": row.id,
        "links": {"session": f"/sessions/{row.id}", "desk": "/desk"},
        "articles": [_article(article, language) for article in about((), today)],
        "grounds": _grounds(complaint.order, language),
    }
    return render(request, "room/cockpit.html", data=data, title=row.title, office=officer.office)


def _data(request: web.Request, office: Office) -> dict[str, Any]:
    """What `Page` in page.ts describes."""
    language = i18n.language(request)
    return {
        "language": language,
        "zone": office.zone,
        "words": dict(i18n.catalog(language, "room")),
        "icons": request.app[ASSETS].address("icons.svg"),
        "session": "",
        "office": office.name,
        "office_short": office.short,
        "office_phone": office.phone,
        "consent_version": request.app[SITE].consent_version,
        "links": {},
        "articles": [],
        "grounds": [],
    }


def _grounds(order: str, language: str) -> list[dict[str, Any]]:
    """To choose from, and for a party to read which one it was: the journal keeps only its number."""
    return [{"number": ground.number, "gist": ground.gist(language)} for ground in ending_grounds(order)]


def _article(article: Article, language: str) -> dict[str, str]:
    statute = article.statute
    return {
        "id": article.id,
        "citation": article.citation(language),
        "gist": article.gist(language),
        # Found in either language.
        "topics": " ".join([article.zh, article.en, *(_TOPIC_WORDS.get(topic, topic) for topic in article.topics)]),
        "since": statute.since.isoformat(),
        "until": statute.until.isoformat() if statute.until else "",
    }
