"""The phone: whoever has no smartphone takes part by an ordinary call, and officers call by the same trunk.

`worker` is a process of its own: SIP and RTP by baresip (`pip install yuntiao[phone]`), and a client of the room.
`calls` starts and watches it, `service` conducts calls, `store` keeps codes for dialling in.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from server.connections import Secret, Section

PROMPTS: Final = (
    "welcome", "spoken", "take_part", "recording", "captions", "waiting", "admitted", "goodbye", "again",
    "code", "wrong_code", "locked",
)  # fmt: skip
"""What a caller is told, in order of need: one WAV file each, spoken by somebody of the office."""

KEYS_A_SECOND: Final = 5.0
KEYS_AT_ONCE: Final = 20.0
"""Beyond, keys of a call are dropped: somebody floods, nobody types so."""

Cause = Literal[
    "person", "mediator", "busy", "no_answer", "rejected", "wrong_number", "unreachable", "trunk", "lost",
    "no_consent", "elsewhere", "removed", "closed", "server", "wrong_code",
]  # fmt: skip
"""Why a call ended."""

_DIALLED: Final = re.compile(r"\+?[0-9]{3,20}")


class PhoneTrunk(Section):
    """`[phone.trunk]`: the line that calls go over. `peers`: addresses the provider signals and sends sound from;
    without, those of the registrar, else of the domain."""

    domain: Annotated[str, Field(min_length=1, max_length=255)]
    registrar: Annotated[str, Field(max_length=255)] = ""
    user: Annotated[str, Field(min_length=1, max_length=64)]
    auth_user: Annotated[str, Field(max_length=64)] = ""
    password: Secret | None = None
    dial_in: Annotated[str, Field(max_length=32)] = ""
    """The number that people dial, as it is told to them; "": nobody dials in."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    register_every: Annotated[int, Field(ge=0, le=3600)] = 300
    """Seconds; 0: the trunk knows us by our address."""
    srtp: bool = False
    listen: str = "0.0.0.0:5060"
    interface: str = ""
    rtp_first: Annotated[int, Field(ge=1024, le=32000)] = 20000
    rtp_last: Annotated[int, Field(ge=1024, le=32767)] = 20199
    peers: tuple[str, ...] = ()
    prompts: Path | None = None
    rings: Annotated[int, Field(ge=5, le=180)] = 45
    """Seconds until nobody has answered."""
    rtp_timeout: Annotated[int, Field(ge=1, le=120)] = 20
    """Seconds without sound after which a call is lost."""
    most_calls: Annotated[int, Field(ge=1, le=100)] = 16
    officer_extension: Annotated[str, Field(max_length=64, pattern=r"^$|^[a-z0-9._+-]*\{officer\}[a-z0-9._+-]*$")] = ""
    """Where officers are rung to be put through, with {officer} (their login) in it; "": this line does not."""

    @field_validator("listen")
    @classmethod
    def _listening(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65535:
            raise ValueError("listen is an address and a port, like 0.0.0.0:5060")
        return value

    @field_validator("peers")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            IPv4Network(one)
        return value

    @model_validator(mode="after")
    def _whole(self) -> PhoneTrunk:
        if self.rtp_last - self.rtp_first < 2 * self.most_calls:
            raise ValueError("rtp_first to rtp_last are fewer ports than most_calls needs: two for each")
        if self.register_every and self.password is None:
            raise ValueError("password is missing; register_every = 0 for a trunk that knows us by our address")
        return self

    def allowed(self) -> list[str]:
        """Networks that may speak to us. OSError while no name can be resolved."""
        if self.peers:
            return list(self.peers)
        host = re.sub(r"^sips?:", "", self.registrar or self.domain).partition(";")[0].partition(":")[0]
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, socket.AF_INET)})

    def worker_settings(self, media_address: str) -> dict[str, object]:
        """What the phone process is told first. OSError; ValueError for a secret that is gone."""
        told = self.model_dump(
            include={
                "user", "domain", "registrar", "auth_user", "register_every", "transport", "srtp", "listen",
                "interface", "rtp_timeout", "most_calls",
            }
        )  # fmt: skip
        return told | {
            "password": "" if self.password is None else self.password.read(),
            "peers": self.allowed(),
            "rtp_ports": [self.rtp_first, self.rtp_last],
            "media_address": media_address,
        }

    def prompt(self, name: str) -> Path | None:
        path = None if self.prompts is None else self.prompts / f"{name}.wav"
        return path if path is not None and path.is_file() else None

    @property
    def missing(self) -> list[str]:
        """Prompts that were not recorded yet."""
        return [name for name in PROMPTS if self.prompt(name) is None]


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that is over, as the stack told it."""

    status: int
    text: str


def cause_of(ended: Ended, answered: bool) -> Cause:
    """In our words. What an answered call ended by is a hang-up, unless the sound stopped before."""
    if answered:
        return "lost" if "rtp" in ended.text.lower() else "person"
    match ended.status:
        case 486 | 600:
            return "busy"
        case 408 | 480 | 487:
            return "no_answer"
        case 603:
            return "rejected"
        case 404 | 410 | 484 | 485 | 604:
            return "wrong_number"
        case 0 | 401 | 403 | 407 | 503:
            return "trunk"
        case _:
            return "unreachable"


_WITHHELD: Final = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})


def caller_of(address: str) -> str:
    """Whose telephone a SIP address is, whatever host it names; "" where it is withheld (RFC 3323 4.1.1.3)."""
    user, _, host = re.sub(r"^(?:sips?|tel):", "", address).partition("@")
    user = user.partition(";")[0].partition(":")[0].lower()
    return "" if user in _WITHHELD or host.startswith("anonymous.") else user


def dialled(number: str) -> str:
    """A number as it stands on file, as it is dialled; "" for what is none: an extension is left out."""
    digits = re.sub(r"[\s()\-–]", "", number)
    digits = re.split(r"(?:转|ext|x|#|,|;)", digits, maxsplit=1)[0]
    return digits if _DIALLED.fullmatch(digits) else ""
