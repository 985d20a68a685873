"""The public window: filing and following a complaint, and a business's written answer."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.identity.codes import OneTime
from server.storage.answer_drafts import AnswerDrafts
from server.storage.calendars import working_calendar
from server.storage.link_store import LinkStore
from server.storage.promises import PerformanceStore
from server.storage.window_counts import WindowCounts
from server.storage.window_store import WindowStore
from server.window.answers import Answers, AnswerServices
from server.window.forgetting import keep_forgetting
from server.window.questions import Questions, QuestionServices
from server.window.quota import WindowQuota
from server.window.window import PublicWindow
from web.ports import (
    ANSWERS,
    PERFORMANCE,
    QUESTIONS,
    WINDOW,
)


def install(app: web.Application, parts: Parts) -> None:
    links, settings = LinkStore(parts.database), parts.settings
    codes = OneTime(links, parts.outbox, parts.seal, utc_now)
    visits, drafts = WindowStore(parts.database), AnswerDrafts(parts.database)
    app[WINDOW] = PublicWindow(
        visits,
        parts.store,
        parts.complaints,
        codes,
        parts.seal,
        utc_now,
        partial(working_calendar, parts.database),
        parts.attachments,
        parts.notices,
        quota := WindowQuota(WindowCounts(parts.database), settings.window_limits(), parts.seal, utc_now),
        parts.procedure.withdrawn,
    )
    app[ANSWERS] = Answers(
        AnswerServices(
            links,
            drafts,
            parts.store,
            parts.complaints,
            codes,
            parts.attachments,
            parts.seal,
            parts.outbox.nudge,
            utc_now,
            settings.url,
            quota,
            settings.message_language,
        )
    )
    app[QUESTIONS] = questions = Questions(
        QuestionServices(
            links,
            parts.store,
            parts.complaints,
            parts.rooms,
            parts.database,
            parts.seal,
            parts.outbox.nudge,
            utc_now,
            settings.url,
            settings.message_language,
        )
    )
    parts.follow_up.then.append(questions.after)
    app[PERFORMANCE] = PerformanceStore(parts.database)
    app.cleanup_ctx.append(until_stopped(questions.keep_asking))
    app.cleanup_ctx.append(until_stopped(partial(keep_forgetting, (visits.forget, drafts.forget_expired), utc_now)))
