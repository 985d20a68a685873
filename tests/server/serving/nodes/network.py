"""Machines as far as one can play several: namespaces behind a bridge, each with a link that can be cut.

Where we may not make them, each is an address of loopback, and has no link.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 32
"""Networks at once: of test runs beside each other."""


@dataclass
class Machine:
    """Where something runs: `enter` is put before its command. `link`: the bridge's end of its cable."""

    host: str
    enter: tuple[str, ...] = ()
    link: str = ""

    def cut(self) -> None:
        """What is sent to it or by it goes nowhere, and nobody is told."""
        self._set("down")

    def mend(self) -> None:
        self._set("up")

    def _set(self, to: str) -> None:
        assert self.link, "it has no link of its own here"
        subprocess.run(["ip", "link", "set", self.link, to], check=True, capture_output=True)


@dataclass
class Network:
    here: str  # our own address, as the machines see it
    machines: dict[str, Machine]
    apart: bool  # by namespaces
    pages: str = ""  # where nginx leads to whichever node answers


@contextlib.contextmanager
def network(names: Sequence[str]) -> Iterator[Network]:
    with contextlib.ExitStack() as undo:
        try:
            number = _bridge(undo)
            here, machines = f"10.99.{number}.1", {}
            _ip(undo, f"addr add {here}/24 dev yt{number}")
            _ip(undo, f"link set yt{number} up")
            for n, name in enumerate(names, 11):
                space, host, link = f"yuntiao-{number}-{name}", f"10.99.{number}.{n}", f"yt{number}-{name}"
                _ip(undo, f"netns add {space}", f"netns del {space}")
                _ip(undo, f"link add {link} type veth peer name eth0 netns {space}", f"link del {link}")
                _ip(undo, f"link set {link} master yt{number} up")
                for command in ("link set lo up", f"addr add {host}/24 dev eth0", "link set eth0 up"):
                    _ip(undo, f"-n {space} {command}")
                machines[name] = Machine(host, ("ip", "netns", "exec", space), link)
        except (OSError, subprocess.CalledProcessError):
            undo.close()
            yield Network("127.0.0.1", {name: Machine(f"127.0.0.{n}") for n, name in enumerate(names, 11)}, apart=False)
        else:
            yield Network(here, machines, apart=True)


def _bridge(undo: contextlib.ExitStack) -> int:
    """The first number that nobody has."""
    for number in range(MOST):
        try:
            _ip(undo, f"link add yt{number} type bridge", f"link del yt{number}")
        except subprocess.CalledProcessError as no:
            if b"exists" not in no.stderr:
                raise
        else:
            return number
    raise OSError("too many networks")


def _ip(undo: contextlib.ExitStack, command: str, back: str = "") -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)
    if back:
        undo.callback(subprocess.run, ["ip", *back.split()], check=False, capture_output=True)
