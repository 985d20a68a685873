"""A published warning as the paper its PDF is made of. Pure; the same warning gives the same paper."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from complaints.insight.papers import BulletinPaper, BulletinSection
from complaints.insight.views import PublicWarning
from web.figures import day
from web.i18n import N_, words_of

ZONE = ZoneInfo("Asia/Shanghai")  # a warning is dated where it is published


def paper(warning: PublicWarning) -> BulletinPaper:
    words = words_of(warning.language)
    paragraphs = [part.strip() for part in warning.body.splitlines() if part.strip()]
    published = warning.published.astimezone(ZONE).date()
    return BulletinPaper(
        warning.language,
        warning.office,
        warning.title,
        day(published, warning.language, ZONE),
        published,
        "",
        [BulletinSection("", paragraphs)],
        words.gettext(N_("A warning to consumers · %(digest)s"), digest=warning.digest[:16]),
        public=True,
    )
