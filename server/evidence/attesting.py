"""Has outsiders attest checkpoints: time stamp authorities (RFC 3161) and witnesses. Tries for two days, then gives up
visibly.

Owns the task that asks them. The newest checkpoint is asked about first; whoever answers is never asked twice.

What an authority stamps is the SHA-256 of a checkpoint's note. A stamp is checked before it is kept and whenever asked,
and counts only if it leads to a root certificate that this installation was given: without one anybody could have made
it.

A witness keeps every checkpoint elsewhere and may countersign it. Body: the note, as text. Headers as in
`server.outbox.service`: `Idempotency-Key` (the SHA-256 of the note), `X-Yuntiao-Timestamp` and `X-Yuntiao-Signature`.
2xx: it is kept there. The answer is signature lines (`— name base64`) or the note again with lines added, as C2SP
tlog-witness has it. Where the witness's key is known, its line has to be among them and to hold (Ed25519, or
cosignature/v1), and is what is kept; otherwise lines are kept as they came.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import aiohttp
import structlog
from asn1crypto import cms, tsp
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from journal import NoteBroken
from journal.notes import signature as signature_of, split
from recordings.evidence.stamps import cosigned, signature_line
from server.connections import signature
from server.evidence.log_store import AttestationStore, WantedAttestation
from server.outbox.service import FIRST_WAIT, LONGEST_WAIT, backoff

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
TRIES_MOST = 56  # an hour apart at the end
STOP_WITHIN = 12.0  # seconds


class NotAttested(Exception):
    """This time not. `final`: asking again is of no use."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


class Attestor(Protocol):
    """Somebody outside, at one place."""

    async def attest(self, note: str) -> bytes:
        """What is kept as their answer, checked as far as it can be; NotAttested."""
        ...


class AttestationService:
    """`attestors`: (kind, place) -> who is asked."""

    def __init__(
        self,
        store: AttestationStore,
        attestors: Mapping[tuple[str, str], Attestor],
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._attestors, self._now, self._chance = store, attestors, now, chance
        self._news = asyncio.Event()
        self.states: Mapping[tuple[str, str], int] = {}  # (kind, state) -> how many there are
        self._task: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """There is a new checkpoint."""
        self._news.set()

    async def start(self) -> None:
        if self._attestors:
            self._task = asyncio.create_task(self._run(), name="attestations")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            self._news.clear()
            pause = FIRST_WAIT
            try:
                while await self.ask_due():
                    pass
                self.states = await self._store.states()
                due = await self._store.next_due()
                pause = min(max(timedelta(0), due - self._now()), LONGEST_WAIT) if due else LONGEST_WAIT
            except Exception:
                log.exception("attestations failed, going on")
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def ask_due(self) -> int:
        """Ask for everything due now once; how many were asked for."""
        due = await self._store.claim(self._now(), LEASE)
        for asked in due:
            await self._ask(asked)
        return len(due)

    async def _ask(self, asked: WantedAttestation) -> None:
        which = asked.attestation
        attestor = self._attestors.get((which.kind, which.place))
        if attestor is None:
            await self._store.dead(which, "no longer configured")
            return
        try:
            answer = await attestor.attest(asked.note)
        except NotAttested as no:
            await self._not(asked, no.reason, no.final)
        except Exception as fault:  # one failed try, whatever it is
            log.exception("attestor failed", kind=which.kind, place=which.place)
            await self._not(asked, type(fault).__name__, final=False)
        else:
            await self._store.got(which, answer, self._now())

    async def _not(self, asked: WantedAttestation, reason: str, final: bool) -> None:
        which = asked.attestation
        log.warning("not attested", kind=which.kind, place=which.place, size=which.size, reason=reason)
        if final or which.tries >= TRIES_MOST:
            await self._store.dead(which, reason)
        else:
            await self._store.failed(which, reason, self._now() + backoff(which.tries, self._chance()))


async def answer_body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """At most so many bytes; NotAttested beyond."""
    read = bytearray()
    async for piece in answer.content.iter_chunked(16 * 1024):
        read += piece
        if len(read) > most:
            raise NotAttested(f"the answer is longer than {most} bytes", final=True)
    return bytes(read)


def check_answer_status(answer: aiohttp.ClientResponse) -> None:
    """NotAttested for anything but 2xx; 408, 425, 429 and 5xx are worth another try."""
    if not 200 <= answer.status < 300:
        again = answer.status >= 500 or answer.status in (408, 425, 429)
        raise NotAttested(f"answered {answer.status}", final=not again)


def certificates_in_order(response: bytes) -> bytes:
    """Put the certificates of a time stamp in the order that a strict reader wants.

    A SET OF has one order in DER. Authorities (openssl among them) write the certificates of a token as they come,
    which CMS allows: that field is BER and outside of what is signed (RFC 5652 5.1). The library that verifies takes
    DER only.

    A TimeStampResp (RFC 3161 2.4.2), the same but for that order. ValueError when it has not its form.
    """
    try:
        signed = tsp.TimeStampResp.load(response, strict=True)["time_stamp_token"]["content"]
        certificates = signed["certificates"]
        found = [one.dump() for one in certificates] if isinstance(certificates, cms.CertificateSet) else []
    except (TypeError, KeyError, OverflowError, RecursionError) as fault:
        raise ValueError(f"no time stamp: {fault}") from None
    if not found or b"".join(found) not in response:
        return response
    return response.replace(b"".join(found), b"".join(sorted(found)), 1)


_LONGEST_STAMP = 64 * 1024  # bytes of a response: a token with its certificates


class BadTimestamp(Exception):
    """A response is none, is about something else, or does not lead to a root we know."""


def roots_in(path: Path) -> list[Certificate]:
    """Certificates of a PEM file. ValueError, fit for the person at the terminal."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise ValueError(f"{path} holds no certificates: {fault}") from None


class TimestampAuthority:
    """One authority at a URL. `roots`: those that its certificate may lead to, and intermediate ones."""

    def __init__(self, url: str, roots: Sequence[Certificate], timeout: float = 10.0) -> None:
        self._url, self._roots = url, roots
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def attest(self, note: str) -> bytes:
        request = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
        response = await self._asked(request.as_bytes())
        try:
            stamped(response, note, self._roots, request)
        except BadTimestamp as fault:
            raise NotAttested(str(fault)) from fault
        return response

    async def answer(self, request: bytes, hashed: bytes) -> bytes:
        """What it answers to somebody else's request (DER) over this hash, checked likewise. NotAttested."""
        response = await self._asked(request)
        try:
            _verifier(self._roots, None).verify(
                decode_timestamp_response(certificates_in_order(response)), hashed_message=hashed
            )
        except (VerificationError, ValueError) as fault:
            raise NotAttested(f"not a good time stamp: {fault}") from fault
        return response

    async def _asked(self, request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}  # RFC 3161 3.4
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(self._url, data=request, headers=headers, allow_redirects=False) as answer,
            ):
                check_answer_status(answer)
                return await answer_body(answer, _LONGEST_STAMP)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotAttested(f"unreachable ({type(fault).__name__})") from None


