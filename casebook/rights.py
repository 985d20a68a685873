"""Who may ask what of a case: one table. That an officer is of its office is checked where they ask.

Officers make cases, the board (supervisors) publishes them; a lawyer gives a comment by a link and nothing else. What
ships with the program (samples) the system itself may put on the shelf.
"""

from __future__ import annotations

from collections.abc import Mapping

from casebook import commands as c
from casebook.errors import NotAllowed
from journal import Actor

MEDIATOR, SUPERVISOR, LAWYER, SYSTEM = "mediator", "supervisor", "lawyer", "system"
_MAKING = frozenset({MEDIATOR, SUPERVISOR, SYSTEM})
_OFFICERS = frozenset({MEDIATOR, SUPERVISOR})
_BOARD = frozenset({SUPERVISOR})

RIGHTS: Mapping[type[c.CaseCommand], frozenset[str]] = {
    c.BeginCase: _MAKING,
    c.FillSheet: _OFFICERS,
    c.WriteText: _MAKING,
    c.DecideSpan: _OFFICERS,
    c.DecideSpans: _OFFICERS,
    c.MarkSpan: _OFFICERS,
    c.UnmarkSpan: _OFFICERS,
    c.Approve: _MAKING,
    c.TakeBackApproval: _OFFICERS,
    c.InviteLawyer: _OFFICERS,
    c.WithdrawInvitation: _OFFICERS,
    c.GiveComment: frozenset({LAWYER}),
    c.TakeComment: _OFFICERS,
    c.DropComment: _OFFICERS,
    c.SendToBoard: _MAKING,
    c.TakeFromBoard: _OFFICERS,
    c.SendBack: _BOARD,
    c.Publish: frozenset({SUPERVISOR, SYSTEM}),
    c.WithdrawCase: _BOARD,
    c.UndoWithdrawal: _BOARD,
    c.BeginRevision: _OFFICERS,
    c.DropRevision: _OFFICERS,
}


def standing(actor: Actor) -> str:
    return actor.role if actor.kind in ("officer", "party") and actor.role else actor.kind


def check(command: c.CaseCommand, actor: Actor, sample: bool) -> None:
    """NotAllowed. The system's part is samples only."""
    who = standing(actor)
    if who not in RIGHTS[type(command)] or (who == SYSTEM and not sample):
        raise NotAllowed
