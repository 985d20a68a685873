"""`yuntiao rehearse`: plays the story in a throw-away office or on a given server and reports."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from server.rehearsal.report import Report
from server.rehearsal.story import Story
from server.rehearsal.venue import VenueFault, throw_away

ANSWER_SECONDS = 10


async def rehearse(server: str = "", password: str = "", cafile: Path | None = None) -> dict[str, Any]:
    """The report as plain values; `ok` says whether everything held.

    `server` is the address of a running demo office with `password`; empty: one is started and thrown away. `cafile`
    holds the authority that signed its certificate, or a self-signed one itself.
    """
    report = Report()
    try:
        if server:
            server = server.rstrip("/")
            with report.step("the server answers"):
                tls = _trusting(server, cafile)
                await _answers(server, tls)
            here = urlsplit(server).hostname in ("127.0.0.1", "localhost", "::1")
            await Story(server, password, report, ("127.0.0.1",) if here else None, tls).play()
        else:
            with tempfile.TemporaryDirectory(prefix="yuntiao-rehearsal-") as folder:
                await _in_throw_away(Path(folder), report)
    except VenueFault:
        pass  # its step says so
    except Exception:
        if report.ok:
            raise
    return report.json()


def _trusting(server: str, cafile: Path | None) -> ssl.SSLContext | None:
    scheme = urlsplit(server).scheme
    if scheme not in ("http", "https"):
        raise VenueFault(f"{server} is no address: it begins with http:// or https://")
    if cafile is None:
        return None
    if scheme == "http":
        raise VenueFault("a certificate authority is of use only for an https:// server")
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as fault:
        raise VenueFault(f"{cafile} holds no certificate that can be used: {fault}") from None


async def _answers(server: str, tls: ssl.SSLContext | None) -> None:
    """Before a password is sent anywhere."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(ssl=tls or True)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as http,
            http.get(f"{server}/readyz") as answer,
        ):
            if answer.status != 200:
                raise VenueFault(f"{server} is not ready: it answers {answer.status}")
    except aiohttp.ClientConnectorCertificateError as fault:
        raise VenueFault(
            f"the certificate of {server} is not trusted ({fault.certificate_error}); "
            "name its authority with --cafile; a self-signed server's is tls/certificate.pem in its data folder"
        ) from None
    except (aiohttp.ClientError, TimeoutError) as fault:
        raise VenueFault(f"{server} is not reached: {fault or type(fault).__name__}") from None


async def _in_throw_away(folder: Path, report: Report) -> None:
    office = throw_away(folder)
    with report.step("a throw-away office starts"):
        venue = await office.__aenter__()
    try:
        await Story(venue.url, venue.password, report, ("127.0.0.1",)).play()
    finally:
        await office.__aexit__(None, None, None)
