"""Everything that can be set, from `YUNTIAO_…` variables and the command line (which wins). No logic but defaults.

How much may come in through the public window in a day; `quota` counts it.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from journal import NoteBroken
from journal.notes import witness_key_of
from media.engine import Turn, TurnUrl
from media.sfu.control import MAX_BITRATE, MediaLimits
from recordings.files import FreeSpace
from rooms.vocabulary import OutcomeKind
from server.identity import TOO_OPEN, read_secret
from server.retention.archive_job import ArchiveSettings
from server.serving.addresses import Network, in_address, local_addresses, loopback, networks, resolved
from server.serving.logs import LogFormat


@dataclass(frozen=True, slots=True)
class Most:
    """Files and bytes in a day."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """Of one address (an office building, a mobile network's gateway), one phone number, and the whole window."""

    address: Most = Most(60, 300 << 20)
    phone: Most = Most(40, 200 << 20)
    day: Most = Most(5_000, 10 << 30)


SETTINGS_FILE: Final = "YUNTIAO_SETTINGS"
"""The variable that names a file with others, a line each. What the environment says by itself wins."""
RELOADED: Final = frozenset({
    "drain", "metrics_token", "metrics_token_file", "sms_secret",
    "turn_secret", "turn_secret_file", "turn_ttl", "turn_urls",
})  # fmt: skip
"""What a running server takes from that file when it is read anew, and from the files of secrets."""

LEAST_SECRET = 32  # characters: whoever sees one credential can try secrets at leisure
_UNSPECIFIED = {"0.0.0.0", "::"}  # noqa: S104 - recognised here, not bound to


class Settings(ArchiveSettings):
    """One installation. Sizes are in bytes unless the name says otherwise."""

    data: Path = Path("data")
    drain: float = Field(default=0, ge=0, le=86_400)  # seconds in which mediations under way may end when it is stopped
    node: str = Field(
        default="", pattern=r"^([a-z0-9][a-z0-9-]{0,30})?$"
    )  # name among several servers; "": the only one
    node_address: str = ""  # where the other nodes reach this one; "" is made from host and port
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""  # how people reach it; "" is made from host and port
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: bool = False
    behind_tls: bool = False  # something in front of us speaks TLS; taken from public_url too

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()  # whose X-Forwarded-For and -Proto count
    most_connections: int = Field(default=0, ge=0)  # of browsers at once; 0: as the limit of open files allows
    most_connections_per_address: int = Field(default=512, ge=8)  # an office behind one address counts as one

    log_format: LogFormat = "text"  # of the lines on standard error, of every process
    access_log: bool | None = None  # a line for each request; None: where lines are JSON
    metrics_token: SecretStr = SecretStr("")  # opens /metrics to other machines; or in a file
    metrics_token_file: Path | None = None

    media_port: int = Field(default=8090, ge=0, le=65535)  # UDP, of the first worker; the next ones follow
    media_hosts: Annotated[tuple[str, ...], NoDecode] = ()  # addresses media listens on; () is host, "::" everything
    media_addresses: Annotated[tuple[str, ...], NoDecode] = ()  # told to browsers; () is found out
    workers: int = Field(default=0, ge=0, le=256)  # media worker processes; 0: one a core
    media_fan_out: Literal["auto", "python", "native"] = "auto"  # the compiled one; auto: when it was built
    media_most_rooms: int = Field(default=400, ge=1)  # of the server; beyond any of these people are asked to wait
    media_most_participants: int = Field(default=1600, ge=1)  # of the server
    media_most_packets: int = Field(default=90_000, ge=1000)  # a second and worker
    media_most_lag: float = Field(default=0.2, gt=0)  # seconds its loop is late
    media_most_bitrate: int = Field(default=MAX_BITRATE, ge=500_000)  # bit/s from one person; more is dropped
    media_most_room_people: int = Field(default=16, ge=2)
    media_most_room_bitrate: int = Field(default=40_000_000, ge=0)  # bit/s of a room, in and out each; 0: no cap
    media_most_total_bitrate: int = Field(default=0, ge=0)  # of all rooms together, likewise

    turn_urls: Annotated[tuple[str, ...], NoDecode] = Field(default=(), max_length=8)  # () offers no relay
    turn_secret: SecretStr = SecretStr("")  # shared with the TURN server; or in a file
    turn_secret_file: Path | None = None
    turn_ttl: int = Field(default=3600, ge=600, le=24 * 3600)  # seconds a credential opens relays; open ones go on

    speech_model: Path | None = None  # a folder `yuntiao speech install` takes; None: speech-model in the data folder

    condenser_url: str = ""  # of a language model on the office's network, up to /v1; "": only rules condense
    condenser_model: str = ""
    condenser_key: SecretStr = SecretStr("")
    condenser_seconds: float = Field(default=60.0, gt=0, le=600)  # for an answer

    database_url: SecretStr = SecretStr("")  # "" is SQLite in the data folder
    window_address_files: int = Field(default=60, ge=1)  # through the public window from one address in a day
    window_address_bytes: int = Field(default=300 << 20, ge=1)
    window_phone_files: int = Field(default=40, ge=1)  # for one phone number in a day
    window_phone_bytes: int = Field(default=200 << 20, ge=1)
    window_day_files: int = Field(default=5_000, ge=1)  # from everybody in a day
    window_day_bytes: int = Field(default=10 << 30, ge=1)
    order_rule: Literal["receipt", "procedure"] = "receipt"  # law.orders.OrderRule: which order decisions cite
    master_key: Path | None = None  # opens the cases' keys; None: keys/master.key in the data folder
    sm3: bool = False  # hash recordings with SM3 (GB/T 32905) as well
    retention_years: int = Field(default=3, ge=1)  # of recordings: what people are told; then they are erased
    file_years: int = Field(default=10, ge=10, le=100)  # of complaints' files, before they may be appraised
    publicity_least: int = Field(default=5, ge=5)  # complaints of a business that is named to the public
    publicity_days: int = Field(default=7, ge=5, le=30)  # working days for its objections
    retention_least: int = Field(default=1, ge=1)  # years below which no administrator's change goes
    lead_retention_years: int = Field(
        default=10, ge=1
    )  # of files of leads, from the last that happened to a closed one
    lead_retention_least: int = Field(default=2, ge=1)  # likewise of those; never more than the years themselves
    retention_rules: Annotated[Mapping[OutcomeKind, Annotated[int, Field(ge=1)]], NoDecode] = Field(
        default_factory=dict
    )

    log_every: int = Field(default=10, ge=1, le=24 * 60)  # minutes between checkpoints of a log that grows
    tsa_url: str = ""  # RFC 3161 time stamp authority; "" asks none
    tsa_roots: Path | None = None  # PEM: where its certificates have to lead
    witness_urls: Annotated[tuple[str, ...], NoDecode] = Field(default=(), max_length=8)
    witness_secret: SecretStr = SecretStr("")
    witness_keys: Annotated[tuple[str, ...], NoDecode] = ()  # one for each address, in order; () checks none

    hook_origins: Annotated[tuple[str, ...], NoDecode] = Field(default=(), max_length=20)  # that may be told of changes

    job_workers: int = Field(default=1, ge=1, le=256)  # processes that make films and packages; `yuntiao work`: more
    # origins of pages that may frame the public window and the way into a room
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = Field(default=(), max_length=20)
    connections: Path | None = None  # TOML of what it is connected to (server.connections); None: nothing
    cell_origins: Annotated[tuple[str, ...], NoDecode] = Field(default=(), max_length=50)  # other installations

    mail_drop: Path | None = None  # folder the message board's mail is put in; None: there is none
    mail_drop_office: str = ""  # its id or short name; "": the only one

    sms_url: str = ""  # "" keeps messages on the outbox page
    sms_secret: SecretStr = SecretStr("")
    call_url: str = ""  # of a phone system that calls for an officer, with {number}; "": the device calls
    office_called: str = Field(default="", max_length=20)  # in sentences to the public: 市场监管所; "": 承办单位
    message_language: Literal["zh", "en"] = "zh"
    notice_fonts: Path | None = None  # folder of the font notices are printed in; None: the installed one
    song_fonts: Path | None = None  # folder of the Song font of what is signed; None: the installed one
    seal_keys: Path | None = None  # folder of the offices' seals, best not in the data folder; None: keys/seals in it

    two_steps: bool | None = None  # supervisors and administrators sign in with six digits too; None: unless a demo
    demo: bool = False
    demo_password: SecretStr = SecretStr("")
    demo_complaints: int = Field(default=0, ge=0, le=60_000)  # of two years; 0: a demo of six, as `serve --small` has

    @field_validator(
        "media_hosts",
        "media_addresses",
        "turn_urls",
        "witness_urls",
        "witness_keys",
        "hook_origins",
        "cell_origins",
        "frame_ancestors",
        mode="before",
    )
    @classmethod
    def _listed(cls, value: object) -> object:
        """Comma-separated in the environment."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("retention_rules", mode="before")
    @classmethod
    def _rules(cls, value: object) -> object:
        """`settled=3,not_settled=2` in the environment: years by how a session ended."""
        if not isinstance(value, str):
            return value
        return dict(part.strip().split("=", 1) for part in value.split(",") if "=" in part)

    @field_validator("turn_urls")
    @classmethod
    def _turn(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(TurnUrl.parse(text).text for text in value)

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return networks(value) if isinstance(value, str) else value

    @field_validator("call_url")
    @classmethod
    def _calling(cls, value: str) -> str:
        blanks = set(re.findall(r"\{[^{}]*\}", value))
        if value and (
            urlsplit(value).scheme not in ("http", "https", "sip", "sips", "tel", "callto") or "{number}" not in blanks
        ):
            raise ValueError("an address of http, https, sip, sips, tel or callto with {number} in it")
        if blanks - {"{number}", "{officer}"}:
            raise ValueError("{number} and {officer} are filled in, nothing else")
        return value

    @field_validator("public_url", "sms_url", "tsa_url", "node_address")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("an address begins with http:// or https://")
        return value

    @field_validator("frame_ancestors")
    @classmethod
    def _framing(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            at = urlsplit(text)
            plain = re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", text)
            if not plain or (at.scheme == "http" and not loopback(at.hostname or "")):
                raise ValueError(f"{text[:60]} is no origin like https://www.example.cn")
        return value

    @field_validator("witness_urls", "hook_origins", "cell_origins")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cls._address(text) for text in value))

    @field_validator("witness_keys")
    @classmethod
    def _keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                witness_key_of(text)
            except NoteBroken:
                raise ValueError(f"{text[:60]} is no key of a witness: name+id+base64, as it publishes it") from None
        return value

    @field_validator("public_url", "node_address")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.two_steps is False and not self.demo:
            raise ValueError("only a demo does without the second step of supervisors and administrators")
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("a certificate and its key belong together")
        if self.frame_ancestors and not self.secure:
            raise ValueError("cookies in a frame are kept only under TLS (YUNTIAO_FRAME_ANCESTORS)")
        if self.node and not self.database.startswith("postgresql"):
            raise ValueError("several nodes share a PostgreSQL database (YUNTIAO_DATABASE_URL)")
        if self.node and self.demo_complaints:
            raise ValueError("a demo of several nodes has no two years behind it: add --small")
        if self.tls_self_signed and self.tls_cert is not None:
            raise ValueError("either a certificate or a self-signed one")
        for outcome, years in self.retention_rules.items():
            if years > self.retention_years:
                raise ValueError(
                    f"records of {outcome} mediations would be kept for {years} years, but people are told "
                    f"{self.retention_years} (YUNTIAO_RETENTION_YEARS); hold the single record instead"
                )
        if (fewest := min([self.retention_years, *self.retention_rules.values()])) < self.retention_least:
            raise ValueError(
                f"records would be kept for {fewest} years, fewer than the least (YUNTIAO_RETENTION_LEAST: "
                f"{self.retention_least})"
            )
        for address in self.media_addresses:
            if not self._listens_for(address):
                raise ValueError(f"browsers would send media to {address}, where it does not listen (--media-host ::)")
        if self.sms_url and not self.sms_secret.get_secret_value():
            raise ValueError("a message gateway needs a shared secret (YUNTIAO_SMS_SECRET)")
        if self.tsa_url and self.tsa_roots is None:
            raise ValueError("a time stamp authority needs its root certificates (YUNTIAO_TSA_ROOTS)")
        if self.witness_urls and not self.witness_secret.get_secret_value():
            raise ValueError("a witness needs a shared secret (YUNTIAO_WITNESS_SECRET)")
        if self.witness_keys and len(self.witness_keys) != len(self.witness_urls):
            raise ValueError("there are as many witness keys (YUNTIAO_WITNESS_KEYS) as addresses, in the same order")
        if self.metrics_token_file is not None and self.metrics_token.get_secret_value():
            raise ValueError("the token of /metrics comes either from a file or from YUNTIAO_METRICS_TOKEN")
        if (token := self.shared_metrics_token()) and len(token) < LEAST_SECRET:
            raise ValueError(f"the token of /metrics has at least {LEAST_SECRET} characters")
        if self.turn_secret_file is not None and self.turn_secret.get_secret_value():
            raise ValueError("the TURN secret comes either from a file or from YUNTIAO_TURN_SECRET")
        if self.turn_urls and len(self.shared_turn_secret()) < LEAST_SECRET:
            raise ValueError(
                f"a TURN server needs a shared secret of at least {LEAST_SECRET} characters "
                "(--turn-secret-file or YUNTIAO_TURN_SECRET)"
            )
        return self

    @property
    def two_steps_kept(self) -> bool:
        return not self.demo if self.two_steps is None else self.two_steps

    def shared_turn_secret(self) -> str:
        """Reads the file, when it is in one; ValueError when it cannot be used."""
        if self.turn_secret_file is not None:
            return read_secret(self.turn_secret_file)
        return self.turn_secret.get_secret_value()

    def shared_metrics_token(self) -> str:
        """Likewise; "": only this machine is told."""
        if self.metrics_token_file is not None:
            return read_secret(self.metrics_token_file)
        return self.metrics_token.get_secret_value()

    @property
    def access_logged(self) -> bool:
        return self.log_format == "json" if self.access_log is None else self.access_log

    def turn(self) -> Turn | None:
        """The TURN servers to send people to, if there are any."""
        if not self.turn_urls:
            return None
        urls = tuple(TurnUrl.parse(text) for text in self.turn_urls)
        return Turn(urls, self.shared_turn_secret(), timedelta(seconds=self.turn_ttl))

    @property
    def seal_folder(self) -> Path:
        return self.seal_keys or self.data / "keys" / "seals"

    @property
    def speech_folder(self) -> Path:
        return self.speech_model or self.data / "speech-model"

    @property
    def tls(self) -> bool:
        """We speak TLS ourselves."""
        return self.tls_self_signed or self.tls_cert is not None

    @property
    def secure(self) -> bool:
        """People reach us over TLS, whoever speaks it."""
        return self.tls or self.behind_tls or self.public_url.startswith("https:")

    def reserve(self) -> FreeSpace:
        """What every writer of files asks."""
        return FreeSpace(self.data, self.disk_reserve)

    def low_on_disk(self) -> bool:
        """What is somewhere else too should make room: the reserve is near."""
        return not FreeSpace(self.data, 2 * self.disk_reserve).left()

    def window_limits(self) -> WindowLimits:
        """How much may come in through the public window in a day."""
        return WindowLimits(
            Most(self.window_address_files, self.window_address_bytes),
            Most(self.window_phone_files, self.window_phone_bytes),
            Most(self.window_day_files, self.window_day_bytes),
        )

    @property
    def url(self) -> str:
        """How people reach it, without a trailing slash."""
        return self.public_url or self.url_at(self._reached_host())

    def url_at(self, host: str) -> str:
        return f"{'https' if self.tls else 'http'}://{in_address(host)}:{self.port}"

    @property
    def database(self) -> str:
        given = self.database_url.get_secret_value()
        return given or f"sqlite+aiosqlite:///{self.data.resolve() / 'yuntiao.db'}"

    @property
    def worker_count(self) -> int:
        return self.workers or max(1, os.cpu_count() or 1)

    def certificate_names(self) -> list[str]:
        named = urlsplit(self.public_url).hostname
        return list(dict.fromkeys(["localhost", "127.0.0.1", *local_addresses(), *([named] if named else [])]))

    def media_listens(self) -> list[str]:
        return list(self.media_hosts or (self.host,))

    def media_limits(self) -> MediaLimits:
        return MediaLimits(
            self.media_most_rooms,
            self.media_most_participants,
            self.media_most_packets,
            self.media_most_lag,
            self.media_most_bitrate,
            self.media_most_room_people,
            self.media_most_room_bitrate,
            self.media_most_total_bitrate,
        )

    def announced(self) -> list[str]:
        """The addresses browsers send media to. Looks up the public name, so call it once."""
        if self.media_addresses:
            return list(self.media_addresses)
        named = urlsplit(self.public_url).hostname or ""
        found: list[str] = []
        for host in self.media_listens():
            if host in _UNSPECIFIED:
                found += [*(resolved(named) if named else []), *local_addresses(), "127.0.0.1"]
            else:
                found += resolved(host) or [host]
        return list(dict.fromkeys(address for address in found if self._listens_for(address)))

    def _listens_for(self, address: str) -> bool:
        """Whether media has a socket of this address's family; "::" has both, a name is looked up as IPv4."""
        return any(host == "::" or (":" in host) == (":" in address) for host in self.media_listens())

    def _reached_host(self) -> str:
        if self.host not in _UNSPECIFIED:
            return "localhost" if loopback(self.host) and self.tls else self.host
        return next(iter(local_addresses()), "127.0.0.1")


class CurrentSettings:
    """Those of a running server. Who needs one of `RELOADED` asks here each time, and keeps none."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.turn = settings.turn()
        self.metrics_token = settings.shared_metrics_token()

    @property
    def sms_secret(self) -> str:
        return self.settings.sms_secret.get_secret_value()

    def replace(self, found: Settings) -> tuple[list[str], list[str]]:
        """The names of settings that have changed now, and of those that will with the next start.

        ValueError when a secret's file cannot be read: nothing has changed then."""
        turn, token = found.turn(), found.shared_metrics_token()
        names = [name for name in Settings.model_fields if getattr(found, name) != getattr(self.settings, name)]
        taken = sorted(RELOADED.intersection(names))
        if turn != self.turn and not any(name.startswith("turn") for name in taken):
            taken.append("turn_secret_file")
        if token != self.metrics_token and not any(name.startswith("metrics") for name in taken):
            taken.append("metrics_token_file")
        self.settings = self.settings.model_copy(update={name: getattr(found, name) for name in RELOADED})
        self.turn, self.metrics_token = turn, token
        return taken, sorted(set(names) - RELOADED)


class SettingsFile:
    """What `SETTINGS_FILE` names, put into this process's environment, where every kind of settings looks."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def read(self) -> None:
        """ValueError, fit for the person at the terminal; nothing has changed then."""
        if not (named := os.environ.get(SETTINGS_FILE)):
            return
        from dotenv import dotenv_values

        try:
            file = Path(named)
            open_to_others, text = file.stat().st_mode & TOO_OPEN, file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"{named} cannot be read: {getattr(fault, 'strerror', '') or fault}") from None
        if open_to_others:
            raise ValueError(f"{named} is open to others: chmod 600 it, or 640 for a group")
        found = dotenv_values(stream=io.StringIO(text), interpolate=False)
        if wrong := [name for name, value in found.items() if not name.startswith("YUNTIAO_") or value is None]:
            raise ValueError(f"{named}: {wrong[0][:60]} is no line like YUNTIAO_PORT=8080")
        self._put({name: value or "" for name, value in found.items()})

    @contextmanager
    def looked_into(self) -> Iterator[None]:
        """As it is now, within. What this process has begun by the first reading, and will begin, keeps to that: a
        worker or job process that is started again is not to have another store or database than we."""
        before = self._given
        try:
            self.read()
            yield
        finally:
            self._put(before)

    def _put(self, found: Mapping[str, str]) -> None:
        for name in self._given:
            os.environ.pop(name, None)
        self._given = {name: value for name, value in found.items() if name not in os.environ}
        os.environ.update(self._given)
