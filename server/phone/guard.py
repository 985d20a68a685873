"""Who may send to the phone's sockets: a filter in the kernel, so that a stranger's packet reaches no parser at all.

The SIP stack takes INVITEs and RTP from whoever sends them. A trunk has known addresses, so every socket of ours that
speaks to it drops what comes from others (SO_ATTACH_FILTER, IPv4). Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

ATTACH_FILTER: Final = 26  # SO_ATTACH_FILTER, asm-generic/socket.h
SOURCE: Final = 0xFFF00000 + 12  # SKF_NET_OFF: from the start of the IP header, where the source's address is
LOAD, AND, EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06  # BPF: ld [k], and #k, jeq #k, ret #k
OWN: Final = Path("/proc/self/fd")


def program(allowed: Sequence[IPv4Network]) -> bytes:
    """Classic BPF that keeps packets from these networks and drops all others."""
    lines = []
    for network in allowed:
        lines += [
            (LOAD, 0, 0, SOURCE),
            (AND, 0, 0, int(network.netmask)),
            (EQUAL, 0, 1, int(network.network_address)),
            (RETURN, 0, 0, 0xFFFFFFFF),
        ]
    lines.append((RETURN, 0, 0, 0))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


class SocketGuard:
    """Of this process. `look` after sockets were opened; those it has seen are left alone."""

    def __init__(self, allowed: Iterable[IPv4Network], ports: range, also: Iterable[int]) -> None:
        self._program = program(list(allowed))
        self._ports, self._also = ports, frozenset(also)
        self._seen: set[str] = set()

    def look(self) -> int:
        """Put the filter on every socket of these ports; how many there were new. OSError where the kernel has none."""
        found = 0
        for entry in OWN.iterdir():
            with contextlib.suppress(FileNotFoundError):
                name = str(entry.readlink())
                if name.startswith("socket:") and name not in self._seen:
                    found += self._filter(int(entry.name), name)
        return found

    def _filter(self, descriptor: int, name: str) -> bool:
        with socket.socket(fileno=os.dup(descriptor)) as one:
            if one.family not in (socket.AF_INET, socket.AF_INET6):
                return False
            port = one.getsockname()[1]
            if port not in self._ports and port not in self._also:
                return False
            code = ctypes.create_string_buffer(self._program, len(self._program))
            lines = len(self._program) // 8
            one.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HxxxxxxP", lines, ctypes.addressof(code)))
        self._seen.add(name)
        return True
