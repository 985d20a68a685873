"""Who acts at the command line, as the journal names them: no officer of any office, with the machine's own account."""

from __future__ import annotations

import getpass

from web.ports import Office, Officer

ID = "command-line"


def at_command_line(office: Office) -> Officer:
    """As an administrator of `office`, whose things are changed."""
    return Officer(ID, ID, _name(), "administrator", office, totp=False)


def _name() -> str:
    """The operating system's account, if it has a name."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # no such account: as in a container with a number for a user
        return "yuntiao"
    return f"yuntiao ({account})"
