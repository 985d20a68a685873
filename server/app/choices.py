"""Parts with a choice: what the settings make of them."""

from __future__ import annotations

import sys
from datetime import timedelta

import structlog

from media.engine import MediaEngine
from media.sfu.engine import EmbeddedEngine
from media.turn import Turn
from recordings.files.reserve import free_bytes
from server.app.parts import utc_now
from server.db.engine import Database
from server.evidence.timestamps import TimestampAuthority, roots_in
from server.outbox.notifiers import HttpNotifier, LogNotifier, Notifier
from server.rooms.store import sessions_closed_since, sessions_under_way
from server.settings import Settings
from signaling.namespace import Relay, no_relay

log = structlog.get_logger(__name__)

LOOSE_FOR = timedelta(days=7)  # after which a recording is no longer looked for at a start


def space(settings: Settings) -> bool:
    """Whether one more session can be recorded without touching the disk's reserve."""
    try:
        return free_bytes(settings.data) >= settings.disk_reserve
    except OSError:
        log.exception("the disk does not say how much is free")
        return False


def live(engine: MediaEngine) -> int:
    """Rooms that media flow in, as far as the engine says."""
    loads = engine.loads if isinstance(engine, EmbeddedEngine) else []
    return sum(int(load.get("rooms", 0)) for load in loads if load.get("packets"))


async def loose(database: Database) -> list[str]:
    """Sessions a crash may have left with files nobody accounts for, or without their video."""
    return [*await sessions_under_way(database), *await sessions_closed_since(database, utc_now() - LOOSE_FOR)]


def embedded(settings: Settings) -> EmbeddedEngine:
    return EmbeddedEngine(
        workers=settings.worker_count,
        hosts=settings.media_listens(),
        port=settings.media_port,
        public_addresses=settings.announced(),
        worker_command=[
            sys.executable, "-m", "server.media.worker", "--fan-out", settings.media_fan_out,
            *(["--master", str(settings.master_key)] if settings.master_key is not None else []),
            *(["--sm3"] if settings.sm3 else []),
        ],
        recordings=settings.data / "recordings",
        reserve_bytes=settings.disk_reserve,
        limits=settings.media_limits(),
    )  # fmt: skip


def job_options(settings: Settings) -> list[str]:
    if settings.mail_drop is None:
        return []
    return ["--mail-drop", str(settings.mail_drop.resolve()), "--mail-drop-office", settings.mail_drop_office]


def notifier(settings: Settings) -> Notifier:
    """The demo's people are invented: nothing is ever sent to their numbers."""
    if settings.sms_url and not settings.demo:
        return HttpNotifier(settings.sms_url, settings.sms_secret.get_secret_value(), utc_now)
    return LogNotifier()


def stamps(settings: Settings) -> TimestampAuthority | None:
    """Who says when a document was sealed; the log's authority."""
    if not settings.tsa_url or settings.tsa_roots is None:
        return None
    return TimestampAuthority(settings.tsa_url, roots_in(settings.tsa_roots))


def relay(turn: Turn | None) -> Relay:
    return no_relay if turn is None else lambda session, seat: turn.grant(session, seat, utc_now())
