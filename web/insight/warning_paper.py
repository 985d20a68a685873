"""A published warning as the paper its PDF is made of. Pure; the same warning gives the same paper."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from web.figures import day
from web.i18n import N_, words_of
from web.ports.bulletins import Paper, Section
from web.ports.warnings import PublicWarning

ZONE = ZoneInfo("Asia/Shanghai")  # a warning is dated where it is published


def paper(warning: PublicWarning) -> Paper:
    words = words_of(warning.language)
    paragraphs = [part.strip() for part in warning.body.splitlines() if part.strip()]
    published = warning.published.astimezone(ZONE).date()
    return Paper(
        warning.language,
        warning.office,
        warning.title,
        day(published, warning.language, ZONE),
        published,
        "",
        [Section("", paragraphs)],
        words.gettext(N_("A warning to consumers · %(digest)s"), digest=warning.digest[:16]),
        public=True,
    )
