"""Finds libcrypto's functions for C, of the newest that is there: newer ones use more of a processor.

Where pylibsrtp brings its own, that one encrypts what is sent anyway; another is loaded by Python's own hashes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Any

from cffi import FFI

from media.native_library import NativeMissing

NAMES = {
    "new_cipher": "EVP_CIPHER_CTX_new",
    "free_cipher": "EVP_CIPHER_CTX_free",
    "init": "EVP_EncryptInit_ex",
    "update": "EVP_EncryptUpdate",
    "final": "EVP_EncryptFinal_ex",
    "control": "EVP_CIPHER_CTX_ctrl",
    "aes": "EVP_aes_256_gcm",
    "new_digest": "EVP_MD_CTX_new",
    "free_digest": "EVP_MD_CTX_free",
    "begin": "EVP_DigestInit_ex",
    "hash": "EVP_DigestUpdate",
    "end": "EVP_DigestFinal_ex",
    "copy": "EVP_MD_CTX_copy_ex",
    "sha256": "EVP_sha256",
    "sm3": "EVP_sm3",
}
_VERSION = "OpenSSL_version_num"
# Where nothing has loaded one, the machine's own. Of these the calls above are the same.
_USUAL = ("libcrypto.so.3", "libcrypto.so.1.1")
_LOADED = re.compile(r"(?<!\S)/\S*/libcrypto\.so\.(?:3|1\.1)$")


def find(ffi: FFI) -> tuple[Any, list[Any]]:
    """`struct crypto`, and what must live as long. NativeMissing."""
    ours = FFI()
    ours.cdef("".join(f"void {name}(void);\n" for name in NAMES.values()) + f"unsigned long {_VERSION}(void);")
    newest, found = 0, None
    for place in (*_bundled(), *_loaded(), *_USUAL):
        try:
            library = ours.dlopen(place)
            version, functions = getattr(library, _VERSION)(), ffi.new("struct crypto *")
            for field, name in NAMES.items():
                setattr(functions, field, ffi.cast("void *", int(ours.cast("uintptr_t", getattr(library, name)))))
        except (OSError, AttributeError):
            continue
        if version > newest:
            newest, found = version, (functions, [ours, library])
    if found is None:
        raise NativeMissing("no libcrypto of OpenSSL 3 or 1.1.1")
    return found


def _bundled() -> list[str]:
    binding = importlib.util.find_spec("pylibsrtp._binding")
    return [binding.origin] if binding is not None and binding.origin is not None else []


def _loaded() -> list[str]:
    """What hashlib has brought into this process."""
    hashlib.sha256()
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({found[0] for line in lines if (found := _LOADED.search(line))})
