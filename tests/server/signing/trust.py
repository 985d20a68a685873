"""`python -m tests.server.signing.trust FOLDER CERTIFICATE.der`: a trust store of NSS, as poppler's pdfsig reads one.

`certutil` would do it, but comes in another package than pdfsig; the library itself is there wherever pdfsig is.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes.util import find_library
from pathlib import Path

_TRUSTED_CA = (1 << 3) | (1 << 4) | (1 << 7)  # valid, trusted, also for clients: certdb.h


class _Trust(ctypes.Structure):
    _fields_ = (("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("signing", ctypes.c_uint))


def trust(folder: Path, der: bytes) -> None:
    nss = ctypes.CDLL(find_library("nss3") or "libnss3.so")
    smime = ctypes.CDLL(find_library("smime3") or "libsmime3.so")
    for function in (nss.PK11_GetInternalKeySlot, nss.CERT_GetDefaultCertDB, smime.CERT_DecodeCertFromPackage):
        function.restype = ctypes.c_void_p
    _done(nss.NSS_InitReadWrite(f"sql:{folder}".encode()), "open")
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    nss.PK11_InitPin(slot, None, b"")
    certificate = ctypes.c_void_p(smime.CERT_DecodeCertFromPackage(der, len(der)))
    _done(nss.PK11_ImportCert(slot, certificate, ctypes.c_ulong(0), b"authority", 0), "import")
    flags = _Trust(_TRUSTED_CA, _TRUSTED_CA, _TRUSTED_CA)
    _done(
        nss.CERT_ChangeCertTrust(ctypes.c_void_p(nss.CERT_GetDefaultCertDB()), certificate, ctypes.byref(flags)),
        "trust",
    )
    nss.CERT_DestroyCertificate(certificate)
    nss.PK11_FreeSlot(slot)
    nss.NSS_Shutdown()


def _done(code: int, what: str) -> None:
    if code:
        raise SystemExit(f"NSS does not {what}")


if __name__ == "__main__":
    trust(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes())