def stamped(
    response: bytes, note: str, roots: Sequence[Certificate], request: TimeStampRequest | None = None
) -> datetime:
    """When the authority saw this note. `request`: whose nonce and policy it has to answer. BadTimestamp."""
    try:
        decoded = decode_timestamp_response(certificates_in_order(response))
        _verify(decoded, note, roots, request)
        return decoded.tst_info.gen_time
    except (VerificationError, ValueError) as fault:
        raise BadTimestamp(f"not a good time stamp: {fault}") from fault


def _verify(
    response: TimeStampResponse, note: str, roots: Sequence[Certificate], request: TimeStampRequest | None
) -> None:
    _verifier(roots, request).verify_message(response, note.encode())


def _verifier(roots: Sequence[Certificate], request: TimeStampRequest | None) -> Verifier:
    builder = VerifierBuilder() if request is None else VerifierBuilder.from_request(request)
    for certificate in roots:
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    return builder.build()


_MOST = 8 * 1024  # bytes of an answer
_DASH = "\u2014 "


class WitnessService:
    """`key`: its name and raw Ed25519 key; None when it is not known."""

    def __init__(
        self,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        timeout: float = 10.0,
        key: tuple[str, bytes] | None = None,
    ) -> None:
        self._url, self._secret, self._now, self._key = url, secret.encode(), now, key
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def attest(self, note: str) -> bytes:
        body, timestamp = note.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
            "X-Yuntiao-Timestamp": timestamp,
            "X-Yuntiao-Signature": signature(self._secret, timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                check_answer_status(answer)
                return self._kept(note, await answer_body(answer, _MOST))
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotAttested(f"unreachable ({type(fault).__name__})") from None

    def _kept(self, note: str, answer: bytes) -> bytes:
        """NotAttested when it is about something else, or the witness's own line is missing or does not hold."""
        text = answer.decode(errors="replace")
        body, gap, _ = text.rpartition("\n\n")
        if gap and f"{body}\n" != split(note)[0]:
            raise NotAttested("its answer is about something else than it was asked")
        lines = [line for line in _lines(text) if line not in note]
        if self._key is None:
            return "".join(lines).encode()
        name, public = self._key
        mine = [line for line in lines if line.startswith(f"{_DASH}{name} ")]
        if not mine:
            raise NotAttested(f"no signature by {name} in its answer")
        for line in mine:
            if holds_under(note, line, name, public):
                return line.encode()
        raise NotAttested(f"the signature by {name} does not hold")


def holds_under(note: str, line: str, name: str, public: bytes) -> bool:
    """Whether this line is a countersignature of the checkpoint by this key."""
    found = signature_line(line.removesuffix("\n"))
    return found is not None and cosigned(split(note)[0], found, name, public)


def _lines(text: str) -> list[str]:
    """The signature lines of an answer; anything else in it is left out."""
    found = []
    for line in text.splitlines():
        if line.startswith(_DASH):
            with contextlib.suppress(NoteBroken):
                found.append(signature_of(line).line)
    return found
