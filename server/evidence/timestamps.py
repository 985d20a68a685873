"""Time stamps of an outside authority (RFC 3161): asked for over HTTP, checked before they are kept and whenever asked.

What is stamped is the SHA-256 of a checkpoint's note. A stamp counts only if it leads to a root certificate that this
installation was given: without one anybody could have made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import aiohttp
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

from server.evidence import attesting
from server.evidence.attesting import NotAttested


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


_MOST = 64 * 1024  # bytes of a response: a token with its certificates


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
                attesting.check_answer_status(answer)
                return await attesting.answer_body(answer, _MOST)
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
